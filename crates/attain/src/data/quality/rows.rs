//! The rows of a finding: as a page, and all of them as a file.

use attain_metrics::{Finding, FoundPage, FoundRow, FoundRows};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;

use super::page::rows_path;
use super::{about, percent};
use crate::export::{csv_file, spreadsheet_text};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Query, form_urlencoded};
use crate::web::format::{date, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Rows of one page.
const ROWS_SHOWN: usize = 50;
/// The columns of [`records`].
pub(crate) const COLUMNS: [&str; 8] = ["source", "table", "row", "name", "day", "wrong", "shown", "import"];

/// Which finding, and where in its rows.
#[derive(Deserialize)]
pub(super) struct RowsChoice {
    source: String,
    finding: String,
    from: Option<usize>,
}

pub(super) async fn rows(app: App, Query(choice): Query<RowsChoice>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let shown = FoundPage { from: choice.from.unwrap_or_default(), limit: Some(ROWS_SHOWN) };
    let found = asker.quality_rows(&choice.source, &choice.finding, shown, &app.reach()).await?;
    let (finding, rows) = found.ok_or(PageError::NotFound)?;
    let check = finding.check;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs {
                li { a href="/data/imports" { "Imports" } } li { a href="/data/quality" { "Data quality" } } li aria-current="page" { (check.title) }
            } }
            div.head-line { h1 { (check.title) } span.meta { (choice.source) ", " (about(&finding)) } }
            p.finding { b { (whole(rows.found.into())) " of " (whole(finding.of.into())) " (" (percent(finding.share())) ")." } " " (check.meaning) " " (check.costs) }
            p.actions { a.button href=(rows_path(&choice.source, &choice.finding, "rows.csv")) { "All as CSV" } }
        }
        div.scroll tabindex="0" role="region" aria-label="Rows" { (table(&rows, &finding, app.may(Act::Write, Object::Imports))) }
        (pager(&choice, &rows))
    };
    Ok(page(&Page {
        app: &app,
        title: check.title,
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn table(rows: &FoundRows, finding: &Finding, may_merge: bool) -> Markup {
    let any = |has: fn(&FoundRow) -> bool| rows.rows.iter().any(has);
    let (has_names, has_imports) = (any(|row| row.name.is_some()), any(|row| row.import.is_some()));
    let merges = may_merge && any(|row| row.same_as.is_some());
    html! {
        table.table.rows {
            caption.unseen { "Rows that were found" }
            thead { tr {
                th scope="col" { "Row" } @if has_names { th scope="col" { "Name" } }
                th scope="col" { "What is wrong" }
                @if has_imports { th scope="col" { "Brought by" } }
                @if merges { th scope="col" { "Merge" } }
            } }
            tbody {
                @for row in &rows.rows {
                    tr {
                        th scope="row" { @match (row.day, &row.row) { (Some(day), _) => { (day.strftime("%a ")) (date(day)) }, (None, Some(id)) => (id), (None, None) => "–" } }
                        @if has_names { td { (row.name.as_deref().unwrap_or("–")) } }
                        td { (row.wrong) @if !row.shown.is_empty() { small { (shown(row)) } } }
                        @if has_imports { td.nowrap { @match row.import { Some(import) => a href=(format!("/data/imports/{import}")) { "Import " (import) }, None => "–" } } }
                        @if merges { td.nowrap { @if let Some(path) = merge_path(row, finding) { a href=(path) { "Merge" span.unseen { " " (row.name.as_deref().unwrap_or_default()) } } } } }
                    }
                }
            }
        }
    }
}

/// The cells that show what is wrong: `close date 2024-02-01, created at 2024-03-01`.
fn shown(row: &FoundRow) -> String {
    row.shown.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
}

/// The form of merges, filled in.
fn merge_path(row: &FoundRow, finding: &Finding) -> Option<String> {
    let (id, other) = row.same_as.as_ref()?;
    let reason = format!("{}, found by the data quality page", finding.check.title.to_lowercase());
    let fields = [("table", finding.table.name()), ("one", id), ("into", other), ("reason", reason.as_str())];
    Some(format!("/data/merged?{}", form_urlencoded(&fields)))
}

fn pager(choice: &RowsChoice, rows: &FoundRows) -> Markup {
    let from = choice.from.unwrap_or_default();
    let last = from + rows.rows.len();
    let link = |from: usize| format!("{}&from={from}", rows_path(&choice.source, &choice.finding, "rows"));
    html! {
        p.pager {
            span { @if rows.rows.is_empty() { "0" } @else { (from + 1) " – " (last) } " of " (whole(rows.found.into())) }
            @if from > 0 { a href=(link(from.saturating_sub(ROWS_SHOWN))) { "Previous" } }
            @if (last as u64) < rows.found { a href=(link(last)) { "Next" } }
        }
    }
}

/// All rows of a finding as a file.
pub(super) async fn file(app: App, Query(choice): Query<RowsChoice>) -> Result<Response, PageError> {
    let asker = app.asker().await?;
    let all = FoundPage::default();
    let found = asker.quality_rows(&choice.source, &choice.finding, all, &app.reach()).await?;
    let (finding, rows) = found.ok_or(PageError::NotFound)?;
    let name = format!("quality-{}-{}", finding.check.name, finding.table);
    csv_file(&name, &COLUMNS, &records(&choice.source, &finding, &rows))
}

/// The rows of a finding as lines of a file.
pub(crate) fn records(source: &str, finding: &Finding, rows: &FoundRows) -> Vec<[String; 8]> {
    let line = |row: &FoundRow| {
        [
            spreadsheet_text(source),
            finding.table.name().to_owned(),
            spreadsheet_text(row.row.as_deref().unwrap_or_default()),
            spreadsheet_text(row.name.as_deref().unwrap_or_default()),
            row.day.map(|day| day.to_string()).unwrap_or_default(),
            row.wrong.clone(),
            spreadsheet_text(&shown(row)),
            row.import.map(|import| import.to_string()).unwrap_or_default(),
        ]
    };
    rows.rows.iter().map(line).collect()
}
