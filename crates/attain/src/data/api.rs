//! Imports and their reports as JSON.

use attain_facts::import::ImportReport;
use attain_facts::store::{ImportRecord, MergedIdentity, Restatement};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::merged::{Holding, holding, merge_named};
use super::undo::{changeable, undo_import};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Body, Path, Query};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Imports), Rule::May(Act::Write, Object::Imports));
    Routes::new()
        .api(reads, routes!(imports))
        .api(reads, routes!(import))
        .api(writes, routes!(undo))
        .api(reads, routes!(merges))
        .api(writes, routes!(merge_identities))
}

/// An import.
#[derive(Serialize, ToSchema)]
pub(super) struct ImportOut {
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
    /// SHA-256 of the mapping it was read with; null for what is no delivery.
    mapping_sha256: Option<String>,
    /// The import it undoes, if it is an undo.
    undoes: Option<i64>,
    /// Why, if somebody said so.
    reason: Option<String>,
    /// What it merged or took apart, if it is that.
    merged: Option<MergedOut>,
    /// Whose credit it restated or gave back, if it is that.
    restatement: Option<RestatementOut>,
    /// The import that undid it, if it was undone.
    undone_by: Option<i64>,
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
            mapping_sha256: Some(import.mapping_sha256).filter(|sha256| !sha256.is_empty()),
            undoes: import.undoes,
            merged: import.merged.map(MergedOut::from),
            restatement: import.restatement.map(RestatementOut::from),
            reason: Some(import.reason).filter(|reason| !reason.is_empty()),
            undone_by: import.undone_by,
            report: import.report,
        }
    }
}

/// Credit restated, or a restatement taken back.
#[derive(Serialize, ToSchema)]
struct RestatementOut {
    /// The restatement it takes back; null where it restates.
    takes_back: Option<i64>,
    /// The import under which it was taken back, if it was.
    taken_back_by: Option<i64>,
}

impl From<Restatement> for RestatementOut {
    fn from(act: Restatement) -> RestatementOut {
        RestatementOut { takes_back: act.takes_back, taken_back_by: act.taken_back_by }
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
async fn imports(app: App, Query(query): Query<ImportsQuery>) -> Result<Json<Vec<ImportOut>>, PageError> {
    let found = app.store().imports(&app.actor(), query.limit.unwrap_or(50).min(500)).await?;
    Ok(Json(found.into_iter().map(ImportOut::from).collect()))
}

/// One import
#[utoipa::path(get, path = "/api/v1/imports/{number}", params(("number" = i64, Path, description = "Its number")), responses((status = 200, body = ImportOut), (status = 404, body = Problem)))]
async fn import(app: App, Path(number): Path<i64>) -> Result<Json<ImportOut>, PageError> {
    let found = app.store().import(&app.actor(), number).await?;
    found.map(|import| Json(ImportOut::from(import))).ok_or(PageError::NotFound)
}

/// Why an import is undone.
#[derive(Deserialize, ToSchema)]
struct UndoIn {
    /// For whoever reads the history
    #[serde(default)]
    reason: String,
}

/// Undoes an import: what it created goes, what it changed is as before, what it deleted is back
#[utoipa::path(post, path = "/api/v1/imports/{number}/undo", params(("number" = i64, Path, description = "Its number")), request_body = UndoIn, responses((status = 201, body = ImportOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn undo(app: App, Path(number): Path<i64>, Body(wanted): Body<UndoIn>) -> Result<Response, PageError> {
    changeable(&app, number).await?;
    let undone = undo_import(&app, number, &wanted.reason).await?.number.ok_or(PageError::NotFound)?;
    let import = app.store().import(&app.actor(), undone).await?.ok_or(PageError::NotFound)?;
    let place = [(header::LOCATION, format!("/api/v1/imports/{undone}"))];
    Ok((StatusCode::CREATED, place, Json(ImportOut::from(import))).into_response())
}

/// What is one and the same.
#[derive(Serialize, ToSchema)]
struct MergedOut {
    /// The table whose rows they are.
    table: &'static str,
    /// The one that is part of the other.
    id: String,
    /// The one that is kept; null where it is of its own again.
    into: Option<String>,
}

impl From<MergedIdentity> for MergedOut {
    fn from(merged: MergedIdentity) -> MergedOut {
        MergedOut { table: merged.table.name(), id: merged.id, into: merged.into }
    }
}

/// A merge that holds.
#[derive(Serialize, ToSchema)]
struct MergeOut {
    #[serde(flatten)]
    merged: MergedOut,
    /// Its number among the imports.
    import: i64,
    /// Since when, UTC.
    merged_at: String,
    /// In whose name.
    actor: String,
    /// Why; empty if nobody said.
    reason: String,
}

impl From<Holding> for MergeOut {
    fn from(holding: Holding) -> MergeOut {
        MergeOut {
            merged: MergedOut::from(holding.merged),
            import: holding.import.number,
            merged_at: holding.import.finished_at.to_string(),
            actor: holding.import.actor,
            reason: holding.import.reason,
        }
    }
}

/// What is merged, newest first
#[utoipa::path(get, path = "/api/v1/merges", responses((status = 200, body = Vec<MergeOut>)))]
async fn merges(app: App) -> Result<Json<Vec<MergeOut>>, PageError> {
    Ok(Json(holding(&app).await?.into_iter().map(MergeOut::from).collect()))
}

/// Two that are one and the same, or one that is of its own again.
#[derive(Deserialize, ToSchema)]
struct MergeIn {
    /// employee, team, territory, account or product
    table: String,
    /// Its id, its key in the source, or its name
    one: String,
    /// The one that is kept, said likewise; left out to take a merge apart
    into: Option<String>,
    /// For whoever reads the history
    #[serde(default)]
    reason: String,
}

/// Merges two identities, or takes a merge apart
#[utoipa::path(post, path = "/api/v1/merges", request_body = MergeIn, responses((status = 201, body = ImportOut), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn merge_identities(app: App, Body(wanted): Body<MergeIn>) -> Result<Response, PageError> {
    let names = [wanted.one.as_str(), wanted.into.as_deref().unwrap_or_default()];
    let number = merge_named(&app, &wanted.table, names, &wanted.reason).await?;
    let import = app.store().import(&app.actor(), number).await?.ok_or(PageError::NotFound)?;
    let place = [(header::LOCATION, format!("/api/v1/imports/{number}"))];
    Ok((StatusCode::CREATED, place, Json(ImportOut::from(import))).into_response())
}
