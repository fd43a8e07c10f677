//! What leaves a scorecard as a CSV file: its numbers, or the rows behind one of them.

use attain_metrics::{Asker, DealRow, Level, Recorded, Row, Rows, Subject};
use axum::response::Response;

use super::card;
use super::look::{self, Depth};
use super::number::RowsChoice;
use super::pages::{PeriodChoice, named_subject};
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::format::beside;
use crate::web::problem::PageError;

const CARD_COLUMNS: [&str; 10] =
    ["level", "name", "period", "metric", "value", "numerator", "denominator", "n", "codes", "beside"];
const DEAL_COLUMNS: [&str; 15] = [
    "deal",
    "name",
    "account",
    "product",
    "owner",
    "stage",
    "outcome",
    "created_on",
    "closed_on",
    "cycle_days",
    "value",
    "numerator",
    "denominator",
    "recorded_at",
    "knowledge",
];
const ACCOUNT_COLUMNS: [&str; 6] =
    ["account", "bought_before", "bought_now", "first_bought_now", "numerator", "denominator"];

pub(super) async fn company_card(
    app: App,
    Query(choice): Query<PeriodChoice>,
) -> Result<Response, PageError> {
    card_file(&app, Subject::Company, &choice).await
}

pub(super) async fn subject_card(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(choice): Query<PeriodChoice>,
) -> Result<Response, PageError> {
    card_file(&app, named_subject(&level, id)?, &choice).await
}

pub(super) async fn company_rows(
    app: App,
    Path(metric): Path<String>,
    Query(choice): Query<RowsChoice>,
) -> Result<Response, PageError> {
    rows_file(&app, Subject::Company, &metric, &choice).await
}

pub(super) async fn subject_rows(
    app: App,
    Path((level, id, metric)): Path<(String, String, String)>,
    Query(choice): Query<RowsChoice>,
) -> Result<Response, PageError> {
    rows_file(&app, named_subject(&level, id)?, &metric, &choice).await
}

/// The numbers of a scorecard and of the members side by side on it, one row each.
async fn card_file(app: &App, subject: Subject, choice: &PeriodChoice) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let period = choice.period(&asker)?;
    let reach = app.reach();
    let (subject, name) = look::at(app, &asker, &subject, Depth::Values, "scorecard, as a file").await?;
    let (card, comparisons) = card::read_with_members(&asker, subject, name, period, &reach).await?;
    let mut records: Vec<[String; 10]> = card
        .lines
        .iter()
        .map(|line| card_record(&asker, card.subject.level().name(), &card.name, line))
        .collect();
    for comparison in &comparisons {
        let level = comparison.dimension.name();
        for row in &comparison.rows {
            let name = row.member.as_ref().map_or("unassigned", |member| member.name.as_str());
            records.extend(row.lines.iter().map(|line| card_record(&asker, level, name, line)));
        }
    }
    let place = match card.subject.level() {
        Level::Company => "company".to_owned(),
        level => format!("{}-{}", level.name(), card.subject.id().unwrap_or_default()),
    };
    csv_file(&format!("{place}-{}", card.period), &CARD_COLUMNS, &records)
}

fn card_record(asker: &Asker, level: &str, name: &str, line: &card::Line) -> [String; 10] {
    let number = &line.number;
    [
        level.to_owned(),
        spreadsheet_text(name),
        number.period.key().to_owned(),
        number.metric.clone(),
        spreadsheet_number(number.value),
        spreadsheet_number(number.numerator),
        spreadsheet_number(number.denominator),
        number.n.to_string(),
        number.codes_text(),
        beside(asker, number, Some(&line.metric)),
    ]
}

/// All rows behind a number, as the search leaves them.
async fn rows_file(
    app: &App,
    subject: Subject,
    metric: &str,
    choice: &RowsChoice,
) -> Result<Response, PageError> {
    let asker = choice.counting(app.asker().await?);
    let period = choice.period(&asker)?;
    let what = format!("rows of {metric}, as a file");
    let (subject, _) = look::at(app, &asker, &subject, Depth::Rows, &what).await?;
    let Rows { rows, .. } = asker.rows(metric, &subject, &period, &choice.page(None), &app.reach()).await?;
    let name = format!("{metric}-{period}");
    if rows.iter().any(|row| matches!(row, Row::Account(_))) {
        return csv_file(
            &name,
            &ACCOUNT_COLUMNS,
            &rows.iter().filter_map(account_record).collect::<Vec<_>>(),
        );
    }
    if rows.iter().any(|row| matches!(row, Row::Event(_))) {
        return events_file(&name, &rows);
    }
    csv_file(&name, &DEAL_COLUMNS, &rows.iter().filter_map(deal_record).collect::<Vec<_>>())
}

/// Rows of other kinds have the columns of their model.
fn events_file(name: &str, rows: &[Row]) -> Result<Response, PageError> {
    let events = || {
        rows.iter().filter_map(|row| match row {
            Row::Event(event) => Some(event),
            Row::Deal(_) | Row::Account(_) => None,
        })
    };
    let labels = events().next().map(|event| event.cells.iter().map(|(label, _)| label.clone()));
    let fixed = ["value", "numerator", "denominator", "recorded_at", "knowledge"].map(str::to_owned);
    let head: Vec<String> = ["id", "date"]
        .map(str::to_owned)
        .into_iter()
        .chain(labels.into_iter().flatten())
        .chain(fixed)
        .collect();
    let records: Vec<Vec<String>> = events()
        .map(|event| {
            let day = event.date.map(|day| day.to_string()).unwrap_or_default();
            let cells = event
                .cells
                .iter()
                .map(|(_, value)| value.as_deref().map(spreadsheet_text).unwrap_or_default());
            let [recorded_at, knowledge] = recorded_cells(event.recorded);
            let facts = [
                spreadsheet_number(event.value),
                event.numerator.to_string(),
                event.denominator.to_string(),
                recorded_at,
                knowledge,
            ];
            [spreadsheet_text(&event.id), day].into_iter().chain(cells).chain(facts).collect()
        })
        .collect();
    csv_file(name, &head, &records)
}

/// When a version became known, and how.
fn recorded_cells(recorded: Option<Recorded>) -> [String; 2] {
    match recorded {
        Some(recorded) => [recorded.at.to_string(), recorded.knowledge.word().to_owned()],
        None => Default::default(),
    }
}

fn deal_record(row: &Row) -> Option<[String; 15]> {
    let Row::Deal(deal) = row else { return None };
    let DealRow { deal: id, name, account, product, owner, stage, .. } = deal;
    let text = |text: &Option<String>| text.as_deref().map(spreadsheet_text).unwrap_or_default();
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let [recorded_at, knowledge] = recorded_cells(deal.recorded);
    Some([
        spreadsheet_text(id),
        text(name),
        text(account),
        text(product),
        text(owner),
        text(stage),
        deal.outcome.clone(),
        day(deal.created_on),
        day(deal.closed_on),
        deal.cycle_days.map(|days| days.to_string()).unwrap_or_default(),
        spreadsheet_number(deal.value),
        deal.numerator.to_string(),
        deal.denominator.to_string(),
        recorded_at,
        knowledge,
    ])
}

fn account_record(row: &Row) -> Option<[String; 6]> {
    let Row::Account(account) = row else { return None };
    Some([
        spreadsheet_text(&account.account),
        account.before.to_string(),
        account.now.to_string(),
        account.first_now.to_string(),
        account.numerator.to_string(),
        account.denominator.to_string(),
    ])
}
