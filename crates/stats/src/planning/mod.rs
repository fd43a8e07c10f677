//! Planning targets: whether they can be reached (domain 9.1), whether they are spread sensibly over
//! those who have them (9.2), and whether there are enough people for the plan (9.3). Thresholds are the
//! industry's rules of thumb, not laws.

mod attainability;
mod capacity;
mod fairness;
mod spread;

pub use attainability::{Attainability, expected_participation};
pub use capacity::{Member, capacity};
pub use fairness::{InProportion, in_proportion, ratchet, spearman};
pub use spread::{
    gini, is_usual_median, is_usual_participation, participation, share_of_top_fifth, variation,
};
