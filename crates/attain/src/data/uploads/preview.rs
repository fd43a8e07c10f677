//! The third step: what would happen, before anything does.

use attain_facts::import::{Imported, SampleRow, TableSample};
use attain_facts::mapping::Mapping;
use attain_facts::value::Value;
use attain_metrics::Asker;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::upload::Upload;
use super::watching::preview_page;
use crate::data::past::Past;
use crate::data::past::page::section;
use crate::data::report::{files, rejected_rows, remarks, tables, totals};
use crate::data::sample::fate_words;
use crate::web::App;
use crate::web::components::with_code;
use crate::web::format::{date, instant, whole};

/// The page of a look.
pub(super) fn shown(
    app: &App,
    asker: Option<&Asker>,
    upload: &Upload,
    mapping: &Mapping,
    imported: &Imported,
    past: Option<&Past>,
) -> Markup {
    let report = &imported.report;
    let rows = report.total();
    let finding = html! {
        b { "Nothing is imported yet." }
        " Of " (whole(rows.read.into())) " rows " (whole(rows.accepted.into())) " would be taken, " (whole(rows.unchanged.into()))
        " are known already, " (whole(rows.filtered.into())) " are filtered and " (whole(rows.rejected.into())) " rejected."
    };
    let main = html! {
        form.act method="post" action=(format!("/data/uploads/{}/run", upload.id)) {
            input type="hidden" name="seen" value=(mapping.sha256());
            p.actions { button.button.primary type="submit" { "Import" } a.button.plain href=(format!("/data/uploads/{}", upload.id)) { "Change the mapping" } }
        }
        (not_sent(upload, mapping))
        (remarks(report))
        (rejected_rows(report))
        @if let Some(past) = past { (section(past, Some(&format!("/data/uploads/{}/past", upload.id)))) }
        (samples(&imported.samples, &mapping.company.time_zone))
        (tables(report, "What would change"))
        (totals(report))
        (files(report, None))
        section aria-label="Mapping" { details.behind { summary { "The mapping" } pre.definition { (mapping.text()) } } }
    };
    preview_page(app, asker, upload, &finding, &main)
}

/// Files that the mapping reads and that are not here.
fn not_sent(upload: &Upload, mapping: &Mapping) -> Markup {
    let sent: Vec<String> = upload.files().iter().map(|path| super::upload::name(path)).collect();
    let missing = mapping.missing_among(&sent);
    html! {
        @if !missing.is_empty() { p.foot-note { "The mapping also reads " (missing.join(", ")) ", which was not sent; what is known of it stays as it is." } }
    }
}

fn samples(samples: &[TableSample], time_zone: &TimeZone) -> Markup {
    let most = samples.iter().map(|sample| sample.columns.len()).max().unwrap_or_default();
    html! {
        section aria-label="Rows" {
            div.section-head { h2 { "Rows as they will be" } span.meta { "the first " (samples.iter().map(|sample| sample.rows.len()).max().unwrap_or_default()) " of each table" } }
            @for sample in samples.iter().filter(|sample| !sample.rows.is_empty()) {
                details.behind open[sample.columns.len() == most] {
                    summary { span { (sample.table) " – " (with_code(sample.table.meaning())) } }
                    div.scroll tabindex="0" role="region" aria-label={ "Rows of " (sample.table) } { (sample_table(sample, time_zone)) }
                }
            }
        }
    }
}

fn sample_table(sample: &TableSample, time_zone: &TimeZone) -> Markup {
    html! {
        table.table.tight {
            caption.unseen { "The first rows of " (sample.table) ", as they will be" }
            thead { tr { th scope="col" { "Key" } th scope="col" { "Row is" } @for column in &sample.columns { th scope="col" { (column) } } } }
            tbody { @for row in &sample.rows { (sample_row(row, time_zone)) } }
        }
    }
}

fn sample_row(row: &SampleRow, time_zone: &TimeZone) -> Markup {
    html! {
        tr {
            th scope="row" { (row.source_id) }
            td { (fate_words(row.fate)) }
            @for cell in &row.cells { (value_cell(cell.as_ref(), time_zone)) }
        }
    }
}

fn value_cell(value: Option<&Value>, time_zone: &TimeZone) -> Markup {
    html! {
        @match value {
            None => td.absent { "–" },
            Some(Value::Text(text)) => td { (text) },
            Some(Value::Date(day)) => td.nowrap { (date(*day)) },
            Some(Value::Timestamp(at)) => td.nowrap { (instant(*at, time_zone)) },
            Some(Value::Decimal(number)) => td.num { (exactly(*number)) },
            Some(Value::Whole(number)) => td.num { (whole((*number).into())) },
            Some(Value::Boolean(truth)) => td { @if *truth { "yes" } @else { "no" } },
        }
    }
}

/// A number with all its digits, thousands separated.
fn exactly(number: rust_decimal::Decimal) -> String {
    let number = number.normalize();
    crate::web::format::places(number, number.scale())
}
