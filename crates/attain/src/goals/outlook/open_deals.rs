//! What open deals say of where a period will end (domain 6.7): each is won by then with a probability of its own, how
//! often deals that had been in its stage were won, times how many of these, of those that had taken longer than it
//! has so far, came to their end in as many days as are left. Pure; [`super::standing`] asks.

use std::collections::BTreeMap;

use attain_metrics::{DealsEnded, OpenDeal};
use attain_stats::forecast::{Forecast, Simulation, pipeline_count, pipeline_value};
use attain_stats::{Probability, Undefined};
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;

/// Decided deals from which a chance is told; fewer of a stage are told by all deals (domain 4.4).
const DECIDED_MIN: u64 = 20;
/// More open deals are not drawn ten thousand times while somebody waits.
const OPEN_MAX: usize = 5_000;

/// What is foretold of deals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// How many are won.
    Number,
    /// What those that are won are worth; deals without an amount are worth nothing that is known.
    Value,
}

/// The deals of one subject that stood open in a period, and in the ones before when these were as far.
#[derive(Clone, Debug)]
pub(in crate::goals) struct Standing {
    told: Told,
    now: Result<Vec<Likely>, Undefined>,
    /// By the position of the period among the ones before.
    before: BTreeMap<usize, Vec<Likely>>,
}

/// An open deal: how likely it is won in time, and what it is worth.
type Likely = (Probability, f64);

/// The end of a day, and the last day of its period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant {
    /// The position of the period among the ones before; none of the one under way.
    pub(super) before: Option<usize>,
    pub(super) on: Date,
    pub(super) last: Date,
}

impl Standing {
    /// The open deals of a subject, each with the position of its instant; instants come in the order of days.
    pub(super) fn of(told: Told, deals: &[OpenDeal], ended: &[DealsEnded], instants: &[Instant]) -> Standing {
        let mut standing = Standing { told, now: Err(Undefined::TooFew), before: BTreeMap::new() };
        for (position, instant) in instants.iter().enumerate() {
            let past = Past::known(ended, position);
            let open = deals.iter().filter(|deal| deal.position == position);
            let likely = open.map(|deal| Some((past.chance(deal, *instant)?, worth(told, deal))));
            let likely = likely.collect::<Option<Vec<Likely>>>().filter(|_| past.is_enough());
            match (instant.before, likely) {
                (None, likely) => standing.now = likely.ok_or(Undefined::TooFew),
                (Some(before), Some(likely)) => {
                    standing.before.insert(before, likely);
                }
                (Some(_), None) => {}
            }
        }
        standing
    }

    /// How many deals are open, where their chances are known.
    pub(super) fn open(&self) -> Option<usize> {
        self.now.as_ref().ok().map(Vec::len)
    }

    /// The end of the period by what is done and the deals that are open.
    pub(super) fn foretell(&self, done: f64) -> Result<Forecast, Undefined> {
        let open = self.now.as_ref().map_err(|why| *why)?;
        match self.told {
            Told::Number => {
                let done = (done >= 0.0 && done.fract() == 0.0).then_some(done as u64);
                let chances: Vec<Probability> = open.iter().map(|(chance, _)| *chance).collect();
                pipeline_count(done.ok_or(Undefined::InvalidBase)?, &chances)
            }
            Told::Value if open.len() > OPEN_MAX => Err(Undefined::NotFinite),
            Told::Value => pipeline_value(done, open, Simulation::default()),
        }
    }

    /// What would have been foretold of a period before, by what was done by then.
    pub(super) fn foretold(&self, before: usize, done: f64) -> Result<f64, Undefined> {
        let open = self.before.get(&before).ok_or(Undefined::TooFew)?;
        Ok(done + open.iter().map(|(chance, worth)| chance.value() * worth).sum::<f64>())
    }
}

fn worth(told: Told, deal: &OpenDeal) -> f64 {
    match told {
        Told::Number => 1.0,
        Told::Value => deal.value.and_then(|value| value.to_f64()).unwrap_or_default(),
    }
}

/// How decided deals had gone, by stage, as known at an instant.
struct Past<'a>(BTreeMap<Option<&'a str>, Vec<&'a DealsEnded>>);

impl<'a> Past<'a> {
    fn known(ended: &'a [DealsEnded], position: usize) -> Past<'a> {
        let mut past: BTreeMap<Option<&str>, Vec<&DealsEnded>> = BTreeMap::new();
        for deals in ended.iter().filter(|deals| deals.position <= position) {
            past.entry(deals.stage.as_deref()).or_default().push(deals);
        }
        Past(past)
    }

    fn is_enough(&self) -> bool {
        self.decided(None) >= DECIDED_MIN
    }

    fn decided(&self, stage: Option<&str>) -> u64 {
        self.count(stage, |_| true)
    }

    fn count(&self, stage: Option<&str>, counts: impl Fn(&DealsEnded) -> bool) -> u64 {
        let of_stage = self.0.get(&stage).into_iter().flatten();
        of_stage.filter(|deals| counts(deals)).map(|deals| deals.deals).sum()
    }

    /// The probability that an open deal is won in time; none where nothing is known of when it came where it is.
    fn chance(&self, deal: &OpenDeal, instant: Instant) -> Option<Probability> {
        let stood = deal.stage.as_ref().map(|(stage, since)| (Some(stage.as_str()), *since));
        let enough = stood.filter(|(stage, _)| self.decided(*stage) >= DECIDED_MIN);
        // A deal without a day of creation is as old as it has been in its stage, at least.
        let since_creation = deal.created_on.or(stood.map(|(_, since)| since));
        let (stage, since) = enough.or(since_creation.map(|since| (None, since)))?;
        let age = (instant.on - since).get_days();
        let left = (instant.last - instant.on).get_days();
        let decided = self.decided(stage);
        let won = self.count(stage, |deals| deals.won);
        let took_longer = self.count(stage, |deals| deals.won && deals.days > age);
        let in_time = self.count(stage, |deals| deals.won && deals.days > age && deals.days <= age + left);
        let share = |part: u64, of: u64| if of == 0 { 0.0 } else { part as f64 / of as f64 };
        Probability::new(share(won, decided) * share(in_time, took_longer))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use rust_decimal::Decimal;

    use super::*;

    fn ended(stage: Option<&str>, position: usize, won: bool, days: i32, deals: u64) -> DealsEnded {
        DealsEnded { stage: stage.map(str::to_owned), position, won, days, deals }
    }

    fn open(position: usize, stage: Option<(&str, Date)>, value: Option<i64>) -> OpenDeal {
        OpenDeal {
            member: None,
            position,
            created_on: Some(date(2026, 1, 1)),
            stage: stage.map(|(stage, since)| (stage.to_owned(), since)),
            value: value.map(Decimal::from),
        }
    }

    /// The end of January, and that of February of a quarter that ends with March.
    const INSTANTS: [Instant; 2] = [
        Instant { before: Some(3), on: date(2025, 11, 30), last: date(2025, 12, 31) },
        Instant { before: None, on: date(2026, 2, 28), last: date(2026, 3, 31) },
    ];

    /// Of forty that were proposed thirty were won: ten after five days, ten after 40, ten after 100. Of all deals a
    /// half were, after ten days.
    fn past() -> Vec<DealsEnded> {
        vec![
            ended(Some("Proposal"), 1, true, 5, 10),
            ended(Some("Proposal"), 1, true, 40, 10),
            ended(Some("Proposal"), 1, true, 100, 10),
            ended(Some("Proposal"), 1, false, 30, 10),
            ended(Some("Rare"), 0, true, 3, 19),
            ended(None, 0, true, 90, 20),
            ended(None, 0, false, 10, 20),
        ]
    }

    fn chances(deals: &[OpenDeal]) -> Vec<f64> {
        let standing = Standing::of(Told::Number, deals, &past(), &INSTANTS);
        standing.now.expect("known").into_iter().map(|(chance, _)| chance.value()).collect()
    }

    #[test]
    fn a_deal_is_as_likely_as_those_of_its_stage_that_took_as_long() {
        // 31 days are left. Twenty days old: of the twenty that took longer, ten ended within 51 days.
        let proposed = |day| open(1, Some(("Proposal", day)), None);
        assert_eq!(chances(&[proposed(date(2026, 2, 8))]), [0.75 * 0.5]);
        // New: of all thirty, ten did in 31 days. As old as none was: none.
        assert_eq!(chances(&[proposed(date(2026, 2, 28))]), [0.75 * (10.0 / 30.0)]);
        assert_eq!(chances(&[proposed(date(2025, 6, 1))]), [0.0]);
    }

    #[test]
    fn where_a_stage_tells_too_little_all_deals_do() {
        // Created 58 days before the end of February: all of the twenty took longer, and ended within 89 days? No: 90.
        assert_eq!(
            chances(&[open(1, Some(("Rare", date(2026, 2, 20))), None), open(1, None, None)]),
            [0.0; 2]
        );
        let older = OpenDeal { created_on: Some(date(2025, 12, 20)), ..open(1, None, None) };
        assert_eq!(chances(&[older]), [0.5]);
    }

    #[test]
    fn only_what_was_decided_by_then_is_known_of_a_period_before() {
        let then =
            |since| OpenDeal { created_on: Some(since), ..open(0, Some(("Proposal", since)), Some(1_000)) };
        let deals = [then(date(2025, 9, 15)), then(date(2025, 11, 29))];
        let standing = Standing::of(Told::Value, &deals, &past(), &INSTANTS);
        // The stage is not known by then. 76 days old: all took longer, and ended within 107. A day old: none.
        assert_eq!(standing.foretold(3, 200.0), Ok(200.0 + 0.5 * 1_000.0));
        assert_eq!(standing.foretold(2, 200.0), Err(Undefined::TooFew));
        assert_eq!(standing.open(), Some(0), "none is open now");
        assert_eq!(standing.foretell(200.0).map(|forecast| forecast.point), Ok(200.0));
    }

    #[test]
    fn a_count_and_a_value_are_foretold_from_the_same_deals() {
        let proposed = open(1, Some(("Proposal", date(2026, 2, 8))), Some(800));
        let deals = vec![proposed; 4];
        let of = |told| Standing::of(told, &deals, &past(), &INSTANTS).foretell(3.0).expect("a forecast");
        assert!((of(Told::Number).point - (3.0 + 4.0 * 0.375)).abs() < 1e-12);
        assert!((of(Told::Value).point - (3.0 + 4.0 * 0.375 * 800.0)).abs() < 1e-9);
    }

    #[test]
    fn too_few_decided_deals_foretell_nothing() {
        let few = [ended(None, 0, true, 10, 19)];
        let standing = Standing::of(Told::Number, &[], &few, &INSTANTS);
        assert_eq!((standing.open(), standing.foretell(1.0).err()), (None, Some(Undefined::TooFew)));
    }
}
