//! Ranks, for the command line and the API. Pages show no order among people before uncertainty
//! exists.

use std::cmp::Reverse;
use std::collections::HashMap;

use rust_decimal::Decimal;

use crate::answer::{Answer, Code, Number};
use crate::definition::{Direction, Metric};

/// The rank of each number of an answer among the members of its period, in the answer's order:
/// best first, ties in the order of names. Without a value, or below the metric's minimum n,
/// there is no rank (domain 7.2); unassigned is never ranked (T7), nor who was hardly there (T20).
#[must_use]
pub fn rank(answer: &Answer, metric: &Metric) -> Vec<Option<usize>> {
    let mut ranks = vec![None; answer.numbers.len()];
    if !metric.ranked {
        return ranks;
    }
    let mut places: Vec<(usize, Decimal)> = answer
        .numbers
        .iter()
        .enumerate()
        .filter_map(|(index, number)| Some((index, rankable(number, metric)?)))
        .collect();
    match metric.direction {
        Direction::Down => places.sort_by_key(|(_, value)| *value),
        Direction::Up | Direction::Band | Direction::None => places.sort_by_key(|(_, value)| Reverse(*value)),
    }
    let mut taken = HashMap::new();
    for (index, _) in places {
        let place = taken.entry(&answer.numbers[index].period).or_insert(0);
        *place += 1;
        ranks[index] = Some(*place);
    }
    ranks
}

fn rankable(number: &Number, metric: &Metric) -> Option<Decimal> {
    let assigned = !number.members.is_empty() && number.members.iter().all(Option::is_some);
    let enough = metric.minimum_n_rank.is_none_or(|minimum| number.n >= minimum);
    let this_metric = number.metric == metric.id;
    let comparable = !number.codes.contains(&Code::NotComparable);
    number.value.filter(|_| assigned && enough && comparable && this_metric)
}
