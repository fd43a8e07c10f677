//! What is chosen for a template, read from what a form or program sends.

use std::sync::Arc;

use attain_metrics::{Asker, Grain, Metric, Period, ValidLevel};
use attain_stats::cascade::Weighing;
use attain_stats::ramp::RampProfile;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::goals::agreement::{REASON_MAX, has_goals, number};

/// A template as it is sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = GoalTemplateIn)]
pub(super) struct Chosen {
    /// Identifier of a manager, where it is for the people below that one only.
    pub(super) within: String,
    /// The role it is for.
    pub(super) role: String,
    /// Metric.
    pub(super) metric: String,
    /// Period: 2026-Q4, 2026-10 or 2026.
    pub(super) period: String,
    /// each: the same target for everybody; or a total shared out: equal, history, potential or blend.
    pub(super) sharing: String,
    /// The target of each, or the total that is shared out.
    pub(super) amount: String,
    /// How much more than the total is shared out, in percent.
    pub(super) over: String,
    /// How much of a blend is potential, in percent; 50 unless given.
    pub(super) of_potential: String,
    /// What is asked in each full month of tenure, in percent: 0, 25, 50, 75, 100.
    pub(super) ramp: String,
    /// change: a change is proposed to who has a goal already; otherwise they are left out.
    pub(super) existing: String,
    /// Why.
    pub(super) reason: String,
}

/// What is wrong with what was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) field: &'static str,
    pub(super) message: String,
}

/// A template that can be drafted.
pub(super) struct Template {
    pub(super) role: String,
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
    pub(super) sharing: Sharing,
    /// The target of each, or the total.
    pub(super) amount: Decimal,
    /// Over-assignment, as a share of the total.
    pub(super) over: Decimal,
    pub(super) ramp: Option<RampProfile>,
    pub(super) changes_existing: bool,
    pub(super) reason: String,
}

/// How each target comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sharing {
    /// The same for everybody.
    Each,
    /// A total, shared out.
    Total(Weighing),
}

impl Sharing {
    /// Whether it takes what was attained before.
    pub(super) fn takes_history(self) -> bool {
        matches!(self, Sharing::Total(Weighing::History | Weighing::Blend { .. }))
    }

    /// Whether it takes the potential of territories.
    pub(super) fn takes_potential(self) -> bool {
        matches!(self, Sharing::Total(Weighing::Potential | Weighing::Blend { .. }))
    }
}

impl Template {
    /// Reads what was sent, where it is known whether territories have potentials.
    ///
    /// # Errors
    /// What is wrong with it first.
    pub(super) fn read(asker: &Asker, chosen: &Chosen, has_potentials: bool) -> Result<Template, Wrong> {
        let period = period(asker, &chosen.period)?;
        let metric = metric(asker, &period, &chosen.metric)?;
        let sharing = sharing(chosen, has_potentials)?;
        let ramp = ramp(&chosen.ramp)?;
        if !metric.accumulates() && (sharing != Sharing::Each || ramp.is_some()) {
            let message = format!(
                "{} does not add up over people and days, so it cannot be shared out or ramped: choose the same target for everybody.",
                metric.label
            );
            return Err(Wrong { field: "sharing", message });
        }
        if ramp.is_some() && months(asker, &period).is_empty() {
            return Err(wrong("ramp", "A ramp goes by months, of which this period has none."));
        }
        let amount = number(&chosen.amount).filter(|amount| *amount > Decimal::ZERO);
        let amount = amount.ok_or_else(|| {
            wrong("amount", "Say how much, as a number of more than zero: 120000, or 0.25 for 25 %.")
        })?;
        let over = match (sharing, percent(&chosen.over)) {
            (_, Err(())) => {
                return Err(wrong("over", "Over-assignment is a percentage from 0 to 100, such as 4."));
            }
            (Sharing::Each, _) => Decimal::ZERO,
            (Sharing::Total(_), Ok(over)) => over.unwrap_or_default(),
        };
        let reason = chosen.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(Wrong {
                field: "reason",
                message: format!(
                    "Say why, in at most {REASON_MAX} letters: whoever reads it later has only that."
                ),
            });
        }
        Ok(Template {
            role: chosen.role.clone(),
            metric,
            period,
            sharing,
            amount,
            over,
            ramp,
            changes_existing: chosen.existing == "change",
            reason: reason.to_owned(),
        })
    }

    /// What one unit of its targets is worth: a cent, a deal.
    pub(super) fn step(&self, currency: &str) -> Decimal {
        use attain_metrics::Unit;
        let places = match self.metric.unit {
            Unit::Money => attain_facts::canonical::currency::minor_unit(currency).unwrap_or(2),
            Unit::Count => 0,
            _ => 2,
        };
        Decimal::new(1, places.min(6))
    }
}

/// The months of a period, by which a ramp goes.
pub(super) fn months(asker: &Asker, period: &Period) -> Vec<Period> {
    match period.grain {
        Grain::Month => vec![period.clone()],
        _ => asker.calendar().children(period, Grain::Month),
    }
}

fn wrong(field: &'static str, message: &str) -> Wrong {
    Wrong { field, message: message.to_owned() }
}

fn period(asker: &Asker, text: &str) -> Result<Period, Wrong> {
    let period = asker.calendar().parse(text);
    let period = period.map_err(|error| Wrong { field: "period", message: error.to_string() })?;
    match period.last_day() {
        None => Err(wrong("period", "A goal has a period with a first and a last day.")),
        Some(last) if last < asker.as_of().asked_on => {
            Err(wrong("period", "That period is over; goals are agreed on before."))
        }
        Some(_) => Ok(period),
    }
}

fn metric(asker: &Asker, period: &Period, id: &str) -> Result<Arc<Metric>, Wrong> {
    let metric = asker.catalogue_for(period).metric(id).filter(|metric| has_goals(metric));
    let of_people = metric.filter(|metric| metric.levels.contains(&ValidLevel::Rep));
    of_people.cloned().ok_or_else(|| {
        wrong("metric", "Choose a metric that people have, and of which it is known which way is good.")
    })
}

fn sharing(chosen: &Chosen, has_potentials: bool) -> Result<Sharing, Wrong> {
    let sharing = match chosen.sharing.as_str() {
        "" | "each" => Sharing::Each,
        "equal" => Sharing::Total(Weighing::Equal),
        "history" => Sharing::Total(Weighing::History),
        "potential" => Sharing::Total(Weighing::Potential),
        "blend" => {
            let of_potential = percent(&chosen.of_potential)
                .map_err(|()| wrong("of_potential", "Potential's part is a percentage from 0 to 100."))?;
            Sharing::Total(Weighing::Blend { of_potential: of_potential.unwrap_or(Decimal::new(5, 1)) })
        }
        other => {
            let message = format!("`{other}` is none of each, equal, history, potential, blend.");
            return Err(Wrong { field: "sharing", message });
        }
    };
    if sharing.takes_potential() && !has_potentials {
        return Err(wrong(
            "sharing",
            "No source says what potential territories have, in the company's currency: choose equal or history.",
        ));
    }
    Ok(sharing)
}

fn ramp(text: &str) -> Result<Option<RampProfile>, Wrong> {
    let parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty() && *part != "%");
    let fractions: Result<Vec<Decimal>, ()> = parts.map(|part| percent(part)?.ok_or(())).collect();
    match fractions {
        Ok(fractions) if fractions.is_empty() => Ok(None),
        Ok(fractions) => Ok(RampProfile::new(fractions)),
        Err(()) => {
            Err(wrong("ramp", "A ramp is what is asked in each full month, in percent: 0, 25, 50, 75, 100."))
        }
    }
}

/// A percentage from 0 to 100 as a share; none where nothing is said.
fn percent(text: &str) -> Result<Option<Decimal>, ()> {
    let text = text.trim().trim_end_matches('%').trim();
    if text.is_empty() {
        return Ok(None);
    }
    let percent = number(text).filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent));
    percent.map(|percent| Some(percent / Decimal::ONE_HUNDRED)).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_read_as_people_write_it() {
        let read = |text: &str| ramp(text).expect("a ramp");
        let profile = read("0, 25, 50, 75, 100 %").expect("a profile");
        assert_eq!(profile.fraction(1), Decimal::new(25, 2));
        assert_eq!(read(" "), None);
        assert_eq!(read("0 25% 100"), read("0;25;100"));
        for text in ["0, much", "0, 120", "-5"] {
            assert_eq!(ramp(text).expect_err("no ramp").field, "ramp", "{text}");
        }
    }
}
