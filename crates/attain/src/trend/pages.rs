//! A metric over time as a chart with its limits, and what may be said of it.

use std::sync::Arc;

use attain_metrics::{Asker, Direction, Grain, Level, Metric, Number, Period, Subject, Unit};
use attain_stats::Undefined;
use attain_stats::control_chart::{ANY_FALSE_ALARM_SHARE, Firmness, Limits, Rule, Side};
use axum::response::Redirect;
use jiff::Timestamp;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;
use serde::Deserialize;

use super::limits::{self, Drawn, Key};
use super::process::{self, Process, Said};
use crate::people::names::Names;
use crate::permissions::{Act, Object, Viewer};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{ControlChart, ControlPoint, control_chart};
use crate::web::components::{number_path, scorecard_path};
use crate::web::extract::{Form, Path, Query};
use crate::web::format::{date, figure, figure_with_unit, unit_words, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// What is shown where nothing is said.
const METRIC: &str = "win_rate_count";
/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;
/// A process of counts below this needs longer periods (domain 7.11).
const COUNT_MEAN_MIN: f64 = 3.0;

/// By what, and in periods of which length; the period is that of the other views.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) metric: Option<String>,
    /// week, month or quarter.
    pub(super) by: Option<String>,
    pub(super) period: Option<String>,
}

/// From when on limits are to be drawn anew.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    metric: String,
    by: String,
    from: String,
    reason: String,
}

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole_page(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    whole_page(&app, &named_subject(&level, id)?, &wanted).await
}

fn named_subject(level: &str, id: String) -> Result<Subject, PageError> {
    match Level::from_name(level) {
        None | Some(Level::Company) => Err(PageError::NotFound),
        Some(level) => Ok(Subject::at(level, id)),
    }
}

/// The metric and the length of periods that a request names.
pub(super) fn asked(
    asker: &Asker,
    metric: Option<&str>,
    by: Option<&str>,
) -> Result<(Arc<Metric>, Grain), PageError> {
    let metric = asker.metric(metric.filter(|text| !text.is_empty()).unwrap_or(METRIC))?;
    let lengths = lengths(asker);
    let by = match by.filter(|text| !text.is_empty()) {
        Some(named) => Grain::from_name(named).filter(|grain| lengths.contains(grain)),
        None => lengths.iter().find(|grain| **grain == Grain::Month).or(lengths.first()).copied(),
    };
    let by = by.ok_or_else(|| PageError::Invalid {
        field: "by".into(),
        message: format!(
            "write one of {}",
            lengths.iter().map(|grain| grain.name()).collect::<Vec<_>>().join(", ")
        ),
    })?;
    Ok((Arc::clone(metric), by))
}

/// Lengths of periods that the company's calendar has and a process can be looked at by.
fn lengths(asker: &Asker) -> Vec<Grain> {
    let known = asker.calendar().grains();
    [Grain::Week, Grain::Month, Grain::Quarter].into_iter().filter(|grain| known.contains(grain)).collect()
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let (metric, grain) = asked(&asker, wanted.metric.as_deref(), wanted.by.as_deref())?;
    let period = periods::chosen(&asker, wanted.period.as_deref())?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Values, "trend").await?;
    let key = Key { subject: &subject, metric: &metric, grain };
    let drawn = limits::newest(app.records().read(), &app.actor(), key).await?;
    let from = drawn.as_ref().map(|drawn| drawn.from);
    let process = process::of(&asker, &subject, &metric, grain, from, &app.reach()).await?;
    let names = Names::read(app).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Trend" } } }
            div.head-line { h1 { (metric.label) " over time" } span.meta { (name) ", " (unit_words(&metric, &asker.company().currency)) } }
            p.finding { (sentence(&process, &metric)) }
        }
        (views::nav(app, &subject, &period, View::Trend))
        (choices(&asker, &subject, &metric, grain, &period))
        @if let Ok(limits) = &process.limits {
            figure {
                figcaption { p { (reading(&metric)) } }
                (chart(&process, limits, &subject, &metric, grain))
            }
            (table(&process, &subject, &metric))
            (facts(&process, limits, &metric, &asker.company().currency, drawn.as_ref(), &names))
        }
        @if may_draw(app, &subject) { (form(&asker, &subject, &metric, grain)) }
    };
    let title = format!("{} of {name} over time", metric.label);
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

fn choices(asker: &Asker, subject: &Subject, metric: &Metric, grain: Grain, period: &Period) -> Markup {
    html! {
        form.filters id="period" method="get" action=(View::Trend.action(subject)) {
            div.field { label for="metric" { "Metric" } select id="metric" name="metric" { @for one in asker.catalogue().metrics() { option value=(one.id) selected[one.id == metric.id] { (one.label) } } } }
            div.field { label for="by" { "By" } select id="by" name="by" { @for one in lengths(asker) { option value=(one.name()) selected[one == grain] { (one.name()) } } } }
            input type="hidden" name="period" value=(period.key());
            button.button type="submit" { "Show" }
        }
    }
}

/// What may be said of the process, in a sentence that can be cited.
pub(super) fn sentence(process: &Process, metric: &Metric) -> String {
    let label = &metric.label;
    let limits = match &process.limits {
        Ok(limits) => limits,
        Err(Undefined::TooFew) => {
            let known = process.values.iter().flatten().count();
            return format!(
                "{label}: {known} periods with a value, and at least eight are needed to say what is usual."
            );
        }
        Err(_) => return format!("{label}: its values are too far apart for limits."),
    };
    let place = |point: usize| process.numbers[point].period.label();
    let provisional = match limits.firmness {
        Firmness::Provisional => " The limits are provisional: they rest on fewer than twelve periods.",
        Firmness::Firm => "",
    };
    let few = match metric.unit {
        Unit::Count if limits.mean < COUNT_MEAN_MIN => {
            " So few happen in a period that longer ones would say more."
        }
        _ => "",
    };
    let said = match process.said(metric.direction) {
        Said::Improved(point) => format!("{label} improved: {}.", shows(process, point, place(point))),
        Said::Declined(point) => format!("{label} declined: {}.", shows(process, point, place(point))),
        Said::StandsOut(point) => format!("{label} stands out: {}.", shows(process, point, place(point))),
        Said::Jumped(point) => format!(
            "{label} changed by more than usual into {}, and lies where it usually does.",
            place(point)
        ),
        Said::AsUsual => format!(
            "{label} varies as it usually does: nothing of late stands out, so neither “improved” nor “declined” may be said."
        ),
    };
    format!("{said}{provisional}{few}")
}

/// What a point shows, in words.
fn shows(process: &Process, point: usize, place: &str) -> String {
    let words = |rule: Rule| match rule {
        Rule::OutsideLimits(Side::Above) => format!("{place} lies above the upper limit"),
        Rule::OutsideLimits(Side::Below) => format!("{place} lies below the lower limit"),
        Rule::Run(Side::Above) => format!("eight or more periods in a row, to {place}, lie above the mean"),
        Rule::Run(Side::Below) => format!("eight or more periods in a row, to {place}, lie below the mean"),
        Rule::BeyondMidpoint(Side::Above) => {
            format!("three of four periods, to {place}, lie nearer to the upper limit than to the mean")
        }
        Rule::BeyondMidpoint(Side::Below) => {
            format!("three of four periods, to {place}, lie nearer to the lower limit than to the mean")
        }
        Rule::Range => format!("the step into {place} is larger than usual"),
    };
    process.shows(point).filter(|rule| process::side(*rule).is_some()).map(words).next().unwrap_or_default()
}

/// How to read the chart, and how often its rules are wrong.
fn reading(metric: &Metric) -> String {
    format!(
        "{}. Triangles lie outside what is usual. Of processes that never change, {:.0} % show a signal somewhere on 24 periods: about one false alarm in {:.0} periods.",
        metric.description.trim_end_matches('.'),
        ANY_FALSE_ALARM_SHARE * 100.0,
        24.0 / ANY_FALSE_ALARM_SHARE
    )
}

fn written(metric: &Metric) -> impl Fn(f64) -> String {
    let unit = metric.unit;
    move |value| figure(Decimal::from_f64(value).unwrap_or_default(), unit)
}

fn chart(process: &Process, limits: &Limits, subject: &Subject, metric: &Metric, grain: Grain) -> Markup {
    let first = process.first_shown;
    let points: Vec<ControlPoint> = (first..process.numbers.len())
        .map(|place| {
            let number = &process.numbers[place];
            let (label, group) = labels(
                number,
                place.checked_sub(1).filter(|before| *before >= first).map(|before| &process.numbers[before]),
                grain,
            );
            ControlPoint {
                label,
                group,
                value: process.values[place],
                spoken: spoken(process, place, metric),
                path: number_path(subject, &metric.id, &number.period, "numbers"),
                stands_out: process.side_of(place),
            }
        })
        .collect();
    let title = format!("{} by {}, with natural process limits", metric.label, grain.name());
    control_chart(&ControlChart {
        title: &title,
        points: &points,
        mean: limits.mean,
        upper: limits.upper,
        lower: limits.lower,
        baseline: process.baseline.saturating_sub(first),
        better_above: match metric.direction {
            Direction::Up => Some(true),
            Direction::Down => Some(false),
            Direction::Band | Direction::None => None,
        },
        written: &written(metric),
    })
}

/// A short name of a period, and that of its year where it begins.
fn labels(number: &Number, before: Option<&Number>, grain: Grain) -> (String, Option<String>) {
    let Some(from) = number.period.from else { return (String::new(), None) };
    let year = from.year();
    let is_new = before.and_then(|before| before.period.from).is_none_or(|before| before.year() != year);
    let short = match grain {
        Grain::Month => from.strftime("%b").to_string(),
        Grain::Week => from.strftime("%-d %b").to_string(),
        _ => number.period.label().split(' ').next().unwrap_or_default().to_owned(),
    };
    (short, is_new.then(|| year.to_string()))
}

fn spoken(process: &Process, place: usize, metric: &Metric) -> String {
    let number = &process.numbers[place];
    let value =
        number.value.map_or_else(|| "no value".to_owned(), |value| figure_with_unit(value, metric.unit, ""));
    let beside = match (metric.unit, number.numerator, number.denominator) {
        (Unit::Ratio, Some(above), Some(below)) => format!(", {} of {}", whole(above), whole(below)),
        _ => String::new(),
    };
    let signal = process.side_of(place).map_or("", |_| ", stands out");
    format!("{}: {}{beside}{signal}", number.period.label(), value.trim())
}

fn table(process: &Process, subject: &Subject, metric: &Metric) -> Markup {
    html! {
        details.behind {
            summary { "Table behind the chart" }
            div.scroll tabindex="0" role="region" aria-label="Values over time, table" {
                table.table.tight {
                    caption.unseen { (metric.label) " over time" }
                    thead { tr { th scope="col" { "Period" } th.num scope="col" { (metric.label) } th.num scope="col" { "n" } th.num scope="col" { "Step from before" } th scope="col" { "Signal" } } }
                    tbody { @for place in 0..process.numbers.len() { (table_row(process, place, subject, metric)) } }
                }
            }
        }
    }
}

fn table_row(process: &Process, place: usize, subject: &Subject, metric: &Metric) -> Markup {
    let number = &process.numbers[place];
    let write = written(metric);
    let step = place
        .checked_sub(1)
        .and_then(|before| Some((process.values[place]? - process.values[before]?).abs()));
    let signals: Vec<&str> = process.shows(place).map(rule_words).collect();
    html! {
        tr {
            th scope="row" { (number.period.label()) }
            td.num { a.n href=(number_path(subject, &metric.id, &number.period, "numbers")) { (process.values[place].map_or_else(|| "–".to_owned(), &write)) } }
            td.num { (number.n) }
            td.num { (step.map_or_else(|| "–".to_owned(), &write)) }
            td { (signals.join(", ")) }
        }
    }
}

/// A rule by its number and in short.
pub(super) fn rule_words(rule: Rule) -> &'static str {
    match rule {
        Rule::OutsideLimits(Side::Above) => "R1, above the upper limit",
        Rule::OutsideLimits(Side::Below) => "R1, below the lower limit",
        Rule::Run(_) => "R2, eight in a row on one side",
        Rule::BeyondMidpoint(_) => "R3, three of four near a limit",
        Rule::Range => "R4, a step larger than usual",
    }
}

fn facts(
    process: &Process,
    limits: &Limits,
    metric: &Metric,
    currency: &str,
    drawn: Option<&Drawn>,
    names: &Names,
) -> Markup {
    let write = |value: f64| {
        figure_with_unit(Decimal::from_f64(value).unwrap_or_default().round_dp(4), metric.unit, currency)
    };
    html! {
        dl.facts {
            dt { "Usually" }
            dd {
                @match (limits.lower, limits.upper) {
                    (Some(lower), Some(upper)) => { "between " (write(lower)) " and " (write(upper)) },
                    (None, Some(upper)) => { "up to " (write(upper)) },
                    (Some(lower), None) => { "from " (write(lower)) " up" },
                    (None, None) => "anything it can be",
                }
                ", around " (write(limits.mean))
            }
            dt { "Limits" }
            dd { "Mean ± 2.66 × mean moving range " (write(limits.mean_range)) ", from the first " (process.baseline) " periods. They rest on no more than the first 24, and are drawn again only where somebody says why." }
            @if let Some(version) = process.earlier_version { dt { "Begins" } dd { "where version " (metric.version) " of the metric does: periods before were measured by version " (version) ", which is another number" } }
            @if let Some(drawn) = drawn { dt { "Drawn anew" } dd { "from " (date(drawn.from)) " on, by " (names.who(&drawn.by)) ": " (drawn.reason) } }
        }
    }
}

/// Who leads a person or a team may say that its process is another one now; of the company and regions,
/// who sees all of it.
fn may_draw(app: &App, subject: &Subject) -> bool {
    let leads = match (app.viewer(), subject) {
        (Viewer::Owner, _) => true,
        (Viewer::SignedIn(someone), Subject::Rep(id) | Subject::Manager(id)) => {
            someone.standing.leads(id)
                || (matches!(subject, Subject::Manager(_)) && someone.person.as_ref() == Some(id))
        }
        (Viewer::SignedIn(_), _) => app.reach().opens(subject),
        (Viewer::Nobody, _) => false,
    };
    leads && app.may(Act::Write, Object::Values)
}

/// The periods that limits may begin at: those with eight after them that are over.
fn beginnings(asker: &Asker, grain: Grain) -> Vec<Period> {
    let over = |period: &Period| period.last_day().is_some_and(|last| last <= asker.as_of().date);
    let mut periods: Vec<Period> = asker.periods(grain).into_iter().filter(over).collect();
    periods.truncate(periods.len().saturating_sub(7));
    periods
}

fn form(asker: &Asker, subject: &Subject, metric: &Metric, grain: Grain) -> Markup {
    let beginnings = beginnings(asker, grain);
    html! {
        @if !beginnings.is_empty() {
            details {
                summary { "Draw the limits again" }
                form.stacked method="post" action=(format!("{}/limits", View::Trend.action(subject))) {
                    p.small.quiet { "Where the work itself became another, such as with a new territory, what was usual before says nothing any more. The limits then rest on periods from the one you choose." }
                    input type="hidden" name="metric" value=(metric.id);
                    input type="hidden" name="by" value=(grain.name());
                    div.field { label for="from" { "From" } select id="from" name="from" { @for period in beginnings.iter().rev() { @if let Some(from) = period.from { option value=(from) { (period.label()) } } } } }
                    div.field { label for="reason" { "Why" } input id="reason" name="reason" required maxlength=(REASON_MAX); }
                    button.button type="submit" { "Draw them again" }
                }
            }
        }
    }
}

pub(super) async fn draw_company(app: App, Form(sent): Form<Sent>) -> Result<Redirect, PageError> {
    drawn(&app, &Subject::Company, &sent).await
}

pub(super) async fn draw(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Redirect, PageError> {
    drawn(&app, &named_subject(&level, id)?, &sent).await
}

async fn drawn(app: &App, subject: &Subject, sent: &Sent) -> Result<Redirect, PageError> {
    let asker = app.asker().await?;
    let (subject, _) = look::at(app, &asker, subject, Depth::Values, "trend").await?;
    if !may_draw(app, &subject) {
        return Err(PageError::Hidden);
    }
    let (metric, grain) = asked(&asker, Some(&sent.metric), Some(&sent.by))?;
    let begins = beginnings(&asker, grain).into_iter().filter_map(|period| period.from);
    let from = begins.into_iter().find(|from| from.to_string() == sent.from).ok_or_else(|| PageError::Invalid {
        field: "from".into(),
        message: format!(
            "`{}` does not begin a period with eight that are over from it on; choose one of those offered. The limits are as they were.",
            sent.from
        ),
    })?;
    let reason = sent.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        return Err(PageError::Invalid {
            field: "reason".into(),
            message: format!(
                "Say why, in up to {REASON_MAX} letters: limits that move without a reason say nothing. They are as they were."
            ),
        });
    }
    let transaction = app.records().begin(&app.actor()).await?;
    let key = Key { subject: &subject, metric: &metric, grain };
    limits::draw(&transaction, key, from, reason, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&format!("{}?metric={}&by={}", View::Trend.action(&subject), metric.id, grain.name())))
}
