//! A receipt's question, asked again: as of its instant, where the answer must be the same, or
//! of what is known now.

use std::sync::Arc;

use attain_facts::store::{Store, StoreError};
use attain_metrics::receipt::{Difference, Signing, Statement, between};
use attain_metrics::{
    Asker, Evidence, EvidenceRow, Level, Metric, MetricsError, Period, PeriodError, Reach, Subject,
};
use attain_records::Actor;

use crate::definitions::{Definitions, DefinitionsError};
use crate::web::problem::PageError;

pub(crate) use attain_metrics::receipt::RowChange;

/// Why a receipt's question cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RecomputeError {
    /// The facts of that time are not here.
    #[error("nothing was known here at {0}: this is other data than the receipt was made from")]
    NothingKnown(String),
    /// The metric is not defined any more.
    #[error("there is no metric `{0}` here")]
    NoMetric(String),
    /// The level is none there is.
    #[error("there is no level `{0}` here")]
    NoLevel(String),
    /// The period does not read in the calendar of now.
    #[error(transparent)]
    Period(#[from] PeriodError),
    /// It could not be computed.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The definitions could not be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    /// The facts could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RecomputeError {
    /// What a page may say; a failure inside Attain is not for it.
    pub(crate) fn for_page(self) -> Result<RecomputeError, PageError> {
        match self {
            RecomputeError::Metrics(error) => Err(error.into()),
            RecomputeError::Definitions(error) => Err(error.into()),
            RecomputeError::Store(error) => Err(error.into()),
            other => Ok(other),
        }
    }
}

/// A receipt's question and the answer of one asker.
pub(crate) struct Recomputed {
    pub(crate) metric: Arc<Metric>,
    pub(crate) subject: Subject,
    pub(crate) period: Period,
    pub(crate) evidence: Evidence,
    pub(crate) statement: Statement,
}

impl Recomputed {
    /// In what the answer differs from what was signed.
    pub(crate) fn differences(&self, signed: &Statement) -> Vec<Difference> {
        signed.differences(&self.statement)
    }

    /// The rows between those that were kept and those of the answer.
    pub(crate) fn changes(&self, kept: &[EvidenceRow]) -> Vec<RowChange> {
        between(kept, &self.evidence.rows)
    }
}

/// Asks a receipt's question of what was known when it was signed.
pub(crate) async fn as_signed(
    facts: &Store,
    definitions: &Definitions,
    actor: &Actor,
    reach: &Reach,
    statement: &Statement,
) -> Result<Recomputed, RecomputeError> {
    let known_at = statement.as_of.known_at;
    let snapshot = facts.as_known_at(actor, known_at.0).await?;
    let snapshot = snapshot.ok_or_else(|| RecomputeError::NothingKnown(known_at.to_string()))?;
    let editions = definitions.known_at(actor, statement.signed_at.0).await?;
    let asker = Asker::open(Arc::new(snapshot), editions, statement.signed_at.0).await?;
    ask(&asker, reach, statement).await
}

/// Asks a receipt's question of any asker.
pub(crate) async fn ask(
    asker: &Asker,
    reach: &Reach,
    statement: &Statement,
) -> Result<Recomputed, RecomputeError> {
    let id = &statement.metric.id;
    let level = &statement.subject.level;
    let level = Level::from_name(level).ok_or_else(|| RecomputeError::NoLevel(level.clone()))?;
    let subject = Subject::at(level, statement.subject.id.clone().unwrap_or_default());
    let period = asker.calendar().parse(&statement.period.key)?;
    let metric = asker.catalogue_for(&period).metric(id).cloned();
    let metric = metric.ok_or_else(|| RecomputeError::NoMetric(id.clone()))?;
    let evidence = asker.evidence(id, &subject, &period, reach).await?;
    let signing = Signing {
        known_at: statement.as_of.known_at.0,
        signed_at: statement.signed_at.0,
        signed_by: statement.signed_by.clone(),
    };
    let statement = Statement::of(asker, &metric, &subject, &evidence, &signing);
    Ok(Recomputed { metric, subject, period, evidence, statement })
}
