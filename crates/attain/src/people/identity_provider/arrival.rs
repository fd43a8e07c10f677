//! Whose account it is that somebody arrives at from the provider.
//!
//! A known identity opens its account, whatever the address is now. A new one opens the account of its
//! address where the provider vouches for that, or makes one. An address that was somebody else's at the
//! same provider opens nothing: addresses are handed on to new people, identities are not.

use std::collections::BTreeSet;

use attain_metrics::Level;
use attain_records::{Actor, Records, RecordsError, WriteTransaction, audit, to_micros};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::claims::Told;
use super::settings::Policy;
use crate::people::account::{self, Account, NewAccount, subject};
use crate::web::App;
use crate::web::problem::PageError;
use entity as identity;

/// Why somebody the provider knows is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    NobodyYet,
    NoAddress,
    NotVerified,
    NoAccount,
    SomebodyElses,
    Closed,
}

impl Refusal {
    /// What is said of it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Refusal::NobodyYet => {
                "Nobody has an account here yet. The first one is made by the link that the server printed when it was started."
            }
            Refusal::NoAddress => {
                "The identity provider did not say your address of mail, by which your account would be found. Whoever runs it can let Attain have it."
            }
            Refusal::NotVerified => {
                "The identity provider does not vouch for your address of mail, so that it opens nothing. Confirm the address there, or ask whoever runs Attain."
            }
            Refusal::NoAccount => {
                "You have no account here. Whoever runs Attain can make one for your address."
            }
            Refusal::SomebodyElses => {
                "The account of your address belongs to somebody else at the identity provider. Whoever runs Attain can make you another."
            }
            Refusal::Closed => "Your account is closed. Whoever runs Attain can open it again.",
        }
    }
}

/// The account somebody arrives at. What is new about them is kept.
pub(super) async fn account(
    app: &App,
    told: &Told,
    policy: &Policy,
    now: Timestamp,
) -> Result<Result<Account, Refusal>, PageError> {
    if !account::any(app.records()).await? {
        return Ok(Err(Refusal::NobodyYet));
    }
    let known = identity::Entity::find_by_id((told.issuer.clone(), told.subject.clone()));
    if let Some(known) = known.one(app.records().read()).await.map_err(RecordsError::from)? {
        let account = account::by_number(app.records(), known.account).await?;
        return Ok(account.filter(|account| account.is_open).ok_or(Refusal::Closed));
    }
    let Some(email) = &told.email else { return Ok(Err(Refusal::NoAddress)) };
    if !told.is_verified {
        return Ok(Err(Refusal::NotVerified));
    }
    let person = person(app, told).await?;
    // Two browsers may arrive at once: who is here is looked up with nobody else coming in.
    let transaction = app.records().begin(&Actor::nobody()).await?;
    account::alone(&transaction).await?;
    let account = match account::by_email(transaction.connection(), email).await? {
        Some(account) if !account.is_open => return Ok(Err(Refusal::Closed)),
        Some(account) => account,
        None if policy.create_accounts => made(&transaction, told, email.clone(), person, now).await?,
        None => return Ok(Err(Refusal::NoAccount)),
    };
    if !link(&transaction, told, account.number, now).await? {
        return Ok(Err(Refusal::SomebodyElses));
    }
    transaction.commit().await?;
    Ok(Ok(account))
}

/// Makes an account without any role: what they see follows from who they are in the roster, unless
/// somebody has an account as that person.
async fn made(
    transaction: &WriteTransaction,
    told: &Told,
    email: account::Email,
    person: Option<String>,
    now: Timestamp,
) -> Result<Account, RecordsError> {
    let person = match person {
        Some(id) if account::of_person(transaction.connection(), &id).await?.is_some() => None,
        person => person,
    };
    let name = told.name.clone().unwrap_or_else(|| email.as_str().to_owned());
    account::make(transaction, &NewAccount { email, name, person, roles: [].into() }, now).await
}

/// Whom of the roster the provider names: by the roster's own identifier or Attain's, never by a name, which
/// people may choose.
async fn person(app: &App, told: &Told) -> Result<Option<String>, PageError> {
    let Some(named) = &told.person else { return Ok(None) };
    let asker = match app.asker().await {
        Ok(asker) => asker,
        Err(PageError::NothingImported) => return Ok(None),
        Err(failed) => return Err(failed),
    };
    let known = app.store().people_identified_by(&app.actor(), named).await?;
    // Who was merged into another is that other.
    let kept = known.iter().filter_map(|id| asker.organisation().member(Level::Rep, id));
    let kept: BTreeSet<String> = kept.map(|member| member.id).collect();
    match kept.first() {
        Some(one) if kept.len() == 1 => Ok(Some(one.clone())),
        _ => {
            tracing::warn!(
                person = named,
                "the roster has nobody, or several, whom the identity provider names"
            );
            Ok(None)
        }
    }
}

/// Notes that an identity opens an account; false where another identity of that provider does.
async fn link(
    transaction: &WriteTransaction,
    told: &Told,
    account: i64,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let connection = transaction.connection();
    let there = identity::Entity::find()
        .filter(identity::Column::Issuer.eq(&told.issuer))
        .filter(identity::Column::Account.eq(account));
    if let Some(there) = there.one(connection).await? {
        // The same identity may have arrived in another browser a moment ago.
        return Ok(there.subject == told.subject);
    }
    let row = identity::ActiveModel {
        issuer: Set(told.issuer.clone()),
        subject: Set(told.subject.clone()),
        account: Set(account),
        linked_at_us: Set(to_micros(now)),
    };
    identity::Entity::insert(row).exec_without_returning(connection).await?;
    let detail = json!({ "issuer": told.issuer, "subject": told.subject });
    audit::append(transaction, now, "account.identity", &subject(account), &detail).await?;
    Ok(true)
}

/// Whether an account is opened at a provider.
pub(crate) async fn is_linked(records: &Records, account: i64) -> Result<bool, RecordsError> {
    let linked = identity::Entity::find().filter(identity::Column::Account.eq(account));
    Ok(linked.one(records.read()).await?.is_some())
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account_identity")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) issuer: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) subject: String,
        pub(crate) account: i64,
        pub(crate) linked_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
