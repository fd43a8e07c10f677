//! What a report lists: deals, or totals of people.

use attain_facts::suggestion::{Report, Target};
use attain_facts::value::Value;
use attain_metrics::{Asker, Level, Period, ReportedDeal};
use rust_decimal::Decimal;

/// The lines of a report.
pub(super) enum Lines {
    Deals(Vec<ReportedDeal>),
    Totals(Vec<ReportedTotal>),
}

/// A person's total, of a period if the report says which.
pub(super) struct ReportedTotal {
    pub(super) person: String,
    pub(super) period: Option<Period>,
    pub(super) value: Decimal,
}

impl Lines {
    /// The metric that such a report is about, unless somebody says another.
    pub(super) fn metric(&self) -> &'static str {
        match self {
            Lines::Deals(deals) if deals.iter().all(|deal| deal.amount.is_none()) => "deals_won",
            _ => "bookings",
        }
    }
}

/// Reads the rows of a report as what they are, or says what is missing.
pub(super) fn lines(report: &Report, asker: &Asker) -> Result<Lines, String> {
    let columns = Columns { report };
    let person = columns.of_people(asker);
    let deal = ["key", "name"].iter().find_map(|target| columns.of(target));
    match (deal.filter(|deal| Some(*deal) != person), person) {
        (Some(_), _) => Ok(Lines::Deals(columns.deals())),
        (None, Some(person)) => columns.totals(person, asker).map(Lines::Totals),
        (None, None) => Err(
            "the report has no column of deals (their identifier or name) and none of people, so there is nothing to compare; export it with one of them".to_owned(),
        ),
    }
}

struct Columns<'r> {
    report: &'r Report,
}

impl Columns<'_> {
    /// The column that becomes a target.
    fn of(&self, target: &str) -> Option<usize> {
        self.report.columns.iter().position(|(_, of)| match of {
            Target::Key => target == "key",
            Target::Column(name) => name == target,
            Target::Attribute(_) | Target::None => false,
        })
    }

    /// The first column whose texts are mostly names of people there are.
    fn of_people(&self, asker: &Asker) -> Option<usize> {
        let is_person = |name: &str| !asker.organisation().find(Level::Rep, name).is_empty();
        (0..self.report.columns.len()).find(|column| {
            let texts: Vec<&str> = self.report.rows.iter().filter_map(|row| text(&row[*column])).collect();
            let people = texts.iter().filter(|name| is_person(name)).count();
            people > 0 && people * 2 >= texts.len()
        })
    }

    fn deals(&self) -> Vec<ReportedDeal> {
        let [id, name, account, owner, stage, outcome, amount, currency, closed_on] = [
            "key",
            "name",
            "account_id",
            "owner_id",
            "stage",
            "outcome",
            "amount",
            "amount_ccy",
            "close_date",
        ]
        .map(|target| self.of(target));
        let deal = |(row, cells): (usize, &Vec<Option<Value>>)| {
            let text = |column: Option<usize>| text(&cells[column?]).map(str::to_owned);
            let deal = ReportedDeal {
                line: row as u64 + 1,
                id: text(id),
                name: text(name),
                account: text(account),
                owner: text(owner),
                stage: text(stage).or_else(|| text(outcome)),
                amount: amount.and_then(|column| number(&cells[column])),
                currency: text(currency),
                closed_on: closed_on.and_then(|column| match &cells[column] {
                    Some(Value::Date(day)) => Some(*day),
                    _ => None,
                }),
            };
            // A footer or a subtotal is no deal.
            (deal.id.is_some() || deal.name.is_some()).then_some(deal)
        };
        self.report.rows.iter().enumerate().filter_map(deal).collect()
    }

    fn totals(&self, person: usize, asker: &Asker) -> Result<Vec<ReportedTotal>, String> {
        let others = (0..self.report.columns.len()).filter(|column| *column != person);
        let period = others.clone().find(|column| {
            let cells: Vec<&Value> =
                self.report.rows.iter().filter_map(|row| row[*column].as_ref()).collect();
            !cells.is_empty() && cells.iter().all(|cell| self::period(cell, asker).is_some())
        });
        let is_number = |column: &usize| self.report.rows.iter().any(|row| number(&row[*column]).is_some());
        let mut values = others.filter(|column| Some(*column) != period).filter(is_number);
        let named = self.of("amount").filter(|amount| Some(*amount) != period);
        let value = match (named, values.next(), values.next()) {
            (Some(amount), ..) => amount,
            (None, Some(only), None) => only,
            (None, None, _) => {
                return Err("the report names people and has no column with one number for each".to_owned());
            }
            (None, Some(one), Some(other)) => {
                let name = |column: usize| &self.report.columns[column].0;
                return Err(format!(
                    "the report has several numbers for each person, such as `{}` and `{}`; leave the one that is to be compared",
                    name(one),
                    name(other)
                ));
            }
        };
        let total = |cells: &Vec<Option<Value>>| {
            Some(ReportedTotal {
                person: text(&cells[person])?.to_owned(),
                period: period.and_then(|column| self::period(cells[column].as_ref()?, asker)),
                value: number(&cells[value])?,
            })
        };
        Ok(self.report.rows.iter().filter_map(total).collect())
    }
}

fn text(cell: &Option<Value>) -> Option<&str> {
    match cell {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn number(cell: &Option<Value>) -> Option<Decimal> {
    match cell {
        Some(Value::Decimal(number)) => Some(*number),
        _ => None,
    }
}

/// The period that a cell names: `2024-Q1`, `2024-03`, a month's first day, a year.
fn period(cell: &Value, asker: &Asker) -> Option<Period> {
    let calendar = asker.calendar();
    match cell {
        Value::Text(text) => calendar.parse(text).ok(),
        Value::Date(day) => calendar.containing(*day, attain_metrics::Grain::Month),
        Value::Decimal(year) if year.fract().is_zero() => calendar.parse(&year.normalize().to_string()).ok(),
        _ => None,
    }
}
