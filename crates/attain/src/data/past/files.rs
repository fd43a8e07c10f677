//! Past numbers as CSV files: the deals, and the numbers that move.

use attain_metrics::{Member, Movement, ReassignedDeal};
use axum::response::Response;

use super::Past;
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::web::App;
use crate::web::extract::Path;
use crate::web::problem::PageError;

/// The columns of [`deal_records`].
pub(crate) const DEAL_COLUMNS: [&str; 13] = [
    "source",
    "deal",
    "name",
    "account",
    "outcome",
    "closed_on",
    "period",
    "value",
    "from",
    "to",
    "counted_for",
    "counts_for",
    "credit",
];
/// The columns of [`move_records`].
pub(crate) const MOVE_COLUMNS: [&str; 8] =
    ["level", "id", "name", "metric", "period", "before", "after", "change"];

/// The deals, one line each.
pub(crate) fn deal_records(past: &Past) -> Vec<[String; 13]> {
    past.deals.iter().map(deal_record).collect()
}

fn deal_record(deal: &ReassignedDeal) -> [String; 13] {
    let text = |text: Option<&str>| text.map(spreadsheet_text).unwrap_or_default();
    let person = |person: &Option<Member>| text(person.as_ref().map(|person| person.name.as_str()));
    [
        spreadsheet_text(&deal.key.source_system),
        spreadsheet_text(&deal.key.source_id),
        text(deal.name.as_deref()),
        text(deal.account.as_deref()),
        deal.outcome.clone(),
        deal.closed_on.to_string(),
        deal.period.as_ref().map(|period| period.key().to_owned()).unwrap_or_default(),
        spreadsheet_number(deal.value),
        person(&deal.from),
        person(&deal.to),
        person(&deal.credited_before),
        person(&deal.credited),
        if deal.stays() { "stays" } else { "moves" }.to_owned(),
    ]
}

/// The numbers that move, one line each: people, teams, the company.
pub(crate) fn move_records(past: &Past) -> Vec<[String; 8]> {
    let levels = [("rep", &past.moves.people), ("region", &past.moves.teams)];
    let parts = levels.into_iter().flat_map(|(level, moves)| moves.iter().map(move |moved| (level, moved)));
    let parts = parts.map(|(level, moved)| move_record(level, moved.member.as_ref(), &moved.movement));
    let company = past.moves.company.iter().map(|movement| move_record("company", None, movement));
    parts.chain(company).collect()
}

fn move_record(level: &str, member: Option<&Member>, movement: &Movement) -> [String; 8] {
    let unassigned = if level == "company" { "" } else { "unassigned" };
    [
        level.to_owned(),
        member.map(|member| spreadsheet_text(&member.id)).unwrap_or_default(),
        member.map_or_else(|| unassigned.to_owned(), |member| spreadsheet_text(&member.name)),
        movement.metric.clone(),
        movement.period.key().to_owned(),
        spreadsheet_number(movement.before),
        spreadsheet_number(movement.after),
        spreadsheet_number(Some(movement.change())),
    ]
}

/// The deals of an entry of the history.
pub(in crate::data) async fn deals(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    deals_file(&of_entry(&app, number).await?, &format!("import-{number}-deals"))
}

/// The numbers of an entry of the history.
pub(in crate::data) async fn numbers(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    numbers_file(&of_entry(&app, number).await?, &format!("import-{number}-numbers"))
}

async fn of_entry(app: &App, number: i64) -> Result<Past, PageError> {
    let actor = app.actor();
    let entry = app.store().import(&actor, number).await?.ok_or(PageError::NotFound)?;
    Ok(Past::of_entry(app.store(), app.definitions(), &actor, &entry).await?.unwrap_or_default())
}

/// The deals as a file.
pub(in crate::data) fn deals_file(past: &Past, name: &str) -> Result<Response, PageError> {
    csv_file(name, &DEAL_COLUMNS, &deal_records(past))
}

/// The numbers as a file.
pub(in crate::data) fn numbers_file(past: &Past, name: &str) -> Result<Response, PageError> {
    csv_file(name, &MOVE_COLUMNS, &move_records(past))
}
