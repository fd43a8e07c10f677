//! Values that were signed before (E10): where the facts were corrected since, the number says
//! what it was (domain 2.4).

use std::collections::HashMap;

use attain_facts::canonical::currency::minor_unit;
use rust_decimal::Decimal;

use crate::answer::{Code, Number};
use crate::ask::Question;
use crate::credited::RateMode;
use crate::definition::Unit;
use crate::receipt::Statement;
use crate::subject::{Level, Subject};

/// Relative difference up to which a value counts as the same (domain 19, `restate_tol_rel`).
const TOLERATED: Decimal = Decimal::from_parts(5, 0, 0, false, 3);

/// Whether a value known later differs so much from a published one that it counts as restated: by
/// more than 0.5 %, and for money by more than one minor unit of the currency.
pub(crate) fn is_restated(published: Decimal, later: Decimal, unit: Unit, currency: &str) -> bool {
    let least = match unit {
        Unit::Money => Decimal::new(1, minor_unit(currency).unwrap_or(2)),
        _ => Decimal::ZERO,
    };
    (later - published).abs() > (published.abs() * TOLERATED).max(least)
}

/// A signed value.
#[derive(Clone, Debug)]
struct Signed {
    value: Decimal,
    definition_version: u32,
}

/// The newest signed value of each metric, subject and period.
///
/// A value that was signed before its period was over, or while outcomes were open, is no final
/// one: it is not restated by what came later.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published(HashMap<(String, Subject, String), Option<Signed>>);

impl Published {
    /// Adds what a receipt states; a newer one replaces an older, so they come oldest first.
    pub(crate) fn add(&mut self, statement: &Statement) {
        let Some(level) = Level::from_name(&statement.subject.level) else { return };
        let subject = Subject::at(level, statement.subject.id.clone().unwrap_or_default());
        let unfinished = statement.result.codes.iter().any(|code| code == "E5" || code == "E9");
        let value = statement.result.value.filter(|_| !unfinished).map(|digits| digits.0);
        let signed = value.map(|value| Signed { value, definition_version: statement.metric.version });
        self.0.insert((statement.metric.id.clone(), subject, statement.period.key.clone()), signed);
    }

    /// Marks the numbers of an answer that differ from what was signed of them.
    pub(crate) fn mark(
        &self,
        question: &Question,
        numbers: &mut [Number],
        currency: &str,
        unit_of: impl Fn(&str) -> Unit,
    ) {
        if self.0.is_empty() || question.filter.is_some() || question.rates != RateMode::default() {
            return;
        }
        for number in numbers {
            let (Some(value), Some(subject)) = (number.value, subject_of(question, number)) else { continue };
            let about = (number.metric.clone(), subject, number.period.key().to_owned());
            let Some(Some(signed)) = self.0.get(&about) else { continue };
            let same_definition = signed.definition_version == number.definition_version;
            if same_definition && is_restated(signed.value, value, unit_of(&number.metric), currency) {
                number.was = Some(signed.value);
                number.add(Code::Restated);
            }
        }
    }
}

/// Whom a number is about, where that is a subject receipts can be about.
fn subject_of(question: &Question, number: &Number) -> Option<Subject> {
    match (question.by.as_slice(), &*number.members, &question.subject) {
        ([], _, subject) => Some(subject.clone()),
        ([dimension], [Some(member)], Subject::Company) => {
            Some(Subject::at(dimension.level()?, member.id.clone()))
        }
        _ => None,
    }
}
