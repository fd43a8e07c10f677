//! The list of saved mappings, one of them with what it says in words, and its file.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::store::{self, Version};
use crate::data::uploads::made_of_text;
use crate::people::names::Names;
use crate::web::App;
use crate::web::components::path_segment;
use crate::web::extract::Path;
use crate::web::format::instant;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let versions = store::versions(app.store().records(), &app.actor()).await?;
    let asker = app.asker().await.ok();
    let time_zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li aria-current="page" { "Mappings" } } }
            h1 { "Mappings" }
            p.finding { "How the files of each source are read. Every import by another text is a version; nothing is lost." }
        }
        @if versions.is_empty() {
            div.empty-state {
                p { "A mapping is saved here when you import by it." }
                p.actions { a.button.primary href="/data/imports/new" { "Import files" } }
            }
        } @else {
            div.scroll tabindex="0" role="region" aria-label="Mappings" { (table(&versions, &names, &time_zone)) }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: "Mappings",
        place: Some(Place::Data),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn table(versions: &[Version], names: &Names, time_zone: &TimeZone) -> Markup {
    html! {
        table.table.versions {
            caption.unseen { "Saved mappings, the newest of each source first" }
            thead { tr { th scope="col" { "Source" } th.num scope="col" { "Version" } th scope="col" { "Saved" } th scope="col" { "By" } th scope="col" { "SHA-256" } th scope="col" { "File" } } }
            tbody {
                @for version in versions {
                    tr {
                        th scope="row" { a href=(path(version)) { (version.source) span.unseen { ", version " (version.version) } } }
                        td.num { (version.version) }
                        td.nowrap { (instant(version.saved_at, time_zone)) }
                        td { (names.who(&version.actor)) }
                        td { code { (version.sha256.get(..16).unwrap_or_default()) "…" } }
                        td { a href={ (path(version)) "/mapping.yaml" } { "Download" span.unseen { " version " (version.version) " of " (version.source) } } }
                    }
                }
            }
        }
    }
}

/// The address of a version.
fn path(version: &Version) -> String {
    format!("/data/mappings/{}/{}", path_segment(&version.source), version.version)
}

pub(super) async fn one(app: App, Path((source, number)): Path<(String, i64)>) -> Result<Markup, PageError> {
    let version = found(&app, &source, number).await?;
    let asker = app.asker().await.ok();
    let time_zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let names = Names::read(&app).await?;
    let title = format!("Mapping {source}, version {number}");
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href="/data/mappings" { "Mappings" } } li aria-current="page" { (source) ", version " (number) } } }
            div.head-line { h1 { (title) } span.meta { (instant(version.saved_at, &time_zone)) " by " (names.who(&version.actor)) } }
        }
        p.actions { a.button href={ (path(&version)) "/mapping.yaml" } { "Download" } }
        pre.definition { (version.text) }
        p.small.quiet { "SHA-256: " code { (version.sha256) } }
        div.mapping { (made_of_text(&version.text)) }
    };
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Data),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

/// The file that the command line takes.
pub(super) async fn file(
    app: App,
    Path((source, number)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    let version = found(&app, &source, number).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/yaml; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"mapping.yaml\"".to_owned()),
    ];
    Ok((headers, version.text).into_response())
}

async fn found(app: &App, source: &str, number: i64) -> Result<Version, PageError> {
    let found = store::version(app.store().records(), &app.actor(), source, number).await?;
    found.ok_or(PageError::NotFound)
}
