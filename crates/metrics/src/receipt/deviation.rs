//! What can be wrong with a receipt that reads: its key, its signature, its arithmetic.

use rust_decimal::Decimal;

use super::arithmetic::{PLACES, quotient};
use super::key::Fingerprint;
use super::sides::RowsStated;
use super::statement::{FormulaKind, Outcome, Statement};
use super::text::Digits;

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Deviation {
    /// Signed by somebody else.
    #[error("it was signed with another key: {found}, not {trusted}")]
    OtherKey {
        /// The one that was asked for.
        trusted: Fingerprint,
        /// The one it names.
        found: Fingerprint,
    },
    /// The key in it is not the one it names.
    #[error("the public key in it does not have the fingerprint it names")]
    Fingerprint,
    /// The content was changed, or was never signed.
    #[error("the signature does not belong to this content: something in it was changed after it was signed")]
    Signature,
    /// The value is not the quotient of its parts.
    #[error(
        "{numerator} ÷ {denominator} is {}, rounded half to even to {PLACES} digits, but the value is {value}",
        .quotient.map_or_else(|| "nothing".to_owned(), |quotient| quotient.to_string())
    )]
    Quotient {
        /// Above the line.
        numerator: Digits,
        /// Below the line.
        denominator: Digits,
        /// What it should be.
        quotient: Option<Digits>,
        /// What it is.
        value: Digits,
    },
    /// Value and parts of anything but a ratio are one.
    #[error("the value is {value}, but the part it is made of is {part}")]
    Part {
        /// The value, if there is one.
        value: Figure,
        /// The part, if there is one.
        part: Figure,
    },
    /// A ratio lacks a part, or another formula has one too many.
    #[error("a {0} does not have these parts")]
    Parts(&'static str),
    /// A count counts its rows.
    #[error("the value is {value}, but it counts {counted}")]
    Count {
        /// The value.
        value: Digits,
        /// n, or the number of rows.
        counted: u64,
    },
    /// The codes are not a sorted set of those there are.
    #[error("`{0}` are not codes as receipts write them: known ones, sorted, each once, E0 by itself")]
    Codes(String),
    /// A code says there is no value, or none says why there is none.
    #[error("{}", codes_and_value(.codes, *.has_value))]
    CodesAndValue {
        /// The codes.
        codes: String,
        /// Whether there is a value.
        has_value: bool,
    },
}

/// A figure, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure(pub Option<Digits>);

impl std::fmt::Display for Figure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(digits) => digits.fmt(formatter),
            None => formatter.write_str("absent"),
        }
    }
}

fn codes_and_value(codes: &str, has_value: bool) -> String {
    match has_value {
        true => format!("there is a value, but the codes {codes} say that there is none"),
        false => format!("there is no value, but the codes {codes} do not say why"),
    }
}

/// What a code does to a value (domain 5).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Qualifies,
    MayBlock,
    Blocks,
}

/// Every code of domain 5.
const CODES: [(&str, Effect); 20] = [
    ("E0", Effect::Qualifies),
    ("E1", Effect::Blocks),
    ("E2", Effect::Blocks),
    ("E3", Effect::Blocks),
    ("E4", Effect::MayBlock),
    ("E5", Effect::Qualifies),
    ("E6", Effect::Qualifies),
    ("E7", Effect::MayBlock),
    ("E8", Effect::Qualifies),
    ("E9", Effect::MayBlock),
    ("E10", Effect::Qualifies),
    ("E11", Effect::Blocks),
    ("E12", Effect::Qualifies),
    ("E13", Effect::Qualifies),
    ("E14", Effect::Qualifies),
    ("E15", Effect::Qualifies),
    ("E16", Effect::MayBlock),
    ("E17", Effect::Blocks),
    ("E18", Effect::Blocks),
    ("E19", Effect::Qualifies),
];

impl Statement {
    /// Where the statement contradicts itself.
    #[must_use]
    pub fn contradictions(&self) -> Vec<Deviation> {
        let (result, formula) = (&self.result, self.metric.formula);
        let value = match formula {
            FormulaKind::Ratio => ratio(result),
            _ => plain(result, formula),
        };
        value.into_iter().chain(codes(result)).collect()
    }
}

fn ratio(result: &Outcome) -> Option<Deviation> {
    if !matches!(result.rows, RowsStated::Sides { .. }) {
        return Some(Deviation::Parts("ratio"));
    }
    let value = result.value?;
    let (Some(numerator), Some(denominator)) = (result.numerator, result.denominator) else {
        return Some(Deviation::Parts("ratio"));
    };
    let quotient = quotient(numerator.0, denominator.0).map(Digits);
    (quotient != Some(value)).then_some(Deviation::Quotient { numerator, denominator, quotient, value })
}

fn plain(result: &Outcome, formula: FormulaKind) -> Option<Deviation> {
    let RowsStated::Counted { counted } = result.rows else { return Some(Deviation::Parts("plain number")) };
    if result.denominator.is_some() {
        return Some(Deviation::Parts("plain number"));
    }
    if result.value != result.numerator {
        return Some(Deviation::Part { value: Figure(result.value), part: Figure(result.numerator) });
    }
    let value = result.value?;
    let counts =
        |counted: u64| (value.0 != Decimal::from(counted)).then_some(Deviation::Count { value, counted });
    match formula {
        FormulaKind::Count => counts(result.n).or_else(|| counts(counted.count)),
        FormulaKind::CountDistinct | FormulaKind::CountAccounts => counts(result.n),
        FormulaKind::Sum
        | FormulaKind::Median
        | FormulaKind::Percentile
        | FormulaKind::Mean
        | FormulaKind::Least
        | FormulaKind::Greatest
        | FormulaKind::Ratio
        | FormulaKind::Derived
        | FormulaKind::Things
        | FormulaKind::NotKept => None,
    }
}

fn codes(result: &Outcome) -> Option<Deviation> {
    let codes = &result.codes;
    let effect = |code: &String| CODES.iter().find(|(known, _)| known == code).map(|(_, effect)| *effect);
    let effects: Option<Vec<Effect>> = codes.iter().map(effect).collect();
    let sorted = codes.is_sorted_by(|one, next| one < next);
    let alone = codes.len() == 1 || !codes.iter().any(|code| code == "E0");
    let Some(effects) = effects.filter(|effects| sorted && alone && !effects.is_empty()) else {
        return Some(Deviation::Codes(codes.join(" ")));
    };
    let has_value = result.value.is_some();
    let fits = match has_value {
        true => !effects.contains(&Effect::Blocks),
        false => effects.iter().any(|effect| *effect != Effect::Qualifies),
    };
    (!fits).then(|| Deviation::CodesAndValue { codes: codes.join(" "), has_value })
}
