//! What becomes of a question (domain 7.13): answered it stays, unanswered it expires. Which of the two
//! follows from what was done and from the day.

use attain_metrics::WorkingDays;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::pattern::Pattern;

/// Working days in which a question may be answered.
const DAYS: Decimal = Decimal::from_parts(20, 0, 0, false, 0);
/// Letters of an answer at most.
pub(super) const ANSWER_MAX: usize = 4_000;

/// A question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) number: i64,
    pub(super) person: String,
    pub(super) pattern: Pattern,
    pub(super) sentence: String,
    pub(super) asked_on: Date,
    /// The snapshot whose rows it is about.
    pub(super) snapshot: i64,
    /// How many these are.
    pub(super) rows: i64,
    pub(super) end: Option<End>,
}

/// What ended it before its time was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Answered {
        answer: String,
        on: Date,
    },
    /// Rows it was about are gone: the import that brought them was undone, or they were deleted.
    Withdrawn {
        on: Date,
    },
}

/// What has become of it by a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It may be answered until the end of a day.
    Open {
        until: Date,
    },
    Answered {
        answer: String,
        on: Date,
    },
    /// Nobody but the person ever saw it.
    Expired {
        after: Date,
    },
    Withdrawn {
        on: Date,
    },
}

impl Question {
    pub(super) fn state(&self, today: Date, days: &WorkingDays) -> State {
        let until = days.after(self.asked_on, DAYS);
        match &self.end {
            Some(End::Answered { answer, on }) => State::Answered { answer: answer.clone(), on: *on },
            Some(End::Withdrawn { on }) => State::Withdrawn { on: *on },
            None if today <= until => State::Open { until },
            None => State::Expired { after: until },
        }
    }
}

impl State {
    /// The word that programs read.
    pub(super) fn word(&self) -> &'static str {
        match self {
            State::Open { .. } => "asked",
            State::Answered { .. } => "answered",
            State::Expired { .. } => "expired",
            State::Withdrawn { .. } => "withdrawn",
        }
    }
}

/// An answer as it was typed, or what is wrong with it.
pub(super) fn answer(typed: &str) -> Result<&str, String> {
    let typed = typed.trim();
    if typed.is_empty() || typed.chars().count() > ANSWER_MAX {
        return Err(format!("Write an answer of at most {ANSWER_MAX} letters. Nothing was sent."));
    }
    Ok(typed)
}

#[cfg(test)]
mod tests {
    use attain_facts::calendar::WorkCalendar;
    use jiff::civil::date;

    use super::*;

    fn asked(end: Option<End>) -> Question {
        Question {
            number: 1,
            person: "person-1".to_owned(),
            pattern: Pattern::Burst,
            sentence: "140 calls".to_owned(),
            asked_on: date(2026, 6, 5),
            snapshot: 1,
            rows: 140,
            end,
        }
    }

    #[test]
    fn a_question_expires_after_twenty_working_days_and_an_answer_never_does() {
        let days = WorkingDays::new(WorkCalendar::default());
        // Friday 5 June; twenty working days later it is Friday 3 July.
        let (last, later) = (date(2026, 7, 3), date(2026, 7, 4));
        assert_eq!(asked(None).state(date(2026, 6, 5), &days), State::Open { until: last });
        assert_eq!(asked(None).state(last, &days), State::Open { until: last });
        assert_eq!(asked(None).state(later, &days), State::Expired { after: last });
        let answered = asked(Some(End::Answered { answer: "a campaign".to_owned(), on: last }));
        let state = State::Answered { answer: "a campaign".to_owned(), on: last };
        assert_eq!(answered.state(date(2027, 1, 1), &days), state);
        let withdrawn = asked(Some(End::Withdrawn { on: last }));
        assert_eq!(withdrawn.state(later, &days), State::Withdrawn { on: last });
    }

    #[test]
    fn an_answer_says_something() {
        assert_eq!(answer("  a campaign \n"), Ok("a campaign"));
        assert!(answer(" \n ").is_err());
        assert!(answer(&"x".repeat(ANSWER_MAX)).is_ok());
        assert!(answer(&"x".repeat(ANSWER_MAX + 1)).is_err());
    }
}
