//! What was asked of a subject, as a side of a comparison: the target of bookings for the days that have gone by, and
//! the levers by which it was to come about.

use attain_facts::canonical::currency::minor_unit;
use attain_metrics::{Asker, Level, Period, Subject};
use rust_decimal::Decimal;

use super::levers::Nothing;
use super::plan::{Asked, Habit, Plan, plan};
use super::reference::{Against, Reference, totals};
use super::side::Totals;
use super::way::{BOOKINGS, CREDITED, Way};
use crate::goals::targets::{self, Origin, Target};
use crate::permissions::{Act, Object};
use crate::scorecards::card;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::format::date_within;
use crate::web::problem::PageError;

/// The target as a reference.
///
/// # Errors
/// When it is to be taken apart otherwise than by opportunities, or facts or records cannot be read.
pub(super) async fn reference(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: Period,
    way: Way,
) -> Result<Reference, PageError> {
    if way != Way::Opportunities {
        return Err(PageError::Invalid {
            field: "by".into(),
            message: "a target is taken apart by opportunities; choose these, or another comparison"
                .to_owned(),
        });
    }
    let (goals, bookings) = asked(app, asker, subject, &period).await?;
    let name = match card::is_under_way(asker, &period) {
        true => format!("the target due by {}", date_within(asker.as_of().date, &period)),
        false => "the target".to_owned(),
    };
    let path = bookings.ok().and_then(|asked| path(subject, &period, &asked.target));
    let planned = match bookings {
        Ok(asked) => planned(app, asker, (subject, &period), &goals, asked).await?,
        Err(nothing) => Err(nothing),
    };
    let totals = planned.as_ref().map(|(_, totals)| totals.clone()).map_err(|nothing| *nothing);
    let plan = planned.ok().map(|(plan, _)| plan);
    Ok(Reference { against: Against::Target, name, path, period, totals, observed: None, plan })
}

/// Whether bookings have a target the one who asks may see.
pub(super) async fn is_there(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<bool, PageError> {
    Ok(asked(app, asker, subject, period).await?.1.is_ok())
}

/// A target of each metric of a subject as a whole.
type Goals = std::collections::HashMap<String, Target>;

/// What was asked of bookings.
#[derive(Clone, Copy)]
struct OfBookings {
    target: Target,
    /// Whether what is credited counts towards it; else what is owned.
    is_credited: bool,
}

/// What was asked of a subject, and what of bookings: what is owned where that was agreed on, else what is credited;
/// of a team without a target of its own what its people are to reach together.
async fn asked(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<(Goals, Result<OfBookings, Nothing>), PageError> {
    if !app.may(Act::Read, Object::Targets) || !app.reach().opens(subject) {
        return Ok((Goals::new(), Err(Nothing::NoTarget)));
    }
    let goals = targets::of_whole(app, asker, subject, period).await?;
    let agreed = goals.get(BOOKINGS).filter(|target| target.origin != Origin::Quota);
    let is_credited = agreed.is_none() && goals.contains_key(CREDITED);
    let own = agreed.or_else(|| goals.get(CREDITED)).copied();
    let target = match own {
        None => together(app, asker, subject, period).await?,
        own => own,
    };
    let of_bookings = match target {
        None if targets::is_without_rate(app, asker, subject, period).await? => {
            Err(Nothing::TargetWithoutRate)
        }
        None => Err(Nothing::NoTarget),
        Some(target) if target.value <= Decimal::ZERO => Err(Nothing::ZeroTarget),
        Some(target) => Ok(OfBookings { target, is_credited }),
    };
    Ok((goals, of_bookings))
}

/// What people are to book together, where each has a goal (domain 6.2).
async fn together(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<Option<Target>, PageError> {
    let catalogue = asker.catalogue_for(period);
    let Some(metric) = catalogue.metric(BOOKINGS).filter(|_| !matches!(subject, Subject::Rep(_))) else {
        return Ok(None);
    };
    let people = asker.organisation().members(Level::Rep, subject, period);
    let people: Vec<Subject> = people.into_iter().map(|member| Subject::Rep(member.id)).collect();
    let of_people = targets::of_people(app, asker, subject, period).await?;
    Ok(targets::added_up(&of_people, metric, &people))
}

/// Where a target opens.
fn path(subject: &Subject, period: &Period, target: &Target) -> Option<String> {
    match target.origin {
        Origin::Goal(number) => Some(format!("/goal/{number}")),
        Origin::Quota => Some(number_path(subject, "quota", period, "numbers")),
        Origin::AddedUp(_) => {
            subject.id().map(|id| format!("/goals/{}/{id}?period={period}", subject.level().name()))
        }
    }
}

/// The plan of a target and its totals, for the days that have gone by.
async fn planned(
    app: &App,
    asker: &Asker,
    (subject, period): (&Subject, &Period),
    goals: &Goals,
    bookings: OfBookings,
) -> Result<Result<(Plan, Totals), Nothing>, PageError> {
    let share = targets::share_due(asker, subject, period);
    let places = minor_unit(&asker.company().currency).unwrap_or(2);
    let goal = |metric: &str| goals.get(metric).map(|goal| goal.value).filter(|goal| *goal > Decimal::ZERO);
    let due = |metric: &str| goal(metric).map(|goal| goal * share);
    let asked = Asked {
        bookings: (bookings.target.value * share).round_dp(places),
        leads: due("leads_created").filter(|_| !matches!(subject, Subject::Rep(_))),
        created: due("opps_created"),
        won: due("deals_won"),
        size: goal("avg_deal_size"),
    };
    if asked.bookings.is_zero() {
        return Ok(Err(Nothing::NoneDue));
    }
    let habits = habits(app, asker, subject, period).await?;
    let Some(plan) = plan(&asked, &habits) else { return Ok(Err(Nothing::NoPlan)) };
    // What is to be credited is planned as one's own: nobody plans to share.
    let credited = bookings.is_credited.then_some((CREDITED, asked.bookings));
    let mut totals = plan.totals.clone();
    totals.add(credited.into_iter().collect());
    Ok(Ok((plan, totals)))
}

/// The levers as they were a year ago, or where there were none, in the period before.
async fn habits(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    period: &Period,
) -> Result<Vec<Habit>, PageError> {
    let chain = Way::Opportunities.chain(subject);
    let metrics: Vec<&'static str> = chain.iter().map(|link| link.metric).collect();
    let calendar = asker.calendar();
    let earlier = [calendar.same_period_last_year(period), calendar.previous(period)];
    let mut habits: Vec<Habit> = Vec::new();
    for earlier in earlier.into_iter().flatten() {
        let before = totals(asker, subject, &earlier, &metrics, &app.reach()).await?;
        for two in chain.windows(2) {
            let lever = two[1].lever;
            let value = before.get(two[1].metric).zip(before.get(two[0].metric));
            let value = value.and_then(|(above, below)| above.checked_div(below));
            let is_new = habits.iter().all(|habit| habit.lever != lever);
            if let Some(value) = value.filter(|value| is_new && *value > Decimal::ZERO) {
                habits.push(Habit { lever, value, period: earlier.label().to_owned() });
            }
        }
    }
    Ok(habits)
}
