//! The audit log: what was done, by whom, when, each entry chained to the one before by its hash.
//!
//! `hash = SHA-256` over the RFC 8785 form of the JSON array
//! `[sequence, at_us, actor, action, subject, detail, previous_hash]`, numbers and detail as
//! text, so that no two different entries share an encoding. A chain shows altered, missing,
//! added and reordered entries. It cannot show that entries were cut off its end, nor that all of
//! it was rewritten from some entry on: that takes someone who noted the newest hash outside
//! ([`Verdict::Intact`] returns it) and finds it again at the same position.

use std::fmt;

use jiff::Timestamp;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, Condition, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};

use crate::Actor;
use crate::connection::{Records, WriteTransaction};
use crate::error::RecordsError;
use crate::instant::{from_micros, to_micros};

/// The hash before the first entry.
const GENESIS: &str = "";
/// Entries read at a time while verifying.
const PAGE: u64 = 1_000;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entry")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) sequence: i64,
        pub(super) at_us: i64,
        pub(super) actor: String,
        pub(super) action: String,
        pub(super) subject: String,
        #[sea_orm(column_type = "Text")]
        pub(super) detail: String,
        pub(super) previous_hash: String,
        pub(super) hash: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Position in the log, from 1.
    pub sequence: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What was done: a verb and a noun, `import.commit`.
    pub action: String,
    /// To what.
    pub subject: String,
    /// Particulars, as JSON text.
    pub detail: String,
    /// The hash of the entry before, empty for the first.
    pub previous_hash: String,
    /// Its hash.
    pub hash: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry follows from the one before.
    Intact {
        /// How many entries there are.
        entries: u64,
        /// The hash of the newest, to be noted outside.
        head: String,
    },
    /// The chain breaks.
    Broken {
        /// At this position.
        sequence: i64,
        /// In this way.
        flaw: Flaw,
    },
}

/// How a chain breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The entry of this position is not there.
    Missing,
    /// The entry was put where none belongs: before the first.
    Added,
    /// The entry does not have the hash of its content.
    Altered,
    /// The entry names another predecessor than the one there is.
    Unchained,
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Flaw::Missing => "the entry is missing",
            Flaw::Added => "the entry was added before the first",
            Flaw::Altered => "the entry was altered",
            Flaw::Unchained => "the entry does not follow from the one before, which was rewritten",
        })
    }
}

/// Appends an entry about the change a transaction makes. From here to its commit other writers of
/// the log wait, so append last: on PostgreSQL that also keeps two changes from waiting for each
/// other.
///
/// # Errors
/// When the log cannot be written; then the change is not made either.
pub async fn append(
    transaction: &WriteTransaction,
    at: Timestamp,
    action: &str,
    subject: &str,
    detail: &serde_json::Value,
) -> Result<Entry, RecordsError> {
    let connection = transaction.connection();
    // Each entry needs its predecessor's hash, so writers stand in line.
    transaction.alone_with("audit_entry").await?;
    let newest = entity::Entity::find().order_by_desc(entity::Column::Sequence).one(connection).await?;
    let (sequence, previous_hash) =
        newest.map_or((1, GENESIS.to_owned()), |entry| (entry.sequence + 1, entry.hash));
    let mut entry = entity::Model {
        sequence,
        at_us: to_micros(at),
        actor: transaction.actor().to_string(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        detail: detail.to_string(),
        previous_hash,
        hash: String::new(),
    };
    entry.hash = hash_of(&entry);
    entity::Entity::insert(entity::ActiveModel {
        sequence: Set(entry.sequence),
        at_us: Set(entry.at_us),
        actor: Set(entry.actor.clone()),
        action: Set(entry.action.clone()),
        subject: Set(entry.subject.clone()),
        detail: Set(entry.detail.clone()),
        previous_hash: Set(entry.previous_hash.clone()),
        hash: Set(entry.hash.clone()),
    })
    .exec_without_returning(connection)
    .await?;
    Ok(entry.into())
}

/// Entries before a position, newest first.
///
/// # Errors
/// When the log cannot be read.
pub async fn entries(
    records: &Records,
    _actor: &Actor,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, RecordsError> {
    let mut query = entity::Entity::find().order_by_desc(entity::Column::Sequence).limit(limit);
    if let Some(before) = before {
        query = query.filter(entity::Column::Sequence.lt(before));
    }
    Ok(query.all(records.read()).await?.into_iter().map(Entry::from).collect())
}

/// Entries whose action begins with one of these, before a position, newest first.
///
/// # Errors
/// When the log cannot be read.
pub async fn entries_of(
    records: &Records,
    _actor: &Actor,
    actions: &[&str],
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, RecordsError> {
    let begins = actions.iter().map(|action| entity::Column::Action.starts_with(*action));
    let found = entity::Entity::find()
        .filter(begins.fold(Condition::any(), Condition::add))
        .filter(entity::Column::Sequence.lt(before.unwrap_or(i64::MAX)))
        .order_by_desc(entity::Column::Sequence)
        .limit(limit)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(Entry::from).collect())
}

/// Entries of one action on one subject, newest first.
///
/// # Errors
/// When the log cannot be read.
pub async fn about(
    records: &Records,
    _actor: &Actor,
    action: &str,
    subject: &str,
    limit: u64,
) -> Result<Vec<Entry>, RecordsError> {
    let found = entity::Entity::find()
        .filter(entity::Column::Subject.eq(subject))
        .filter(entity::Column::Action.eq(action))
        .order_by_desc(entity::Column::Sequence)
        .limit(limit)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(Entry::from).collect())
}

/// Subjects of one query; databases bind a limited number of values.
const SUBJECTS_PER_QUERY: usize = 10_000;

/// The newest entries about any of some subjects, newest first, before an entry where one is named.
///
/// # Errors
/// When the log cannot be read.
pub async fn about_any(
    records: &Records,
    _actor: &Actor,
    subjects: &[String],
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Entry>, RecordsError> {
    let mut found = Vec::new();
    for some in subjects.chunks(SUBJECTS_PER_QUERY) {
        let mut query = entity::Entity::find()
            .filter(entity::Column::Subject.is_in(some))
            .order_by_desc(entity::Column::Sequence)
            .limit(limit);
        if let Some(before) = before {
            query = query.filter(entity::Column::Sequence.lt(before));
        }
        found.extend(query.all(records.read()).await?.into_iter().map(Entry::from));
    }
    found.sort_by_key(|entry: &Entry| std::cmp::Reverse(entry.sequence));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Walks the whole chain in constant memory.
///
/// # Errors
/// When the log cannot be read. A broken chain is a finding, not an error.
pub async fn verify(records: &Records, _actor: &Actor) -> Result<Verdict, RecordsError> {
    let mut from = i64::MIN;
    let mut expected = 1_i64;
    let mut previous_hash = GENESIS.to_owned();
    loop {
        let page = entity::Entity::find()
            .filter(entity::Column::Sequence.gte(from))
            .order_by_asc(entity::Column::Sequence)
            .limit(PAGE)
            .all(records.read())
            .await?;
        if page.is_empty() {
            return Ok(Verdict::Intact { entries: (expected - 1).unsigned_abs(), head: previous_hash });
        }
        for entry in page {
            if let Some(flaw) = flaw_of(&entry, expected, &previous_hash) {
                return Ok(Verdict::Broken { sequence: expected.min(entry.sequence), flaw });
            }
            expected += 1;
            previous_hash = entry.hash;
        }
        from = expected;
    }
}

fn flaw_of(entry: &entity::Model, expected: i64, previous_hash: &str) -> Option<Flaw> {
    if entry.sequence < expected {
        return Some(Flaw::Added);
    }
    if entry.sequence > expected {
        return Some(Flaw::Missing);
    }
    if entry.hash != hash_of(entry) {
        return Some(Flaw::Altered);
    }
    (entry.previous_hash != previous_hash).then_some(Flaw::Unchained)
}

fn hash_of(entry: &entity::Model) -> String {
    let [sequence, at] = [entry.sequence, entry.at_us].map(|number| number.to_string());
    let parts =
        [&sequence, &at, &entry.actor, &entry.action, &entry.subject, &entry.detail, &entry.previous_hash];
    let encoded = serde_json::json!(parts).to_string();
    Sha256::digest(encoded.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl From<entity::Model> for Entry {
    fn from(entry: entity::Model) -> Entry {
        Entry {
            sequence: entry.sequence,
            at: from_micros(entry.at_us),
            actor: entry.actor,
            action: entry.action,
            subject: entry.subject,
            detail: entry.detail,
            previous_hash: entry.previous_hash,
            hash: entry.hash,
        }
    }
}
