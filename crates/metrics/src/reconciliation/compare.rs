//! What each deal adds to the report and to the number, and in what the two differ.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::known::KnownDeal;
use super::matching::{Matcher, Meant, same};
use super::{DifferingDeal, Reason, ReportedDeal};
use crate::calendar::Period;

/// What both sides are measured in.
pub(super) struct Measure<'a> {
    /// Whether deals are counted, not their amounts added up.
    pub(super) is_count: bool,
    pub(super) period: &'a Period,
    /// The company's currency.
    pub(super) currency: &'a str,
}

impl Measure<'_> {
    /// What a line adds to the report's total.
    pub(super) fn reported(&self, line: &ReportedDeal) -> Decimal {
        if self.is_count { Decimal::ONE } else { line.amount.unwrap_or_default() }
    }
}

/// The deals told otherwise, those with the greatest effect first, and how many are told alike.
pub(super) fn compared(
    lines: &[ReportedDeal],
    known: &[KnownDeal],
    measure: &Measure<'_>,
) -> (Vec<DifferingDeal>, usize) {
    let matcher = Matcher::new(known);
    let mut listed: BTreeMap<usize, Vec<&ReportedDeal>> = BTreeMap::new();
    let mut differing = Vec::new();
    for line in lines {
        match matcher.meant(line) {
            Meant::Deal(position) => listed.entry(position).or_default().push(line),
            Meant::Nothing => differing.push(unmatched(line, Reason::NotDelivered, measure)),
            Meant::Several(deals) => differing.push(unmatched(line, Reason::Ambiguous(deals), measure)),
        }
    }
    let counting: BTreeSet<&str> =
        known.iter().filter(|deal| deal.counts_anywhere).map(|deal| deal.outcome.as_str()).collect();
    let mut agreeing = 0;
    for (position, deal) in known.iter().enumerate() {
        let lines = listed.remove(&position).unwrap_or_default();
        let reasons = reasons(deal, &lines, &counting, measure);
        let reported = lines.iter().map(|line| measure.reported(line)).sum();
        let counted = deal.counted.unwrap_or_default();
        if reasons.is_empty() {
            agreeing += usize::from(!lines.is_empty());
            continue;
        }
        differing.push(DifferingDeal {
            deal: deal.key.source_id.clone(),
            name: deal.name.clone(),
            account: deal.account.clone(),
            lines: lines.iter().map(|line| line.line).collect(),
            reported,
            counted,
            reasons,
        });
    }
    differing.sort_by(|one, other| {
        (Reverse(one.effect().abs()), &one.deal, &one.lines).cmp(&(
            Reverse(other.effect().abs()),
            &other.deal,
            &other.lines,
        ))
    });
    (differing, agreeing)
}

fn unmatched(line: &ReportedDeal, reason: Reason, measure: &Measure<'_>) -> DifferingDeal {
    let called = line.id.as_ref().or(line.name.as_ref());
    DifferingDeal {
        deal: called.cloned().unwrap_or_else(|| format!("line {}", line.line)),
        name: line.name.clone(),
        account: line.account.clone(),
        lines: vec![line.line],
        reported: measure.reported(line),
        counted: Decimal::ZERO,
        reasons: vec![reason],
    }
}

/// In what report and number differ about a deal; nothing if in nothing.
fn reasons(
    deal: &KnownDeal,
    lines: &[&ReportedDeal],
    counting: &BTreeSet<&str>,
    measure: &Measure<'_>,
) -> Vec<Reason> {
    let Some((first, more)) = lines.split_first() else {
        return if deal.counted.is_some() { vec![Reason::NotReported] } else { Vec::new() };
    };
    if deal.is_deleted {
        return vec![Reason::Deleted];
    }
    let mut reasons = Vec::new();
    if !more.is_empty() {
        reasons.push(Reason::Duplicate(lines.len()));
    }
    reasons.extend(told_otherwise(deal, first));
    if deal.counted.is_none() && reasons.is_empty() {
        reasons.push(not_counted(deal, counting, measure.period));
    }
    if deal.counted.is_some() || !reasons.is_empty() {
        reasons.extend(worth(deal, first, measure));
    }
    reasons
}

/// What the line says and the deal has otherwise, its worth aside.
fn told_otherwise(deal: &KnownDeal, line: &ReportedDeal) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if line.closed_on.is_some() && line.closed_on != deal.closed_on {
        reasons.push(Reason::Date(line.closed_on, deal.closed_on));
    }
    if !same(line.owner.as_deref(), deal.owner.as_deref()) {
        reasons.push(Reason::Owner(line.owner.clone(), deal.owner.clone()));
    }
    let (reported, known) = (line.stage.as_deref(), deal.stage.as_deref());
    if !same(reported, known) && !same(reported, Some(&deal.outcome)) {
        reasons.push(Reason::Stage(line.stage.clone(), deal.stage.clone().or(Some(deal.outcome.clone()))));
    }
    reasons
}

/// Why a deal that is told alike does not count; `counting` are the outcomes of those that do.
fn not_counted(deal: &KnownDeal, counting: &BTreeSet<&str>, period: &Period) -> Reason {
    match (deal.counts_anywhere, deal.counts_on) {
        (false, _) if !counting.contains(deal.outcome.as_str()) => {
            Reason::Stage(None, deal.stage.clone().or(Some(deal.outcome.clone())))
        }
        (false, _) => Reason::Condition,
        (true, Some(day)) if !period.contains(day) => Reason::Date(None, Some(day)),
        (true, _) => Reason::Owner(None, deal.owner.clone()),
    }
}

/// In what the amounts differ.
fn worth(deal: &KnownDeal, line: &ReportedDeal, measure: &Measure<'_>) -> Option<Reason> {
    let other_currency = line.currency.is_some() && !same(line.currency.as_deref(), deal.currency.as_deref());
    if other_currency {
        return Some(Reason::Currency(line.currency.clone(), deal.currency.clone()));
    }
    if measure.is_count && line.amount.is_none() || line.amount.is_some() && line.amount == deal.counted {
        return None;
    }
    if line.amount != deal.amount {
        return Some(Reason::Amount(line.amount, deal.amount));
    }
    // The same amount is worth something else in the number.
    let is_foreign = deal.currency.as_deref().is_some_and(|currency| currency != measure.currency);
    match deal.counted {
        None => None,
        Some(_) if measure.is_count => None,
        Some(_) if is_foreign => {
            let converted = Some(measure.currency.to_owned());
            Some(Reason::Currency(deal.currency.clone(), converted))
        }
        Some(_) => Some(Reason::Share),
    }
}

#[cfg(test)]
mod tests;
