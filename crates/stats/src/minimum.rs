//! Minimum n: below it a value is not shown as a rate, or not compared (domain 7.2).

/// What a value rests on, which decides how much of it is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Trials of a proportion.
    Trials,
    /// Amounts or times behind a mean or median.
    Amounts,
    /// Working days of exposure behind a rate of events.
    WorkingDays,
    /// Points of a process chart.
    Points,
    /// Subjects with something of their own, behind what is common to them.
    Subjects,
}

/// What so much of a basis is enough for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sufficiency {
    /// Counts are shown, no rate (E6).
    TooFew,
    /// The value is shown; no verdict, no rank.
    Shown,
    /// The value may be compared.
    Compared,
}

impl Basis {
    /// The least that is enough to show a value (domain 7.2).
    #[must_use]
    pub fn least_to_show(self) -> f64 {
        match self {
            Basis::Trials | Basis::Amounts | Basis::Subjects => 5.0,
            Basis::WorkingDays => 10.0,
            Basis::Points => 8.0,
        }
    }

    /// The least that is enough to compare a value (domain 7.2).
    #[must_use]
    pub fn least_to_compare(self) -> f64 {
        match self {
            Basis::Trials | Basis::WorkingDays => 20.0,
            Basis::Amounts => 10.0,
            Basis::Points => 12.0,
            Basis::Subjects => 5.0,
        }
    }

    /// What so much is enough for. What is no number is enough for nothing.
    #[must_use]
    pub fn suffices(self, amount: f64) -> Sufficiency {
        if amount >= self.least_to_compare() {
            Sufficiency::Compared
        } else if amount >= self.least_to_show() {
            Sufficiency::Shown
        } else {
            Sufficiency::TooFew
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_of_four_is_not_a_rate() {
        assert_eq!(Basis::Trials.suffices(4.0), Sufficiency::TooFew);
        assert_eq!(Basis::Trials.suffices(19.0), Sufficiency::Shown);
        assert_eq!(Basis::Trials.suffices(20.0), Sufficiency::Compared);
        assert_eq!(Basis::WorkingDays.suffices(9.5), Sufficiency::TooFew);
        assert_eq!(Basis::Points.suffices(11.0), Sufficiency::Shown);
        assert_eq!(Basis::Amounts.suffices(f64::NAN), Sufficiency::TooFew);
    }
}
