//! Whom a row counts for on its day (T2, T5): the owner then, by the owner history; else the
//! present owner; else nobody.
//!
//! Where a source delivers no owner history, it follows from the deliveries: the first owner seen
//! holds from the beginning, each later one from the day that showed them (T2). Credit of a closing
//! that was restated is whose it was restated to (domain 2.4).

use attain_facts::canonical::Table;
use attain_facts::store::schema::RECORDED;
use datafusion::common::JoinType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::prelude::{DataFrame, Expr};

use crate::ask::MetricsError;
use crate::definition::{Attribution, When};
use crate::engine::day_end;
use crate::plan::{CREDIT_DATE, CREDIT_INSTANT, Source, column};
use crate::tables::Coverage;

/// The column of the person a row counts for.
pub(crate) const CREDITED: &str = "credited_id";

/// How the person of a row is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Person {
    /// A column says it.
    Column(&'static str),
    /// The owner on the day.
    Owner(Owned),
    /// The person who shares the credit, else the owner of the deal.
    OfCredit,
    /// The person on the line, else the owner of its deal, else the owner of its account.
    OfInvoice,
}

/// A thing with an owner and a history of owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owned {
    /// The column that identifies it, in its rows and in the history.
    id: &'static str,
    /// The table of the thing.
    table: Table,
    /// The table of its owners.
    history: Table,
}

const DEAL: Owned =
    Owned { id: "opportunity_id", table: Table::Opportunity, history: Table::OpportunityOwner };
const LEAD: Owned = Owned { id: "lead_id", table: Table::Lead, history: Table::LeadOwner };
const ACCOUNT: Owned = Owned { id: "account_id", table: Table::Account, history: Table::AccountOwner };

impl Person {
    pub(super) const OF_DEAL: Person = Person::Owner(DEAL);
    pub(super) const OF_LEAD: Person = Person::Owner(LEAD);
    pub(super) const OF_ACCOUNT: Person = Person::Owner(ACCOUNT);
}

/// Adds the person each row counts for.
pub(super) async fn credited(
    source: &Source<'_>,
    rows: DataFrame,
    person: Person,
    when: &When,
) -> Result<DataFrame, MetricsError> {
    let instant = credit_instant(source, &rows);
    let is_closing = when.attribution() == Attribution::Close;
    match person {
        Person::Column(name) => Ok(rows.with_column(CREDITED, column(name))?),
        Person::Owner(owned) => {
            let (rows, owner) = owner_on_the_day(source, rows, owned, column("owner_id"), instant).await?;
            let (rows, owner) = match owned == DEAL && is_closing {
                true => restated(source, rows, owner)?,
                false => (rows, owner),
            };
            Ok(rows.with_column(CREDITED, owner)?)
        }
        Person::OfCredit => {
            let (rows, owner) = owner_on_the_day(source, rows, DEAL, column("owner_id"), instant).await?;
            let (rows, owner) = restated(source, rows, owner)?;
            Ok(rows.with_column(CREDITED, coalesce(vec![column("employee_id"), owner]))?)
        }
        Person::OfInvoice => {
            // Whose a deal is was decided when it closed.
            let closed = coalesce(vec![column("deal_closed_at"), instant.clone()]);
            let (rows, of_deal) =
                owner_on_the_day(source, rows, DEAL, column("deal_owner_id"), closed).await?;
            let (rows, of_deal) = restated(source, rows, of_deal)?;
            let (rows, of_account) =
                owner_on_the_day(source, rows, ACCOUNT, column("account_owner_id"), instant).await?;
            Ok(rows.with_column(
                CREDITED,
                coalesce(vec![column("employee_id"), column("share_person"), of_deal, of_account]),
            )?)
        }
    }
}

/// The owner of a deal at its closing, or whom its credit was restated to. Rows keep their number:
/// a deal is restated once at a time.
fn restated(source: &Source<'_>, rows: DataFrame, owner: Expr) -> Result<(DataFrame, Expr), MetricsError> {
    let Some(restated) = source.tables.restated_credit()? else { return Ok((rows, owner)) };
    let restated = source
        .context
        .read_batch(restated)?
        .select(vec![column("thing").alias("restated_deal"), column("employee_id").alias("restated_to")])?;
    let of_deal = [column(DEAL.id).eq(column("restated_deal"))];
    let rows = rows.join_on(restated, JoinType::Left, of_deal)?;
    Ok((rows, coalesce(vec![column("restated_to"), owner])))
}

/// The end of a row's day, unless it is known when on it the row happened (T1).
fn credit_instant(source: &Source<'_>, rows: &DataFrame) -> Expr {
    let end = day_end(source.company.time_zone.clone()).call(vec![column(CREDIT_DATE)]);
    match rows.schema().has_column_with_unqualified_name(CREDIT_INSTANT) {
        true => coalesce(vec![column(CREDIT_INSTANT), end]),
        false => end,
    }
}

/// The owner of a thing on each row's day. Rows keep their number: at most one owner holds.
async fn owner_on_the_day(
    source: &Source<'_>,
    rows: DataFrame,
    owned: Owned,
    present: Expr,
    instant: Expr,
) -> Result<(DataFrame, Expr), MetricsError> {
    let mut rows = rows;
    let mut known = Vec::new();
    let histories = [stated(source, owned).await?, seen(source, owned).await?];
    for (position, history) in histories.into_iter().enumerate() {
        let Some(history) = history else { continue };
        let named = |part: &str| format!("{}_{part}_{position}", owned.id);
        let history = history.select(vec![
            column("thing").alias(named("owned")),
            column("employee_id").alias(named("owner")),
            column("held_from").alias(named("from")),
            column("held_to").alias(named("to")),
        ])?;
        let held = [
            column(owned.id).eq(column(&named("owned"))),
            column(&named("from")).is_null().or(column(&named("from")).lt_eq(instant.clone())),
            column(&named("to")).is_null().or(column(&named("to")).gt(instant.clone())),
        ];
        rows = rows.join_on(history, JoinType::Left, held)?;
        known.push(column(&named("owner")));
    }
    known.push(present);
    Ok((rows, coalesce(known)))
}

/// The owners a source states, with the instants between which they hold.
async fn stated(source: &Source<'_>, owned: Owned) -> Result<Option<DataFrame>, MetricsError> {
    let table = owned.history.name();
    if source.tables.row_count(table) == Some(0) || source.tables.coverage(table) == Coverage::Nothing {
        return Ok(None);
    }
    let query = format!(
        "select {id} as thing, employee_id, {from} as held_from, {to} as held_to from {table}",
        id = owned.id,
        from = instant("valid_from", owned.history),
        to = instant("valid_to", owned.history),
    );
    Ok(Some(source.query(&[table], &query).await?))
}

/// The instant from which a bound of a history holds: its own, or the start of its day.
fn instant(name: &str, table: Table) -> String {
    let instant = table
        .column(name)
        .is_some_and(|(_, column)| column.kind == attain_facts::canonical::ColumnType::Timestamp);
    if instant { name.to_owned() } else { format!("day_start({name})") }
}

/// The owners that successive deliveries showed, of things that had several.
async fn seen(source: &Source<'_>, owned: Owned) -> Result<Option<DataFrame>, MetricsError> {
    let name = format!("owners seen of {}", owned.table);
    if let Some(known) = source.relations.get(&name) {
        return Ok(known);
    }
    let owners = match source.tables.superseded(source.context, owned.table.name()).await? {
        None => None,
        Some(versions) => {
            let past = versions.select(vec![
                column(owned.id).alias("thing"),
                column("owner_id").alias("employee_id"),
                column(RECORDED).alias("recorded"),
                column("recorded_on"),
                column("superseded_on"),
            ])?;
            // The first version seen holds from the beginning, whatever day it was seen on.
            let query = |past: &str| {
                format!(
                    "with changed as (select *, row_number() over (partition by thing order by recorded) \
                       as place from {past} where thing in (select thing from {past} group by thing \
                         having count(distinct coalesce(employee_id, '')) > 1)) \
                     select thing, employee_id, day_start(superseded_on) as held_to, \
                       case when place = 1 then null else day_start(recorded_on) end as held_from from changed \
                     where place = 1 or superseded_on is null or recorded_on < superseded_on"
                )
            };
            let owners = source.query_over(past, query).await?.cache().await?;
            (owners.clone().count().await? > 0).then_some(owners)
        }
    };
    source.relations.keep(&name, owners.as_ref());
    Ok(owners)
}
