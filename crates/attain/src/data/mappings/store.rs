//! Mappings in the records: every text that was used, with its source, by whom and since when. They
//! are added with their audit entry and never changed.

use attain_facts::mapping::Mapping;
use attain_records::{Actor, Records, RecordsError, audit, from_micros, to_micros};
use jiff::Timestamp;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use entity as mapping_version;

/// A version of a source's mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    /// The source system that it reads.
    pub(crate) source: String,
    /// Its number among those of the source, from 1.
    pub(crate) version: i64,
    /// When it was saved.
    pub(crate) saved_at: Timestamp,
    /// By whom.
    pub(crate) actor: String,
    /// SHA-256 of the text.
    pub(crate) sha256: String,
    /// The text.
    pub(crate) text: String,
}

/// Every version of every source, the newest of each source first.
pub(crate) async fn versions(records: &Records, _actor: &Actor) -> Result<Vec<Version>, RecordsError> {
    let found = mapping_version::Entity::find()
        .order_by_asc(mapping_version::Column::Source)
        .order_by_desc(mapping_version::Column::Version)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(Version::from).collect())
}

/// One version.
pub(crate) async fn version(
    records: &Records,
    _actor: &Actor,
    source: &str,
    version: i64,
) -> Result<Option<Version>, RecordsError> {
    let key = (source.to_owned(), version);
    Ok(mapping_version::Entity::find_by_id(key).one(records.read()).await?.map(Version::from))
}

/// The newest version of every source.
pub(crate) async fn newest(records: &Records, actor: &Actor) -> Result<Vec<Version>, RecordsError> {
    let mut versions = versions(records, actor).await?;
    versions.dedup_by(|later, first| later.source == first.source);
    Ok(versions)
}

/// Saves a mapping as the newest version of its source, unless it is that already.
pub(crate) async fn keep(
    records: &Records,
    actor: &Actor,
    now: Timestamp,
    mapping: &Mapping,
) -> Result<(), RecordsError> {
    let transaction = records.begin(actor).await?;
    let newest = mapping_version::Entity::find()
        .filter(mapping_version::Column::Source.eq(&mapping.source))
        .order_by_desc(mapping_version::Column::Version)
        .one(transaction.connection())
        .await?;
    let sha256 = mapping.sha256();
    if newest.as_ref().is_some_and(|newest| newest.sha256 == sha256) {
        return Ok(());
    }
    let version = newest.map_or(1, |newest| newest.version + 1);
    mapping_version::Entity::insert(mapping_version::ActiveModel {
        source: Set(mapping.source.clone()),
        version: Set(version),
        saved_at_us: Set(to_micros(now)),
        actor: Set(actor.to_string()),
        sha256: Set(sha256.clone()),
        content: Set(mapping.text().to_owned()),
    })
    .exec_without_returning(transaction.connection())
    .await?;
    let detail = json!({ "source": mapping.source, "version": version, "sha256": sha256 });
    let subject = format!("mapping {}", mapping.source);
    audit::append(&transaction, now, "mapping.save", &subject, &detail).await?;
    transaction.commit().await
}

impl From<mapping_version::Model> for Version {
    fn from(row: mapping_version::Model) -> Version {
        Version {
            source: row.source,
            version: row.version,
            saved_at: from_micros(row.saved_at_us),
            actor: row.actor,
            sha256: row.sha256,
            text: row.content,
        }
    }
}

/// The table, and the only place that knows its columns.
mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mapping_version")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) version: i64,
        pub(crate) saved_at_us: i64,
        pub(crate) actor: String,
        pub(crate) sha256: String,
        #[sea_orm(column_type = "Text")]
        pub(crate) content: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
