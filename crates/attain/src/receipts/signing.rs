//! Signing a number: what is known is frozen, the number is asked of it, and the receipt is kept
//! with its rows.

use std::sync::Arc;

use attain_facts::store::{Store, StoreError};
use attain_metrics::receipt::{Deviation, Receipt, Signing, Statement};
use attain_metrics::{Asker, Code, MetricsError, Number, Period, Reach, Subject};
use attain_records::{Actor, RecordsError};
use jiff::Timestamp;

use super::key::{KeyError, KeyFile, announce};
use super::store;
use crate::definitions::{Definitions, DefinitionsError};

/// Why a number was not signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    /// No facts yet.
    #[error("nothing was imported yet, so there is no number to sign")]
    NothingImported,
    /// Outside the reach of the one who signs.
    #[error("you may not see this number, so it was not signed")]
    Hidden,
    /// The number is no longer what the signer saw.
    #[error(
        "this number changed after the page was made; nothing was signed. Open it again and sign what it shows now"
    )]
    Changed,
    /// The number contradicts itself, which is a defect.
    #[error("this number cannot be signed: {}; nothing was signed", sentence(.0))]
    Contradiction(Vec<Deviation>),
    /// The key is not there.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The number could not be computed.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// The definitions could not be read.
    #[error(transparent)]
    Definitions(#[from] DefinitionsError),
    /// The facts could not be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The receipt could not be kept.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

fn sentence(found: &[Deviation]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What is known when something is signed.
pub(crate) struct Frozen {
    pub(crate) asker: Asker,
    known_at: Timestamp,
    now: Timestamp,
}

/// What is to be signed.
pub(crate) struct Wanted<'a> {
    pub(crate) metric: &'a str,
    pub(crate) subject: &'a Subject,
    pub(crate) period: &'a Period,
    /// The number as its signer saw it ([`seen`]), where there was a page to see it on.
    pub(crate) seen: Option<&'a str>,
}

/// Freezes what the newest delivery made known. Its own instant is frozen, not the present one:
/// a delivery that is being committed meanwhile must not slip in before it.
pub(crate) async fn freeze(
    facts: &Store,
    definitions: &Definitions,
    actor: &Actor,
    now: Timestamp,
) -> Result<Frozen, SignError> {
    let newest = facts.imports(actor, 1).await?.pop().ok_or(SignError::NothingImported)?;
    let known_at = newest.finished_at;
    let snapshot = facts.as_known_at(actor, known_at).await?.ok_or(SignError::NothingImported)?;
    let editions = definitions.known_at(actor, now).await?;
    let asker = Asker::open(Arc::new(snapshot), editions, now).await?;
    Ok(Frozen { asker, known_at, now })
}

/// Signs a number and keeps the receipt. Returns its number among the receipts, and it.
pub(crate) async fn sign(
    facts: &Store,
    key: (&KeyFile, [u8; 32]),
    actor: &Actor,
    reach: &Reach,
    frozen: &Frozen,
    wanted: &Wanted<'_>,
) -> Result<(i64, Receipt), SignError> {
    let asker = &frozen.asker;
    let evidence = asker.evidence(wanted.metric, wanted.subject, wanted.period, reach).await?;
    if evidence.number.codes.contains(&Code::Suppressed) || !reach.opens(wanted.subject) {
        return Err(SignError::Hidden);
    }
    if wanted.seen.is_some_and(|shown| shown != seen(&evidence.number)) {
        return Err(SignError::Changed);
    }
    let metric = asker.catalogue_for(wanted.period).metric(wanted.metric).ok_or(SignError::Hidden)?;
    let signing = Signing { known_at: frozen.known_at, signed_at: frozen.now, signed_by: actor.to_string() };
    let statement = Statement::of(asker, metric, wanted.subject, &evidence, &signing);
    let (file, seed) = key;
    let (signer, is_new) = file.ready(facts, actor, seed).await?;
    if is_new {
        announce(&signer.fingerprint());
    }
    let receipt = Receipt::sign(statement, &signer).map_err(SignError::Contradiction)?;
    let number = store::keep(facts.records(), actor, &receipt, &evidence.rows).await?;
    Ok((number, receipt))
}

/// A number as a page hands it back, so that nobody signs what they did not see. That it differs
/// from what was signed before (E10) is no part of what is signed.
pub(crate) fn seen(number: &Number) -> String {
    let value = number.value.map_or_else(|| "none".to_owned(), |value| value.normalize().to_string());
    let of_itself = number.codes.iter().filter(|code| ![Code::Ok, Code::Restated].contains(code));
    let codes: Vec<&str> = of_itself.map(|code| code.code()).collect();
    format!("{value} of {} {}", number.n, codes.join(" "))
}
