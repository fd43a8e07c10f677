//! The grid as a CSV file: a line for each person and column, of all rows.

use axum::response::Response;

use super::asked::Asked;
use super::reading::Grid;
use super::table::{Cell, Column, Row};
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::goals::entries::Standing;
use crate::goals::words::{pace_word, state_words};
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::PageError;

const COLUMNS: [&str; 14] = [
    "level",
    "id",
    "name",
    "role",
    "leader",
    "metric",
    "period",
    "attained",
    "target",
    "attainment",
    "share_due",
    "pace",
    "codes",
    "state",
];

pub(super) async fn file(app: App, Query(asked): Query<Asked>) -> Result<Response, PageError> {
    let grid = Grid::of(&app, &asked).await?;
    let records: Vec<[String; 14]> = grid
        .rows
        .iter()
        .flat_map(|row| row.cells.iter().zip(&grid.columns).map(|(cell, column)| record(row, column, cell)))
        .collect();
    csv_file(&format!("goals-{}", grid.period), &COLUMNS, &records)
}

fn record(row: &Row, column: &Column, cell: &Cell) -> [String; 14] {
    let number = match cell {
        Cell::Held { line, .. } => Some(&line.number),
        Cell::NoTarget(number) => number.as_deref(),
    };
    let attained = spreadsheet_number(number.and_then(|number| number.value));
    let [target, attainment, share_due, pace, codes, state] = match cell {
        Cell::Held { line, standing } => {
            let attainment = line.attainment.as_ref().and_then(|share| share.as_ref().ok().copied());
            let state = match standing {
                Standing::Delivered => "delivered".to_owned(),
                Standing::Agreed { state, .. } => state_words(state),
            };
            [
                spreadsheet_number(line.target),
                spreadsheet_number(attainment),
                spreadsheet_number(line.pace.map(|pace| pace.share_due)),
                pace_word(line).unwrap_or_default().to_owned(),
                line.codes().join(" "),
                spreadsheet_text(&state),
            ]
        }
        Cell::NoTarget(_) => {
            let [target, attainment, share_due, pace] = Default::default();
            [target, attainment, share_due, pace, "E4".to_owned(), "no target".to_owned()]
        }
    };
    [
        row.subject.level().name().to_owned(),
        spreadsheet_text(row.subject.id().unwrap_or_default()),
        spreadsheet_text(&row.name),
        row.role.as_deref().map(spreadsheet_text).unwrap_or_default(),
        row.leader.as_ref().map(|leader| spreadsheet_text(&leader.name)).unwrap_or_default(),
        column.metric.id.clone(),
        column.period.key().to_owned(),
        attained,
        target,
        attainment,
        share_due,
        pace,
        codes,
        state,
    ]
}
