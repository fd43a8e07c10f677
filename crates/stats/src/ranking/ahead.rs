//! How many of a peer set are ahead at one place: the Poisson binomial recurrence of domain 6.7, and undone
//! for one subject after the other. Numbers too improbable to matter are not kept, so that whoever is ahead
//! or behind for certain costs nothing.

/// Probabilities that do not matter: of five hundred people all of them together stay below 1e-8.
const NEGLIGIBLE: f64 = 1e-12;
/// Subjects that are taken away at the same time, for the processor does so as fast as one.
const LANES: usize = 8;

/// The distribution of the number of those ahead.
#[derive(Default)]
pub(super) struct Ahead {
    /// The smallest number that is kept.
    least: usize,
    /// The probability of each number from there on.
    counted: Vec<f64>,
    spare: Vec<f64>,
    rest: Vec<[f64; LANES]>,
}

/// A subject to be taken away.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    pub(super) subject: usize,
    /// The probability that the subject is ahead.
    pub(super) ahead: f64,
    /// How much the place counts for the subject.
    pub(super) weight: f64,
}

impl Ahead {
    /// Counts subjects that are ahead with these probabilities.
    pub(super) fn count(&mut self, probabilities: impl Iterator<Item = f64>) {
        self.least = 0;
        self.counted.clear();
        self.counted.push(1.0);
        for ahead in probabilities {
            if ahead >= 1.0 - NEGLIGIBLE {
                self.least += 1;
            } else if ahead > NEGLIGIBLE {
                self.add(ahead);
            }
        }
    }

    fn add(&mut self, ahead: f64) {
        let behind = 1.0 - ahead;
        let last = self.counted.len() - 1;
        self.spare.resize(last + 2, 0.0);
        self.spare[0] = self.counted[0] * behind;
        self.spare[last + 1] = self.counted[last] * ahead;
        let (fewer, more) = (&self.counted[..last], &self.counted[1..]);
        for ((number, more), fewer) in self.spare[1..=last].iter_mut().zip(more).zip(fewer) {
            *number = more * behind + fewer * ahead;
        }
        std::mem::swap(&mut self.counted, &mut self.spare);
        let matters = |probability: &f64| *probability > NEGLIGIBLE;
        let end = self.counted.iter().rposition(matters).map_or(0, |last| last + 1);
        self.counted.truncate(end);
        let start = self.counted.iter().position(matters).unwrap_or(0);
        self.counted.drain(..start);
        self.least += start;
    }

    /// Adds to each subject's ranks, as far as the place counts, the probability of each number of others
    /// ahead. The recurrence is undone in the direction in which rounding does not grow.
    pub(super) fn add_without(&mut self, subjects: &[Counted], ranks: &mut [Vec<f64>]) {
        let (seldom, often): (Vec<Counted>, Vec<Counted>) =
            subjects.iter().partition(|subject| subject.ahead <= 0.5);
        for some in seldom.chunks(LANES) {
            let step = |one: &Counted| (one.weight / (1.0 - one.ahead), one.ahead / (1.0 - one.ahead));
            take_away(self.counted.iter(), &mut self.rest, some, step);
            for (lane, one) in some.iter().enumerate() {
                for (rank, rest) in ranks[one.subject][self.least..].iter_mut().zip(&self.rest) {
                    *rank += rest[lane];
                }
            }
        }
        // From the greatest number down; without a subject who is counted in it, it is one smaller.
        let greatest = self.least + self.counted.len() - 1;
        for some in often.chunks(LANES) {
            let step = |one: &Counted| (one.weight / one.ahead, (1.0 - one.ahead) / one.ahead);
            take_away(self.counted.iter().rev(), &mut self.rest, some, step);
            for (lane, one) in some.iter().enumerate() {
                for (rank, rest) in ranks[one.subject][..greatest].iter_mut().rev().zip(&self.rest) {
                    *rank += rest[lane];
                }
            }
        }
    }
}

/// Undoes the recurrence for some subjects, by the share of each that comes of the number itself and the
/// share that goes with the number before.
fn take_away<'a>(
    counted: impl ExactSizeIterator<Item = &'a f64>,
    rest: &mut Vec<[f64; LANES]>,
    subjects: &[Counted],
    step: impl Fn(&Counted) -> (f64, f64),
) {
    let (mut comes, mut goes) = ([0.0; LANES], [0.0; LANES]);
    for (lane, subject) in subjects.iter().enumerate() {
        (comes[lane], goes[lane]) = step(subject);
    }
    let mut before = [0.0; LANES];
    rest.resize(counted.len(), before);
    for (probability, rest) in counted.zip(rest.iter_mut()) {
        for lane in 0..LANES {
            before[lane] = comes[lane] * probability - goes[lane] * before[lane];
        }
        *rest = before;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The probabilities of each number of these.
    fn counted(probabilities: &[f64]) -> Vec<f64> {
        let mut ahead = Ahead::default();
        ahead.count(probabilities.iter().copied());
        let mut all = vec![0.0; probabilities.len() + 1];
        all[ahead.least..][..ahead.counted.len()].copy_from_slice(&ahead.counted);
        all
    }

    #[test]
    fn whoever_is_ahead_or_behind_for_certain_is_counted_all_the_same() {
        assert_eq!(counted(&[1.0, 0.0, 0.25, 1.0]), [0.0, 0.0, 0.75, 0.25, 0.0]);
        assert_eq!(counted(&[1.0, 1.0]), [0.0, 0.0, 1.0]);
        assert_eq!(counted(&[]), [1.0]);
    }

    proptest! {
        #[test]
        fn who_was_counted_can_be_taken_away(
            things in prop::collection::vec(prop_oneof![Just(0.0), Just(1.0), 0.0f64..=1.0], 1..60),
        ) {
            let mut ahead = Ahead::default();
            ahead.count(things.iter().copied());
            let subjects = things.iter().enumerate();
            let subjects: Vec<Counted> =
                subjects.map(|(subject, ahead)| Counted { subject, ahead: *ahead, weight: 1.0 }).collect();
            let mut ranks = vec![vec![0.0; things.len()]; things.len()];
            ahead.add_without(&subjects, &mut ranks);
            for (subject, ranks) in ranks.iter().enumerate() {
                let mut others = things.clone();
                others.remove(subject);
                for (got, expected) in ranks.iter().zip(counted(&others)) {
                    prop_assert!((got - expected).abs() < 1e-9, "{got} instead of {expected}");
                }
            }
        }
    }
}
