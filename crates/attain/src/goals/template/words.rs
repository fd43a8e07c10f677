//! Templates in words: how targets come about, why one is less than a share, why somebody is left out, and
//! what all of them come to beside the plan.

use attain_metrics::Metric;
use attain_stats::cascade::{Weighing, over_assignment};
use rust_decimal::Decimal;

use super::choice::{Sharing, Template};
use super::draft::{Draft, LeftOut, Reduced, Row};
use crate::web::format::{date, figure_with_unit, places};

/// How the targets of a template come about.
pub(super) fn sharing(template: &Template, currency: &str) -> String {
    let amount = figure_with_unit(template.amount, template.metric.unit, currency);
    let by = match template.sharing {
        Sharing::Each => return format!("{amount} for each{}", ramp_note(template)),
        Sharing::Total(Weighing::Equal) => "in equal parts".to_owned(),
        Sharing::Total(Weighing::Potential) => "by potential".to_owned(),
        Sharing::Total(Weighing::History) => "by what was attained before".to_owned(),
        Sharing::Total(Weighing::Blend { of_potential }) => {
            format!("{} by potential, the rest by what was attained before", percent(of_potential))
        }
    };
    let over = match template.over.is_zero() {
        true => String::new(),
        false => format!(" and {} more", percent(template.over)),
    };
    format!("{amount}{over} shared out {by}{}", ramp_note(template))
}

fn ramp_note(template: &Template) -> &'static str {
    if template.ramp.is_some() { ", with ramp" } else { "" }
}

/// Why a target is less than the share.
pub(super) fn reduced(row: &Row) -> Vec<String> {
    row.reasons.iter().map(reason).collect()
}

fn reason(reduced: &Reduced) -> String {
    match reduced {
        Reduced::PartTime(part) => format!("part time, {}", percent(*part)),
        Reduced::Ramp(fractions) => {
            let months: Vec<String> = fractions.iter().map(|fraction| percent(*fraction)).collect();
            format!("ramp, by month {}", months.join(", "))
        }
        Reduced::Days { days, hired_on, leaves_on } => {
            let hired = hired_on.map(|day| format!("joins {}", date(day)));
            let leaves = leaves_on.map(|day| format!("last day {}", date(day)));
            let why: Vec<String> = hired.into_iter().chain(leaves).collect();
            let why = if why.is_empty() { "leave".to_owned() } else { why.join(", ") };
            format!("{why}: {} of {} working days", days.applicable.normalize(), days.whole.normalize())
        }
    }
}

/// Why somebody is left out.
pub(super) fn left_out(why: &LeftOut) -> String {
    match why {
        LeftOut::HasGoal => "has a goal by this metric already".to_owned(),
        LeftOut::GoalWaits => "a version of their goal waits for an answer".to_owned(),
        LeftOut::NoHistory => "nothing is known of the periods before".to_owned(),
        LeftOut::NothingAttained => "attained nothing in the periods before, and so has no share".to_owned(),
        LeftOut::NoPotential => "no territory with a potential that you may see".to_owned(),
        LeftOut::NoRoleStart => "no first day known, so no ramp".to_owned(),
        LeftOut::RampAsksNothing => "the ramp asks nothing yet".to_owned(),
        LeftOut::NothingLeft => "their share comes to nothing".to_owned(),
        LeftOut::Left(day) => format!("left on {}, before the period", date(*day)),
        LeftOut::Joins(day) => format!("joins on {}, after the period", date(*day)),
        LeftOut::NotThere => "not there on any working day of the period".to_owned(),
        LeftOut::LedBy(Some(leader)) => format!("led by {leader}"),
        LeftOut::LedBy(None) => "led by nobody".to_owned(),
        LeftOut::OtherRole(Some(role)) => format!("other role: {role}"),
        LeftOut::OtherRole(None) => "no role known".to_owned(),
    }
}

/// What is to be said of all of them together.
pub(super) struct Sum {
    /// What they come to, for the days they apply.
    pub(super) applies: Decimal,
    /// The shares before part time, ramp and days.
    pub(super) shared: Decimal,
    pub(super) people: usize,
    pub(super) left_out: usize,
    pub(super) plan: Option<Decimal>,
}

impl Sum {
    pub(super) fn of(draft: &Draft, plan: Option<Decimal>) -> Sum {
        Sum {
            applies: draft.applies(),
            shared: draft.shared(),
            people: draft.rows.len(),
            left_out: draft.left_out_of_it(),
            plan,
        }
    }

    /// The line of over-assignment (features A2): what is assigned of the plan, and how many are left out.
    pub(super) fn finding(&self) -> String {
        let left_out = match self.left_out {
            0 => "nobody left out".to_owned(),
            some => format!("{some} left out"),
        };
        match self.of_plan(self.applies) {
            Some(assigned) => format!("Assigned {} % of plan, {left_out}.", places(assigned, 1)),
            None if self.people == 1 => format!("One target, {left_out}."),
            None => format!("{} targets, {left_out}.", self.people),
        }
    }

    /// What that is made of, with the difference as it is.
    pub(super) fn explained(&self, metric: &Metric, currency: &str) -> String {
        let shown = |value: Decimal| figure_with_unit(value, metric.unit, currency);
        if !metric.accumulates() {
            return format!("{} does not add up over people, so there is no sum.", metric.label);
        }
        let sum = format!("The targets add up to {} for the days they apply", shown(self.applies));
        let Some(plan) = self.plan else {
            return format!("{sum}. There is no plan to hold that against.");
        };
        let difference = self.applies - plan;
        let beside = match difference.round_dp(2) {
            none if none.is_zero() => "exactly the plan".to_owned(),
            over if over > Decimal::ZERO => format!("{} more than the plan", shown(over)),
            under => format!("{} less than the plan", shown(-under)),
        };
        let before = match (self.shared == self.applies, self.of_plan(self.shared)) {
            (false, Some(shared)) => {
                format!(" Before part time, ramp and days it is {} % of it.", places(shared, 1))
            }
            _ => String::new(),
        };
        format!("{sum}, {beside} of {}.{before}", shown(plan))
    }

    /// A sum in percent of the plan.
    fn of_plan(&self, sum: Decimal) -> Option<Decimal> {
        let over = over_assignment([sum], self.plan?).ok()?;
        Some((over + Decimal::ONE) * Decimal::ONE_HUNDRED)
    }
}

/// A share in percent, with no more digits than it has, one at most.
fn percent(share: Decimal) -> String {
    let percent = (share * Decimal::ONE_HUNDRED).round_dp(1).normalize();
    format!("{} %", places(percent, percent.scale()))
}
