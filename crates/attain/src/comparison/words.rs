//! What may be said of people who are compared, in words, and how figures are written beside it.

use attain_metrics::{Metric, Reach, Unit};
use attain_stats::ranking::Verdict;
use attain_stats::shrinkage::NotShrunk;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use super::held::{Comparison, NotCompared};
use super::measure::Measure;
use super::peers::LeftOut;
use crate::web::format::{date, figure, places};

/// What may be said of somebody.
pub(crate) fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ClearlyAbove => "clearly above",
        Verdict::CannotBeToldApart => "cannot be told apart",
        Verdict::ClearlyBelow => "clearly below",
    }
}

/// The same with its shape.
pub(crate) fn verdict_mark(verdict: Verdict) -> Markup {
    html! { @match verdict {
        Verdict::ClearlyAbove => span.verdict.above { (shape(verdict)) (verdict_words(verdict)) },
        Verdict::ClearlyBelow => span.verdict.below { (shape(verdict)) (verdict_words(verdict)) },
        Verdict::CannotBeToldApart => span.verdict { (shape(verdict)) (verdict_words(verdict)) },
    } }
}

/// The shape of a verdict.
pub(crate) fn shape(verdict: Verdict) -> Markup {
    html! { svg viewBox="0 0 9 9" aria-hidden="true" { @match verdict {
        Verdict::ClearlyAbove => path d="M4.5 .8 8.6 8.2H.4Z" {},
        Verdict::ClearlyBelow => path d="M4.5 8.2 .4 .8h8.2Z" {},
        Verdict::CannotBeToldApart => circle cx="4.5" cy="4.5" r="3.6" {},
    } } }
}

/// Why somebody is not compared, whatever they did.
pub(crate) fn left_out_words(left_out: LeftOut) -> String {
    match left_out {
        LeftOut::HardlyThere => "hardly there, not compared".to_owned(),
        LeftOut::Ramping(until) => format!("too new to compare until {}", date(until)),
    }
}

/// Why nothing is said of somebody.
pub(super) fn why_not(why: NotCompared) -> String {
    match why {
        NotCompared::LeftOut(left_out) => left_out_words(left_out),
        NotCompared::TooFew => "not enough to say".to_owned(),
        NotCompared::NotPositive => "a value of zero or less, not compared".to_owned(),
        NotCompared::Nobody => "not compared".to_owned(),
    }
}

/// The comparison in a sentence or two.
pub(super) fn finding(comparison: &Comparison, metric: &Metric, reach: &Reach) -> String {
    let [above, rest, below] = comparison.said(reach);
    let own = above + rest + below;
    match comparison.together() {
        Err(NotShrunk::TooFewSubjects) => {
            "Fewer than five people rest on enough to be compared, so nothing is said of anybody.".to_owned()
        }
        Err(NotShrunk::NoVariation) => "Everybody has the same: there is nothing to tell apart.".to_owned(),
        Err(NotShrunk::Inseparable | NotShrunk::NotFinite) => {
            "People and chance cannot be told apart on so little; nothing is said of anybody.".to_owned()
        }
        Ok(_) if own == 0 => "None of these people rests on enough to be compared.".to_owned(),
        Ok(together) if together.compared > own => format!(
            "Of {own} compared here, held against all {} in the role, {} clearly above and {} clearly below; {rest} cannot be told apart.",
            together.compared,
            are(above),
            are(below)
        ),
        Ok(together) if together.no_detectable_difference => format!(
            "The {} who can be compared differ in {} no more than chance alone would make them.",
            together.compared,
            metric.label.to_lowercase()
        ),
        Ok(together) if above + below == 0 => {
            format!("Of {} compared, nobody can be told apart from the others.", together.compared)
        }
        Ok(together) => format!(
            "Of {} compared, {} clearly above and {} clearly below; {rest} cannot be told apart.",
            together.compared,
            are(above),
            are(below)
        ),
    }
}

fn are(count: usize) -> String {
    match count {
        0 => "nobody is".to_owned(),
        1 => "one is".to_owned(),
        several => format!("{several} are"),
    }
}

/// What a share, a rate or an amount is written as.
pub(super) fn compared(value: f64, measure: Measure, metric: &Metric) -> String {
    let exact = Decimal::from_f64(value).unwrap_or_default();
    match measure {
        Measure::Share => format!("{} %", places(exact * Decimal::ONE_HUNDRED, 1)),
        Measure::Rate => places(exact, 2),
        Measure::Amount => match metric.unit {
            Unit::Money => figure(exact.round(), Unit::Money),
            unit => figure(exact.round_dp(1), unit),
        },
    }
}

/// What the column of the same is called.
pub(super) fn compared_head(measure: Measure) -> &'static str {
    match measure {
        Measure::Share => "Share, 95 % interval",
        Measure::Rate => "Per working day, 95 % interval",
        Measure::Amount => "Typical (geometric mean), 95 % interval",
    }
}

/// What a comparison rests on.
pub(super) fn rests_on(measure: Measure, metric: &Metric) -> &str {
    match measure {
        Measure::Share => metric.of.as_deref().unwrap_or("observations"),
        Measure::Rate => "working days",
        Measure::Amount => "values",
    }
}

/// Who was compared and how sure a verdict is, in a paragraph.
pub(super) fn rule(comparison: &Comparison, metric: &Metric, hidden: usize) -> Markup {
    let left_out = |is: &dyn Fn(NotCompared) -> bool| {
        comparison
            .found()
            .iter()
            .filter(|found| found.standing.as_ref().err().is_some_and(|why| is(*why)))
            .count()
    };
    let hardly = left_out(&|why| why == NotCompared::LeftOut(LeftOut::HardlyThere));
    let ramping = left_out(&|why| matches!(why, NotCompared::LeftOut(LeftOut::Ramping(_))));
    let few = left_out(&|why| why == NotCompared::TooFew);
    let least = match comparison.measure {
        Measure::Amount => "ten",
        _ => "twenty",
    };
    html! {
        p.small.quiet {
            "Peers are all people of the company in the role “" (comparison.peers.role) "”, " (comparison.peers.peers.len()) " in all, who were there for four fifths of the period, were past their first four months when it began, and rest on " (least) " " (rests_on(comparison.measure, metric)) " or more"
            @if hardly > 0 { "; " (hardly) " hardly there" } @if ramping > 0 { "; " (ramping) " too new" } @if few > 0 { "; " (few) " on too few" } @if hidden > 0 { "; " (hidden) " whom you may not open are compared, and not shown" } ". "
            (shrinkage(comparison.measure)) " A verdict needs both: 95 % sure to be in the better or worse half, and at most 10 % false among all that are said of these peers by this metric in this period (Benjamini–Hochberg). Where several stand out on one side, the rest may look lower than they are."
            @if let Some(ratio) = comparison.together().as_ref().ok().and_then(|together| together.dispersion) { " Counts vary from week to week " (format!("{ratio:.1}")) " times as much as chance alone would make them, so that each says as much less: intervals are wider for it." }
        }
    }
}

fn shrinkage(measure: Measure) -> &'static str {
    match measure {
        Measure::Share => {
            "Small numbers are drawn towards what all have in common (beta-binomial shrinkage)."
        }
        Measure::Rate => "Few events are drawn towards what all have in common (gamma-Poisson shrinkage).",
        Measure::Amount => {
            "Amounts are compared on the logarithmic scale, because few large ones would decide otherwise; what rests on little is drawn towards what all have in common (normal-normal shrinkage)."
        }
    }
}
