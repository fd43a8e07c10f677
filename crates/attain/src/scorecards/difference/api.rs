//! The difference between two instants as JSON.

use std::collections::BTreeMap;

use attain_facts::store::ImportRecord;
use attain_metrics::{AsOf, Asker, DifferingRow, Question, RateMode, Subject, Tally};
use axum::Json;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::{Asked, Between, between, reason};
use crate::as_of::instant;
use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::scorecards::api::{NumberOut, PeriodQuery, SubjectQuery};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().api(reads, routes!(difference))
}

/// A number at two instants, and the rows between.
#[derive(Serialize, ToSchema)]
pub(crate) struct DifferenceOut {
    /// The number as known then; null when nothing was known yet.
    then: Option<InstantOut>,
    /// The number as known now, or at the later instant.
    now: InstantOut,
    /// How many rows differ.
    total: usize,
    /// Rows that count now only.
    added: TallyOut,
    /// Rows that counted then only.
    gone: TallyOut,
    /// Rows that count for something else.
    changed: TallyOut,
    /// The rows that differ, at most 500.
    rows: Vec<DifferingRowOut>,
}

/// A number with what was known.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstantOut {
    /// When the snapshot was committed that the number was computed from, UTC.
    known_at: String,
    /// Number of that snapshot.
    snapshot: i64,
    number: NumberOut,
}

/// Rows that differ in one way, together.
#[derive(Default, Serialize, ToSchema)]
struct TallyOut {
    rows: usize,
    /// What they add to the value, for metrics that add up: then + added + gone + changed = now.
    #[schema(value_type = Option<f64>)]
    effect: Option<Exact>,
}

impl From<Tally> for TallyOut {
    fn from(tally: Tally) -> TallyOut {
        TallyOut { rows: tally.rows, effect: tally.effect.map(Exact) }
    }
}

/// A row that makes the number another one.
#[derive(Serialize, ToSchema)]
struct DifferingRowOut {
    source_system: String,
    source_id: String,
    /// added, gone or changed.
    difference: &'static str,
    /// new, counts now, deleted, counts no longer or changed.
    reason: &'static str,
    /// What the row holds now, or held before it was deleted.
    row: BTreeMap<String, Option<String>>,
    /// Columns that hold something else; none when the row itself is the same.
    changes: Vec<ChangeOut>,
    /// What it adds to the value, for metrics that add up.
    #[schema(value_type = Option<f64>)]
    effect: Option<Exact>,
    /// The imports that made the difference, oldest first.
    imports: Vec<MadeByOut>,
}

/// A column that holds something else.
#[derive(Serialize, ToSchema)]
struct ChangeOut {
    column: String,
    then: Option<String>,
    now: Option<String>,
}

/// An import that made a difference.
#[derive(Serialize, ToSchema)]
struct MadeByOut {
    number: i64,
    /// When it was committed, UTC.
    finished_at: String,
    /// Delivered files that told of the row.
    files: Vec<String>,
}

impl DifferenceOut {
    /// A difference as JSON.
    pub(crate) fn new(then: &Asker, now: &Asker, between: &Between) -> DifferenceOut {
        let found = &between.difference;
        let number = |asker: &Asker, number| {
            InstantOut::new(asker.as_of(), NumberOut::new(asker, &whole(), number, None))
        };
        DifferenceOut {
            then: Some(number(then, &found.then)),
            now: number(now, &found.now),
            total: found.total(),
            added: found.added.into(),
            gone: found.gone.into(),
            changed: found.changed.into(),
            rows: found.rows.iter().map(|row| DifferingRowOut::new(between, row)).collect(),
        }
    }

    /// What is known now, where nothing was known then.
    pub(crate) fn without_then(now: &Asker, number: &attain_metrics::Number) -> DifferenceOut {
        DifferenceOut {
            then: None,
            now: InstantOut::new(now.as_of(), NumberOut::new(now, &whole(), number, None)),
            total: 0,
            added: TallyOut::default(),
            gone: TallyOut::default(),
            changed: TallyOut::default(),
            rows: Vec::new(),
        }
    }
}

/// The number as a whole, not split by anything.
fn whole() -> Question {
    let nothing = Vec::new;
    Question {
        metrics: nothing(),
        subject: Subject::Company,
        by: Vec::new(),
        periods: Vec::new(),
        filter: None,
        rates: RateMode::default(),
    }
}

impl InstantOut {
    fn new(as_of: AsOf, number: NumberOut) -> InstantOut {
        InstantOut { known_at: as_of.committed_at.to_string(), snapshot: as_of.snapshot, number }
    }
}

impl DifferingRowOut {
    fn new(between: &Between, row: &DifferingRow) -> DifferingRowOut {
        let changes = row.changes.iter().cloned();
        let made_by = |import: &ImportRecord| MadeByOut {
            number: import.number,
            finished_at: import.finished_at.to_string(),
            files: between.files_of(import, row).into_iter().map(str::to_owned).collect(),
        };
        DifferingRowOut {
            source_system: row.key.source_system.clone(),
            source_id: row.key.source_id.clone(),
            difference: row.kind.word(),
            reason: reason(row),
            row: row.cells.iter().cloned().collect(),
            changes: changes
                .map(|change| ChangeOut { column: change.column, then: change.then, now: change.now })
                .collect(),
            effect: row.effect.map(Exact),
            imports: between.imports_of(row).into_iter().map(made_by).collect(),
        }
    }
}

/// The two instants.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InstantsQuery {
    /// The earlier instant: a day (2026-03-31, its end in the company's time zone) or an instant
    from: String,
    /// The later one; now by default
    to: Option<String>,
}

/// A number as known at two instants, and the rows that differ with the imports that made it so
#[utoipa::path(get, path = "/api/v1/numbers/{metric}/difference", params(("metric" = String, Path, description = "Identifier of the metric"), SubjectQuery, PeriodQuery, InstantsQuery), responses((status = 200, body = DifferenceOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn difference(
    app: App,
    Path(id): Path<String>,
    Query(subject): Query<SubjectQuery>,
    Query(period): Query<PeriodQuery>,
    Query(instants): Query<InstantsQuery>,
) -> Result<Json<DifferenceOut>, PageError> {
    let newest = app.asker().await?;
    let metric = newest.catalogue().metric(&id).cloned().ok_or(PageError::NotFound)?;
    let (subject, period) = (subject.resolve(&newest)?, period.resolve(&newest)?);
    let what = format!("{id} then and now, by a program");
    let (subject, _) = look::at(&app, &newest, &subject, Depth::Rows, &what).await?;
    let read = |field: &'static str, text: &str| -> Result<Timestamp, PageError> {
        instant(&newest.company().time_zone, text)
            .map_err(|error| PageError::Invalid { field: field.into(), message: error.to_string() })
    };
    let from = read("from", &instants.from)?;
    let to = instants.to.as_deref().map(|text| read("to", text)).transpose()?;
    if to.is_some_and(|to| to < from) {
        let message = "`to` lies before `from`: give the earlier instant first".to_owned();
        return Err(PageError::Invalid { field: "to".into(), message });
    }
    let later = match to {
        Some(to) => app.asker_at(to).await?,
        None => None,
    };
    let now = later.as_ref().unwrap_or(&newest);
    let asked = Asked { metric: &metric.id, subject: &subject, period: &period };
    Ok(Json(match app.asker_at(from).await? {
        Some(then) => {
            let found = between(app.store(), &app.actor(), &then, now, &asked, &app.reach()).await?;
            DifferenceOut::new(&then, now, &found)
        }
        None => {
            let number = super::super::card::one(now, &subject, &metric, &period, &app.reach()).await?;
            DifferenceOut::without_then(now, &number)
        }
    }))
}
