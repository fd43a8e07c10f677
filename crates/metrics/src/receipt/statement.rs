//! What a receipt says of a number: whose it is, what it means, what was known, what came out.

use attain_facts::company::Company;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::arithmetic::{kept, quotient};
use super::sides::RowsStated;
use super::text::{Digits, Hash, Instant, as_optional_text, as_text};
use super::{canonical, definition};
use crate::answer::Number;
use crate::ask::Asker;
use crate::calendar::{Calendar, Period};
use crate::definition::{Aggregation, Computation, Metric, Unit};
use crate::evidence::Evidence;
use crate::qualified::is_restated;
use crate::subject::Subject;

/// The rate table while none was delivered: amounts in other currencies than the company's are left
/// out (E7).
const NO_RATES: &str = "none";

/// What is said of a number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What was known.
    pub as_of: AsOfStated,
    /// What periods mean.
    pub calendar: CalendarStated,
    /// Whose number it is.
    pub company: CompanyStated,
    /// What was measured.
    pub metric: MetricStated,
    /// When.
    pub period: PeriodStated,
    /// SHA-256 over the sorted row hashes of the exchange rates; `none` where none were delivered.
    pub rate_table: String,
    /// What came out.
    pub result: Outcome,
    /// When it was signed.
    pub signed_at: Instant,
    /// In whose name.
    pub signed_by: String,
    /// Whom it is about.
    pub subject: SubjectStated,
}

/// What was known (domain 2.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AsOfStated {
    /// The company's civil date of the question.
    #[serde(with = "as_text")]
    pub asked_on: Date,
    /// When the snapshot was committed.
    pub committed_at: Instant,
    /// When the newest delivery was in, one that only confirmed the snapshot included: what is
    /// recomputed is what was known at this instant.
    pub known_at: Instant,
    /// The last day deliveries covered by then.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_optional_text")]
    pub last_covered_day: Option<Date>,
    /// Number of the snapshot.
    #[serde(with = "as_text")]
    pub snapshot: i64,
}

/// What periods mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarStated {
    /// In words.
    pub description: String,
    /// SHA-256 of the RFC 8785 text of its parameters.
    pub sha256: Hash,
}

/// Whose number it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyStated {
    /// Reporting currency, ISO 4217.
    pub currency: String,
    /// Name.
    pub name: String,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricStated {
    /// SHA-256 over everything in the definition that decides a value, the definitions it is made
    /// of included.
    pub definition_sha256: Hash,
    /// What stands below the line of a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<PartStated>,
    /// Which rows count, as the definition has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How the value comes about.
    pub formula: FormulaKind,
    /// Identifier.
    pub id: String,
    /// Name for people.
    pub label: String,
    /// What stands above the line of a ratio.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<PartStated>,
    /// Version of the definition.
    #[serde(with = "as_text")]
    pub version: u32,
}

/// A metric on one side of a ratio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartStated {
    /// Which rows count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Identifier.
    pub id: String,
}

/// How a value comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormulaKind {
    /// A number of rows.
    Count,
    /// A number of distinct things in rows.
    CountDistinct,
    /// A number of things whose rows were added up first.
    Things,
    /// A number of accounts, found by their purchases.
    CountAccounts,
    /// A sum over rows.
    Sum,
    /// The middle value of rows.
    Median,
    /// A percentile of rows.
    Percentile,
    /// The mean of rows.
    Mean,
    /// The least of rows.
    Least,
    /// The greatest of rows.
    Greatest,
    /// One metric ÷ another.
    Ratio,
    /// Arithmetic over other metrics.
    Derived,
    /// Rests on something no table holds yet.
    NotKept,
}

/// The period, half-open; without bounds for all time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeriodStated {
    /// First day.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_optional_text")]
    pub from: Option<Date>,
    /// Name, as questions write it.
    pub key: String,
    /// The day after the last.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "as_optional_text")]
    pub to: Option<Date>,
}

/// Whom a number is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectStated {
    /// Identifier; the company has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// company, region, manager, rep or product.
    pub level: String,
    /// Name for people.
    pub name: String,
}

/// What came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// What must be known beside the value, or why there is none (domain 5), sorted as text.
    pub codes: Vec<String>,
    /// Below the line, for ratios.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Digits>,
    /// How many rows or things the value rests on.
    #[serde(with = "as_text")]
    pub n: u64,
    /// Above the line; of anything but a ratio the value itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numerator: Option<Digits>,
    /// The rows.
    pub rows: RowsStated,
    /// The value; quotients rounded half to even to twelve digits after the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Digits>,
}

/// Who signs, and what was known when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// When the newest delivery was in.
    pub known_at: Timestamp,
    /// Now.
    pub signed_at: Timestamp,
    /// In whose name.
    pub signed_by: String,
}

impl Statement {
    /// States a number that was asked of a snapshot.
    #[must_use]
    pub fn of(
        asker: &Asker,
        metric: &Metric,
        subject: &Subject,
        evidence: &Evidence,
        signing: &Signing,
    ) -> Statement {
        let (as_of, company) = (asker.as_of(), asker.company());
        Statement {
            as_of: AsOfStated {
                asked_on: as_of.asked_on,
                committed_at: Instant::of(as_of.committed_at),
                known_at: Instant::of(signing.known_at),
                last_covered_day: asker.last_covered_day(),
                snapshot: as_of.snapshot,
            },
            calendar: calendar(company),
            company: CompanyStated { currency: company.currency.clone(), name: company.name.clone() },
            metric: MetricStated::of(metric),
            period: PeriodStated::of(&evidence.number.period),
            rate_table: evidence.rates.map_or_else(|| NO_RATES.to_owned(), |hash| hash.to_string()),
            result: Outcome::of(&evidence.number, metric, evidence),
            signed_at: Instant::of(signing.signed_at),
            signed_by: signing.signed_by.clone(),
            subject: SubjectStated::of(asker, subject),
        }
    }

    /// In what another statement about the same number differs, its signing aside.
    #[must_use]
    pub fn differences(&self, other: &Statement) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut compare = |what, one: String, two: String| {
            if one != two {
                found.push(Difference { what, signed: one, found: two });
            }
        };
        for (what, text) in STATED {
            compare(what, text(self), text(other));
        }
        found
    }

    /// Whether a value known later differs so much that the signed one counts as restated (E10,
    /// domain 2.4): by more than 0.5 %, and for money by more than one minor unit of the currency.
    #[must_use]
    pub fn is_restated_by(&self, later: &Number, unit: Unit) -> bool {
        let signed = self.result.value.map(|digits| digits.0);
        let (Some(signed), Some(later)) = (signed, later.value) else { return signed != later.value };
        is_restated(signed, later, unit, &self.company.currency)
    }
}

/// What two statements about a number are compared by.
type Stated = (&'static str, fn(&Statement) -> String);

const STATED: [Stated; 14] = [
    ("company", |statement| format!("{}, {}", statement.company.name, statement.company.currency)),
    ("subject", |statement| statement.subject.words()),
    ("metric", |statement| format!("{} version {}", statement.metric.id, statement.metric.version)),
    ("definition", |statement| statement.metric.definition_sha256.to_string()),
    ("period", |statement| statement.period.words()),
    ("calendar", |statement| statement.calendar.description.clone()),
    ("exchange rates", |statement| statement.rate_table.clone()),
    ("as of", |statement| statement.as_of.words()),
    ("value", |statement| or_absent(statement.result.value)),
    ("numerator", |statement| or_absent(statement.result.numerator)),
    ("denominator", |statement| or_absent(statement.result.denominator)),
    ("n", |statement| statement.result.n.to_string()),
    ("codes", |statement| statement.result.codes.join(" ")),
    ("rows", |statement| statement.result.rows.words()),
];

fn or_absent(digits: Option<Digits>) -> String {
    digits.map_or_else(|| "none".to_owned(), |digits| digits.to_string())
}

/// One thing in which two statements differ.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}: signed {signed}, recomputed {found}")]
pub struct Difference {
    /// What it is.
    pub what: &'static str,
    /// As the receipt has it.
    pub signed: String,
    /// As it is computed.
    pub found: String,
}

impl AsOfStated {
    fn words(&self) -> String {
        let covered = self
            .last_covered_day
            .map_or_else(|| "nothing covered".to_owned(), |day| format!("facts to {day}"));
        format!("snapshot {} of {}, asked on {}, {covered}", self.snapshot, self.committed_at, self.asked_on)
    }
}

impl MetricStated {
    fn of(metric: &Metric) -> MetricStated {
        let part = |metric: &Metric| PartStated { filter: metric.filter.clone(), id: metric.id.clone() };
        let (numerator, denominator, formula) = match &metric.computation {
            Computation::Ratio { numerator, denominator } => {
                (Some(part(numerator)), Some(part(denominator)), FormulaKind::Ratio)
            }
            Computation::BuyerRetention(..) => (None, None, FormulaKind::CountAccounts),
            Computation::Conversion(..) => (None, None, FormulaKind::CountDistinct),
            Computation::Derived { .. } => (None, None, FormulaKind::Derived),
            Computation::Builtin(builtin) => (None, None, builtin.plan.formula()),
            Computation::NotKept(_) => (None, None, FormulaKind::NotKept),
            Computation::Simple { aggregate, .. } => (None, None, aggregate.aggregation.into()),
        };
        MetricStated {
            definition_sha256: definition::hash(metric),
            denominator,
            filter: metric.filter.clone(),
            formula,
            id: metric.id.clone(),
            label: metric.label.clone(),
            numerator,
            version: metric.version,
        }
    }
}

impl From<Aggregation> for FormulaKind {
    fn from(aggregation: Aggregation) -> FormulaKind {
        match aggregation {
            Aggregation::Count => FormulaKind::Count,
            Aggregation::CountDistinct => FormulaKind::CountDistinct,
            Aggregation::Sum => FormulaKind::Sum,
            Aggregation::SumBoolean => FormulaKind::Count,
            Aggregation::Average => FormulaKind::Mean,
            Aggregation::Min => FormulaKind::Least,
            Aggregation::Max => FormulaKind::Greatest,
            Aggregation::Median => FormulaKind::Median,
            Aggregation::Percentile(_) => FormulaKind::Percentile,
        }
    }
}

impl PeriodStated {
    fn of(period: &Period) -> PeriodStated {
        PeriodStated { from: period.from, key: period.key().to_owned(), to: period.to }
    }

    fn words(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{} ({from} to before {to})", self.key),
            _ => self.key.clone(),
        }
    }
}

impl SubjectStated {
    fn of(asker: &Asker, subject: &Subject) -> SubjectStated {
        let name = match subject.id() {
            Some(id) => asker.organisation().member(subject.level(), id).map(|member| member.name),
            None => Some(asker.company().name.clone()),
        };
        let id = subject.id().map(str::to_owned);
        let name = name.or_else(|| id.clone()).unwrap_or_default();
        SubjectStated { id, level: subject.level().name().to_owned(), name }
    }

    fn words(&self) -> String {
        match &self.id {
            Some(id) => format!("{} {} ({id})", self.level, self.name),
            None => format!("{} {}", self.level, self.name),
        }
    }
}

impl Outcome {
    fn of(number: &Number, metric: &Metric, evidence: &Evidence) -> Outcome {
        let is_ratio = matches!(metric.computation, Computation::Ratio { .. });
        let digits = |value: Option<Decimal>| value.map(|value| Digits(kept(value)));
        let (numerator, denominator) = match is_ratio {
            true => (digits(number.numerator), digits(number.denominator)),
            false => (digits(number.value), None),
        };
        let value = match (number.value, numerator, denominator) {
            (Some(_), Some(above), Some(below)) => quotient(above.0, below.0).map(Digits),
            _ => digits(number.value),
        };
        let mut codes: Vec<String> = number.codes.iter().map(|code| code.code().to_owned()).collect();
        codes.sort_unstable();
        let rows = RowsStated::of(&evidence.rows, is_ratio);
        Outcome { codes, denominator, n: number.n, numerator, rows, value }
    }
}

fn calendar(company: &Company) -> CalendarStated {
    let time_zone = company.time_zone.iana_name().unwrap_or("UTC");
    let description = format!("{}, days in {time_zone}", Calendar::of(company).describe());
    let parameters = serde_json::json!({
        "calendar": serde_json::to_string(&company.calendar).unwrap_or_default(),
        "time_zone": time_zone,
    });
    CalendarStated { description, sha256: Hash::of(canonical::compact(&parameters).as_bytes()) }
}
