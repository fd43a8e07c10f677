//! Writing a definition, as a form or as text, and looking at its effect before it is saved.

use attain_metrics::receipt::Hash;
use attain_metrics::{Asker, Catalogue, Metric};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::effect_view::{from_when, view};
use super::proposal::{ChangeError, Considered, Proposal, consider};
use super::written::{Written, WrittenFormula};
use super::{DefinitionsError, form};
use crate::scorecards::card;
use crate::web::App;
use crate::web::extract::{Form, Path, Query};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What the fields of the page hold; absent ones are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    /// `text` if the definition is written as text, otherwise the form's fields say it.
    pub(super) written_as: String,
    pub(super) text: String,
    pub(super) name: String,
    pub(super) label: String,
    pub(super) description: String,
    /// rows, ratio or arithmetic.
    pub(super) formula: String,
    pub(super) measure: String,
    pub(super) filter: String,
    pub(super) numerator: String,
    pub(super) denominator: String,
    pub(super) expression: String,
    pub(super) unit: String,
    pub(super) direction: String,
    pub(super) undefined: String,
    pub(super) counter_metric: String,
    pub(super) gaming: String,
    /// What the form has no field for and keeps, as JSON.
    pub(super) further: String,
    pub(super) from: String,
    pub(super) reason: String,
    pub(super) period: String,
    /// What tells the change whose effect was looked at.
    pub(super) seen: String,
    pub(super) restate: Option<String>,
    /// look or save.
    act: String,
}

impl Fields {
    /// The definition as a file, however it was written.
    pub(super) fn definition(&self) -> String {
        if self.written_as == "text" {
            // Browsers send the ends of lines as two signs.
            return self.text.replace("\r\n", "\n");
        }
        let formula = match self.formula.as_str() {
            "ratio" => WrittenFormula::Ratio {
                numerator: self.numerator.clone(),
                denominator: self.denominator.clone(),
            },
            "arithmetic" => WrittenFormula::Arithmetic { expression: self.expression.trim().to_owned() },
            _ => WrittenFormula::Rows { measure: self.measure.clone() },
        };
        let text = |field: &str| field.trim().to_owned();
        let written = Written {
            name: text(&self.name),
            label: text(&self.label),
            description: text(&self.description),
            formula,
            filter: text(&self.filter),
            unit: text(&self.unit),
            direction: text(&self.direction),
            undefined: text(&self.undefined),
            counter_metric: text(&self.counter_metric),
            gaming: text(&self.gaming),
            // The page itself wrote it.
            further: serde_json::from_str(&self.further).unwrap_or_default(),
        };
        written.text()
    }

    /// The fields of a form that hold a definition.
    fn of(written: Written) -> Fields {
        let further = serde_json::Map::from_iter(written.further);
        let fields = Fields {
            name: written.name,
            label: written.label,
            description: written.description,
            filter: written.filter,
            unit: written.unit,
            direction: written.direction,
            undefined: written.undefined,
            counter_metric: written.counter_metric,
            gaming: written.gaming,
            further: serde_json::Value::Object(further).to_string(),
            ..Fields::default()
        };
        match written.formula {
            WrittenFormula::Rows { measure } => Fields { formula: "rows".to_owned(), measure, ..fields },
            WrittenFormula::Ratio { numerator, denominator } => {
                Fields { formula: "ratio".to_owned(), numerator, denominator, ..fields }
            }
            WrittenFormula::Arithmetic { expression } => {
                Fields { formula: "arithmetic".to_owned(), expression, ..fields }
            }
        }
    }
}

/// How a metric is to be written.
#[derive(Debug, Deserialize)]
pub(super) struct WayChosen {
    #[serde(rename = "as")]
    written_as: Option<String>,
}

/// The page for a metric that is not there yet.
pub(super) async fn new(app: App, Query(choice): Query<WayChosen>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let written_as = choice.written_as.unwrap_or_default();
    let fields = Fields {
        text: form::EXAMPLE.to_owned(),
        written_as,
        from: today(&asker).to_string(),
        formula: "rows".to_owned(),
        ..Fields::default()
    };
    Ok(shown(&app, &asker, &fields, &Outcome::Nothing))
}

/// The page that changes a metric, with its definition as it is written today: as a form where that
/// can hold all of it.
pub(super) async fn change(
    app: App,
    Path(id): Path<String>,
    Query(choice): Query<WayChosen>,
) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let text = as_file(asker.catalogue().metric(&id).ok_or(PageError::NotFound)?);
    let offered = |written: &Written| form::offers(asker.catalogue(), &written.formula);
    let as_form = match choice.written_as.as_deref() {
        Some("text") => None,
        _ => Written::read(&text).filter(offered),
    };
    let fields = match as_form {
        Some(written) => Fields::of(written),
        None => Fields { written_as: "text".to_owned(), text, ..Fields::default() },
    };
    let fields = Fields { from: today(&asker).to_string(), ..fields };
    Ok(shown(&app, &asker, &fields, &Outcome::Nothing))
}

/// A definition as a file of its own.
fn as_file(metric: &Metric) -> String {
    let lines = metric.source_text.lines().map(|line| format!("  {line}"));
    format!("metrics:\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

/// Looks at the effect of a change, or saves it once that was done.
pub(super) async fn submitted(app: App, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let outcome = match attempt(&app, &asker, &fields).await {
        Ok(Attempt::Saved(number)) => {
            return Ok(Redirect::to(&format!("/definitions/changes/{number}")).into_response());
        }
        Ok(Attempt::Looked(looked)) => Outcome::Looked(looked),
        Err(Refusal::Change(ChangeError::Definitions(DefinitionsError::Wrong(error)))) => {
            Outcome::Refused(error.to_string())
        }
        Err(Refusal::Change(ChangeError::Definitions(error))) => return Err(error.into()),
        Err(Refusal::Change(error)) => Outcome::Refused(error.to_string()),
        Err(Refusal::Page(error)) => return Err(error),
        Err(Refusal::Date) => Outcome::Refused("the first day is written as 2026-11-26".to_owned()),
    };
    Ok(shown(&app, &asker, &fields, &outcome).into_response())
}

enum Attempt {
    Saved(i64),
    Looked(Box<Looked>),
}

enum Refusal {
    Change(ChangeError),
    Page(PageError),
    Date,
}

impl<E: Into<ChangeError>> From<E> for Refusal {
    fn from(error: E) -> Refusal {
        Refusal::Change(error.into())
    }
}

/// A change whose effect is shown.
struct Looked {
    considered: Considered,
    effect: Markup,
    period: String,
    seen: String,
    /// Why it is shown again instead of saved.
    notice: Option<String>,
}

/// What came of what was sent.
enum Outcome {
    Nothing,
    Refused(String),
    Looked(Box<Looked>),
}

async fn attempt(app: &App, asker: &Asker, fields: &Fields) -> Result<Attempt, Refusal> {
    let in_force_from: Date = fields.from.trim().parse().map_err(|_| Refusal::Date)?;
    let text = fields.definition();
    let actor = app.actor();
    let proposal = Proposal { text: text.clone(), in_force_from };
    let considered = consider(app.definitions(), &actor, proposal, today(asker)).await?;
    let seen = Hash::of(format!("{} {in_force_from} {text}", considered.upto).as_bytes()).to_string();
    let mut notice = None;
    if fields.act == "save" {
        if fields.seen == seen {
            let restate = fields.restate.is_some();
            let now = app.now();
            let saved = considered.save(app.definitions(), &actor, now, &fields.reason, restate).await;
            match saved {
                Ok(number) => return Ok(Attempt::Saved(number)),
                Err(ChangeError::Definitions(error)) => return Err(error.into()),
                Err(refused) => notice = Some(refused.to_string()),
            }
        } else {
            notice = Some(
                "nothing was saved: this is not the change whose effect you looked at. Here is its effect"
                    .to_owned(),
            );
        }
    }
    let period = match fields.period.trim() {
        "" => card::default_period(asker),
        named => asker.calendar().parse(named).map_err(|error| Refusal::Page(error.into()))?,
    };
    let effect =
        view(asker, &considered, &period, &app.reach()).await.map_err(|error| Refusal::Page(error.into()))?;
    let period = period.key().to_owned();
    Ok(Attempt::Looked(Box::new(Looked { considered, effect, period, seen, notice })))
}

fn today(asker: &Asker) -> Date {
    asker.as_of().asked_on
}

fn shown(app: &App, asker: &Asker, fields: &Fields, outcome: &Outcome) -> Markup {
    let title = match defined_before(asker.catalogue(), fields) {
        Some(metric) => format!("Change {}", metric.label),
        None => "New metric".to_owned(),
    };
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/metrics" { "Metrics" } } li aria-current="page" { (title) } } }
            h1 { (title) }
            p.finding { "Its effect is shown before anything is saved. Periods that are over keep the version they were measured by." }
        }
        form.editor method="post" action="/definitions/changes#effect" {
            (form::definition(asker.catalogue(), fields))
            (form::when_and_why(asker, fields))
            (effect_part(fields, outcome))
        }
    };
    page(&Page {
        app,
        title: &title,
        place: Some(Place::Metrics),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}

/// The metric a text defines anew, if it is there.
fn defined_before<'c>(catalogue: &'c Catalogue, fields: &Fields) -> Option<&'c Metric> {
    let named = match fields.written_as.as_str() {
        "text" => fields.text.lines().find_map(|line| line.trim().strip_prefix("- name:")),
        _ => Some(fields.name.as_str()),
    };
    catalogue.metric(named?.trim()).map(AsRef::as_ref)
}

fn effect_part(fields: &Fields, outcome: &Outcome) -> Markup {
    let look = html! { button.button.primary type="submit" name="act" value="look" { "Look at the effect" } };
    match outcome {
        Outcome::Nothing => html! { p.actions { (look) } },
        Outcome::Refused(problem) => html! {
            div.notice id="effect" role="alert" { p { b { "This cannot be saved." } " " (problem) } }
            p.actions { (look) }
        },
        Outcome::Looked(looked) => html! {
            section id="effect" aria-labelledby="effect-title" {
                div.section-head { h2 id="effect-title" { "Effect" } span.end { (period_field(&looked.period)) button.button type="submit" name="act" value="look" { "Look again" } } }
                @if let Some(notice) = &looked.notice { div.notice role="alert" { p { b { "Not saved yet." } " " (notice) "." } } }
                p { (from_when(&looked.considered)) }
                (looked.effect)
                input type="hidden" name="seen" value=(looked.seen);
                @if looked.considered.restates {
                    p { label { input type="checkbox" name="restate" value="yes" checked[fields.restate.is_some()]; " Restate: measure days that are over anew. It is listed with its reason under Changes." } }
                }
                p.actions { button.button.primary type="submit" name="act" value="save" { "Save" } a.button.plain href="/metrics" { "Leave it" } }
            }
        },
    }
}

fn period_field(period: &str) -> Markup {
    html! {
        label.unseen for="period" { "Period to look at" }
        input id="period" type="text" name="period" value=(period) size="8";
    }
}
