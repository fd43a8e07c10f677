//! Rep or market: how much of a change of bookings others who sell to the same customers saw too
//! (shift-share over segments of customers), and whether what remains differs from none (domain 8.5). Of
//! the win rate, how much the mix of customers explains (Kitagawa).

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::canonical::currency::minor_unit;
use attain_metrics::{Asker, Dimension, Observation, Period, Question, RateMode, Reach, Subject};
use attain_stats::decomposition::{
    MixAndRate, Segment, SegmentSpread, Share, apportion, kitagawa, own_interval, rate_interval,
    segment_growth, shift_share,
};
use attain_stats::{Confidence, Interval};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::web::problem::PageError;

/// By which circumstances customers are one market.
const SEGMENT: &str = "account__segment";

/// A change taken apart.
pub(super) struct Market {
    pub(super) before: Period,
    pub(super) after: Period,
    /// Bookings of both periods.
    pub(super) values: [Decimal; 2],
    /// What growing like the whole company would have brought.
    pub(super) market: Decimal,
    /// What the segments sold to brought by growing differently.
    pub(super) mix: Decimal,
    /// What remains.
    pub(super) own: Decimal,
    /// Where the remainder lies, 95 % sure.
    pub(super) interval: Interval,
    /// How the company grew, as a share of one.
    pub(super) growth: f64,
    pub(super) segments: Vec<SegmentChange>,
    /// The change of the win rate, where both periods have one, with the interval of the part of rates.
    pub(super) win_rate: Option<(MixAndRate, Interval)>,
}

/// What happened in one segment.
pub(super) struct SegmentChange {
    /// Its name; none where customers have none.
    pub(super) name: Option<String>,
    /// The subject's bookings in it.
    pub(super) own: [f64; 2],
    /// How the segment itself grew, as a share of one; none where hardly anybody else sells to it.
    pub(super) growth: Option<f64>,
}

/// What was sold to a segment: the sum, the sum of squares, and by whom.
#[derive(Clone, Debug, Default)]
struct Sold {
    sum: f64,
    squares: f64,
    sellers: BTreeSet<String>,
}

/// The same by segment.
type Sums = BTreeMap<Option<String>, Sold>;

/// So many others must have sold to a segment for its growth to be taken, and shown (domain 15.3).
const OTHERS_MIN: usize = 5;

/// Divides a change of bookings between the market and a subject. None of the whole company, which is the
/// market, where nothing was booked before, and for who may not open the subject.
///
/// # Errors
/// When the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    before: &Period,
    after: &Period,
    reach: &Reach,
) -> Result<Option<Market>, PageError> {
    if *subject == Subject::Company || !reach.opens(subject) {
        return Ok(None);
    }
    let by = [Dimension::from_name(SEGMENT)];
    let sums =
        async |subject: &Subject, period: &Period, reach: &Reach| -> Result<(Sums, Decimal), PageError> {
            let all = asker.observations("bookings", subject, &by, period, reach).await?;
            let total = all.iter().map(|one| one.value).sum();
            Ok((summed(&all), total))
        };
    let ((own_before, value_before), (own_after, value_after)) =
        (sums(subject, before, reach).await?, sums(subject, after, reach).await?);
    // What five others or more sold to a segment says nothing of any one of them.
    let everything = &Reach::Everything;
    let ((all_before, _), (all_after, _)) = (
        sums(&Subject::Company, before, everything).await?,
        sums(&Subject::Company, after, everything).await?,
    );
    let places = minor_unit(&asker.company().currency).unwrap_or(2);
    let win_rate = win_rate(asker, subject, before, after, reach).await?;
    let divided = divided([&own_before, &own_after], [&all_before, &all_after]);
    Ok(divided.and_then(|divided| {
        let values = [value_before, value_after];
        let [market, mix, own] = to_the_cent([divided.market, divided.mix, divided.own], values, places)?;
        Some(Market {
            before: before.clone(),
            after: after.clone(),
            values,
            market,
            mix,
            own,
            interval: divided.interval,
            growth: divided.growth,
            segments: divided.segments,
            win_rate,
        })
    }))
}

fn summed(all: &[Observation]) -> Sums {
    let mut sums = Sums::new();
    for one in all {
        let value = one.value.to_f64().unwrap_or_default();
        let [segment, seller] = one.members.as_slice() else { continue };
        let sold = sums.entry(segment.clone()).or_default();
        sold.sum += value;
        sold.squares += value * value;
        sold.sellers.extend(seller.clone());
    }
    sums
}

struct Divided {
    market: f64,
    mix: f64,
    own: f64,
    interval: Interval,
    growth: f64,
    segments: Vec<SegmentChange>,
}

fn divided(own: [&Sums; 2], all: [&Sums; 2]) -> Option<Divided> {
    let total = |sums: &Sums| sums.values().map(|sold| sold.sum).sum::<f64>();
    let sellers = |sums: [&Sums; 2]| -> BTreeSet<String> {
        sums.iter().flat_map(|sums| sums.values()).flat_map(|sold| sold.sellers.iter().cloned()).collect()
    };
    let selves = sellers(own);
    let others = |sellers: BTreeSet<String>| sellers.difference(&selves).count();
    if total(own[0]) <= 0.0 || others(sellers(all)) < OTHERS_MIN {
        return None;
    }
    let growth = segment_growth((total(all[0]), total(all[1])), (0.0, 0.0)).ok()?;
    let at = |sums: &Sums, segment: &Option<String>| sums.get(segment).cloned().unwrap_or_default();
    let names: BTreeSet<&Option<String>> = own[0].keys().chain(own[1].keys()).collect();
    let (mut segments, mut parts, mut spreads) = (Vec::new(), Vec::new(), Vec::new());
    for name in names {
        let [mine, everybodys] = [own, all].map(|sums| [at(sums[0], name), at(sums[1], name)]);
        // A segment in which hardly anybody else sells grows like the company, as far as may be told.
        let in_segment = everybodys.iter().flat_map(|sold| sold.sellers.iter().cloned()).collect();
        let known = segment_growth((everybodys[0].sum, everybodys[1].sum), (mine[0].sum, mine[1].sum)).ok();
        let of_segment = known.filter(|_| others(in_segment) >= OTHERS_MIN);
        let is_without_own = mine[0].sum > 0.2 * everybodys[0].sum;
        let rest = |side: usize| match is_without_own {
            true => (everybodys[side].sum - mine[side].sum, everybodys[side].squares - mine[side].squares),
            false => (everybodys[side].sum, everybodys[side].squares),
        };
        spreads.push(SegmentSpread {
            base: mine[0].sum,
            growth: of_segment.unwrap_or(growth),
            growth_base: rest(0).0,
            own_squares: (mine[0].squares, mine[1].squares),
            growth_squares: (rest(0).1.max(0.0), rest(1).1.max(0.0)),
        });
        parts.push(Segment {
            base: mine[0].sum,
            own_growth: 0.0,
            segment_growth: of_segment.unwrap_or(growth),
        });
        segments.push(SegmentChange {
            name: name.clone(),
            own: [mine[0].sum, mine[1].sum],
            growth: of_segment,
        });
    }
    let parts = shift_share(&parts, growth).ok()?;
    // What was sold to segments in which nothing was sold before is the subject's own, too.
    let remainder = total(own[1]) - total(own[0]) - parts.market - parts.mix;
    let interval = own_interval(remainder, &spreads, Confidence::NINETY_FIVE).ok()?;
    Some(Divided { market: parts.market, mix: parts.mix, own: remainder, interval, growth, segments })
}

/// Parts in whole smallest units that add up to the change.
fn to_the_cent(parts: [f64; 3], values: [Decimal; 2], places: u32) -> Option<[Decimal; 3]> {
    let scale = Decimal::from(10_i64.pow(places));
    let factor = scale.to_f64()?;
    let whole = ((values[1] - values[0]) * scale).round().to_i64()?;
    let units = apportion(&parts.map(|part| part * factor), whole).ok()?;
    let exact: Vec<Decimal> =
        units.into_iter().map(|unit| (Decimal::from(unit) / scale).normalize()).collect();
    exact.try_into().ok()
}

/// The change of the win rate, divided into the mix of customers and the rates within segments.
async fn win_rate(
    asker: &Asker,
    subject: &Subject,
    before: &Period,
    after: &Period,
    reach: &Reach,
) -> Result<Option<(MixAndRate, Interval)>, PageError> {
    let question = Question {
        metrics: ["deals_won", "deals_decided"].map(str::to_owned).to_vec(),
        subject: subject.clone(),
        by: vec![Dimension::from_name(SEGMENT)],
        periods: vec![before.clone(), after.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let share = |pair: &[attain_metrics::Number]| {
        let [won, decided] = pair else { return None };
        let value = |number: &attain_metrics::Number| {
            number.value.and_then(|value| value.to_f64()).unwrap_or_default()
        };
        Share::new(value(decided), value(won))
    };
    let strata: Option<Vec<(Share, Share)>> = answer
        .numbers
        .chunks(4)
        .map(|of_segment| {
            let (first, second) = of_segment.split_at_checked(2)?;
            Some((share(first)?, share(second)?))
        })
        .collect();
    let Some(strata) = strata else { return Ok(None) };
    let parts = kitagawa(&strata).ok().zip(rate_interval(&strata, Confidence::NINETY_FIVE).ok());
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sales to segments, each by as many sellers as there are amounts.
    fn sums(of: &[(&str, &[f64])]) -> Sums {
        let sold = |(segment, amounts): &(&str, &[f64])| {
            let squares = amounts.iter().map(|amount| amount * amount).sum();
            let sellers = (0..amounts.len()).map(|seller| format!("{segment} {seller}")).collect();
            (Some((*segment).to_owned()), Sold { sum: amounts.iter().sum(), squares, sellers })
        };
        of.iter().map(sold).collect()
    }

    #[test]
    fn what_few_others_did_is_not_told() {
        let own = [sums(&[("small", &[100.0])]), sums(&[("small", &[120.0])])];
        let few = [sums(&[("small", &[100.0; 3])]), sums(&[("small", &[90.0; 3])])];
        assert!(divided([&own[0], &own[1]], [&few[0], &few[1]]).is_none());
    }

    #[test]
    fn a_fall_that_everybody_in_the_segment_saw_is_the_markets() {
        let own = [sums(&[("small", &[50.0; 2])]), sums(&[("small", &[41.5; 2])])];
        let all = [
            sums(&[("small", &[50.0; 20]), ("large", &[100.0; 10])]),
            sums(&[("small", &[41.0; 20]), ("large", &[100.0; 10])]),
        ];
        let divided = divided([&own[0], &own[1]], [&all[0], &all[1]]).expect("divided");
        assert!(
            (divided.market - -9.0).abs() < 1e-9,
            "the company fell by nine per cent: {}",
            divided.market
        );
        assert!((divided.mix - -9.0).abs() < 1e-9, "its segment by nine more: {}", divided.mix);
        assert!((divided.own - 1.0).abs() < 1e-9 && divided.interval.contains(0.0), "{}", divided.own);
    }

    #[test]
    fn what_is_sold_to_a_new_segment_is_ones_own() {
        let own = [sums(&[("small", &[100.0])]), sums(&[("small", &[100.0]), ("large", &[40.0])])];
        let all = [
            sums(&[("small", &[100.0; 10]), ("large", &[100.0; 10])]),
            sums(&[("small", &[100.0; 10]), ("large", &[100.0; 10])]),
        ];
        let divided = divided([&own[0], &own[1]], [&all[0], &all[1]]).expect("divided");
        assert!((divided.own - 40.0).abs() < 1e-9 && divided.market.abs() < 1e-9);
    }

    #[test]
    fn of_nothing_before_nothing_is_divided() {
        let all = [sums(&[("small", &[100.0])]), sums(&[("small", &[100.0])])];
        assert!(divided([&Sums::new(), &all[1]], [&all[0], &all[1]]).is_none());
    }
}
