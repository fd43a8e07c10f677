//! What is asked, and how far whoever asks may see.

use crate::calendar::Period;
use crate::credited::RateMode;
use crate::subject::{Dimension, Subject};

/// How far an actor may see. Deny is the default: what is not inside is answered E11, never
/// narrowed in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every subject.
    Everything,
    /// No subject.
    Nothing,
}

impl Reach {
    /// Whether a subject is inside.
    #[must_use]
    pub fn includes(self, _subject: &Subject) -> bool {
        self == Reach::Everything
    }
}

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
