//! The rows between two instants as lines: of a CSV file, and of the command line.

use attain_metrics::{DifferingRow, Subject};
use axum::response::Response;
use serde::Deserialize;

use super::{Asked, Between, between, is_same_row, reason};
use crate::as_of::instant;
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::pages::{PeriodChoice, named_subject};
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::problem::PageError;

/// The columns of [`records`]. A row has a line for each column of it that changed.
pub(crate) const COLUMNS: [&str; 10] =
    ["source", "row", "difference", "reason", "column", "then", "now", "effect", "imports", "files"];

/// The rows that differ, one line each, or one for each of their columns that changed. What a row
/// adds to the value stands on its first line only, so that the column can be summed.
pub(crate) fn records(between: &Between) -> Vec<[String; 10]> {
    between.difference.rows.iter().flat_map(|row| lines(between, row)).collect()
}

fn lines(between: &Between, row: &DifferingRow) -> Vec<[String; 10]> {
    let imports = between.imports_of(row);
    let numbers: Vec<String> = imports.iter().map(|import| import.number.to_string()).collect();
    let mut files: Vec<&str> = imports.iter().flat_map(|import| between.files_of(import, row)).collect();
    files.sort_unstable();
    files.dedup();
    let why = if is_same_row(row) { between.why_same(row) } else { reason(row) };
    let line = |column: &str, then: &Option<String>, now: &Option<String>, effect: String| {
        let text = |text: &Option<String>| text.as_deref().map(spreadsheet_text).unwrap_or_default();
        [
            spreadsheet_text(&row.key.source_system),
            spreadsheet_text(&row.key.source_id),
            row.kind.word().to_owned(),
            why.to_owned(),
            column.to_owned(),
            text(then),
            text(now),
            effect,
            numbers.join(" "),
            spreadsheet_text(&files.join(" ")),
        ]
    };
    let effect = |first: bool| spreadsheet_number(row.effect.filter(|_| first));
    if row.changes.is_empty() {
        return vec![line("", &None, &None, effect(true))];
    }
    let changes = row.changes.iter().enumerate();
    changes.map(|(at, change)| line(&change.column, &change.then, &change.now, effect(at == 0))).collect()
}

/// The earlier instant of a file.
#[derive(Deserialize)]
pub(in crate::scorecards) struct ThenChoice {
    then: String,
    period: Option<String>,
}

pub(in crate::scorecards) async fn company_file(
    app: App,
    Path(metric): Path<String>,
    Query(choice): Query<ThenChoice>,
) -> Result<Response, PageError> {
    file(&app, &Subject::Company, &metric, choice).await
}

pub(in crate::scorecards) async fn subject_file(
    app: App,
    Path((level, id, metric)): Path<(String, String, String)>,
    Query(choice): Query<ThenChoice>,
) -> Result<Response, PageError> {
    file(&app, &named_subject(&level, id)?, &metric, choice).await
}

async fn file(app: &App, subject: &Subject, metric: &str, choice: ThenChoice) -> Result<Response, PageError> {
    let now = app.asker().await?;
    let period = PeriodChoice::of(choice.period).period(&now)?;
    let what = format!("{metric} then and now, as a file");
    let (subject, _) = look::at(app, &now, subject, Depth::Rows, &what).await?;
    let unreadable =
        |error: anyhow::Error| PageError::Invalid { field: "then".into(), message: error.to_string() };
    let instant = instant(&now.company().time_zone, &choice.then).map_err(unreadable)?;
    let lines = match app.asker_at(instant).await? {
        Some(then) => {
            let asked = Asked { metric, subject: &subject, period: &period };
            records(&between(app.store(), &app.actor(), &then, &now, &asked, &app.reach()).await?)
        }
        // Nothing was known, so there is nothing to compare with.
        None => Vec::new(),
    };
    csv_file(&format!("{metric}-{period}-then-and-now"), &COLUMNS, &lines)
}
