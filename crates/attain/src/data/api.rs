//! Imports and their reports as JSON.

use attain_facts::import::ImportReport;
use attain_facts::store::ImportRecord;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::problem::{PageError, Problem};

/// The endpoints of this place.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(imports)).routes(routes!(import))
}

/// An import.
#[derive(Serialize, ToSchema)]
struct ImportOut {
    /// Its number.
    number: i64,
    /// The snapshot it made or confirmed.
    snapshot: i64,
    /// When it was committed, UTC.
    finished_at: String,
    /// In whose name.
    actor: String,
    /// The source system.
    source: String,
    /// SHA-256 of the mapping it was read with.
    mapping_sha256: String,
    /// What became of every row.
    #[schema(value_type = Object)]
    report: ImportReport,
}

impl From<ImportRecord> for ImportOut {
    fn from(import: ImportRecord) -> ImportOut {
        ImportOut {
            number: import.number,
            snapshot: import.snapshot,
            finished_at: import.finished_at.to_string(),
            actor: import.actor,
            source: import.source_system,
            mapping_sha256: import.mapping_sha256,
            report: import.report,
        }
    }
}

/// How many imports to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportsQuery {
    /// At most this many, newest first; 50 by default, at most 500
    limit: Option<u64>,
}

/// Imports, newest first
#[utoipa::path(get, path = "/api/v1/imports", params(ImportsQuery), responses((status = 200, body = Vec<ImportOut>)))]
async fn imports(
    State(app): State<App>,
    Query(query): Query<ImportsQuery>,
) -> Result<Json<Vec<ImportOut>>, PageError> {
    let found = app.store().imports(&app.actor(), query.limit.unwrap_or(50).min(500)).await?;
    Ok(Json(found.into_iter().map(ImportOut::from).collect()))
}

/// One import
#[utoipa::path(get, path = "/api/v1/imports/{number}", params(("number" = i64, Path, description = "Its number")), responses((status = 200, body = ImportOut), (status = 404, body = Problem)))]
async fn import(State(app): State<App>, Path(number): Path<i64>) -> Result<Json<ImportOut>, PageError> {
    let found = app.store().import(&app.actor(), number).await?;
    found.map(|import| Json(ImportOut::from(import))).ok_or(PageError::NotFound)
}
