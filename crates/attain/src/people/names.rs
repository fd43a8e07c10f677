//! Names for those the records know by account: what people read where the log has a number.

use std::collections::BTreeMap;

use attain_records::{Actor, RecordsError};

use super::account;
use crate::permissions::role::Role;
use crate::web::App;

/// The names of everybody who has or had an account.
pub(crate) struct Names(BTreeMap<i64, String>);

impl Names {
    /// Reads them.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub(crate) async fn read(app: &App) -> Result<Names, RecordsError> {
        let accounts = account::all(app.records(), &Actor::local_owner()).await?;
        Ok(Names(accounts.into_iter().map(|account| (account.number, account.name)).collect()))
    }

    /// Who an actor is, as the records write it.
    pub(crate) fn who(&self, actor: &str) -> String {
        let who = actor.split(" as ").next().unwrap_or(actor);
        let number = who.strip_prefix("account ").and_then(|number| number.parse().ok());
        number.and_then(|number: i64| self.0.get(&number)).cloned().unwrap_or_else(|| who.to_owned())
    }
}

/// The role an actor acted in, where one was needed.
pub(crate) fn acted_as(actor: &str) -> Option<Role> {
    Role::from_key(actor.split_once(" as ")?.1)
}
