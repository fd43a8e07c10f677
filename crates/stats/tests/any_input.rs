//! Whatever comes in, an answer comes out: numbers that are none, infinities, counts as large as they get,
//! empty lists. What is defined is finite and makes sense; everything else says why it is not.

use attain_stats::amount::{geometric_mean, log_normal_mean};
use attain_stats::attainment::Objective;
use attain_stats::bootstrap::{Resampling, bootstrap_ratio};
use attain_stats::control_chart::{Limits, Scale, signals};
use attain_stats::count::{Count, Dispersion};
use attain_stats::decomposition::{
    Factor, Levers, Segment, Share, apportion, kitagawa, lmdi, segment_growth, shapley, shift_share,
};
use attain_stats::expectation::{Stratum, observed_over_expected};
use attain_stats::forecast::{
    Increments, RatePrior, Simulation, bias, counts, linear, pipeline_count, pipeline_value, seasonal, wape,
};
use attain_stats::funnel::FunnelLimits;
use attain_stats::integrity::{Burst, Heaping};
use attain_stats::order::{median, quantile};
use attain_stats::planning::{
    gini, in_proportion, participation, ratchet, share_of_top_fifth, spearman, variation,
};
use attain_stats::ranking::{Better, Posterior, beats, rank_distributions};
use attain_stats::shrinkage::{Measured, james_stein, shrink_means, shrink_proportions, shrink_rates};
use attain_stats::significance::{
    fisher_exact, means_against_the_rest, proportions_against_the_rest, rates_against_the_rest, welch,
};
use attain_stats::{
    Confidence, Estimate, Interval, Probability, Proportion, Sample, Undefined, newcombe, wilson,
};
use proptest::prelude::*;
use rust_decimal::Decimal;

/// Any number, and more often than not one that makes trouble.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => -1e3f64..1e3,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, f64::MIN_POSITIVE,
            5e-324, 1e-300, 1e300, 1e18, 9.3e18
        ]),
    ]
}

fn whole() -> impl Strategy<Value = u64> {
    prop_oneof![3 => 0u64..200, 1 => any::<u64>(), 1 => prop::sample::select(vec![0, 1, u64::MAX, 1 << 53])]
}

fn numbers() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(number(), 0..30)
}

fn proportion() -> impl Strategy<Value = Proportion> {
    (whole(), whole()).prop_filter_map("no more successes than trials", |(one, other)| {
        Proportion::new(one.min(other), one.max(other))
    })
}

fn probability() -> impl Strategy<Value = Probability> {
    prop_oneof![4 => 0.0f64..=1.0, 1 => Just(0.0), 1 => Just(1.0), 1 => Just(1e-300)]
        .prop_filter_map("a probability", Probability::new)
}

fn count() -> impl Strategy<Value = Count> {
    (whole(), number()).prop_filter_map("a count", |(events, exposure)| Count::new(events, exposure))
}

fn sensible(estimate: Result<Estimate, Undefined>) {
    if let Ok(Estimate { value, interval: Interval { low, high } }) = estimate {
        assert!(value.is_finite() && low.is_finite() && high.is_finite() && low <= high, "{estimate:?}");
    }
}

fn finite(value: Result<f64, Undefined>) {
    assert!(value.is_err() || value.is_ok_and(f64::is_finite), "{value:?}");
}

const LEVEL: Confidence = Confidence::NINETY_FIVE;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn intervals(values in numbers(), level in number(), first in proportion(), second in proportion(), count in count()) {
        let level = Confidence::new(level).unwrap_or(LEVEL);
        let _ = wilson(first.successes(), second.trials());
        sensible(newcombe(first, second, level));
        sensible(log_normal_mean(&values, level));
        sensible(geometric_mean(&values, level));
        sensible(Sample::of(&values).and_then(|sample| sample.mean_interval(level)));
        sensible(count.rate(level));
        sensible(count.byar(level));
        let things: Vec<(f64, f64)> = values.iter().map(|value| (*value, value.abs())).collect();
        sensible(bootstrap_ratio(&things, Resampling { resamples: 20, seed: 42 }, level));
        finite(median(&values));
        finite(quantile(&values, Probability::ONE));
        let _ = Dispersion::of(&[first.trials(), second.trials()]);
    }

    #[test]
    fn tests_of_significance(
        shares in prop::collection::vec(proportion(), 0..8),
        rates in prop::collection::vec(count(), 0..8),
        values in prop::collection::vec(numbers(), 0..6),
    ) {
        let _ = proportions_against_the_rest(&shares);
        let _ = rates_against_the_rest(&rates);
        let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
        let _ = means_against_the_rest(&values);
        if let [first, second, ..] = shares[..] {
            let _ = fisher_exact(first, second);
        }
        let samples: Vec<Sample> = values.iter().filter_map(|values| Sample::of(values).ok()).collect();
        if let [first, second, ..] = &samples[..] {
            sensible(welch(first, second, LEVEL).map(|compared| compared.difference));
        }
    }

    #[test]
    fn shrinkage(
        shares in prop::collection::vec(proportion(), 0..9),
        rates in prop::collection::vec(count(), 0..9),
        means in prop::collection::vec((number(), number()), 0..9),
        variance in number(),
    ) {
        if let Ok(got) = shrink_proportions(&shares, LEVEL) {
            got.subjects.iter().for_each(|subject| sensible(Ok(subject.estimate)));
        }
        if let Ok(got) = shrink_rates(&rates, LEVEL) {
            got.subjects.iter().for_each(|subject| sensible(Ok(subject.estimate)));
        }
        let measured: Vec<Measured> = means.iter().filter_map(|(mean, variance)| Measured::new(*mean, *variance)).collect();
        if let Ok(got) = shrink_means(&measured, LEVEL) {
            got.subjects.iter().for_each(|subject| sensible(Ok(subject.estimate)));
        }
        let means: Vec<f64> = means.iter().map(|(mean, _)| *mean).collect();
        if let Ok(got) = james_stein(&means, variance) {
            prop_assert!(got.means.iter().all(|mean| mean.is_finite()));
        }
    }

    #[test]
    fn expectation_and_funnel(observed in whole(), strata in prop::collection::vec((whole(), probability()), 0..5), at in whole()) {
        let strata: Vec<Stratum> =
            strata.into_iter().map(|(decided, reference)| Stratum { decided, reference }).collect();
        sensible(observed_over_expected(observed, &strata, LEVEL).map(|got| got.ratio));
        if let Some(stratum) = strata.first() {
            let limits = FunnelLimits::of(stratum.reference, at);
            prop_assert!(limits.ninety_nine_eight.start() <= limits.ninety_five.start());
            prop_assert!(limits.ninety_five.end() <= limits.ninety_nine_eight.end());
        }
        let _ = Heaping::of(observed, at);
    }

    #[test]
    fn charts(points in prop::collection::vec(prop::option::weighted(0.9, number()), 0..40), instants in prop::collection::vec(any::<i64>(), 0..80)) {
        for scale in [Scale::Unbounded, Scale::NonNegative, Scale::Share] {
            if let Ok(limits) = Limits::of(&points, scale) {
                prop_assert!(limits.range_limit.is_finite());
                let _ = signals(&points, &limits);
            }
        }
        let mut ordered = instants;
        ordered.sort_unstable();
        let _ = Burst { events: 2, seconds: 10 }.find(&ordered);
    }

    #[test]
    fn forecasts(
        values in numbers(), remaining in number(), target in number(), won in whole(),
        open in prop::collection::vec((probability(), number()), 0..12), so_far in count(), shape in number(), rate in number(),
    ) {
        let pairs: Vec<(f64, f64)> = values.iter().zip(values.iter().skip(1)).map(|(one, other)| (*one, *other)).collect();
        finite(wape(&pairs));
        finite(bias(&pairs));
        let probabilities: Vec<Probability> = open.iter().map(|(probability, _)| *probability).collect();
        let mut forecasts = vec![
            linear(&values, remaining, Increments::NeverNegative),
            linear(&values, remaining, Increments::MayBeNegative),
            seasonal(remaining, &values, Increments::NeverNegative),
            seasonal(remaining, &values, Increments::MayBeNegative),
            pipeline_count(won, &probabilities),
            pipeline_value(remaining, &open, Simulation { draws: 20, seed: 42 }),
        ];
        forecasts.extend(RatePrior::new(shape, rate).map(|prior| counts(prior, so_far, remaining)));
        for forecast in forecasts.into_iter().flatten() {
            sensible(Ok(Estimate { value: forecast.point, interval: forecast.ninety_five }));
            prop_assert!(forecast.ninety_five.low <= forecast.eighty.low);
            prop_assert!(forecast.eighty.high <= forecast.ninety_five.high);
            prop_assert_eq!(forecast.probability_of(target).is_none(), target.is_nan());
        }
    }

    #[test]
    fn decompositions(
        factors in prop::collection::vec((prop::option::of(number()), prop::option::of(number())), 0..8),
        effects in numbers(), difference in any::<i64>(), growth in number(),
    ) {
        let factors: Vec<Factor> =
            factors.into_iter().map(|(reference, subject)| Factor { reference, subject }).collect();
        if let Ok(levers) = Levers::new(&factors) {
            for taken in [shapley(&levers), lmdi(&levers)].into_iter().flatten() {
                prop_assert!(taken.effects.iter().all(|effect| effect.is_finite()));
            }
        }
        if let Ok(shown) = apportion(&effects, difference) {
            prop_assert_eq!(shown.into_iter().map(i128::from).sum::<i128>(), i128::from(difference));
        }
        let shares: Vec<Share> = effects.iter().filter_map(|effect| Share::new(effect.abs(), *effect)).collect();
        let strata: Vec<(Share, Share)> = shares.iter().copied().zip(shares.iter().rev().copied()).collect();
        if let Ok(got) = kitagawa(&strata) {
            prop_assert!(got.mix.is_finite() && got.rate.is_finite());
        }
        let segments: Vec<Segment> = effects
            .iter()
            .map(|base| Segment { base: *base, own_growth: growth, segment_growth: *base })
            .collect();
        let _ = shift_share(&segments, growth);
        finite(segment_growth((growth, growth), (growth, 0.0)));
    }

    #[test]
    fn planning(values in numbers()) {
        let pairs: Vec<(f64, f64)> = values.iter().zip(values.iter().rev()).map(|(one, other)| (*one, *other)).collect();
        for value in [gini(&values), participation(&values), share_of_top_fifth(&values), variation(&values), ratchet(&pairs), spearman(&pairs)] {
            finite(value);
        }
        let _ = in_proportion(&pairs);
    }

    #[test]
    fn attainment(actual in any::<i128>(), target in any::<i128>(), scale in 0u32..=28) {
        let of = |value: i128| Decimal::from_i128_with_scale(value >> 32, scale);
        let (actual, target) = (of(actual), of(target));
        let objectives = [
            Objective::at_least(target),
            Objective::at_most(target),
            Objective::reduce(actual, target),
            Objective::band(target, actual),
            Objective::progress(actual, target),
        ];
        for objective in objectives.into_iter().flatten() {
            let _ = objective.attainment(actual);
            let _ = objective.attainment(target);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn ranks(parameters in prop::collection::vec((number(), number()), 0..5), kind in 0..3) {
        let posterior = |(first, second): &(f64, f64)| match kind {
            0 => Posterior::normal(*first, *second),
            1 => Posterior::beta(*first, *second),
            _ => Posterior::gamma(*first, *second),
        };
        let peers: Vec<Posterior> = parameters.iter().filter_map(posterior).collect();
        for ranks in rank_distributions(&peers, Better::Higher) {
            let all: f64 = ranks.probabilities().iter().sum();
            prop_assert!((all - 1.0).abs() < 1e-6, "{all}");
        }
        for pair in peers.windows(2) {
            let _ = beats(&pair[0], &pair[1], Better::Lower);
        }
    }
}
