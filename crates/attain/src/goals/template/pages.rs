//! Choosing a template, and its preview: who gets which target, what it was, why it is less than a share, what all
//! of them come to beside the plan, and who is left out and why.

use std::collections::BTreeMap;

use attain_metrics::{Asker, Metric, Unit, ValidLevel};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::choice::{Chosen, Wrong};
use super::draft::{Draft, Row};
use super::gathering::Scope;
use super::preview::Preview;
use super::words;
use crate::goals::agreement::{self, REASON_MAX, has_goals};
use crate::goals::choosing::{Wanted, field};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::{Form, Query};
use crate::web::format::{figure, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What is sent to commit a preview: what was chosen, and the mark of what was shown.
#[derive(Debug, Deserialize)]
pub(super) struct Shown {
    #[serde(flatten)]
    chosen: Chosen,
    #[serde(default)]
    mark: String,
}

/// The form, and once something is chosen, the preview.
pub(super) async fn new(app: App, Query(chosen): Query<Chosen>) -> Result<Response, PageError> {
    if chosen.metric.is_empty() {
        return Ok(blank(&app, &chosen).await?.into_response());
    }
    match Preview::of(&app, &chosen).await? {
        Ok(preview) => Ok(shown(&app, &chosen, &preview, None)?.into_response()),
        Err(wrong) => refused(&app, &chosen, &wrong).await,
    }
}

/// Proposes what was looked at.
pub(super) async fn commit(app: App, Form(sent): Form<Shown>) -> Result<Response, PageError> {
    let preview = match Preview::of(&app, &sent.chosen).await? {
        Ok(preview) => preview,
        Err(wrong) => return refused(&app, &sent.chosen, &wrong).await,
    };
    let is_as_shown = preview.mark() == sent.mark && !preview.draft.rows.is_empty();
    let number = if is_as_shown { preview.commit(&app).await? } else { None };
    match number {
        Some(number) => Ok(Redirect::to(&format!("/goals/templates/{number}")).into_response()),
        None => {
            let page = shown(&app, &sent.chosen, &preview, Some(CHANGED))?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// What is said where a preview is not what would be done any more.
const CHANGED: &str =
    "Something has changed since you looked, and nothing was proposed. This is what would be done now.";

async fn blank(app: &App, chosen: &Chosen) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let scope = Scope::of(app, &asker, &chosen.within).await?;
    let main = html! { (head(&scope, html! { "Choose role, metric and period, and how each target comes about. Nothing is proposed before you have seen all of it." })) (form(&asker, &scope, chosen, true)?) };
    Ok(framed(app, &asker, main))
}

async fn refused(app: &App, chosen: &Chosen, wrong: &Wrong) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let scope = Scope::of(app, &asker, &chosen.within).await?;
    let main = html! {
        (head(&scope, html! { "This cannot be previewed yet." }))
        div.notice role="alert" { p { (wrong.message) } }
        (form(&asker, &scope, chosen, true)?)
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, framed(app, &asker, main)).into_response())
}

fn shown(app: &App, chosen: &Chosen, preview: &Preview, notice: Option<&str>) -> Result<Markup, PageError> {
    let Preview { asker, scope, template, draft, sum, .. } = preview;
    let currency = &asker.company().currency;
    let main = html! {
        (head(scope, html! { b { (sum.finding()) } " " (sum.explained(&template.metric, currency)) }))
        @if let Some(notice) = notice { div.notice role="alert" { p { (notice) } } }
        @if draft.rows.is_empty() { p.quiet { "Nobody would get a goal." } } @else {
            section.apart aria-labelledby="preview-title" {
                div.section-head { h2 id="preview-title" { "Preview: " (template.role) ", " (template.metric.label) ", " (template.period.label()) } }
                (rows(preview))
                p.small.quiet { "Whoever goes for this alone may harm something else. Beside it stands: " (counter_metric(asker, &template.metric)) "." }
                form method="post" action="/goals/templates" {
                    @for (name, value) in fields(chosen) { input type="hidden" name=(name) value=(value); }
                    input type="hidden" name="mark" value=(preview.mark());
                    p.actions { button.button.primary type="submit" { @match draft.rows.len() { 1 => "Propose this goal", more => { "Propose these " (more) " goals" } } } }
                }
                p.small.quiet { @if scope.side.is_some() { "Each is your proposal, which the person acknowledges." } @else { "Each waits for the person and for whoever leads them." } " All of it can be taken back while nobody has acknowledged it." }
            }
        }
        (left_out(draft))
        details.parts open[draft.rows.is_empty()] { summary { "Choose otherwise" } (form(asker, scope, chosen, false)?) }
    };
    Ok(framed(app, asker, main))
}

fn head(scope: &Scope, finding: Markup) -> Markup {
    html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li { a href="/goals/templates" { "Templates" } } li aria-current="page" { "New" } } }
            div.head-line { h1 { "Goals for a role" } span.meta { "People of " (scope.name) } }
            p.finding { (finding) }
        }
    }
}

/// The table of a preview.
fn rows(preview: &Preview) -> Markup {
    let Preview { asker, template, draft, history, .. } = preview;
    let (metric, currency) = (&template.metric, &asker.company().currency);
    let (has_history, has_potential) = (!history.is_empty(), template.sharing.takes_potential());
    html! {
        @if let (Some(first), Some(last)) = (history.first(), history.last()) {
            p.small.quiet { "Attained before: per full period, for the days each was there, from " (first.label()) " to " (last.label()) ", which each opens." }
        }
        div.scroll tabindex="0" role="region" aria-label="Preview" { table.table.proposed {
            caption.unseen { "Who gets which target" }
            thead { tr {
                th scope="col" { "Who" } th.num scope="col" { "Now " small.quiet { (unit_words(metric, currency)) } }
                @if has_history { th.num scope="col" { "Attained before" } }
                @if has_potential { th.num scope="col" { "Potential" } }
                th.num scope="col" { "Share" } th.num scope="col" { "Target" } th.num scope="col" { "For the days it applies" } th scope="col" { "Because" }
            } }
            tbody { @for row in &draft.rows { tr {
                th scope="row" { a href=(format!("/goals/rep/{}?period={}", row.id, template.period)) { (row.name) } }
                td.num { @match row.before { Some((goal, Some(value))) => a.n href=(agreement::path(goal)) { (figure(value, metric.unit)) }, Some((_, None)) => "has one", None => "none" } }
                @if has_history { td.num { (attained_before(preview, row)) } }
                @if has_potential { td.num { (row.potential.map_or_else(|| "–".to_owned(), |potential| figure(potential, Unit::Money))) } }
                td.num { (exact(row.share, metric)) }
                td.num { b { (exact(row.value, metric)) } }
                td.num { (figure(row.applies, metric.unit)) }
                td.small { (words::reduced(row).join("; ")) }
            } } }
        } }
    }
}

fn attained_before(preview: &Preview, row: &Row) -> Markup {
    let metric = &preview.template.metric;
    let subject = attain_metrics::Subject::Rep(row.id.clone());
    html! { @match (row.history, preview.history.last()) {
        (Some(value), Some(last)) => a.n href=(number_path(&subject, &metric.id, last, "numbers")) { (figure(value, metric.unit)) },
        _ => "–",
    } }
}

/// What is to be watched beside a metric (features B9).
fn counter_metric(asker: &Asker, metric: &Metric) -> Markup {
    let text = metric.counter_metric.text();
    html! { @match asker.catalogue().metric(text) {
        Some(other) => a href=(format!("/metrics/{}", other.id)) { (other.label) },
        None => (text),
    } }
}

/// A target to the last unit that is proposed.
fn exact(value: Decimal, metric: &Metric) -> String {
    match metric.unit {
        Unit::Money => crate::web::format::money(value),
        unit => figure(value, unit),
    }
}

/// Who is left out, by reason: those it was meant for first.
fn left_out(draft: &Draft) -> Markup {
    let mut meant: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut beside: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, why) in &draft.left_out {
        let group = if why.is_beside() { &mut beside } else { &mut meant };
        group.entry(words::left_out(why)).or_default().push(name);
    }
    html! {
        @if !meant.is_empty() {
            section aria-labelledby="left-out-title" {
                div.section-head { h2 id="left-out-title" { "Left out" } }
                (reasons(&meant))
            }
        }
        @if !beside.is_empty() { details.parts { summary { "Not meant: other roles, and people others lead" } (reasons(&beside)) } }
    }
}

fn reasons(groups: &BTreeMap<String, Vec<&str>>) -> Markup {
    html! { ul.plain-list { @for (why, names) in groups { li { b { (names.join(", ")) } ": " (why) } } } }
}

/// What was chosen, as hidden fields.
fn fields(chosen: &Chosen) -> [(&'static str, &str); 11] {
    [
        ("within", &chosen.within),
        ("role", &chosen.role),
        ("metric", &chosen.metric),
        ("period", &chosen.period),
        ("sharing", &chosen.sharing),
        ("amount", &chosen.amount),
        ("over", &chosen.over),
        ("of_potential", &chosen.of_potential),
        ("ramp", &chosen.ramp),
        ("existing", &chosen.existing),
        ("reason", &chosen.reason),
    ]
}

const SHARINGS: [(&str, &str); 5] = [
    ("each", "The same target for each"),
    ("equal", "A total, in equal parts"),
    ("history", "A total, by what was attained before"),
    ("potential", "A total, by potential"),
    ("blend", "A total, by potential and what was attained"),
];

/// What is to be chosen; `is_main` where nothing else is to be done on the page.
fn form(asker: &Asker, scope: &Scope, chosen: &Chosen, is_main: bool) -> Result<Markup, PageError> {
    let wanted = Some(chosen.period.clone()).filter(|period| !period.is_empty());
    let shown = match (Wanted { period: wanted }).period(asker) {
        Ok(period) => period,
        // What does not read was said already.
        Err(_) => Wanted::default().period(asker)?,
    };
    let metrics = asker.catalogue_for(&shown).metrics();
    let mut sections: Vec<(&str, Vec<&Metric>)> = Vec::new();
    for metric in metrics.filter(|metric| has_goals(metric) && metric.levels.contains(&ValidLevel::Rep)) {
        match sections.iter_mut().find(|(section, _)| *section == metric.section) {
            Some((_, of_section)) => of_section.push(metric),
            None => sections.push((&metric.section, vec![metric])),
        }
    }
    let metric = if chosen.metric.is_empty() { "bookings" } else { &chosen.metric };
    let has_potentials = scope.has_potentials;
    let offered =
        SHARINGS.into_iter().filter(|(key, _)| has_potentials || !["potential", "blend"].contains(key));
    let managers = scope.managers(asker);
    Ok(html! {
        form.editor method="get" action="/goals/templates/new" {
            div.fields {
                div.field { label for="role" { "Role" } select id="role" name="role" { @for role in scope.roles(asker) { option value=(role) selected[role == chosen.role] { (role) } } } }
                div.field { label for="metric" { "Metric" } select id="metric" name="metric" { @for (section, metrics) in sections { optgroup label=(section) { @for one in metrics { option value=(one.id) selected[one.id == metric] { (one.label) } } } } } }
                (field(asker, &shown))
                @if !managers.is_empty() || !chosen.within.is_empty() { div.field { label for="within" { "Only people below" } select id="within" name="within" {
                    option value="" { "everybody" }
                    @for (name, id) in &managers { option value=(id) selected[*id == chosen.within] { (name) } }
                    @if !chosen.within.is_empty() && !managers.iter().any(|(_, id)| *id == chosen.within) { option value=(chosen.within) selected { (scope.name) } }
                } } }
            }
            div.fields {
                div.field { label for="sharing" { "Each target" } select id="sharing" name="sharing" { @for (key, words) in offered { option value=(key) selected[key == chosen.sharing] { (words) } } } }
                div.field { label for="amount" { "Target of each, or total" } input id="amount" name="amount" value=(chosen.amount) required inputmode="decimal" maxlength="30"; }
                div.field { label for="over" { "More than the total, %" } input id="over" name="over" value=(chosen.over) inputmode="decimal" maxlength="10"; }
                @if has_potentials { div.field { label for="of_potential" { "Potential’s part of a mix, %" } input id="of_potential" name="of_potential" value=(chosen.of_potential) placeholder="50" inputmode="decimal" maxlength="10"; } }
            }
            div.fields {
                div.field { label for="ramp" { "Ramp, % by full month in the role" } input id="ramp" name="ramp" value=(chosen.ramp) placeholder="0, 25, 50, 75, 100" maxlength="200"; }
                div.field { label for="existing" { "Who has a goal already" } select id="existing" name="existing" { option value="" selected[chosen.existing != "change"] { "is left out" } option value="change" selected[chosen.existing == "change"] { "gets a change proposed" } } }
                div.field { label for="reason" { "Why" } input id="reason" name="reason" value=(chosen.reason) required maxlength=(REASON_MAX); }
            }
            p.small.quiet { "Rates are written as fractions: 0.25 for 25 %. Joining, leaving, leave and part time make a target less; the preview says so for each." }
            p.actions { button.button.primary[is_main] type="submit" { "Preview" } }
        }
    })
}

fn framed(app: &App, asker: &Asker, main: Markup) -> Markup {
    page(&Page {
        app,
        title: "Goals for a role",
        place: Some(Place::Goals),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}
