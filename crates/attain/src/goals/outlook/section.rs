//! A goal's outlook whole: the course of its period as a picture, the methods that foretell its end, its pace by
//! days and by the season, and the chance of a target.

use attain_metrics::{Asker, Subject, Unit};
use attain_stats::forecast::{Forecast, Method};
use attain_stats::pace::{Pace, Status};
use attain_stats::{Interval, Undefined};
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

use super::course::Course;
use super::words::{
    better, between, chance, chance_words, foretold, goes_by, lies_between, method_words, to_reach, why_not,
};
use super::{Chosen, Foretold, NotForetold, Outlook};
use crate::goals::line::Line;
use crate::web::components::number_path;
use crate::web::course_chart::{CourseChart, course_chart};
use crate::web::format::{date_within, figure, figure_with_unit, places};

/// What a section is about.
pub(in crate::goals) struct Shown<'a> {
    pub(in crate::goals) asker: &'a Asker,
    pub(in crate::goals) subject: &'a Subject,
    pub(in crate::goals) line: &'a Line,
    /// None where nothing can be foretold of such a metric, or its days are not told.
    pub(in crate::goals) found: Option<&'a (Course, Outlook)>,
    /// A target of the whole period that is proposed.
    pub(in crate::goals) proposed: Option<Decimal>,
    /// A target of the whole period to be tried, as it was typed.
    pub(in crate::goals) tried: Option<&'a str>,
    /// Where to ask again.
    pub(in crate::goals) path: &'a str,
}

/// Where it will end, and what chance a target has.
pub(in crate::goals) fn section(shown: &Shown<'_>) -> Markup {
    let why = if shown.line.metric.accumulates() { NotForetold::NotTold } else { NotForetold::Rate };
    html! {
        section aria-labelledby="outlook-title" {
            div.section-head { h2 id="outlook-title" { "Where it will end" } }
            @match shown.found {
                None => p.quiet { (capital(&why_not(why))) "." },
                Some((course, outlook)) => {
                    p.finding { (sentence(shown, outlook)) }
                    @if !outlook.record.so_far.is_empty() { (picture(shown, course, outlook)) }
                    @if let Ok(foretold) = &outlook.foretold { (method(shown, foretold)) }
                    (pace(shown, course, outlook))
                    (behind(shown, course, outlook))
                },
            }
        }
        @if let Some((_, outlook)) = shown.found.filter(|_| !shown.line.is_over) { (chances(shown, outlook)) }
    }
}

fn chosen(outlook: &Outlook) -> Result<Chosen<'_>, NotForetold> {
    let foretold = outlook.foretold.as_ref().map_err(|why| *why)?;
    foretold.chosen().ok_or(NotForetold::NoMethod)
}

/// The end in a sentence that can be cited.
fn sentence(shown: &Shown<'_>, outlook: &Outlook) -> Markup {
    let (metric, currency) = (&shown.line.metric, &shown.asker.company().currency);
    let chosen = match chosen(outlook) {
        Ok(chosen) => chosen,
        Err(NotForetold::Over) => return html! { "The period is over: what is attained is its end." },
        Err(why) => return html! { "No forecast: " (why_not(why)) "." },
    };
    let forecast = chosen.forecast;
    let reached = shown.line.target.and_then(|target| chance(metric, forecast, target));
    let rounded = Decimal::from_f64(forecast.point).and_then(|point| point.round_sf(3)).unwrap_or_default();
    html! {
        b { "Likely " (figure_with_unit(rounded, metric.unit, currency)) "." }
        " Four times in five the end lies " (lies_between(forecast.eighty, metric.unit)) ", nineteen in twenty " (lies_between(forecast.ninety_five, metric.unit)) "."
        @if let Some(reached) = reached { " The chance " (to_reach(metric, "the target")) " is " b { (chance_words(reached)) } "." }
    }
}

fn picture(shown: &Shown<'_>, course: &Course, outlook: &Outlook) -> Markup {
    let (line, record) = (shown.line, &outlook.record);
    let target = line.target.and_then(|target| target.to_f64());
    let done: Vec<f64> = added_up(outlook).into_iter().filter_map(|sum| sum.to_f64()).collect();
    let history = record.weeks_before();
    let season: Vec<f64> = days(outlook)
        .filter_map(|day| course.season(&history, day.tomorrow().ok()?).ok()?.to_f64())
        .filter_map(|share| Some(share * target?))
        .collect();
    let end = chosen(outlook)
        .ok()
        .map(|chosen| (chosen.forecast.point, chosen.forecast.eighty, chosen.forecast.ninety_five));
    let unit = line.metric.unit;
    let target_label =
        line.target.map_or_else(String::new, |target| format!("target {}", figure(target, unit)));
    let dated =
        |day: Option<jiff::civil::Date>| day.map_or_else(String::new, |day| date_within(day, &line.period));
    let (first, last) = (dated(days(outlook).next()), dated(days(outlook).last()));
    let title = format!(
        "{} after {} of {} working days: {}{}",
        line.metric.label,
        record.so_far.len(),
        record.so_far.len() + record.ahead.len(),
        figure(record.done(), unit),
        end.map_or_else(String::new, |(point, eighty, _)| format!(
            ", likely {} in the end, 80 % interval {}",
            foretold(point, unit),
            between(eighty, unit)
        )),
    );
    let chart = CourseChart {
        title: &title,
        done: &done,
        days: record.so_far.len() + record.ahead.len(),
        target,
        season: &season,
        end,
        labels: [&target_label, &first, &last],
    };
    html! {
        figure.outlook {
            p.key {
                span { svg.mark aria-hidden="true" { line class="done" x1="0" x2="100%" y1="50%" y2="50%" {} } "done" }
                @if target.is_some() { span { svg.mark aria-hidden="true" { line class="expected" x1="0" x2="100%" y1="50%" y2="50%" {} } "day by day alike" } }
                @if !season.is_empty() { span { svg.mark aria-hidden="true" { line class="season" x1="0" x2="100%" y1="50%" y2="50%" {} } "by the season" } }
                @if end.is_some() { span { "right: likely end, thick 80 %, thin 95 %" } }
            }
            (course_chart(&chart))
        }
    }
}

/// The days that count, gone by and to come.
fn days(outlook: &Outlook) -> impl Iterator<Item = jiff::civil::Date> {
    outlook.record.so_far.iter().map(|(day, _)| *day).chain(outlook.record.ahead.iter().copied())
}

/// What was done by the end of each day.
fn added_up(outlook: &Outlook) -> Vec<Decimal> {
    let mut sum = Decimal::ZERO;
    let each = outlook.record.so_far.iter().map(|(_, value)| {
        sum = sum.saturating_add(*value);
        sum
    });
    each.collect()
}

/// Which method it is, and how far it was off.
fn method(shown: &Shown<'_>, foretold: &Foretold) -> Markup {
    let Some(chosen) = foretold.chosen() else { return html! {} };
    html! {
        p.small {
            "Foretold by the " (method_words(chosen.method)) " method: " (goes_by(chosen.method)) ". "
            @if let Some(open) = foretold.open_deals.filter(|_| chosen.method == Method::Pipeline) { (open_deals(shown, open)) }
            @match chosen.error {
                Some((error, judged)) => { "At this point of the last " (judged) " periods it was off by " (per_cent(error)) " of what came, the least of those that could be judged by the same periods." },
                None => "No method could be judged by three earlier periods of which all would have said something, so that the simplest that has an answer is taken.",
            }
        }
    }
}

/// The deals that the end is foretold from, which open.
fn open_deals(shown: &Shown<'_>, open: usize) -> Markup {
    let metric = if shown.line.metric.unit == Unit::Money { "open_pipeline" } else { "open_deals" };
    let path = number_path(shown.subject, metric, &shown.line.period, "numbers");
    html! { "Its rows are " a.n href=(path) { (open) @if open == 1 { " open deal" } @else { " open deals" } } ". How it would have done before is told from the moves between stages that are known now, and values as they are now. " }
}

/// The pace, by days that are all alike and by the season.
fn pace(shown: &Shown<'_>, course: &Course, outlook: &Outlook) -> Markup {
    let line = shown.line;
    let (Some(linear), Some(target)) = (&line.pace, line.target) else { return html! {} };
    let history = outlook.record.weeks_before();
    let seasonal = course
        .season(&history, course.end)
        .and_then(|share| Pace::of(outlook.record.done(), target, share, line.days_left));
    let unit = line.metric.unit;
    html! {
        p.small {
            "Pace: were all days alike, " (of_pace(linear)) "; "
            @match &seasonal {
                Ok(pace) => { "by the season of " (history.len().min(8)) " earlier periods, " (of_pace(pace)) "." },
                Err(Undefined::TooFew) => "a season takes three earlier periods with as many weeks.",
                Err(_) => "there is no season to go by.",
            }
            @if let Some(rate) = linear.required_rate.filter(|_| !line.is_over) { " Each working day that remains has to bring " (figure(rate, unit)) "." }
        }
    }
}

fn of_pace(pace: &Pace) -> String {
    let due = format!("{} % should be done", places(pace.share_due * Decimal::ONE_HUNDRED, 1));
    let status = match pace.status {
        Some(Status::OnPace) => ", on pace",
        Some(Status::AtRisk) => ", at risk",
        Some(Status::Behind) => ", behind",
        None => "",
    };
    match pace.index {
        Ok(index) => format!(
            "{due} and {} % of that is{status}",
            places(index.saturating_mul(Decimal::ONE_HUNDRED), 1)
        ),
        Err(_) => due,
    }
}

fn behind(shown: &Shown<'_>, course: &Course, outlook: &Outlook) -> Markup {
    if outlook.record.so_far.is_empty() {
        return html! {};
    }
    html! {
        details.behind {
            summary { "Tables behind it" }
            @if let Ok(foretold) = &outlook.foretold { (methods(shown, foretold)) }
            (by_day(shown, course, outlook))
            (earlier(shown, outlook))
        }
    }
}

fn methods(shown: &Shown<'_>, foretold: &Foretold) -> Markup {
    let metric = &shown.line.metric;
    let unit = metric.unit;
    let reached = |forecast: &Forecast| {
        shown.line.target.and_then(|target| chance(metric, forecast, target)).map(chance_words)
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Methods" {
            table.table.tight {
                caption.unseen { "What each method foretells" }
                thead { tr { th scope="col" { "Method" } th.num scope="col" { "Likely end" } th.num scope="col" { "80 % interval" } th.num scope="col" { "95 % interval" } th.num scope="col" { "Chance" } th.num scope="col" { "Off before" } th scope="col" { "Goes by" } } }
                tbody { @for tried in &foretold.tried { tr {
                    th scope="row" { (method_words(tried.method)) }
                    @match &tried.forecast {
                        Ok(forecast) => {
                            td.num { (self::foretold(forecast.point, unit)) }
                            td.num { (between(forecast.eighty, unit)) }
                            td.num { (between(forecast.ninety_five, unit)) }
                            td.num { (reached(forecast).unwrap_or_else(|| "–".to_owned())) }
                        },
                        Err(why) => { td.absent { "–" } td.absent { "–" } td.absent { "–" } td.absent { (why) } },
                    }
                    td.num { @match tried.error { Some((error, judged)) => { (per_cent(error)) " of " (judged) }, None => { "– of " (tried.would_have_said) } } }
                    td { (goes_by(tried.method)) }
                } } }
            }
        }
    }
}

fn by_day(shown: &Shown<'_>, course: &Course, outlook: &Outlook) -> Markup {
    let (line, record) = (shown.line, &outlook.record);
    let unit = line.metric.unit;
    let all = Decimal::from(record.so_far.len() + record.ahead.len());
    let history = record.weeks_before();
    let due =
        |share: Option<Decimal>| share.zip(line.target).and_then(|(share, target)| share.checked_mul(target));
    let shown_due =
        |share: Option<Decimal>| due(share).map_or_else(|| "–".to_owned(), |due| figure(due, unit));
    html! {
        div.scroll tabindex="0" role="region" aria-label="Working days" {
            table.table.tight {
                caption.unseen { "What was done when" }
                thead { tr { th scope="col" { "Working day" } th.num scope="col" { "Brought" } th.num scope="col" { "Done" } th.num scope="col" { "Due, days alike" } th.num scope="col" { "Due, season" } } }
                tbody { @for (at, ((day, value), sum)) in record.so_far.iter().zip(added_up(outlook)).enumerate() {
                    @let season = day.tomorrow().ok().and_then(|until| course.season(&history, until).ok());
                    tr {
                        th scope="row" { (date_within(*day, &line.period)) }
                        td.num { (figure(*value, unit)) }
                        td.num { (figure(sum, unit)) }
                        td.num { (shown_due(Decimal::from(at + 1).checked_div(all))) }
                        td.num { (shown_due(season)) }
                    }
                } }
            }
        }
    }
}

fn earlier(shown: &Shown<'_>, outlook: &Outlook) -> Markup {
    let unit = shown.line.metric.unit;
    if outlook.record.before.is_empty() {
        return html! {};
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label="Earlier periods" {
            table.table.tight {
                caption.unseen { "Earlier periods at the same share of working days" }
                thead { tr { th scope="col" { "Period" } th.num scope="col" { "By then" } th.num scope="col" { "In the end" } th.num scope="col" { "Share by then" } } }
                tbody { @for before in outlook.record.before.iter().rev() { tr {
                    th scope="row" { (before.label) }
                    td.num { (figure(before.by_then, unit)) }
                    td.num { (figure(before.total, unit)) }
                    td.num { (before.share().map_or_else(|| "–".to_owned(), per_cent)) }
                } } }
            }
        }
    }
}

/// The chances of targets: of the one that holds, one that is proposed, and one to be tried; and what would be a
/// stretch.
fn chances(shown: &Shown<'_>, outlook: &Outlook) -> Markup {
    let (metric, currency) = (&shown.line.metric, &shown.asker.company().currency);
    let so_far = chosen(outlook).ok().map(|chosen| chosen.forecast);
    let forecast = so_far.map_or_else(|| outlook.whole.as_ref().map_err(|why| *why), Ok);
    let tried = shown.tried.map(str::trim).filter(|text| !text.is_empty());
    let number = tried.map(crate::goals::agreement::number);
    let said = |words: &str, target: Decimal, forecast: &Forecast| {
        let reached = chance(metric, forecast, target * outlook.applies)
            .map_or_else(|| "none to tell".to_owned(), chance_words);
        html! { li { (words) " " (figure_with_unit(target, metric.unit, currency)) ": the chance " (to_reach(metric, "it")) " is " b { (reached) } "." } }
    };
    html! {
        section aria-labelledby="chance-title" {
            div.section-head { h2 id="chance-title" { "The chance of a target" } }
            @match forecast {
                Ok(forecast) => {
                    ul.plain-list {
                        @if let Some(target) = shown.proposed { (said("Proposed", target, forecast)) }
                        @if let Some(Some(target)) = number { (said("Tried", target, forecast)) }
                        li { (stretch(shown, forecast)) }
                    }
                    p.small.quiet {
                        @if so_far.is_some() { "By the forecast above. " }
                        @else { "As it could be foretold before the period began, from the periods before it. " }
                        "A stretch is more than is asked for; it never enters how much of a target is attained."
                        @if outlook.applies < Decimal::ONE { " Targets are those of the whole period, of which " (places(outlook.applies * Decimal::ONE_HUNDRED, 0)) " % applies." }
                    }
                },
                Err(Undefined::Alike) => p.quiet { "No chance can be told: all periods before brought the same, which says nothing of how far this one may lie from them." },
                Err(_) => p.quiet { "No chance can be told: it takes five days of the period, or five periods before it, or five people in the same role whose events are counted." },
            }
            @if number == Some(None) { div.notice role="alert" { p { "`" (tried.unwrap_or_default()) "` is no number; write it like 120000." } } }
            form.filters method="get" action=(shown.path) {
                input type="hidden" name="period" value=(shown.line.period.key());
                div.field { label for="tried" { "Target of the whole period" } input id="tried" name="value" value=(tried.unwrap_or_default()) inputmode="decimal" maxlength="30"; }
                button.button type="submit" { "Show its chance" }
            }
        }
    }
}

fn stretch(shown: &Shown<'_>, forecast: &Forecast) -> String {
    let (metric, currency) = (&shown.line.metric, &shown.asker.company().currency);
    let unit = match metric.unit {
        attain_metrics::Unit::Money => format!(" {currency}"),
        _ => String::new(),
    };
    // What applies to a part of the period is said of the whole of it, as targets are.
    let applies = shown
        .found
        .and_then(|(_, outlook)| outlook.applies.to_f64())
        .filter(|share| *share > 0.0)
        .unwrap_or(1.0);
    let of_whole = |range: Interval| Interval { low: range.low / applies, high: range.high / applies };
    match forecast.stretch(better(metric)).map(of_whole) {
        Some(range) => format!("A stretch (10–20 %) would be {}{unit}.", between(range, metric.unit)),
        None => "No figure has a chance of 10–20 %, so that there is no stretch.".to_owned(),
    }
}

fn per_cent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
