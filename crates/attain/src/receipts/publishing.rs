//! What was signed is told to those who ask, so that a number which differs from it says so (E10).

use attain_metrics::{Asker, Reach};
use attain_records::{Actor, Records, RecordsError};

use super::store;

/// Tells an asker of the receipts after a number. Returns the number of the newest.
pub(crate) async fn publish(
    records: &Records,
    actor: &Actor,
    reach: &Reach,
    asker: &Asker,
    after: i64,
) -> Result<i64, RecordsError> {
    let receipts = store::after(records, actor, reach, after).await?;
    // What somebody changed in the records is nobody's word.
    asker.publish(receipts.iter().filter_map(|kept| kept.receipt.as_ref().ok()).map(|r| r.statement()));
    Ok(receipts.last().map_or(after, |newest| newest.number))
}
