//! The cascade as a page.

use attain_metrics::Subject;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::reading::{Cascade, offered};
use super::tree::{Node, Own};
use crate::goals::agreement;
use crate::goals::choosing::{Wanted, field};
use crate::goals::entries::QUOTA;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::Query;
use crate::web::format::{days_of, figure, figure_with_unit, places, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Which metric and period.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    pub(super) metric: Option<String>,
    pub(super) period: Option<String>,
}

pub(super) async fn shown(app: App, Query(asked): Query<Asked>) -> Result<Markup, PageError> {
    let wanted = Wanted { period: asked.period };
    let cascade = Cascade::of(&app, asked.metric.as_deref(), &wanted).await?;
    let Cascade { asker, metric, period, root } = &cascade;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li aria-current="page" { "Cascade" } } }
            div.head-line { h1 { (metric.label) ", from above" } span.meta { (period.label()) @if let Some(days) = days_of(period) { ", " (days) } } }
            p.finding { (finding(&cascade)) }
        }
        form.filters method="get" action="/goals/cascade" {
            div.field { label for="metric" { "Metric" } select id="metric" name="metric" { @for one in offered(asker, period) { option value=(one.id) selected[one.id == metric.id] { (one.label) } } } }
            (field(asker, period))
            button.button type="submit" { "Show" }
        }
        div.scroll tabindex="0" role="region" aria-label="Cascade" { table.table.cascade {
            caption.unseen { "Targets from above, with what stands below each" }
            thead { tr { th scope="col" { "Who" } th.num scope="col" { "Target " small.quiet { (unit_words(metric, &asker.company().currency)) } } th.num scope="col" { "Right below" } th scope="col" { "Difference" } } }
            tbody { @for (depth, _, node) in root.flat() { (row(&cascade, depth, node)) } }
        } }
        p.small.quiet { "Targets are those that hold, for the days they apply, after relief. Who has none of their own counts by what stands below." }
    };
    let title = format!("Cascade, {}", period.label());
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((period, "#period")),
        asker: Some(asker),
        main,
        sheet: None,
    }))
}

/// The first difference from above, or that there is none.
fn finding(cascade: &Cascade) -> Markup {
    let flat = cascade.root.flat();
    let nodes = || flat.iter().map(|(_, _, node)| *node);
    let differs = |node: &&Node| node.difference().is_some_and(|difference| !difference.is_zero());
    let differing = nodes().filter(differs).count();
    html! { @match nodes().find(differs) {
        Some(first) => {
            b { "Below " (first.name) " stands " (difference(cascade, first)) "." }
            @if differing > 1 { " So do " (differing - 1) " more targets differ from what stands below them." }
        },
        None if nodes().any(|node| node.difference().is_some()) => b { "Every target is exactly what stands below it." },
        None if cascade.root.is_partly_hidden() => "A part of what stands below is not yours to see, so that no sum can be held against a target.",
        None if cascade.root.counted().is_some() => "There are targets, and none above them to hold them against.",
        None => "No target by this metric holds in this period.",
    } }
}

fn row(cascade: &Cascade, depth: usize, node: &Node) -> Markup {
    let class = format!("in-{}", depth.min(5));
    let sum = node.sum().filter(|_| !node.below.is_empty());
    html! {
        tr {
            th scope="row" class=(class) { (name(cascade, node)) }
            td.num { (target(cascade, node)) }
            td.num { @if let Some(sum) = sum { (figure(sum, cascade.metric.unit)) } }
            td.small { (notes(cascade, node).join("; ")) }
        }
    }
}

/// A target, which leads to its goal, or to the quota it was delivered as.
fn target(cascade: &Cascade, node: &Node) -> Markup {
    let Some(Own { target, goal }) = &node.own else { return html! { "–" } };
    let path = match goal {
        Some(goal) => agreement::path(*goal),
        None => number_path(&node.subject, QUOTA, &cascade.period, "numbers"),
    };
    html! { a.n href=(path) { (figure(*target, cascade.metric.unit)) } }
}

/// What is to be said of a node, its difference first.
fn notes(cascade: &Cascade, node: &Node) -> Vec<String> {
    let difference = Some(difference(cascade, node)).filter(|words| !words.is_empty());
    let without = Some(node.without()).filter(|without| *without > 0);
    let is_quota = node.own.as_ref().is_some_and(|own| own.goal.is_none());
    let standing =
        if node.is_derived() { "derived: the sum of people’s quotas" } else { "quota, as delivered" };
    let notes = [
        difference,
        without.map(|without| format!("{without} without a target")),
        is_quota.then(|| standing.to_owned()),
        node.is_partly_hidden().then(|| "a part of what stands below is not yours to see".to_owned()),
    ];
    notes.into_iter().flatten().collect()
}

fn name(cascade: &Cascade, node: &Node) -> Markup {
    let level = node.subject.level().name();
    html! { @match (&node.subject, node.subject.id()) {
        (Subject::Rep(_) | Subject::Manager(_), Some(id)) => a href=(format!("/goals/{level}/{id}?period={}", cascade.period)) { (node.name) },
        _ => a href=(format!("/goals?period={}", cascade.period)) { (node.name) },
    } }
}

/// How what stands below differs from a target, in words.
fn difference(cascade: &Cascade, node: &Node) -> String {
    let Some(difference) = node.difference() else { return String::new() };
    let shown =
        |value: Decimal| figure_with_unit(value, cascade.metric.unit, &cascade.asker.company().currency);
    let assigned = node.over_assignment().map(|over| (over + Decimal::ONE) * Decimal::ONE_HUNDRED);
    let assigned = assigned.map_or_else(String::new, |assigned| format!(", {} % of it", places(assigned, 1)));
    match difference {
        none if none.is_zero() => "exactly the target".to_owned(),
        over if over > Decimal::ZERO => format!("{} more than the target{assigned}", shown(over)),
        under => format!("{} less than the target{assigned}", shown(-under)),
    }
}
