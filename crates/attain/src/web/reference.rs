//! The API for reading: every endpoint of the OpenAPI document with what it takes, one page.

use std::sync::Arc;

use axum::Json;
use maud::{Markup, html};
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::{OpenApi, RefOr, Required};

use super::App;
use super::layout::{Page, page};
use super::routes::{Routes, Rule};

/// The document for programs and the page for people.
pub(super) fn routes(document: OpenApi) -> Routes {
    let document = Arc::new(document);
    let shown = Arc::clone(&document);
    Routes::new()
        .get("/api/openapi.json", Rule::Anyone, move || async move { Json(document.as_ref().clone()) })
        .get("/api", Rule::SignedIn, move |app: App| async move { reference(&app, &shown).await })
}

async fn reference(app: &App, document: &OpenApi) -> Markup {
    let asker = app.asker().await.ok();
    let operations: Vec<(&str, &String, &Operation)> = document
        .paths
        .paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = [("GET", &item.get), ("POST", &item.post)].into_iter();
            methods.filter_map(move |(method, operation)| Some((method, path, operation.as_ref()?)))
        })
        .collect();
    let main = html! {
        div.head {
            h1 { "API" }
            p.finding {
                b { "The same numbers as on the pages, as JSON." }
                " " (operations.len()) " endpoints; errors are problem details (RFC 9457). "
                a href="/api/openapi.json" { "OpenAPI document" }
            }
        }
        @for (method, path, operation) in operations { (endpoint(method, path, operation)) }
    };
    page(&Page { app, title: "API", place: None, period: None, asker: asker.as_deref(), main, sheet: None })
}

fn endpoint(method: &str, path: &str, operation: &Operation) -> Markup {
    let parameters: Vec<&Parameter> = operation.parameters.iter().flatten().filter_map(written_out).collect();
    html! {
        section aria-label=(format!("{method} {path}")) {
            h2 { code { (method) " " (path) } }
            p.quiet { (operation.summary.as_deref().unwrap_or_default()) }
            @if !parameters.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(format!("Parameters of {method} {path}")) {
                    table.table.tight {
                        caption.unseen { "Parameters of " (path) }
                        thead { tr { th scope="col" { "Parameter" } th scope="col" { "Needed" } th scope="col" { "What it says" } } }
                        tbody { @for parameter in parameters { (parameter_row(parameter)) } }
                    }
                }
            }
        }
    }
}

/// Parameters stand in the document itself, none is referred to.
fn written_out(parameter: &RefOr<Parameter>) -> Option<&Parameter> {
    match parameter {
        RefOr::T(parameter) => Some(parameter),
        RefOr::Ref(_) => None,
    }
}

fn parameter_row(parameter: &Parameter) -> Markup {
    let needed = matches!(parameter.required, Required::True);
    html! {
        tr {
            th scope="row" { code { (parameter.name) } }
            td { (if needed { "yes" } else { "no" }) }
            td { (parameter.description.as_deref().unwrap_or_default()) }
        }
    }
}
