//! What an answer is made of: numbers with their proof.
//!
//! A value is either there or absent with a blocking code that says why (domain 5); absent is
//! never written as 0. Values are exact decimals; ratios keep 28 significant digits and are only
//! rounded where they are shown (domain T13).

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

use crate::calendar::Period;
use crate::qualified::Stale;
use crate::subject::Member;

/// Why a value is absent, or what must be known beside it (domain 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// E0: a plain value, a true zero included.
    Ok,
    /// E1: no import covers the table and period, or no row carries the needed field.
    NoData,
    /// E2: the metric does not exist at this level or for this period.
    NotApplicable,
    /// E3: the denominator is 0.
    ZeroDenominator,
    /// E4: no target is in force.
    MissingTarget,
    /// E5: the period is not over, or data ends inside it.
    PartialPeriod,
    /// E6: n is below the minimum; value kept, no verdict and no rank.
    TooFew,
    /// E7: rows in a currency without a rate are left out of the money.
    CurrencyMissing,
    /// E8: history starts after the event could have happened.
    LeftTruncated,
    /// E9: some outcomes are still open.
    Censored,
    /// E10: differs from the value that was signed.
    Restated,
    /// E11: outside the reach of the one who asks.
    Suppressed,
    /// E12: a target that applies to a part of the period.
    Prorated,
    /// E13: the facts were last imported a while ago, before the period was over.
    Stale,
    /// E14: more than 1 % of the facts count for nobody.
    UnassignedPart,
    /// E16: the target is 0.
    ZeroTarget,
    /// E17: a value to divide by or compare with is negative.
    InvalidBase,
    /// E15: more than 5 % of the rows lack the needed field.
    IncompleteRows,
    /// E19: of somebody who was present for less than 80 % of the period: not ranked.
    NotComparable,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 19] = [
        Code::Ok,
        Code::NoData,
        Code::NotApplicable,
        Code::ZeroDenominator,
        Code::MissingTarget,
        Code::PartialPeriod,
        Code::TooFew,
        Code::CurrencyMissing,
        Code::LeftTruncated,
        Code::Censored,
        Code::Restated,
        Code::Suppressed,
        Code::Prorated,
        Code::Stale,
        Code::UnassignedPart,
        Code::ZeroTarget,
        Code::InvalidBase,
        Code::IncompleteRows,
        Code::NotComparable,
    ];

    /// The code as domain 5 writes it.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Code::Ok => "E0",
            Code::NoData => "E1",
            Code::NotApplicable => "E2",
            Code::ZeroDenominator => "E3",
            Code::MissingTarget => "E4",
            Code::PartialPeriod => "E5",
            Code::TooFew => "E6",
            Code::CurrencyMissing => "E7",
            Code::LeftTruncated => "E8",
            Code::Censored => "E9",
            Code::Restated => "E10",
            Code::Suppressed => "E11",
            Code::Stale => "E13",
            Code::UnassignedPart => "E14",
            Code::NotComparable => "E19",
            Code::IncompleteRows => "E15",
            Code::Prorated => "E12",
            Code::ZeroTarget => "E16",
            Code::InvalidBase => "E17",
        }
    }

    /// The code in words, as screens show it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Code::Ok => "complete",
            Code::NoData => "no data",
            Code::NotApplicable => "does not apply",
            Code::ZeroDenominator => "nothing to divide by",
            Code::MissingTarget => "no target",
            Code::PartialPeriod => "to date",
            Code::TooFew => "too few",
            Code::CurrencyMissing => "rows without exchange rate left out",
            Code::LeftTruncated => "history starts later",
            Code::Censored => "some not decided yet",
            Code::Restated => "restated",
            Code::Suppressed => "hidden",
            Code::Stale => "not imported lately",
            Code::UnassignedPart => "a part is nobody's",
            Code::NotComparable => "hardly there, not ranked",
            Code::Prorated => "target prorated",
            Code::ZeroTarget => "target 0",
            Code::InvalidBase => "no base to compare with",
            Code::IncompleteRows => "rows lack the amount or date",
        }
    }

    /// Position in the precedence of short labels, when several codes block (domain 5).
    #[must_use]
    pub fn precedence(self) -> u8 {
        match self {
            Code::Suppressed => 0,
            Code::NotApplicable => 1,
            Code::NoData => 2,
            Code::ZeroDenominator => 3,
            Code::ZeroTarget => 4,
            Code::InvalidBase => 5,
            Code::MissingTarget => 6,
            Code::CurrencyMissing => 7,
            Code::Censored => 8,
            Code::TooFew => 9,
            Code::PartialPeriod
            | Code::LeftTruncated
            | Code::Restated
            | Code::Prorated
            | Code::Stale
            | Code::UnassignedPart
            | Code::IncompleteRows
            | Code::NotComparable => 10,
            Code::Ok => 11,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Several codes, in the order of [`Code`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Codes(u32);

impl Codes {
    /// Adds a code.
    pub fn insert(&mut self, code: Code) {
        self.0 |= 1 << code as u32;
    }

    /// Takes a code away.
    pub fn remove(&mut self, code: &Code) {
        self.0 &= !(1 << *code as u32);
    }

    /// Whether a code is among them.
    #[must_use]
    pub fn contains(&self, code: &Code) -> bool {
        self.0 & (1 << *code as u32) != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Code> {
        let codes = *self;
        Code::ALL.into_iter().filter(move |code| codes.contains(code))
    }
}

impl Extend<Code> for Codes {
    fn extend<I: IntoIterator<Item = Code>>(&mut self, codes: I) {
        codes.into_iter().for_each(|code| self.insert(code));
    }
}

impl<const N: usize> From<[Code; N]> for Codes {
    fn from(codes: [Code; N]) -> Codes {
        let mut all = Codes::default();
        all.extend(codes);
        all
    }
}

/// One value of one metric, with everything it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Identifier of the metric.
    pub metric: String,
    /// One member per dimension the question was split by; `None` is *unassigned* (T7).
    pub members: Arc<[Option<Arc<Member>>]>,
    /// The period.
    pub period: Period,
    /// The value, or nothing when a code blocks it.
    pub value: Option<Decimal>,
    /// What stands above the line, for ratios.
    pub numerator: Option<Decimal>,
    /// What stands below the line, for ratios.
    pub denominator: Option<Decimal>,
    /// How many rows the value rests on.
    pub n: u64,
    /// Rows whose outcome is still open, where the metric waits for one (E9).
    pub not_matured: u64,
    /// What a derived value is made of.
    pub inputs: Vec<Input>,
    /// How old the facts are, where that must be known (E13).
    pub stale: Option<Stale>,
    /// The share of the facts that is nobody's, where it must be known (E14).
    pub unassigned: Option<Decimal>,
    /// The value that was signed before, where this one differs from it (E10).
    pub was: Option<Decimal>,
    /// What the company's data lacks for a value, in words (E1).
    pub missing: Option<String>,
    /// Everything that must be known beside the value, or why there is none.
    pub codes: Codes,
    /// Version of the definition that was in force.
    pub definition_version: u32,
}

impl Number {
    /// The code that names best why there is no value.
    #[must_use]
    pub fn reason(&self) -> Option<Code> {
        if self.value.is_some() {
            return None;
        }
        self.codes.iter().min_by_key(|code| code.precedence())
    }

    /// Adds a code; a plain value is plain no more.
    pub(crate) fn add(&mut self, code: Code) {
        self.codes.remove(&Code::Ok);
        self.codes.insert(code);
    }

    /// The codes as exports write them: `E5 E6`.
    #[must_use]
    pub fn codes_text(&self) -> String {
        self.codes.iter().map(|code| code.code()).collect::<Vec<_>>().join(" ")
    }
}

/// The value of a metric that a derived one is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The name it has in the formula.
    pub alias: String,
    /// Identifier of the metric.
    pub metric: String,
    /// The period it looks at, which may be an earlier one.
    pub period: Option<Period>,
    /// Its value there.
    pub value: Option<Decimal>,
}

/// What was known: a snapshot and the instant it was committed (domain 2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AsOf {
    /// Number of the snapshot.
    pub snapshot: i64,
    /// When it was committed.
    pub committed_at: Timestamp,
    /// The company's civil date on which the question is asked.
    pub asked_on: Date,
    /// The last day the facts cover, at most the day of asking.
    pub date: Date,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What was known.
    pub as_of: AsOf,
    /// One number per metric, combination of members and period: members in name order with
    /// unassigned last, then periods and metrics as asked.
    pub numbers: Vec<Number>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_that_is_added_is_told() {
        let all = Code::ALL.map(|code| code as usize);
        assert!(all.into_iter().eq(0..all.len()), "in the order they are declared");
        assert_eq!(Code::ALL[Code::ALL.len() - 1], Code::NotComparable, "up to the last");
        assert!(Codes::from(Code::ALL).iter().eq(Code::ALL));
    }
}
