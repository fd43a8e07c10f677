//! Accounts: who may sign in, whom of the roster they are, and the roles an admin gave them.
//!
//! Every change is one transaction with its audit entry. A role that ended stays on record with the
//! times it held.

use std::collections::BTreeSet;

use attain_records::{Actor, Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::permissions::role::Role;
use crate::permissions::standing::Given;
use entity::{account, account_role};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) number: i64,
    /// Lower case.
    pub(crate) email: String,
    pub(crate) name: String,
    /// Identifier in the roster.
    pub(crate) person: Option<String>,
    /// Argon2id, where a password was chosen.
    pub(super) password: Option<String>,
    /// The shared secret of the second factor, once it was confirmed.
    pub(super) second_factor: Option<String>,
    /// The last step of it that was used.
    pub(super) second_factor_step: Option<i64>,
    /// Whether they may sign in.
    pub(crate) is_open: bool,
    pub(crate) created_at: Timestamp,
}

/// A role as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GivenRole {
    pub(super) number: i64,
    pub(super) given: Given,
    pub(super) given_at: Timestamp,
    pub(super) given_by: String,
}

/// What a new account is made of.
#[derive(Clone, Debug)]
pub(crate) struct NewAccount {
    pub(crate) email: Email,
    pub(crate) name: String,
    pub(crate) person: Option<String>,
    pub(crate) roles: BTreeSet<Given>,
}

/// An address of mail, in lower case; by it people sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email(String);

impl Email {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(crate) fn read(text: &str) -> Result<Email, String> {
        let text = text.trim().to_lowercase();
        let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && host.contains('.'));
        let is_plain = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control())
            && text.len() <= 254
            && text.matches('@').count() == 1;
        match parts.filter(|_| is_plain) {
            Some(_) => Ok(Email(text)),
            None => Err(format!("`{text}` is no address of mail")),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether anybody has an account.
pub(crate) async fn any(records: &Records) -> Result<bool, RecordsError> {
    Ok(account::Entity::find().one(records.read()).await?.is_some())
}

/// Everybody, by name.
pub(crate) async fn all(records: &Records, _actor: &Actor) -> Result<Vec<Account>, RecordsError> {
    let found = account::Entity::find().order_by_asc(account::Column::Name).all(records.read()).await?;
    Ok(found.into_iter().map(Account::from).collect())
}

/// One account.
pub(crate) async fn by_number(records: &Records, number: i64) -> Result<Option<Account>, RecordsError> {
    Ok(account::Entity::find_by_id(number).one(records.read()).await?.map(Account::from))
}

/// The account of an address.
pub(crate) async fn by_email(
    connection: &impl ConnectionTrait,
    email: &Email,
) -> Result<Option<Account>, RecordsError> {
    let found = account::Entity::find().filter(account::Column::Email.eq(email.as_str()));
    Ok(found.one(connection).await?.map(Account::from))
}

/// The account of somebody of the roster.
pub(crate) async fn of_person(
    connection: &impl ConnectionTrait,
    person: &str,
) -> Result<Option<Account>, RecordsError> {
    let found = account::Entity::find().filter(account::Column::Person.eq(person));
    Ok(found.one(connection).await?.map(Account::from))
}

/// Lets nobody else make or change accounts until the transaction ends, so that what is looked up through
/// it still holds.
pub(crate) async fn alone(transaction: &WriteTransaction) -> Result<(), RecordsError> {
    transaction.alone_with("account").await
}

/// The roles somebody was given and still has.
pub(super) async fn roles(records: &Records, number: i64) -> Result<Vec<GivenRole>, RecordsError> {
    let held = account_role::Entity::find()
        .filter(account_role::Column::Account.eq(number))
        .filter(account_role::Column::EndedAtUs.is_null())
        .order_by_asc(account_role::Column::Number)
        .all(records.read())
        .await?;
    Ok(held.into_iter().filter_map(GivenRole::read).collect())
}

/// The same as what they add up to.
pub(crate) async fn given(records: &Records, number: i64) -> Result<BTreeSet<Given>, RecordsError> {
    Ok(roles(records, number).await?.into_iter().map(|role| role.given).collect())
}

/// Makes an account; the address must be nobody's yet. Appends to the audit log last, so the caller
/// commits and writes nothing after it.
///
/// # Errors
/// When the records cannot be written.
pub(crate) async fn make(
    transaction: &WriteTransaction,
    wanted: &NewAccount,
    now: Timestamp,
) -> Result<Account, RecordsError> {
    transaction.alone_with("account").await?;
    let connection = transaction.connection();
    let newest = account::Entity::find().order_by_desc(account::Column::Number).one(connection).await?;
    let row = account::Model {
        number: newest.map_or(1, |newest| newest.number + 1),
        email: wanted.email.as_str().to_owned(),
        name: wanted.name.trim().to_owned(),
        person: wanted.person.clone(),
        password: None,
        second_factor: None,
        second_factor_step: None,
        is_open: true,
        created_at_us: to_micros(now),
    };
    account::Entity::insert(account::ActiveModel::from(row.clone()))
        .exec_without_returning(connection)
        .await?;
    for given in &wanted.roles {
        insert_role(transaction, row.number, given, now).await?;
    }
    let roles: Vec<&str> = wanted.roles.iter().map(|given| given.role.key()).collect();
    let detail = json!({ "person": wanted.person, "roles": roles });
    audit::append(transaction, now, "account.create", &subject(row.number), &detail).await?;
    Ok(Account::from(row))
}

/// Gives a role.
pub(super) async fn give(
    transaction: &WriteTransaction,
    number: i64,
    given: &Given,
    now: Timestamp,
) -> Result<(), RecordsError> {
    insert_role(transaction, number, given, now).await?;
    let detail = json!({ "role": given.role.key(), "population": given.population });
    audit::append(transaction, now, "role.give", &subject(number), &detail).await?;
    Ok(())
}

async fn insert_role(
    transaction: &WriteTransaction,
    number: i64,
    given: &Given,
    now: Timestamp,
) -> Result<(), RecordsError> {
    transaction.alone_with("account_role").await?;
    let connection = transaction.connection();
    let newest =
        account_role::Entity::find().order_by_desc(account_role::Column::Number).one(connection).await?;
    let row = account_role::Model {
        number: newest.map_or(1, |newest| newest.number + 1),
        account: number,
        role: given.role.key().to_owned(),
        population: given.population.as_ref().map(|regions| json!(regions).to_string()),
        given_at_us: to_micros(now),
        given_by: transaction.actor().to_string(),
        ended_at_us: None,
    };
    account_role::Entity::insert(account_role::ActiveModel::from(row))
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Ends a role; false where it is not one of theirs, or the last admin's.
pub(super) async fn take(
    transaction: &WriteTransaction,
    number: i64,
    role: i64,
    now: Timestamp,
) -> Result<bool, RecordsError> {
    let connection = transaction.connection();
    let held = account_role::Entity::find_by_id(role)
        .filter(account_role::Column::Account.eq(number))
        .filter(account_role::Column::EndedAtUs.is_null())
        .one(connection)
        .await?;
    let Some(held) = held else { return Ok(false) };
    if held.role == Role::Admin.key() && !another_admin(connection, number).await? {
        return Ok(false);
    }
    let detail = json!({ "role": held.role });
    let mut ended = account_role::ActiveModel::from(held);
    ended.ended_at_us = Set(Some(to_micros(now)));
    account_role::Entity::update(ended).exec(connection).await?;
    audit::append(transaction, now, "role.end", &subject(number), &detail).await?;
    Ok(true)
}

/// Whether somebody other than one is an admin who may sign in: without one nobody could make accounts.
pub(super) async fn another_admin(
    connection: &impl ConnectionTrait,
    number: i64,
) -> Result<bool, RecordsError> {
    let admins = account_role::Entity::find()
        .filter(account_role::Column::Role.eq(Role::Admin.key()))
        .filter(account_role::Column::EndedAtUs.is_null())
        .filter(account_role::Column::Account.ne(number))
        .all(connection)
        .await?;
    for admin in admins {
        let account = account::Entity::find_by_id(admin.account).one(connection).await?;
        if account.is_some_and(|account| account.is_open) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What changes of an account.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Password(String),
    SecondFactor(Option<String>),
    SecondFactorStep(i64),
    Open(bool),
    /// Whom of the roster they are.
    Person(Option<String>),
}

/// Changes an account. That a step of the second factor was used is no act of its own.
pub(super) async fn change(
    transaction: &WriteTransaction,
    number: i64,
    change: Change,
    now: Timestamp,
) -> Result<(), RecordsError> {
    let mut row = account::ActiveModel { number: Set(number), ..Default::default() };
    let action = match change {
        Change::Password(hash) => {
            row.password = Set(Some(hash));
            Some("account.password")
        }
        Change::SecondFactor(secret) => {
            let action =
                if secret.is_some() { "account.second_factor_on" } else { "account.second_factor_off" };
            row.second_factor = Set(secret);
            row.second_factor_step = Set(None);
            Some(action)
        }
        Change::SecondFactorStep(step) => {
            row.second_factor_step = Set(Some(step));
            None
        }
        Change::Open(open) => {
            row.is_open = Set(open);
            Some(if open { "account.open" } else { "account.close" })
        }
        Change::Person(person) => {
            row.person = Set(person);
            Some("account.person")
        }
    };
    account::Entity::update(row).exec(transaction.connection()).await?;
    if let Some(action) = action {
        audit::append(transaction, now, action, &subject(number), &json!({})).await?;
    }
    Ok(())
}

/// What the audit log calls an account.
pub(super) fn subject(number: i64) -> String {
    format!("account {number}")
}

impl Account {
    /// Whether a second factor is asked for.
    pub(super) fn has_second_factor(&self) -> bool {
        self.second_factor.is_some()
    }

    /// Whether they can sign in, in a word.
    pub(crate) fn state(&self) -> &'static str {
        match (self.is_open, &self.password) {
            (false, _) => "closed",
            (true, None) => "no password yet",
            (true, Some(_)) => "open",
        }
    }

    /// What others know of them, so no password may be made of it.
    pub(super) fn known_words(&self) -> Vec<&str> {
        let names = self.name.split_whitespace().chain([self.name.as_str()]);
        let address = self.email.split(['@', '.']).chain(self.email.split('@').take(1));
        names.chain(address).collect()
    }
}

impl From<account::Model> for Account {
    fn from(row: account::Model) -> Account {
        Account {
            number: row.number,
            email: row.email,
            name: row.name,
            person: row.person,
            password: row.password,
            second_factor: row.second_factor,
            second_factor_step: row.second_factor_step,
            is_open: row.is_open,
            created_at: from_micros(row.created_at_us),
        }
    }
}

impl GivenRole {
    /// A role of a later version says nothing to this one.
    fn read(row: account_role::Model) -> Option<GivenRole> {
        let population = match row.population.as_deref().map(serde_json::from_str) {
            None => None,
            Some(Ok(regions)) => Some(regions),
            Some(Err(_)) => return None,
        };
        Some(GivenRole {
            number: row.number,
            given: Given { role: Role::from_key(&row.role)?, population },
            given_at: from_micros(row.given_at_us),
            given_by: row.given_by,
        })
    }
}

/// The tables, and the only place that knows their columns.
mod entity {
    pub(super) mod account {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "account")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) email: String,
            pub(crate) name: String,
            pub(crate) person: Option<String>,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) password: Option<String>,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) second_factor: Option<String>,
            pub(crate) second_factor_step: Option<i64>,
            pub(crate) is_open: bool,
            pub(crate) created_at_us: i64,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(super) mod account_role {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "account_role")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) account: i64,
            pub(crate) role: String,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) population: Option<String>,
            pub(crate) given_at_us: i64,
            pub(crate) given_by: String,
            pub(crate) ended_at_us: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
