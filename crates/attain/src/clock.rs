//! What time it is for questions: the machine's time, or a fixed instant for a company whose
//! present is made up.

use jiff::Timestamp;

/// Tells what time it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clock {
    /// The machine's.
    Real,
    /// Stands still.
    Fixed(Timestamp),
}

impl Clock {
    /// The present.
    pub(crate) fn now(self) -> Timestamp {
        match self {
            Clock::Real => Timestamp::now(),
            Clock::Fixed(instant) => instant,
        }
    }
}
