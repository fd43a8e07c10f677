//! What is asked.

use crate::calendar::Period;
use crate::credited::RateMode;
use crate::subject::{Dimension, Subject};

/// What is asked: metrics of a subject, split by dimensions, for periods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Identifiers of metrics.
    pub metrics: Vec<String>,
    /// Whom it is about.
    pub subject: Subject,
    /// What it is split by; empty for the subject as a whole.
    pub by: Vec<Dimension>,
    /// For which periods.
    pub periods: Vec<Period>,
    /// A condition rows must meet beside those of the definitions: `segment = 'SMB'`.
    pub filter: Option<String>,
    /// Which rates money is converted at.
    pub rates: RateMode,
}
