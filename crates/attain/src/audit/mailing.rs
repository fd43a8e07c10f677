//! The head of the log, mailed once a day: who keeps the letters can show that no past was written anew.

use attain_records::{Actor, Records, audit};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::mail::{Letter, Mail};

/// What an entry about a mailed head is called.
const MAILED: &str = "audit.head_mailed";

/// Mails the head where that was not done today, and notes it. Whoever the letter cannot reach now gets it at
/// the next look.
///
/// # Errors
/// When the letter is not taken, or the records cannot be read or written.
pub(crate) async fn mail_head_if_due(records: &Records, mail: &Mail, now: Timestamp) -> anyhow::Result<()> {
    let Some(to) = mail.audit_to() else { return Ok(()) };
    let owner = Actor::local_owner();
    let today = TimeZone::UTC.to_datetime(now).date();
    let last = audit::entries_of(records, &owner, &[MAILED], None, 1).await?;
    if last.first().is_some_and(|entry| TimeZone::UTC.to_datetime(entry.at).date() >= today) {
        return Ok(());
    }
    let Some(head) = audit::entries(records, &owner, None, 1).await?.pop() else { return Ok(()) };
    let text = format!(
        "The audit log of Attain has {} entries. The hash of the newest one is\n\n{}\n\nKeep this letter. `attain audit verify --head {} --at {}` on the server says whether the log still leads there: where it does not, entries were altered or cut off.\n",
        head.sequence, head.hash, head.hash, head.sequence
    );
    let subject = format!("Attain: head of the audit log, {today}");
    mail.send(Letter { to: to.clone(), subject, text }).await?;
    let transaction = records.begin(&owner).await?;
    let detail = json!({ "to": to.to_string(), "sequence": head.sequence, "head": head.hash });
    audit::append(&transaction, now, MAILED, "audit log", &detail).await?;
    Ok(transaction.commit().await?)
}
