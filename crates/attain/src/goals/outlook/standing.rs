//! Asks which deals stood open when: in the period under way, and at the same share of working days in the ones
//! before, by which the method of open deals is judged.

use std::collections::BTreeMap;

use attain_metrics::{Asker, Dimension, Metric, MetricsError, OpenDeal, Period, Reach, Subject};
use jiff::civil::Date;

use super::course::Course;
use super::open_deals::{Instant, Standing, Told};

/// What deals say of a metric: of how many are won, and of what is booked.
fn told(metric: &Metric) -> Option<Told> {
    match metric.id.as_str() {
        "deals_won" => Some(Told::Number),
        "bookings" => Some(Told::Value),
        _ => None,
    }
}

/// The open deals of a subject, or of each of its members, by whose they are; none of a metric that no deal tells of,
/// and of a period that is not under way.
pub(super) async fn of(
    asker: &Asker,
    (subject, by): (&Subject, Option<&Dimension>),
    metric: &Metric,
    course: &Course,
    reach: &Reach,
) -> Result<Option<Standings>, MetricsError> {
    let is_under_way = !course.gone.is_empty() && !course.ahead.is_empty();
    let Some(told) = told(metric).filter(|_| is_under_way) else { return Ok(None) };
    let (periods, instants): (Vec<Period>, Vec<Instant>) = course.moments().into_iter().unzip();
    let days: Vec<Date> = instants.iter().map(|instant| instant.on).collect();
    let is_known = asker.knows_moves() && asker.catalogue().metric("open_deals").is_some();
    let (ended, open) = match is_known {
        true => (asker.deals_ended(&days).await?, asker.open_deals(subject, by, &periods, reach).await?),
        false => (Vec::new(), Vec::new()),
    };
    let mut by_member: BTreeMap<Subject, Vec<OpenDeal>> = BTreeMap::new();
    for deal in open {
        let member = deal.member.clone();
        let of = match by {
            None => Some(subject.clone()),
            Some(dimension) => dimension.level().zip(member).map(|(level, id)| Subject::at(level, id)),
        };
        if let Some(of) = of {
            by_member.entry(of).or_default().push(deal);
        }
    }
    let standing = |deals: &[OpenDeal]| Standing::of(told, deals, &ended, &instants);
    let of = by_member.into_iter().map(|(of, deals)| (of, standing(&deals))).collect();
    Ok(Some(Standings { of, none: standing(&[]) }))
}

/// The open deals of several.
pub(super) struct Standings {
    of: BTreeMap<Subject, Standing>,
    none: Standing,
}

impl Standings {
    /// Those of one; none are open of who has none.
    pub(super) fn of(&self, subject: &Subject) -> &Standing {
        self.of.get(subject).unwrap_or(&self.none)
    }
}
