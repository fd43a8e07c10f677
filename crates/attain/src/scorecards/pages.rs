//! The scorecard of the company, a region, a manager, a rep or a product.

use attain_metrics::{Asker, Code, Dimension, Level, Metric, Number, Period, Reach, Subject, Unit};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::card::{self, Card, Comparison, Line};
use super::look::{self, Depth};
use super::members::{Marks, members};
use super::views::{self, View};
use crate::comparison::verdicts;
use crate::goals::{brief, targets};
use crate::home;
use crate::integrity;
use crate::role_cards;
use crate::web::App;
use crate::web::components::{
    axis, card_file_path, history, interval, metric_name, number_path, scorecard_path, value_bar, value_link,
};
use crate::web::extract::{Path, Query};
use crate::web::format::{
    date, days_of, figure, figure_with_unit, organisation_words, places, shown, unit_words, whole,
};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// The part of an address that chooses the period.
#[derive(Deserialize)]
pub(super) struct PeriodChoice {
    period: Option<String>,
}

impl PeriodChoice {
    pub(super) fn of(period: Option<String>) -> PeriodChoice {
        PeriodChoice { period }
    }

    /// The period chosen, or the last quarter that is over.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        periods::chosen(asker, self.period.as_deref())
    }
}

/// Who may not see the company begins at what is theirs.
pub(super) async fn company(app: App, Query(choice): Query<PeriodChoice>) -> Result<Response, PageError> {
    match home::own_scorecard(app.viewer()).filter(|_| !app.viewer().layout().includes(&Subject::Company)) {
        Some(own) => Ok(Redirect::to(&own).into_response()),
        None => Ok(show(&app, Subject::Company, &choice).await?.into_response()),
    }
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(choice): Query<PeriodChoice>,
) -> Result<Markup, PageError> {
    show(&app, named_subject(&level, id)?, &choice).await
}

/// The subject an address names.
pub(super) fn named_subject(level: &str, id: String) -> Result<Subject, PageError> {
    match Level::from_name(level) {
        None | Some(Level::Company) => Err(PageError::NotFound),
        Some(level) => Ok(Subject::at(level, id)),
    }
}

async fn show(app: &App, subject: Subject, choice: &PeriodChoice) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let period = choice.period(&asker)?;
    let reach = app.reach();
    let (subject, name) = look::at(app, &asker, &subject, Depth::Values, "scorecard").await?;
    let (card, comparisons) = card::read_with_members(&asker, subject, name, period, &reach).await?;
    let needing = integrity::needing(app, &card.subject).await?;
    let marks = marks(app, &asker, &card, &comparisons).await?;
    let goals = match card.subject {
        Subject::Rep(_) => brief::section(app, &asker, &card.subject, &card.name, &card.period).await?,
        _ => html! {},
    };
    let score = match card.subject {
        Subject::Rep(_) => role_cards::section(app, &asker, &card.subject, &card.name, &card.period).await?,
        _ => html! {},
    };
    let shown =
        html! { @for comparison in &comparisons { (members(&asker, &card, comparison, &marks, &reach)) } };
    // Who leads people looks at them first.
    let people_first = matches!(card.subject, Subject::Manager(_));
    let main = html! {
        (head(&asker, &card, &reach))
        (needing)
        (views::nav(app, &card.subject, &card.period, View::Numbers))
        (period_form(&asker, &card))
        @if people_first { (shown) }
        (goals)
        (numbers(&asker, &card, None))
        (score)
        @if !people_first { (shown) }
    };
    let title = format!("{}, {}", card.name, card.period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Scorecards),
        period: Some((&card.period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// Targets and verdicts of a manager's people, for whoever may open them.
async fn marks(
    app: &App,
    asker: &Asker,
    card: &Card,
    comparisons: &[Comparison],
) -> Result<Marks, PageError> {
    let people = comparisons.iter().find(|comparison| comparison.dimension == Dimension::Rep);
    let reach = app.reach();
    let Some(people) = people.filter(|_| reach.opens(&card.subject)) else {
        return Ok(Marks::default());
    };
    let (verdicts, targets) = futures::future::try_join(
        verdicts::of(asker, &card.subject, &people.metrics, &card.period, &reach),
        targets::of(app, asker, &card.subject, &card.period),
    )
    .await?;
    Ok(Marks { verdicts, targets })
}

/// Crumbs, name and the finding.
pub(super) fn head(asker: &Asker, card: &Card, reach: &Reach) -> Markup {
    html! {
        div.head {
            (crumbs(asker, card, reach))
            div.head-line { h1 { (card.name) } span.meta { (about(asker, card)) } }
            p.finding { (finding(asker, card)) }
        }
    }
}

fn crumbs(asker: &Asker, card: &Card, reach: &Reach) -> Markup {
    let mut trail: Vec<(String, Subject)> = Vec::new();
    let day = card.period.last_day().map_or(asker.as_of().date, |last| last.min(asker.as_of().date));
    let person = match &card.subject {
        Subject::Rep(id) => asker.organisation().manager_on(id, day).map(|manager| (id, Some(manager))),
        Subject::Manager(id) => Some((id, None)),
        _ => None,
    };
    if card.subject != Subject::Company {
        trail.push((asker.company().name.clone(), Subject::Company));
    }
    if let Some((id, manager)) = person {
        let led = manager.as_ref().map_or(id, |manager| &manager.id);
        if let Some(region) =
            asker.organisation().region_on(id, day).or_else(|| asker.organisation().region_on(led, day))
        {
            trail.push((region.name, Subject::Region(region.id)));
        }
        if let Some(manager) = manager {
            trail.push((manager.name, Subject::Manager(manager.id)));
        }
    }
    html! {
        @if !trail.is_empty() {
            nav aria-label="Breadcrumb" {
                ol.crumbs {
                    @for (name, subject) in &trail { li { @if reach.includes(subject) { a href=(scorecard_path(subject, &card.period)) { (name) } } @else { (name) } } }
                    li aria-current="page" { (card.name) }
                }
            }
        }
    }
}

/// What the subject is, and of which days the page speaks.
fn about(asker: &Asker, card: &Card) -> String {
    let kind = match &card.subject {
        Subject::Company => "Company".to_owned(),
        Subject::Region(_) => "Region".to_owned(),
        Subject::Product(_) => "Product".to_owned(),
        Subject::Manager(_) => "Manager, with the people who report to them".to_owned(),
        Subject::Rep(id) => {
            let person = asker.organisation().person(id);
            let role = person.and_then(|person| person.role.clone()).unwrap_or_else(|| "Rep".to_owned());
            match person.and_then(|person| person.left_on) {
                Some(left) => format!("{role}, left on {}", date(left)),
                None => role,
            }
        }
    };
    let days = match days_of(&card.period) {
        Some(days) => format!("{}: {days}", card.period.label()),
        None => format!("Everything known, to {}", date(asker.as_of().date)),
    };
    match organisation_words(asker) {
        Some(words) => format!("{kind}, {words}. {days}"),
        None => format!("{kind}. {days}"),
    }
}

/// The page in a sentence or two that could be cited.
fn finding(asker: &Asker, card: &Card) -> Markup {
    let find = |id: &str| card.lines.iter().find(|line| line.metric.id == id);
    let (Some(bookings), Some(win_rate)) = (find("bookings"), find("win_rate_count")) else {
        return html! {};
    };
    let currency = &asker.company().currency;
    if bookings.number.codes.contains(&Code::Suppressed) {
        return html! { b { "These numbers are not yours to see." } " Who reports to whom, and the roles you have, decide that." };
    }
    let Some(booked) = bookings.number.value else {
        return html! { b { "No data covers this period." } " Choose another, or import the files that do." };
    };
    let to_date = bookings.number.codes.contains(&Code::PartialPeriod);
    html! {
        b {
            "Bookings of " (figure_with_unit(booked, Unit::Money, currency)) @if to_date { " to date" }
            @if let Some(change) = change(bookings) { ", " (change) @if to_date { ", which is as many working days" } }
            "."
        }
        " " (decided(win_rate))
    }
}

/// The change against the period before, in words; none without a base above zero.
fn change(line: &Line) -> Option<String> {
    let previous = line.previous.as_ref()?;
    let base = previous.value.filter(|base| *base > Decimal::ZERO)?;
    let change = (line.number.value? - base).checked_div(base)? * Decimal::ONE_HUNDRED;
    let (size, period) = (places(change.abs(), 1), previous.period.label());
    Some(match change.is_sign_negative() {
        _ if size == "0.0" => format!("as much as in {period}"),
        true => format!("{size} % less than in {period}"),
        false => format!("{size} % more than in {period}"),
    })
}

fn decided(win_rate: &Line) -> String {
    let number = &win_rate.number;
    let (Some(won), Some(decided)) = (number.numerator, number.denominator) else { return String::new() };
    if decided.is_zero() {
        return "No deal was won or lost.".into();
    }
    match interval(number, &win_rate.metric) {
        Some(interval) => format!(
            "{} of {} decided deals were won: {} %, 95 % interval {:.1} – {:.1}.",
            whole(won),
            whole(decided),
            number.value.map(|value| figure(value, Unit::Ratio)).unwrap_or_default(),
            interval.low * 100.0,
            interval.high * 100.0
        ),
        None => format!("{} of {} decided deals were won, too few for a rate.", whole(won), whole(decided)),
    }
}

/// The form that chooses another period, and the neighbours as links.
pub(super) fn period_form(asker: &Asker, card: &Card) -> Markup {
    let action = scorecard_path(&card.subject, &card.period);
    let action = action.split('?').next().unwrap_or_default();
    let calendar = asker.calendar();
    let known = |period: &Period| asker.periods(period.grain).contains(period);
    let previous = calendar.previous(&card.period).filter(known);
    let next = calendar.next(&card.period).filter(known);
    html! {
        form.filters id="period" aria-label="Period" method="get" action=(action) {
            (periods::field(asker, &card.period))
            button.button type="submit" { "Show" }
            span.end {
                @if let Some(period) = previous { a.button.plain href=(scorecard_path(&card.subject, &period)) { "← " (period.label()) } }
                @if let Some(period) = next { a.button.plain href=(scorecard_path(&card.subject, &period)) { (period.label()) " →" } }
                a.button.plain href=(card_file_path(&card.subject, &card.period)) { "CSV" }
            }
        }
    }
}

/// One subject, one row per metric.
pub(super) fn numbers(asker: &Asker, card: &Card, opened: Option<&Metric>) -> Markup {
    let currency = &asker.company().currency;
    let of_before = card.lines.first().and_then(|line| line.previous.as_ref());
    let before =
        of_before.filter(|_| card::is_under_way(asker, &card.period)).and_then(|n| n.period.last_day());
    html! {
        table.table.lines role="table" {
            caption.unseen { (card.name) ", " (card.lines.len()) " metrics, " (card.period.label()) }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { "Metric" }
                    th.num scope="col" role="columnheader" { "Value" }
                    th.num.wide-only scope="col" role="columnheader" { "Before" @if let Some(day) = before { small { "to " (date(day)) } } }
                    th.inset scope="col" role="columnheader" { "From zero, 95 % interval" }
                    th scope="col" role="columnheader" { "Note" }
                    th scope="col" role="columnheader" { "8 periods" }
                }
            }
            tbody role="rowgroup" {
                @for line in &card.lines { (number_row(card, line, currency, opened == Some(&*line.metric))) }
            }
        }
    }
}

fn number_row(card: &Card, line: &Line, currency: &str, opened: bool) -> Markup {
    let metric = &line.metric;
    let path = number_path(&card.subject, &metric.id, &card.period, "numbers");
    let spoken = format!("{}, {}", metric.label, unit_words(metric, currency));
    let scale = axis(metric, line.history.iter());
    let before = line.previous.as_ref().map(|number| shown(number, metric).text);
    html! {
        tr role="row" aria-current=[opened.then_some("true")] {
            th scope="row" role="rowheader" { (metric_name(metric)) small { (unit_words(metric, currency)) } }
            td.num role="cell" { (value_link(&line.number, metric, Some(&path), &spoken)) }
            td.num.quiet.wide-only role="cell" { (before.unwrap_or_default()) }
            td.chart.inset role="cell" { (value_bar(&line.number, metric, scale, true)) }
            td role="cell" { span.why { (to_know(&line.number, metric)) } }
            td.past role="cell" { (history(metric, &line.history, true)) }
        }
    }
}

/// What must be known beside a value: a qualification, or how much it rests on.
fn to_know(number: &Number, metric: &Metric) -> String {
    match shown(number, metric).note {
        Some(note) => note,
        None if metric.unit == Unit::Count => String::new(),
        None => format!("n {}", whole(number.n.into())),
    }
}
