//! What a score is made of, row by row: what was attained against what, how much it counts, and what it adds.

use attain_metrics::{Asker, Metric, Period, Subject};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::components::Held;
use super::composition::Counted;
use super::counter::Counter;
use super::scored::Scored;
use super::words::{percent, score, weight};
use crate::goals::CREDITED;
use crate::goals::targets::{Origin, Target};
use crate::web::components::{metric_name, number_path, value_link};
use crate::web::format::{figure, places, unit_words};

/// Of whom and when.
pub(super) struct About<'a> {
    pub(super) asker: &'a Asker,
    pub(super) subject: &'a Subject,
    pub(super) period: &'a Period,
}

/// The components with what they add, and their counter-metrics where those are known.
pub(super) fn components(about: &About<'_>, scored: &Scored, counters: &[Option<Counter>]) -> Markup {
    let rows = scored.held.iter().zip(&scored.composition.parts).enumerate();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Composition of the score" {
            table.table.score {
                caption.unseen { "Composition of the score" }
                thead { tr {
                    th scope="col" { "Metric" } th.num scope="col" { "Value" } th.num scope="col" { "Target" }
                    th.num scope="col" { "Attained" } th.num scope="col" { "Counts as" }
                    th.num scope="col" { "Weight" } th.num scope="col" { "Counts for" } th.num scope="col" { "Adds" }
                    @if !counters.is_empty() { th scope="col" { "Kept honest by" } }
                } }
                tbody { @for (place, (held, counted)) in rows {
                    (row(about, held, counted, counters.get(place).map(Option::as_ref)))
                } }
                tfoot { tr {
                    th scope="row" { "Score" } td {} td {} td {} td {}
                    td.num { "100 %" }
                    td.num { @if scored.composition.scorecard.score.is_ok() { "100 %" } @else { "–" } }
                    td.num { @match scored.composition.scorecard.score { Ok(value) => b { (score(value)) }, Err(_) => "–" } }
                    @if !counters.is_empty() { td {} }
                } }
            }
        }
    }
}

fn row(about: &About<'_>, held: &Held, counted: &Counted, counter: Option<Option<&Counter>>) -> Markup {
    let currency = &about.asker.company().currency;
    html! {
        tr {
            th scope="row" { @match &held.metric {
                Some(metric) => { a href=(format!("/metrics/{}", metric.id)) { (metric_name(metric)) } " " small.quiet { (unit_words(metric, currency)) } },
                None => (held.of.metric),
            } }
            td.num { @match (&held.metric, &held.number) {
                (Some(metric), Some(number)) => (value_link(number, metric, Some(&path(about, metric)), &metric.label)),
                _ => "–",
            } }
            td.num { @match (&held.metric, &held.target) { (Some(metric), Some(target)) => (shown_target(about, metric, target)), _ => "–" } }
            td.num {
                @match &held.attainment { Ok(share) => (percent(*share)), Err(lack) => { "– " span.why title=(lack.code()) { (lack.words()) } } }
                @if let Some((metric, credited)) = towards(held) { " " small.quiet { "of " a.n href=(number_path(about.subject, CREDITED, about.period, "numbers")) { (figure(credited, metric.unit)) } " credited" } }
            }
            td.num { @match counted.score { Some(score) => (percent(score)), None => "–" } @if let Some(limit) = limit(held, counted) { " " small.quiet { (limit) } } }
            td.num { (weight(held)) }
            td.num { @match counted.share { Some(share) => (percent(share)), None => "–" } }
            td.num { @match counted.adds { Some(adds) => (places(adds, 3)), None => "–" } }
            @if let Some(counter) = counter {
                td { @match counter {
                    Some(counter) => { (value_link(&counter.number, &counter.metric, Some(&path(about, &counter.metric)), &counter.metric.label)) " " small { (counter.metric.label) ", " (unit_words(&counter.metric, currency)) } },
                    None => "–",
                } }
            }
        }
    }
}

/// What counts towards the target, where that is not the value: a quota of bookings is of those credited.
pub(super) fn towards(held: &Held) -> Option<(&Metric, Decimal)> {
    let counts = held.target?.attained.filter(|_| held.of.metric != CREDITED)?;
    let is_other = held.number.as_ref().and_then(|number| number.value) != Some(counts);
    held.metric.as_deref().filter(|_| is_other && held.attainment.is_ok()).map(|metric| (metric, counts))
}

fn path(about: &About<'_>, metric: &Metric) -> String {
    number_path(about.subject, &metric.id, about.period, "numbers")
}

/// Which bound made the attainment count as something else, if one did.
pub(super) fn limit(held: &Held, counted: &Counted) -> Option<&'static str> {
    let attainment = held.attainment.as_ref().ok();
    match (attainment, counted.score) {
        (None, Some(_)) => Some("as just attained"),
        (Some(attained), Some(score)) if score < *attained => Some("cap"),
        (Some(attained), Some(score)) if score > *attained => Some("floor"),
        _ => None,
    }
}

/// A target, which leads to where it comes from.
fn shown_target(about: &About<'_>, metric: &Metric, target: &Target) -> Markup {
    let value = figure(target.value, metric.unit);
    let (href, words) = match target.origin {
        Origin::Quota => (number_path(about.subject, "quota", about.period, "numbers"), "quota".to_owned()),
        Origin::Goal(number) => (format!("/goal/{number}"), "goal".to_owned()),
        Origin::AddedUp(people) => (goals_path(about), format!("derived, {people} people’s")),
    };
    html! { a.n href=(href) { (value) } " " small.quiet { (words) } }
}

fn goals_path(about: &About<'_>) -> String {
    match about.subject {
        Subject::Manager(id) => format!("/goals/manager/{id}?period={}", about.period),
        _ => format!("/goals?period={}", about.period),
    }
}

/// The score's formula with its values put in; each part opens as a number of its own.
pub(super) fn formula(about: &About<'_>, scored: &Scored) -> Markup {
    let Ok(value) = scored.composition.scorecard.score else { return html! {} };
    let counting: Vec<(&Held, Decimal)> = scored
        .held
        .iter()
        .zip(&scored.composition.parts)
        .filter_map(|(held, counted)| Some((held, counted.share.and(counted.score)?)))
        .collect();
    let whole: Decimal = counting.iter().map(|(held, _)| held.of.weight).sum();
    html! {
        div.formula role="group" aria-label=(format!("Formula of the score, which is {}", score(value))) {
            span.op { "(" }
            @for (place, (held, score)) in counting.iter().enumerate() {
                @if place > 0 { span.op { "+" } }
                span.part {
                    small { (held.label()) }
                    @let words = format!("{} × {}", weight(held), places(*score, 3));
                    @match &held.metric { Some(metric) => a href=(path(about, metric)) { (words) }, None => (words) }
                }
            }
            span.op { ") ÷" }
            span.part { small { "weight that counts" } (whole.normalize()) " %" }
            span.op { "=" }
            output { (score(value)) }
        }
    }
}
