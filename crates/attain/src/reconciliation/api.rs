//! Reconciliation as JSON.

use std::collections::BTreeMap;

use attain_facts::suggestion::{Choices, Place};
use attain_metrics::{Asker, DifferingDeal};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{Asked, PASTED, Reconciled, ReconciliationError, Told, Total, read_text, reconciled, why};
use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::scorecards::api::SubjectQuery;
use crate::web::App;
use crate::web::extract::Body;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Imports);
    Routes::new().api(reads, routes!(reconcile))
}

/// A report to be compared.
#[derive(Deserialize, ToSchema)]
struct ReconciliationIn {
    /// Its text with its header: a CSV file, or what a spreadsheet copies
    report: String,
    /// The metric; bookings by default, deals_won where the report has no amounts
    metric: Option<String>,
    /// company (the default), region, manager, rep or product
    level: Option<String>,
    /// Identifier of the region, manager, rep or product
    id: Option<String>,
    /// Name, instead of the identifier
    name: Option<String>,
    /// The period; by default the one that the report's close dates lie in
    period: Option<String>,
    /// How dates or numbers of a column are written, where that is ambiguous: `{"Close Date": "%d/%m/%Y"}`
    #[serde(default)]
    formats: BTreeMap<String, String>,
}

/// A report beside Attain's number.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReconciliationOut {
    metric: String,
    definition_version: u32,
    subject: String,
    period: String,
    /// For a list of deals
    #[serde(skip_serializing_if = "Option::is_none")]
    deals: Option<DealsOut>,
    /// For totals of people
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Vec<TotalOut>>,
    /// Cells that do not read as what their columns hold
    unread_cells: usize,
}

#[derive(Serialize, ToSchema)]
struct DealsOut {
    /// What the report adds up to
    #[schema(value_type = f64)]
    reported: Exact,
    /// What is counted here
    #[schema(value_type = f64)]
    counted: Exact,
    #[schema(value_type = f64)]
    difference: Exact,
    /// Deals told alike
    agreeing: usize,
    /// Deals told otherwise; their effects add up to the difference
    differing: Vec<DealOut>,
}

#[derive(Serialize, ToSchema)]
struct DealOut {
    deal: String,
    name: Option<String>,
    account: Option<String>,
    /// Rows of the report that list it, from 1
    rows: Vec<u64>,
    #[schema(value_type = f64)]
    reported: Exact,
    #[schema(value_type = f64)]
    counted: Exact,
    #[schema(value_type = f64)]
    effect: Exact,
    reasons: Vec<ReasonOut>,
}

#[derive(Serialize, ToSchema)]
struct ReasonOut {
    /// not_delivered, ambiguous, deleted, not_in_report, duplicate, date, owner, stage, currency, amount, share or condition
    reason: &'static str,
    /// The same in words
    words: String,
}

#[derive(Serialize, ToSchema)]
struct TotalOut {
    person: String,
    /// Identifier of the person here; null for nobody of that name
    id: Option<String>,
    period: String,
    #[schema(value_type = Option<f64>)]
    reported: Option<Exact>,
    #[schema(value_type = Option<f64>)]
    counted: Option<Exact>,
    #[schema(value_type = Option<f64>)]
    difference: Option<Exact>,
}

impl ReconciliationOut {
    /// The answer as JSON.
    pub(crate) fn new(asker: &Asker, found: Reconciled) -> ReconciliationOut {
        let (deals, totals) = match found.told {
            Told::Deals(deals) => {
                let difference = Exact(deals.difference());
                let deals = DealsOut {
                    reported: Exact(deals.reported),
                    counted: Exact(deals.counted),
                    difference,
                    agreeing: deals.agreeing,
                    differing: deals.differing.into_iter().map(DealOut::from).collect(),
                };
                (Some(deals), None)
            }
            Told::Totals(totals) => (None, Some(totals.into_iter().map(TotalOut::from).collect())),
        };
        let subject = found.subject.id().map_or("company", |id| id).to_owned();
        ReconciliationOut {
            metric: found.metric.id.clone(),
            definition_version: asker
                .catalogue_for(&found.period)
                .metric(&found.metric.id)
                .map_or(found.metric.version, |metric| metric.version),
            subject,
            period: found.period.key().to_owned(),
            deals,
            totals,
            unread_cells: found.report.unread_cells,
        }
    }
}

impl From<DifferingDeal> for DealOut {
    fn from(deal: DifferingDeal) -> DealOut {
        let effect = Exact(deal.effect());
        let reasons =
            deal.reasons.iter().map(|reason| ReasonOut { reason: reason.word(), words: why(reason) });
        DealOut {
            reasons: reasons.collect(),
            deal: deal.deal,
            name: deal.name,
            account: deal.account,
            rows: deal.lines,
            reported: Exact(deal.reported),
            counted: Exact(deal.counted),
            effect,
        }
    }
}

impl From<Total> for TotalOut {
    fn from(total: Total) -> TotalOut {
        TotalOut {
            difference: total.difference().map(Exact),
            person: total.person,
            id: total.member.map(|member| member.id),
            period: total.period.key().to_owned(),
            reported: total.reported.map(Exact),
            counted: total.number.and_then(|number| number.value).map(Exact),
        }
    }
}

/// Which deals make a report of the CRM another number than Attain's
#[utoipa::path(post, path = "/api/v1/reconciliations", request_body = ReconciliationIn, responses((status = 200, body = ReconciliationOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn reconcile(
    app: App,
    Body(sent): Body<ReconciliationIn>,
) -> Result<Json<ReconciliationOut>, PageError> {
    let asker = app.asker().await?;
    let subject = SubjectQuery { level: sent.level, id: sent.id, name: sent.name }.resolve(&asker)?;
    let period = sent.period.map(|period| asker.calendar().parse(&period)).transpose()?;
    let mut choices = Choices::default();
    for (column, format) in sent.formats {
        choices.answer(&Place::Format { file: PASTED.to_owned(), column }, &format);
    }
    let report = read_text(&sent.report, &asker, &choices)?;
    if let Some(question) = report.questions.first() {
        let message = format!("{} Answer it under `formats`.", question.text);
        return Err(PageError::Invalid { field: "formats".into(), message });
    }
    let asked = Asked { metric: sent.metric, subject, period };
    let found = reconciled(&asker, report, asked, &app.reach()).await?;
    Ok(Json(ReconciliationOut::new(&asker, found)))
}

impl From<ReconciliationError> for PageError {
    fn from(error: ReconciliationError) -> PageError {
        match error {
            ReconciliationError::Metrics(error) => error.into(),
            ReconciliationError::Io(error) => PageError::Internal(error.to_string()),
            other => PageError::Invalid { field: "report".into(), message: other.to_string() },
        }
    }
}
