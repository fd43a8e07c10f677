//! Editions: the catalogue as it is in force from a date on.
//!
//! A company changes definitions by writing some of its own; each [`Change`] is in force from a date
//! on. A period is measured by the edition in force on its last day (or today, while it is under
//! way), so a change leaves the periods that were over untouched unless its date says otherwise. Of
//! two changes of one definition the later written one holds from its date on. What a change defines
//! for the first time has no earlier meaning to keep, so it is there in every edition.
//!
//! [`Versions`] count meanings: two definitions that compute the same are one version, however they
//! are worded; a metric made of another gets a new version when that one changes.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use super::resolve::{self, Extent, Layer};
use super::{Catalogue, DefinitionError, Metric, SHIPPED};
use crate::calendar::Period;
use crate::credited;
use crate::receipt::{Hash, meaning};

/// Definitions a company wrote at one time, in the format of the shipped files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What its refusals call it.
    pub name: String,
    /// The file.
    pub text: String,
    /// The first day it is in force.
    pub in_force_from: Date,
}

/// Which version of a metric each meaning is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions(BTreeMap<String, BTreeMap<Hash, u32>>);

/// A version that was counted for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Identifier of the metric.
    pub metric: String,
    /// What tells its meaning from others.
    pub meaning: Hash,
    /// Its number.
    pub version: u32,
}

impl Versions {
    /// Adds a version that was counted before.
    pub fn add(&mut self, known: NewVersion) {
        self.0.entry(known.metric).or_default().insert(known.meaning, known.version);
    }

    /// The version of a metric as it is defined here.
    pub(crate) fn of(&self, metric: &Metric) -> Option<u32> {
        self.0.get(&metric.id)?.get(&meaning(metric)).copied()
    }

    /// Counts the meanings that are new in these editions.
    #[must_use]
    pub fn counted(&self, editions: &Editions) -> Vec<NewVersion> {
        let mut all = self.clone();
        for metric in editions.shipped.metrics() {
            all.add(NewVersion {
                metric: metric.id.clone(),
                meaning: meaning(metric),
                version: metric.version,
            });
        }
        let mut new = Vec::new();
        for metric in editions.each().flat_map(|edition| edition.metrics()) {
            if all.of(metric).is_some() {
                continue;
            }
            let last = all.0.get(&metric.id).and_then(|known| known.values().max().copied());
            let counted = NewVersion {
                metric: metric.id.clone(),
                meaning: meaning(metric),
                version: last.unwrap_or_default() + 1,
            };
            all.add(counted.clone());
            new.push(counted);
        }
        new
    }
}

/// The catalogue by the date from which it is in force.
#[derive(Clone, Debug)]
pub struct Editions {
    /// As it ships; versions count on from there.
    shipped: Arc<Catalogue>,
    /// Before any change.
    first: Arc<Catalogue>,
    later: Vec<(Date, Arc<Catalogue>)>,
}

impl Editions {
    /// What ships with Attain, changed by what a company wrote, in the order of writing.
    ///
    /// # Errors
    /// Names the place in the change that cannot be right, in whichever edition.
    pub fn new(changes: &[Change], versions: &Versions) -> Result<Editions, DefinitionError> {
        let shipped = shipped()?;
        if changes.is_empty() {
            return Ok(Editions { first: Arc::clone(&shipped), shipped, later: Vec::new() });
        }
        let mut days: Vec<Date> = changes.iter().map(|change| change.in_force_from).collect();
        days.sort_unstable();
        days.dedup();
        let first = Arc::new(edition(changes, None, versions)?);
        let later = days
            .into_iter()
            .map(|day| Ok((day, Arc::new(edition(changes, Some(day), versions)?))))
            .collect::<Result<_, DefinitionError>>()?;
        Ok(Editions { shipped, first, later })
    }

    /// One catalogue, in force always.
    #[must_use]
    pub fn only(catalogue: Arc<Catalogue>) -> Editions {
        Editions { shipped: Arc::clone(&catalogue), first: catalogue, later: Vec::new() }
    }

    /// The edition in force on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> &Arc<Catalogue> {
        let begun = self.later.iter().rev().find(|(from, _)| *from <= day);
        begun.map_or(&self.first, |(_, catalogue)| catalogue)
    }

    /// The edition a period is measured by, asked on a day.
    #[must_use]
    pub fn of_period(&self, period: &Period, asked_on: Date) -> &Arc<Catalogue> {
        self.on(period.last_day().map_or(asked_on, |last| last.min(asked_on)))
    }

    /// Every edition, oldest first.
    pub fn each(&self) -> impl Iterator<Item = &Arc<Catalogue>> {
        std::iter::once(&self.first).chain(self.later.iter().map(|(_, catalogue)| catalogue))
    }

    /// The days on which an edition begins, oldest first.
    pub fn begins(&self) -> impl Iterator<Item = Date> {
        self.later.iter().map(|(from, _)| *from)
    }
}

/// The catalogue as it ships, read once.
fn shipped() -> Result<Arc<Catalogue>, DefinitionError> {
    static SHIPPED: OnceLock<Arc<Catalogue>> = OnceLock::new();
    if let Some(read) = SHIPPED.get() {
        return Ok(Arc::clone(read));
    }
    let read = Arc::new(Catalogue::shipped()?);
    Ok(Arc::clone(SHIPPED.get_or_init(|| read)))
}

/// The edition in force on a day, or before any change.
fn edition(changes: &[Change], day: Option<Date>, versions: &Versions) -> Result<Catalogue, DefinitionError> {
    let begun = |change: &&Change| day.is_some_and(|day| change.in_force_from <= day);
    let layer = |change, extent| own_layer(change, extent);
    let shipped = SHIPPED.iter().map(|(file, text)| Layer { file, text, extent: Extent::Shipped });
    let in_force = changes.iter().filter(begun).map(|change| layer(change, Extent::Everything));
    let not_yet = changes.iter().filter(|change| !begun(change));
    let layers: Vec<Layer<'_>> =
        shipped.chain(in_force).chain(not_yet.map(|change| layer(change, Extent::OnlyWhatIsNew))).collect();
    resolve::catalogue(&layers, &credited::schema_of, versions)
}

fn own_layer(change: &Change, extent: Extent) -> Layer<'_> {
    Layer { file: &change.name, text: &change.text, extent }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn change(text: &str, in_force_from: Date) -> Change {
        Change { name: "own.yaml".into(), text: text.into(), in_force_from }
    }

    /// Deals won, with another filter.
    fn won(filter: &str, from: Date) -> Change {
        let text = format!(
            "metrics:\n  - name: deals_won\n    type: simple\n    type_params: {{ measure: closed }}\n    filter: \"{filter}\"\n    meta: {{ unit: count, direction: up, undefined: never, counter_metric: 'none: a test' }}\n"
        );
        change(&text, from)
    }

    fn editions(changes: &[Change]) -> (Editions, Versions) {
        let mut versions = Versions::default();
        for upto in 1..=changes.len() {
            let sofar = Editions::new(&changes[..upto], &versions).expect("right");
            for new in versions.counted(&sofar) {
                versions.add(new);
            }
        }
        (Editions::new(changes, &versions).expect("right"), versions)
    }

    fn version(editions: &Editions, metric: &str, day: Date) -> u32 {
        editions.on(day).metric(metric).expect("defined").version
    }

    #[test]
    fn a_change_holds_from_its_date_on_and_for_all_that_is_made_of_it() {
        let from = date(2026, 7, 1);
        let (editions, _) = editions(&[won("outcome = 'won' AND value > 0", from)]);
        for metric in ["deals_won", "win_rate_count"] {
            assert_eq!(version(&editions, metric, date(2026, 6, 30)), 1, "{metric}");
            assert_eq!(version(&editions, metric, from), 2, "{metric}");
        }
        assert_eq!(version(&editions, "deals_lost", from), 1, "not made of it");
    }

    #[test]
    fn a_period_is_measured_by_the_edition_of_its_last_day_that_has_come() {
        let (editions, _) = editions(&[won("outcome = 'won' AND value > 0", date(2026, 7, 1))]);
        let calendar = crate::calendar::Calendar::starting_in(1).expect("a month");
        let period = |name: &str| calendar.parse(name).expect("a period");
        let of = |name: &str, asked_on| {
            editions.of_period(&period(name), asked_on).metric("deals_won").expect("defined").version
        };
        assert_eq!(of("2026-Q2", date(2026, 11, 25)), 1, "over before the change");
        assert_eq!(of("2026-Q3", date(2026, 11, 25)), 2);
        assert_eq!(of("2026", date(2026, 11, 25)), 2);
        assert_eq!(of("2026", date(2026, 6, 30)), 1, "the change has not come yet");
    }

    #[test]
    fn the_later_written_change_holds_from_its_date_on() {
        let (editions, _) = editions(&[
            won("outcome = 'won' AND value > 0", date(2026, 7, 1)),
            won("outcome = 'won' AND value > 10", date(2026, 1, 1)),
        ]);
        let versions = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 7, 1)];
        assert_eq!(versions.map(|day| version(&editions, "deals_won", day)), [1, 3, 3]);
    }

    #[test]
    fn rewording_is_no_new_version_and_going_back_is_the_old_one() {
        let shipped = Catalogue::shipped().expect("right");
        let filter = shipped.metric("deals_won").and_then(|metric| metric.filter.clone()).expect("a filter");
        let (editions, _) = editions(&[
            won("outcome = 'won' AND value > 0", date(2026, 3, 1)),
            won(&filter, date(2026, 7, 1)),
        ]);
        let versions = [date(2026, 2, 1), date(2026, 3, 1), date(2026, 7, 1)];
        assert_eq!(versions.map(|day| version(&editions, "deals_won", day)), [1, 2, 1]);
    }

    #[test]
    fn what_is_defined_for_the_first_time_is_there_in_every_edition() {
        let new = won("outcome = 'won'", date(2026, 7, 1)).text.replace("deals_won", "big_deals");
        let (editions, _) = editions(&[change(&new, date(2026, 7, 1))]);
        assert_eq!(version(&editions, "big_deals", date(2020, 1, 1)), 1);
        assert_eq!(version(&editions, "big_deals", date(2026, 7, 1)), 1);
    }

    #[test]
    fn a_ratio_of_a_quarter_and_a_year_is_refused_with_its_place() {
        let meta = "meta: { unit: ratio, direction: up, undefined: never, counter_metric: 'none: a test' }";
        let yearly = format!(
            "metrics:\n  - name: won_in_a_year\n    type: cumulative\n    type_params: {{ measure: closed, window: 1 year }}\n    filter: \"outcome = 'won'\"\n    {meta}\n"
        );
        let ratio = |above: &str, below: &str| {
            let ratio = format!(
                "  - name: share\n    type: ratio\n    type_params: {{ numerator: {above}, denominator: {below} }}\n    {meta}\n"
            );
            Editions::new(&[change(&format!("{yearly}{ratio}"), date(2026, 7, 1))], &Versions::default())
        };
        let refused = ratio("deals_won", "won_in_a_year").map(|_| ()).expect_err("two stretches of time");
        assert_eq!(
            refused.to_string(),
            "own.yaml:8:11: metric `share`: `deals_won` counts rows of the period and `won_in_a_year` the last year; both parts of a ratio must look at the same stretch of time"
        );
        assert!(ratio("won_in_a_year", "won_in_a_year").is_ok());
        assert!(ratio("deals_won", "deals_lost").is_ok());
    }
}
