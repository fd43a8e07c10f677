//! Bookings as a product (domain 8.1), most often opportunities created × won per created × bookings per won. The
//! factors are ratios of totals of the same period, not rates of a cohort: a deal won may have been
//! created before. The difference from a reference is divided among them by Shapley's value, rounded to the
//! currency's smallest unit so that the parts add up to it (8.3, 8.6). Where deals are shared, what is credited
//! beyond what is owned is a part of its own, added and not multiplied.

use attain_facts::canonical::currency::minor_unit;
use attain_metrics::{Asker, Period, Subject};
use attain_stats::Undefined;
use attain_stats::decomposition::{Factor, Levers, Noise, apportion, shapley, worth_naming};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::chance;
use super::lever::Lever;
use super::reference::{self, Against, Reference};
use super::side::{Observed, Side, Totals};
use super::way::{BOOKINGS, CREDITED, Link, Way};
use crate::scorecards::card;
use crate::web::App;
use crate::web::problem::PageError;

/// A difference and its parts.
pub(super) struct Why {
    pub(super) reference: Reference,
    pub(super) after: Period,
    pub(super) way: Way,
    /// Whether the later period is not over, so that both are compared by as many working days.
    pub(super) is_to_date: bool,
    pub(super) found: Result<Found, Nothing>,
}

/// What was found of a difference.
pub(super) struct Found {
    /// Whether what is credited is compared, because deals are shared; else what is owned.
    pub(super) is_credited: bool,
    /// Bookings of both sides.
    pub(super) values: [Decimal; 2],
    pub(super) parts: Vec<Part>,
}

/// One lever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) lever: Lever,
    /// Its value in both periods; none where it would be divided by nothing.
    pub(super) values: [Option<Decimal>; 2],
    /// What it contributes to the change.
    pub(super) effect: Decimal,
    /// Whether it differs by more than chance; none where it cannot be held against it.
    pub(super) noise: Option<Noise>,
}

/// Why a change is not taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nothing {
    /// On one side there was something of what it is a product of, and nothing of another.
    NoProduct { some: &'static str, none: &'static str },
    /// The numbers are too large to be taken apart to the cent.
    TooLarge,
    /// The numbers are not there, or not the asker's to see.
    NoNumbers,
    /// Nothing was asked of bookings (E4).
    NoTarget,
    /// Nothing, or less, was (E16).
    ZeroTarget,
    /// What was asked is in another currency, of which there is no rate (E7).
    TargetWithoutRate,
    /// The period has only begun.
    NoneDue,
    /// Neither goals nor earlier periods say how bookings come about.
    NoPlan,
}

/// Takes the difference from a reference apart.
///
/// # Errors
/// When there is no such reference, or the facts cannot be read.
pub(super) async fn why(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    after: &Period,
    (against, way): (Against, Way),
) -> Result<Why, PageError> {
    let is_to_date = card::is_under_way(asker, after);
    let reference = reference::of(app, asker, subject, after, (against, way)).await?;
    let (metrics, reach) = (reference::metrics(way, subject), app.reach());
    let own = reference::totals(asker, subject, after, &metrics, &reach).await?;
    let amounts = reference::amounts(asker, subject, after, &reach).await?;
    let observed = Observed { times: 1, amounts };
    let places = minor_unit(&asker.company().currency).unwrap_or(2);
    let found = match &reference.totals {
        Err(nothing) => Err(*nothing),
        Ok(before) => {
            let chain = chain(way.chain(subject), before, &own);
            let before_side = Side::of(chain, before, reference.observed.clone());
            match before_side.zip(Side::of(chain, &own, Some(observed))) {
                None => Err(Nothing::NoNumbers),
                Some((one, other)) => found(chain, [&one, &other], split(before, &own), places),
            }
        }
    };
    Ok(Why { reference, after: after.clone(), way, is_to_date, found })
}

/// The chain by which both sides have a number; leads are in it where either side had any.
fn chain(longest: &'static [Link], before: &Totals, after: &Totals) -> &'static [Link] {
    let first = longest[0].metric;
    let has_any = |side: &Totals| side.get(first).is_some_and(|total| total > Decimal::ZERO);
    if has_any(before) && has_any(after) { longest } else { Way::without_leads(longest) }
}

/// What is credited beyond what is owned, on both sides; none where that is nothing on either.
fn split(before: &Totals, after: &Totals) -> Option<[Decimal; 2]> {
    let beyond = |side: &Totals| Some(side.get(CREDITED)? - side.get(BOOKINGS)?);
    let both = [beyond(before)?, beyond(after)?];
    both.iter().any(|effect| !effect.is_zero()).then_some(both)
}

fn found(
    chain: &[Link],
    sides: [&Side; 2],
    split: Option<[Decimal; 2]>,
    places: u32,
) -> Result<Found, Nothing> {
    let mut parts = parts(chain, sides, places)?;
    let beyond = split.unwrap_or_default();
    let values = [sides[0].booked() + beyond[0], sides[1].booked() + beyond[1]];
    if split.is_some() {
        let of_levers: Decimal = parts.iter().map(|part| part.effect).sum();
        let effect = (values[1] - values[0]).round_dp(places) - of_levers;
        parts.push(Part { lever: Lever::Split, values: beyond.map(Some), effect, noise: None });
    }
    Ok(Found { is_credited: split.is_some(), values, parts })
}

fn parts(chain: &[Link], [reference, subject]: [&Side; 2], places: u32) -> Result<Vec<Part>, Nothing> {
    if let Some(place) = [reference, subject].into_iter().find_map(Side::breaks_at) {
        return Err(Nothing::NoProduct { some: chain[place].things, none: chain[place - 1].things });
    }
    let pairs: Vec<[Option<Decimal>; 2]> = reference
        .factors()
        .into_iter()
        .zip(subject.factors())
        .map(|(before, after)| [before, after])
        .collect();
    let float = |value: Option<Decimal>| value.and_then(|value| value.to_f64());
    let factors: Vec<Factor> = pairs
        .iter()
        .map(|[before, after]| Factor { reference: float(*before), subject: float(*after) })
        .collect();
    let difference = subject.booked() - reference.booked();
    let effects = effects(&factors, difference, places).map_err(|_| Nothing::TooLarge)?;
    let each = chain.iter().zip(pairs).zip(effects).enumerate();
    let part = |(place, ((link, values), effect)): (usize, ((&Link, _), _))| {
        let noise = chance::noise(link.lever, place, reference, subject);
        Part { lever: link.lever, values, effect, noise }
    };
    Ok(each.map(part).collect())
}

/// What each factor contributes, in whole smallest units that add up to the difference.
fn effects(factors: &[Factor], difference: Decimal, places: u32) -> Result<Vec<Decimal>, Undefined> {
    let scale = Decimal::from(10_i64.pow(places));
    let found = shapley(&Levers::new(factors)?)?;
    let in_units = |effect: f64| effect * scale.to_f64().unwrap_or(1.0);
    let minor: Vec<f64> = found.effects.into_iter().map(in_units).collect();
    let whole = (difference * scale).round().to_i64().ok_or(Undefined::NotFinite)?;
    let units = apportion(&minor, whole)?;
    Ok(units.into_iter().map(|unit| (Decimal::from(unit) / scale).normalize()).collect())
}

/// The levers that a sentence may name as what changed: at most two, beyond chance.
pub(super) fn named(parts: &[Part]) -> Vec<Lever> {
    let effects: Vec<(f64, Noise)> = parts
        .iter()
        .map(|part| (part.effect.to_f64().unwrap_or_default(), part.noise.unwrap_or(Noise::WithinNoise)))
        .collect();
    worth_naming(&effects).into_iter().map(|place| parts[place].lever).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn anna() -> Subject {
        Subject::Rep("anna".to_owned())
    }

    fn totals(of: &[(&'static str, Decimal)]) -> Totals {
        of.iter().copied().collect()
    }

    /// Opportunities created, deals won, cents booked.
    fn side(created: i64, won: i64, booked: i64) -> Side {
        let totals = totals(&[
            ("opps_created", created.into()),
            ("deals_won", won.into()),
            (BOOKINGS, Decimal::new(booked, 2)),
        ]);
        let observed = Observed { times: 1, amounts: Vec::new() };
        Side::of(Way::Opportunities.chain(&anna()), &totals, Some(observed)).expect("told")
    }

    fn parts_of(before: &Side, after: &Side) -> Result<Vec<Part>, Nothing> {
        parts(Way::Opportunities.chain(&anna()), [before, after], 2)
    }

    fn of(parts: &[Part]) -> Vec<Decimal> {
        parts.iter().map(|part| part.effect).collect()
    }

    #[test]
    fn what_changed_carries_the_change_and_what_did_not_carries_nothing() {
        let parts = parts_of(&side(20, 7, 14_420_000), &side(20, 5, 10_300_000)).expect("parts");
        assert_eq!(of(&parts), [0, -41_200, 0].map(Decimal::from));
    }

    #[test]
    fn a_lever_is_named_only_beyond_chance() {
        let slight = parts_of(&side(40, 12, 1_200_000), &side(41, 10, 1_000_000)).expect("parts");
        assert_eq!(named(&slight), []);
        let clear = parts_of(&side(400, 150, 40_000_000), &side(410, 50, 14_300_000)).expect("parts");
        assert_eq!(named(&clear), [Lever::Conversion]);
    }

    #[test]
    fn a_plan_has_no_chance_and_ones_own_side_has() {
        let planned = |created, won, booked| {
            let mut planned = side(created, won, booked);
            planned.observed = None;
            planned
        };
        // 100 are 82 to 121 with a chance of 95 %, and of a ratio of 40 to 100 so are 0.28 to 0.58.
        let own = side(100, 40, 4_000_000);
        let near = parts_of(&planned(110, 40, 4_000_000), &own).expect("parts");
        assert_eq!(
            near[..2].iter().map(|part| part.noise).collect::<Vec<_>>(),
            [Some(Noise::WithinNoise); 2]
        );
        let far = parts_of(&planned(130, 26, 4_000_000), &own).expect("parts");
        assert_eq!(far[..2].iter().map(|part| part.noise).collect::<Vec<_>>(), [Some(Noise::BeyondNoise); 2]);
    }

    #[test]
    fn what_cannot_be_a_product_is_not_taken_apart() {
        let wins_of_before = parts_of(&side(10, 5, 5_000), &side(0, 2, 2_000));
        let broken = Nothing::NoProduct { some: "deals won", none: "opportunities created" };
        assert_eq!(wins_of_before, Err(broken));
        let none = parts_of(&side(10, 5, 5_000), &side(0, 0, 0)).expect("nothing came of nothing");
        assert_eq!(of(&none), [-50, 0, 0].map(Decimal::from));
        let never = parts_of(&side(0, 0, 0), &side(0, 0, 0)).expect("nothing at all");
        assert_eq!(of(&never), [Decimal::ZERO; 3]);
    }

    /// domain_examples X8.1, to the cent.
    #[test]
    fn leads_are_a_lever_where_both_sides_had_any() {
        let north = Subject::Manager("dora".to_owned());
        let all = |leads: i64, created: i64, won: i64, booked: i64| {
            totals(&[
                ("leads_created", leads.into()),
                ("opps_created", created.into()),
                ("deals_won", won.into()),
                (BOOKINGS, booked.into()),
            ])
        };
        let (before, after) = (all(2000, 500, 150, 1_800_000), all(2400, 480, 168, 1_848_000));
        let longest = Way::Opportunities.chain(&north);
        let by_leads = chain(longest, &before, &after);
        let side = |totals: &Totals| Side::of(by_leads, totals, Some(Observed::default())).expect("told");
        let parts = parts(by_leads, [&side(&before), &side(&after)], 2).expect("parts");
        let expected = [33_558_333, -41_108_333, 28_375_000, -16_025_000].map(|cents| Decimal::new(cents, 2));
        for (got, expected) in of(&parts).into_iter().zip(expected) {
            assert!((got - expected).abs() <= Decimal::new(1, 2), "{got} instead of {expected}");
        }
        assert_eq!(chain(longest, &all(0, 1, 1, 1), &after).len(), 3, "no leads, no lever");
        assert_eq!(Way::Opportunities.chain(&anna()).len(), 3, "a person's leads become others' deals");
    }

    #[test]
    fn what_is_shared_is_added_and_nothing_where_there_is_none() {
        let shared =
            |booked: i64, credited: i64| totals(&[(BOOKINGS, booked.into()), (CREDITED, credited.into())]);
        assert_eq!(split(&shared(100, 100), &shared(80, 80)), None);
        assert_eq!(split(&shared(100, 100), &totals(&[(BOOKINGS, 80.into())])), None);
        let beyond = split(&shared(100, 70), &shared(80, 90)).expect("shared");
        assert_eq!(beyond, [-30, 10].map(Decimal::from));
        let (before, after) = (side(10, 5, 10_000), side(10, 4, 8_000));
        let chain = Way::Opportunities.chain(&anna());
        let found = found(chain, [&before, &after], Some(beyond), 2).expect("found");
        assert_eq!((found.values, found.is_credited), ([70, 90].map(Decimal::from), true));
        assert_eq!(of(&found.parts), [0, -20, 0, 40].map(Decimal::from));
    }

    proptest! {
        /// Invariant I4: the parts add up to the change, to the cent, with what is shared too.
        #[test]
        fn the_parts_add_up(
            one in (1i64..500, 0i64..500, 0i64..100_000_000), other in (1i64..500, 0i64..500, 0i64..100_000_000),
            shared in (-10_000i64..10_000, -10_000i64..10_000)
        ) {
            // Nothing is booked of what was not won.
            let of_totals = |(created, won, booked): (i64, i64, i64)| side(created, won, if won == 0 { 0 } else { booked });
            let (before, after) = (of_totals(one), of_totals(other));
            let split = [Decimal::new(shared.0, 2), Decimal::new(shared.1, 2)];
            let found = found(Way::Opportunities.chain(&anna()), [&before, &after], Some(split), 2);
            let found = found.expect("something was created");
            prop_assert_eq!(of(&found.parts).into_iter().sum::<Decimal>(), found.values[1] - found.values[0]);
        }
    }
}
