//! One goal as one line: attained, target, pace, days left.

use std::sync::Arc;

use attain_metrics::{
    Applicable, Asker, Code, DatedTarget, Direction, Metric, Number, Period, PeriodDays, Subject,
    TargetVersion, WorkingDays,
};
use attain_stats::Undefined;
use attain_stats::attainment::Objective;
use attain_stats::pace::Pace;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// How a target stands.
pub(super) struct Line {
    pub(super) metric: Arc<Metric>,
    pub(super) period: Period,
    /// What is attained so far.
    pub(super) number: Number,
    /// What is to be reached, for the days it applies; none before any version holds.
    pub(super) target: Option<Decimal>,
    /// Whether it is in another currency, at least in part, of which no rate is known (E7).
    pub(super) is_without_rate: bool,
    /// Whether it is less than that of a whole period because it applies to a part of it (E12).
    pub(super) is_prorated: bool,
    /// How much of it is reached, uncapped; none where there is nothing to hold against it.
    pub(super) attainment: Option<Result<Decimal, Undefined>>,
    pub(super) pace: Option<Pace>,
    /// Working days of the period that remain.
    pub(super) days_left: Decimal,
    /// Whether the period is over.
    pub(super) is_over: bool,
}

impl Line {
    /// What must be known beside it: of the value, and of the target it is held against (domain 5).
    pub(super) fn codes(&self) -> Vec<&'static str> {
        let of_target = match (&self.attainment, self.target) {
            (Some(Err(Undefined::ZeroTarget)), _) => Some(Code::ZeroTarget),
            _ if self.is_without_rate => Some(Code::CurrencyMissing),
            (_, None) => Some(Code::MissingTarget),
            _ => None,
        };
        let prorated = self.is_prorated.then_some(Code::Prorated);
        let mut codes: Vec<&str> = self.number.codes.iter().map(|code| code.code()).collect();
        codes.extend(of_target.into_iter().chain(prorated).map(|code| code.code()));
        codes.dedup();
        if codes.len() > 1 {
            codes.retain(|code| *code != Code::Ok.code());
        }
        codes
    }
}

/// What the lines of one period have in common: its days, counted once for all of them.
pub(super) struct Term {
    pub(super) period: Period,
    pub(super) working: WorkingDays,
    pub(super) today: Date,
    days: Option<PeriodDays>,
    /// The last day of which everything is known.
    known_to: Date,
    is_over: bool,
}

/// A target with what of it should be done by now.
pub(super) struct Held {
    pub(super) target: Option<Decimal>,
    is_without_rate: bool,
    is_prorated: bool,
    /// The share of the target that should be done; none where that says nothing.
    share_due: Option<Decimal>,
    days_left: Decimal,
}

impl Term {
    pub(super) fn of(asker: &Asker, period: &Period) -> Term {
        let (working, as_of) = (WorkingDays::of(asker.company()), asker.as_of());
        let last = period.last_day();
        Term {
            days: PeriodDays::of(&working, period),
            period: period.clone(),
            working,
            today: as_of.asked_on,
            known_to: last.map_or(as_of.date, |last| last.min(as_of.date)),
            is_over: last.is_some_and(|last| last < as_of.asked_on),
        }
    }

    /// What versions ask for (T15, T16). What should be done by now is what they asked for day by day up to now,
    /// after what was relieved (6.5). A metric that does not add up over days has the target of the last day that
    /// is known.
    pub(super) fn held(&self, metric: &Metric, versions: &[TargetVersion], applicable: &Applicable) -> Held {
        let dated = self.dated(versions, applicable);
        let days_left = remaining(dated);
        if metric.accumulates() {
            let held = dated.filter(|_| !versions.is_empty());
            return Held {
                target: held.map(|dated| dated.target),
                is_without_rate: false,
                is_prorated: held.is_some_and(|dated| dated.days.is_partial()),
                share_due: held.and_then(|dated| dated.due.checked_div(dated.target)),
                days_left,
            };
        }
        let holds = versions.iter().find(|version| version.valid.contains(self.known_to));
        let target = holds.or(versions.first()).map(|version| version.value);
        Held { target, is_without_rate: false, is_prorated: false, share_due: None, days_left }
    }

    /// A quota that was delivered, of the days on which it applies: each of them has as much of it. None where
    /// there was nothing but zero, which no quota is.
    pub(super) fn delivered(&self, quota: &Number, applicable: &Applicable) -> Option<Held> {
        let is_without_rate = quota.codes.contains(&Code::CurrencyMissing);
        let target = quota.value.filter(|value| !value.is_zero() && !is_without_rate);
        (is_without_rate || target.is_some()).then(|| Held {
            target,
            is_without_rate,
            is_prorated: quota.codes.contains(&Code::Prorated),
            share_due: self.share_gone(applicable),
            days_left: remaining(self.dated(&[], applicable)),
        })
    }

    /// The share of the days on which a target applies that have gone by; none where it applies on no day.
    pub(super) fn share_gone(&self, applicable: &Applicable) -> Option<Decimal> {
        let dated = self.dated(&[], applicable)?;
        dated.gone.checked_div(dated.days.applicable)
    }

    fn dated(&self, versions: &[TargetVersion], applicable: &Applicable) -> Option<DatedTarget> {
        self.days.as_ref()?.date(versions, applicable, self.known_to)
    }

    /// Holds a number against a target.
    pub(super) fn line(&self, metric: &Arc<Metric>, number: Number, held: Held) -> Line {
        let Held { target, is_without_rate, is_prorated, share_due, days_left } = held;
        let attainment =
            number.value.zip(target).map(|(value, target)| objective(metric, target)?.attainment(value));
        let is_paced = metric.accumulates() && metric.direction != Direction::Down;
        let pace = share_due
            .filter(|_| is_paced)
            .and_then(|share| Pace::of(number.value?, target?, share, days_left).ok());
        Line {
            metric: Arc::clone(metric),
            period: self.period.clone(),
            number,
            target,
            is_without_rate,
            is_prorated,
            attainment,
            pace,
            days_left,
            is_over: self.is_over,
        }
    }
}

/// Working days on which a target applies that are still to come.
fn remaining(dated: Option<DatedTarget>) -> Decimal {
    dated.map(|dated| dated.days.applicable - dated.gone).unwrap_or_default()
}

/// When a target applies to a subject: to a person while they are there, to a team throughout.
pub(super) fn applicable(asker: &Asker, subject: &Subject) -> Applicable {
    match subject {
        Subject::Rep(id) => asker.organisation().applicable(id),
        _ => Applicable::always(),
    }
}

/// Less is better where the metric says so; otherwise more is.
pub(super) fn objective(metric: &Metric, target: Decimal) -> Result<Objective, Undefined> {
    match metric.direction {
        Direction::Down => Objective::at_most(target),
        Direction::Up | Direction::Band | Direction::None => Objective::at_least(target),
    }
}
