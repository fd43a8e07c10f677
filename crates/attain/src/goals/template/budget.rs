//! The budget of metrics (features B9): people of a role are led by a few metrics, not by all there are.

use std::collections::BTreeSet;

use attain_metrics::{Asker, Subject};

use super::choice::{Template, Wrong};
use super::gathering::Scope;
use crate::goals::party::current;
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
    let there = store::metrics_in(records, &app.actor(), template.period.key()).await?;
    let is_of_role = |subject: &Subject| match current(asker, subject) {
        Subject::Rep(id) => {
            let person = asker.organisation().person(&id);
            scope.includes(&id) && person.is_some_and(|person| person.role.as_ref() == Some(&template.role))
        }
        _ => false,
    };
    let of_role = there.into_iter().filter(|(subject, _)| is_of_role(subject));
    let others: BTreeSet<String> =
        of_role.map(|(_, metric)| metric).filter(|metric| *metric != template.metric.id).collect();
    if others.len() < METRICS_MAX {
        return Ok(None);
    }
    let named: Vec<String> = others.into_iter().collect();
    let message = format!(
        "People with this role have goals by {METRICS_MAX} metrics or more in this period: {}. More of them lead nobody; take the goals of one back first.",
        named.join(", ")
    );
    Ok(Some(Wrong { field: "metric", message }))
}
