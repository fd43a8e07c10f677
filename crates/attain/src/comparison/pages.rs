//! People side by side, with what may be said of each.

use std::sync::Arc;

use attain_metrics::{Asker, Level, Metric, Period, Subject};
use attain_stats::Proportion;
use maud::{Markup, html};
use rust_decimal::prelude::ToPrimitive;
use serde::Deserialize;

use super::held::{self, Comparison, Found, NotCompared};
use super::measure::{self, Measure};
use super::peers::{self, Peer};
use super::words::{compared, compared_head, finding, rests_on, rule, verdict_mark, why_not};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{Bullet, FunnelPoint, bullet, funnel};
use crate::web::components::{number_path, path_segment, scorecard_path, value_link};
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// By what, of when, and whom.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) metric: Option<String>,
    pub(super) period: Option<String>,
    pub(super) role: Option<String>,
    /// How many stand on the pages before.
    pub(super) from: Option<usize>,
}

/// People on one page.
const SHOWN: usize = 200;

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
    match Level::from_name(&level) {
        Some(Level::Rep) => super::alone::shown(&app, &Subject::Rep(id), &wanted).await,
        Some(level @ (Level::Region | Level::Manager)) => {
            whole_page(&app, &Subject::at(level, id), &wanted).await
        }
        _ => Err(PageError::NotFound),
    }
}

/// The metric a request names, or the win rate.
pub(super) fn asked<'a>(asker: &'a Asker, metric: Option<&str>) -> Result<&'a Arc<Metric>, PageError> {
    Ok(asker.metric(metric.filter(|text| !text.is_empty()).unwrap_or(METRIC))?)
}

/// Compares the peers of a subject's people by a metric.
///
/// # Errors
/// When people are not compared by the metric, or the facts cannot be read.
pub(super) async fn comparison(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    role: Option<&str>,
) -> Result<Comparison, PageError> {
    let (measure, better) = measure::of(metric).ok_or_else(|| PageError::Invalid {
        field: "metric".into(),
        message: format!(
            "people are not compared by {}: a verdict needs a share of things counted one by one, events by working day, or values of rows, and a good direction",
            metric.label
        ),
    })?;
    let peers = peers::of(asker, subject, (metric, measure), period, role).await?;
    held::against_each_other(asker, peers, (metric, measure, better), period).await
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let metric = asked(&asker, wanted.metric.as_deref())?;
    let period = periods::chosen(&asker, wanted.period.as_deref())?;
    // People are opened here, so that aggregates alone are not enough.
    let (subject, name) = look::at(app, &asker, subject, Depth::Rows, "comparison of people").await?;
    let comparison = comparison(&asker, &subject, metric, &period, wanted.role.as_deref()).await?;
    let reach = app.reach();
    let own = comparison.peers.peers.iter().filter(|peer| comparison.peers.is_of_subject(peer)).count();
    let mut people: Vec<(&Peer, &Found)> = comparison.shown(&reach).collect();
    people.sort_by_key(|(peer, found)| (order(found), peer.member.name.clone()));
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Compare" } } }
            div.head-line { h1 { (metric.label) ", side by side" } span.meta { (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (finding(&comparison, metric, &reach)) }
        }
        (views::nav(app, &subject, &period, View::Compare))
        (choices(&asker, &subject, metric, &period, &comparison))
        @if people.is_empty() { p.quiet { "Nobody has anything to compare in this period." } }
        @else {
            @let from = wanted.from.unwrap_or_default().min(people.len() - 1);
            @let shown = &people[from..people.len().min(from + SHOWN)];
            @if comparison.measure == Measure::Share { (funnel_of(shown, &comparison, metric)) }
            (table(shown, &comparison, metric))
            @if people.len() > SHOWN { (others(from, people.len(), |from| format!("{}&metric={}&role={}&from={from}", View::Compare.path(&subject, &period), metric.id, path_segment(&comparison.peers.role)))) }
        }
        (rule(&comparison, metric, own - people.len()))
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

/// Which of them are shown, and the ways to the others.
fn others(from: usize, all: usize, path: impl Fn(usize) -> String) -> Markup {
    html! {
        p.pager {
            span { (from + 1) " – " (all.min(from + SHOWN)) " of " (whole(all.into())) }
            @if from > 0 { a href=(path(from.saturating_sub(SHOWN))) { "Previous" } }
            @if from + SHOWN < all { a href=(path(from + SHOWN)) { "Next" } }
        }
    }
}

/// Those clearly above first, then those clearly below, those who cannot be told apart, and the rest; each by
/// name.
fn order(found: &Found) -> u8 {
    use attain_stats::ranking::Verdict;
    match found.verdict() {
        Some(Verdict::ClearlyAbove) => 0,
        Some(Verdict::ClearlyBelow) => 1,
        Some(Verdict::CannotBeToldApart) => 2,
        None => 3,
    }
}

fn choices(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    comparison: &Comparison,
) -> Markup {
    html! {
        form.filters id="period" method="get" action=(View::Compare.action(subject)) {
            (metric_field(asker, metric))
            (periods::field(asker, period))
            @if comparison.peers.roles.len() > 1 {
                div.field { label for="role" { "Role" } select id="role" name="role" { @for (role, count) in &comparison.peers.roles { option value=(role) selected[*role == comparison.peers.role] { (role) " (" (count) ")" } } } }
            }
            button.button type="submit" { "Compare" }
        }
    }
}

/// The field that chooses by what people are compared.
pub(super) fn metric_field(asker: &Asker, metric: &Metric) -> Markup {
    html! { div.field { label for="metric" { "By" } select id="metric" name="metric" { @for one in measure::metrics(asker) { option value=(one.id) selected[one.id == metric.id] { (one.label) } } } } }
}

/// Shares against how many they rest on: who lies outside says so before any table does.
fn funnel_of(people: &[(&Peer, &Found)], comparison: &Comparison, metric: &Metric) -> Markup {
    let Ok(together) = comparison.together() else { return html! {} };
    let points: Vec<FunnelPoint> = people
        .iter()
        .filter_map(|(peer, found)| {
            let (above, below) = (peer.number.numerator?.to_u64()?, peer.number.denominator?.to_u64()?);
            let subject = Subject::Rep(peer.member.id.clone());
            Some(FunnelPoint {
                share: Proportion::new(above, below)?,
                spoken: format!(
                    "{}: {above} of {below}, {}",
                    peer.member.name,
                    compared(found.compared?, Measure::Share, metric)
                ),
                path: number_path(&subject, &metric.id, &peer.number.period, "numbers"),
                verdict: found.verdict(),
            })
        })
        .collect();
    let title = format!("{} of each person against how many it rests on", metric.label);
    html! {
        figure {
            figcaption { p { "Each point is a person, per cent of " (metric.of.as_deref().unwrap_or("all")) ". Between the inner lines lie 95 % of those who only differ by chance, between the outer ones 99.8 %; triangles lie outside." } }
            (funnel(&title, together.centre, &points))
        }
    }
}

fn table(people: &[(&Peer, &Found)], comparison: &Comparison, metric: &Metric) -> Markup {
    let highs = people.iter().filter_map(|(_, found)| found.interval.map(|interval| interval.high));
    let values = people.iter().filter_map(|(_, found)| found.compared);
    // An interval that goes on beyond the axis has no end; the axis is not stretched for it.
    let end = match comparison.measure {
        Measure::Share => 1.0,
        _ => values.fold(0.0_f64, f64::max).max(highs.fold(0.0_f64, f64::max).min(f64::MAX)),
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="People" {
            table.table.goals {
                caption.unseen { "People side by side" }
                thead { tr {
                    th scope="col" { "Who" } th scope="col" { "Said" } th.num scope="col" { "Value" } th.num scope="col" { "Of " (rests_on(comparison.measure, metric)) }
                    th scope="col" { (compared_head(comparison.measure)) } th.num scope="col" { "After shrinkage" } th scope="col" { "Rank" }
                } }
                tbody { @for (peer, found) in people { (row(peer, found, comparison, metric, end)) } }
            }
        }
    }
}

fn row(peer: &Peer, found: &Found, comparison: &Comparison, metric: &Metric, end: f64) -> Markup {
    let subject = Subject::Rep(peer.member.id.clone());
    let path = number_path(&subject, &metric.id, &peer.number.period, "numbers");
    let own = View::Compare.path(&subject, &peer.number.period);
    let written = |value: f64| compared(value, comparison.measure, metric);
    html! {
        tr {
            th scope="row" { a href=(format!("{own}&metric={}", metric.id)) { (peer.member.name) } }
            td { (said(found)) }
            td.num { (value_link(&peer.number, metric, Some(&path), &peer.member.name)) }
            td.num { (whole(rust_decimal::Decimal::try_from(found.rests_on).unwrap_or_default())) }
            td.chart { (bar(&peer.member.name, found, comparison.measure, metric, end)) }
            td.num { @match &found.shrunken { Some(shrunken) => { (written(shrunken.value)) small.quiet { " " (written(shrunken.interval.low)) " – " (written(shrunken.interval.high)) } }, None => "–" } }
            td.small { @match &found.standing { Ok(standing) => { (standing.rank_range().start()) " to " (standing.rank_range().end()) }, Err(_) => "–" } }
        }
    }
}

/// A value from zero with its interval; of little a count says more than a rate (7.2).
pub(super) fn bar(name: &str, found: &Found, measure: Measure, metric: &Metric, end: f64) -> Markup {
    let is_shown = match measure {
        Measure::Rate => found.rests_on >= 10.0,
        Measure::Share | Measure::Amount => found.rests_on >= 5.0,
    };
    let (Some(value), Some(interval), true) = (found.compared, found.interval, is_shown && end > 0.0) else {
        return html! {};
    };
    let written = |value: f64| compared(value, measure, metric);
    let title = format!(
        "{name}, {}: {}, 95 % interval {} to {}",
        metric.label,
        written(value),
        written(interval.low),
        written(interval.high)
    );
    bullet(&Bullet {
        title: &title,
        value: (value / end).clamp(0.0, 1.0),
        over: value > end,
        interval: Some((interval.low / end, interval.high / end)),
        target: None,
        wide: false,
    })
}

/// One of the three that may be said, or why nothing is.
pub(super) fn said(found: &Found) -> Markup {
    match (&found.standing, found.verdict()) {
        (_, Some(verdict)) => verdict_mark(verdict),
        (Err(why), None) => html! { span.quiet.small { (why_not(*why)) } },
        (Ok(_), None) => html! { span.quiet.small { (why_not(NotCompared::TooFew)) } },
    }
}
