//! A change before it is saved: what it would define, which metrics would mean something else, and
//! whether days that are over would be measured anew. Considering keeps nothing; only
//! [`Considered::save`] does.

use std::sync::Arc;

use attain_metrics::{Catalogue, DefinitionChange, Editions, Metric, NewVersion};
use attain_records::Actor;
use jiff::Timestamp;
use jiff::civil::Date;

use super::store::{self, New, Recorded};
use super::{Definitions, DefinitionsError};

/// Letters of a change and of its reason at most.
const TEXT_MAX: usize = 100_000;
const REASON_MAX: usize = 2_000;

/// What a proposal's text is called in refusals.
const NAME: &str = "definition";

/// Definitions somebody would like to be in force.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    /// In the format of definition files.
    pub(crate) text: String,
    /// First day they are in force.
    pub(crate) in_force_from: Date,
}

/// Why a change was not saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// It cannot be right, or the definitions could not be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    /// It says what is in force already.
    #[error("this defines nothing that is not in force on {0} already; nothing was saved")]
    NothingChanges(Date),
    /// It is not a definition file of this size.
    #[error("a change has at most {TEXT_MAX} letters; nothing was saved. Save it in several parts")]
    TooLong,
    /// No reason was given.
    #[error(
        "a change needs a reason of at most {REASON_MAX} letters: whoever compares the versions reads it; nothing was saved"
    )]
    Reason,
    /// Days that are over would be measured anew, which nobody said they want.
    #[error(
        "from {0} on means that days that are over are measured anew, and numbers people have seen move; nothing was saved. Let it begin today or later, or say that it restates them"
    )]
    Restates(Date),
    /// Somebody else was quicker.
    #[error(
        "another change was saved after the effect of this one was looked at; nothing was saved. Look at the effect again"
    )]
    Outdated,
}

/// A metric that a change writes, as it was and as it would be.
#[derive(Clone, Debug)]
pub(crate) struct Defined {
    /// Nothing if it is defined for the first time.
    pub(crate) before: Option<Arc<Metric>>,
    pub(crate) after: Arc<Metric>,
}

/// A proposal beside what is in force.
#[derive(Clone, Debug)]
pub(crate) struct Considered {
    /// Number of the newest change when it was considered.
    pub(crate) upto: i64,
    /// The catalogue by date without the change.
    pub(crate) before: Arc<Editions>,
    /// The catalogue by date with it.
    pub(crate) after: Arc<Editions>,
    /// First day the change is in force.
    pub(crate) in_force_from: Date,
    /// What it writes.
    pub(crate) defined: Vec<Defined>,
    /// What is made of that, and so means something else too.
    pub(crate) made_of_it: Vec<Arc<Metric>>,
    /// Whether days that are over would be measured anew.
    pub(crate) restates: bool,
    versions: Vec<NewVersion>,
    text: String,
}

/// Considers a proposal beside all that was saved.
pub(crate) async fn consider(
    definitions: &Definitions,
    actor: &Actor,
    proposal: Proposal,
    today: Date,
) -> Result<Considered, ChangeError> {
    if proposal.text.chars().count() > TEXT_MAX {
        return Err(ChangeError::TooLong);
    }
    let records = definitions.records();
    let recorded = store::known_at(records, actor, Timestamp::MAX).await?;
    let known = store::versions(records, actor).await?;
    let mut changes: Vec<DefinitionChange> = recorded.iter().map(Recorded::change).collect();
    let before = definitions.now(actor).await?;
    changes.push(DefinitionChange {
        name: NAME.to_owned(),
        text: proposal.text.clone(),
        in_force_from: proposal.in_force_from,
    });
    let read = |versions: &_| Editions::new(&changes, versions).map_err(DefinitionsError::from);
    let versions = known.counted(&read(&known)?);
    let mut counted = known;
    versions.iter().cloned().for_each(|version| counted.add(version));
    let after = Arc::new(read(&counted)?);
    let upto = recorded.last().map_or(0, |last| last.number);
    let considered = Considered::of(upto, (before, after), NAME, &proposal, versions);
    if considered.defined.is_empty() {
        return Err(ChangeError::NothingChanges(proposal.in_force_from));
    }
    let restates = considered.moves_before(today);
    Ok(Considered { restates, ..considered })
}

/// A change that was saved, beside what was in force before it.
pub(crate) async fn saved(
    definitions: &Definitions,
    actor: &Actor,
    number: i64,
) -> Result<Option<(Recorded, Considered)>, DefinitionsError> {
    let recorded = store::known_at(definitions.records(), actor, Timestamp::MAX).await?;
    let Some(change) = recorded.into_iter().find(|change| change.number == number) else { return Ok(None) };
    let before = definitions.upto(actor, number - 1).await?;
    let after = definitions.upto(actor, number).await?;
    let proposal = Proposal { text: change.text.clone(), in_force_from: change.in_force_from };
    let name = change.change().name;
    let considered = Considered::of(number - 1, (before, after), &name, &proposal, Vec::new());
    Ok(Some((change.clone(), Considered { restates: change.restates, ..considered })))
}

impl Considered {
    fn of(
        upto: i64,
        (before, after): (Arc<Editions>, Arc<Editions>),
        name: &str,
        proposal: &Proposal,
        versions: Vec<NewVersion>,
    ) -> Considered {
        let from = proposal.in_force_from;
        let (old, new) = (before.on(from), after.on(from));
        let is_written = |metric: &Metric| metric.is_own && metric.section == name;
        let mut defined = Vec::new();
        let mut made_of_it = Vec::new();
        for metric in new.metrics() {
            let was = old.metric(&metric.id);
            if is_written(metric) {
                let written_before = was.is_some_and(|was| was.source_text == metric.source_text);
                if !written_before {
                    defined.push(Defined { before: was.cloned(), after: Arc::clone(metric) });
                }
            } else if was.is_some_and(|was| was.version != metric.version) {
                made_of_it.push(Arc::clone(metric));
            }
        }
        Considered {
            upto,
            before,
            after,
            in_force_from: from,
            defined,
            made_of_it,
            restates: false,
            versions,
            text: proposal.text.clone(),
        }
    }

    /// Whether a metric that was there before means something else on a day before this one.
    fn moves_before(&self, today: Date) -> bool {
        let begun = std::iter::once(self.in_force_from).chain(self.after.begins());
        let mut days = begun.filter(|day| (self.in_force_from..today).contains(day));
        days.any(|day| moves(self.before.on(day), self.after.on(day)))
    }

    /// The catalogue that is in force on the first day, without the change and with it.
    pub(crate) fn on_first_day(&self) -> (Arc<Catalogue>, Arc<Catalogue>) {
        let from = self.in_force_from;
        (Arc::clone(self.before.on(from)), Arc::clone(self.after.on(from)))
    }

    /// Saves the change with its reason. Returns its number.
    pub(crate) async fn save(
        &self,
        definitions: &Definitions,
        actor: &Actor,
        now: Timestamp,
        reason: &str,
        restate: bool,
    ) -> Result<i64, ChangeError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(ChangeError::Reason);
        }
        if self.restates && !restate {
            return Err(ChangeError::Restates(self.in_force_from));
        }
        let metrics: Vec<String> = self.defined.iter().map(|defined| defined.after.id.clone()).collect();
        let new = New {
            in_force_from: self.in_force_from,
            reason,
            restates: self.restates,
            text: &self.text,
            metrics: &metrics,
            versions: &self.versions,
        };
        let saved = store::save(definitions.records(), actor, now, self.upto, &new).await;
        saved.map_err(DefinitionsError::from)?.ok_or(ChangeError::Outdated)
    }
}

/// Whether a metric that was there before means something else.
fn moves(old: &Catalogue, new: &Catalogue) -> bool {
    let moved =
        |metric: &Arc<Metric>| new.metric(&metric.id).is_some_and(|now| now.version != metric.version);
    old.metrics().any(moved)
}
