//! Past numbers for programs, and restating credit by one.

use attain_metrics::{Member, Movement, ReassignedDeal, Reassignment};
use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::Past;
use super::restating::{Chosen, proposed_on, restate_on, take_back_on};
use crate::data::api::ImportOut;
use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Body, Path};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(in crate::data) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Imports), Rule::May(Act::Write, Object::Imports));
    Routes::new().api(reads, routes!(past)).api(writes, routes!(restate)).api(writes, routes!(take_back))
}

/// What an import did to past numbers, or would do.
#[derive(Serialize, ToSchema)]
pub(crate) struct PastOut {
    /// Closed deals that changed hands, by person and quarter.
    reassignments: Vec<ReassignmentOut>,
    /// The same, deal by deal.
    deals: Vec<DealOut>,
    /// Rows that say something else about who belonged where.
    belonging: Vec<BelongingOut>,
    /// Numbers of closed periods that move: people's, teams', the company's.
    moves: Vec<MoveOut>,
    /// Deals and numbers that are not listed, of a delivery that is only looked at.
    left_out: usize,
}

#[derive(Serialize, ToSchema)]
struct PersonOut {
    id: String,
    name: String,
}

/// Closed deals of one quarter that went from one person to another.
#[derive(Serialize, ToSchema)]
struct ReassignmentOut {
    /// Null: nobody.
    from: Option<PersonOut>,
    to: Option<PersonOut>,
    /// Whom they counted for.
    counted_for: Option<PersonOut>,
    /// The quarter in which they closed.
    period: Option<String>,
    deals: usize,
    won: usize,
    /// What those won are worth, in the company's currency.
    #[schema(value_type = f64)]
    value: Exact,
    /// How many count for whom they counted for.
    staying: usize,
}

/// A closed deal that changed hands.
#[derive(Serialize, ToSchema)]
struct DealOut {
    source: String,
    deal: String,
    name: Option<String>,
    account: Option<String>,
    /// won or lost.
    outcome: String,
    closed_on: String,
    period: Option<String>,
    #[schema(value_type = Option<f64>)]
    value: Option<Exact>,
    /// Who owned it; null: nobody.
    from: Option<PersonOut>,
    /// Who owns it.
    to: Option<PersonOut>,
    /// Whom it counted for.
    counted_for: Option<PersonOut>,
    /// Whom it counts for.
    counts_for: Option<PersonOut>,
}

/// Rows of a table that say something else about the past.
#[derive(Serialize, ToSchema)]
struct BelongingOut {
    table: &'static str,
    rows: u64,
    /// The earliest day concerned; null: since ever.
    since: Option<String>,
}

/// A number that moves.
#[derive(Serialize, ToSchema)]
struct MoveOut {
    /// rep, region or company.
    level: &'static str,
    /// Null for the company and the unassigned rest.
    member: Option<PersonOut>,
    metric: String,
    period: String,
    #[schema(value_type = Option<f64>)]
    before: Option<Exact>,
    #[schema(value_type = Option<f64>)]
    after: Option<Exact>,
    #[schema(value_type = f64)]
    change: Exact,
}

impl PersonOut {
    fn of(member: Option<&Member>) -> Option<PersonOut> {
        member.map(|member| PersonOut { id: member.id.clone(), name: member.name.clone() })
    }
}

impl MoveOut {
    fn of(level: &'static str, member: Option<&Member>, movement: &Movement) -> MoveOut {
        MoveOut {
            level,
            member: PersonOut::of(member),
            metric: movement.metric.clone(),
            period: movement.period.key().to_owned(),
            before: movement.before.map(Exact),
            after: movement.after.map(Exact),
            change: Exact(movement.change()),
        }
    }
}

impl From<&Reassignment> for ReassignmentOut {
    fn from(group: &Reassignment) -> ReassignmentOut {
        ReassignmentOut {
            from: PersonOut::of(group.from.as_ref()),
            to: PersonOut::of(group.to.as_ref()),
            counted_for: PersonOut::of(group.counted_for.as_ref()),
            period: group.period.as_ref().map(|period| period.key().to_owned()),
            deals: group.deals,
            won: group.won,
            value: Exact(group.value),
            staying: group.staying,
        }
    }
}

impl From<&ReassignedDeal> for DealOut {
    fn from(deal: &ReassignedDeal) -> DealOut {
        DealOut {
            source: deal.key.source_system.clone(),
            deal: deal.key.source_id.clone(),
            name: deal.name.clone(),
            account: deal.account.clone(),
            outcome: deal.outcome.clone(),
            closed_on: deal.closed_on.to_string(),
            period: deal.period.as_ref().map(|period| period.key().to_owned()),
            value: deal.value.map(Exact),
            from: PersonOut::of(deal.from.as_ref()),
            to: PersonOut::of(deal.to.as_ref()),
            counted_for: PersonOut::of(deal.credited_before.as_ref()),
            counts_for: PersonOut::of(deal.credited.as_ref()),
        }
    }
}

impl From<&Past> for PastOut {
    fn from(past: &Past) -> PastOut {
        let levels = [("rep", &past.moves.people), ("region", &past.moves.teams)];
        let parts = levels.into_iter().flat_map(|(level, moves)| {
            moves.iter().map(move |moved| MoveOut::of(level, moved.member.as_ref(), &moved.movement))
        });
        let company = past.moves.company.iter().map(|movement| MoveOut::of("company", None, movement));
        PastOut {
            reassignments: past.reassignments.iter().map(ReassignmentOut::from).collect(),
            deals: past.deals.iter().map(DealOut::from).collect(),
            belonging: past
                .rows
                .iter()
                .map(|rows| BelongingOut {
                    table: rows.table.name(),
                    rows: rows.rows,
                    since: rows.since.map(|day| day.to_string()),
                })
                .collect(),
            moves: parts.chain(company).collect(),
            left_out: past.left_out,
        }
    }
}

/// What an import did to past numbers
#[utoipa::path(get, path = "/api/v1/imports/{number}/past", params(("number" = i64, Path, description = "Its number")), responses((status = 200, body = PastOut), (status = 404, body = Problem)))]
async fn past(app: App, Path(number): Path<i64>) -> Result<Json<PastOut>, PageError> {
    let actor = app.actor();
    let entry = app.store().import(&actor, number).await?.ok_or(PageError::NotFound)?;
    let past = Past::of_entry(app.store(), app.definitions(), &actor, &entry).await?.unwrap_or_default();
    Ok(Json(PastOut::from(&past)))
}

/// Which closed deals of an import are to count for their new owner, and why.
#[derive(Deserialize, ToSchema)]
struct RestatementIn {
    /// Those of one who owned them, by id or name; all where left out
    #[serde(default)]
    from: String,
    /// Those of one who owns them now, by id or name; all where left out
    #[serde(default)]
    to: String,
    /// One deal, by its key in the source; all where left out
    #[serde(default)]
    deal: String,
    /// For those whose numbers move; must be given unless it is only looked at
    #[serde(default)]
    reason: String,
    /// Only says what would move
    #[serde(default)]
    preview: bool,
}

/// Restates the credit of closed deals that an import gave to others
#[utoipa::path(post, path = "/api/v1/imports/{number}/restatement", params(("number" = i64, Path, description = "Its number")), request_body = RestatementIn, responses((status = 200, body = PastOut, description = "What would move, with preview"), (status = 201, body = ImportOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn restate(
    app: App,
    Path(number): Path<i64>,
    Body(wanted): Body<RestatementIn>,
) -> Result<Response, PageError> {
    let RestatementIn { from, to, deal, reason, preview } = wanted;
    let chosen = Chosen { from, to, deal };
    if preview {
        let proposed = proposed_on(&app, number, &chosen).await?;
        return Ok(Json(PastOut::from(&proposed.past)).into_response());
    }
    created(&app, restate_on(&app, number, &chosen, &reason).await?).await
}

/// Why a restatement is taken back.
#[derive(Deserialize, ToSchema)]
struct TakeBackIn {
    /// For whoever reads the history
    reason: String,
}

/// Takes a restatement of credit back
#[utoipa::path(post, path = "/api/v1/imports/{number}/take-back", params(("number" = i64, Path, description = "Number of the restatement")), request_body = TakeBackIn, responses((status = 201, body = ImportOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn take_back(
    app: App,
    Path(number): Path<i64>,
    Body(wanted): Body<TakeBackIn>,
) -> Result<Response, PageError> {
    created(&app, take_back_on(&app, number, &wanted.reason).await?).await
}

async fn created(app: &App, number: i64) -> Result<Response, PageError> {
    let entry = app.store().import(&app.actor(), number).await?.ok_or(PageError::NotFound)?;
    let place = [(header::LOCATION, format!("/api/v1/imports/{number}"))];
    Ok((StatusCode::CREATED, place, Json(ImportOut::from(entry))).into_response())
}
