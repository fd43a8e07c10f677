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
    pub(super) below: Vec<Node>,
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

    /// What the targets right below come to; none where nobody has one.
    pub(super) fn sum(&self) -> Option<Decimal> {
        let targets: Vec<Decimal> = self.below.iter().filter_map(Node::counted).collect();
        (!targets.is_empty()).then(|| targets.into_iter().sum())
    }

    /// How many right below have no target.
    pub(super) fn without(&self) -> usize {
        self.below.iter().filter(|node| node.counted().is_none()).count()
    }

    /// By how much what stands below is more than its own.
    pub(super) fn difference(&self) -> Option<Decimal> {
        Some(self.sum()? - self.own.as_ref()?.target)
    }

    /// The same as a share of its own.
    pub(super) fn over_assignment(&self) -> Option<Decimal> {
        over_assignment([self.sum()?], self.own.as_ref()?.target).ok()
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
        Node { subject: Subject::Rep(name.to_owned()), name: name.to_owned(), own, below: Vec::new() }
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
    fn nobody_with_a_target_is_no_sum_of_zero() {
        let nobody = team(None, vec![person("gus", None)]);
        assert_eq!((nobody.sum(), nobody.counted(), nobody.without()), (None, None, 1));
    }
}
