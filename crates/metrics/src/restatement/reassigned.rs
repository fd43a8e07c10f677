//! Closed deals that another owner is said to have, and whom each counts for before and after.

use std::collections::BTreeMap;

use attain_facts::store::schema::{RECORDED, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::common::JoinType;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ask::{Asker, MetricsError, Reach};
use crate::calendar::{Grain, Period};
use crate::credited::RateMode;
use crate::difference::{RowKey, key};
use crate::engine::{Cells, collect};
use crate::organisation::{Level, Member, Subject};
use crate::plan::{Wanted, column};
use crate::rows::counts;

/// The metric whose rows are the closed deals.
const CLOSED: &str = "deals_decided";
/// Columns of a deal before, beside those of the deal after.
const BEFORE: [&str; 3] = ["owner_before", "credited_before", "id_before"];

/// A closed deal that changed hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReassignedDeal {
    /// Which row.
    pub key: RowKey,
    /// Its id in Attain.
    pub opportunity_id: String,
    /// Name of the opportunity, where the source has one.
    pub name: Option<String>,
    /// Account.
    pub account: Option<String>,
    /// `won` or `lost`.
    pub outcome: String,
    /// The day it closed.
    pub closed_on: Date,
    /// The quarter in which it closed.
    pub period: Option<Period>,
    /// Value in the company's currency.
    pub value: Option<Decimal>,
    /// Who owned it; nobody if nobody did.
    pub from: Option<Member>,
    /// Who owns it.
    pub to: Option<Member>,
    /// Whom it counted for.
    pub credited_before: Option<Member>,
    /// Whom it counts for.
    pub credited: Option<Member>,
}

impl ReassignedDeal {
    /// Whether it counts for the one it counted for.
    #[must_use]
    pub fn stays(&self) -> bool {
        let id = |person: &Option<Member>| person.as_ref().map(|person| person.id.clone());
        id(&self.credited) == id(&self.credited_before)
    }
}

/// Deals of one quarter that went from one person to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassignment {
    /// Who owned them.
    pub from: Option<Member>,
    /// Who owns them.
    pub to: Option<Member>,
    /// The quarter in which they closed.
    pub period: Option<Period>,
    /// How many.
    pub deals: usize,
    /// How many of them were won.
    pub won: usize,
    /// What those are worth, in the company's currency.
    pub value: Decimal,
    /// How many count for whom they counted for.
    pub staying: usize,
}

/// The closed deals that have another owner after than before, by the day they closed. Outside the
/// reach there are none.
///
/// # Errors
/// When the facts cannot be read.
pub async fn reassigned(
    before: &Asker,
    after: &Asker,
    reach: &Reach,
) -> Result<Vec<ReassignedDeal>, MetricsError> {
    if *reach == Reach::Nothing {
        return Ok(Vec::new());
    }
    let was = closed(before).await?;
    let [owner, credited, id] = BEFORE;
    let was = was.select(vec![
        column(SOURCE_SYSTEM).alias("system_before"),
        column(SOURCE_ID).alias(id),
        column("owner_id").alias(owner),
        column("credited_id").alias(credited),
    ])?;
    // Only what was recorded since: a merge changes the owner of rows that nobody delivered.
    let is = closed(after).await?.filter(column(RECORDED).gt(lit(before.as_of().snapshot)))?;
    let same =
        [column(SOURCE_SYSTEM).eq(column("system_before")), column(SOURCE_ID).eq(column(id))];
    let changed = is.join_on(was, JoinType::Inner, same)?.filter(differs("owner_id", owner))?;
    let named = after.with_names(changed).await?;
    let sorted = named.sort(vec![
        column("close_date").sort(true, false),
        column(SOURCE_SYSTEM).sort(true, false),
        column(SOURCE_ID).sort(true, false),
    ])?;
    collect(sorted).await?.rows().map(|row| deal(after, &row)).collect()
}

/// Every closed deal with whom it counts for.
async fn closed(asker: &Asker) -> Result<DataFrame, MetricsError> {
    let all = asker.calendar().all();
    let asker = asker.measuring(&all);
    let metric = asker.metric(CLOSED)?;
    let periods = [all];
    let wanted = Wanted {
        subject: &Subject::Company,
        by: &[],
        periods: &periods,
        filter: None,
        rates: &RateMode::default(),
    };
    Ok(asker.side(metric, &wanted).await?.filter(counts(metric))?)
}

/// Whether two columns differ, blank ones included.
fn differs(one: &str, other: &str) -> Expr {
    let text = |name: &str| datafusion::functions::core::expr_fn::coalesce(vec![column(name), lit("")]);
    text(one).not_eq(text(other))
}

fn deal(asker: &Asker, row: &Cells<'_>) -> Result<ReassignedDeal, MetricsError> {
    let person = |name: &str| {
        let id = row.text(name)?;
        let known = asker.organisation().member(Level::Rep, &id);
        Some(known.unwrap_or_else(|| Member { name: id.clone(), id }))
    };
    let [owner, credited, _] = BEFORE;
    let closed_on = row.date("close_date").unwrap_or_default();
    Ok(ReassignedDeal {
        key: key(row),
        opportunity_id: row.text("opportunity_id").unwrap_or_default(),
        name: row.text("name"),
        account: row.text("account_name"),
        outcome: row.text("outcome").unwrap_or_default(),
        closed_on,
        period: asker.calendar().containing(closed_on, Grain::Quarter),
        value: row.decimal("value")?,
        from: person(owner),
        to: person("owner_id"),
        credited_before: person(credited),
        credited: person("credited_id"),
    })
}

/// The deals by who gave them to whom and by quarter: most valuable first.
#[must_use]
pub fn by_person(deals: &[ReassignedDeal]) -> Vec<Reassignment> {
    let mut groups: BTreeMap<(&Option<Member>, &Option<Member>, Option<Date>), Reassignment> = BTreeMap::new();
    for deal in deals {
        let first_day = deal.period.as_ref().and_then(|period| period.from);
        let group = groups.entry((&deal.from, &deal.to, first_day)).or_insert_with(|| Reassignment {
            from: deal.from.clone(),
            to: deal.to.clone(),
            period: deal.period.clone(),
            deals: 0,
            won: 0,
            value: Decimal::ZERO,
            staying: 0,
        });
        group.deals += 1;
        group.staying += usize::from(deal.stays());
        if deal.outcome == "won" {
            group.won += 1;
            group.value += deal.value.unwrap_or_default();
        }
    }
    let mut groups: Vec<Reassignment> = groups.into_values().collect();
    groups.sort_by(|one, other| other.value.cmp(&one.value).then(other.deals.cmp(&one.deals)));
    groups
}
