//! Asking for a relief and deciding on it; a target before relief and after.

use attain_metrics::Asker;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::ToSchema;

use super::deciding::{decides, is_too_late};
use super::store::{self, Asked};
use super::{Answer, Relief};
use crate::audit::seen;
use crate::goals::agreement::{self, Opened, REASON_MAX, number};
use crate::goals::entries::before_relief;
use crate::goals::line::Line;
use crate::goals::party::Party;
use crate::goals::store::{self as goals, Goal};
use crate::goals::words::attained;
use crate::people::names::Names;
use crate::permissions::Viewer;
use crate::web::App;
use crate::web::components::{number_path, value_link};
use crate::web::extract::{Form, Path};
use crate::web::format::{date, figure, places, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// A relief as a form or program sends it.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ReliefIn {
    /// First day.
    from: String,
    /// Last day.
    to: String,
    /// How much of the target is taken off, in percent.
    percent: String,
    /// Why.
    reason: String,
}

/// Why somebody says no.
#[derive(Deserialize)]
pub(super) struct Refused {
    reason: String,
}

pub(super) async fn ask(
    app: App,
    Path(number): Path<i64>,
    Form(wanted): Form<ReliefIn>,
) -> Result<Response, PageError> {
    let opened = agreement::opened(&app, number).await?;
    match asked(&app, &opened, &wanted).await? {
        Ok(_) => Ok(Redirect::to(&agreement::path(opened.goal.number)).into_response()),
        Err(problem) => agreement::conflict(&app, &opened, &problem).await,
    }
}

/// Asks for a relief: its number, or what is in the way.
pub(super) async fn asked(
    app: &App,
    opened: &Opened,
    wanted: &ReliefIn,
) -> Result<Result<i64, String>, PageError> {
    if opened.party != Some(Party::Leader) {
        return Err(PageError::Hidden);
    }
    let (from, to, share) = match read(opened, wanted) {
        Ok(read) => read,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(transaction) = agreement::unchanged(app, opened).await? else {
        return Ok(Err(agreement::NOTHING_WAITS.to_owned()));
    };
    let asker = match app.viewer() {
        Viewer::SignedIn(someone) => someone.person.as_deref(),
        Viewer::Owner | Viewer::Nobody => None,
    };
    let (goal, subject) = (opened.goal.number, &opened.goal.subject);
    let asked = Asked { goal, subject, from, to, share, reason: wanted.reason.trim(), asker };
    let when = (opened.asker.as_of().asked_on, Timestamp::now());
    let number = store::ask(&transaction, &asked, when).await?;
    transaction.commit().await?;
    Ok(Ok(number))
}

/// First and last day, and the part that is taken off.
fn read(opened: &Opened, wanted: &ReliefIn) -> Result<(Date, Date, Decimal), String> {
    if !opened.metric.accumulates() {
        return Err("This target does not add up over days; agree on a change of it instead.".to_owned());
    }
    if opened.is_over() {
        return Err("Its period is over, and changes no more.".to_owned());
    }
    let day = |text: &str| -> Result<Date, String> {
        let read = text.trim().parse();
        read.map_err(|_| format!("`{text}` is no date; write it like 2026-03-31."))
    };
    let (from, to) = (day(&wanted.from)?, day(&wanted.to)?);
    if from > to || !opened.period.contains(from) || !opened.period.contains(to) {
        return Err("A relief begins and ends within the goal's period, in this order.".to_owned());
    }
    let percent = number(wanted.percent.trim().trim_end_matches('%'))
        .filter(|percent| *percent > Decimal::ZERO && *percent <= Decimal::ONE_HUNDRED);
    let percent = percent.ok_or_else(|| {
        "How much is taken off is a percentage of more than 0, at most 100: 50 for half.".to_owned()
    })?;
    if wanted.reason.trim().is_empty() || wanted.reason.chars().count() > REASON_MAX {
        return Err(format!("Say why, in at most {REASON_MAX} letters: who decides has only that."));
    }
    if let Some(other) = opened.goal.reliefs.iter().find(|other| other.overlaps(from, to)) {
        return Err(format!(
            "There is a relief for some of these days, {} to {}: one day is relieved once.",
            date(other.from),
            date(other.to)
        ));
    }
    Ok((from, to, percent / Decimal::ONE_HUNDRED))
}

pub(super) async fn approve(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    decided(&app, number, Answer::Approved).await?;
    Ok(Redirect::to("/goals/reliefs").into_response())
}

pub(super) async fn refuse(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Refused>,
) -> Result<Response, PageError> {
    decided(&app, number, Answer::Refused(sent.reason)).await?;
    Ok(Redirect::to("/goals/reliefs").into_response())
}

/// Decides on a relief that waits for it.
pub(super) async fn decided(app: &App, number: i64, answer: Answer) -> Result<(), PageError> {
    let answer = match answer {
        Answer::Refused(reason) if reason.trim().is_empty() || reason.chars().count() > REASON_MAX => {
            let message = "Say why not; nothing was changed.".to_owned();
            return Err(PageError::Invalid { field: "reason".into(), message });
        }
        Answer::Refused(reason) => Answer::Refused(reason.trim().to_owned()),
        Answer::Approved => Answer::Approved,
    };
    let asker = app.asker().await?;
    let transaction = app.records().begin(&app.actor()).await?;
    goals::alone(&transaction).await?;
    let connection = transaction.connection();
    let relief = store::by_number(connection, &app.actor(), number).await?.ok_or(PageError::NotFound)?;
    let goal =
        goals::by_number(connection, &app.actor(), &asker, relief.goal).await?.ok_or(PageError::NotFound)?;
    let subject = &goal.subject;
    if !decides(app.viewer(), &asker, &relief, subject) {
        return Err(PageError::Hidden);
    }
    if relief.decision.is_some() {
        return Err(PageError::Refused(
            "It was decided on already, and nothing was changed: *Reliefs* says how.".to_owned(),
        ));
    }
    let (today, period) = (asker.as_of().asked_on, asker.calendar().parse(&goal.period)?);
    if is_too_late(&answer, &period, today) {
        return Err(PageError::Refused(format!(
            "{} is over, and its targets change no more: nothing was changed. Refuse the relief, and say why.",
            period.label()
        )));
    }
    let when = (today, Timestamp::now());
    store::decide(&transaction, &relief, subject, &answer, when).await?;
    transaction.commit().await?;
    Ok(())
}

/// A relief with what it is about, as far as the one who asks may see it.
pub(super) struct Listed {
    pub(super) relief: Relief,
    pub(super) goal: Goal,
    pub(super) name: String,
    /// Whether the one who asks may open the goal.
    pub(super) opens: bool,
    /// Whether it waits for their decision.
    pub(super) waits: bool,
}

/// The reliefs that the one who asks may see or decides on, newest first.
pub(super) async fn listed(app: &App) -> Result<Vec<Listed>, PageError> {
    let asker = app.asker().await?;
    let (records, actor, reach) = (app.records().read(), app.actor(), app.reach());
    let goals = goals::with_reliefs(records, &actor, &asker).await?;
    let mut listed = Vec::new();
    for relief in store::all(records, &actor).await? {
        let Some(goal) = goals.get(&relief.goal).cloned() else { continue };
        let subject = &goal.subject;
        let opens = reach.opens(subject);
        let decides = decides(app.viewer(), &asker, &relief, subject);
        if !opens && !decides {
            continue;
        }
        seen::note(app, subject, "reliefs").await?;
        let member = subject.id().and_then(|id| asker.organisation().member(subject.level(), id));
        let name = member.map(|member| member.name).unwrap_or_default();
        let waits = decides && relief.decision.is_none();
        listed.push(Listed { relief, goal, name, opens, waits });
    }
    Ok(listed)
}

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let (asker, listed, names) = (app.asker().await?, listed(&app).await?, Names::read(&app).await?);
    let waiting = listed.iter().filter(|one| one.waits).count();
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li aria-current="page" { "Reliefs" } } }
            div.head-line { h1 { "Reliefs" } }
            p.finding { @match waiting {
                0 => "No relief waits for your decision.",
                1 => b { "One relief waits for your decision." },
                more => b { (more) " reliefs wait for your decision." },
            } }
        }
        @if listed.is_empty() { p.quiet { "A relief takes a part off a target for some days. Whoever leads a person asks for one on the goal's page; the next one above decides here." } }
        @for one in listed.iter().filter(|one| one.waits) { (waiting_one(&asker, one, &names)) }
        @if listed.len() > waiting {
            section aria-labelledby="others-title" {
                div.section-head { h2 id="others-title" { @if waiting == 0 { "All you may see" } @else { "Others" } } }
                div.scroll tabindex="0" role="region" aria-label="Reliefs" { table.table.proposed {
                    caption.unseen { "Reliefs, newest first" }
                    thead { tr { th scope="col" { "Who" } th scope="col" { "Goal" } th scope="col" { "Days" } th.num scope="col" { "Taken off" } th scope="col" { "Why" } th scope="col" { "Asked" } th scope="col" { "State" } } }
                    tbody { @for one in listed.iter().filter(|one| !one.waits) { (list_row(&asker, one, &names)) } }
                } }
            }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: "Reliefs",
        place: Some(Place::Goals),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// A relief that waits for the one who looks, with what they can do about it.
fn waiting_one(asker: &Asker, one: &Listed, names: &Names) -> Markup {
    let relief = &one.relief;
    let (title, no) = (format!("relief-{}", relief.number), format!("no-{}", relief.number));
    let to = |act: &str| format!("/goals/reliefs/{}/{act}", relief.number);
    html! {
        section.apart aria-labelledby=(title) {
            div.section-head { h2 id=(title) { (one.name) ": " (percent(relief)) " off for " (date(relief.from)) " – " (date(relief.to)) } }
            p { (what(asker, one)) ". Why: " (relief.reason) }
            p.small.quiet { "Asked for " (date(relief.asked_on)) " by " (names.who(&relief.asked_by)) "." }
            form method="post" action=(to("approve")) { button.button type="submit" { "Approve" } }
            form.filters method="post" action=(to("refuse")) {
                div.field { label for=(no) { "Why not" } input id=(no) name="reason" required maxlength=(REASON_MAX); }
                button.button type="submit" { "Refuse" }
            }
        }
    }
}

fn list_row(asker: &Asker, one: &Listed, names: &Names) -> Markup {
    html! {
        tr {
            th scope="row" { (one.name) }
            td { (what(asker, one)) }
            (days_share_reason(&one.relief))
            td.small { (date(one.relief.asked_on)) " by " (names.who(&one.relief.asked_by)) }
            td.small { (state(&one.relief, names)) }
        }
    }
}

/// The goal that is to be relieved, which opens for who may open it.
fn what(asker: &Asker, one: &Listed) -> Markup {
    let period = asker.calendar().parse(&one.goal.period).ok();
    let metric = period.as_ref().and_then(|period| asker.catalogue_for(period).metric(&one.goal.metric));
    let label = metric.map_or(one.goal.metric.as_str(), |metric| &metric.label);
    let period = period.as_ref().map_or(one.goal.period.as_str(), |period| period.label());
    let what = html! { (label) ", " (period) };
    html! { @if one.opens { a href=(agreement::path(one.goal.number)) { (what) } } @else { (what) } }
}

fn percent(relief: &Relief) -> String {
    format!("{} %", places(relief.share * Decimal::ONE_HUNDRED, 1))
}

fn days_share_reason(relief: &Relief) -> Markup {
    html! {
        td.small { (date(relief.from)) " – " (date(relief.to)) }
        td.num { (percent(relief)) }
        td.small { (relief.reason) }
    }
}

fn state(relief: &Relief, names: &Names) -> String {
    let Some(decision) = &relief.decision else {
        return "asked for, waits for the next one above".to_owned();
    };
    let (by, on) = (names.who(&decision.by), date(decision.on));
    match &decision.answer {
        Answer::Approved => format!("approved by {by}, {on}"),
        Answer::Refused(reason) => format!("refused by {by}, {on}: {reason}"),
    }
}

/// What of a goal is relieved: its target before and after, each relief, and the form that asks for one.
pub(in crate::goals) async fn section(
    app: &App,
    opened: &Opened,
    after: &Line,
    names: &Names,
) -> Result<Markup, PageError> {
    let reliefs = &opened.goal.reliefs;
    let asks = opened.party == Some(Party::Leader) && !opened.is_over() && opened.metric.accumulates();
    if reliefs.is_empty() && !asks {
        return Ok(html! {});
    }
    let before = match reliefs.iter().any(Relief::is_approved) {
        true => Some(before_relief(app, &opened.asker, &opened.goal, &opened.metric, &opened.period).await?),
        false => None,
    };
    Ok(html! {
        section.apart aria-labelledby="relief-title" {
            div.section-head { h2 id="relief-title" { "Relief" } }
            @if let Some(before) = &before { (both_lines(opened, before, after)) }
            @if !reliefs.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Reliefs asked for" { table.table.proposed {
                    caption.unseen { "Reliefs asked for, newest first" }
                    thead { tr { th scope="col" { "Days" } th.num scope="col" { "Taken off" } th scope="col" { "Why" } th scope="col" { "Asked" } th scope="col" { "State" } } }
                    tbody { @for relief in reliefs.iter().rev() { tr {
                        (days_share_reason(relief))
                        td.small { (date(relief.asked_on)) " by " (names.who(&relief.asked_by)) }
                        td.small { (state(relief, names)) @if decides(app.viewer(), &opened.asker, relief, &opened.goal.subject) && relief.decision.is_none() { ": " a href="/goals/reliefs" { "decide" } } }
                    } } }
                } }
            }
            @if asks { (form(opened)) }
        }
    })
}

/// Attainment before relief and after, always both.
fn both_lines(opened: &Opened, before: &Line, after: &Line) -> Markup {
    let (metric, currency) = (&opened.metric, &opened.asker.company().currency);
    let path = number_path(&opened.goal.subject, &metric.id, &opened.period, "numbers");
    html! {
        div.scroll tabindex="0" role="region" aria-label="Before relief and after" { table.table {
            caption.unseen { "Before relief and after" }
            thead { tr { th scope="col" { (metric.label) " " small.quiet { (unit_words(metric, currency)) } } th.num scope="col" { "Target" } th.num scope="col" { "Attained" } th scope="col" { "Of the target" } } }
            tbody { @for (words, line) in [("Before relief", before), ("After relief", after)] { tr {
                th scope="row" { (words) }
                td.num { @match line.target { Some(target) => (figure(target, metric.unit)), None => "–" } }
                td.num { (value_link(&line.number, metric, Some(&path), &metric.label)) }
                td { (attained(line)) }
            } } }
        } }
    }
}

fn form(opened: &Opened) -> Markup {
    let (first, last) = (opened.period.from, opened.period.last_day());
    let bound = |day: Option<Date>| day.map(|day| day.to_string());
    html! {
        form.filters method="post" action=(format!("{}/relief", agreement::path(opened.goal.number))) {
            div.field { label for="relief-from" { "From" } input id="relief-from" type="date" name="from" required min=[bound(first)] max=[bound(last)]; }
            div.field { label for="relief-to" { "Until" } input id="relief-to" type="date" name="to" required min=[bound(first)] max=[bound(last)]; }
            div.field { label for="relief-percent" { "Taken off, %" } input id="relief-percent" name="percent" required inputmode="decimal" maxlength="10"; }
            div.field { label for="relief-reason" { "Why" } input id="relief-reason" name="reason" required maxlength=(REASON_MAX); }
            button.button type="submit" { "Ask for relief" }
        }
        p.small.quiet { "The next one above you decides. No version is altered: what is attained is shown against the target before relief and after." }
    }
}
