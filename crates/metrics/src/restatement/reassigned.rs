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
use crate::plan::{Wanted, column};
use crate::rows::counts;
use crate::subject::{Level, Member, Subject};

/// The metric whose rows are the closed deals.
const CLOSED: &str = "deals_decided";
/// Columns of a deal before, beside those of the deal after.
const OWNER_BEFORE: &str = "owner_before";
const CREDITED_BEFORE: &str = "credited_before";

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
        is_same(self.credited.as_ref(), self.credited_before.as_ref())
    }

    /// Whether its credit could be restated: it counts for another one than its owner.
    #[must_use]
    pub fn is_restatable(&self) -> bool {
        self.to.is_some() && !is_same(self.credited.as_ref(), self.to.as_ref())
    }
}

/// Deals of one quarter that went from one person to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassignment {
    /// Whose they were.
    pub from: Option<Member>,
    /// Whose they are.
    pub to: Option<Member>,
    /// Whom they counted for: another one than `from` where they changed hands before.
    pub counted_for: Option<Member>,
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
    /// How many could be restated.
    pub restatable: usize,
}

/// Whether two are the same person, whatever they are called.
fn is_same(one: Option<&Member>, other: Option<&Member>) -> bool {
    one.map(|person| &person.id) == other.map(|person| &person.id)
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
    // Only what was recorded since: a merge changes the owner of rows that nobody delivered.
    let recorded = column(RECORDED).gt(lit(before.as_of().snapshot));
    differing(before, after, recorded.and(differs("owner_id", OWNER_BEFORE)), reach).await
}

/// The deals closed before and after that count for somebody else, by the day they closed. Outside
/// the reach there are none.
///
/// # Errors
/// When the facts cannot be read.
pub async fn recredited(
    before: &Asker,
    after: &Asker,
    reach: &Reach,
) -> Result<Vec<ReassignedDeal>, MetricsError> {
    differing(before, after, differs("credited_id", CREDITED_BEFORE), reach).await
}

/// Whom each of these deals counts for, if it is closed: nobody where it counts for none. Outside the
/// reach none is.
///
/// # Errors
/// When the facts cannot be read.
pub async fn credit_of(
    asker: &Asker,
    deals: &[&str],
    reach: &Reach,
) -> Result<BTreeMap<String, Option<String>>, MetricsError> {
    if *reach != Reach::Everything || deals.is_empty() {
        return Ok(BTreeMap::new());
    }
    let wanted = deals.iter().map(|deal| lit(*deal)).collect();
    let found = closed(asker).await?.filter(column("opportunity_id").in_list(wanted, false))?;
    let found = collect(found.select(vec![column("opportunity_id"), column("credited_id")])?).await?;
    let credit = |row: Cells<'_>| Some((row.text("opportunity_id")?, row.text("credited_id")));
    Ok(found.rows().filter_map(credit).collect())
}

async fn differing(
    before: &Asker,
    after: &Asker,
    condition: Expr,
    reach: &Reach,
) -> Result<Vec<ReassignedDeal>, MetricsError> {
    if *reach != Reach::Everything {
        return Ok(Vec::new());
    }
    let was = closed(before).await?;
    let was = was.select(vec![
        column(SOURCE_SYSTEM).alias("system_before"),
        column(SOURCE_ID).alias("id_before"),
        column("owner_id").alias(OWNER_BEFORE),
        column("credited_id").alias(CREDITED_BEFORE),
    ])?;
    let same = [column(SOURCE_SYSTEM).eq(column("system_before")), column(SOURCE_ID).eq(column("id_before"))];
    let changed = closed(after).await?.join_on(was, JoinType::Inner, same)?.filter(condition)?;
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
        from: person(OWNER_BEFORE),
        to: person("owner_id"),
        credited_before: person(CREDITED_BEFORE),
        credited: person("credited_id"),
    })
}

/// The deals by those between whom they went and by quarter: most valuable first.
#[must_use]
pub fn by_person<'d>(
    deals: &'d [ReassignedDeal],
    hands: impl Fn(&'d ReassignedDeal) -> [&'d Option<Member>; 2],
) -> Vec<Reassignment> {
    let mut groups: BTreeMap<([&Option<Member>; 3], Option<Date>), Reassignment> = BTreeMap::new();
    for deal in deals {
        let first_day = deal.period.as_ref().and_then(|period| period.from);
        let [from, to] = hands(deal);
        let people = [from, to, &deal.credited_before];
        let group = groups.entry((people, first_day)).or_insert_with(|| Reassignment {
            from: from.clone(),
            to: to.clone(),
            counted_for: deal.credited_before.clone(),
            period: deal.period.clone(),
            deals: 0,
            won: 0,
            value: Decimal::ZERO,
            staying: 0,
            restatable: 0,
        });
        group.deals += 1;
        group.staying += usize::from(deal.stays());
        group.restatable += usize::from(deal.is_restatable());
        if deal.outcome == "won" {
            group.won += 1;
            group.value += deal.value.unwrap_or_default();
        }
    }
    let mut groups: Vec<Reassignment> = groups.into_values().collect();
    groups.sort_by(|one, other| other.value.cmp(&one.value).then(other.deals.cmp(&one.deals)));
    groups
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::Calendar;

    fn person(name: &str) -> Option<Member> {
        Some(Member { name: name.to_owned(), id: name.to_lowercase() })
    }

    fn deal(hands: [&str; 2], credit: [&str; 2], outcome: &str, value: i64) -> ReassignedDeal {
        let calendar = Calendar::starting_in(1).expect("a month");
        ReassignedDeal {
            key: RowKey::default(),
            opportunity_id: String::new(),
            name: None,
            account: None,
            outcome: outcome.to_owned(),
            closed_on: date(2026, 2, 1),
            period: calendar.containing(date(2026, 2, 1), Grain::Quarter),
            value: Some(value.into()),
            from: person(hands[0]),
            to: person(hands[1]),
            credited_before: person(credit[0]),
            credited: person(credit[1]),
        }
    }

    #[test]
    fn deals_are_summed_by_those_between_whom_they_went_and_whom_they_count_for() {
        let deals = [
            deal(["Ann", "Bob"], ["Ann", "Ann"], "won", 100),
            deal(["Ann", "Bob"], ["Ann", "Ann"], "lost", 900),
            // It was somebody else's before, so its credit is a third one's.
            deal(["Ann", "Bob"], ["Cem", "Cem"], "won", 40),
            // Given back to the one it counts for: there is nothing to restate.
            deal(["Bob", "Ann"], ["Ann", "Ann"], "won", 500),
        ];
        let groups = by_person(&deals, |deal| [&deal.from, &deal.to]);
        let told: Vec<_> = groups
            .iter()
            .map(|group| {
                let who = group.counted_for.as_ref().map(|person| person.name.as_str());
                (who, group.deals, group.won, group.value, group.staying, group.restatable)
            })
            .collect();
        let expected = [
            (Some("Ann"), 1, 1, 500.into(), 1, 0),
            (Some("Ann"), 2, 1, 100.into(), 2, 2),
            (Some("Cem"), 1, 1, 40.into(), 1, 1),
        ];
        assert_eq!(told, expected);
    }
}
