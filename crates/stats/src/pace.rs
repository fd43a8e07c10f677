//! Pace: whether a target is on its way, given how much of it should be done by now (domain 6.5). For
//! ratios there is no share of the period: their pace is the ratio to date against its target.

use rust_decimal::Decimal;

use crate::exact::{add, divide, multiply, subtract, sum};
use crate::undefined::Undefined;

/// From this index on, on pace (domain 19, `pace_on`).
const ON_PACE: Decimal = Decimal::ONE;
/// From this index on, at risk (domain 19, `pace_risk`).
const AT_RISK: Decimal = Decimal::from_parts(85, 0, 0, false, 2);
/// Before so much should be done there is no status (domain 19, `pace_min_f`).
const STATUS_FROM: Decimal = Decimal::from_parts(10, 0, 0, false, 2);
/// How many comparable periods the season is read from, and how many at least.
const PERIODS: std::ops::RangeInclusive<usize> = 3..=8;

/// Working days of a period: so many passed, of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    elapsed: Decimal,
    all: Decimal,
}

impl WorkingDays {
    /// Days elapsed of all, none of them negative and no more than all.
    #[must_use]
    pub fn new(elapsed: Decimal, all: Decimal) -> Option<WorkingDays> {
        (Decimal::ZERO <= elapsed && elapsed <= all).then_some(WorkingDays { elapsed, all })
    }

    /// The days that remain.
    #[must_use]
    pub fn remaining(&self) -> Decimal {
        self.all - self.elapsed
    }

    /// The share that should be done, were every day alike: `wd(elapsed)/wd(period)`.
    ///
    /// # Errors
    /// `ZeroDenominator` in a period without working days.
    pub fn linear_share(&self) -> Result<Decimal, Undefined> {
        divide(self.elapsed, self.all)
    }
}

/// The share that should be done by the season of earlier periods. `weeks` are those of the period;
/// `history` has what was done in each week of comparable periods, the latest last, of which the last
/// eight with as many weeks and a total above zero count. A week's share is their mean, split evenly over
/// its working days; weeks without any carry none.
///
/// # Errors
/// `TooFew` under three comparable periods; `InvalidBase` where working days carry no weight;
/// `NotFinite`.
pub fn seasonal_share(weeks: &[WorkingDays], history: &[Vec<Decimal>]) -> Result<Decimal, Undefined> {
    let weights = week_weights(weeks.len(), history)?;
    let (mut due, mut all) = (Decimal::ZERO, Decimal::ZERO);
    for (week, weight) in weeks.iter().zip(weights).filter(|(week, _)| !week.all.is_zero()) {
        due = add(due, multiply(weight, divide(week.elapsed, week.all)?)?)?;
        all = add(all, weight)?;
    }
    if all <= Decimal::ZERO {
        return Err(Undefined::InvalidBase);
    }
    divide(due, all)
}

fn week_weights(weeks: usize, history: &[Vec<Decimal>]) -> Result<Vec<Decimal>, Undefined> {
    let mut shares: Vec<Vec<Decimal>> = Vec::new();
    for period in history.iter().rev().filter(|period| period.len() == weeks) {
        let total = sum(period.iter().copied())?;
        if total > Decimal::ZERO && shares.len() < *PERIODS.end() {
            let share = period.iter().map(|week| divide(*week, total));
            shares.push(share.collect::<Result<Vec<Decimal>, Undefined>>()?);
        }
    }
    if shares.len() < *PERIODS.start() {
        return Err(Undefined::TooFew);
    }
    let mean =
        |week: usize| divide(sum(shares.iter().map(|period| period[week]))?, Decimal::from(shares.len()));
    (0..weeks).map(mean).collect()
}

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// As much as should be done, or more.
    OnPace,
    /// 85 % of it or more.
    AtRisk,
    /// Less.
    Behind,
}

/// A target on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The share that should be done, f.
    pub share_due: Decimal,
    /// What should be done, `T·f`.
    pub expected: Decimal,
    /// Done over what should be; undefined while nothing should be.
    pub index: Result<Decimal, Undefined>,
    /// Done less what should be.
    pub gap: Decimal,
    /// What each remaining working day has to bring; none where nothing remains.
    pub required_rate: Option<Decimal>,
    /// The status; none before a tenth should be done.
    pub status: Option<Status>,
}

impl Pace {
    /// The pace of what is done toward a target.
    ///
    /// # Errors
    /// `NotFinite` where a number is too large to be held.
    pub fn of(
        done: Decimal,
        target: Decimal,
        share_due: Decimal,
        remaining_days: Decimal,
    ) -> Result<Pace, Undefined> {
        let expected = multiply(target, share_due)?;
        let index =
            if expected > Decimal::ZERO { divide(done, expected) } else { Err(Undefined::ZeroDenominator) };
        let missing = subtract(target, done)?.max(Decimal::ZERO);
        let required_rate =
            if remaining_days > Decimal::ZERO { Some(divide(missing, remaining_days)?) } else { None };
        let status = index.ok().filter(|_| share_due >= STATUS_FROM).map(status);
        Ok(Pace { share_due, expected, index, gap: subtract(done, expected)?, required_rate, status })
    }
}

fn status(index: Decimal) -> Status {
    if index >= ON_PACE {
        Status::OnPace
    } else if index >= AT_RISK {
        Status::AtRisk
    } else {
        Status::Behind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(elapsed: i64, all: i64) -> WorkingDays {
        WorkingDays::new(Decimal::from(elapsed), Decimal::from(all)).expect("days")
    }

    fn close(got: Decimal, expected: &str) {
        let expected: Decimal = expected.parse().expect("a decimal");
        let tolerance = Decimal::new(1, 12) * expected.abs().max(Decimal::ONE);
        assert!((got - expected).abs() <= tolerance, "{got} instead of {expected}");
    }

    /// domain_examples X6.8.
    #[test]
    fn a_linear_pace_agrees_with_the_worked_example() {
        let days = days(26, 64);
        let share = days.linear_share().expect("a share");
        close(share, "0.40625");
        let pace = Pace::of(Decimal::from(180_000), Decimal::from(500_000), share, days.remaining())
            .expect("defined");
        close(pace.expected, "203125");
        close(pace.index.expect("an index"), "0.8861538461538");
        close(pace.gap, "-23125");
        close(pace.required_rate.expect("days remain"), "8421.052631579");
        assert_eq!(pace.status, Some(Status::AtRisk));
    }

    fn history() -> Vec<Vec<Decimal>> {
        [[10, 10, 10, 20, 50], [8, 12, 10, 15, 55], [12, 8, 15, 25, 40]]
            .map(|weeks| weeks.map(Decimal::from).to_vec())
            .to_vec()
    }

    fn weeks() -> [WorkingDays; 5] {
        [days(5, 5), days(5, 5), days(2, 4), days(0, 5), days(0, 5)]
    }

    /// domain_examples X6.9.
    #[test]
    fn a_seasonal_pace_agrees_with_the_worked_example() {
        let weights = week_weights(5, &history()).expect("weights");
        for (got, expected) in weights.iter().zip(["0.1", "0.1", "0.1166666666667", "0.2", "0.4833333333333"])
        {
            close(*got, expected);
        }
        let share = seasonal_share(&weeks(), &history()).expect("a share");
        close(share, "0.2583333333333");
        let pace =
            Pace::of(Decimal::from(30), Decimal::from(100), share, Decimal::from(12)).expect("defined");
        close(pace.expected, "25.83333333333");
        close(pace.index.expect("an index"), "1.161290322581");
        assert_eq!(pace.status, Some(Status::OnPace));
        close(days(12, 24).linear_share().expect("a share"), "0.5");
    }

    #[test]
    fn a_season_needs_three_periods_and_reads_eight() {
        assert_eq!(seasonal_share(&weeks(), &history()[..2]), Err(Undefined::TooFew));
        let mut long = vec![vec![Decimal::ONE; 5]; 20];
        long.extend(vec![[0, 0, 0, 0, 1].map(Decimal::from).to_vec(); 8]);
        assert_eq!(seasonal_share(&weeks(), &long), Ok(Decimal::ZERO), "only the last eight count");
        let nothing = vec![vec![Decimal::ZERO; 5]; 8];
        assert_eq!(seasonal_share(&weeks(), &nothing), Err(Undefined::TooFew));
        assert_eq!(seasonal_share(&[days(0, 0); 5], &history()), Err(Undefined::InvalidBase));
    }

    #[test]
    fn before_the_start_and_after_the_end_there_is_less_to_say() {
        let target = Decimal::from(100);
        let start = Pace::of(Decimal::ZERO, target, Decimal::ZERO, Decimal::from(60)).expect("defined");
        assert_eq!((start.index, start.status), (Err(Undefined::ZeroDenominator), None));
        let early = Pace::of(Decimal::ONE, target, Decimal::new(9, 2), Decimal::from(55)).expect("defined");
        assert!(early.index.is_ok() && early.status.is_none());
        let end = Pace::of(Decimal::from(90), target, Decimal::ONE, Decimal::ZERO).expect("defined");
        assert_eq!((end.required_rate, end.status), (None, Some(Status::AtRisk)));
        let met = Pace::of(Decimal::from(130), target, Decimal::new(5, 1), Decimal::TEN).expect("defined");
        assert_eq!(met.required_rate, Some(Decimal::ZERO));
        assert_eq!(days(0, 0).linear_share(), Err(Undefined::ZeroDenominator));
        assert_eq!(WorkingDays::new(Decimal::TWO, Decimal::ONE), None);
    }

    #[test]
    fn statuses_begin_at_their_thresholds() {
        let of =
            |done| Pace::of(done, Decimal::from(100), Decimal::ONE, Decimal::ZERO).expect("defined").status;
        assert_eq!(of(Decimal::from(100)), Some(Status::OnPace));
        assert_eq!(of(Decimal::from(85)), Some(Status::AtRisk));
        assert_eq!(of(Decimal::new(8499, 2)), Some(Status::Behind));
    }
}
