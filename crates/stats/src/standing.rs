//! Where each subject of a peer set stands: shrinkage, rank distribution, test against the rest and the
//! correction for many comparisons, put together into the verdict that may be said (domain 7.8). The
//! peer set is one metric in one period; nobody outside it changes anything (I8).
//!
//! What is promised, and tried in `tests/error_rates.rs`: where nobody differs, fewer than one peer set in
//! ten has any verdict. Where several stand out on the same side the promise is weaker, because each is
//! tested against the rest taken together: with three of twelve at 60 % and nine at 30 % (100 trials
//! each), the three are found, and a quarter of all verdicts call one of the nine clearly below.

use std::ops::RangeInclusive;

use crate::count::Count;
use crate::expectation::ObservedOverExpected;
use crate::interval::Confidence;
use crate::minimum::{Basis, Sufficiency};
use crate::multiplicity::benjamini_hochberg;
use crate::probability::Probability;
use crate::proportion::Proportion;
use crate::ranking::{Better, Ranks, Tier, Verdict, ranks};
use crate::sample::Sample;
use crate::shrinkage::{
    BetaPrior, GammaPrior, Measured, NormalPrior, NotShrunk, Shrinkage, Shrunken, shrink_means,
    shrink_proportions, shrink_rates,
};
use crate::significance::{means_against_the_rest, proportions_against_the_rest, rates_against_the_rest};
use crate::undefined::Undefined;

/// Where one subject stands among its peers.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    /// The value after shrinkage, with its interval and posterior.
    pub shrunken: Shrunken,
    /// What its rank distribution says.
    pub ranks: Ranks,
    /// The p-value against the rest of the peer set.
    pub p_value: Probability,
    /// The same among all comparisons of the family.
    pub q_value: Probability,
}

impl Standing {
    /// The verdict, the only thing that a sentence may say.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self.ranks.tier(), self.q_value)
    }

    /// The tier of the detail view.
    #[must_use]
    pub fn tier(&self) -> Tier {
        self.ranks.tier()
    }

    /// The ranks from 5 % to 95 %.
    #[must_use]
    pub fn rank_range(&self) -> RangeInclusive<usize> {
        self.ranks.range()
    }
}

/// A peer set after comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Standings<Prior> {
    /// What all compared subjects say together.
    pub prior: Prior,
    /// Set where subjects differ no more than chance makes them.
    pub no_detectable_difference: bool,
    /// The subjects in the order they came. One that rests on too little is not compared.
    pub subjects: Vec<Result<Standing, Undefined>>,
}

/// Compares proportions. Subjects under 20 trials are not compared (domain 7.2).
///
/// # Errors
/// [`NotShrunk`] where fewer than five subjects can be compared or nothing varies: no verdict.
pub fn of_proportions(
    subjects: &[Proportion],
    better: Better,
    confidence: Confidence,
) -> Result<Standings<BetaPrior>, NotShrunk> {
    let compared = comparable(subjects, |subject| Basis::Trials.suffices(subject.trials() as f64));
    let peers = members(subjects, &compared);
    let shrinkage = shrink_proportions(&peers, confidence)?;
    Ok(standings(&compared, shrinkage, &proportions_against_the_rest(&peers), better))
}

/// Compares rates of events whose exposure is counted in working days. Subjects under 20 are not
/// compared (domain 7.2).
///
/// # Errors
/// [`NotShrunk`] where fewer than five subjects can be compared or nothing happened: no verdict.
pub fn of_rates(
    subjects: &[Count],
    better: Better,
    confidence: Confidence,
) -> Result<Standings<GammaPrior>, NotShrunk> {
    let compared = comparable(subjects, |subject| Basis::WorkingDays.suffices(subject.exposure()));
    let peers = members(subjects, &compared);
    let shrinkage = shrink_rates(&peers, confidence)?;
    Ok(standings(&compared, shrinkage, &rates_against_the_rest(&peers), better))
}

/// Compares what was observed over what was to be expected, each with 1 and not with each other (domain
/// 7.9): the p-value is the expectation's own. What has no ratio is not compared.
///
/// # Errors
/// [`NotShrunk`] where fewer than five subjects can be compared or nothing happened: no verdict.
pub fn of_expectations(
    subjects: &[Result<ObservedOverExpected, Undefined>],
    better: Better,
    confidence: Confidence,
) -> Result<Standings<GammaPrior>, NotShrunk> {
    let peers: Vec<ObservedOverExpected> = subjects.iter().filter_map(|subject| subject.ok()).collect();
    let counts: Vec<Count> =
        peers.iter().filter_map(|subject| Count::new(subject.observed, subject.expected)).collect();
    let p_values: Vec<Probability> = peers.iter().map(|subject| subject.p_value).collect();
    let compared: Vec<Result<(), Undefined>> = subjects.iter().map(|subject| subject.map(|_| ())).collect();
    Ok(standings(&compared, shrink_rates(&counts, confidence)?, &p_values, better))
}

/// Compares means of values of each subject; amounts come on the logarithmic scale. Subjects under ten
/// values (domain 7.2), with values that are no numbers or that do not vary are not compared.
///
/// # Errors
/// [`NotShrunk`] where fewer than five subjects can be compared: no verdict.
pub fn of_means(
    subjects: &[&[f64]],
    better: Better,
    confidence: Confidence,
) -> Result<Standings<NormalPrior>, NotShrunk> {
    let compared: Vec<Result<Measured, Undefined>> = subjects.iter().map(|values| measured(values)).collect();
    let means: Vec<Measured> = compared.iter().filter_map(|measured| measured.ok()).collect();
    let shrinkage = shrink_means(&means, confidence)?;
    let peers: Vec<&[f64]> =
        subjects.iter().zip(&compared).filter(|(_, mean)| mean.is_ok()).map(|(values, _)| *values).collect();
    let p_values: Vec<Probability> = means_against_the_rest(&peers)
        .into_iter()
        .map(|p_value| p_value.unwrap_or(Probability::ONE))
        .collect();
    let compared: Vec<Result<(), Undefined>> =
        compared.into_iter().map(|measured| measured.map(|_| ())).collect();
    Ok(standings(&compared, shrinkage, &p_values, better))
}

fn measured(values: &[f64]) -> Result<Measured, Undefined> {
    enough(Basis::Amounts.suffices(values.len() as f64))?;
    let sample = Sample::of(values)?;
    Measured::new(sample.mean(), sample.variance_of_mean()).ok_or(Undefined::ZeroDenominator)
}

fn enough(sufficiency: Sufficiency) -> Result<(), Undefined> {
    if sufficiency == Sufficiency::Compared { Ok(()) } else { Err(Undefined::TooFew) }
}

fn comparable<Subject>(
    subjects: &[Subject],
    sufficiency: impl Fn(&Subject) -> Sufficiency,
) -> Vec<Result<(), Undefined>> {
    subjects.iter().map(|subject| enough(sufficiency(subject))).collect()
}

fn members<Subject: Copy>(subjects: &[Subject], compared: &[Result<(), Undefined>]) -> Vec<Subject> {
    subjects
        .iter()
        .zip(compared)
        .filter(|(_, compared)| compared.is_ok())
        .map(|(subject, _)| *subject)
        .collect()
}

/// Puts together what was computed of the peers that are compared, and leaves out the others.
fn standings<Prior>(
    compared: &[Result<(), Undefined>],
    shrinkage: Shrinkage<Prior>,
    p_values: &[Probability],
    better: Better,
) -> Standings<Prior> {
    let posteriors: Vec<_> = shrinkage.subjects.iter().map(|subject| subject.posterior).collect();
    let mut peers = shrinkage
        .subjects
        .into_iter()
        .zip(ranks(&posteriors, better))
        .zip(p_values.iter().zip(benjamini_hochberg(p_values)))
        .map(|((shrunken, ranks), (p_value, q_value))| Standing {
            shrunken,
            ranks,
            p_value: *p_value,
            q_value,
        });
    let subjects = compared
        .iter()
        .map(|compared| compared.and_then(|()| peers.next().ok_or(Undefined::TooFew)))
        .collect();
    Standings {
        prior: shrinkage.prior,
        no_detectable_difference: shrinkage.no_detectable_difference,
        subjects,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expectation::{Stratum, observed_over_expected};

    fn shares(of: &[(u64, u64)]) -> Vec<Proportion> {
        of.iter().map(|(x, n)| Proportion::new(*x, *n).expect("a proportion")).collect()
    }

    fn verdicts<Prior>(standings: &Standings<Prior>) -> Vec<Option<Verdict>> {
        standings.subjects.iter().map(|subject| subject.as_ref().ok().map(Standing::verdict)).collect()
    }

    use Verdict::{CannotBeToldApart, ClearlyAbove, ClearlyBelow};

    #[test]
    fn somebody_far_ahead_is_clearly_above_and_three_of_four_is_not_compared() {
        let peers = shares(&[(160, 200), (62, 200), (58, 200), (60, 200), (66, 200), (20, 200), (3, 4)]);
        let got = of_proportions(&peers, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        let middle = Some(CannotBeToldApart);
        assert_eq!(
            verdicts(&got),
            vec![Some(ClearlyAbove), middle, middle, middle, middle, Some(ClearlyBelow), None]
        );
        assert_eq!(got.subjects[6], Err(Undefined::TooFew));
        let turned = of_proportions(&peers, Better::Lower, Confidence::NINETY_FIVE).expect("defined");
        assert_eq!(verdicts(&turned)[0], Some(ClearlyBelow));
    }

    #[test]
    fn people_alike_cannot_be_told_apart() {
        let peers = shares(&[(20, 60), (22, 60), (18, 60), (21, 60), (19, 60), (24, 60)]);
        let got = of_proportions(&peers, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        assert!(got.no_detectable_difference);
        assert!(verdicts(&got).iter().all(|verdict| *verdict == Some(CannotBeToldApart)));
        let widest = got.subjects.iter().flatten().map(|subject| subject.rank_range().count()).max();
        assert!(widest >= Some(5), "ranks are ranges");
    }

    #[test]
    fn four_people_have_no_order() {
        let peers = shares(&[(160, 200), (62, 200), (58, 200), (60, 200), (3, 4)]);
        let got = of_proportions(&peers, Better::Higher, Confidence::NINETY_FIVE);
        assert_eq!(got, Err(NotShrunk::TooFewSubjects));
    }

    #[test]
    fn rates_and_deal_sizes_have_verdicts_too() {
        let counts: Vec<Count> = [(150, 60.0), (31, 60.0), (28, 60.0), (30, 60.0), (33, 60.0), (2, 9.0)]
            .iter()
            .map(|(events, exposure)| Count::new(*events, *exposure).expect("a count"))
            .collect();
        let got = of_rates(&counts, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        assert_eq!(verdicts(&got)[0], Some(ClearlyAbove));
        assert_eq!(verdicts(&got)[5], None);

        let around =
            |centre: f64| -> Vec<f64> { (0..12).map(|step| centre + 0.1 * f64::from(step % 4)).collect() };
        let sizes = [around(9.0), around(9.05), around(8.95), around(9.0), around(6.0), vec![9.0; 12]];
        let sizes: Vec<&[f64]> = sizes.iter().map(Vec::as_slice).collect();
        let got = of_means(&sizes, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        assert_eq!(verdicts(&got)[4], Some(ClearlyBelow));
        assert_eq!(got.subjects[5], Err(Undefined::ZeroDenominator));
    }

    #[test]
    fn winning_less_where_less_can_be_won_is_as_expected() {
        let of = |won, decided, rate| {
            let reference = Probability::new(rate).expect("a probability");
            observed_over_expected(won, &[Stratum { decided, reference }], Confidence::NINETY_FIVE)
        };
        let subjects = [
            of(10, 100, 0.1),
            of(40, 100, 0.4),
            of(61, 100, 0.6),
            of(19, 100, 0.2),
            of(5, 100, 0.4),
            of(2, 9, 0.1),
        ];
        let got = of_expectations(&subjects, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        let middle = Some(CannotBeToldApart);
        assert_eq!(verdicts(&got), vec![middle, middle, middle, middle, Some(ClearlyBelow), None]);
        assert_eq!(got.subjects[5], Err(Undefined::TooFew));
    }

    /// Invariant I8: whoever is not compared changes nothing.
    #[test]
    fn somebody_outside_the_peer_set_changes_nothing() {
        let mut peers = shares(&[(80, 200), (62, 200), (58, 200), (60, 200), (66, 200)]);
        let before = of_proportions(&peers, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        peers.push(Proportion::new(19, 19).expect("a proportion"));
        let after = of_proportions(&peers, Better::Higher, Confidence::NINETY_FIVE).expect("defined");
        assert_eq!(before.subjects, after.subjects[..5]);
    }
}
