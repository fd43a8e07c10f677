//! One metric: what it means, and which version of it is in force when.

use std::sync::Arc;

use attain_metrics::{Catalogue, Editions, Formula, Metric};
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::store::{self, Recorded, VersionOf};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::components::metric_name;
use crate::web::extract::Path;
use crate::web::format::{date, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// A stretch of days that one version is in force.
#[derive(Clone, Debug)]
pub(crate) struct Reign {
    /// Nothing for what was always in force.
    pub(crate) from: Option<Date>,
    pub(crate) metric: Arc<Metric>,
}

/// Which version of a metric is in force when, oldest first.
pub(crate) fn reigns(editions: &Editions, id: &str) -> Vec<Reign> {
    let days = std::iter::once(None).chain(editions.begins().map(Some));
    let mut reigns: Vec<Reign> = Vec::new();
    for (from, edition) in days.zip(editions.each()) {
        let Some(metric) = edition.metric(id) else { continue };
        let same = |last: &Reign| {
            last.metric.version == metric.version && last.metric.source_text == metric.source_text
        };
        if !reigns.last().is_some_and(same) {
            reigns.push(Reign { from, metric: Arc::clone(metric) });
        }
    }
    reigns
}

pub(super) async fn definition(app: App, Path(id): Path<String>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let catalogue = asker.catalogue();
    let metric = catalogue.metric(&id).ok_or(PageError::NotFound)?;
    let currency = &asker.company().currency;
    let actor = app.actor();
    let records = app.definitions().records();
    let made = store::versions_made(records, &actor).await?;
    let changes = store::known_at(records, &actor, Timestamp::MAX).await?;
    let reigns = reigns(asker.editions(), &id);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/metrics" { "Metrics" } } li aria-current="page" { (metric.label) } } }
            div.head-line { h1 { (metric_name(metric)) } span.meta { "Version " (metric.version) ", unit: " (unit_words(metric, currency)) } }
            p.finding { (metric.description) }
        }
        (facts(catalogue, metric))
        p.actions {
            @if app.may(Act::Write, Object::Definitions) { a.button href=(format!("/metrics/{id}/change")) { "Change the definition" } }
            a.button.plain href=(format!("/scorecards/numbers/{id}")) { "The company’s number" }
        }
        section aria-labelledby="versions" {
            div.section-head { h2 id="versions" { "In force" } }
            (versions_table(&id, &reigns, &made, &changes))
        }
        section aria-label="Definition" {
            div.section-head { h2 { "As it is written" } }
            pre.definition { (metric.source_text) }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: &metric.label,
        place: Some(Place::Metrics),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn facts(catalogue: &Catalogue, metric: &Metric) -> Markup {
    html! {
        dl.facts {
            dt { "Formula" } dd { (formula(metric)) }
            @if let Some(filter) = &metric.filter { dt { "Filter" } dd { code { (filter) } } }
            dt { "Counts for" } dd { (metric.attribution.words()) }
            @if let Some(undefined) = &metric.undefined { dt { "No value" } dd { (undefined) } }
            @if let Some(minimum) = metric.minimum_n { dt { "Minimum n" } dd { (minimum) " to show a value" @if let Some(rank) = metric.minimum_n_rank { ", " (rank) " to rank" } } }
            @if !metric.gaming.is_empty() { dt { "Risk" } dd { (metric.gaming) } }
            dt { "Kept honest by" } dd { @match catalogue.metric(metric.counter_metric.text()) { Some(counter) => { a href=(format!("/metrics/{}", counter.id)) { (counter.label) } }, None => (metric.counter_metric.text()) } }
        }
    }
}

fn versions_table(id: &str, reigns: &[Reign], made: &[VersionOf], changes: &[Recorded]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Versions" {
            table.table.tight.versions {
                caption.unseen { "Which version is in force when" }
                thead { tr { th scope="col" { "From" } th scope="col" { "To" } th.num scope="col" { "Version" } th scope="col" { "Why" } th scope="col" { "Beside the one before" } } }
                tbody {
                    @for (place, reign) in reigns.iter().enumerate().rev() {
                        @let until = reigns.get(place + 1).and_then(|next| next.from?.yesterday().ok());
                        @let change = change_of(id, reign, made, changes);
                        tr {
                            td.nowrap { @match reign.from { Some(from) => (date(from)), None => "always" } }
                            td.nowrap { @match until { Some(until) => (date(until)), None => "further notice" } }
                            td.num { (reign.metric.version) }
                            td { @match change { Some(change) => (change.reason), None => "as Attain defines it" } }
                            td.nowrap { @if let Some(change) = change { a href=(format!("/definitions/changes/{}", change.number)) { "Change " (change.number) } } }
                        }
                    }
                }
            }
        }
    }
}

/// The change a version came with; the newest that begins on its first day, if that only reworded.
fn change_of<'c>(
    id: &str,
    reign: &Reign,
    made: &[VersionOf],
    changes: &'c [Recorded],
) -> Option<&'c Recorded> {
    let begun = changes.iter().rev().find(|change| Some(change.in_force_from) == reign.from);
    let version = |of: &&VersionOf| of.metric == id && of.version == reign.metric.version;
    let made_by = made.iter().find(version).map(|of| of.change);
    begun.or_else(|| changes.iter().find(|change| Some(change.number) == made_by))
}

fn formula(metric: &Metric) -> Markup {
    let link = |part: &Metric| html! { a href=(format!("/metrics/{}", part.id)) { (part.label) } };
    match metric.formula() {
        Formula::Ratio(above, below) => html! { (link(above)) " ÷ " (link(below)) },
        Formula::Count => html! { "a count" },
        Formula::Sum => html! { "a sum" },
        Formula::Median => html! { "the middle value" },
        Formula::Of(which) => html! { "the " (which) " value" },
        Formula::Derived(expression, inputs) => html! {
            code { (expression) } ", of " @for (position, input) in inputs.iter().enumerate() { @if position > 0 { ", " } (link(input)) }
        },
    }
}
