//! How the effect of a change looks: old and new side by side, periods that move, rows that count
//! and rows that nearly do.

use std::sync::Arc;

use attain_metrics::{
    Asker, Editions, Level, Metric, MetricsError, Nearly, NearlyRow, Number, Period, Reach, Row, RowsColumn,
    RowsPage, Subject,
};
use maud::{Markup, html};

use super::effect::{self, Effect, Restated, SideBySide};
use super::proposal::{Considered, Defined};
use crate::scorecards::row::{day_name_and_value, day_words, value_words};
use crate::web::components::number_path;
use crate::web::format::{date, figure_with_unit, shown, whole};

/// Metrics whose effect is shown in full.
const METRICS_SHOWN: usize = 3;
/// Subjects whose values are other ones, shown of each.
const MOVED_SHOWN: usize = 40;
/// Rows shown that count, and that nearly do.
const ROWS_SHOWN: usize = 5;

/// Everything that is shown of a change.
pub(super) async fn view(
    asker: &Asker,
    considered: &Considered,
    period: &Period,
    reach: &Reach,
) -> Result<Markup, MetricsError> {
    let mut parts = Vec::new();
    for defined in considered.defined.iter().take(METRICS_SHOWN) {
        parts.push(of_metric(asker, considered, defined, period, reach).await?);
    }
    let rest = considered.defined.get(METRICS_SHOWN..).unwrap_or_default();
    Ok(html! {
        @for part in &parts { (part) }
        @if !rest.is_empty() {
            p { "It also defines " (labels(rest.iter().map(|defined| defined.after.as_ref()))) "." }
        }
        @if !considered.made_of_it.is_empty() {
            p { "Made of it, and so other numbers too: " (labels(considered.made_of_it.iter().map(AsRef::as_ref))) "." }
        }
    })
}

fn labels<'m>(metrics: impl Iterator<Item = &'m Metric>) -> Markup {
    html! {
        @for (place, metric) in metrics.enumerate() {
            @if place > 0 { ", " }
            a href=(format!("/metrics/{}", metric.id)) { (metric.label) }
        }
    }
}

async fn of_metric(
    asker: &Asker,
    considered: &Considered,
    defined: &Defined,
    period: &Period,
    reach: &Reach,
) -> Result<Markup, MetricsError> {
    let found = effect::effect(asker, considered, defined, period, reach).await?;
    let restated = effect::restated(asker, considered, defined, reach).await?;
    let (_, new) = considered.on_first_day();
    let after = asker.with(Arc::new(Editions::only(new)));
    let metric = defined.after.as_ref();
    let page = RowsPage {
        sort: RowsColumn::Closed,
        descending: true,
        limit: Some(ROWS_SHOWN),
        ..RowsPage::default()
    };
    let rows = after.rows(&metric.id, &Subject::Company, period, &page, reach).await?;
    let nearly = after.nearly(&metric.id, &Subject::Company, period, None, reach).await?;
    let currency = &asker.company().currency;
    Ok(html! {
        section.effect aria-labelledby=(format!("effect-{}", metric.id)) {
            div.section-head { h3 id=(format!("effect-{}", metric.id)) { (metric.label) ", version " (metric.version) } }
            p.finding { (finding(&found, defined, period, currency)) }
            (values(&found, defined, period, currency))
            (restated_table(&restated, defined, currency))
            (counted(&rows.rows, rows.counted, period))
            (nearly_counted(nearly.as_ref(), period))
        }
    })
}

/// What the change makes of the company's number, and of how many others.
fn finding(found: &Effect, defined: &Defined, period: &Period, currency: &str) -> Markup {
    let moved = found.members.iter().filter(|member| member.moves()).count();
    let after = words(&found.company.after, &defined.after, currency);
    html! {
        @match (&defined.before, &found.company.before) {
            (Some(was), Some(before)) if found.company.moves() => {
                b { (period.label()) ": " (after) " instead of " (words(before, was, currency)) "." }
                " It moves " (whole(moved.into())) " of " (whole(found.members.len().into())) " regions, managers and reps."
            }
            (Some(_), _) => {
                b { (period.label()) " stays " (after) "." }
                @if moved > 0 { " It moves " (whole(moved.into())) " of " (whole(found.members.len().into())) " regions, managers and reps." }
                @else { " No region, manager or rep moves." }
            }
            (None, _) => b { (period.label()) ": " (after) "." },
        }
    }
}

/// A number in words: its value with unit, or why there is none.
pub(super) fn words(number: &Number, metric: &Metric, currency: &str) -> String {
    let shown = shown(number, metric);
    match (number.value.filter(|_| shown.drawn), shown.note) {
        (Some(value), _) => figure_with_unit(value, metric.unit, currency),
        (None, Some(note)) => format!("{} ({note})", shown.text),
        (None, None) => shown.text,
    }
}

fn values(found: &Effect, defined: &Defined, period: &Period, currency: &str) -> Markup {
    let everyone = defined.before.is_none();
    let rows: Vec<&SideBySide> = std::iter::once(&found.company)
        .chain(found.members.iter().filter(|member| everyone || member.moves()))
        .collect();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Old and new side by side" {
            table.table.tight.compared {
                caption.unseen { "Values of " (period.label()) " without the change and with it" }
                thead { tr { th scope="col" { "Who" } @if !everyone { th.num scope="col" { "Now" } } th.num scope="col" { "With the change" } @if !everyone { th.num scope="col" { "Difference" } } } }
                tbody { @for row in rows.iter().take(MOVED_SHOWN + 1) { (value_cells(row, defined, currency)) } }
            }
        }
        @if rows.len() > MOVED_SHOWN + 1 { p.small.quiet { (whole((rows.len() - MOVED_SHOWN - 1).into())) " more." } }
    }
}

fn value_cells(row: &SideBySide, defined: &Defined, currency: &str) -> Markup {
    let name = match (&row.member, row.level) {
        (Some(member), _) => member.name.as_str(),
        (None, Level::Company) => "Company",
        (None, _) => "Unassigned",
    };
    html! {
        tr data-differs=[(defined.before.is_some() && row.moves()).then_some("1")] {
            th scope="row" { (name) " " small.quiet { @if row.level != Level::Company { (row.level.name()) } } }
            @if let Some(was) = &defined.before {
                td.num { @match &row.before { Some(before) => (words(before, was, currency)), None => "–" } }
            }
            td.num { (words(&row.after, &defined.after, currency)) }
            @if defined.before.is_some() { td.num { (difference(row, &defined.after, currency)) } }
        }
    }
}

/// By how much the value moves, where both are there.
fn difference(row: &SideBySide, metric: &Metric, currency: &str) -> String {
    let before = row.before.as_ref().and_then(|before| before.value);
    match (before, row.after.value) {
        (Some(before), Some(after)) if before == after => "–".to_owned(),
        (Some(before), Some(after)) => {
            let moved = after - before;
            let sign = if moved.is_sign_negative() { "−" } else { "+" };
            format!("{sign}{}", figure_with_unit(moved.abs(), metric.unit, currency))
        }
        _ => "–".to_owned(),
    }
}

fn restated_table(restated: &[Restated], defined: &Defined, currency: &str) -> Markup {
    let Some(was) = defined.before.as_deref().filter(|_| !restated.is_empty()) else { return html! {} };
    html! {
        h4 { "Quarters that are over, measured anew" }
        div.scroll tabindex="0" role="region" aria-label="Restated quarters" {
            table.table.tight.compared {
                caption.unseen { "The company’s number in quarters that are over, before and after" }
                thead { tr { th scope="col" { "Quarter" } th.num scope="col" { "As it stood" } th.num scope="col" { "Restated" } th.num scope="col" { "Difference" } } }
                tbody {
                    @for Restated { period, company } in restated {
                        tr data-differs=[company.moves().then_some("1")] {
                            th scope="row" { a href=(number_path(&Subject::Company, &was.id, period, "numbers")) { (period.label()) } }
                            td.num { @match &company.before { Some(before) => (words(before, was, currency)), None => "–" } }
                            td.num { (words(&company.after, &defined.after, currency)) }
                            td.num { (difference(company, &defined.after, currency)) }
                        }
                    }
                }
            }
        }
    }
}

fn counted(rows: &[Row], total: usize, period: &Period) -> Markup {
    html! {
        @if !rows.is_empty() {
            h4 { "Rows that count " span.count { (whole(total.into())) } }
            div.scroll tabindex="0" role="region" aria-label="Rows that count" {
                table.table.tight.rows {
                    caption.unseen { "The most recent rows that count" }
                    thead { tr { th scope="col" { "Date" } th scope="col" { "Row" } th.num scope="col" { "Amount" } } }
                    tbody { @for row in rows { tr { (row_cells(row, period)) } } }
                }
            }
        }
    }
}

fn nearly_counted(nearly: Option<&Nearly>, period: &Period) -> Markup {
    let Some(nearly) = nearly else {
        return html! { p.small.quiet { "It counts no rows by conditions of its own; those of the metrics it is made of stay as they are." } };
    };
    html! {
        h4 { "Rows that nearly count " span.count { (whole(nearly.total.into())) } }
        @if nearly.rows.is_empty() {
            p.small.quiet { "No row is kept out by one condition alone." }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Rows that nearly count" {
                table.table.tight.rows {
                    caption.unseen { "Rows that one condition keeps from counting" }
                    thead { tr { th scope="col" { "Date" } th scope="col" { "Row" } th.num scope="col" { "Amount" } th scope="col" { "Fails because" } } }
                    tbody { @for row in telling(nearly, period) { tr { (row_cells(&row.row, period)) td.quiet { (row.because) } } } }
                }
            }
        }
    }
}

/// Rows of the period itself first: they fail by what the definition says, not by their date.
fn telling<'n>(nearly: &'n Nearly, period: &Period) -> impl Iterator<Item = &'n NearlyRow> {
    let inside = |row: &&NearlyRow| day_name_and_value(&row.row).0.is_none_or(|day| period.contains(day));
    let (inside, outside): (Vec<_>, Vec<_>) = nearly.rows.iter().partition(inside);
    inside.into_iter().chain(outside).take(ROWS_SHOWN)
}

fn row_cells(row: &Row, period: &Period) -> Markup {
    let (day, name, id, value) = day_name_and_value(row);
    html! {
        td.nowrap { (day_words(day, period)) }
        td { @if let Some(name) = name { (name) small { (id) } } @else { (id) } }
        td.num { (value_words(value)) }
    }
}

/// From when on a change is in force, and what that does to days that are over.
pub(super) fn from_when(considered: &Considered) -> Markup {
    html! {
        @if considered.restates {
            b { "This restates days that are over." } " From " (date(considered.in_force_from)) " on, numbers people have seen are measured anew; receipts keep the old ones."
        } @else {
            "In force from " (date(considered.in_force_from)) " on. Periods that ended before keep their version."
        }
    }
}
