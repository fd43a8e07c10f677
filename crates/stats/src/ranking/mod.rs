//! Ranking with uncertainty: who is better, as far as the numbers tell (domain 7.8). A rank is a
//! distribution, shown as a range; a sentence is one of three verdicts, and "cannot be told apart"
//! is one of them.

mod ahead;
mod crowd;
mod places;
#[cfg(test)]
mod plainly;
mod posterior;
mod ranks;
mod verdict;

pub use posterior::{Posterior, beats};
pub use ranks::{RankDistribution, Ranks, expected_rank, rank_distributions, ranks};
pub use verdict::{Tier, Verdict};

/// Which end of the scale is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// More is better (↑).
    Higher,
    /// Less is better (↓).
    Lower,
}

impl Better {
    /// The probability of somebody to be ahead of a place on the scale, from that to lie below it.
    fn ahead(self, below: f64) -> f64 {
        match self {
            Better::Higher => 1.0 - below,
            Better::Lower => below,
        }
    }
}
