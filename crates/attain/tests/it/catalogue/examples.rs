//! The worked examples of domain 3 to 5 that are about rows, through the real import.

mod conversion;
mod credit;
mod customers;
mod deals;
mod people;

use attain_metrics::{Answer, Asker, Dimension, Metric, Number, Question, RateMode, Reach, Subject, rank};
use tempfile::TempDir;

use super::fixture::sheet::{Sheets, row};
use super::office::{self, Told};

/// A small company of one example.
pub(crate) struct Example {
    asker: Asker,
    _folder: TempDir,
}

impl Example {
    /// Everything from 2024 on, as known at the end of `day`.
    pub(crate) async fn known_on(sheets: &Sheets, day: &str) -> Example {
        Example::working(sheets, day, office::WEEKDAYS).await
    }

    /// The same where those days are worked.
    pub(crate) async fn working(sheets: &Sheets, day: &str, working_days: &str) -> Example {
        let folder = tempfile::tempdir().expect("a folder");
        let (next, known) = (next(day), format!("{day}T18:00:00Z"));
        let told = Told { covers: ("2024-01-01", &next), known: &known, working_days };
        let asker = office::open(sheets, &told, folder.path()).await;
        Example { asker, _folder: folder }
    }

    /// The company's number.
    pub(crate) async fn number(&self, metric: &str, period: &str) -> Number {
        self.number_at(metric, period, RateMode::default()).await
    }

    /// The company's number, money converted at those rates.
    pub(crate) async fn number_at(&self, metric: &str, period: &str, rates: RateMode) -> Number {
        let question = office::question(metric, Subject::Company, &[], &office::periods([period]));
        let numbers = office::numbers(&self.asker, &Question { rates, ..question }).await;
        numbers.into_iter().next().expect("one number")
    }

    /// The numbers of a split by name of the member, `unassigned` for none.
    pub(crate) async fn split(&self, metric: &str, by: &str, period: &str) -> Vec<(String, Number)> {
        let by = [Dimension::from_name(by)];
        let question = office::question(metric, Subject::Company, &by, &office::periods([period]));
        let numbers = office::numbers(&self.asker, &question).await;
        let named = numbers.into_iter().map(|number| {
            let member = number.members[0].as_ref();
            (member.map_or("unassigned".to_owned(), |member| member.name.clone()), number)
        });
        named.collect()
    }

    /// A whole answer.
    pub(crate) async fn answer(&self, question: &Question) -> Answer {
        self.asker.ask(question, &Reach::Everything).await.expect("an answer")
    }

    /// The rank of each member, in the order of the answer.
    pub(crate) async fn ranks(&self, question: &Question) -> Vec<(String, Option<usize>)> {
        let answer = self.answer(question).await;
        let ranks = rank(&answer, &self.metric(&question.metrics[0]));
        let names = answer.numbers.iter().map(|number| {
            number.members[0].as_ref().map_or("unassigned".to_owned(), |member| member.name.clone())
        });
        names.zip(ranks).collect()
    }

    /// A metric as it is defined.
    pub(crate) fn metric(&self, id: &str) -> Metric {
        self.asker.catalogue().metric(id).expect("a metric of the catalogue").as_ref().clone()
    }

    /// The same company with every fact in the organisation of the day of asking.
    pub(crate) fn in_current_organisation(self) -> Example {
        Example { asker: self.asker.in_current_organisation(), ..self }
    }

    /// One member's number of a split.
    pub(crate) async fn of(&self, metric: &str, by: &str, member: &str, period: &str) -> Number {
        let split = self.split(metric, by, period).await;
        split.into_iter().find(|(name, _)| name == member).unwrap_or_else(|| panic!("no line for {member}")).1
    }
}

fn next(day: &str) -> String {
    day.parse::<jiff::civil::Date>().expect("a date").tomorrow().expect("a day").to_string()
}

/// The value as a float; nothing where a code blocks it.
pub(crate) fn value(number: &Number) -> Option<f64> {
    number.value.map(|value| value.to_string().parse().expect("a number"))
}

/// That a value is there and equals what the domain says, to 1e-9.
///
/// # Panics
/// When it does not.
pub(crate) fn is(number: &Number, expected: f64) {
    let value =
        value(number).unwrap_or_else(|| panic!("{} is blocked: {}", number.metric, number.codes_text()));
    assert!(
        (value - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{} is {value}, expected {expected}",
        number.metric
    );
}

/// Whether a code stands beside the number.
pub(crate) fn has(number: &Number, code: &str) -> bool {
    number.codes_text().split(' ').any(|found| found == code)
}

/// People who all belong to one team.
pub(crate) fn add_team(sheets: &mut Sheets, people: &[&str]) {
    row!(sheets, Team, id: "team", name: "team");
    for person in people {
        row!(sheets, Employee, id: person, display_name: person, role: "AE", hire_date: "2020-01-01");
        row!(sheets, TeamAssignment, id: person, employee_id: person, team_id: "team", is_primary: "true");
    }
}

/// A deal in EUR of somebody's.
pub(crate) fn add_deal(
    sheets: &mut Sheets,
    id: &str,
    owner: &str,
    (created, closed): (&str, &str),
    outcome: &str,
    amount: &str,
) {
    row!(sheets, Opportunity, id: id, name: id, owner_id: owner, created_at: created, stage: outcome, outcome: outcome,
        close_date: closed, amount: amount, amount_ccy: "EUR");
}
