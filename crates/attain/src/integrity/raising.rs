//! Asking, after the facts changed: questions whose rows are gone are taken back, and what the newest
//! facts show is asked about. Only what happened in the last ninety days that are known is: history that
//! is imported for the first time is nobody's to remember.
//!
//! An import does not fail by it. Everything is looked at again after the next one.

use std::collections::BTreeSet;

use attain_facts::store::Store;
use attain_metrics::{Asker, MetricsError, RowKey, WorkingDays};
use attain_records::{Actor, Records, RecordsError};
use attain_stats::integrity::Burst;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use super::pattern::{self, Occasion, Pattern};
use super::question::State;
use super::store;
use crate::definitions::Definitions;
use crate::web::App;

/// How far back rows are asked about, from the last day that is known.
const DAYS: i64 = 90;

/// Rows that somebody was asked about.
type Asked = BTreeSet<(Pattern, RowKey)>;

/// Why nobody was asked.
#[derive(Debug, thiserror::Error)]
enum RaisingError {
    #[error(transparent)]
    Facts(#[from] MetricsError),
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// Looks through what was just imported or undone, in the server.
pub(crate) async fn after_change(app: &App) {
    match app.asker().await {
        Ok(asker) => raise(app.records(), &asker, app.now()).await,
        Err(error) => tracing::warn!(%error, "what was imported could not be looked through for questions"),
    }
}

/// Looks through what was just imported or undone, on the command line.
pub(crate) async fn after_command(store: &Store, now: Timestamp) {
    match newest(store, now).await {
        Ok(Some(asker)) => raise(store.records(), &asker, now).await,
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, "what was imported could not be looked through for questions"),
    }
}

async fn newest(store: &Store, now: Timestamp) -> anyhow::Result<Option<Asker>> {
    let actor = Actor::local_owner();
    let Some(snapshot) = store.newest(&actor).await? else { return Ok(None) };
    let editions = Definitions::new(store.records().clone()).now(&actor).await?;
    Ok(Some(Asker::open(snapshot.into(), editions, now).await?))
}

async fn raise(records: &Records, asker: &Asker, now: Timestamp) {
    let raised = async {
        withdraw(records, asker, now).await?;
        ask(records, asker, now).await
    };
    if let Err(error) = raised.await {
        tracing::warn!(%error, "questions could not be asked; they are after the next import");
    }
}

/// Takes back what may still be answered and is about rows that are gone.
async fn withdraw(records: &Records, asker: &Asker, now: Timestamp) -> Result<(), RaisingError> {
    let actor = Actor::local_owner();
    let (today, days) = (asker.as_of().asked_on, WorkingDays::of(asker.company()));
    let mut waiting = Vec::new();
    for question in store::unanswered(records.read(), &actor).await? {
        if !matches!(question.state(today, &days), State::Open { .. }) {
            continue;
        }
        let rows = store::rows(records.read(), &actor, question.number, None).await?;
        let keys: BTreeSet<RowKey> = rows.into_iter().map(|row| row.key).collect();
        waiting.push((question, keys));
    }
    let mut gone = Vec::new();
    for table in [Pattern::Burst, Pattern::SameDay].map(Pattern::table) {
        let of_table = || waiting.iter().filter(|(question, _)| question.pattern.table() == table);
        let keys: BTreeSet<RowKey> = of_table().flat_map(|(_, keys)| keys).cloned().collect();
        let held = asker.still_held(table, &keys).await?;
        gone.extend(
            of_table().filter(|(_, keys)| !keys.is_subset(&held)).map(|(question, _)| question.number),
        );
    }
    if gone.is_empty() {
        return Ok(());
    }
    let transaction = records.begin(&actor).await?;
    store::alone(&transaction).await?;
    for number in gone {
        let question = store::by_number(transaction.connection(), &actor, number).await?;
        // Somebody may have answered meanwhile.
        if question.is_some_and(|question| question.end.is_none()) {
            store::withdraw(&transaction, number, (today, now)).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// Asks about what is found and was not asked about.
async fn ask(records: &Records, asker: &Asker, now: Timestamp) -> Result<(), RaisingError> {
    let actor = Actor::local_owner();
    let asked = store::asked_rows(records.read(), &actor).await?;
    let today = asker.as_of().asked_on;
    let is_there = |occasion: &Occasion| {
        asker.organisation().person(&occasion.person).is_some_and(|person| person.is_there_on(today))
    };
    let mut occasions = found(asker, &asked).await?;
    occasions.retain(is_there);
    if occasions.is_empty() {
        return Ok(());
    }
    let transaction = records.begin(&actor).await?;
    store::alone(&transaction).await?;
    // Another import may have been looked through meanwhile.
    let asked = store::asked_rows(transaction.connection(), &actor).await?;
    let is_new = |occasion: &&Occasion| {
        occasion.rows.iter().all(|row| !asked.contains(&(occasion.pattern, row.key.clone())))
    };
    for occasion in occasions.iter().filter(is_new) {
        store::ask(&transaction, occasion, asker.as_of().snapshot, (today, now)).await?;
    }
    Ok(transaction.commit().await?)
}

/// Everything there is to ask about, among rows that nobody was asked about.
async fn found(asker: &Asker, asked: &Asked) -> Result<Vec<Occasion>, MetricsError> {
    let is_new = |pattern: Pattern, key: &RowKey| !asked.contains(&(pattern, key.clone()));
    let since: Date = asker.as_of().date.saturating_sub(DAYS.days());
    let burst = Burst::default();
    let mut activities = asker.activities_close_together(burst.events, burst.seconds, since).await?;
    activities.retain(|activity| is_new(Pattern::Burst, &activity.key));
    let mut occasions = pattern::bursts(&activities, &asker.company().time_zone);

    let (mut same_day, decided) = asker.decided_when_created(since).await?;
    if !pattern::is_usual(same_day.len(), decided) {
        same_day.retain(|deal| is_new(Pattern::SameDay, &deal.key));
        occasions.extend(pattern::same_day(&same_day));
    }

    let mut put_off = asker.deals_put_off(pattern::PUSHES, since).await?;
    put_off.retain(|deal| is_new(Pattern::Pushed, &deal.key));
    occasions.extend(pattern::pushed(&put_off));

    let mut discounted = asker.won_at_discount(pattern::discounts(), since).await?;
    discounted.retain(|deal| is_new(Pattern::Heaped, &deal.key));
    occasions.extend(pattern::heaped(&discounted));
    Ok(occasions)
}
