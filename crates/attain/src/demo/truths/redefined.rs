//! P6: the win rate means something else from the sixth quarter on: renewals, which nearly always close,
//! are left out. What was measured before stays as it was.

use anyhow::Context;
use attain_facts::store::Store;
use attain_records::Actor;
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::SIXTH;
use crate::definitions::Definitions;
use crate::definitions::proposal::{Proposal, consider};

/// The delivery after which it was decided.
pub(crate) const DECIDED_ON: Date = date(2025, 9, 30);

const TEXT: &str = "\
metrics:
  - name: win_rate_count
    label: Win rate
    description: Opportunities won ÷ won or lost, by close date, without renewals.
    type: ratio
    type_params:
      numerator: { name: deals_won, filter: \"type <> 'renewal'\" }
      denominator: { name: deals_decided, filter: \"type <> 'renewal'\" }
    meta: { unit: ratio, proportion: true, of: decided, direction: up, minimum_n: 5, minimum_n_rank: 20, counter_metric: open_deals, gaming: lost deals left open }
";

/// Saves the change, as of when it was decided.
///
/// # Errors
/// When the records cannot be written.
pub(crate) async fn define(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let definitions = Definitions::new(store.records().clone());
    let (actor, proposal) = (Actor::local_owner(), Proposal { text: TEXT.to_owned(), in_force_from: SIXTH });
    let considered = consider(&definitions, &actor, proposal, DECIDED_ON).await?;
    let reason = "Renewals close by themselves, and hid how new business was won.";
    considered.save(&definitions, &actor, now, reason, false).await.context("the demo's win rate")?;
    Ok(())
}
