//! The draft of a template: a target for each person it is for, and why somebody is left out. Pure.

use attain_metrics::Proration;
use attain_stats::Undefined;
use attain_stats::cascade::{self, Child};
use attain_stats::ramp::{RampProfile, RampedMonth};
use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::choice::{Sharing, Template};

/// Somebody a template could be for, with what must be known of them.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) role: Option<String>,
    pub(super) leader: Option<String>,
    /// Whether they are among the people the template is used for.
    pub(super) is_meant: bool,
    pub(super) hired_on: Option<Date>,
    pub(super) left_on: Option<Date>,
    pub(super) has_role_start: bool,
    pub(super) part_of_full_time: Decimal,
    /// Working days of the period, and those on which a target applies.
    pub(super) days: Proration,
    pub(super) months: Vec<Month>,
    pub(super) goal: Known,
    /// What was attained per full period of those before.
    pub(super) history: Option<Decimal>,
    pub(super) potential: Option<Decimal>,
}

/// A month of the period, to one person.
#[derive(Clone, Copy, Debug)]
pub(super) struct Month {
    /// Whole months in the role on its first day.
    pub(super) tenure_months: u32,
    pub(super) days: Proration,
}

/// The goal there is already, by the same metric in the same period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    /// One holds; its target, where the one who asks may see it.
    Holds {
        goal: i64,
        value: Option<Decimal>,
    },
    /// A version waits for an answer.
    Waits {
        goal: i64,
    },
}

/// Why somebody gets no goal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LeftOut {
    HasGoal,
    GoalWaits,
    NoHistory,
    NothingAttained,
    NoPotential,
    NoRoleStart,
    RampAsksNothing,
    /// Their share is less than the smallest unit.
    NothingLeft,
    Left(Date),
    Joins(Date),
    /// On leave throughout, so that no target applies.
    NotThere,
    LedBy(Option<String>),
    OtherRole(Option<String>),
}

impl LeftOut {
    /// Whether the template was not meant for them in the first place.
    pub(super) fn is_beside(&self) -> bool {
        matches!(self, LeftOut::LedBy(_) | LeftOut::OtherRole(_))
    }
}

/// A goal as it would be proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    /// The goal that is changed, and its target where the one who asks may see it.
    pub(super) before: Option<(i64, Option<Decimal>)>,
    pub(super) history: Option<Decimal>,
    pub(super) potential: Option<Decimal>,
    /// Their share, before part time and ramp.
    pub(super) share: Decimal,
    /// The target of the whole period, as it is proposed.
    pub(super) value: Decimal,
    /// The target for the days it applies.
    pub(super) applies: Decimal,
    pub(super) reasons: Vec<Reduced>,
}

/// Why a target is less than the share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reduced {
    PartTime(Decimal),
    /// What is asked in each month.
    Ramp(Vec<Decimal>),
    /// A target applies on some of the days only.
    Days {
        days: Proration,
        hired_on: Option<Date>,
        leaves_on: Option<Date>,
    },
}

/// Everybody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) rows: Vec<Row>,
    pub(super) left_out: Vec<(String, LeftOut)>,
}

impl Draft {
    /// Makes the goals of a template, or says who gets none.
    ///
    /// # Errors
    /// Where the amounts are too large to be held.
    pub(super) fn of(
        template: &Template,
        candidates: Vec<Candidate>,
        step: Decimal,
    ) -> Result<Draft, Undefined> {
        let mut draft = Draft::default();
        let mut kept = Vec::new();
        for candidate in candidates {
            match asked(template, &candidate) {
                Ok(part) => kept.push((candidate, part)),
                Err(why) => draft.left_out.push((candidate.name, why)),
            }
        }
        let shares = shares(template, &kept, step)?;
        for ((candidate, part), share) in kept.into_iter().zip(shares) {
            let row = row(template, candidate, part, share, step)?;
            match row.value.is_zero() {
                true => draft.left_out.push((row.name, LeftOut::NothingLeft)),
                false => draft.rows.push(row),
            }
        }
        Ok(draft)
    }

    /// What the targets come to, for the days they apply.
    pub(super) fn applies(&self) -> Decimal {
        self.rows.iter().map(|row| row.applies).sum()
    }

    /// What the shares come to, before part time, ramp and days.
    pub(super) fn shared(&self) -> Decimal {
        self.rows.iter().map(|row| row.share).sum()
    }

    /// Those it was meant for who are left out.
    pub(super) fn left_out_of_it(&self) -> usize {
        self.left_out.iter().filter(|(_, why)| !why.is_beside()).count()
    }
}

/// The part of a share that is asked of somebody, or why nothing is.
fn asked(template: &Template, candidate: &Candidate) -> Result<Decimal, LeftOut> {
    if !candidate.is_meant {
        return Err(LeftOut::LedBy(candidate.leader.clone()));
    }
    if candidate.role.as_ref() != Some(&template.role) {
        return Err(LeftOut::OtherRole(candidate.role.clone()));
    }
    is_there(template, candidate)?;
    match candidate.goal {
        Known::Waits { .. } => return Err(LeftOut::GoalWaits),
        Known::Holds { .. } if !template.changes_existing => return Err(LeftOut::HasGoal),
        Known::Holds { .. } | Known::Nothing => {}
    }
    if template.sharing.takes_potential() && candidate.potential.is_none() {
        return Err(LeftOut::NoPotential);
    }
    if template.sharing.takes_history() {
        match candidate.history {
            None => return Err(LeftOut::NoHistory),
            // A blend still has the potential to go by.
            Some(history) if history < Decimal::ZERO => return Err(LeftOut::NothingAttained),
            Some(history) if history.is_zero() && !template.sharing.takes_potential() => {
                return Err(LeftOut::NothingAttained);
            }
            Some(_) => {}
        }
    }
    if !template.metric.accumulates() {
        return Ok(Decimal::ONE);
    }
    let ramp = match &template.ramp {
        None => Decimal::ONE,
        Some(_) if !candidate.has_role_start => return Err(LeftOut::NoRoleStart),
        Some(profile) => ramped(profile, candidate).unwrap_or(Decimal::ONE),
    };
    if ramp.is_zero() { Err(LeftOut::RampAsksNothing) } else { Ok(ramp * candidate.part_of_full_time) }
}

fn is_there(template: &Template, candidate: &Candidate) -> Result<(), LeftOut> {
    let (from, last) = (template.period.from, template.period.last_day());
    if let Some(left) = candidate.left_on.filter(|left| from.is_some_and(|from| *left < from)) {
        return Err(LeftOut::Left(left));
    }
    if let Some(hired) = candidate.hired_on.filter(|hired| last.is_some_and(|last| *hired > last)) {
        return Err(LeftOut::Joins(hired));
    }
    if candidate.days.applicable.is_zero() { Err(LeftOut::NotThere) } else { Ok(()) }
}

/// How much of a whole target would have been asked of somebody in a period: of a half-time job half, of a ramp what
/// it asks, for the days they were there. What was attained is held against it, so that part time and ramp are not in
/// a history that they are taken off later.
pub(super) fn asked_before(
    ramp: Option<&RampProfile>,
    part_of_full_time: Decimal,
    (days, months): (&Proration, &[Month]),
) -> Option<Decimal> {
    let there = match ramp {
        Some(profile) => ramped_part(profile, months)?,
        None => days.share()?,
    };
    Some(there * part_of_full_time).filter(|asked| *asked > Decimal::ZERO)
}

/// What a ramp asks of the period's target on the days that apply: the mean of its months, each as far as it
/// applies (domain 6.4). None for who is beyond it.
fn ramped(profile: &RampProfile, candidate: &Candidate) -> Option<Decimal> {
    let months = &candidate.months;
    if months.iter().all(|month| profile.fraction(month.tenure_months) == Decimal::ONE) {
        return None;
    }
    // The days that do not apply are taken off where the goal is held against what is attained.
    ramped_part(profile, months)?.checked_div(candidate.days.share()?)
}

/// The part of a period's target that a ramp asks, of each month as far as it applies.
fn ramped_part(profile: &RampProfile, months: &[Month]) -> Option<Decimal> {
    let month = Decimal::ONE.checked_div(Decimal::from(months.len()))?;
    let parts: Vec<RampedMonth> = months
        .iter()
        .map(|each| RampedMonth {
            full_target: month,
            tenure_months: each.tenure_months,
            proration: each.days.share().unwrap_or(Decimal::ONE),
        })
        .collect();
    profile.target(&parts).ok()
}

/// What each gets before part time and ramp.
fn shares(
    template: &Template,
    kept: &[(Candidate, Decimal)],
    step: Decimal,
) -> Result<Vec<Decimal>, Undefined> {
    let Sharing::Total(by) = template.sharing else { return Ok(vec![template.amount; kept.len()]) };
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let children: Vec<Child> = kept
        .iter()
        .map(|(candidate, _)| Child {
            potential: candidate.potential.unwrap_or_default(),
            history: candidate.history.unwrap_or_default(),
        })
        .collect();
    let weights = cascade::weights(by, &children)?;
    let keyed: Vec<(&str, Decimal)> =
        kept.iter().map(|(candidate, _)| candidate.id.as_str()).zip(weights).collect();
    let total = template.amount.checked_div(step).ok_or(Undefined::NotFinite)?;
    let total = i64::try_from(total.round()).map_err(|_| Undefined::NotFinite)?;
    let parts = cascade::shared_out(cascade::assigned(total, template.over)?, &keyed)?;
    Ok(parts.into_iter().map(|units| Decimal::from(units) * step).collect())
}

fn row(
    template: &Template,
    candidate: Candidate,
    part: Decimal,
    share: Decimal,
    step: Decimal,
) -> Result<Row, Undefined> {
    let exact = share.checked_mul(part).ok_or(Undefined::NotFinite)?;
    let value = match part == Decimal::ONE {
        true => exact,
        false => exact.round_dp_with_strategy(step.scale(), RoundingStrategy::MidpointNearestEven),
    };
    let is_prorated = template.metric.accumulates() && candidate.days.is_partial();
    let applies = match candidate.days.share().filter(|_| is_prorated) {
        Some(share) => value.checked_mul(share).ok_or(Undefined::NotFinite)?,
        None => value,
    };
    let before = match candidate.goal {
        Known::Holds { goal, value } => Some((goal, value)),
        Known::Waits { .. } | Known::Nothing => None,
    };
    Ok(Row {
        reasons: if template.metric.accumulates() { reasons(template, &candidate) } else { Vec::new() },
        id: candidate.id,
        name: candidate.name,
        before,
        history: candidate.history,
        potential: candidate.potential,
        share,
        value,
        applies,
    })
}

fn reasons(template: &Template, candidate: &Candidate) -> Vec<Reduced> {
    let mut reasons = Vec::new();
    if candidate.part_of_full_time != Decimal::ONE {
        reasons.push(Reduced::PartTime(candidate.part_of_full_time));
    }
    if let Some(profile) = &template.ramp {
        let fractions: Vec<Decimal> =
            candidate.months.iter().map(|month| profile.fraction(month.tenure_months)).collect();
        if fractions.iter().any(|fraction| *fraction != Decimal::ONE) {
            reasons.push(Reduced::Ramp(fractions));
        }
    }
    if candidate.days.is_partial() {
        let within = |day: &Date| template.period.contains(*day);
        reasons.push(Reduced::Days {
            days: candidate.days,
            hired_on: candidate.hired_on.filter(within),
            leaves_on: candidate.left_on.filter(within),
        });
    }
    reasons
}

#[cfg(test)]
mod tests;
