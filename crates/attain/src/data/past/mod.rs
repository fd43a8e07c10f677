//! Past numbers: what a delivery would do to them, or an entry of the history did (features I5).
//!
//! Closed deals that change hands stay with whoever closed them, and are listed; an admin may
//! restate their credit ([`restating`]) for a reason. What does move, because rows dated in periods
//! that are over were corrected, stands beside what it was. [`Past`] is computed by the same askers as
//! every other number: on the facts as they are and as a delivery would make them, or on the
//! snapshots before and after an entry. [`page`] shows it ([`numbers`] what moves), [`files`] and [`api`] hand it out.

pub(crate) mod api;
pub(crate) mod files;
mod numbers;
pub(super) mod page;
pub(crate) mod restating;

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_facts::import::Prospect;
use attain_facts::store::{ImportRecord, Snapshot, Store, StoreError};
use attain_metrics::{
    Asker, MetricsError, Moves, PastRows, Reach, ReassignedDeal, Reassignment, Unit, by_person,
    closed_periods, moves, past_rows, reassigned, recredited,
};
use attain_records::Actor;
use jiff::{SignedDuration, Timestamp};

use crate::definitions::{Definitions, DefinitionsError};

/// Deals and numbers that are kept of a delivery that is only looked at.
const KEPT_MAX: usize = 10_000;
/// Who may look at deliveries sees all the facts (domain 15.2), so what one did is told whole.
const EVERYTHING: Reach = Reach::Everything;

/// What a step from one snapshot to the next does to past numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// Closed deals that changed hands, or whose credit was restated.
    pub(crate) deals: Vec<ReassignedDeal>,
    /// The same by person and quarter.
    pub(crate) reassignments: Vec<Reassignment>,
    /// Rows that say something else about who belonged where.
    pub(crate) rows: Vec<PastRows>,
    /// Numbers of closed periods that move.
    pub(crate) moves: Moves,
    /// How many deals and numbers were not kept.
    pub(crate) left_out: usize,
    listed: Listed,
    /// The last instant at which numbers were as before; nothing of what only would happen.
    before_at: Option<Timestamp>,
    /// Names and units of metrics.
    metrics: BTreeMap<String, (String, Unit)>,
    /// The company's currency.
    pub(crate) currency: String,
}

/// Why past numbers could not be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PastError {
    /// A question has no answer.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The facts could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The definitions could not be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
}

/// Which deals are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Listed {
    /// Those of another owner.
    #[default]
    OtherOwner,
    /// Those that count for somebody else.
    OtherCredit,
}

impl Past {
    async fn between(
        before: &Asker,
        after: &Asker,
        listed: Listed,
        reach: &Reach,
    ) -> Result<Past, PastError> {
        let deals = match listed {
            Listed::OtherOwner => reassigned(before, after, reach).await?,
            Listed::OtherCredit => recredited(before, after, reach).await?,
        };
        let moves = moves(before, after, &closed_periods(before, after), reach).await?;
        let metrics = after.catalogue().metrics();
        Ok(Past {
            listed,
            before_at: None,
            reassignments: by_person(&deals, |deal| match listed {
                Listed::OtherOwner => [&deal.from, &deal.to],
                Listed::OtherCredit => [&deal.credited_before, &deal.credited],
            }),
            deals,
            rows: past_rows(before, after, reach).await?,
            moves,
            left_out: 0,
            metrics: metrics.map(|known| (known.id.clone(), (known.label.clone(), known.unit))).collect(),
            currency: after.company().currency.clone(),
        })
    }

    /// What a delivery would do that is looked at. As much of it is kept as fits in memory.
    pub(crate) async fn of_prospect(
        prospect: &Prospect,
        definitions: &Definitions,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Past, PastError> {
        let [before, after] = [&prospect.held, &prospect.snapshot];
        let [before, after] = askers([before.clone(), after.clone()], definitions, actor, now).await?;
        let past = Past::between(&before, &after, Listed::OtherOwner, &EVERYTHING).await?;
        Ok(past.kept())
    }

    /// What an entry of the import history did; nothing if it made no snapshot or was the first.
    pub(crate) async fn of_entry(
        store: &Store,
        definitions: &Definitions,
        actor: &Actor,
        entry: &ImportRecord,
    ) -> Result<Option<Past>, PastError> {
        let at = entry.finished_at;
        let just_before = at.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(Timestamp::MIN);
        let before = store.as_known_at(actor, just_before).await?;
        let after = store.as_known_at(actor, at).await?;
        let Some((before, after)) = before.zip(after).filter(|(one, other)| one.number() < other.number())
        else {
            return Ok(None);
        };
        let listed = if entry.restatement.is_some() { Listed::OtherCredit } else { Listed::OtherOwner };
        let [before, after] = askers([before, after], definitions, actor, at).await?;
        let past = Past::between(&before, &after, listed, &EVERYTHING).await?;
        Ok(Some(Past { before_at: Some(just_before), ..past }))
    }

    fn kept(mut self) -> Past {
        let lists = [self.deals.len(), self.moves.people.len(), self.moves.teams.len()];
        self.left_out = lists.into_iter().map(|length| length.saturating_sub(KEPT_MAX)).sum();
        self.deals.truncate(KEPT_MAX);
        self.moves.people.truncate(KEPT_MAX);
        self.moves.teams.truncate(KEPT_MAX);
        self
    }

    /// Whether nothing of the past is touched.
    pub(crate) fn is_empty(&self) -> bool {
        self.deals.is_empty() && self.rows.is_empty() && self.moves.is_empty()
    }

    /// How many of the deals count for whom they counted for.
    pub(crate) fn staying(&self) -> usize {
        self.deals.iter().filter(|deal| deal.stays()).count()
    }

    /// What a metric is called.
    pub(crate) fn label<'p>(&'p self, metric: &'p str) -> &'p str {
        self.metrics.get(metric).map_or(metric, |(label, _)| label)
    }

    /// What it is counted in.
    fn unit(&self, metric: &str) -> Unit {
        self.metrics.get(metric).map(|(_, unit)| *unit).unwrap_or_default()
    }
}

/// Both facts, asked at one instant by the same definitions.
async fn askers(
    facts: [Snapshot; 2],
    definitions: &Definitions,
    actor: &Actor,
    instant: Timestamp,
) -> Result<[Asker; 2], PastError> {
    let editions = definitions.now(actor).await?;
    let [before, after] = facts.map(Arc::new);
    Ok([
        Asker::known_at(before, Arc::clone(&editions), instant).await?,
        Asker::known_at(after, editions, instant).await?,
    ])
}
