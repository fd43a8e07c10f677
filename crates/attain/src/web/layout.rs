//! The frame of every page: top bar, places, head.

use attain_metrics::{Asker, Period};
use maud::{DOCTYPE, Markup, html};

use super::App;
use super::assets::styles_path;
use super::format::{date, days_of, instant};
use super::problem::PageError;
use crate::permissions;

/// A place of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Scorecards,
    Metrics,
    Receipts,
    Data,
}

const PLACES: [(Place, &str, &str); 4] = [
    (Place::Scorecards, "Scorecards", "/scorecards"),
    (Place::Metrics, "Metrics", "/metrics"),
    (Place::Receipts, "Receipts", "/receipts"),
    (Place::Data, "Data", "/data/imports"),
];

/// A page to be framed.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) place: Option<Place>,
    /// The period the page is about, and where to choose another.
    pub(crate) period: Option<(&'a Period, &'a str)>,
    /// What is known, once anything is.
    pub(crate) asker: Option<&'a Asker>,
    pub(crate) main: Markup,
    /// An opened number beside the page.
    pub(crate) sheet: Option<Markup>,
}

/// The whole document.
pub(crate) fn page(page: &Page<'_>) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (page.title) " · Attain" }
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(styles_path());
            }
            body class=[page.sheet.is_some().then_some("with-sheet")] {
                a.skip href="#main" { "Skip to content" }
                (top(page))
                div.frame {
                    (places(page))
                    main id="main" tabindex="-1" { (page.main) }
                }
                @if let Some(sheet) = &page.sheet { (sheet) }
            }
        }
    }
}

fn top(page: &Page<'_>) -> Markup {
    html! {
        header.top {
            button.button.plain.menu popovertarget="places" type="button" {
                svg viewBox="0 0 14 14" aria-hidden="true" { path d="M1 3h12M1 7h12M1 11h12" {} }
                span.unseen { "Places" }
            }
            a.brand href="/scorecards" {
                svg width="20" height="14" viewBox="0 0 20 14" aria-hidden="true" {
                    rect y="4" width="13" height="6" {}
                    line x1="17" x2="17" y1="0" y2="14" {}
                }
                "Attain"
            }
            @if let Some((period, choose)) = page.period {
                a.period href=(choose) { b { (period.label()) } @if let Some(days) = days_of(period) { " " span { (days) } } }
            }
            div.end { @if let Some(asker) = page.asker { span.who { (asker.company().name) } } }
        }
    }
}

fn places(page: &Page<'_>) -> Markup {
    html! {
        nav.places id="places" popover aria-label="Places" {
            @for (place, name, path) in PLACES {
                a href=(path) aria-current=[(page.place == Some(place)).then_some("page")] { (name) }
            }
            p.rest {
                @if let Some(asker) = page.asker {
                    "As of " (instant(asker.as_of().committed_at, &asker.company().time_zone)) "." br;
                    "Facts to " (date(asker.as_of().date)) ", snapshot " (asker.as_of().snapshot) "." br;
                }
                a href="/api" { "API" }
            }
        }
    }
}

/// A page that says what went wrong and what to do.
pub(crate) async fn error_page(app: &App, error: &PageError) -> (axum::http::StatusCode, Markup) {
    let asker = app.asker().await.ok();
    let main = html! {
        div.head {
            h1 { (error.title()) }
            p.finding { (error) }
        }
        @if matches!(error, PageError::NothingImported) && permissions::may_import(&app.actor()) {
            p.actions { a.button.primary href="/data/imports/new" { "Import files" } }
        }
        p { a href="/scorecards" { "Scorecards" } ", " a href="/data/imports" { "imports" } }
    };
    let framed = page(&Page {
        title: error.title(),
        place: None,
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    });
    (error.status(), framed)
}
