//! People side by side, with what may be said of each.

use attain_metrics::{Asker, Level, Metric, Period, Subject};
use attain_stats::ranking::Verdict;
use attain_stats::shrinkage::NotShrunk;
use maud::{Markup, html};
use serde::Deserialize;

use super::peers::{self, Comparison, NotCompared, Person};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::{card, offered};
use crate::web::App;
use crate::web::charts::{Bullet, bullet};
use crate::web::components::{number_path, scorecard_path, value_link};
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// By what, of when, and whom.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    metric: Option<String>,
    period: Option<String>,
    role: Option<String>,
}

/// What is compared where nothing is said.
const METRIC: &str = "win_rate_count";

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole_page(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    let level = Level::from_name(&level).filter(|level| matches!(level, Level::Region | Level::Manager));
    let level = level.ok_or(PageError::NotFound)?;
    whole_page(&app, &Subject::at(level, id), &wanted).await
}

/// The address where a subject's people are compared.
pub(crate) fn path(subject: &Subject, period: &Period) -> Option<String> {
    match (subject, subject.id()) {
        (Subject::Company, _) => Some(format!("/compare?period={period}")),
        (Subject::Region(_) | Subject::Manager(_), Some(id)) => {
            Some(format!("/compare/{}/{id}?period={period}", subject.level().name()))
        }
        _ => None,
    }
}

/// What a request asks for, read.
pub(super) struct Asked {
    pub(super) metric: std::sync::Arc<Metric>,
    pub(super) period: Period,
}

/// Reads the metric and period of a request.
pub(super) fn asked(asker: &Asker, metric: Option<&str>, period: Option<&str>) -> Result<Asked, PageError> {
    let given = |text: Option<&str>| text.map(str::to_owned).filter(|text| !text.is_empty());
    let metric = given(metric).unwrap_or_else(|| METRIC.to_owned());
    let metric = std::sync::Arc::clone(asker.metric(&metric)?);
    let period = match given(period) {
        Some(text) => asker.calendar().parse(&text)?,
        None => card::default_period(asker),
    };
    Ok(Asked { metric, period })
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let Asked { metric, period } = asked(&asker, wanted.metric.as_deref(), wanted.period.as_deref())?;
    // People are opened here, so that aggregates alone are not enough.
    let (subject, name) = look::at(app, &asker, subject, Depth::Rows, "comparison of people").await?;
    let role = wanted.role.as_deref();
    let comparison = peers::compare(&asker, &subject, &metric, &period, role, &app.reach()).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Compare people" } } }
            div.head-line { h1 { (metric.label) ", side by side" } span.meta { (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (finding(&comparison, &metric)) }
        }
        (choices(&asker, &subject, &metric, &period, &comparison))
        @if comparison.people.is_empty() { p.quiet { "Nobody has anything to compare in this period." } } @else { (table(&comparison, &metric)) }
        (rule(&comparison, &metric))
    };
    let title = format!("{}: people of {name}", metric.label);
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Scorecards),
        period: Some((&period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The page in a sentence or two.
pub(super) fn finding(comparison: &Comparison, metric: &Metric) -> String {
    let [above, rest, below] = comparison.said;
    match &comparison.together {
        Err(NotShrunk::TooFewSubjects) => {
            "Fewer than five people rest on enough to be compared, so nothing is said of anybody.".to_owned()
        }
        Err(NotShrunk::NoVariation) => "Everybody has the same: there is nothing to tell apart.".to_owned(),
        Err(NotShrunk::Inseparable | NotShrunk::NotFinite) => {
            "People and chance cannot be told apart on so little; nothing is said of anybody.".to_owned()
        }
        Ok(together) if together.no_detectable_difference || above + below == 0 => format!(
            "The {} who can be compared differ in {} no more than chance alone would make them.",
            together.compared,
            metric.label.to_lowercase()
        ),
        Ok(together) => {
            format!(
                "Of {} compared, {} clearly above and {} clearly below; {rest} cannot be told apart.",
                together.compared,
                are(above),
                are(below)
            )
        }
    }
}

fn are(count: usize) -> String {
    match count {
        0 => "nobody is".to_owned(),
        1 => "one is".to_owned(),
        several => format!("{several} are"),
    }
}

fn choices(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    comparison: &Comparison,
) -> Markup {
    let action = match subject.id() {
        Some(id) => format!("/compare/{}/{id}", subject.level().name()),
        None => "/compare".to_owned(),
    };
    let offered = offered(asker);
    html! {
        form.filters id="period" method="get" action=(action) {
            div.field { label for="metric" { "By" } select id="metric" name="metric" { @for one in peers::metrics(asker) { option value=(one.id) selected[one.id == metric.id] { (one.label) } } } }
            div.field {
                label for="period-choice" { "Period" }
                select id="period-choice" name="period" {
                    @if !offered.iter().any(|(_, periods)| periods.contains(period)) { option value=(period.key()) selected { (period.label()) } }
                    @for (group, periods) in &offered { optgroup label=(group) { @for one in periods { option value=(one.key()) selected[one == period] { (one.label()) } } } }
                }
            }
            @if comparison.roles.len() > 1 {
                div.field { label for="role" { "Role" } select id="role" name="role" { @for (role, count) in &comparison.roles { option value=(role) selected[*role == comparison.role] { (role) " (" (count) ")" } } } }
            }
            button.button type="submit" { "Compare" }
        }
    }
}

fn table(comparison: &Comparison, metric: &Metric) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="People" {
            table.table.goals {
                caption.unseen { "People side by side" }
                thead { tr {
                    th scope="col" { "Who" } th scope="col" { "Said" } th.num scope="col" { "Value" } th.num scope="col" { "Of" }
                    th scope="col" { "From zero, 95 % interval" } th.num scope="col" { "After shrinkage" } th scope="col" { "Rank" }
                } }
                tbody { @for person in &comparison.people { (row(person, metric)) } }
            }
        }
    }
}

fn row(person: &Person, metric: &Metric) -> Markup {
    let subject = Subject::Rep(person.member.id.clone());
    let path = number_path(&subject, &metric.id, &person.number.period, "numbers");
    let below = person.number.denominator.map(whole).unwrap_or_default();
    html! {
        tr {
            th scope="row" { a href=(scorecard_path(&subject, &person.number.period)) { (person.member.name) } }
            td { (said(person)) }
            td.num { (value_link(&person.number, metric, Some(&path), &person.member.name)) }
            td.num { (below) }
            td.chart { (bar(person, metric)) }
            td.num { @match &person.standing { Ok(standing) => { (per_cent(standing.shrunken.estimate.value)) small.quiet { " " (per_cent(standing.shrunken.estimate.interval.low)) " – " (per_cent(standing.shrunken.estimate.interval.high)) } }, Err(_) => "–" } }
            td.small { @match &person.standing { Ok(standing) => { (standing.rank_range().start()) " to " (standing.rank_range().end()) }, Err(_) => "–" } }
        }
    }
}

fn bar(person: &Person, metric: &Metric) -> Markup {
    // Of fewer than five a count says more than a rate (7.2).
    let drawn = person.interval.filter(|_| person.number.n >= 5);
    let (Some(value), Some(interval)) = (person.number.value, drawn) else { return html! {} };
    let value = crate::web::format::share(value, rust_decimal::Decimal::ONE);
    let title = format!(
        "{}, {}: {}, 95 % interval {} to {}",
        person.member.name,
        metric.label,
        per_cent(value),
        per_cent(interval.low),
        per_cent(interval.high)
    );
    bullet(&Bullet {
        title: &title,
        value,
        over: false,
        interval: Some((interval.low, interval.high)),
        target: None,
        wide: false,
    })
}

/// One of the three that may be said, or why nothing is.
fn said(person: &Person) -> Markup {
    match (&person.standing, person.verdict()) {
        (_, Some(verdict)) => verdict_mark(verdict),
        (Err(NotCompared::HardlyThere), _) => html! { span.quiet.small { "hardly there, not compared" } },
        (Err(NotCompared::TooFew), _) => html! { span.quiet.small { "not enough to say" } },
        _ => html! { span.quiet.small { "not compared" } },
    }
}

fn verdict_mark(verdict: Verdict) -> Markup {
    html! { @match verdict {
        Verdict::ClearlyAbove => span.verdict.above { svg viewBox="0 0 9 9" aria-hidden="true" { path d="M4.5 .8 8.6 8.2H.4Z" {} } (verdict_words(verdict)) },
        Verdict::ClearlyBelow => span.verdict.below { svg viewBox="0 0 9 9" aria-hidden="true" { path d="M4.5 8.2 .4 .8h8.2Z" {} } (verdict_words(verdict)) },
        Verdict::CannotBeToldApart => span.verdict { svg viewBox="0 0 9 9" aria-hidden="true" { circle cx="4.5" cy="4.5" r="3.6" {} } (verdict_words(verdict)) },
    } }
}

/// What may be said of somebody.
pub(super) fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::ClearlyAbove => "clearly above",
        Verdict::CannotBeToldApart => "cannot be told apart",
        Verdict::ClearlyBelow => "clearly below",
    }
}

/// Who was compared, and how sure a verdict is.
fn rule(comparison: &Comparison, metric: &Metric) -> Markup {
    let hardly = comparison
        .people
        .iter()
        .filter(|person| person.standing.as_ref().err() == Some(&NotCompared::HardlyThere))
        .count();
    let few = comparison
        .people
        .iter()
        .filter(|person| person.standing.as_ref().err() == Some(&NotCompared::TooFew))
        .count();
    html! {
        p.small.quiet {
            "Compared are " @if comparison.role.is_empty() { "people" } @else { "people in the role “" (comparison.role) "”" }
            " who were there for four fifths of the period and rest on twenty " (metric.of.as_deref().unwrap_or("observations")) " or more"
            @if hardly > 0 { "; " (hardly) " hardly there" } @if few > 0 { "; " (few) " on too few" } @if comparison.hidden > 0 { "; " (comparison.hidden) " whom you may not open are compared, and not shown" } ". "
            "Small numbers are drawn towards what all have in common (beta-binomial shrinkage). A verdict needs both: 95 % sure to be in the better or worse half, and at most 10 % false among all that are said here (Benjamini–Hochberg). Where several stand out on one side, the rest may look lower than they are."
        }
    }
}

fn per_cent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
