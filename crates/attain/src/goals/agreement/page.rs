//! The page of one goal: where it stands and will end, its versions, and what one can do about it.

use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::sent::REASON_MAX;
use super::{Opened, agreed_on, opened, path};
use crate::goals::entries::of_goal;
use crate::goals::line::Line;
use crate::goals::words::{attained, pace_words, state_words};
use crate::goals::{outlook, relief};
use crate::people::names::Names;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::{Path, Query};
use crate::web::format::{date, figure_with_unit};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// A target whose chance somebody wants to know.
#[derive(Default, Deserialize)]
pub(in crate::goals) struct Tried {
    pub(in crate::goals) value: Option<String>,
}

pub(in crate::goals) async fn shown(
    app: App,
    Path(number): Path<i64>,
    Query(tried): Query<Tried>,
) -> Result<Markup, PageError> {
    let opened = opened(&app, number).await?;
    whole(&app, &opened, None, tried.value.as_deref()).await
}

pub(super) async fn whole(
    app: &App,
    opened: &Opened,
    problem: Option<&str>,
    tried: Option<&str>,
) -> Result<Markup, PageError> {
    let Opened { asker, goal, name, metric, period, .. } = opened;
    let line = of_goal(app, asker, goal, metric, period).await?;
    let found = outlook::of_one(asker, &goal.subject, metric, period, &app.reach()).await?;
    let path = path(goal.number);
    let outlook = outlook::Shown {
        asker,
        subject: &goal.subject,
        line: &line,
        found: found.as_ref(),
        proposed: opened.proposed().map(|version| version.value),
        tried,
        path: &path,
    };
    let names = Names::read(app).await?;
    let relief = relief::section(app, opened, &line, &names).await?;
    let subject_path = format!(
        "/goals/{}/{}?period={period}",
        goal.subject.level().name(),
        goal.subject.id().unwrap_or_default()
    );
    let other_periods = format!("{subject_path}#period");
    let title = format!("{} of {name}, {}", metric.label, period.label());
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li { a href=(subject_path) { (name) } } li aria-current="page" { (metric.label) } } }
            div.head-line { h1 { (metric.label) " of " (name) } span.meta { (period.label()) } }
            p.finding { (finding(&line, opened)) }
        }
        @if let Some(problem) = problem { div.notice role="alert" { p { (problem) } } }
        (outlook::section(&outlook))
        (versions(opened, &names))
        (relief)
        (acts(opened))
    };
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((period, &other_periods)),
        asker: Some(asker),
        main,
        sheet: None,
    }))
}

fn finding(line: &Line, opened: &Opened) -> Markup {
    let currency = &opened.asker.company().currency;
    html! {
        b {
            @match (line.number.value, line.target) {
                (Some(value), Some(target)) => {
                    a href=(number_path(&opened.goal.subject, &line.metric.id, &line.period, "numbers")) { (figure_with_unit(value, line.metric.unit, currency)) }
                    " of " (figure_with_unit(target, line.metric.unit, currency)) ", " (attained(line)) "."
                },
                (_, None) => { "No target holds yet." },
                (None, Some(_)) => { "There is nothing to hold against the target yet." },
            }
        }
        " " (pace_words(line))
        @if line.is_prorated { " The target is that of the days it applies." }
    }
}

fn versions(opened: &Opened, names: &Names) -> Markup {
    let currency = &opened.asker.company().currency;
    let (versions, states) = (opened.goal.versions.iter(), opened.states());
    let day = |day: Option<Date>| day.map_or_else(|| "–".to_owned(), date);
    html! {
        section aria-labelledby="versions-title" {
            div.section-head { h2 id="versions-title" { "Versions" } }
            div.scroll tabindex="0" role="region" aria-label="Versions" {
                table.table {
                    caption.unseen { "Versions, newest first" }
                    thead { tr { th.num scope="col" { "Target" } th scope="col" { "From" } th scope="col" { "Why" } th scope="col" { "Proposed" } th scope="col" { (opened.name) " agreed" } th scope="col" { "Leader agreed" } th scope="col" { "State" } } }
                    tbody {
                        @for (version, state) in versions.zip(&states).rev() {
                            tr {
                                td.num { (figure_with_unit(version.value, opened.metric.unit, currency)) }
                                td { (date(version.from)) }
                                td { (version.reason) }
                                td { (date(version.proposed_on)) " by " (names.who(&version.proposed_by)) }
                                td { (day(version.subject_agreed_on)) }
                                td { (day(version.leader_agreed_on)) }
                                td { (state_words(state)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the one who looks can do now: only acts that would be taken are offered.
fn acts(opened: &Opened) -> Markup {
    let Some(party) = opened.party else { return html! {} };
    if opened.is_over() {
        return html! {};
    }
    let to = |act: &str| format!("{}/{act}", path(opened.goal.number));
    let waiting = opened.waiting();
    let (for_them, own) = match waiting {
        Some(version) => (agreed_on(version, party).is_none(), agreed_on(version, party).is_some()),
        None => (false, false),
    };
    html! {
        section aria-labelledby="acts-title" {
            div.section-head { h2 id="acts-title" { @if for_them { "Your answer" } @else { "Change it" } } }
            @if for_them {
                div.actions {
                    form method="post" action=(to("acknowledge")) { button.button.primary type="submit" { "Acknowledge" } }
                }
                @if opened.proposed().is_some() {
                    form.filters method="post" action=(to("decline")) {
                        div.field { label for="no" { "Why not" } input id="no" name="reason" required maxlength=(REASON_MAX); }
                        button.button type="submit" { "Decline" }
                    }
                }
            }
            @if own { form.act method="post" action=(to("withdraw")) { button.button type="submit" { "Take the proposal back" } } }
            form.filters method="post" action=(to("change")) {
                div.field { label for="value" { "Another target" } input id="value" name="value" required inputmode="decimal" maxlength="30"; }
                div.field { label for="from" { "From" } input id="from" type="date" name="from" value=[opened.period.from.map(|from| from.to_string())] required; }
                div.field { label for="reason" { "Why" } input id="reason" name="reason" required maxlength=(REASON_MAX); }
                button.button type="submit" { @if for_them { "Propose this instead" } @else { "Propose a change" } }
            }
            p.small.quiet { "Both sides agree to a version; without an answer it holds after ten working days, and says so. Every version stays." }
        }
    }
}
