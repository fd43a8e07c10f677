//! Data quality as JSON.

use std::collections::BTreeMap;

use attain_metrics::{Finding, FoundPage, FoundRow, Quality, SourceQuality};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::scorecards::MissingDaysOut;
use crate::web::App;
use crate::web::extract::Query;
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// Rows answered at most at a time.
const ROWS_MAX: usize = 1000;

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Imports);
    Routes::new().api(reads, routes!(quality)).api(reads, routes!(quality_rows))
}

/// What is wrong with the facts.
#[derive(Serialize, ToSchema)]
pub(crate) struct QualityOut {
    /// The snapshot that was looked at.
    snapshot: i64,
    /// Source by source.
    sources: Vec<SourceOut>,
}

/// What is wrong with what one source delivered.
#[derive(Serialize, ToSchema)]
struct SourceOut {
    /// The source system.
    source: String,
    /// How many deliveries there were.
    deliveries: usize,
    /// The last one, UTC.
    last_delivery_at: Option<String>,
    /// Days that usually lie between two.
    usual_days: Option<i32>,
    /// Working days since, that are missing.
    missing: Vec<MissingDaysOut>,
    /// Rows of each table.
    tables: BTreeMap<&'static str, u64>,
    /// What was found, what hurts numbers most first.
    findings: Vec<FindingOut>,
    /// Columns that metrics need and the mapping does not fill.
    not_supplied: Vec<NotSuppliedOut>,
    /// How many checks found nothing.
    passed: usize,
}

/// What one check found in a table.
#[derive(Serialize, ToSchema)]
pub(crate) struct FindingOut {
    /// Its name among those of the source, by which its rows are asked.
    finding: String,
    /// The check.
    check: &'static str,
    /// What it finds.
    title: &'static str,
    /// The table.
    table: &'static str,
    /// The column or date that it is about.
    part: Option<String>,
    /// high, medium or low.
    severity: &'static str,
    /// The code numbers carry for it.
    code: Option<&'static str>,
    /// Rows found, or days.
    found: u64,
    /// Of how many.
    of: u64,
    /// The share found.
    #[schema(value_type = f64)]
    share: Exact,
    /// The names of the metrics that suffer.
    metrics: Vec<String>,
}

/// A column that is not supplied.
#[derive(Serialize, ToSchema)]
struct NotSuppliedOut {
    /// The table.
    table: &'static str,
    /// The column.
    column: &'static str,
    /// The names of the metrics that need it.
    metrics: Vec<String>,
}

impl From<&Quality> for QualityOut {
    fn from(quality: &Quality) -> QualityOut {
        QualityOut {
            snapshot: quality.as_of.snapshot,
            sources: quality.sources.iter().map(SourceOut::from).collect(),
        }
    }
}

impl From<&SourceQuality> for SourceOut {
    fn from(source: &SourceQuality) -> SourceOut {
        let columns = source.not_supplied.iter().flat_map(|of| {
            of.columns.iter().map(|(column, metrics)| NotSuppliedOut {
                table: of.table.name(),
                column,
                metrics: metrics.clone(),
            })
        });
        SourceOut {
            source: source.source.clone(),
            deliveries: source.deliveries.count,
            last_delivery_at: source.deliveries.last_at.map(|at| at.to_string()),
            usual_days: source.deliveries.usual_days,
            missing: source.deliveries.missing.iter().map(MissingDaysOut::from).collect(),
            tables: source.tables.iter().map(|(table, rows)| (table.name(), *rows)).collect(),
            findings: source.findings.iter().map(FindingOut::from).collect(),
            not_supplied: columns.collect(),
            passed: source.passed,
        }
    }
}

impl From<&Finding> for FindingOut {
    fn from(finding: &Finding) -> FindingOut {
        FindingOut {
            finding: finding.key.clone(),
            check: finding.check.name,
            title: finding.check.title,
            table: finding.table.name(),
            part: finding.part.clone(),
            severity: finding.severity.name(),
            code: finding.check.code.map(|code| code.code()),
            found: finding.found,
            of: finding.of,
            share: Exact(finding.share()),
            metrics: finding.metrics.clone(),
        }
    }
}

/// What is wrong with the facts, source by source
#[utoipa::path(get, path = "/api/v1/quality", responses((status = 200, body = QualityOut), (status = 409, body = Problem)))]
async fn quality(app: App) -> Result<Json<QualityOut>, PageError> {
    let asker = app.asker().await?;
    Ok(Json(QualityOut::from(&*asker.quality(&app.reach()).await?)))
}

/// Which rows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// The source system
    source: String,
    /// The finding, by its name
    finding: String,
    /// Rows before the first
    from: Option<usize>,
    /// At most so many; 50 by default, at most 1000
    limit: Option<usize>,
}

/// Rows of a finding.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundRowsOut {
    #[serde(flatten)]
    finding: FindingOut,
    /// In the order of their identifiers.
    rows: Vec<FoundRowOut>,
}

/// A row that was found, or a day.
#[derive(Serialize, ToSchema)]
struct FoundRowOut {
    /// Its identifier in the source; a day has none.
    row: Option<String>,
    /// What people call it.
    name: Option<String>,
    /// The day without rows.
    day: Option<String>,
    /// What is wrong.
    wrong: String,
    /// The cells that show it.
    shown: BTreeMap<String, String>,
    /// The import that brought it.
    import: Option<i64>,
    /// Its own id, where it can be merged into another.
    id: Option<String>,
    /// The id of the one that it may be the same as.
    same_as: Option<String>,
}

impl FoundRowsOut {
    pub(crate) fn new(finding: &Finding, rows: &[FoundRow]) -> FoundRowsOut {
        FoundRowsOut {
            finding: FindingOut::from(finding),
            rows: rows.iter().map(FoundRowOut::from).collect(),
        }
    }
}

impl From<&FoundRow> for FoundRowOut {
    fn from(row: &FoundRow) -> FoundRowOut {
        let (id, same_as) = row.same_as.clone().unzip();
        FoundRowOut {
            row: row.row.clone(),
            name: row.name.clone(),
            day: row.day.map(|day| day.to_string()),
            wrong: row.wrong.clone(),
            shown: row.shown.iter().cloned().collect(),
            import: row.import,
            id,
            same_as,
        }
    }
}

/// The rows of a finding
#[utoipa::path(get, path = "/api/v1/quality/rows", params(RowsQuery), responses((status = 200, body = FoundRowsOut), (status = 404, body = Problem)))]
async fn quality_rows(app: App, Query(query): Query<RowsQuery>) -> Result<Json<FoundRowsOut>, PageError> {
    let asker = app.asker().await?;
    let page = FoundPage {
        from: query.from.unwrap_or_default(),
        limit: Some(query.limit.unwrap_or(50).min(ROWS_MAX)),
    };
    let found = asker.quality_rows(&query.source, &query.finding, page, &app.reach()).await?;
    let (finding, rows) = found.ok_or(PageError::NotFound)?;
    Ok(Json(FoundRowsOut::new(&finding, &rows.rows)))
}
