//! Templates that were committed: what became of each of their goals, and taking all of it back.

use std::sync::Arc;

use attain_metrics::{Asker, Metric, Period, WorkingDays};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::gathering::proposes_to;
use super::store::{self, Committed};
use super::undo::{Stays, taken_back};
use super::words::Sum;
use crate::audit::seen;
use crate::goals::agreement::{self, states};
use crate::goals::line;
use crate::goals::store::{self as goals, Goal};
use crate::goals::version::{End, State};
use crate::goals::words::state_words;
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Path;
use crate::web::format::{date, figure_with_unit};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// A template as it is opened.
pub(super) struct Opened {
    asker: Arc<Asker>,
    pub(super) template: Committed,
    metric: Arc<Metric>,
    period: Period,
    /// Its goals as far as the one who asks may open them, or proposed them; each with its version.
    pub(super) goals: Vec<Proposed>,
}

/// A goal of a template.
pub(super) struct Proposed {
    version: i64,
    pub(super) goal: Goal,
    pub(super) name: String,
    pub(super) value: Decimal,
    pub(super) state: State,
    /// Whether it can be taken back, or why not.
    pub(super) taken_back: Result<i64, Stays>,
}

/// Whether the one who asks proposed a template, or may open all it was used for.
fn is_theirs(app: &App, template: &Committed) -> bool {
    let who = |actor: &str| actor.split(" as ").next().unwrap_or(actor).to_owned();
    who(&template.by) == who(&app.actor().to_string()) || app.reach().opens(&template.subject)
}

/// The version of a goal that the one who asks takes back, or why it stays.
fn taken_back_by(
    app: &App,
    asker: &Asker,
    (goal, version): (&Goal, i64),
    (template, period): (&Committed, &Period),
) -> Result<i64, Stays> {
    let is_theirs = goal.subject.id().is_some_and(|id| proposes_to(app.viewer(), id));
    let when = (period, asker.as_of().asked_on, &WorkingDays::of(asker.company()));
    taken_back(goal, version, (template.by_leader, is_theirs), when)
}

/// Opens a template that is theirs to see.
pub(super) async fn opened(app: &App, number: i64) -> Result<Opened, PageError> {
    let template = store::by_number(app.records().read(), &app.actor(), number).await?;
    let template = template.ok_or(PageError::NotFound)?;
    if !is_theirs(app, &template) {
        return Err(PageError::Hidden);
    }
    let asker = app.asker().await?;
    seen::note(app, &template.subject, "a goal template").await?;
    let period = asker.calendar().parse(&template.period)?;
    let metric = asker.catalogue_for(&period).metric(&template.metric).cloned().ok_or(PageError::NotFound)?;
    let found = goals::of_template(app.records().read(), &app.actor(), &asker, number).await?;
    let (today, days) = (asker.as_of().asked_on, WorkingDays::of(asker.company()));
    let mut proposed = Vec::new();
    for (version, goal) in found {
        let Some(at) = goal.versions.iter().position(|known| known.number == version) else { continue };
        let member = goal.subject.id().and_then(|id| asker.organisation().member(goal.subject.level(), id));
        proposed.push(Proposed {
            version,
            name: member.map(|member| member.name).unwrap_or_default(),
            value: goal.versions[at].value,
            state: states(&goal, &period, today, &days)[at].clone(),
            taken_back: taken_back_by(app, &asker, (&goal, version), (&template, &period)),
            goal,
        });
    }
    proposed.sort_by(|one, other| (&one.name, one.version).cmp(&(&other.name, other.version)));
    Ok(Opened { asker, template, metric, period, goals: proposed })
}

impl Opened {
    /// What the targets that are alive come to, beside the plan.
    fn sum(&self) -> Sum {
        let alive: Vec<&Proposed> = self.goals.iter().filter(|goal| is_alive(&goal.state)).collect();
        let days = WorkingDays::of(self.asker.company());
        let applies = |proposed: &&Proposed| {
            let applicable = line::applicable(&self.asker, &proposed.goal.subject);
            let days = days.proration(&self.period, &applicable).filter(|_| self.metric.accumulates());
            days.and_then(|days| days.share()).map_or(proposed.value, |share| proposed.value * share)
        };
        let applies: Decimal = alive.iter().map(applies).sum();
        Sum {
            applies,
            shared: applies,
            people: alive.len(),
            left_out: self.template.left_out.len(),
            plan: self.template.plan,
        }
    }

    fn can_be_undone(&self) -> bool {
        self.goals.iter().any(|proposed| proposed.taken_back.is_ok())
    }
}

/// Whether a version asks for anything, or did to the end of its period: it may yet hold, holds, or held.
fn is_alive(state: &State) -> bool {
    matches!(state, State::Proposed | State::InForce { .. } | State::Closed { .. })
}

/// The templates that are theirs to see, newest first.
pub(super) async fn theirs(app: &App) -> Result<Vec<Committed>, PageError> {
    let mut templates = store::all(app.records().read(), &app.actor()).await?;
    templates.retain(|template| is_theirs(app, template));
    Ok(templates)
}

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let (asker, templates, names) = (app.asker().await?, theirs(&app).await?, Names::read(&app).await?);
    let writes = app.may(Act::Write, Object::GoalTemplates);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li aria-current="page" { "Templates" } } }
            div.head-line { h1 { "Goals for a role" } }
            p.finding { "A template proposes goals to everybody of a role at once: one preview, one commit, one undo." }
        }
        @if writes { p.actions { a.button.primary href="/goals/templates/new" { "New template" } } }
        @if templates.is_empty() { p.quiet { "None was committed yet." } }
        @else { div.scroll tabindex="0" role="region" aria-label="Templates" { table.table.proposed {
            caption.unseen { "Templates, newest first" }
            thead { tr { th scope="col" { "Template" } th scope="col" { "Role" } th scope="col" { "Goal" } th scope="col" { "Targets" } th scope="col" { "Proposed" } th scope="col" { "State" } } }
            tbody { @for one in &templates { tr {
                th scope="row" { a href=(path(one.number)) { "Template " (one.number) } }
                td { (one.role) } td.small { (one.metric) ", " (one.period) } td.small { (one.sharing) }
                td { (date(one.on)) " by " (names.who(&one.by)) }
                td { (undone_words(one, &names)) }
            } } }
        } } }
    };
    Ok(framed(&app, &asker, "Goal templates", main))
}

fn undone_words(template: &Committed, names: &Names) -> String {
    match &template.undone {
        Some((by, on)) => format!("undone by {}, {}", names.who(by), date(*on)),
        None => "proposed".to_owned(),
    }
}

pub(super) async fn shown(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    let opened = opened(&app, number).await?;
    whole(&app, &opened, None).await
}

/// Takes back what nobody has acknowledged.
pub(super) async fn undo(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    match undone(&app, number).await? {
        Undone::Done { .. } => Ok(Redirect::to(&path(number)).into_response()),
        Undone::Nothing => {
            let opened = opened(&app, number).await?;
            let page = whole(&app, &opened, Some(NOTHING_LEFT)).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// What is said where nothing is left to take back.
pub(super) const NOTHING_LEFT: &str =
    "None of its goals can be taken back any more; the table says why of each.";

/// What an undo did.
pub(super) enum Undone {
    /// So many were taken back; others stay.
    Done {
        taken_back: usize,
        stays: usize,
    },
    Nothing,
}

/// Takes back what nobody has acknowledged, in one transaction.
pub(super) async fn undone(app: &App, number: i64) -> Result<Undone, PageError> {
    let opened = opened(app, number).await?;
    let today = opened.asker.as_of().asked_on;
    let transaction = app.records().begin(&app.actor()).await?;
    goals::alone(&transaction).await?;
    let found = goals::of_template(transaction.connection(), &app.actor(), &opened.asker, number).await?;
    let (mut taken, mut stays) = (0, 0);
    for (version, goal) in &found {
        let of_template = (&opened.template, &opened.period);
        match taken_back_by(app, &opened.asker, (goal, *version), of_template) {
            Ok(version) => {
                goals::end(&transaction, goal, version, &End::Withdrawn, Timestamp::now()).await?;
                taken += 1;
            }
            Err(_) => stays += 1,
        }
    }
    if taken == 0 {
        return Ok(Undone::Nothing);
    }
    store::undone(&transaction, &opened.template, (taken, stays), (today, Timestamp::now())).await?;
    transaction.commit().await?;
    Ok(Undone::Done { taken_back: taken, stays })
}

fn path(number: i64) -> String {
    format!("/goals/templates/{number}")
}

async fn whole(app: &App, opened: &Opened, notice: Option<&str>) -> Result<Markup, PageError> {
    let Opened { asker, template, metric, period, .. } = opened;
    let (names, currency) = (Names::read(app).await?, &asker.company().currency);
    let sum = opened.sum();
    let title = format!("Template {}", template.number);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li { a href="/goals/templates" { "Templates" } } li aria-current="page" { "Template " (template.number) } } }
            div.head-line { h1 { (template.role) ", " (metric.label) } span.meta { (period.label()) } }
            p.finding { b { (sum.finding()) } " " (sum.explained(metric, currency)) }
        }
        @if let Some(notice) = notice { div.notice role="alert" { p { (notice) } } }
        p { (template.sharing) ". Why: " (template.reason) }
        p.small.quiet { "Proposed " (date(template.on)) " by " (names.who(&template.by)) "." @if let Some((by, on)) = &template.undone { " Undone " (date(*on)) " by " (names.who(by)) ", as far as it could be." } }
        (goals_table(app, opened))
        @if !template.left_out.is_empty() {
            section aria-labelledby="left-out-title" {
                div.section-head { h2 id="left-out-title" { "Left out" } }
                ul.plain-list { @for (name, why) in &template.left_out { li { b { (name) } ": " (why) } } }
            }
        }
        @if opened.can_be_undone() && app.may(Act::Write, Object::GoalTemplates) {
            form.leave method="post" action=(format!("{}/undo", path(template.number))) { button.button type="submit" { "Take back what nobody has acknowledged" } }
        }
    };
    Ok(framed(app, asker, &title, main))
}

fn goals_table(app: &App, opened: &Opened) -> Markup {
    let currency = &opened.asker.company().currency;
    let reach = app.reach();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Goals" { table.table.proposed {
            caption.unseen { "Goals of this template" }
            thead { tr { th scope="col" { "Who" } th.num scope="col" { "Target" } th scope="col" { "State" } th scope="col" { "Can it be taken back" } } }
            tbody { @for proposed in &opened.goals { @let opens = reach.opens(&proposed.goal.subject); tr {
                th scope="row" { (proposed.name) }
                td.num { @let value = figure_with_unit(proposed.value, opened.metric.unit, currency); @if opens { a.n href=(agreement::path(proposed.goal.number)) { (value) } } @else { (value) } }
                td { @if opens { (state_words(&proposed.state)) } @else { "–" } }
                td.small { (taken_back_words(&proposed.taken_back, opens)) }
            } } }
        } }
    }
}

/// Whether a goal can be taken back, in words; why not, only to who may open the one it is about.
pub(super) fn taken_back_words(taken_back: &Result<i64, Stays>, opens: bool) -> String {
    match taken_back {
        Ok(_) => "yes".to_owned(),
        Err(_) if !opens => "no".to_owned(),
        Err(Stays::Acknowledged(on)) => format!("no: acknowledged {}", date(*on)),
        Err(Stays::Ended) => "it has ended already".to_owned(),
        Err(Stays::Superseded) => "no: a later version holds".to_owned(),
        Err(Stays::Over) => "no: the period is over".to_owned(),
        Err(Stays::NotTheirs) => "no: not yours to take back".to_owned(),
    }
}

fn framed(app: &App, asker: &Asker, title: &str, main: Markup) -> Markup {
    page(&Page { app, title, place: Some(Place::Goals), period: None, asker: Some(asker), main, sheet: None })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_never_held_or_holds_no_more_is_not_assigned() {
        assert!(is_alive(&State::Proposed) && is_alive(&State::Closed { agreed: false }));
        assert!(!is_alive(&State::Superseded) && !is_alive(&State::Lapsed));
        assert!(!is_alive(&State::Ended(End::Withdrawn)));
    }

    #[test]
    fn what_became_of_a_goal_is_said_only_to_who_may_open_it() {
        let acknowledged = Err(Stays::Acknowledged(date(2026, 1, 7)));
        assert_eq!(taken_back_words(&acknowledged, true), "no: acknowledged 7 Jan 2026");
        assert_eq!(taken_back_words(&acknowledged, false), "no");
        assert_eq!(taken_back_words(&Ok(1), false), "yes");
    }
}
