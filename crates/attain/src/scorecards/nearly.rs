//! Rows that one condition keeps from counting: a tab of the number sheet, a file, an endpoint.

use attain_metrics::{Metric, Nearly, NearlyRow, Row, Subject};
use axum::Json;
use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::api::{PeriodQuery, RowOut, SubjectQuery};
use super::card::Card;
use super::look::{self, Depth};
use super::pages::{PeriodChoice, named_subject};
use super::row::{day_name_and_value, day_words, value_words};
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::{Path, Query};
use crate::web::format::whole;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// What is said where rows cannot nearly count.
pub(super) const NONE_HERE: &str =
    "This number counts no rows by conditions of its own. Open the numbers it is made of.";

/// The tab of the number sheet.
pub(super) fn panel(nearly: &Nearly, card: &Card, metric: &Metric, currency: &str) -> Markup {
    let file = number_path(&card.subject, &metric.id, &card.period, "nearly");
    html! {
        @if nearly.rows.is_empty() {
            p.small.quiet { "No row is kept out by one condition alone." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Nearly counted rows" {
                table.table.tight.rows {
                    caption.unseen { "Nearly counted rows and the condition each fails" }
                    thead { tr {
                        th scope="col" { "Date" } th scope="col" { "Row" } th.num scope="col" { "Amount, " (currency) }
                        th scope="col" { "Fails because" }
                    } }
                    tbody { @for row in &nearly.rows { (row_cells(row, card)) } }
                }
            }
        }
        p.pager {
            span { (whole(nearly.rows.len().into())) " of " (whole(nearly.total.into())) " rows, most recent first" }
            a href=(file) { "CSV" }
        }
    }
}

fn row_cells(row: &NearlyRow, card: &Card) -> Markup {
    let (day, name, id, value) = day_name_and_value(&row.row);
    html! {
        tr {
            td.nowrap { (day_words(day, &card.period)) }
            td { @if let Some(name) = name { (name) small { (id) } } @else { (id) } }
            td.num { (value_words(value)) }
            td.quiet { (row.because) }
        }
    }
}

pub(super) async fn company_file(
    app: App,
    Path(metric): Path<String>,
    Query(choice): Query<PeriodChoice>,
) -> Result<Response, PageError> {
    file(&app, &Subject::Company, &metric, &choice).await
}

pub(super) async fn subject_file(
    app: App,
    Path((level, id, metric)): Path<(String, String, String)>,
    Query(choice): Query<PeriodChoice>,
) -> Result<Response, PageError> {
    file(&app, &named_subject(&level, id)?, &metric, &choice).await
}

async fn file(
    app: &App,
    subject: &Subject,
    metric: &str,
    choice: &PeriodChoice,
) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let period = choice.period(&asker)?;
    let what = format!("rows near {metric}, as a file");
    let (subject, _) = look::at(app, &asker, subject, Depth::Rows, &what).await?;
    let nearly = asker.nearly(metric, &subject, &period, None, &app.reach()).await?.unwrap_or_default();
    let records: Vec<[String; 8]> = nearly.rows.iter().map(record).collect();
    let columns = ["row", "account", "owner", "outcome", "created_on", "date", "value", "because"];
    csv_file(&format!("{metric}-{period}-nearly"), &columns, &records)
}

fn record(nearly: &NearlyRow) -> [String; 8] {
    let text = |text: &Option<String>| text.as_deref().map(spreadsheet_text).unwrap_or_default();
    let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let because = spreadsheet_text(&nearly.because);
    let none = String::new;
    match &nearly.row {
        Row::Deal(deal) => [
            spreadsheet_text(&deal.deal),
            text(&deal.account),
            text(&deal.owner),
            deal.outcome.clone(),
            day(deal.created_on),
            day(deal.closed_on),
            spreadsheet_number(deal.value),
            because,
        ],
        Row::Event(event) => [
            spreadsheet_text(&event.id),
            none(),
            none(),
            none(),
            none(),
            day(event.date),
            spreadsheet_number(event.value),
            because,
        ],
        Row::Account(account) => {
            [none(), spreadsheet_text(&account.account), none(), none(), none(), none(), none(), because]
        }
    }
}

/// The endpoints of this place.
pub(super) fn api_routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().api(reads, routes!(nearly))
}

/// A condition of the question's own.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConditionQuery {
    /// A condition rows must meet beside those of the definition: `segment = 'SMB'`
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
}

/// The rows that one condition keeps from counting.
#[derive(Serialize, ToSchema)]
struct NearlyOut {
    /// Metric.
    metric: String,
    /// Period.
    period: String,
    /// How many rows there are.
    total: usize,
    /// The most recent of them, at most 200.
    rows: Vec<NearlyRowOut>,
}

/// A row and why it does not count.
#[derive(Serialize, ToSchema)]
struct NearlyRowOut {
    /// The condition it fails, in words.
    because: String,
    /// The row.
    row: RowOut,
}

/// Rows that nearly count for a number, each with the condition it fails
#[utoipa::path(get, path = "/api/v1/numbers/{metric}/nearly", params(("metric" = String, Path, description = "Identifier of the metric"), SubjectQuery, PeriodQuery, ConditionQuery), responses((status = 200, body = NearlyOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn nearly(
    app: App,
    Path(id): Path<String>,
    Query(subject): Query<SubjectQuery>,
    Query(period): Query<PeriodQuery>,
    Query(condition): Query<ConditionQuery>,
) -> Result<Json<NearlyOut>, PageError> {
    let asker = app.asker().await?;
    let metric = asker.catalogue().metric(&id).cloned().ok_or(PageError::NotFound)?;
    let (subject, period) = (subject.resolve(&asker)?, period.resolve(&asker)?);
    let what = format!("rows near {id}, by a program");
    let (subject, _) = look::at(&app, &asker, &subject, Depth::Rows, &what).await?;
    let filter = condition.filter.as_deref().filter(|text| !text.trim().is_empty());
    let found = asker.nearly(&metric.id, &subject, &period, filter, &app.reach()).await?.unwrap_or_default();
    let rows = found.rows.into_iter();
    let rows = rows.map(|nearly| NearlyRowOut { because: nearly.because, row: RowOut::from(nearly.row) });
    Ok(Json(NearlyOut {
        metric: metric.id.clone(),
        period: period.key().to_owned(),
        total: found.total,
        rows: rows.collect(),
    }))
}
