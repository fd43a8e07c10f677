//! What is promised about error rates, tried on data made for it: intervals contain the truth as often
//! as they say, forecasts come true as often as they say, and where nobody differs nobody is singled out
//! more often than stated (domain 7.10). Seeds are fixed; `ATTAIN_SIMULATIONS=20` draws twenty times as
//! much (`bench/campaigns.md`).

use attain_stats::amount::log_normal_mean;
use attain_stats::chance::SplitMix64;
use attain_stats::control_chart::{Limits, Rule, Scale, Side, signals};
use attain_stats::count::{Count, ratio_of_ratios};
use attain_stats::expectation::{Stratum, observed_over_expected};
use attain_stats::forecast::{Increments, RatePrior, counts, linear, seasonal};
use attain_stats::integrity::Heaping;
use attain_stats::multiplicity::benjamini_hochberg;
use attain_stats::ranking::{Better, Verdict};
use attain_stats::shrinkage::shrink_proportions;
use attain_stats::significance::{
    fisher_exact, means_against_the_rest, proportions_against_the_rest, rates_against_the_rest,
};
use attain_stats::standing::of_proportions;
use attain_stats::{Confidence, Probability, Proportion, Sample, newcombe};

const LEVEL: Confidence = Confidence::NINETY_FIVE;

/// Draws of what people and processes do.
struct World(SplitMix64);

impl World {
    fn of(seed: u64) -> World {
        World(SplitMix64::new(seed))
    }

    fn normal(&mut self) -> f64 {
        let (radius, turn) = (1.0 - self.0.uniform(), self.0.uniform());
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * turn).cos()
    }

    fn normals(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.normal()).collect()
    }

    fn proportion(&mut self, trials: u64, share: f64) -> Proportion {
        let successes = (0..trials).filter(|_| self.0.uniform() < share).count() as u64;
        Proportion::new(successes, trials).expect("no more successes than trials")
    }

    fn events(&mut self, mean: f64) -> u64 {
        let (mut events, mut left) = (0, mean);
        loop {
            left += (1.0 - self.0.uniform()).ln();
            if left < 0.0 {
                return events;
            }
            events += 1;
        }
    }

    /// A gamma number of a whole shape.
    fn gamma(&mut self, shape: u32, rate: f64) -> f64 {
        (0..shape).map(|_| -(1.0 - self.0.uniform()).ln()).sum::<f64>() / rate
    }
}

fn draws(of: usize) -> usize {
    let times =
        std::env::var("ATTAIN_SIMULATIONS").ok().and_then(|times| times.parse().ok()).unwrap_or(1usize);
    of * times.max(1)
}

/// How often something is so, and by how much chance may have moved that (four deviations).
#[derive(Debug)]
struct Frequency {
    share: f64,
    chance: f64,
}

fn frequency(of: usize, mut is_so: impl FnMut() -> bool) -> Frequency {
    let count = draws(of) as f64;
    let share = (0..draws(of)).filter(|_| is_so()).count() as f64 / count;
    let variance = (share * (1.0 - share)).max(1.0 / count);
    Frequency { share, chance: 4.0 * (variance / count).sqrt() }
}

fn at_most(what: &str, got: &Frequency, bound: f64) {
    println!("{what}: {:.4}, stated at most {bound}", got.share);
    assert!(got.share <= bound + got.chance, "{what}: {got:?} exceeds {bound}");
}

fn between(what: &str, got: &Frequency, low: f64, high: f64) {
    println!("{what}: {:.4}, stated {low} to {high}", got.share);
    let inside = low - got.chance <= got.share && got.share <= high + got.chance;
    assert!(inside, "{what}: {got:?} is not within {low} and {high}");
}

#[test]
fn nineteen_of_twenty_intervals_of_shares_contain_the_truth() {
    let mut world = World::of(1);
    for (share, trials) in [(0.1, 60), (0.3, 20), (0.5, 200)] {
        let got = frequency(2000, || {
            world.proportion(trials, share).wilson(LEVEL).expect("defined").contains(share)
        });
        between("Wilson", &got, 0.93, 0.98);
    }
    let got = frequency(2000, || {
        let (first, second) = (world.proportion(60, 0.35), world.proportion(40, 0.25));
        newcombe(first, second, LEVEL).expect("defined").interval.contains(0.10)
    });
    between("Newcombe", &got, 0.94, 0.97);
}

#[test]
fn intervals_of_counts_contain_the_truth_at_least_as_often_as_they_say() {
    let mut world = World::of(2);
    for rate in [0.05, 0.3] {
        let got = frequency(2000, || {
            let count = Count::new(world.events(rate * 60.0), 60.0).expect("a count");
            count.rate(LEVEL).expect("defined").interval.contains(rate)
        });
        between("Garwood", &got, 0.95, 1.0);
    }
}

#[test]
fn ratios_of_counts_that_do_not_differ_are_told_apart_as_often_as_stated() {
    let mut world = World::of(31);
    let told_apart = frequency(4000, || {
        let [before, after] = [0; 2].map(|_| [world.events(12.0), world.events(40.0)]);
        let ratio = ratio_of_ratios(before, after, LEVEL).expect("something was created");
        !ratio.interval.contains(1.0)
    });
    between("ratios of counts told apart", &told_apart, 0.03, 0.055);
}

#[test]
fn intervals_of_deal_sizes_contain_the_true_mean() {
    let mut world = World::of(3);
    let mean = (9.0f64 + 0.5).exp();
    let got = frequency(2000, || {
        let amounts: Vec<f64> = world.normals(15).iter().map(|log| (9.0 + log).exp()).collect();
        log_normal_mean(&amounts, LEVEL).expect("defined").interval.contains(mean)
    });
    between("log-normal", &got, 0.94, 0.98);
    let got = frequency(2000, || {
        let sample = Sample::of(&world.normals(8)).expect("a sample");
        sample.mean_interval(LEVEL).expect("defined").interval.contains(0.0)
    });
    between("t", &got, 0.95, 0.95);
}

#[test]
fn forecasts_come_true_as_often_as_they_say() {
    let mut world = World::of(4);
    let (mut inside_eighty, mut beyond) = (0usize, 0usize);
    let got = frequency(2000, || {
        let elapsed: Vec<f64> = world.normals(20).iter().map(|day| 10.0 + 3.0 * day).collect();
        let rest: f64 = world.normals(40).iter().map(|day| 10.0 + 3.0 * day).sum();
        let end = elapsed.iter().sum::<f64>() + rest;
        let forecast = linear(&elapsed, 40.0, Increments::MayBeNegative).expect("defined");
        inside_eighty += usize::from(forecast.eighty.contains(end));
        let target = forecast.eighty.high;
        assert!((forecast.probability_of(target).expect("a target").value() - 0.10).abs() < 1e-9);
        beyond += usize::from(end >= target);
        forecast.ninety_five.contains(end)
    });
    between("linear, 95 %", &got, 0.95, 0.95);
    let count = draws(2000) as f64;
    let share = inside_eighty as f64 / count;
    assert!((share - 0.80).abs() < 0.04, "linear, 80 %: {share}");
    let share = beyond as f64 / count;
    assert!((share - 0.10).abs() < 0.03, "targets with a probability of 10 %: {share}");

    let got = frequency(2000, || {
        let shares: Vec<f64> = world.normals(5).iter().map(|log| (-0.8 + 0.2 * log).exp()).collect();
        let share = (-0.8 + 0.2 * world.normal()).exp();
        seasonal(200.0, &shares, Increments::MayBeNegative)
            .expect("defined")
            .ninety_five
            .contains(200.0 / share)
    });
    between("seasonal, 95 %", &got, 0.95, 0.95);
}

#[test]
fn counts_to_come_keep_to_their_probability() {
    let mut world = World::of(5);
    let prior = RatePrior::new(4.0, 20.0).expect("a prior");
    let (mut reached, mut promised) = (0usize, 0.0);
    let got = frequency(2000, || {
        let rate = world.gamma(4, 20.0);
        let so_far = Count::new(world.events(35.0 * rate), 35.0).expect("a count");
        let end = (so_far.events() + world.events(29.0 * rate)) as f64;
        let forecast = counts(prior, so_far, 29.0).expect("defined");
        reached += usize::from(end >= 14.0);
        promised += forecast.probability_of(14.0).expect("a target").value();
        forecast.ninety_five.contains(end)
    });
    between("gamma-Poisson, 95 %", &got, 0.95, 0.99);
    let count = draws(2000) as f64;
    assert!((reached as f64 - promised).abs() / count < 0.03, "{reached} reached, {promised} promised");
}

/// Whether any comparison of a family is flagged, `q ≤ 0.10`.
fn any_flagged(p_values: &[Probability]) -> bool {
    benjamini_hochberg(p_values).iter().any(|q_value| q_value.value() <= 0.10)
}

#[test]
fn where_nobody_differs_one_family_in_ten_is_flagged_at_most() {
    let mut world = World::of(6);
    let shares = frequency(600, || {
        let peers: Vec<Proportion> = (0..12).map(|_| world.proportion(40, 0.3)).collect();
        any_flagged(&proportions_against_the_rest(&peers))
    });
    at_most("families of shares", &shares, 0.10);
    let rates = frequency(600, || {
        let peers: Vec<Count> =
            (0..12).map(|_| Count::new(world.events(18.0), 60.0).expect("a count")).collect();
        any_flagged(&rates_against_the_rest(&peers))
    });
    at_most("families of rates", &rates, 0.10);
    let means = frequency(600, || {
        let values: Vec<Vec<f64>> = (0..12).map(|_| world.normals(15)).collect();
        let values: Vec<&[f64]> = values.iter().map(Vec::as_slice).collect();
        let p_values: Vec<Probability> =
            means_against_the_rest(&values).into_iter().map(|p_value| p_value.expect("defined")).collect();
        any_flagged(&p_values)
    });
    at_most("families of means", &means, 0.10);
}

#[test]
fn where_some_differ_one_flag_in_ten_is_false_at_most() {
    let mut world = World::of(7);
    let families = draws(2000);
    let mut false_share = 0.0;
    for _ in 0..families {
        let p_value = |peer: usize| if peer < 3 { 0.02 * world.0.uniform() } else { world.0.uniform() };
        let p_values: Vec<Probability> =
            (0..12).map(p_value).map(|value| Probability::new(value).expect("a probability")).collect();
        let q_values = benjamini_hochberg(&p_values);
        let flagged: Vec<usize> = (0..12).filter(|peer| q_values[*peer].value() <= 0.10).collect();
        let wrong = flagged.iter().filter(|peer| **peer >= 3).count();
        false_share += wrong as f64 / flagged.len().max(1) as f64;
    }
    let share = false_share / families as f64;
    println!("false among flagged: {share:.4}, stated at most 0.10");
    assert!(share <= 0.10, "{share}");
}

fn verdicts_on(peers: &[Proportion]) -> Vec<Verdict> {
    let standings = of_proportions(peers, Better::Higher, LEVEL).expect("comparable");
    standings.subjects.iter().map(|standing| standing.as_ref().expect("compared").verdict()).collect()
}

#[test]
fn where_nobody_differs_verdicts_are_hardly_ever_given() {
    let mut world = World::of(8);
    let alike = frequency(20, || {
        let peers: Vec<Proportion> = (0..8).map(|_| world.proportion(60, 0.3)).collect();
        verdicts_on(&peers).iter().any(|verdict| *verdict != Verdict::CannotBeToldApart)
    });
    at_most("peer sets with a false verdict", &alike, 0.10);
}

/// The test against the rest takes the rest as one: where several stand out, ordinary people lie below its
/// mean, and some are said to be clearly below. `attain_stats::standing` says so.
#[test]
fn whoever_stands_out_is_found_and_most_verdicts_are_true() {
    let mut world = World::of(13);
    let (mut verdicts, mut found) = (0usize, 0usize);
    for _ in 0..draws(15) {
        let peers: Vec<Proportion> =
            (0..12).map(|peer| world.proportion(100, if peer < 3 { 0.6 } else { 0.3 })).collect();
        let said = verdicts_on(&peers);
        verdicts += said.iter().filter(|verdict| **verdict != Verdict::CannotBeToldApart).count();
        found += said[..3].iter().filter(|verdict| **verdict == Verdict::ClearlyAbove).count();
    }
    let true_share = found as f64 / verdicts as f64;
    println!("three of twelve stand out: {found} found, {true_share:.4} of verdicts true");
    assert!(found as f64 >= 0.95 * 3.0 * draws(15) as f64, "{found}");
    assert!(true_share >= 0.6, "{true_share}");
}

#[test]
fn single_tests_are_wrong_as_often_as_their_level_at_most() {
    let mut world = World::of(9);
    let fisher = frequency(2000, || {
        fisher_exact(world.proportion(50, 0.3), world.proportion(80, 0.3)).value() <= 0.05
    });
    at_most("Fisher", &fisher, 0.05);
    let strata = [(12, 0.15), (8, 0.4), (25, 0.3)];
    let expected = frequency(2000, || {
        let won = strata.iter().map(|(decided, rate)| world.proportion(*decided, *rate).successes()).sum();
        let strata = strata.map(|(decided, rate)| Stratum {
            decided,
            reference: Probability::new(rate).expect("a probability"),
        });
        observed_over_expected(won, &strata, LEVEL).expect("defined").p_value.value() <= 0.05
    });
    at_most("observed over expected", &expected, 0.05);
    let heaped = frequency(4000, || {
        let above = world.proportion(40, 0.5);
        Heaping::of(above.successes(), above.failures()).raises_a_question()
    });
    at_most("heaping", &heaped, 0.001);
}

#[test]
fn shrunken_rates_are_nearer_to_the_truth_than_raw_ones() {
    let mut world = World::of(10);
    let (mut raw, mut shrunken, mut inside, mut all) = (0.0, 0.0, 0usize, 0usize);
    for _ in 0..draws(200) {
        let truths: Vec<f64> = (0..12).map(|_| (0.35 + 0.08 * world.normal()).clamp(0.05, 0.95)).collect();
        let peers: Vec<Proportion> = truths.iter().map(|truth| world.proportion(40, *truth)).collect();
        let got = shrink_proportions(&peers, LEVEL).expect("a prior");
        for (truth, subject) in truths.iter().zip(&got.subjects) {
            raw += (subject.raw.expect("tried") - truth).powi(2);
            shrunken += (subject.estimate.value - truth).powi(2);
            inside += usize::from(subject.estimate.interval.contains(*truth));
            all += 1;
        }
    }
    println!("squared error: {:.2} of the raw one", shrunken / raw);
    assert!(shrunken < 0.8 * raw, "{shrunken} instead of {raw}");
    let share = inside as f64 / all as f64;
    println!("shrunken intervals: {share:.4}");
    // Narrower than they say, as their documentation admits: the prior is taken for known.
    assert!((0.80..=0.90).contains(&share), "{share}");
}

#[test]
fn stable_processes_show_false_alarms_as_often_as_stated() {
    let mut world = World::of(11);
    let charts: Vec<Vec<Rule>> = (0..draws(4000))
        .map(|_| {
            let points: Vec<Option<f64>> = world.normals(24).into_iter().map(Some).collect();
            let limits = Limits::of(&points, Scale::Unbounded).expect("defined");
            signals(&points, &limits).into_iter().map(|signal| signal.rule).collect()
        })
        .collect();
    let share = |is_so: &dyn Fn(&Rule) -> bool| {
        charts.iter().filter(|rules| rules.iter().any(is_so)).count() as f64 / charts.len() as f64
    };
    let stated = [
        (share(&|rule| matches!(rule, Rule::OutsideLimits(_))), Rule::OutsideLimits(Side::Above)),
        (share(&|rule| matches!(rule, Rule::Run(_))), Rule::Run(Side::Above)),
        (share(&|rule| matches!(rule, Rule::BeyondMidpoint(_))), Rule::BeyondMidpoint(Side::Above)),
        (share(&|rule| *rule == Rule::Range), Rule::Range),
    ];
    for (got, rule) in stated {
        println!("{rule:?}: {got:.4}, stated {}", rule.false_alarm_share());
        assert!((got - rule.false_alarm_share()).abs() < 0.015, "{rule:?}: {got}");
    }
    let any = share(&|_| true);
    assert!((any - 0.21).abs() < 0.025, "{any}");
}

#[test]
fn a_shift_of_two_deviations_is_seen_within_eight_points() {
    let mut world = World::of(12);
    let seen = frequency(500, || {
        let before: Vec<Option<f64>> = world.normals(24).into_iter().map(Some).collect();
        let limits = Limits::of(&before, Scale::Unbounded).expect("defined");
        let after: Vec<Option<f64>> = world.normals(8).into_iter().map(|value| Some(value + 2.0)).collect();
        !signals(&after, &limits).is_empty()
    });
    println!("shift seen: {:.4}", seen.share);
    assert!(seen.share > 0.9, "{seen:?}");
}
