//! People with what was to be expected of them beside what they achieved.

use attain_metrics::{Asker, Level, Metric, Period, Subject, Unit};
use attain_stats::ranking::Verdict;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde::Deserialize;

use super::expectation::{self, Expectations, Expected, Found, NotExpected, Outcome};
use super::store::{self, Version};
use crate::comparison::{left_out_words, verdict_mark, verdict_words};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{Bullet, bullet};
use crate::web::components::{number_path, scorecard_path};
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, figure, places};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// What of whom, and when.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    metric: Option<String>,
    period: Option<String>,
    role: Option<String>,
}

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole_page(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    let level =
        Level::from_name(&level).filter(|level| matches!(level, Level::Region | Level::Manager | Level::Rep));
    whole_page(&app, &Subject::at(level.ok_or(PageError::NotFound)?, id), &wanted).await
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let outcome = Outcome::named(wanted.metric.as_deref())?;
    let period = periods::chosen(&asker, wanted.period.as_deref())?;
    let (subject, name) =
        look::at(app, &asker, subject, Depth::Rows, "results against circumstances").await?;
    let version = store::in_force(app.records().read(), &app.actor()).await?;
    let role = wanted.role.as_deref();
    let found = expectation::of(&asker, &subject, outcome, &version.circumstances, &period, role).await?;
    let reach = app.reach();
    let mut people: Vec<&Expected> = found
        .people
        .iter()
        .filter(|one| one.is_of_subject && reach.opens(&Subject::Rep(one.member.id.clone())))
        .collect();
    people.sort_by_key(|one| (order(one), one.member.name.clone()));
    let metric = asker.metric(outcome.metric())?;
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Circumstances" } } }
            div.head-line { h1 { (metric.label) ", against what was to be expected" } span.meta { (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (finding(&people, outcome, metric, currency)) }
        }
        (views::nav(app, &subject, &period, View::Circumstances))
        (choices(&asker, &subject, outcome, &period, &found))
        @if people.is_empty() { p.quiet { "No deal of these people was decided in this period." } }
        @else { (table(&people, outcome, metric, &period, currency)) }
        (rule(&found, outcome, &version))
    };
    let title = format!("{} of {name} against expectation", metric.label);
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

fn order(one: &Expected) -> u8 {
    match one.found.as_ref().map(Found::verdict) {
        Ok(Verdict::ClearlyAbove) => 0,
        Ok(Verdict::CannotBeToldApart) => 1,
        Ok(Verdict::ClearlyBelow) => 2,
        Err(_) => 3,
    }
}

/// The page in a sentence or two: of one person theirs, of several who stands out.
pub(super) fn finding(people: &[&Expected], outcome: Outcome, metric: &Metric, currency: &str) -> String {
    if let [one] = people {
        return sentence(one, outcome, metric, currency);
    }
    let said: Vec<Verdict> =
        people.iter().filter_map(|one| one.found.as_ref().ok().map(Found::verdict)).collect();
    let names = |verdict: Verdict| {
        let those =
            people.iter().filter(|one| one.found.as_ref().is_ok_and(|found| found.verdict() == verdict));
        let names: Vec<&str> = those.map(|one| one.member.name.as_str()).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    if said.is_empty() {
        return "Nobody rests on enough deals to be held against an expectation.".to_owned();
    }
    format!(
        "Of {} who can be held against it: clearly above what was to be expected {}; clearly below {}; the others cannot be told apart from it.",
        said.len(),
        names(Verdict::ClearlyAbove),
        names(Verdict::ClearlyBelow)
    )
}

/// What may be said of one person, to be cited.
pub(super) fn sentence(one: &Expected, outcome: Outcome, metric: &Metric, currency: &str) -> String {
    let name = &one.member.name;
    let write = |value: f64| written(value, outcome, currency);
    match &one.found {
        Err(why) => format!("{name}: {}.", why_not(*why)),
        Ok(found) => format!(
            "{name}: {} {} where {} was to be expected, {} times as much (95 % interval {} – {}): {}.",
            metric.label.to_lowercase(),
            write(one.observed),
            write(found.expected),
            ratio(found.ratio.value),
            ratio(found.ratio.interval.low),
            ratio(found.ratio.interval.high),
            verdict_against(found.verdict())
        ),
    }
}

fn verdict_against(verdict: Verdict) -> String {
    match verdict {
        Verdict::CannotBeToldApart => "cannot be told apart from expected".to_owned(),
        other => format!("{} expected", verdict_words(other)),
    }
}

pub(super) fn why_not(why: NotExpected) -> String {
    match why {
        NotExpected::LeftOut(left_out) => left_out_words(left_out),
        NotExpected::TooFew => "not enough to say".to_owned(),
    }
}

fn ratio(value: f64) -> String {
    places(Decimal::from_f64(value).unwrap_or_default(), 2)
}

fn written(value: f64, outcome: Outcome, currency: &str) -> String {
    let exact = Decimal::from_f64(value).unwrap_or_default();
    match outcome {
        Outcome::Bookings => format!("{} {currency}", figure(exact.round(), Unit::Money)),
        Outcome::Wins => places(exact, 1),
    }
}

fn choices(
    asker: &Asker,
    subject: &Subject,
    outcome: Outcome,
    period: &Period,
    found: &Expectations,
) -> Markup {
    html! {
        form.filters id="period" method="get" action=(View::Circumstances.action(subject)) {
            div.field { label for="metric" { "Of" } select id="metric" name="metric" { @for one in Outcome::ALL { option value=(one.metric()) selected[one == outcome] { (asker.metric(one.metric()).map(|metric| metric.label.clone()).unwrap_or_default()) } } } }
            (periods::field(asker, period))
            @if found.roles.len() > 1 { div.field { label for="role" { "Role" } select id="role" name="role" { @for (role, count) in &found.roles { option value=(role) selected[*role == found.role] { (role) " (" (count) ")" } } } } }
            button.button type="submit" { "Show" }
        }
    }
}

fn table(people: &[&Expected], outcome: Outcome, metric: &Metric, period: &Period, currency: &str) -> Markup {
    let head = if outcome == Outcome::Bookings { currency } else { "deals" };
    html! {
        div.scroll tabindex="0" role="region" aria-label="People against expectation" {
            table.table.goals {
                caption.unseen { "Observed and expected" }
                thead { tr {
                    th scope="col" { "Who" } th scope="col" { "Against expected" } th.num scope="col" { "Observed, " (head) } th.num scope="col" { "Expected, " (head) }
                    th scope="col" { "Observed ÷ expected, 95 % interval" } th.num scope="col" { "Adjusted" @if outcome == Outcome::Bookings { ", " (currency) } @else { ", %" } } th.num scope="col" { "Deals decided" }
                } }
                tbody { @for one in people { (row(one, outcome, metric, period)) } }
            }
        }
    }
}

fn row(one: &Expected, outcome: Outcome, metric: &Metric, period: &Period) -> Markup {
    let subject = Subject::Rep(one.member.id.clone());
    let path = number_path(&subject, &metric.id, period, "numbers");
    let plain = |value: f64| match outcome {
        Outcome::Bookings => figure(Decimal::from_f64(value.round()).unwrap_or_default(), Unit::Money),
        Outcome::Wins => places(Decimal::from_f64(value).unwrap_or_default(), 1),
    };
    let adjusted = |value: f64| match outcome {
        Outcome::Bookings => plain(value),
        Outcome::Wins => places(Decimal::from_f64(value * 100.0).unwrap_or_default(), 1),
    };
    html! {
        tr {
            th scope="row" { a href=(View::Circumstances.path(&subject, period)) { (one.member.name) } }
            td { @match &one.found { Ok(found) => (verdict_mark(found.verdict())), Err(why) => span.quiet.small { (why_not(*why)) } } }
            td.num { a.n.open href=(path) { (plain(one.observed)) } }
            td.num { @match &one.found { Ok(found) => (plain(found.expected)), Err(_) => "–" } }
            td.chart { @if let Ok(found) = &one.found { b { (ratio(found.ratio.value)) } small.quiet { " " (ratio(found.ratio.interval.low)) " – " (ratio(found.ratio.interval.high)) } (bar(&one.member.name, found)) } }
            td.num { @match &one.found { Ok(found) => (adjusted(found.adjusted)), Err(_) => "–" } }
            td.num { (one.decided) }
        }
    }
}

/// The ratio on an axis to twice what was expected, whose mark is what was.
fn bar(name: &str, found: &Found) -> Markup {
    let end = 2.0;
    let title = format!("{name}: observed over expected {}", ratio(found.ratio.value));
    bullet(&Bullet {
        title: &title,
        value: (found.ratio.value / end).clamp(0.0, 1.0),
        over: found.ratio.value > end,
        interval: Some((found.ratio.interval.low / end, found.ratio.interval.high / end)),
        target: Some(1.0 / end),
        wide: false,
    })
}

fn rule(found: &Expectations, outcome: Outcome, version: &Version) -> Markup {
    html! {
        p.small.quiet {
            "Expected is what the " (found.peers) " peers in the role “" (found.role) "” achieve together with deals of the same kind: " (version.circumstances.words()) " (" a href="/circumstances/policy" { "version " (version.number) " of the policy" } "). "
            (found.strata) " kinds" @if found.backed_off > 0 { ", of which " (found.backed_off) " have fewer than twenty deals and take the rate of a wider kind" } ". "
            @match outcome {
                Outcome::Bookings => "Intervals are drawn from the deals themselves 2,000 times from the same seed (bootstrap), the chance of such bookings from what everybody’s deals of the kind bring; under ten deals, or fewer than five wins to be expected, nothing is said. Adjusted is the ratio times the mean bookings of a peer.",
                Outcome::Wins => "Intervals are exact Poisson bounds, wider than need be for shares; where fewer than five wins were to be expected nothing is said. Adjusted is the ratio times everybody’s win rate.",
            }
            " Each is held against 1 and not against the others, whose circumstances differ; at most 10 % of what is said of this peer set is false (Benjamini–Hochberg)."
        }
    }
}
