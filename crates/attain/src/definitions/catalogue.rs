//! The metric catalogue, by what the metrics are about.

use std::collections::BTreeSet;

use attain_metrics::{Catalogue, Formula, Metric};
use maud::{Markup, html};
use serde::Deserialize;

use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::components::metric_name;
use crate::web::extract::Query;
use crate::web::format::unit_words;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// The catalogue's sections by the file their metrics stand in, in the order they are shown.
const SECTIONS: [(&str, &str); 9] = [
    ("opportunities", "Deals"),
    ("outcome", "Outcome and revenue"),
    ("pipeline", "Pipeline"),
    ("customers", "Customers and retention"),
    ("activity", "Activity"),
    ("leads", "Leads"),
    ("forecast", "Forecast and quota"),
    ("efficiency", "Efficiency"),
    ("discipline", "Process"),
];

/// The company's own metrics, which stand first.
const OWN: &str = "Defined by the company";

/// What is searched for.
#[derive(Debug, Deserialize)]
pub(super) struct Search {
    q: Option<String>,
}

pub(super) async fn list(app: App, Query(search): Query<Search>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let searched = search.q.unwrap_or_default().trim().to_lowercase();
    let catalogue = asker.catalogue();
    let currency = &asker.company().currency;
    let parts = parts_only(catalogue);
    let main = html! {
        div.head {
            div.head-line { h1 { "Metrics" }
                p.actions {
                    @if app.may(Act::Write, Object::Definitions) { a.button href="/definitions/new" { "New metric" } }
                    a.button.plain href="/scorecards/roles" { "Cards of roles" }
                    a.button.plain href="/definitions/changes" { "Changes" }
                }
            }
            p.finding { b { (catalogue.metrics().count()) " metrics, each defined once." } " Every page, export and answer of the API uses these definitions." }
        }
        form.filters method="get" action="/metrics" role="search" aria-label="Search metrics" {
            div.field { label for="metrics-search" { "Find" } input id="metrics-search" type="search" name="q" value=(searched) placeholder="Name or meaning" size="24"; }
            button.button type="submit" { "Search" }
            @if !searched.is_empty() { a.button.plain href="/metrics" { "All" } }
        }
        @for (id, title) in sections() {
            @let (shown, folded): (Vec<&Metric>, Vec<&Metric>) = of_section(catalogue, id).filter(|metric| says(metric, &searched)).partition(|metric| metric.is_own || !searched.is_empty() || !parts.contains(metric.id.as_str()));
            @if !shown.is_empty() {
                section aria-labelledby=(format!("section-{id}")) {
                    div.section-head { h2 id=(format!("section-{id}")) { (title) } }
                    (table(catalogue, &shown, title, currency))
                    @if !folded.is_empty() {
                        details.parts { summary { (folded.len()) " more that these are made of" } (table(catalogue, &folded, &format!("{title}, parts"), currency)) }
                    }
                }
            }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: "Metrics",
        place: Some(Place::Metrics),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// Whether a metric's name or meaning has a text in it.
fn says(metric: &Metric, text: &str) -> bool {
    [&metric.id, &metric.label, &metric.description].iter().any(|words| words.to_lowercase().contains(text))
}

fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    std::iter::once(("own", OWN)).chain(SECTIONS)
}

fn of_section<'c>(catalogue: &'c Catalogue, id: &str) -> impl Iterator<Item = &'c Metric> {
    let known = |metric: &Metric| SECTIONS.iter().any(|(section, _)| *section == metric.section);
    catalogue.metrics().map(AsRef::as_ref).filter(move |metric| match id {
        "own" => metric.is_own,
        // What stands in a file without a section of its own is not lost.
        "discipline" => !metric.is_own && (metric.section == id || !known(metric)),
        section => !metric.is_own && metric.section == section,
    })
}

/// Metrics that stand above or below the line of others and count nothing anybody asks alone.
fn parts_only(catalogue: &Catalogue) -> BTreeSet<&str> {
    let mut parts = BTreeSet::new();
    let mut asked = BTreeSet::new();
    for metric in catalogue.metrics() {
        match metric.formula() {
            Formula::Ratio(above, below) => parts.extend([above.id.as_str(), below.id.as_str()]),
            Formula::Derived(_, inputs) => parts.extend(inputs.into_iter().map(|input| input.id.as_str())),
            Formula::Count | Formula::Sum | Formula::Median | Formula::Of(_) => {}
        }
        asked.insert(metric.counter_metric.text());
    }
    let said = |id: &&str| catalogue.metric(id).is_some_and(|metric| !metric.gaming.is_empty());
    parts.into_iter().filter(|id| !asked.contains(id) && !said(id)).collect()
}

fn table(catalogue: &Catalogue, metrics: &[&Metric], caption: &str, currency: &str) -> Markup {
    html! {
        table.table.catalogue role="table" {
            caption.unseen { (caption) }
            thead { tr { th scope="col" { "Metric" } th scope="col" { "Means" } th scope="col" { "Unit" } th.wide-only scope="col" { "Kept honest by" } th.num.wide-only scope="col" { "Version" } } }
            tbody {
                @for metric in metrics {
                    tr role="row" {
                        th scope="row" role="rowheader" { a href=(format!("/metrics/{}", metric.id)) { (metric_name(metric)) } }
                        td role="cell" { (metric.description) }
                        td.quiet.nowrap role="cell" { (unit_words(metric, currency)) }
                        td.quiet.wide-only role="cell" { (counter_words(catalogue, metric)) }
                        td.num.wide-only role="cell" { (metric.version) }
                    }
                }
            }
        }
    }
}

fn counter_words(catalogue: &Catalogue, metric: &Metric) -> String {
    let counter = catalogue.metric(metric.counter_metric.text());
    counter.map_or_else(|| metric.counter_metric.text().to_owned(), |counter| counter.label.clone())
}
