//! Parts of a report, of an import that was made or is only looked at.

use attain_facts::import::{ImportReport, Tally};
use maud::{Markup, html};

use crate::web::components::{path_segment, with_code};
use crate::web::format::{money, whole};

/// What became of the rows of each file; of import `number`, or of one that is only looked at.
pub(super) fn files(report: &ImportReport, number: Option<i64>) -> Markup {
    html! {
        section aria-label="Files" {
            div.section-head { h2 { "Files" } }
            div.scroll tabindex="0" role="region" aria-label="Files" {
                table.table {
                    caption.unseen { "What became of the rows of each file" }
                    thead { tr { th scope="col" { "File" } (tally_heads()) th scope="col" { "SHA-256" } } }
                    tbody {
                        @for file in &report.files {
                            tr {
                                th scope="row" {
                                    (file.name)
                                    @if !file.format.is_empty() { small { (file.format) } }
                                    @if let (Some(_), Some(number)) = (&file.rejects_file, number) { small { a href=(format!("/data/imports/{number}/rejects/{}", path_segment(&file.name))) { "Rejected rows, CSV" } } }
                                }
                                (tally_cells(file.rows))
                                td { code { (file.sha256.get(..16).unwrap_or_default()) "…" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The first rejected rows and why.
pub(super) fn rejected_rows(report: &ImportReport) -> Markup {
    let rejected = || report.files.iter().flat_map(|file| file.rejected.iter().map(move |row| (file, row)));
    html! {
        @if rejected().next().is_some() {
            section aria-label="Rejected rows" {
                div.section-head { h2 { "Rejected rows" } }
                div.scroll tabindex="0" role="region" aria-label="Rejected rows" {
                    table.table.tight {
                        caption.unseen { "Rejected rows and why" }
                        thead { tr { th scope="col" { "File" } th.num scope="col" { "Line" } th scope="col" { "Column" } th scope="col" { "Value" } th scope="col" { "Reason" } } }
                        tbody {
                            @for (file, row) in rejected() {
                                tr {
                                    td { (file.name) } td.num { (row.place.clone().unwrap_or_else(|| row.line.to_string())) }
                                    td { (row.column.as_deref().unwrap_or("–")) } td { (row.value.as_deref().unwrap_or("–")) } td { (with_code(&row.reason)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What happened to the rows of each table, or would.
pub(super) fn tables(report: &ImportReport, title: &str) -> Markup {
    html! {
        section aria-label="Tables" {
            div.section-head { h2 { (title) } }
            div.scroll tabindex="0" role="region" aria-label="Tables" {
                table.table {
                    caption.unseen { "Rows created, changed and deleted per table" }
                    thead { tr { th scope="col" { "Table" } th.num scope="col" { "Created" } th.num scope="col" { "Changed" } th.num scope="col" { "Unchanged" } th.num scope="col" { "Deleted" } } }
                    tbody {
                        @for table in &report.tables {
                            tr { th scope="row" { (table.table) } td.num { (whole(table.created.into())) } td.num { (whole(table.changed.into())) } td.num { @if let Some(unchanged) = table.unchanged { (whole(unchanged.into())) } } td.num { (whole(table.deleted.into())) } }
                        }
                    }
                }
            }
        }
    }
}

/// What money adds up to before and after, to be compared with the system it comes from.
pub(super) fn totals(report: &ImportReport) -> Markup {
    let totals =
        || report.tables.iter().flat_map(|table| table.totals.iter().map(move |total| (table, total)));
    html! {
        @if totals().next().is_some() {
            section aria-label="Totals" {
                div.section-head { h2 { "Totals of money" } span.meta { "all rows of the source; compare them with your system" } }
                div.scroll tabindex="0" role="region" aria-label="Totals" {
                    table.table {
                        caption.unseen { "What money adds up to before the import and after it" }
                        thead { tr { th scope="col" { "Column" } th scope="col" { "Currency" } th.num scope="col" { "Before" } th.num scope="col" { "After" } th.num scope="col" { "Difference" } } }
                        tbody {
                            @for (table, total) in totals() {
                                tr { th scope="row" { (table.table) "." (total.column) } td { (total.currency.as_deref().unwrap_or("–")) } td.num { (money(total.before)) } td.num { (money(total.after)) } td.num { (money(total.after - total.before)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What was done differently than one might expect.
pub(super) fn remarks(report: &ImportReport) -> Markup {
    html! {
        @for note in &report.notes { p.foot-note { "Note: " (note) "." } }
        @if !report.not_mapped.is_empty() { p.foot-note { "Not in the mapping, not read: " (report.not_mapped.join(", ")) "." } }
    }
}

/// The heads of [`tally_cells`].
pub(super) fn tally_heads() -> Markup {
    html! { @for name in ["Read", "Accepted", "Unchanged", "Filtered", "Rejected"] { th.num scope="col" { (name) } } }
}

/// A cell for each part of a tally.
pub(super) fn tally_cells(tally: Tally) -> Markup {
    let counts = [tally.read, tally.accepted, tally.unchanged, tally.filtered, tally.rejected];
    html! { @for count in counts { td.num { (whole(count.into())) } } }
}
