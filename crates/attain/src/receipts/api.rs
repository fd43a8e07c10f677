//! Receipts as JSON: signing, and what was signed.

use attain_metrics::receipt::Receipt;
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::signing::{self, Wanted};
use super::store::{self, Kept};
use crate::permissions::{Act, Object};
use crate::scorecards::api::SubjectQuery;
use crate::web::App;
use crate::web::extract::{Body, Path, Query};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Values), Rule::May(Act::Write, Object::Values));
    Routes::new().api(reads, routes!(receipts)).api(writes, routes!(sign)).api(reads, routes!(receipt))
}

/// A number to be signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    /// Metric.
    metric: String,
    /// company (the default), region, manager, rep or product.
    level: Option<String>,
    /// Identifier of the region, manager, rep or product.
    id: Option<String>,
    /// Name, instead of the identifier.
    name: Option<String>,
    /// 2017-Q3, 2017-03, 2017 or all.
    period: String,
}

/// A signed number.
#[derive(Serialize, ToSchema)]
struct ReceiptOut {
    /// Its number among the receipts.
    number: i64,
    /// SHA-256 of the file.
    sha256: String,
    /// The file, byte for byte: what `attain verify` checks.
    file: String,
    /// What stands in it; null if somebody changed it in the records.
    #[schema(value_type = Object)]
    receipt: Option<Receipt>,
}

impl From<Kept> for ReceiptOut {
    fn from(kept: Kept) -> ReceiptOut {
        ReceiptOut { number: kept.number, sha256: kept.sha256, file: kept.text, receipt: kept.receipt.ok() }
    }
}

/// Signs a number: freezes it with its definition, what is known and its rows
#[utoipa::path(post, path = "/api/v1/receipts", request_body = SignIn, responses((status = 201, body = ReceiptOut), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn sign(app: App, Body(wanted): Body<SignIn>) -> Result<Response, PageError> {
    let actor = app.actor();
    let frozen = signing::freeze(app.store(), app.definitions(), &actor, app.now()).await?;
    let subject = SubjectQuery { level: wanted.level, id: wanted.id, name: wanted.name };
    let subject = subject.resolve(&frozen.asker)?;
    let period = frozen.asker.calendar().parse(&wanted.period)?;
    let wanted = Wanted { metric: &wanted.metric, subject: &subject, period: &period, seen: None };
    let key = (app.key(), rand::random());
    let (number, _) = signing::sign(app.store(), key, &actor, &app.reach(), &frozen, &wanted).await?;
    let kept = store::by_number(app.store().records(), &actor, &app.reach(), number)
        .await?
        .ok_or(PageError::NotFound)?;
    let place = [(header::LOCATION, format!("/api/v1/receipts/{number}"))];
    Ok((StatusCode::CREATED, place, Json(ReceiptOut::from(kept))).into_response())
}

/// How many receipts to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReceiptsQuery {
    /// At most this many, newest first; 50 by default, at most 500
    limit: Option<u64>,
}

/// Signed numbers, newest first
#[utoipa::path(get, path = "/api/v1/receipts", params(ReceiptsQuery), responses((status = 200, body = Vec<ReceiptOut>)))]
async fn receipts(app: App, Query(query): Query<ReceiptsQuery>) -> Result<Json<Vec<ReceiptOut>>, PageError> {
    let limit = query.limit.unwrap_or(50).min(500);
    let found = store::newest(app.store().records(), &app.actor(), &app.reach(), limit).await?;
    Ok(Json(found.into_iter().map(ReceiptOut::from).collect()))
}

/// One signed number
#[utoipa::path(get, path = "/api/v1/receipts/{number}", params(("number" = i64, Path, description = "Its number")), responses((status = 200, body = ReceiptOut), (status = 404, body = Problem)))]
async fn receipt(app: App, Path(number): Path<i64>) -> Result<Json<ReceiptOut>, PageError> {
    let found = store::by_number(app.store().records(), &app.actor(), &app.reach(), number).await?;
    found.map(|kept| Json(ReceiptOut::from(kept))).ok_or(PageError::NotFound)
}
