//! The budget of metrics (features B9): people of a role are led by a few metrics, not by all there are.

use std::collections::BTreeSet;

use attain_metrics::{Asker, Metric, Period, Subject};
use attain_records::WriteTransaction;

use super::choice::{Template, Wrong};
use super::gathering::Scope;
use crate::goals::store;
use crate::web::App;
use crate::web::problem::PageError;

/// Metrics that people of a role have goals by in a period, at most.
const METRICS_MAX: usize = 5;

/// What is to be said where a template would add a metric beyond the budget of its role.
///
/// # Errors
/// When the records cannot be read.
pub(super) async fn exceeded(
    app: &App,
    scope: &Scope,
    template: &Template,
    asker: &Asker,
) -> Result<Option<Wrong>, PageError> {
    let records = app.records().read();
    let there = store::metrics_in(records, &app.actor(), asker, template.period.key()).await?;
    let is_of_role = |subject: &Subject| match subject {
        Subject::Rep(id) => scope.includes(id) && role_of(asker, id) == Some(&template.role),
        _ => false,
    };
    let message = beyond(&there, &template.metric.id, is_of_role);
    Ok(message.map(|message| Wrong { field: "metric", message }))
}

/// What is to be said where a goal of one person would add a metric beyond the budget of their role, among those whom
/// the one who proposes it may open; of who has no role, beyond their own. The caller is alone with the goals.
///
/// # Errors
/// When the records cannot be read.
pub(in crate::goals) async fn exceeded_by_one(
    app: &App,
    transaction: &WriteTransaction,
    asker: &Asker,
    person: &str,
    (metric, period): (&Metric, &Period),
) -> Result<Option<String>, PageError> {
    let there = store::metrics_in(transaction.connection(), &app.actor(), asker, period.key()).await?;
    let (reach, role) = (app.reach(), role_of(asker, person));
    let is_like_them = |subject: &Subject| match subject {
        Subject::Rep(id) if id == person => true,
        subject @ Subject::Rep(_) => {
            let other = subject.id().and_then(|id| role_of(asker, id));
            role.is_some() && other == role && reach.opens(subject)
        }
        _ => false,
    };
    Ok(beyond(&there, &metric.id, is_like_them))
}

fn role_of<'a>(asker: &'a Asker, person: &str) -> Option<&'a String> {
    asker.organisation().person(person).and_then(|person| person.role.as_ref())
}

/// What is to be said where a metric would come beside so many others of those who are meant.
fn beyond(
    there: &BTreeSet<(Subject, String)>,
    metric: &str,
    is_meant: impl Fn(&Subject) -> bool,
) -> Option<String> {
    let of_meant = there.iter().filter(|(subject, _)| is_meant(subject)).map(|(_, metric)| metric.as_str());
    let others: BTreeSet<&str> = of_meant.filter(|other| *other != metric).collect();
    (others.len() >= METRICS_MAX).then(|| {
        let named: Vec<&str> = others.into_iter().collect();
        format!(
            "People with this role have goals by {METRICS_MAX} metrics or more in this period: {}. More of them lead nobody. Choose one of these, or take all goals by one of them back first; those that somebody acknowledged stay until the period is over.",
            named.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sixth_metric_of_those_who_are_meant_is_too_many() {
        let goal = |name: &str, metric: &str| (Subject::Rep(name.to_owned()), metric.to_owned());
        let mut there: BTreeSet<(Subject, String)> =
            ["a", "b", "c", "d"].map(|metric| goal("anna", metric)).into_iter().collect();
        there.extend([goal("ben", "a"), goal("someone else", "z")]);
        let is_meant = |subject: &Subject| *subject != Subject::Rep("someone else".to_owned());
        assert_eq!(beyond(&there, "e", is_meant), None, "the fifth");
        there.insert(goal("ben", "e"));
        assert_eq!(beyond(&there, "a", is_meant), None, "one of the five");
        let said = beyond(&there, "f", is_meant).expect("a sixth");
        assert!(said.contains("a, b, c, d, e") && said.contains("acknowledged stay"), "{said}");
    }
}
