//! `attain key`: the fingerprint by which others check what was signed here.

use attain_records::{Actor, audit};
use jiff::Timestamp;
use serde_json::json;

use super::table::writeln_or_closed;
use crate::config::DataDirectory;
use crate::receipts::key::announce;

/// Print the fingerprint of the key that signs numbers
#[derive(clap::Args)]
#[command(after_help = "Example: attain key")]
pub(super) struct Key {
    /// Begin a new key where the old one is lost; receipts signed before hold for the old fingerprint
    #[arg(long)]
    new: bool,
}

impl Key {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        if !self.new {
            return writeln_or_closed(&data.key().fingerprint()?.to_string());
        }
        let store = data.open().await?;
        let fingerprint = data.key().make(rand::random())?.fingerprint();
        let transaction = store.records().begin(&Actor::local_owner()).await?;
        let detail = json!({ "key": fingerprint.to_string() });
        audit::append(&transaction, Timestamp::now(), "key.create", "signing key", &detail).await?;
        transaction.commit().await?;
        announce(&fingerprint);
        writeln_or_closed(&fingerprint.to_string())
    }
}
