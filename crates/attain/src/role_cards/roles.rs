//! The cards there are: of which roles, and every version of one.

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_metrics::{Asker, Catalogue, Metric};
use maud::{Markup, html};

use super::card::{RoleCard, Weighted, unfit, way_words};
use super::form::{self, role_path};
use super::store;
use super::version::{Version, in_force};
use super::writing::Sent;
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::Path;
use crate::web::format::{date, instant, places};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let versions = store::all(app.records().read(), &app.actor()).await?;
    let roles = roles(&asker, &versions);
    let today = asker.as_of().asked_on;
    let with_card = roles.keys().filter(|role| in_force(&versions, role, today).is_some()).count();
    let main = html! {
        div.head {
            h1 { "Cards of roles" }
            p.finding { "A card says by which metrics people of a role are reviewed, and how much each counts. " b { (with_card) " of " (roles.len()) " roles have one today." } }
        }
        @if roles.is_empty() { p.quiet { "No source says which role people have. Map the column `role` of people, then write a card for each." } }
        @else {
            div.scroll tabindex="0" role="region" aria-label="Roles" {
                table.table {
                    caption.unseen { "Roles with their cards" }
                    thead { tr { th scope="col" { "Role" } th.num scope="col" { "People" } th scope="col" { "Card today" } th scope="col" { "From" } } }
                    tbody { @for (role, people) in &roles {
                        @let held = in_force(&versions, role, today);
                        tr {
                            th scope="row" { a href=(role_path(role)) { (role) } }
                            td.num { (people) }
                            td { @match held { Some(version) => (in_short(&version.card, asker.catalogue())), None => span.quiet { "none" } } }
                            td { @match held { Some(version) => (date(version.from)), None => "–" } }
                        }
                    } }
                }
            }
        }
    };
    Ok(framed(&app, &asker, "Cards of roles", main))
}

pub(super) async fn shown(app: App, Path(role): Path<String>) -> Result<Markup, PageError> {
    page_of(&app, &role, None).await
}

/// The page of one role, with what was refused.
pub(super) async fn page_of(
    app: &App,
    role: &str,
    refused: Option<(&Sent, &str)>,
) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let all = store::all(app.records().read(), &app.actor()).await?;
    let people = roles(&asker, &all).remove(role).ok_or(PageError::NotFound)?;
    let today = asker.as_of().asked_on;
    let versions: Vec<&Version> = all.iter().filter(|version| version.role == role).collect();
    let held = in_force(&all, role, today);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/scorecards/roles" { "Cards of roles" } } li aria-current="page" { (role) } } }
            div.head-line { h1 { (role) } span.meta { (people) @if people == 1 { " person" } @else { " people" } } }
            p.finding {
                @match held {
                    Some(version) => { b { (in_short(&version.card, asker.catalogue())) "." } " Where one is missing, " (way_words(version.card.when_missing())) "." },
                    None => { b { "No card holds today." } " Without one there is no score of this role." },
                }
            }
        }
        @if let Some(version) = held { (components(&version.card, asker.catalogue())) }
        @if app.may(Act::Write, Object::Definitions) { (form::form(&asker, role, versions.first().copied(), refused)) }
        @if !versions.is_empty() { (history(app, &asker, &versions).await?) }
    };
    Ok(framed(app, &asker, &format!("Card of the role {role}"), main))
}

fn framed(app: &App, asker: &Asker, title: &str, main: Markup) -> Markup {
    page(&Page {
        app,
        title,
        place: Some(Place::Metrics),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}

/// Every role that somebody has or that has a card, and how many have it.
fn roles(asker: &Asker, versions: &[Version]) -> BTreeMap<String, usize> {
    let mut roles: BTreeMap<String, usize> =
        versions.iter().map(|version| (version.role.clone(), 0)).collect();
    let today = asker.as_of().asked_on;
    for (_, person) in asker.organisation().people() {
        if let Some(role) = &person.role {
            *roles.entry(role.clone()).or_default() += usize::from(person.is_there_on(today));
        }
    }
    roles
}

/// The metrics a card may have.
pub(super) fn eligible(asker: &Asker) -> Vec<Arc<Metric>> {
    let catalogue = asker.catalogue();
    let mut metrics: Vec<Arc<Metric>> =
        catalogue.metrics().filter(|metric| unfit(metric, catalogue).is_none()).cloned().collect();
    metrics.sort_by(|one, other| one.label.cmp(&other.label));
    metrics
}

/// A card in a line: its metrics with their weights.
fn in_short(card: &RoleCard, catalogue: &Catalogue) -> String {
    let one = |of: &Weighted| {
        let label = catalogue.metric(&of.metric).map_or(of.metric.as_str(), |metric| metric.label.as_str());
        format!("{label} {} %", of.weight.normalize())
    };
    card.components().iter().map(one).collect::<Vec<_>>().join(", ")
}

fn components(card: &RoleCard, catalogue: &Catalogue) -> Markup {
    let percent = |value: Option<rust_decimal::Decimal>| {
        value.map_or_else(|| "–".to_owned(), |value| format!("{} %", places(value, 0)))
    };
    html! {
        section aria-labelledby="card-title" {
            div.section-head { h2 id="card-title" { "The card today" } }
            div.scroll tabindex="0" role="region" aria-label="Components" {
                table.table {
                    caption.unseen { "Components of the card" }
                    thead { tr { th scope="col" { "Metric" } th.num scope="col" { "Weight" } th.num scope="col" { "Floor" } th.num scope="col" { "Cap" } th scope="col" { "Kept honest by" } } }
                    tbody { @for one in card.components() {
                        @let metric = catalogue.metric(&one.metric);
                        tr {
                            th scope="row" { @match metric { Some(metric) => a href=(format!("/metrics/{}", metric.id)) { (metric.label) }, None => { (one.metric) small.quiet { " no longer defined" } } } }
                            td.num { (one.weight.normalize()) " %" }
                            td.num { (percent(one.floor)) }
                            td.num { (percent(one.cap)) }
                            td { @match metric.and_then(|metric| catalogue.metric(metric.counter_metric.text())) { Some(counter) => a href=(format!("/metrics/{}", counter.id)) { (counter.label) }, None => "–" } }
                        }
                    } }
                }
            }
        }
    }
}

async fn history(app: &App, asker: &Asker, versions: &[&Version]) -> Result<Markup, PageError> {
    let names = Names::read(app).await?;
    let zone = &asker.company().time_zone;
    Ok(html! {
        section aria-labelledby="versions-title" {
            div.section-head { h2 id="versions-title" { "Versions" } }
            div.scroll tabindex="0" role="region" aria-label="Versions" {
                table.table {
                    caption.unseen { "Versions of the card, the newest first" }
                    thead { tr { th scope="col" { "Version" } th scope="col" { "From" } th scope="col" { "Card" } th scope="col" { "Missing" } th scope="col" { "Why" } th scope="col" { "Who" } th scope="col" { "When" } } }
                    tbody { @for version in versions { tr {
                        th scope="row" { (version.number) }
                        td { (date(version.from)) }
                        td { (in_short(&version.card, asker.catalogue())) }
                        td { (way_words(version.card.when_missing())) }
                        td { (version.reason) }
                        td { (names.who(&version.by)) }
                        td { (instant(version.at, zone)) }
                    } } }
                }
            }
        }
    })
}
