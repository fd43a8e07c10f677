//! What must hold across effective-dated rows (domain 2.7), as pure rules: a day has one primary
//! team and one line manager, shares add up, and no chain of references comes back to its start.
//!
//! A claim says that something holds about a thing for a time. Claims of earlier deliveries stand;
//! where one contradicts them, the delivered one gives way.

use std::collections::{BTreeMap, HashMap};

/// A whole share, in the units that shares are kept in.
pub(super) const WHOLE: i128 = 1_000_000;

/// One row, seen as a claim about something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Claim {
    /// What it is about.
    pub(super) about: String,
    /// What it leads to, in claims about chains.
    pub(super) leads_to: String,
    /// From when it holds and until when, half-open, in days or microseconds.
    pub(super) from: i64,
    pub(super) to: i64,
    /// How much of the thing it claims, in millionths.
    pub(super) share: i128,
    /// File and line; `None` for a claim of an earlier delivery.
    pub(super) place: Option<(usize, u64)>,
}

impl Claim {
    fn overlaps(&self, other: &Claim) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// A delivered claim that cannot stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) file_index: usize,
    pub(super) line: u64,
    /// Line of the claim it contradicts, if that was delivered too.
    pub(super) against: Option<u64>,
}

impl Refused {
    fn new(place: (usize, u64), against: Option<&Claim>) -> Refused {
        let against = against.and_then(|claim| claim.place).map(|(_, line)| line);
        Refused { file_index: place.0, line: place.1, against }
    }
}

/// Claims that ask for more of a thing than is left of it. They are about the same thing, in the
/// order in which they begin.
pub(super) fn above_one(claims: &[Claim]) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut standing: Vec<&Claim> = Vec::new();
    for claim in claims.iter().filter(|claim| claim.share > 0) {
        standing.retain(|earlier| earlier.to > claim.from);
        let excess = |standing: &[&Claim]| {
            standing.iter().map(|claim| claim.share).sum::<i128>() + claim.share > WHOLE
        };
        match claim.place {
            Some(place) if excess(&standing) => {
                refused.push(Refused::new(place, standing.last().copied()));
                continue;
            }
            Some(_) => {}
            None => {
                while excess(&standing) {
                    let delivered = standing.iter().rposition(|earlier| earlier.place.is_some());
                    let Some(position) = delivered else { break };
                    let earlier = standing.remove(position);
                    refused.extend(earlier.place.map(|place| Refused::new(place, Some(claim))));
                }
            }
        }
        standing.push(claim);
    }
    refused
}

/// Claims about the same thing, all of them if at any instant they do not claim all of it.
pub(super) fn not_one(claims: &[Claim]) -> Vec<Refused> {
    let mut changes: BTreeMap<i64, (i128, i64)> = BTreeMap::new();
    for claim in claims {
        for (instant, sign) in [(claim.from, 1), (claim.to, -1)] {
            let change = changes.entry(instant).or_default();
            change.0 += i128::from(sign) * claim.share;
            change.1 += sign;
        }
    }
    let (mut share, mut standing) = (0, 0);
    let adds_up = changes.values().all(|change| {
        share += change.0;
        standing += change.1;
        standing == 0 || share == WHOLE
    });
    let delivered = claims.iter().filter_map(|claim| claim.place);
    if adds_up { Vec::new() } else { delivered.map(|place| Refused::new(place, None)).collect() }
}

/// Claims whose chain comes back to what they are about, at one instant.
pub(super) fn circular(claims: &[Claim]) -> Vec<Refused> {
    let chains = Chains::of(claims);
    let endless = chains.endless();
    let mut is_circular = vec![false; claims.len()];
    for start in 0..claims.len() {
        if endless[start] && !is_circular[start] {
            chains.mark_circle(start, &endless, &mut is_circular);
        }
    }
    let circular = claims.iter().zip(is_circular).filter(|(_, is_circular)| *is_circular);
    circular.filter_map(|(claim, _)| Some(Refused::new(claim.place?, None))).collect()
}

/// Claims, and which of them go on where others end.
struct Chains<'c> {
    claims: &'c [Claim],
    about: HashMap<&'c str, Vec<usize>>,
}

/// A step of a walk along a chain: the claim, the time for which the walk holds, the step before.
struct Step {
    claim: usize,
    from: i64,
    to: i64,
    previous: Option<usize>,
    length: usize,
}

impl<'c> Chains<'c> {
    fn of(claims: &'c [Claim]) -> Chains<'c> {
        let mut about: HashMap<&str, Vec<usize>> = HashMap::new();
        for (position, claim) in claims.iter().enumerate() {
            about.entry(&claim.about).or_default().push(position);
        }
        Chains { claims, about }
    }

    /// Claims about what a claim leads to, while it holds.
    fn onwards(&self, claim: usize) -> impl Iterator<Item = usize> {
        let claim = &self.claims[claim];
        let next = self.about.get(claim.leads_to.as_str()).into_iter().flatten().copied();
        next.filter(|next| self.claims[*next].overlaps(claim))
    }

    /// Claims whose chains have no end; as a rule there are none. Ends are taken away one after the
    /// other until only chains without end are left.
    fn endless(&self) -> Vec<bool> {
        let onwards: Vec<Vec<usize>> =
            (0..self.claims.len()).map(|claim| self.onwards(claim).collect()).collect();
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.claims.len()];
        for (claim, next) in onwards.iter().enumerate() {
            next.iter().for_each(|next| before[*next].push(claim));
        }
        let mut left: Vec<usize> = onwards.iter().map(Vec::len).collect();
        let mut ends: Vec<usize> = (0..left.len()).filter(|claim| left[*claim] == 0).collect();
        while let Some(end) = ends.pop() {
            for claim in &before[end] {
                left[*claim] -= 1;
                if left[*claim] == 0 {
                    ends.push(*claim);
                }
            }
        }
        left.into_iter().map(|left| left > 0).collect()
    }

    /// Marks the claims of a circle through `start`, if at any instant there is one.
    fn mark_circle(&self, start: usize, endless: &[bool], is_circular: &mut [bool]) {
        let first = &self.claims[start];
        let longest = endless.iter().filter(|endless| **endless).count();
        let mut steps =
            vec![Step { claim: start, from: first.from, to: first.to, previous: None, length: 1 }];
        // A stack of its own: a hostile file may hold a chain as long as itself.
        let mut open = vec![0];
        while let Some(position) = open.pop() {
            let Step { claim, from, to, length, .. } = steps[position];
            if self.claims[claim].leads_to == first.about {
                let mut step = Some(position);
                while let Some(position) = step {
                    is_circular[steps[position].claim] = true;
                    step = steps[position].previous;
                }
                return;
            }
            // A circle that the start is no part of is not followed for ever.
            for next in self.onwards(claim).filter(|next| endless[*next] && length < longest) {
                let (from, to) = (from.max(self.claims[next].from), to.min(self.claims[next].to));
                if from < to {
                    open.push(steps.len());
                    steps.push(Step { claim: next, from, to, previous: Some(position), length: length + 1 });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim of line `line`, or of an earlier delivery for 0.
    fn claim(line: u64, about: &str, leads_to: &str, from: i64, to: i64, percent: i128) -> Claim {
        let place = (line > 0).then_some((0, line));
        let share = percent * WHOLE / 100;
        Claim { about: about.into(), leads_to: leads_to.into(), from, to, share, place }
    }

    fn lines(refused: &[Refused]) -> Vec<u64> {
        refused.iter().map(|refused| refused.line).collect()
    }

    fn shares(rows: &[(u64, i64, i64, i128)]) -> Vec<Claim> {
        rows.iter().map(|(line, from, to, percent)| claim(*line, "x", "", *from, *to, *percent)).collect()
    }

    #[test]
    fn what_ends_when_the_next_begins_does_not_overlap_it() {
        assert_eq!(above_one(&shares(&[(2, 0, 10, 100), (3, 10, 20, 100)])), []);
        let refused = above_one(&shares(&[(2, 0, 11, 100), (3, 10, 20, 100), (4, 11, 20, 100)]));
        assert_eq!(refused, [Refused { file_index: 0, line: 3, against: Some(2) }]);
    }

    #[test]
    fn shares_of_a_territory_are_at_most_the_whole_of_it() {
        assert_eq!(above_one(&shares(&[(2, 0, 10, 60), (3, 0, 10, 40), (4, 10, 20, 100)])), []);
        assert_eq!(lines(&above_one(&shares(&[(2, 0, 10, 60), (3, 5, 10, 41), (4, 6, 9, 40)]))), [3]);
    }

    #[test]
    fn what_was_known_before_stands_against_what_is_delivered() {
        let refused = above_one(&shares(&[(2, 0, 20, 100), (0, 10, 30, 100), (3, 20, 40, 100)]));
        assert_eq!(lines(&refused), [2, 3]);
        assert!(refused.iter().all(|refused| refused.against.is_none()), "{refused:?}");
    }

    #[test]
    fn splits_of_a_deal_add_up_to_one_at_every_instant() {
        assert_eq!(not_one(&shares(&[(2, 0, 9, 50), (3, 0, 9, 50), (4, 9, i64::MAX, 100)])), []);
        assert_eq!(lines(&not_one(&shares(&[(2, 0, 9, 50), (3, 0, 8, 50)]))), [2, 3]);
        assert_eq!(lines(&not_one(&shares(&[(2, 0, 9, 50), (0, 0, 9, 49)]))), [2]);
        assert_eq!(not_one(&shares(&[(2, 0, 3, 100), (3, 5, 9, 100)])), [], "in between there are none");
    }

    #[test]
    fn nobody_leads_themselves_through_others() {
        let all =
            |from, to| move |line, about: &str, leads_to: &str| claim(line, about, leads_to, from, to, 0);
        let always = all(i64::MIN, i64::MAX);
        let circle = [always(2, "a", "b"), always(3, "b", "c"), always(4, "c", "a"), always(5, "d", "a")];
        assert_eq!(lines(&circular(&circle)), [2, 3, 4], "d only leads into the circle");
        assert_eq!(lines(&circular(&[always(2, "a", "a")])), [2]);
        let swapped = [claim(2, "a", "b", 0, 10, 0), claim(3, "b", "a", 10, 20, 0)];
        assert_eq!(circular(&swapped), [], "they changed places on day 10");
        let overlapping = [claim(2, "a", "b", 0, 11, 0), claim(3, "b", "a", 10, 20, 0)];
        assert_eq!(lines(&circular(&overlapping)), [2, 3]);
    }

    #[test]
    fn a_long_chain_and_a_long_circle_end() {
        let name = |number: u64| format!("p{number}");
        let chain: Vec<Claim> = (1..20_000).map(|n| claim(n, &name(n), &name(n + 1), 0, 1, 0)).collect();
        assert_eq!(circular(&chain), []);
        let mut circle = chain;
        circle.push(claim(20_000, &name(20_000), &name(1), 0, 1, 0));
        assert_eq!(circular(&circle).len(), 20_000);
    }
}
