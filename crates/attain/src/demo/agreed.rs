//! What the people of the demo have agreed on in Attain itself, as no system of theirs has it: the card by which
//! account executives are scored, and their goals beside the quota, quarter by quarter as it began.

use std::sync::Arc;

use anyhow::Context;
use attain_facts::store::Store;
use attain_metrics::{Asker, Grain, Level, Period, Person, Subject};
use attain_records::{Actor, WriteTransaction};
use attain_stats::scorecard::WhenMissing;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use rust_decimal::Decimal;

use crate::definitions::Definitions;
use crate::goals::{Party, Proposal, agree, by_number, propose};
use crate::role_cards::{self, New, RoleCard, Weighted};

/// The deliveries after which goals of the quarter that begins are agreed on.
const AGREED_ON: [Date; 2] = [date(2026, 3, 31), date(2026, 6, 30)];

/// The role of account executives, as it is imported.
const ROLE: &str = "AE";

/// Opportunities that an account executive is to create in a quarter, beside the quota.
const OPPORTUNITIES: Decimal = Decimal::from_parts(18, 0, 0, false, 0);

/// The same of a team, for each of its sellers of any role.
const OPPORTUNITIES_OF_A_SELLER: Decimal = Decimal::from_parts(13, 0, 0, false, 0);

/// The win rate that people and teams are to reach.
const WIN_RATE: Decimal = Decimal::from_parts(28, 0, 0, false, 2);

/// Metrics of the card, what they weigh and the most that counts, in percent.
const CARD: [(&str, u32, u32); 3] =
    [("bookings", 60, 150), ("win_rate_count", 25, 150), ("opps_created", 15, 120)];

/// Agrees on what is agreed on after a delivery, if anything.
///
/// # Errors
/// When facts or records cannot be read or written.
pub(crate) async fn after(store: &Store, day: Date, now: Timestamp) -> anyhow::Result<()> {
    let Some(time) = AGREED_ON.iter().position(|agreed| *agreed == day) else { return Ok(()) };
    let actor = Actor::local_owner();
    let snapshot = store.newest(&actor).await?.context("the delivery was imported")?;
    let editions = Definitions::new(store.records().clone()).now(&actor).await?;
    let asker = Asker::open(Arc::new(snapshot), editions, now).await?;
    let begins = day.tomorrow()?;
    let transaction = store.records().begin(&actor).await?;
    if time == 0 {
        write_card(&transaction, now).await?;
    }
    let quarter = asker.calendar().containing(begins, Grain::Quarter).context("the year has quarters")?;
    agree_on_goals(&transaction, &asker, &quarter, now).await?;
    transaction.commit().await?;
    Ok(())
}

async fn write_card(transaction: &WriteTransaction, now: Timestamp) -> anyhow::Result<()> {
    let weighted = |(metric, weight, cap): (&str, u32, u32)| Weighted {
        metric: metric.to_owned(),
        weight: weight.into(),
        floor: None,
        cap: Some(cap.into()),
    };
    let card = RoleCard::new(CARD.map(weighted).into(), WhenMissing::Renormalise)
        .map_err(|wrong| anyhow::anyhow!(wrong.message))?;
    let reason = "Bookings first; the win rate and new opportunities say whether they will last.";
    let new = New { role: ROLE, from: date(2025, 7, 1), card: &card, reason };
    role_cards::add(transaction, &new, now).await?;
    Ok(())
}

/// Everybody of the role agrees with their leader on the goals of a quarter, and every manager for their team.
async fn agree_on_goals(
    transaction: &WriteTransaction,
    asker: &Asker,
    quarter: &Period,
    now: Timestamp,
) -> anyhow::Result<()> {
    let on = quarter.from.context("a quarter begins")?;
    let organisation = asker.organisation();
    let is_asked = |person: &Person| person.role.as_deref() == Some(ROLE) && person.is_there_on(on);
    let asked = organisation.people().filter(|(_, person)| is_asked(person));
    let mut goals: Vec<(Subject, Decimal)> =
        asked.map(|(id, _)| (Subject::Rep(id.to_owned()), OPPORTUNITIES)).collect();
    for manager in organisation.members(Level::Manager, &Subject::Company, quarter) {
        let team = Subject::Manager(manager.id);
        let sellers = organisation.members(Level::Rep, &team, quarter).len();
        goals.push((team, OPPORTUNITIES_OF_A_SELLER * Decimal::from(sellers)));
    }
    goals.sort();
    for (subject, opportunities) in &goals {
        for (metric, value) in [("opps_created", *opportunities), ("win_rate_count", WIN_RATE)] {
            let proposal = Proposal {
                subject,
                metric,
                period: quarter.key(),
                value,
                from: on,
                reason: "Talked over at the start of the quarter.",
                by: Some(Party::Leader),
                on,
                template: None,
            };
            let number = propose(transaction, &proposal, None, now).await?;
            let goal = by_number(transaction.connection(), transaction.actor(), asker, number).await?;
            let goal = goal.context("the goal was just proposed")?;
            agree(transaction, &goal, number, Party::Subject, (on, now)).await?;
        }
    }
    Ok(())
}
