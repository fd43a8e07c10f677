//! Where a period will end (domain 6.7), and which method says so: the one that was least off in the last six
//! periods at the same share of their working days. Pure.

use attain_stats::Undefined;
use attain_stats::count::Count;
use attain_stats::forecast::{
    Forecast, Method, Pair, RatePrior, best_method, counts, linear, linear_point, seasonal, seasonal_point,
    wape, whole_count, whole_period,
};
use rust_decimal::Decimal;

use super::open_deals::Standing;
use super::record::{Before, Past, Peers, Record, Whole, events, float};

/// Periods by which a method is judged, and how many at least.
pub(super) const JUDGED: usize = 6;
const JUDGED_MIN: usize = 3;
/// Periods that make a season (domain 6.5).
const SEASON: usize = 8;

/// What was found of where a period will end.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Foretold {
    /// Each method that applies, the simpler ones first.
    pub(in crate::goals) tried: Vec<Tried>,
    /// The one that is shown, by its position.
    chosen: usize,
    /// How many deals are open, where they tell of it.
    pub(in crate::goals) open_deals: Option<usize>,
}

/// One method.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Tried {
    pub(in crate::goals) method: Method,
    /// What it says now, or why it does not.
    pub(in crate::goals) forecast: Result<Forecast, Undefined>,
    /// In how many of the last periods it would have said anything by now.
    pub(in crate::goals) would_have_said: usize,
    /// Its error in those of them in which all that are compared would have, and how many these are; none where it is
    /// not compared.
    pub(in crate::goals) error: Option<(f64, usize)>,
}

/// A forecast with how it came about.
#[derive(Clone, Copy, Debug)]
pub(in crate::goals) struct Chosen<'f> {
    pub(in crate::goals) method: Method,
    pub(in crate::goals) forecast: &'f Forecast,
    /// The method's error in earlier periods, and over how many.
    pub(in crate::goals) error: Option<(f64, usize)>,
}

/// Why there is no forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::goals) enum NotForetold {
    /// It is what it is at every moment, and does not add up to an end.
    Rate,
    /// The period has not begun.
    NotBegun,
    /// It is over: what is attained is its end.
    Over,
    /// On so few of its working days.
    TooEarly(usize),
    /// Nothing happened yet, from which nothing follows.
    NothingYet,
    /// All days and all periods before were alike: how far the end may lie from them is not known.
    Alike,
    /// Its days are not told.
    NotTold,
    /// No method has a finite answer.
    NoMethod,
}

impl Foretold {
    /// The forecast that is shown.
    pub(in crate::goals) fn chosen(&self) -> Option<Chosen<'_>> {
        let tried = self.tried.get(self.chosen)?;
        let forecast = tried.forecast.as_ref().ok()?;
        Some(Chosen { method: tried.method, forecast, error: tried.error })
    }
}

/// Foretells the end of a period under way; counts by peers' rates, and by open deals, where these are given.
pub(super) fn foretell(
    record: &Record,
    peers: Option<&Peers>,
    standing: Option<&Standing>,
) -> Result<Foretold, NotForetold> {
    let elapsed = record.so_far.len();
    if elapsed == 0 {
        return Err(NotForetold::NotBegun);
    }
    if record.ahead.is_empty() {
        return Err(NotForetold::Over);
    }
    let mut methods = vec![
        (Method::Linear, now_linear(record), past(record, before_linear)),
        (Method::Seasonal, now_seasonal(record), past(record, before_seasonal)),
    ];
    if let Some(peers) = peers {
        let before = |record: &Record, at: usize| before_counts(record, at, peers);
        methods.push((Method::GammaPoisson, now_counts(record, peers), past(record, before)));
    }
    if let Some(standing) = standing {
        let now = float(record.done()).and_then(|done| standing.foretell(done));
        let before = |record: &Record, at: usize| {
            let before = &record.before[at];
            standing.foretold(before.position, float(before.by_then)?)
        };
        methods.push((Method::Pipeline, now, past(record, before)));
    }
    let compared = compared(&methods);
    let error = |method: Method| {
        let (_, pairs) = compared.iter().find(|(known, _)| *known == method)?;
        Some((wape(pairs).ok()?, pairs.len()))
    };
    let tried = methods.into_iter().map(|(method, forecast, past)| Tried {
        method,
        forecast,
        would_have_said: past.iter().flatten().count(),
        error: error(method),
    });
    let tried: Vec<Tried> = tried.collect();
    let best =
        best_method(&compared).and_then(|(best, _)| tried.iter().position(|tried| tried.method == best));
    match best.or_else(|| tried.iter().position(|tried| tried.forecast.is_ok())) {
        Some(chosen) => Ok(Foretold { tried, chosen, open_deals: standing.and_then(Standing::open) }),
        None => Err(why_not(&tried, record, elapsed)),
    }
}

/// What each of the last periods brought and a method would have said of it, where it would have said anything.
type Said = Vec<Option<Pair>>;

/// The methods that have an answer and can be judged, with the same periods of each: those of which all of them would
/// have said something. None where these are too few.
fn compared(methods: &[(Method, Result<Forecast, Undefined>, Said)]) -> Vec<(Method, Vec<Pair>)> {
    let judged = methods
        .iter()
        .filter(|(_, forecast, past)| forecast.is_ok() && past.iter().flatten().count() >= JUDGED_MIN);
    let judged: Vec<(Method, &Said)> = judged.map(|(method, _, past)| (*method, past)).collect();
    let periods = judged.iter().map(|(_, past)| past.len()).min().unwrap_or_default();
    let shared: Vec<usize> =
        (0..periods).filter(|at| judged.iter().all(|(_, past)| past[*at].is_some())).collect();
    if shared.len() < JUDGED_MIN {
        return Vec::new();
    }
    let of_shared = |past: &Said| shared.iter().filter_map(|at| past[*at]).collect();
    judged.into_iter().map(|(method, past)| (method, of_shared(past))).collect()
}

fn why_not(tried: &[Tried], record: &Record, elapsed: usize) -> NotForetold {
    let too_early = tried.iter().any(|tried| {
        tried.method == Method::Linear && tried.forecast.as_ref().err() == Some(&Undefined::TooFew)
    });
    match too_early {
        true => NotForetold::TooEarly(elapsed),
        false if record.done().is_zero() => NotForetold::NothingYet,
        false if tried.iter().any(|tried| tried.forecast.as_ref().err() == Some(&Undefined::Alike)) => {
            NotForetold::Alike
        }
        false => NotForetold::NoMethod,
    }
}

fn now_linear(record: &Record) -> Result<Forecast, Undefined> {
    let days =
        record.so_far.iter().map(|(_, value)| float(*value)).collect::<Result<Vec<f64>, Undefined>>()?;
    linear(&days, record.ahead.len() as f64, record.increments)
}

fn now_seasonal(record: &Record) -> Result<Forecast, Undefined> {
    seasonal(float(record.done())?, &shares(&record.before), record.increments)
}

fn now_counts(record: &Record, peers: &Peers) -> Result<Forecast, Undefined> {
    let prior = peers.latest().ok_or(Undefined::TooFew)?;
    let so_far =
        Count::new(events(record.done())?, record.so_far.len() as f64).ok_or(Undefined::Contradictory)?;
    counts(prior, so_far, record.ahead.len() as f64)
}

/// The shares of their ends that the last eight periods had reached.
fn shares(before: &[Before]) -> Vec<f64> {
    let last = &before[before.len().saturating_sub(SEASON)..];
    last.iter().filter_map(Before::share).collect()
}

/// What a method would have said of the last six periods.
fn past(record: &Record, foretold: impl Fn(&Record, usize) -> Result<f64, Undefined>) -> Said {
    let all = record.before.len();
    let pair = |at: usize| Some((float(record.before[at].total).ok()?, foretold(record, at).ok()?));
    (all.saturating_sub(JUDGED)..all).map(pair).collect()
}

fn before_linear(record: &Record, at: usize) -> Result<f64, Undefined> {
    let before = &record.before[at];
    let (gone, all) = before.worked;
    linear_point(float(before.by_then)?, gone, (all - gone) as f64)
}

fn before_seasonal(record: &Record, at: usize) -> Result<f64, Undefined> {
    let done = float(record.before[at].by_then)?;
    seasonal_point(done, &shares(&record.before[..at]))
}

fn before_counts(record: &Record, at: usize, peers: &Peers) -> Result<f64, Undefined> {
    let before = &record.before[at];
    let (gone, all) = before.worked;
    let prior = peers.prior(before.position).ok_or(Undefined::TooFew)?;
    let so_far = Count::new(events(before.by_then)?, gone as f64).ok_or(Undefined::Contradictory)?;
    counts(prior, so_far, (all - gone) as f64).map(|forecast| forecast.point)
}

/// Foretells a whole period before it begins (domain 9.1) from what the last eight brought: a count by peers' rates
/// and one's own, where peers say what a rate is like; otherwise linear, with periods for units.
pub(in crate::goals) fn before_it_begins(
    past: &Past,
    peers: Option<RatePrior>,
    whole: Whole,
) -> Result<Forecast, Undefined> {
    let last = &past.totals[past.totals.len().saturating_sub(SEASON)..];
    if let Some(prior) = peers {
        let total = last.iter().fold(Decimal::ZERO, |sum, total| sum.saturating_add(total.amount));
        let worked: usize = last.iter().map(|total| total.worked).sum();
        let own = Count::new(events(total)?, worked as f64).ok_or(Undefined::Contradictory)?;
        return whole_count(prior, own, float(whole.days)?);
    }
    let totals = last.iter().map(|total| float(total.amount)).collect::<Result<Vec<f64>, Undefined>>()?;
    whole_period(&totals, float(whole.share)?, past.increments)
}

#[cfg(test)]
mod tests {
    use attain_metrics::{DealsEnded, OpenDeal};
    use attain_stats::forecast::Increments;
    use jiff::civil::{Date, date};

    use super::super::open_deals::{Instant, Told};
    use super::super::record::Total;
    use super::*;

    /// Ten of twenty working days have gone by; each period before had so much by then, and so much in the end.
    fn record(days: &[i64], before: &[(i64, i64)]) -> Record {
        let day = |(at, value): (usize, &i64)| (date(2026, 1, 1 + at as i8), Decimal::from(*value));
        let before = before.iter().enumerate().map(|(position, (by_then, total))| Before {
            label: format!("period {position}"),
            position,
            weeks: vec![Decimal::from(*by_then), Decimal::from(total - by_then)],
            by_then: Decimal::from(*by_then),
            total: Decimal::from(*total),
            worked: (10, 20),
        });
        Record {
            so_far: days.iter().enumerate().map(day).collect(),
            ahead: (days.len()..20).map(|at| date(2026, 1, 1 + at as i8)).collect(),
            before: before.collect(),
            increments: Increments::NeverNegative,
        }
    }

    /// Ten days that bring 100, no two after each other alike.
    const DAYS: [i64; 10] = [9, 11, 8, 12, 10, 9, 11, 8, 12, 10];

    /// Two in three come in the second half: linear is a third off, the season hardly. By the season 100 of ten days
    /// are about 300 in the end.
    #[test]
    fn the_method_that_was_least_off_is_chosen() {
        let season = [(30, 91), (20, 60), (40, 120), (50, 150), (10, 30), (30, 90), (20, 60)];
        let foretold = foretell(&record(&DAYS, &season), None, None).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!((chosen.method, chosen.error.map(|(_, judged)| judged)), (Method::Seasonal, Some(4)));
        assert!(chosen.error.is_some_and(|(error, _)| error < 0.01));
        let point = 300.0 * (91.0f64 / 90.0).powf(1.0 / 7.0);
        assert!((chosen.forecast.point - point).abs() < 1e-9);
        // Both are judged by the last four periods, before which there were three that make a season: of 150 + 30 +
        // 90 + 60 = 330 linear foretold twice what was there by then.
        let (error, judged) = foretold.tried[0].error.expect("judged");
        assert!((error - (330.0 - 220.0) / 330.0).abs() < 1e-12 && judged == 4, "{error}");
        assert_eq!((foretold.tried[0].would_have_said, foretold.tried[1].would_have_said), (6, 4));
    }

    /// Far off in the first two of six periods, of which no season would have said anything, linear is not worse for
    /// them.
    #[test]
    fn methods_are_compared_by_the_periods_they_share() {
        let even = [(50, 100), (1, 100), (99, 100), (50, 100), (50, 100), (50, 100), (50, 100)];
        let foretold = foretell(&record(&DAYS, &even), None, None).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!((chosen.method, chosen.error), (Method::Linear, Some((0.0, 4))));
    }

    /// Half of a period's end stood open at its middle, each deal as good as won; by days alike and the season it is less.
    #[test]
    fn open_deals_are_chosen_where_they_were_least_off() {
        let uneven = [(30, 100), (50, 90), (20, 120), (60, 100), (10, 80), (45, 150), (25, 70)];
        let own = record(&DAYS, &uneven);
        let instants: Vec<Instant> = (1..7)
            .map(|at| Instant {
                before: Some(at),
                on: date(2025, at as i8, 15),
                last: date(2025, at as i8, 28),
            })
            .chain([Instant { before: None, on: date(2026, 1, 15), last: date(2026, 1, 31) }])
            .collect();
        let deal = |position: usize, created_on: Date, value: i64| OpenDeal {
            member: None,
            position,
            created_on: Some(created_on),
            stage: None,
            value: Some(Decimal::from(value)),
        };
        let mut deals: Vec<OpenDeal> = uneven[1..]
            .iter()
            .enumerate()
            .map(|(at, (by_then, total))| deal(at, instants[at].on, total - by_then))
            .collect();
        deals.push(deal(6, date(2026, 1, 15), 40));
        let always = DealsEnded { stage: None, position: 0, won: true, days: 5, deals: 20 };
        let standing = Standing::of(Told::Value, &deals, &[always], &instants);
        let foretold = foretell(&own, None, Some(&standing)).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!((chosen.method, chosen.error.map(|(error, _)| error)), (Method::Pipeline, Some(0.0)));
        assert_eq!((chosen.forecast.point, foretold.open_deals), (140.0, Some(1)));
        let unknown = Standing::of(Told::Value, &[], &[], &instants);
        let without = foretell(&own, None, Some(&unknown)).expect("a forecast");
        assert!(
            without.tried.iter().any(|tried| tried.method == Method::Pipeline && tried.forecast.is_err())
        );
        assert_ne!(without.chosen().map(|chosen| chosen.method), Some(Method::Pipeline));
    }

    #[test]
    fn days_and_periods_that_were_all_alike_foretell_nothing() {
        let alike = foretell(&record(&[10; 10], &[(50, 100); 7]), None, None);
        assert_eq!(alike.err(), Some(NotForetold::Alike));
        let season = foretell(&record(&[10; 10], &[(50, 100), (40, 100), (60, 100)]), None, None);
        let season = season.expect("a forecast");
        assert_eq!(season.chosen().map(|chosen| chosen.method), Some(Method::Seasonal), "it falls back");
    }

    #[test]
    fn of_equally_good_ones_the_simpler_is_chosen() {
        let even = [(49, 98), (50, 100), (51, 102), (50, 100), (50, 100), (50, 100), (50, 101)];
        let foretold =
            foretell(&record(&[3, 5, 4, 4, 6, 3, 5, 4, 4, 2], &even), None, None).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!((chosen.method, chosen.forecast.point), (Method::Linear, 80.0));
    }

    #[test]
    fn without_a_past_the_simplest_one_that_can_is_taken_and_says_so() {
        let foretold =
            foretell(&record(&[3, 5, 4, 4, 6], &[(9, 10), (1, 10)]), None, None).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!((chosen.method, chosen.error), (Method::Linear, None));
        assert_eq!(chosen.forecast.point, 22.0 + 15.0 * 4.4);
    }

    #[test]
    fn why_there_is_no_forecast_is_said() {
        let why = |days: &[i64], before: &[(i64, i64)]| foretell(&record(days, before), None, None).err();
        assert_eq!(why(&[], &[]), Some(NotForetold::NotBegun));
        assert_eq!(why(&[1; 20], &[]), Some(NotForetold::Over));
        assert_eq!(why(&[1; 4], &[]), Some(NotForetold::TooEarly(4)));
        assert_eq!(why(&[0; 10], &[(50, 100); 7]), Some(NotForetold::NothingYet));
        assert_eq!(why(&[0; 10], &[]), Some(NotForetold::NothingYet));
    }

    #[test]
    fn counts_are_foretold_by_peers_where_there_are_any() {
        let counted = |events: u64| Some(Count::new(events, 20.0).expect("a count"));
        let people = [12, 30, 5, 22, 41, 9].map(|events| vec![counted(events); 4]).to_vec();
        let peers = Peers { people };
        let own = record(&[0, 0, 0], &[(5, 9), (4, 10), (6, 12), (5, 11)]);
        let foretold = foretell(&own, Some(&peers), None).expect("a forecast");
        let chosen = foretold.chosen().expect("a method");
        assert_eq!(chosen.method, Method::GammaPoisson, "the only one that says anything on the third day");
        assert!(chosen.forecast.point > 0.0 && chosen.forecast.eighty.low >= 0.0);
        let new = foretell(&record(&[0, 0, 0], &[]), Some(&peers), None).expect("a forecast");
        let method = new.chosen().map(|chosen| chosen.method);
        assert_eq!(method, Some(Method::GammaPoisson), "peers have a past where somebody new has none");
        assert!(peers.prior(0).is_none(), "no periods, no rates");
        let few = Peers { people: peers.people[..4].to_vec() };
        assert!(few.prior(4).is_none(), "four people make no prior");
    }

    /// Six periods of 100, 120, 80, 110, 90 and 100: mean 100, s² = 200, so that as often more as less comes.
    #[test]
    fn before_it_begins_a_period_is_like_the_ones_before() {
        let of = |totals: &[i64], share: Decimal| {
            let total = |amount: &i64| Total { amount: Decimal::from(*amount), worked: 60 };
            let past =
                Past { totals: totals.iter().map(total).collect(), increments: Increments::NeverNegative };
            before_it_begins(&past, None, Whole { share, days: Decimal::from(60) })
        };
        let six = [100, 120, 80, 110, 90, 100];
        let whole = of(&six, Decimal::ONE).expect("a forecast");
        assert!((whole.point - 100.0).abs() < 1e-9);
        assert!(whole.probability_of(100.0).is_some_and(|chance| (chance.value() - 0.5).abs() < 1e-12));
        let half = of(&six, Decimal::new(5, 1)).expect("a forecast");
        assert!((half.point - 50.0).abs() < 1e-9, "half of it applies");
        assert_eq!(of(&six[..4], Decimal::ONE).map(|forecast| forecast.point), Err(Undefined::TooFew));
    }
}
