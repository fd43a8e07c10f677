//! What the personnel system and the accounts say: leave, courses and costs; and customers' answers.

use super::super::Company;
use super::super::identifiers::{Object, identifier};
use super::super::names::CAMPAIGNS;
use super::super::staff::{self, Absence, Pay, Spend, Training};
use super::customers::write_answers;
use super::sheet::{Outbox, day_once_come, euros};

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let staff = staff::invent(&company.people, &company.territories, &company.history, company.seed);
    write_absences(&staff.absences, outbox)?;
    write_trainings(&staff.trainings, outbox)?;
    write_pay(&staff.pay, outbox)?;
    write_spend(&staff.spend, outbox)?;
    write_answers(&staff.answers, outbox)
}

fn write_absences(absences: &[Absence], outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet = outbox.changes("absences.csv", ["UserId", "From", "To", "Kind"]);
    for absence in absences {
        let user = identifier(Object::User, absence.person);
        let row = [user, absence.from.to_string(), absence.to.to_string(), absence.kind.to_owned()];
        sheet.add_once(absence.from, row)?;
    }
    sheet.finish()
}

fn write_trainings(trainings: &[Training], outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header = ["UserId", "Course", "AssignedDate", "DueDate", "CompletedDate"];
    let mut sheet = outbox.changes("trainings.csv", header);
    for training in trainings {
        let changed_on = [Some(training.assigned_on), training.completed_on];
        sheet.add(changed_on.into_iter().flatten(), |today| {
            [
                identifier(Object::User, training.person),
                training.course.to_owned(),
                training.assigned_on.to_string(),
                training.due_on.to_string(),
                day_once_come(training.completed_on, today),
            ]
        })?;
    }
    sheet.finish()
}

/// What a month cost is known on its last day.
fn write_pay(pay: &[Pay], outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet = outbox.changes("selling_costs.csv", ["UserId", "Month", "Pay", "Expenses", "Currency"]);
    for month in pay {
        let row = [
            identifier(Object::User, month.person),
            month.month.strftime("%Y-%m").to_string(),
            euros(month.pay_eur),
            euros(month.expense_eur),
            "EUR".to_owned(),
        ];
        sheet.add_once(month.month.last_of_month(), row)?;
    }
    sheet.finish()
}

fn write_spend(spend: &[Spend], outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet = outbox.changes("campaign_costs.csv", ["Campaign", "Month", "Cost", "Currency"]);
    for month in spend {
        let (name, _, _) = CAMPAIGNS[month.campaign];
        let row = [
            name.to_owned(),
            month.month.strftime("%Y-%m").to_string(),
            euros(month.cost_eur),
            "EUR".to_owned(),
        ];
        sheet.add_once(month.month.last_of_month(), row)?;
    }
    sheet.finish()
}
