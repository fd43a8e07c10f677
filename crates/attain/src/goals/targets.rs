//! The targets of several people in a period, for pages that show them beside values: quotas as they were
//! delivered, and agreed goals in their place.

use std::collections::HashMap;

use attain_metrics::{Asker, Dimension, Level, Number, Period, Question, RateMode, Subject};
use rust_decimal::Decimal;

use super::pages::{CREDITED, QUOTA, target_of};
use super::store;
use crate::web::App;
use crate::web::problem::PageError;

/// Beside what a scorecard shows a quota.
const BOOKINGS: &str = "bookings";

/// A target for the days it applies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) value: Decimal,
    /// What counts towards it, where that is not the value it stands beside: a quota is of credited bookings.
    pub(crate) attained: Option<Decimal>,
}

/// Targets by whose they are, and of which metric.
pub(crate) type Targets = HashMap<(Subject, String), Target>;

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
        metrics: [QUOTA, CREDITED].map(str::to_owned).to_vec(),
        subject: subject.clone(),
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let mut keep = |subject: Subject, pair: &[Number]| {
        let [quota, credited] = pair else { return };
        if let Some(value) = quota.value.filter(|quota| *quota > Decimal::ZERO) {
            targets.insert((subject, BOOKINGS.to_owned()), Target { value, attained: credited.value });
        }
    };
    for pair in asker.ask(&question, &reach).await?.numbers.chunks(2) {
        if let Some(member) = pair.first().and_then(|number| number.members.first().cloned().flatten()) {
            keep(Subject::Rep(member.id.clone()), pair);
        }
    }
    let whole = asker.ask(&Question { by: Vec::new(), ..question }, &reach).await?;
    keep(subject.clone(), &whole.numbers);
    let members = asker.organisation().members(Level::Rep, subject, period);
    // A goal is the whole person's: who was led by somebody else for a part has another number here.
    let was_here = |id: &str| match (subject, period.from, period.to) {
        (Subject::Manager(manager), Some(from), Some(to)) => {
            asker.organisation().led_throughout(id, manager, from, to)
        }
        _ => true,
    };
    let people =
        members.into_iter().filter(|member| was_here(&member.id)).map(|member| Subject::Rep(member.id));
    let people = people.filter(|person| reach.opens(person));
    let subjects: Vec<Subject> = people.chain([subject.clone()]).collect();
    for goal in store::of_period(app.records().read(), &app.actor(), period.key()).await? {
        if !subjects.contains(&goal.subject) {
            continue;
        }
        let Some(metric) = asker.catalogue_for(period).metric(&goal.metric) else { continue };
        if let Some(target) = target_of(asker, &goal, metric, period) {
            let target = Target { value: target, attained: None };
            targets.insert((goal.subject.clone(), metric.id.clone()), target);
        }
    }
    Ok(targets)
}
