//! The import history, and the report of each import.

use attain_facts::import::Tally;
use attain_facts::store::ImportRecord;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::report::{files, rejected_rows, remarks, tables, tally_cells, tally_heads, totals};
use super::undo::changes;
use super::watched::section;
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Path;
use crate::web::format::{instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Imports a page of the history shows.
const SHOWN: u64 = 200;

pub(super) async fn history(app: App) -> Result<Markup, PageError> {
    let imports = app.store().imports(&app.actor(), SHOWN).await?;
    let asker = app.asker().await.ok();
    let time_zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            h1 { "Imports" }
            p.finding { (finding(imports.first(), &time_zone)) }
            p.actions {
                @if app.may(Act::Write, Object::Imports) {
                    a.button.primary href="/data/imports/new" { "Import files" }
                    a.button.plain href="/data/mappings" { "Mappings" }
                }
                @if !imports.is_empty() {
                    a.button.plain href="/data/quality" { "Data quality" }
                    a.button.plain href="/data/merged" { "What is merged" }
                    a.button.plain href="/data/reconciliation" { "Reconcile with a report of the CRM" }
                }
            }
        }
        @if imports.is_empty() {
            div.empty-state {
                p { "Here stands every delivery of your data, with what became of each row. Bring in the first one here, or on this machine with:" }
                pre.definition { "attain import FILES --mapping MAPPING" }
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Imports" { (history_table(&imports, &names, &time_zone)) }
        }
        (section(&app, &time_zone))
    };
    Ok(page(&Page {
        app: &app,
        title: "Imports",
        place: Some(Place::Data),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn finding(newest: Option<&ImportRecord>, time_zone: &TimeZone) -> Markup {
    match newest {
        None => html! { b { "Nothing was imported yet." } },
        Some(import) if !is_delivery(import) => html! {
            b { "The newest entry is of " (instant(import.finished_at, time_zone)) " and no delivery." }
            " Import " (import.number) " " (deed(import)) "."
        },
        Some(import) => html! {
            b { "The newest delivery came on " (instant(import.finished_at, time_zone)) "." }
            " Import " (import.number) " from " (import.source_system) " brought " (whole(import.report.changes().into())) " changes."
        },
    }
}

fn history_table(imports: &[ImportRecord], names: &Names, time_zone: &TimeZone) -> Markup {
    html! {
        table.table {
            caption.unseen { "Imports, newest first" }
            thead { tr {
                th scope="col" { "Import" } th scope="col" { "When" } th scope="col" { "Source" } th scope="col" { "By" }
                (tally_heads()) th.num scope="col" { "Changes" } th.num scope="col" { "Snapshot" }
            } }
            tbody {
                @for import in imports {
                    tr {
                        th scope="row" {
                            a href=(format!("/data/imports/{}", import.number)) { "Import " (import.number) }
                            @if !is_delivery(import) { small { (deed(import)) } }
                            @if let Some(by) = import.undone_by { small { "undone by import " (by) } }
                        }
                        td.nowrap { (instant(import.finished_at, time_zone)) }
                        td { (import.source_system) }
                        td { (names.who(&import.actor)) }
                        (tally_cells(import.report.total()))
                        td.num { (whole(import.report.changes().into())) }
                        td.num { (import.snapshot) }
                    }
                }
            }
        }
    }
}

pub(super) async fn report(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    let import = app.store().import(&app.actor(), number).await?.ok_or(PageError::NotFound)?;
    let asker = app.asker().await?;
    let time_zone = &asker.company().time_zone;
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li aria-current="page" { "Import " (number) } } }
            div.head-line { h1 { "Import " (number) } span.meta { (instant(import.finished_at, time_zone)) " by " (names.who(&import.actor)) ", source " (import.source_system) ", snapshot " (import.snapshot) } }
            p.finding { b { @if !is_delivery(&import) { (deed(&import)) "." } @else { (accounting(import.report.total())) } } }
        }
        p.actions { a.button href=(format!("/data/imports/{number}/past")) { "What it did to past numbers" } }
        @if import.merged.is_some() {
            p.actions { a.button href="/data/merged" { "What is merged" } }
        } @else if import.restatement.is_some() {
            p { "A restatement changes no row: the deals it touched and their numbers, before and after, stand under its past numbers." }
        } @else if let Some(undone) = import.undoes {
            p.actions { a.button href=(format!("/data/imports/{undone}")) { "Import " (undone) } }
            section aria-labelledby="changed-title" { div.section-head { h2 id="changed-title" { "What changed" } } (changes(&import.report.tables)) }
        } @else {
            (undo_offered(&app, &import))
            (delivered(&import))
        }
    };
    let title = format!("Import {number}");
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn accounting(total: Tally) -> String {
    format!(
        "Every row is accounted for: {} read = {} accepted + {} unchanged + {} filtered + {} rejected.",
        whole(total.read.into()),
        whole(total.accepted.into()),
        whole(total.unchanged.into()),
        whole(total.filtered.into()),
        whole(total.rejected.into())
    )
}

/// Whether it brought rows, rather than undoing, merging or restating.
fn is_delivery(import: &ImportRecord) -> bool {
    import.undoes.is_none() && import.merged.is_none() && import.restatement.is_none()
}

/// What an entry of the history did that is no delivery, and why.
pub(super) fn deed(import: &ImportRecord) -> Markup {
    html! {
        @if let Some(undone) = import.undoes {
            "undoes import " (undone)
        }
        @if let Some(merged) = &import.merged {
            @match &merged.into {
                Some(into) => { "merges " (merged.table) " " (merged.id) " into " (into) }
                None => { "takes " (merged.table) " " (merged.id) " apart" }
            }
        }
        @if let Some(act) = &import.restatement {
            @match act.takes_back {
                Some(restatement) => { "takes back the restatement of credit of import " (restatement) }
                None => "restates credit of closed deals"
            }
            @if let Some(by) = act.taken_back_by { " (taken back by import " (by) ")" }
        }
        @if !import.reason.is_empty() { ": " (import.reason) }
    }
}

fn undo_offered(app: &App, import: &ImportRecord) -> Markup {
    let number = import.number;
    html! {
        @if let Some(by) = import.undone_by {
            p { "It was undone by " a href=(format!("/data/imports/{by}")) { "import " (by) } ", and counts for nothing since. To have it again, import its files again." }
        } @else if app.may(Act::Write, Object::Imports) {
            p.actions { a.button href=(format!("/data/imports/{number}/undo")) { "Undo this import" } }
        }
    }
}

/// What a delivery brought, and what became of it.
fn delivered(import: &ImportRecord) -> Markup {
    html! {
        @if import.report.total().rejected > 0 { (fix_and_import_again(import.number)) }
        (files(&import.report, Some(import.number)))
        (rejected_rows(&import.report))
        (tables(&import.report, "What changed"))
        (totals(&import.report))
        (remarks(&import.report))
        section aria-label="Mapping" {
            details.behind { summary { "The mapping it was read with" } pre.definition { (import.mapping) } }
            p.small.quiet { "SHA-256 of the mapping: " code { (import.mapping_sha256) } }
        }
    }
}

/// What leads from rejected rows to corrected ones.
fn fix_and_import_again(number: i64) -> Markup {
    html! {
        div.notice {
            p { b { "Rows were rejected." } " Download them below, correct them in their file and import it again: it is read by the same mapping." }
            p.actions { a.button.primary href=(format!("/data/imports/new?mapping_of={number}")) { "Import corrected rows" } }
        }
    }
}

/// The rejected rows of a file, to be corrected and imported again. Only files a report names
/// are read.
pub(super) async fn rejects(
    app: App,
    Path((number, file)): Path<(i64, String)>,
) -> Result<Response, PageError> {
    let import = app.store().import(&app.actor(), number).await?.ok_or(PageError::NotFound)?;
    let named =
        import.report.files.into_iter().find(|named| named.name == file).and_then(|named| named.rejects_file);
    let text = tokio::fs::read(named.ok_or(PageError::NotFound)?).await.map_err(|_| PageError::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"rejected.csv\"".to_owned()),
    ];
    Ok((headers, text).into_response())
}
