//! A tree of targets with its sums. Pure.

use attain_metrics::Subject;
use attain_stats::cascade::over_assignment;
use rust_decimal::Decimal;

/// Somebody with a place in the tree, and everybody right below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) own: Option<Own>,
    /// Those of them whom the one who asks may open.
    pub(super) below: Vec<Node>,
    /// Whether there are others, of whom nothing is told, no sum with them either.
    pub(super) hides: bool,
}

/// A target that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Own {
    /// For the days it applies.
    pub(super) target: Decimal,
    /// The goal; none for a quota as it was delivered.
    pub(super) goal: Option<i64>,
}

impl Node {
    /// What counts toward the one above: its own target, or what stands below where it has none (domain 6.2).
    pub(super) fn counted(&self) -> Option<Decimal> {
        self.own.as_ref().map(|own| own.target).or_else(|| self.sum())
    }

    /// Whether a part of what counts right below is not for the one who asks to see.
    pub(super) fn is_partly_hidden(&self) -> bool {
        self.hides || self.below.iter().any(Node::is_hidden)
    }

    /// Whether what counts toward the one above cannot be told.
    fn is_hidden(&self) -> bool {
        self.own.is_none() && self.is_partly_hidden()
    }

    /// Whether its own target is no more than the sum of the quotas below it (domain 6.2), so that there is nothing to
    /// hold against them: quotas are delivered for people.
    pub(super) fn is_derived(&self) -> bool {
        let is_quota = self.own.as_ref().is_some_and(|own| own.goal.is_none());
        is_quota && !matches!(self.subject, Subject::Rep(_))
    }

    /// What the targets right below come to; none where nobody has one, or not all are for the one who asks to see.
    pub(super) fn sum(&self) -> Option<Decimal> {
        if self.is_partly_hidden() {
            return None;
        }
        let targets: Vec<Decimal> = self.below.iter().filter_map(Node::counted).collect();
        (!targets.is_empty()).then(|| targets.into_iter().sum())
    }

    /// How many right below have no target.
    pub(super) fn without(&self) -> usize {
        self.below.iter().filter(|node| node.counted().is_none() && !node.is_hidden()).count()
    }

    /// By how much what stands below is more than its own.
    pub(super) fn difference(&self) -> Option<Decimal> {
        Some(self.sum()? - self.agreed()?)
    }

    /// The same as a share of its own.
    pub(super) fn over_assignment(&self) -> Option<Decimal> {
        over_assignment([self.sum()?], self.agreed()?).ok()
    }

    /// Its own target, unless that is derived.
    fn agreed(&self) -> Option<Decimal> {
        self.own.as_ref().filter(|_| !self.is_derived()).map(|own| own.target)
    }

    /// The nodes of the tree from above, each with its depth and the one above it.
    pub(super) fn flat(&self) -> Vec<(usize, Option<&Node>, &Node)> {
        let mut flat = Vec::new();
        let mut next = vec![(0, None, self)];
        while let Some((depth, above, node)) = next.pop() {
            flat.push((depth, above, node));
            next.extend(node.below.iter().rev().map(|below| (depth + 1, Some(node), below)));
        }
        flat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(name: &str, target: Option<i64>) -> Node {
        let own = target.map(|target| Own { target: Decimal::from(target), goal: Some(1) });
        let subject = Subject::Rep(name.to_owned());
        Node { subject, name: name.to_owned(), own, below: Vec::new(), hides: false }
    }

    fn team(target: Option<i64>, below: Vec<Node>) -> Node {
        Node { below, ..person("team", target) }
    }

    #[test]
    fn a_team_counts_by_its_own_target_and_its_difference_stays() {
        let north = team(Some(1_000), vec![person("anna", Some(700)), person("ben", Some(340))]);
        assert_eq!(north.sum(), Some(Decimal::from(1_040)));
        assert_eq!(north.difference(), Some(Decimal::from(40)));
        assert_eq!(north.over_assignment(), Some(Decimal::new(4, 2)));
        let south = team(None, vec![person("fay", Some(500)), person("gus", None)]);
        assert_eq!((south.counted(), south.without()), (Some(Decimal::from(500)), 1));
        assert_eq!(south.difference(), None);
        let company = team(Some(2_000), vec![north, south]);
        assert_eq!(company.difference(), Some(Decimal::from(-500)), "1000 and 500 below 2000");
        let names: Vec<(usize, &str)> =
            company.flat().iter().map(|(depth, _, node)| (*depth, node.name.as_str())).collect();
        assert_eq!(
            names,
            [(0, "team"), (1, "team"), (2, "anna"), (2, "ben"), (1, "team"), (2, "fay"), (2, "gus")]
        );
    }

    #[test]
    fn what_is_not_for_the_one_who_asks_is_in_no_sum_above_it() {
        let north = Node { hides: true, ..team(None, vec![person("anna", Some(700))]) };
        assert_eq!((north.sum(), north.counted()), (None, None));
        let company = team(Some(2_000), vec![north.clone(), person("fay", Some(500))]);
        assert!(company.is_partly_hidden());
        assert_eq!((company.sum(), company.difference(), company.without()), (None, None, 0));
        let with_its_own = Node { own: person("north", Some(900)).own, ..north };
        let company = team(Some(2_000), vec![with_its_own, person("fay", Some(500))]);
        assert_eq!(company.difference(), Some(Decimal::from(-600)), "a target of its own is all that counts");
    }

    #[test]
    fn a_quota_of_a_team_is_derived_and_differs_from_nothing() {
        let quota = Own { target: Decimal::from(1_000), goal: None };
        let anna = Node { own: Some(quota.clone()), ..person("anna", None) };
        assert!(!anna.is_derived());
        let subject = Subject::Manager("dora".to_owned());
        let north = Node { subject, own: Some(quota), ..team(None, vec![anna, person("gus", None)]) };
        assert!(north.is_derived());
        assert_eq!((north.difference(), north.over_assignment()), (None, None));
        assert_eq!((north.counted(), north.sum()), (Some(Decimal::from(1_000)), Some(Decimal::from(1_000))));
    }

    #[test]
    fn nobody_with_a_target_is_no_sum_of_zero() {
        let nobody = team(None, vec![person("gus", None)]);
        assert_eq!((nobody.sum(), nobody.counted(), nobody.without()), (None, None, 1));
    }
}
