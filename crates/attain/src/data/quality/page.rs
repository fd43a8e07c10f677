//! The page: source by source what was found, what hurts numbers most first.

use std::collections::HashMap;

use attain_facts::store::ImportRecord;
use attain_metrics::{CHECKS, Finding, NotSupplied, Quality, SourceQuality};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::{about, deliveries_words, percent, summary};
use crate::web::App;
use crate::web::extract::form_urlencoded;
use crate::web::format::{instant, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Imports among which the newest of each source is looked for.
const LOOKED_BACK: u64 = 200;
/// Metrics that are named before the rest is only counted.
const NAMED: usize = 3;

pub(super) async fn quality(app: App) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let quality = asker.quality(&app.reach()).await?;
    let (first, second) = summary(&quality);
    let time_zone = &asker.company().time_zone;
    let imports = app.store().imports(&app.actor(), LOOKED_BACK).await?;
    let newest = newest_deliveries(&imports);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li aria-current="page" { "Data quality" } } }
            div.head-line { h1 { "Data quality" } span.meta { "As of " (instant(quality.as_of.committed_at, time_zone)) } }
            p.finding { b { (first) } " " (second) }
        }
        @for source in &quality.sources { (source_section(source, newest.get(source.source.as_str()), time_zone)) }
        (looked_for(&quality))
    };
    Ok(page(&Page {
        app: &app,
        title: "Data quality",
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The newest delivery of each source.
fn newest_deliveries(imports: &[ImportRecord]) -> HashMap<&str, &ImportRecord> {
    let counts = |import: &&ImportRecord| {
        import.undoes.is_none() && import.undone_by.is_none() && import.merged.is_none()
    };
    let oldest_first = imports.iter().filter(counts).rev();
    oldest_first.map(|import| (import.source_system.as_str(), import)).collect()
}

/// Rows that never became facts, and where they are.
fn rejected(newest: &ImportRecord) -> Markup {
    let rejected = newest.report.total().rejected;
    html! {
        @if rejected > 0 { " The last one had " a href=(format!("/data/imports/{}", newest.number)) { (whole(rejected.into())) " rejected rows" } ", which are in no number." }
    }
}

fn source_section(source: &SourceQuality, newest: Option<&&ImportRecord>, time_zone: &TimeZone) -> Markup {
    let id = format!("source-{}", source.source);
    let tables: Vec<String> = source
        .tables
        .iter()
        .map(|(table, rows)| format!("{} {}", whole((*rows).into()), table.plural()))
        .collect();
    html! {
        section aria-labelledby=(id) {
            div.section-head { h2 id=(id) { (source.source) } }
            p { (deliveries_words(&source.deliveries, time_zone)) @if let Some(newest) = newest { (rejected(newest)) } }
            @if source.findings.is_empty() {
                p { b { "Nothing was found." } " " (passed(source.passed)) }
            } @else {
                div.scroll tabindex="0" role="region" aria-label=(format!("Findings in {}", source.source)) { (findings(source)) }
                p.foot-note { (passed(source.passed)) }
            }
            (not_supplied(&source.not_supplied))
            details.behind { summary { "What was looked at: " (source.tables.len()) " tables" } p { (tables.join(", ")) "." } }
        }
    }
}

fn passed(count: usize) -> String {
    match count {
        1 => "1 check found nothing.".to_owned(),
        count => format!("{count} checks found nothing."),
    }
}

fn findings(source: &SourceQuality) -> Markup {
    html! {
        table.table.rows {
            caption.unseen { "Findings, what hurts numbers most first" }
            thead { tr {
                th scope="col" { "Finding" }
                th.num scope="col" { "Found" }
                th scope="col" { "Matters" } th scope="col" { "Metrics that suffer" }
            } }
            tbody { @for finding in &source.findings { (finding_row(&source.source, finding)) } }
        }
    }
}

fn finding_row(source: &str, finding: &Finding) -> Markup {
    html! {
        tr {
            th scope="row" { (finding.check.title) small { (about(finding)) } }
            td.num {
                a href=(rows_path(source, &finding.key, "rows")) { (whole(finding.found.into())) span.unseen { " rows: " (finding.check.title) ", " (about(finding)) } }
                small { "of " (whole(finding.of.into())) ", " (percent(finding.share())) }
            }
            td { (finding.severity.words()) @if let Some(code) = finding.check.code { small { (code.code()) " " (code.words()) } } }
            td { (suffering(&finding.metrics)) }
        }
    }
}

fn suffering(metrics: &[String]) -> Markup {
    let named = metrics.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    html! {
        @if metrics.is_empty() { span.quiet { "none by itself" } } @else {
            (named)
            @if metrics.len() > NAMED { small title=(metrics.join(", ")) { "and " (metrics.len() - NAMED) " more" } }
        }
    }
}

/// The address of a finding's rows, as a page or a file.
pub(super) fn rows_path(source: &str, key: &str, what: &str) -> String {
    format!("/data/quality/{what}?{}", form_urlencoded(&[("source", source), ("finding", key)]))
}

fn not_supplied(tables: &[NotSupplied]) -> Markup {
    let columns: usize = tables.iter().map(|table| table.columns.len()).sum();
    html! {
        @if columns > 0 {
            details.behind {
                summary { "Not supplied: " (columns) @if columns == 1 { " column that metrics need" } @else { " columns that metrics need" } }
                p.small.quiet { "The mapping fills them in no row. That is no fault of the data; their metrics have no value, or leave these rows out." }
                table.table.tight {
                    caption.unseen { "Columns that are not supplied" }
                    thead { tr { th scope="col" { "Table" } th scope="col" { "Column" } th scope="col" { "Metrics that need it" } } }
                    tbody {
                        @for table in tables { @for (name, metrics) in &table.columns {
                            tr { th scope="row" { (table.table.plural()) } td { (name.replace('_', " ")) } td { (suffering(metrics)) } }
                        } }
                    }
                }
            }
        }
    }
}

/// Every check, whether or not it found anything.
fn looked_for(quality: &Quality) -> Markup {
    let found = |name: &str| {
        let findings = quality.sources.iter().flat_map(|source| &source.findings);
        findings.filter(|finding| finding.check.name == name).count()
    };
    html! {
        section aria-label="What is looked for" {
            details.behind {
                summary { "What is looked for: " (CHECKS.len()) " checks" }
                dl.facts {
                    @for check in CHECKS {
                        dt { (check.title) }
                        dd { (check.meaning) " " (check.costs) " " @match found(check.name) { 0 => "Nothing was found.", 1 => "Found once.", times => { "Found " (times) " times." } } }
                    }
                }
            }
        }
    }
}
