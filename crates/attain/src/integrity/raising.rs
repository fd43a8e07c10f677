//! Asking, after the facts changed: questions whose rows are gone are taken back, and what the newest
//! facts show is asked about. Only what happened in the last ninety days that are known is: history that
//! is imported for the first time is nobody's to remember. What many rows tell together is looked for when a
//! month or a quarter is over, and once ([`stretch`]).
//!
//! An import does not fail by it. Everything is looked at again after the next one.

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::store::Store;
use attain_metrics::{Asker, DecidedDeal, MetricsError, RowKey, WorkingDays};
use attain_records::{Actor, Records, RecordsError};
use attain_stats::integrity::Burst;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use sea_orm::ConnectionTrait;

use super::pattern::{self, Occasion, Pattern};
use super::question::State;
use super::store;
use super::stretch::{self, Look};
use crate::definitions::Definitions;
use crate::web::App;

/// How far back rows are asked about, from the last day that is known.
const DAYS: i64 = 90;

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
    let mut waiting = store::unanswered(records.read(), &actor).await?;
    waiting.retain(|question| matches!(question.state(today, &days), State::Open { .. }));
    let numbers: Vec<i64> = waiting.iter().map(|question| question.number).collect();
    let rows = store::rows_of(records.read(), &actor, &numbers).await?;
    let mut gone = BTreeSet::new();
    for table in [Pattern::Burst, Pattern::SameDay].map(Pattern::table) {
        let of_table = waiting.iter().filter(|question| question.pattern.table() == table);
        let of_table: Vec<(i64, &BTreeSet<RowKey>)> =
            of_table.filter_map(|question| Some((question.number, rows.get(&question.number)?))).collect();
        let keys: BTreeSet<RowKey> = of_table.iter().flat_map(|(_, keys)| *keys).cloned().collect();
        let held = asker.still_held(table, &keys).await?;
        let is_gone = |(_, keys): &&(i64, &BTreeSet<RowKey>)| !keys.is_subset(&held);
        gone.extend(of_table.iter().filter(is_gone).map(|(number, _)| *number));
    }
    if gone.is_empty() {
        return Ok(());
    }
    let transaction = records.begin(&actor).await?;
    store::alone(&transaction).await?;
    // Somebody may have answered meanwhile.
    let unanswered = store::unanswered(transaction.connection(), &actor).await?;
    let numbers: Vec<i64> =
        unanswered.iter().map(|question| question.number).filter(|number| gone.contains(number)).collect();
    store::withdraw(&transaction, &numbers, (today, now)).await?;
    Ok(transaction.commit().await?)
}

/// What nobody needs to be asked about again.
struct Before {
    rows: BTreeSet<(Pattern, RowKey)>,
    looks: BTreeSet<Look>,
}

impl Before {
    async fn read(connection: &impl ConnectionTrait, actor: &Actor) -> Result<Before, RecordsError> {
        let rows = store::asked_rows(connection, actor).await?;
        Ok(Before { rows, looks: store::looks(connection, actor).await? })
    }

    fn has_row(&self, pattern: Pattern, key: &RowKey) -> bool {
        self.rows.contains(&(pattern, key.clone()))
    }

    fn has_look(&self, pattern: Pattern, person: &str, from: Date) -> bool {
        self.looks.contains(&Look { pattern, person: person.to_owned(), from })
    }
}

/// What there is to ask about, and what was looked through for it.
#[derive(Default)]
struct Found {
    occasions: Vec<Occasion>,
    looks: Vec<Look>,
}

/// Asks about what is found and was not asked about.
async fn ask(records: &Records, asker: &Asker, now: Timestamp) -> Result<(), RaisingError> {
    let actor = Actor::local_owner();
    let mut found = found(asker, &Before::read(records.read(), &actor).await?).await?;
    let today = asker.as_of().asked_on;
    let is_there =
        |person: &str| asker.organisation().person(person).is_some_and(|person| person.is_there_on(today));
    found.occasions.retain(|occasion| is_there(&occasion.person));
    found.looks.retain(|look| is_there(&look.person));
    if found.occasions.is_empty() && found.looks.is_empty() {
        return Ok(());
    }
    let transaction = records.begin(&actor).await?;
    store::alone(&transaction).await?;
    // Another import may have been looked through meanwhile.
    let before = Before::read(transaction.connection(), &actor).await?;
    found.looks.retain(|look| !before.looks.contains(look));
    let is_new =
        |occasion: &&Occasion| occasion.rows.iter().all(|row| !before.has_row(occasion.pattern, &row.key));
    let occasions: Vec<&Occasion> = found.occasions.iter().filter(is_new).collect();
    let numbers = store::ask(&transaction, &occasions, asker.as_of().snapshot, (today, now)).await?;
    let asked: BTreeMap<(Pattern, &str), i64> =
        occasions.iter().map(|occasion| (occasion.pattern, occasion.person.as_str())).zip(numbers).collect();
    let looks: Vec<(Look, Option<i64>)> = found
        .looks
        .iter()
        .map(|look| (look.clone(), asked.get(&(look.pattern, look.person.as_str())).copied()))
        .collect();
    store::look_through(&transaction, &looks, now).await?;
    Ok(transaction.commit().await?)
}

/// Everything there is to ask about, among rows that nobody was asked about.
async fn found(asker: &Asker, before: &Before) -> Result<Found, MetricsError> {
    let since: Date = asker.as_of().date.saturating_sub(DAYS.days());
    let mut found = Found::default();
    let burst = Burst::default();
    let mut activities = asker.activities_close_together(burst.events, burst.seconds, since).await?;
    activities.retain(|activity| !before.has_row(Pattern::Burst, &activity.key));
    found.occasions.extend(pattern::bursts(&activities, &asker.company().time_zone));

    let mut put_off = asker.deals_put_off(pattern::PUSHES, since).await?;
    put_off.retain(|deal| !before.has_row(Pattern::Pushed, &deal.key));
    found.occasions.extend(pattern::pushed(&put_off));

    same_day(asker, since, before, &mut found).await?;
    heaped(asker, before, &mut found).await?;
    Ok(found)
}

/// Deals created and closed on one day, once a month is over: those of it, and earlier ones that came late.
async fn same_day(
    asker: &Asker,
    since: Date,
    before: &Before,
    found: &mut Found,
) -> Result<(), MetricsError> {
    let month = stretch::last_month(asker.as_of().date);
    let (mut deals, decided) = asker.decided_when_created(since..month.end).await?;
    if pattern::is_usual(deals.len(), decided) {
        return Ok(());
    }
    deals.retain(|deal| {
        !before.has_row(Pattern::SameDay, &deal.key)
            && !before.has_look(Pattern::SameDay, &deal.person, month.start)
    });
    found.looks.extend(looks(Pattern::SameDay, &deals, month.start));
    found.occasions.extend(pattern::same_day(&deals));
    Ok(())
}

/// Discounts heaped at the policy, once a quarter is over, by the definition that held on its last day. Whoever's were
/// tested is not tested again, for each test is a chance of a false alarm.
async fn heaped(asker: &Asker, before: &Before, found: &mut Found) -> Result<(), MetricsError> {
    let quarter = stretch::last_quarter(asker.as_of().date);
    let definitions = asker.editions().on(quarter.end.saturating_sub(1.day()));
    let filter = definitions.metric(pattern::POLICY_METRIC).and_then(|metric| metric.filter.as_deref());
    let Some(policy) = filter.and_then(pattern::discount_policy) else { return Ok(()) };
    let mut deals = asker.won_at_discount(pattern::discounts(policy), quarter.clone()).await?;
    deals.retain(|deal| !before.has_look(Pattern::Heaped, &deal.person, quarter.start));
    found.looks.extend(looks(Pattern::Heaped, &deals, quarter.start));
    found.occasions.extend(pattern::heaped(&deals, policy));
    Ok(())
}

/// A look of each person whose deals these are.
fn looks(pattern: Pattern, deals: &[DecidedDeal], from: Date) -> impl Iterator<Item = Look> {
    let of_one = deals.chunk_by(|one, next| one.person == next.person);
    of_one.filter_map(move |deals| Some(Look { pattern, person: deals.first()?.person.clone(), from }))
}
