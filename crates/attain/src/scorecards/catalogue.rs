//! The metric catalogue: what every number means.

use attain_metrics::{Asker, Formula, Metric};
use axum::extract::State;
use maud::{Markup, html};

use crate::web::App;
use crate::web::components::metric_name;
use crate::web::extract::Path;
use crate::web::format::unit_words;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

pub(super) async fn list(State(app): State<App>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            h1 { "Metrics" }
            p.finding { b { (asker.catalogue().metrics().count()) " metrics, each defined once." } " Every page, export and answer of the API uses these definitions." }
        }
        table.table.catalogue role="table" {
            caption.unseen { "Metric catalogue" }
            thead { tr { th scope="col" { "Metric" } th scope="col" { "Means" } th scope="col" { "Unit" } th.wide-only scope="col" { "Kept honest by" } th.num.wide-only scope="col" { "Version" } } }
            tbody {
                @for metric in asker.catalogue().metrics() {
                    tr role="row" {
                        th scope="row" role="rowheader" { a href=(format!("/metrics/{}", metric.id)) { (metric_name(metric)) } }
                        td role="cell" { (metric.description) }
                        td.quiet.nowrap role="cell" { (unit_words(metric, currency)) }
                        td.quiet.wide-only role="cell" { (counter_words(&asker, metric)) }
                        td.num.wide-only role="cell" { (metric.version) }
                    }
                }
            }
        }
    };
    Ok(page(&Page {
        title: "Metrics",
        place: Some(Place::Metrics),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

pub(super) async fn definition(State(app): State<App>, Path(id): Path<String>) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let metric = asker.catalogue().metric(&id).ok_or(PageError::NotFound)?;
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/metrics" { "Metrics" } } li aria-current="page" { (metric.label) } } }
            div.head-line { h1 { (metric_name(metric)) } span.meta { "Version " (metric.version) ", in " (unit_words(metric, currency)) } }
            p.finding { (metric.description) }
        }
        dl.facts {
            dt { "Formula" } dd { (formula(metric)) }
            @if let Some(filter) = &metric.filter { dt { "Filter" } dd { code { (filter) } } }
            dt { "Counts for" } dd { (metric.attribution.words()) }
            @if let Some(minimum) = metric.minimum_n { dt { "Minimum n" } dd { (minimum) " to show a value" @if let Some(rank) = metric.minimum_n_rank { ", " (rank) " to rank" } } }
            dt { "Risk" } dd { (metric.gaming) }
            dt { "Kept honest by" } dd { @match asker.catalogue().metric(metric.counter_metric.text()) { Some(counter) => { a href=(format!("/metrics/{}", counter.id)) { (counter.label) } }, None => (metric.counter_metric.text()) } }
        }
        section aria-label="Definition" {
            div.section-head { h2 { "As it is written" } a href=(format!("/scorecards/numbers/{}", metric.id)) { "The company’s number" } }
            pre.definition { (metric.source_text) }
        }
    };
    Ok(page(&Page {
        title: &metric.label,
        place: Some(Place::Metrics),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn counter_words(asker: &Asker, metric: &Metric) -> String {
    let counter = asker.catalogue().metric(metric.counter_metric.text());
    counter.map_or_else(|| metric.counter_metric.text().to_owned(), |counter| counter.label.clone())
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
