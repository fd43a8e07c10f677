//! The targets of several people in a period, for pages that show them beside values: quotas as they were
//! delivered, and agreed goals in their place.

use std::collections::HashMap;

use attain_metrics::{Asker, Dimension, Level, Period, Question, RateMode, Subject};
use rust_decimal::Decimal;

use super::pages::{QUOTA, target_of};
use super::store;
use crate::web::App;
use crate::web::problem::PageError;

/// What a quota is held against, as a scorecard shows it.
const BOOKINGS: &str = "bookings";

/// Targets by person and metric, for the days they apply.
pub(crate) type Targets = HashMap<(String, String), Decimal>;

/// The targets of a subject's people, those of the subject itself among them; of who may be opened.
///
/// # Errors
/// When the facts or records cannot be read.
pub(crate) async fn of(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<Targets, PageError> {
    let reach = app.reach();
    let mut targets = Targets::new();
    if !reach.opens(subject) || asker.catalogue().metric(QUOTA).is_none() {
        return Ok(targets);
    }
    let question = Question {
        metrics: vec![QUOTA.to_owned()],
        subject: subject.clone(),
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, &reach).await?;
    for number in &answer.numbers {
        let member = number.members.first().cloned().flatten();
        if let (Some(member), Some(quota)) = (member, number.value.filter(|quota| *quota > Decimal::ZERO)) {
            targets.insert((member.id.clone(), BOOKINGS.to_owned()), quota);
        }
    }
    let whole = asker.ask(&Question { by: Vec::new(), ..question }, &reach).await?;
    let own = whole.numbers.first().and_then(|number| number.value).filter(|quota| *quota > Decimal::ZERO);
    if let (Some(id), Some(quota)) = (subject.id(), own) {
        targets.insert((id.to_owned(), BOOKINGS.to_owned()), quota);
    }
    let members = asker.organisation().members(Level::Rep, subject, period);
    let people =
        members.into_iter().map(|member| Subject::Rep(member.id)).filter(|person| reach.opens(person));
    let subjects: Vec<Subject> = people.chain([subject.clone()]).collect();
    for goal in store::of_period(app.records().read(), &app.actor(), period.key()).await? {
        if !subjects.contains(&goal.subject) {
            continue;
        }
        let Some(metric) = asker.catalogue_for(period).metric(&goal.metric) else { continue };
        if let Some(target) = target_of(asker, &goal, metric, period) {
            targets.insert((goal.subject.id().unwrap_or_default().to_owned(), metric.id.clone()), target);
        }
    }
    Ok(targets)
}
