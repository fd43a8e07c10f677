//! The tab *Then and now* of the number sheet.

use attain_facts::store::ImportRecord;
use attain_metrics::{Asker, DifferingRow, Metric, Number, ROWS_LISTED, Tally};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::{Asked, Between, between, is_same_row, reason};
use crate::as_of::instant;
use crate::scorecards::card::Card;
use crate::scorecards::number::rows::outcome_words;
use crate::scorecards::tabs::Shown;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::format::{date, figure, money, shown, whole};
use crate::web::problem::PageError;

/// Columns that say which row it is; the others are listed when they change.
const TELLING: [&str; 4] = ["owner", "close date", "amount", "outcome"];

/// What the tab is about.
struct Sheet<'a> {
    now: &'a Asker,
    card: &'a Card,
    metric: &'a Metric,
}

/// The form, and once a day is chosen the number then, the number now and the rows between.
pub(in crate::scorecards) async fn panel(
    app: &App,
    now: &Asker,
    card: &Card,
    metric: &Metric,
    then: Option<&str>,
) -> Result<Markup, PageError> {
    let sheet = Sheet { now, card, metric };
    let then = then.map(str::trim).filter(|text| !text.is_empty());
    let found = match then {
        None => {
            html! { p.small.quiet { "Choose a day to see the number as it was known at its end, and the rows that differ since. Without a day it is the number of now." } }
        }
        Some(day) => chosen(app, &sheet, day).await?,
    };
    Ok(html! { (form(&sheet, then)) (found) })
}

async fn chosen(app: &App, sheet: &Sheet<'_>, day: &str) -> Result<Markup, PageError> {
    let now = sheet.now;
    let unreadable =
        |error: anyhow::Error| PageError::Invalid { field: "then".into(), message: error.to_string() };
    let instant = instant(&now.company().time_zone, day).map_err(unreadable)?;
    let Some(then) = app.asker_at(instant).await? else {
        let first = app.store().imports_between(&app.actor(), 0, 1).await?;
        return Ok(nothing_known(day, first.first(), &now.company().time_zone));
    };
    let asked = Asked { metric: &sheet.metric.id, subject: &sheet.card.subject, period: &sheet.card.period };
    let found = between(app.store(), &app.actor(), &then, now, &asked, &app.reach()).await?;
    Ok(html! {
        (sum(sheet, &then, &found))
        @if found.difference.table.is_none() {
            p.small.quiet { "This number is made of others, or counts accounts: it has no rows that could be compared one by one." }
        } @else if found.difference.total() == 0 {
            p.small.quiet { "No row that counts differs." }
        } @else {
            (rows(sheet, &found))
        }
    })
}

fn form(sheet: &Sheet<'_>, then: Option<&str>) -> Markup {
    let Sheet { card, metric, now } = sheet;
    let path = number_path(&card.subject, &metric.id, &card.period, "numbers");
    let action = path.split('?').next().unwrap_or_default();
    let show = Shown::ThenAndNow.name();
    let day = then.and_then(|text| instant(&now.company().time_zone, text).ok());
    let day = day.map(|instant| now.company().time_zone.to_datetime(instant).date().to_string());
    let last_day = card.period.last_day().filter(|last| *last <= now.as_of().asked_on);
    html! {
        form.filters method="get" action=(format!("{action}#rows")) aria-label="As known on" {
            input type="hidden" name="period" value=(card.period.key());
            input type="hidden" name="show" value=(show);
            div.field {
                label for="then" { "As known on" }
                input id="then" type="date" name="then" value=[day] max=(now.as_of().asked_on.to_string());
            }
            button.button type="submit" { "Compare" }
            span.end {
                @if let Some(last) = last_day {
                    a.button.plain href=(format!("{path}&show={show}&then={last}#rows")) { (date(last)) ", the last day" }
                }
                @if let Some(then) = then {
                    @let file = number_path(&card.subject, &metric.id, &card.period, "difference");
                    @let parameter = serde_urlencoded::to_string([("then", then)]).unwrap_or_default();
                    a.button.plain href=(format!("{file}&{parameter}")) { "CSV" }
                }
            }
        }
    }
}

fn nothing_known(day: &str, first: Option<&ImportRecord>, zone: &TimeZone) -> Markup {
    html! {
        p {
            b { "Nothing was known yet on " (readable(day)) "." }
            @if let Some(first) = first {
                " The first import came on " (crate::web::format::instant(first.finished_at, zone)) ": " (import_link(first)) "."
            }
        }
    }
}

/// Then + differences = now; for what does not add up the two values.
fn sum(sheet: &Sheet<'_>, then: &Asker, between: &Between) -> Markup {
    let found = &between.difference;
    let zone = &sheet.now.company().time_zone;
    let known = |asker: &Asker| {
        let as_of = asker.as_of();
        format!(
            "known {}, snapshot {}",
            crate::web::format::instant(as_of.committed_at, zone),
            as_of.snapshot
        )
    };
    let part = |words: &str, value: Markup| html! { span.part { small { (words) } (value) } };
    let tally = |words: &str, tally: Tally| {
        let effect = tally.effect.filter(|_| tally.rows > 0);
        html! { @if let Some(effect) = effect { (part(words, html! { (signed(sheet.metric, effect)) })) } }
    };
    html! {
        div.formula role="group" aria-label="The number then, what changed, and the number now" {
            (part("then", html! { (value(&found.then, sheet.metric)) }))
            (tally("added", found.added)) (tally("gone", found.gone)) (tally("changed", found.changed))
            span.op { @if found.effect().is_some() { "=" } @else { "→" } }
            (part("now", html! { output { (value(&found.now, sheet.metric)) } }))
        }
        p.small.quiet.between-words {
            "Then: " (known(then)) ". Now: " (known(sheet.now)) ". "
            (whole(found.total().into())) @if found.total() == 1 { " row differs" } @else { " rows differ" }
            @if found.total() > 0 { ": " (found.added.rows) " added, " (found.gone.rows) " gone, " (found.changed.rows) " changed" }
            @if found.total() > ROWS_LISTED { ", the first " (ROWS_LISTED) " below" }
            "."
        }
    }
}

/// A value as the sheet shows it, with its counts where it is a ratio.
fn value(number: &Number, metric: &Metric) -> String {
    let shown = shown(number, metric);
    let unit = if shown.drawn && metric.unit == attain_metrics::Unit::Ratio { " %" } else { "" };
    match (&shown.note, shown.drawn) {
        (Some(note), false) => format!("{} ({note})", shown.text),
        _ => format!("{}{unit}", shown.text),
    }
}

fn rows(sheet: &Sheet<'_>, between: &Between) -> Markup {
    let additive = between.difference.effect().is_some();
    let zone = &sheet.now.company().time_zone;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Rows that differ" {
            table.table.tight.rows {
                caption.unseen { "Rows that differ between then and now, and the import that made the difference" }
                thead { tr {
                    th scope="col" { "Row" } th scope="col" { "What differs" }
                    @if additive { th.num scope="col" { "Adds" } }
                    th scope="col" { "Import" }
                } }
                tbody {
                    @for row in &between.difference.rows {
                        tr {
                            td { (row_name(row)) small { (row.key.source_id) } }
                            td { (what_differs(between, row)) }
                            @if additive { td.num { @if let Some(effect) = row.effect { (signed(sheet.metric, effect)) } } }
                            td { (imports(between, row, zone)) }
                        }
                    }
                }
            }
        }
    }
}

fn cell<'r>(row: &'r DifferingRow, column: &str) -> Option<&'r str> {
    row.cells.iter().find(|(label, _)| label == column).and_then(|(_, value)| value.as_deref())
}

fn row_name(row: &DifferingRow) -> &str {
    cell(row, "account").or_else(|| cell(row, "name")).unwrap_or(&row.key.source_id)
}

fn what_differs(between: &Between, row: &DifferingRow) -> Markup {
    let telling = || TELLING.iter().filter_map(|column| Some((*column, cell(row, column)?)));
    html! {
        b { (capitalised(reason(row))) }
        @if is_same_row(row) { small { (between.why_same(row)) } }
        @if !row.changes.is_empty() {
            @for change in &row.changes {
                small {
                    (change.column) ": " (text(&change.column, change.then.as_deref())) " → " (text(&change.column, change.now.as_deref()))
                }
            }
        } @else {
            small {
                @for (at, (column, value)) in telling().enumerate() {
                    @if at > 0 { ", " } (text(column, Some(value)))
                }
            }
        }
    }
}

fn imports(between: &Between, row: &DifferingRow, zone: &TimeZone) -> Markup {
    let imports = between.imports_of(row);
    html! {
        @if imports.is_empty() { "–" }
        @for import in imports {
            (import_link(import))
            small {
                (date(zone.to_datetime(import.finished_at).date()))
                @if let Some(undone) = import.undoes { ", undoes import " (undone) }
                @if import.merged.is_some() { ", a merge" }
                @if import.restatement.is_some() { ", credit restated" }
                @let files = between.files_of(import, row);
                @if !files.is_empty() { ", " (files.join(", ")) }
            }
        }
    }
}

fn import_link(import: &ImportRecord) -> Markup {
    html! { a.nowrap href=(format!("/data/imports/{}", import.number)) { "Import " (import.number) } }
}

/// A value of a row for reading: days, amounts and outcomes as elsewhere on the sheet.
fn text(column: &str, value: Option<&str>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    match (value.parse::<Date>(), value.parse::<Decimal>()) {
        (Ok(day), _) if value.len() == 10 => date(day),
        (_, Ok(amount)) if column.contains("amount") => money(amount),
        _ if column == "outcome" => outcome_words(value).to_lowercase(),
        _ => value.to_owned(),
    }
}

fn readable(day: &str) -> String {
    day.parse::<Date>().map_or_else(|_| day.to_owned(), date)
}

/// What is added, with its sign.
fn signed(metric: &Metric, effect: Decimal) -> String {
    let plus = if effect.is_sign_positive() && !effect.is_zero() { "+" } else { "" };
    format!("{plus}{}", figure(effect, metric.unit))
}

fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
