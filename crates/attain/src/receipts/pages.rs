//! Pages of receipts: the list, one with what is known now beside what was signed, and its file.

use attain_metrics::receipt::{Digits, Receipt};
use attain_metrics::{Level, Metric, Subject};
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::comparison::{Comparison, recomputed};
use super::signing::{self, SignError, Wanted};
use super::store::{self, About, Kept};
use crate::people::names::Names;
use crate::web::App;
use crate::web::extract::{Form, Path, Query};
use crate::web::format::{date, figure_with_unit, instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Receipts a list shows.
const SHOWN: u64 = 200;

impl From<SignError> for PageError {
    fn from(error: SignError) -> PageError {
        match error {
            SignError::NothingImported => PageError::NothingImported,
            SignError::Hidden => PageError::Hidden,
            SignError::Changed | SignError::Key(_) | SignError::Contradiction(_) => {
                PageError::Refused(error.to_string())
            }
            SignError::Metrics(error) => error.into(),
            SignError::Definitions(error) => error.into(),
            SignError::Store(error) => error.into(),
            SignError::Records(error) => error.into(),
        }
    }
}

/// A value as its metric shows it; all digits where there is no metric any more.
pub(super) fn value_words(kept: &Kept, metric: &Metric, currency: &str) -> String {
    match &kept.receipt {
        Ok(receipt) => figure_of(receipt.statement().result.value, Some(metric), currency),
        Err(_) => "changed in the records".to_owned(),
    }
}

/// A value, or why there is none.
pub(super) fn figure_of(value: Option<Digits>, metric: Option<&Metric>, currency: &str) -> String {
    match (value, metric) {
        (Some(value), Some(metric)) => figure_with_unit(value.0, metric.unit, currency),
        (Some(value), None) => value.to_string(),
        (None, _) => "–".to_owned(),
    }
}

/// A number to be signed, as the sheet sends it.
#[derive(Deserialize)]
pub(super) struct SignForm {
    metric: String,
    period: String,
    level: String,
    id: Option<String>,
    seen: String,
}

pub(super) async fn sign(app: App, Form(form): Form<SignForm>) -> Result<Redirect, PageError> {
    let actor = app.actor();
    let frozen = signing::freeze(app.store(), app.definitions(), &actor, app.now()).await?;
    let subject = subject(&form.level, form.id)?;
    if let Some(id) = subject.id() {
        frozen.asker.organisation().member(subject.level(), id).ok_or(PageError::NotFound)?;
    }
    let period = frozen.asker.calendar().parse(&form.period)?;
    let wanted = Wanted { metric: &form.metric, subject: &subject, period: &period, seen: Some(&form.seen) };
    let key = (app.key(), rand::random());
    let (number, _) = signing::sign(app.store(), key, &actor, &app.reach(), &frozen, &wanted).await?;
    // Who signs sees at once that it can be computed again.
    Ok(Redirect::to(&format!("/receipts/{number}?recompute=now#recomputed")))
}

/// The subject at a level; the company has no identifier, everything else has one.
pub(super) fn subject(level: &str, id: Option<String>) -> Result<Subject, PageError> {
    match (Level::from_name(level).ok_or(PageError::NotFound)?, id) {
        (Level::Company, None) => Ok(Subject::Company),
        (Level::Company, Some(_)) | (_, None) => Err(PageError::NotFound),
        (level, Some(id)) => Ok(Subject::at(level, id)),
    }
}

/// Which receipts to list; all of them, or those of one number.
#[derive(Deserialize)]
pub(super) struct ListChoice {
    metric: Option<String>,
    period: Option<String>,
    level: Option<String>,
    id: Option<String>,
}

pub(super) async fn list(app: App, Query(choice): Query<ListChoice>) -> Result<Markup, PageError> {
    let (records, actor) = (app.store().records(), app.actor());
    let receipts = match (&choice.metric, &choice.period) {
        (Some(metric), Some(period)) => {
            let level = choice.level.as_deref().unwrap_or("company");
            let about = About { metric, level, id: choice.id.as_deref(), period };
            store::about(records, &actor, &app.reach(), about, SHOWN).await?
        }
        _ => store::newest(records, &actor, &app.reach(), SHOWN).await?,
    };
    let asker = app.asker().await.ok();
    let key = app.key().fingerprint();
    let main = html! {
        div.head {
            h1 { "Receipts" }
            p.finding { b { (whole(receipts.len().into())) @if receipts.len() == 1 { " signed number." } @else { " signed numbers." } }
                " Anybody can check one offline with its file and the fingerprint of the key." }
            p.meta { @match key { Ok(fingerprint) => { "Key " code { (fingerprint) } }, Err(problem) => (problem) } }
        }
        @if receipts.is_empty() {
            div.empty-state { p { "Open any number of a " a href="/scorecards" { "scorecard" } " and sign it: it is frozen with its definition, what was known and its rows." } }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Receipts" { (list_table(&app, &receipts).await?) }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: "Receipts",
        place: Some(Place::Receipts),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

async fn list_table(app: &App, receipts: &[Kept]) -> Result<Markup, PageError> {
    let names = Names::read(app).await?;
    let asker = app.asker().await.ok();
    let metric = |id: &str| asker.as_ref()?.catalogue().metric(id).map(AsRef::as_ref);
    let time_zone = asker.as_ref().map_or(jiff::tz::TimeZone::UTC, |asker| asker.company().time_zone.clone());
    Ok(html! {
        table.table {
            caption.unseen { "Signed numbers, newest first" }
            thead { tr { th scope="col" { "Receipt" } th scope="col" { "Number" } th scope="col" { "Of" } th scope="col" { "Period" } th.num scope="col" { "Value" } th scope="col" { "Signed" } } }
            tbody {
                @for kept in receipts {
                    tr {
                        th scope="row" { a href=(format!("/receipts/{}", kept.number)) { "Receipt " (kept.number) } }
                        @match &kept.receipt {
                            Ok(receipt) => (list_cells(receipt, metric(&receipt.statement().metric.id))),
                            Err(_) => td colspan="4" { "changed in the records; open it to see how" },
                        }
                        td.nowrap { (instant(kept.signed_at, &time_zone)) " by " (names.who(&kept.actor)) }
                    }
                }
            }
        }
    })
}

fn list_cells(receipt: &Receipt, metric: Option<&Metric>) -> Markup {
    let statement = receipt.statement();
    html! {
        td { (statement.metric.label) }
        td { (statement.subject.name) }
        td.nowrap { (statement.period.key) }
        td.num { (figure_of(statement.result.value, metric, &statement.company.currency)) }
    }
}

/// Whether to recompute.
#[derive(Deserialize)]
pub(super) struct ReceiptChoice {
    recompute: Option<String>,
}

pub(super) async fn receipt(
    app: App,
    Path(number): Path<i64>,
    Query(choice): Query<ReceiptChoice>,
) -> Result<Markup, PageError> {
    let (records, actor) = (app.store().records(), app.actor());
    let kept = store::by_number(records, &actor, &app.reach(), number).await?.ok_or(PageError::NotFound)?;
    let asker = app.asker().await?;
    let main = match &kept.receipt {
        Ok(receipt) => {
            let comparison = Comparison::read(&app, &asker, &kept, receipt).await?;
            let recomputed = match choice.recompute {
                Some(_) => Some(recomputed(&app, &kept, receipt).await?),
                None => None,
            };
            shown(&kept, &Names::read(&app).await?.who(&kept.actor), receipt, &comparison, recomputed)
        }
        Err(error) => html! {
            div.head { h1 { "Receipt " (number) } p.finding { b { "This receipt was changed in the records after it was signed: " (error) } } }
        },
    };
    let title = format!("Receipt {number}");
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Receipts),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn shown(
    kept: &Kept,
    signed_by: &str,
    receipt: &Receipt,
    comparison: &Comparison,
    recomputed: Option<Markup>,
) -> Markup {
    let (number, time_zone) = (kept.number, comparison.time_zone());
    html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/receipts" { "Receipts" } } li aria-current="page" { "Receipt " (number) } } }
            div.head-line { h1 { "Receipt " (number) } span.meta { "signed " (instant(kept.signed_at, time_zone)) " by " (signed_by) } }
            p.finding { (comparison.finding()) }
        }
        p.actions {
            a.button.primary href=(format!("/receipts/{number}/receipt-{number}.json")) { "Download" }
            a.button href=(format!("/receipts/{number}?recompute=now#recomputed")) { "Recompute" }
            @if let Some(path) = comparison.number_path() { a.button href=(path) { "Open the number" } }
        }
        @if let Some(recomputed) = recomputed { (recomputed) }
        (comparison.section())
        (frozen(kept, receipt, time_zone))
    }
}

/// What the receipt holds fast.
fn frozen(kept: &Kept, receipt: &Receipt, time_zone: &jiff::tz::TimeZone) -> Markup {
    let statement = receipt.statement();
    let (metric, as_of) = (&statement.metric, &statement.as_of);
    html! {
        section aria-labelledby="frozen-title" {
            div.section-head { h2 id="frozen-title" { "What is frozen" } }
            dl.facts {
                dt { "Number" } dd { (metric.label) " (" (metric.id) "), version " (metric.version) }
                dt { "Definition" } dd { "SHA-256 " code { (metric.definition_sha256) } }
                @if let Some(filter) = &metric.filter { dt { "Filter" } dd { code { (filter) } } }
                @for (name, part) in [("Above the line", &metric.numerator), ("Below the line", &metric.denominator)] {
                    @if let Some(part) = part { dt { (name) } dd { (part.id) @if let Some(filter) = &part.filter { ", where " code { (filter) } } } }
                }
                dt { "Of" } dd { (statement.subject.level) " " (statement.subject.name) @if let Some(id) = &statement.subject.id { " (" (id) "), " (statement.company.name) } }
                dt { "Period" } dd { (statement.period.key) @if let (Some(from), Some(to)) = (statement.period.from, statement.period.to) { ", " (date(from)) " to before " (date(to)) } }
                dt { "Calendar" } dd { (statement.calendar.description) }
                dt { "As of" } dd {
                    "snapshot " (as_of.snapshot) " of " (instant(as_of.committed_at.0, time_zone)) ", asked on " (date(as_of.asked_on))
                    @if let Some(day) = as_of.last_covered_day { ", facts to " (date(day)) }
                }
                dt { "Rates" } dd { @if statement.rate_table == "none" { "no rate table" } @else { (statement.rate_table) } }
                dt { "Rows" } dd { (rows(receipt)) }
                dt { "Key" } dd { code { (receipt.fingerprint()) } }
                dt { "File" } dd { "SHA-256 " code { (kept.sha256) } }
            }
            p.small.quiet { "To check it without this server: " code { "attain verify receipt-" (kept.number) ".json --key " (receipt.fingerprint()) } }
        }
    }
}

fn rows(receipt: &Receipt) -> Markup {
    use attain_metrics::receipt::{RowsStated, Side};
    let side = |name: &str, side: &Side| html! { (whole(side.count.into())) (name) ", SHA-256 " code { (side.sha256) } };
    match &receipt.statement().result.rows {
        RowsStated::Sides { numerator, denominator } => {
            html! { (side(" above the line", numerator)) br; (side(" below", denominator)) }
        }
        RowsStated::Counted { counted } => side(" counted", counted),
    }
}

/// The file as it was signed, byte for byte.
pub(super) async fn file(app: App, Path((number, file)): Path<(i64, String)>) -> Result<Response, PageError> {
    let name = format!("receipt-{number}.json");
    if file != name {
        return Err(PageError::NotFound);
    }
    let kept = store::by_number(app.store().records(), &app.actor(), &app.reach(), number).await?;
    let kept = kept.ok_or(PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, kept.text).into_response())
}
