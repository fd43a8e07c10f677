//! The company's own definitions: metrics that are defined anew or for the first time, from a date
//! on, with a reason.
//!
//! [`store`] keeps what was saved; [`Definitions`] builds the catalogue by date from it, as it was
//! known at any instant. A change is a [`proposal`] first, whose [`effect`] is looked at before it is
//! saved. Pages: the [`catalogue`], one [`definition`] with its versions, the [`editor`] with its
//! [`form`] (which says the same as the text of a file, [`written`]), and the [`changes`]; [`api`]
//! is the same as JSON. What a definition means and computes is `attain_metrics`' business.

pub(crate) mod api;
mod catalogue;
mod changes;
pub(crate) mod definition;
mod editor;
pub(crate) mod effect;
mod effect_view;
mod form;
pub(crate) mod proposal;
pub(crate) mod store;
mod written;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use attain_metrics::{DefinitionChange, DefinitionError, Editions};
use attain_records::{Actor, Records, RecordsError};
use jiff::Timestamp;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};
use store::Recorded;

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) =
        (Rule::May(Act::Read, Object::Definitions), Rule::May(Act::Write, Object::Definitions));
    Routes::new()
        .merge(api::routes())
        .get("/metrics", reads, catalogue::list)
        .get("/metrics/{metric}", reads, definition::definition)
        .get("/metrics/{metric}/change", writes, editor::change)
        .get("/definitions/new", writes, editor::new)
        .get("/definitions/changes", reads, changes::list)
        .post("/definitions/changes", writes, editor::submitted)
        .get("/definitions/changes/{number}", reads, changes::one)
}

/// Why definitions could not be read or saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DefinitionsError {
    /// They cannot be right.
    #[error(transparent)]
    Wrong(#[from] DefinitionError),
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] RecordsError),
    /// A row of the records does not read.
    #[error("the records hold something this program did not write: {0}")]
    Unreadable(String),
}

/// The definitions of one company, by the instant they were known and the date they are in force.
#[derive(Clone)]
pub(crate) struct Definitions {
    records: Records,
    /// By the number of the newest change in them: reading all files takes long for a page.
    built: Arc<Mutex<HashMap<i64, Arc<Editions>>>>,
}

impl Definitions {
    pub(crate) fn new(records: Records) -> Definitions {
        Definitions { records, built: Arc::default() }
    }

    /// The records they are kept in.
    pub(crate) fn records(&self) -> &Records {
        &self.records
    }

    /// Number of the newest change, 0 before the first.
    pub(crate) async fn newest(&self, actor: &Actor) -> Result<i64, DefinitionsError> {
        Ok(store::newest(&self.records, actor).await?)
    }

    /// The catalogue by date, of all that was saved up to an instant.
    pub(crate) async fn known_at(
        &self,
        actor: &Actor,
        instant: Timestamp,
    ) -> Result<Arc<Editions>, DefinitionsError> {
        let recorded = store::known_at(&self.records, actor, instant).await?;
        self.built(actor, &recorded).await
    }

    /// The catalogue by date, of the changes up to a number.
    pub(crate) async fn upto(&self, actor: &Actor, number: i64) -> Result<Arc<Editions>, DefinitionsError> {
        let mut recorded = store::known_at(&self.records, actor, Timestamp::MAX).await?;
        recorded.retain(|change| change.number <= number);
        self.built(actor, &recorded).await
    }

    async fn built(&self, actor: &Actor, recorded: &[Recorded]) -> Result<Arc<Editions>, DefinitionsError> {
        let newest = recorded.last().map_or(0, |last| last.number);
        if let Some(built) = self.built.lock().unwrap_or_else(PoisonError::into_inner).get(&newest) {
            return Ok(Arc::clone(built));
        }
        let changes: Vec<DefinitionChange> = recorded.iter().map(Recorded::change).collect();
        let versions = store::versions(&self.records, actor).await?;
        let editions = Arc::new(Editions::new(&changes, &versions)?);
        let mut built = self.built.lock().unwrap_or_else(PoisonError::into_inner);
        built.insert(newest, Arc::clone(&editions));
        Ok(editions)
    }

    /// The catalogue by date, of all that was saved.
    pub(crate) async fn now(&self, actor: &Actor) -> Result<Arc<Editions>, DefinitionsError> {
        self.known_at(actor, Timestamp::MAX).await
    }
}
