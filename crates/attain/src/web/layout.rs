//! The frame of every page: top bar, places, head.

use attain_metrics::{Asker, Period};
use maud::{DOCTYPE, Markup, html};

use super::App;
use super::assets::styles_path;
use super::format::{date, days_of, instant};
use super::problem::PageError;
use crate::permissions::{Act, Object, Viewer};

/// A place of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Scorecards,
    Goals,
    Questions,
    Metrics,
    Receipts,
    Data,
    People,
    Settings,
}

/// The places, and what somebody must be able to read for one to be of use to them.
const PLACES: [(Place, &str, &str, Object); 8] = [
    (Place::Scorecards, "Scorecards", "/scorecards", Object::Values),
    (Place::Goals, "Goals", "/goals", Object::Targets),
    (Place::Questions, "Questions", "/questions", Object::IntegrityQuestions),
    (Place::Metrics, "Metrics", "/metrics", Object::Definitions),
    (Place::Receipts, "Receipts", "/receipts", Object::Values),
    (Place::Data, "Data", "/data/imports", Object::Imports),
    (Place::People, "People", "/people", Object::Organisation),
    (Place::Settings, "Settings", "/settings", Object::Settings),
];

/// A page to be framed.
pub(crate) struct Page<'a> {
    pub(crate) app: &'a App,
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
                (viewing_as(page.app.viewer()))
                div.frame {
                    (places(page))
                    main id="main" tabindex="-1" { (page.main) }
                }
                @if let Some(sheet) = &page.sheet { (sheet) }
            }
        }
    }
}

/// A page for somebody of whom nothing is known yet: the product's name, and what is asked.
pub(crate) fn door(title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " · Attain" }
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(styles_path());
            }
            body.door {
                a.skip href="#main" { "Skip to content" }
                header.top { (brand()) }
                main id="main" tabindex="-1" { (main) }
            }
        }
    }
}

fn brand() -> Markup {
    html! {
        a.brand href="/" {
            svg width="20" height="14" viewBox="0 0 20 14" aria-hidden="true" {
                rect y="4" width="13" height="6" {}
                line x1="17" x2="17" y1="0" y2="14" {}
            }
            "Attain"
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
            (brand())
            @if let Some((period, choose)) = page.period {
                a.period href=(choose) { b { (period.label()) } @if let Some(days) = days_of(period) { " " span { (days) } } }
            }
            div.end {
                @if page.app.is_demo() { a href="/demo/people" { "Be somebody else" } }
                @match page.app.viewer() {
                    Viewer::SignedIn(someone) => a.who href="/account" { (someone.name) },
                    Viewer::Owner => @if let Some(asker) = page.asker { span.who { (asker.company().name) } },
                    Viewer::Nobody => a.who href="/sign-in" { "Sign in" },
                }
            }
        }
    }
}

/// Says that pages are looked at as somebody else's, and leads back.
fn viewing_as(viewer: &Viewer) -> Markup {
    let Viewer::SignedIn(someone) = viewer else { return html! {} };
    let Some(other) = &someone.viewing_as else { return html! {} };
    html! {
        div.viewing role="status" {
            p { "You see pages as " b { (other.name) } " does, without what you may not read yourself. Nothing can be changed." }
            form method="post" action="/view-as/end" { button.button type="submit" { "Be yourself again" } }
        }
    }
}

fn places(page: &Page<'_>) -> Markup {
    let of_use = PLACES.into_iter().filter(|(.., object)| page.app.may(Act::Read, *object));
    html! {
        nav.places id="places" popover aria-label="Places" {
            @for (place, name, path, _) in of_use {
                a href=(path) aria-current=[(page.place == Some(place)).then_some("page")] { (name) }
            }
            @if matches!(page.app.viewer(), Viewer::SignedIn(_)) { a href="/account" { "Your account" } }
            p.rest {
                @if let Some(asker) = page.asker.filter(|_| !matches!(page.app.viewer(), Viewer::Nobody)) {
                    "As of " (instant(asker.as_of().committed_at, &asker.company().time_zone)) "." br;
                    "Facts to " (date(asker.as_of().date)) ", snapshot " (asker.as_of().snapshot) "." br;
                }
                @if !matches!(page.app.viewer(), Viewer::Nobody) { a href="/api" { "API" } }
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
        @if matches!(error, PageError::NothingImported) && app.may(Act::Write, Object::Imports) {
            p.actions { a.button.primary href="/data/imports/new" { "Import files" } }
        }
        p.actions { a.button href="/" { "Go to the start" } }
    };
    let framed = page(&Page {
        app,
        title: error.title(),
        place: None,
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    });
    (error.status(), framed)
}
