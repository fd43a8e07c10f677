//! A receipt beside what is known now: both values, and the rows that stand between them.

use std::collections::BTreeSet;

use attain_metrics::receipt::{Digits, Outcome, Receipt, RowsStated, Statement};
use attain_metrics::{Asker, EvidenceRow, RowName};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::pages::figure_of;
use super::recomputing::{self, RecomputeError, Recomputed, RowChange};
use super::store::{self, Kept};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::format::{date, money, shown, whole};
use crate::web::problem::PageError;

/// What stands for a figure there is none of.
const ABSENT: &str = "–";

/// Rows a page lists; the rest is counted.
const ROWS_SHOWN: usize = 200;

/// A receipt and its question's answer of now.
pub(super) struct Comparison<'a> {
    receipt: &'a Receipt,
    asker: &'a Asker,
    now: Result<Recomputed, RecomputeError>,
    changes: Vec<RowChange>,
    /// Deals that no longer count, but are still known.
    still_known: BTreeSet<RowName>,
}

impl<'a> Comparison<'a> {
    /// Asks the question again of what is known now.
    pub(super) async fn read(
        app: &App,
        asker: &'a Asker,
        kept: &Kept,
        receipt: &'a Receipt,
    ) -> Result<Comparison<'a>, PageError> {
        let now = recomputing::ask(asker, &app.reach(), receipt.statement()).await;
        let now = match now {
            Ok(now) => Ok(now),
            Err(error) => Err(error.for_page()?),
        };
        let changes = match &now {
            Ok(now) => now.changes(&store::rows(app.store().records(), &app.actor(), kept.number).await?),
            Err(_) => Vec::new(),
        };
        let gone = changes.iter().take(ROWS_SHOWN).filter_map(|change| match change {
            RowChange::Gone(row) => Some(row),
            RowChange::Added(_) | RowChange::Changed { .. } => None,
        });
        let still_known = asker.known(gone).await?;
        Ok(Comparison { receipt, asker, now, changes, still_known })
    }

    pub(super) fn time_zone(&self) -> &TimeZone {
        &self.asker.company().time_zone
    }

    /// Where the number stands now.
    pub(super) fn number_path(&self) -> Option<String> {
        let now = self.now.as_ref().ok()?;
        Some(number_path(&now.subject, &now.metric.id, &now.period, "numbers"))
    }

    fn signed_value(&self) -> String {
        let statement = self.receipt.statement();
        let metric = self.asker.catalogue().metric(&statement.metric.id);
        figure_of(statement.result.value, metric.map(AsRef::as_ref), &statement.company.currency)
    }

    /// The sentence at the top.
    pub(super) fn finding(&self) -> Markup {
        let statement = self.receipt.statement();
        let period = self.now.as_ref().map_or(statement.period.key.as_str(), |now| now.period.label());
        let what = format!("{} of {}, {period}", statement.metric.label, statement.subject.name);
        let mut signed = self.signed_value();
        let now = match &self.now {
            Err(problem) => {
                return html! { b { (what) ", was " (signed) "." } " It cannot be asked any more: " (problem) "." };
            }
            Ok(now) => now,
        };
        let mut value =
            figure_of(now.statement.result.value, Some(&now.metric), &now.statement.company.currency);
        let same_value = now.statement.result.value == statement.result.value;
        if signed == value && !same_value {
            // They differ in what the figures leave out.
            (signed, value) = (digits(statement.result.value), digits(now.statement.result.value));
        }
        html! {
            @if same_value { b { (what) ", is still " (signed) "." } }
            @else { b { (what) ", was signed as " (signed) " and is known now as " (value) "." } }
            " " (between_words(&self.changes))
            @if statement.is_restated_by(&now.evidence.number, now.metric.unit) { " " span.tag.signal { "restated" } }
        }
    }

    /// Both values and the rows between.
    pub(super) fn section(&self) -> Markup {
        let Ok(now) = &self.now else { return html! {} };
        html! {
            section aria-labelledby="compared-title" {
                div.section-head { h2 id="compared-title" { "As signed and as known now" } }
                (self.values(now))
                @if !self.changes.is_empty() {
                    h3 { "Rows between" }
                    div.scroll tabindex="0" role="region" aria-label="Rows between" { (self.rows(now)) }
                    @if self.changes.len() > ROWS_SHOWN { p.small.quiet { "and " (whole((self.changes.len() - ROWS_SHOWN).into())) " more" } }
                }
            }
        }
    }

    fn values(&self, now: &Recomputed) -> Markup {
        let (signed, found) = (&self.receipt.statement().result, &now.statement.result);
        let then_covered = self.receipt.statement().as_of.last_covered_day;
        let now_covered = now.statement.as_of.last_covered_day;
        let note = shown(&now.evidence.number, &now.metric).note;
        let day = |day: Option<jiff::civil::Date>| day.map_or(ABSENT.to_owned(), date);
        let lines = [
            (
                "Value",
                self.signed_value(),
                figure_of(found.value, Some(&now.metric), &now.statement.company.currency),
            ),
            ("With all digits", digits(signed.value), digits(found.value)),
            ("Above the line", part(signed, signed.numerator), part(found, found.numerator)),
            ("Below the line", part(signed, signed.denominator), part(found, found.denominator)),
            ("n", whole(signed.n.into()), whole(found.n.into())),
            ("Codes", signed.codes.join(" "), found.codes.join(" ")),
            ("Rows above the line", above(signed), above(found)),
            ("Rows below the line", below(signed), below(found)),
            ("Rows", counted(signed), counted(found)),
            (
                "Definition",
                format!("version {}", self.receipt.statement().metric.version),
                format!("version {}", now.metric.version),
            ),
            ("Facts to", day(then_covered), day(now_covered)),
        ];
        html! {
            table.table.tight.compared {
                caption.unseen { "As signed and as known now" }
                thead { tr { th scope="col" { span.unseen { "What" } } th.num scope="col" { "As signed" } th.num scope="col" { "As known now" } } }
                tbody {
                    @for (name, then, now) in lines.iter().filter(|(_, then, now)| [then, now] != [ABSENT; 2]) {
                        tr data-differs=[(then != now).then_some("yes")] { th scope="row" { (name) } td.num { (then) } td.num { (now) } }
                    }
                }
            }
            @if let Some(note) = note { p.small.quiet { "Now: " (note) "." } }
        }
    }

    fn rows(&self, now: &Recomputed) -> Markup {
        let is_ratio = matches!(now.statement.result.rows, RowsStated::Sides { .. });
        html! {
            table.table.tight.rows-between {
                caption.unseen { "Rows between the signed number and the one known now" }
                thead { tr {
                    th scope="col" { "Deal" } th scope="col" { "Change" }
                    th.num scope="col" { "Signed, " (now.statement.company.currency) } th.num scope="col" { "Now, " (now.statement.company.currency) }
                    @if is_ratio { th scope="col" { "Counted" } th scope="col" { "Counts now" } }
                } }
                tbody { @for change in self.changes.iter().take(ROWS_SHOWN) { (self.change_row(change, is_ratio)) } }
            }
        }
    }

    fn change_row(&self, change: &RowChange, is_ratio: bool) -> Markup {
        let (words, then, now) = match change {
            RowChange::Added(row) => ("added", None, Some(row)),
            RowChange::Gone(row) => (self.why_gone(row), Some(row), None),
            RowChange::Changed { before, after } => ("changed", Some(before), Some(after)),
        };
        let Some(row) = then.or(now) else { return html! {} };
        let amount =
            |row: Option<&EvidenceRow>| row.and_then(|row| row.value).map_or(ABSENT.to_owned(), money);
        html! {
            tr {
                th scope="row" { (row.source_id) small.quiet { " " (row.source_system) } }
                td { (words) }
                td.num { (amount(then)) } td.num { (amount(now)) }
                @if is_ratio { td { (side(then)) } td { (side(now)) } }
            }
        }
    }

    /// A deal that was moved to another period, person or outcome is there, and counts elsewhere.
    fn why_gone(&self, row: &EvidenceRow) -> &'static str {
        let is_known =
            self.still_known.contains(&(row.table.clone(), row.source_system.clone(), row.source_id.clone()));
        if is_known { "counts no longer" } else { "deleted" }
    }
}

fn side(row: Option<&EvidenceRow>) -> &'static str {
    match row.map(|row| (row.numerator, row.denominator)) {
        None => ABSENT,
        Some((true, true)) => "above, below",
        Some((true, false)) => "above",
        Some((false, _)) => "below",
    }
}

fn digits(value: Option<Digits>) -> String {
    value.map_or(ABSENT.to_owned(), |value| value.to_string())
}

/// A part of a ratio, whole ones with their thousands separated; other numbers have no line.
fn part(result: &Outcome, value: Option<Digits>) -> String {
    match (&result.rows, value) {
        (RowsStated::Counted { .. }, _) => ABSENT.to_owned(),
        (_, Some(value)) if value.0.fract().is_zero() => whole(value.0),
        (_, value) => digits(value),
    }
}

fn above(result: &Outcome) -> String {
    match &result.rows {
        RowsStated::Sides { numerator, .. } => whole(numerator.count.into()),
        RowsStated::Counted { .. } => ABSENT.to_owned(),
    }
}

fn below(result: &Outcome) -> String {
    match &result.rows {
        RowsStated::Sides { denominator, .. } => whole(denominator.count.into()),
        RowsStated::Counted { .. } => ABSENT.to_owned(),
    }
}

fn counted(result: &Outcome) -> String {
    match &result.rows {
        RowsStated::Sides { .. } => ABSENT.to_owned(),
        RowsStated::Counted { counted } => whole(counted.count.into()),
    }
}

fn between_words(changes: &[RowChange]) -> String {
    let count = |counts: fn(&RowChange) -> bool| changes.iter().filter(|change| counts(change)).count();
    let parts = [
        (count(|change| matches!(change, RowChange::Added(_))), "added"),
        (count(|change| matches!(change, RowChange::Gone(_))), "gone"),
        (count(|change| matches!(change, RowChange::Changed { .. })), "changed"),
    ];
    let said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", whole(count.into())))
        .collect();
    match (said.is_empty(), changes.len()) {
        (true, _) => "The same rows count.".to_owned(),
        (false, 1) => format!("One row stands between: {}.", said.join(", ")),
        (false, _) => format!("Rows between: {}.", said.join(", ")),
    }
}

/// What tells the rows of a statement from any others.
fn rows_hash(statement: &Statement) -> String {
    match &statement.result.rows {
        RowsStated::Sides { numerator, denominator } => {
            format!("{} {}", numerator.sha256, denominator.sha256)
        }
        RowsStated::Counted { counted } => counted.sha256.to_string(),
    }
}

/// The question asked again as of the receipt's instant: the same, or what differs.
pub(super) async fn recomputed(app: &App, kept: &Kept, receipt: &Receipt) -> Result<Markup, PageError> {
    let actor = app.actor();
    let statement = receipt.statement();
    let mut problems: Vec<String> = match kept.fingerprint.parse() {
        Ok(trusted) => receipt.deviations(&trusted).iter().map(ToString::to_string).collect(),
        Err(_) => vec!["the records name no key it was signed with".to_owned()],
    };
    let again = recomputing::as_signed(app.store(), app.definitions(), &actor, &app.reach(), statement).await;
    let mut changes = Vec::new();
    let mut hash = None;
    match again {
        Ok(again) => {
            hash = Some(rows_hash(&again.statement));
            problems.extend(again.differences(statement).iter().map(ToString::to_string));
            changes = again.changes(&store::rows(app.store().records(), &actor, kept.number).await?);
        }
        Err(error) => problems.push(error.for_page()?.to_string()),
    }
    Ok(html! {
        section id="recomputed" aria-labelledby="recomputed-title" {
            div.section-head { h2 id="recomputed-title" { "Recomputed" } }
            @if problems.is_empty() && changes.is_empty() {
                p { b { "Same hash." } " Asked again of what was known then, the rows, the figures and the signature are those of the receipt." }
                @if let Some(hash) = &hash {
                    dl.facts { dt { "Rows, as signed" } dd { code { (rows_hash(statement)) } } dt { "Recomputed" } dd { code { (hash) } } }
                }
            } @else {
                p { b { "This is not what was signed." } }
                ul.points { @for problem in &problems { li { (problem) } } }
                @if !changes.is_empty() { p { (between_words(&changes)) } }
            }
        }
    })
}
