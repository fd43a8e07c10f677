//! Receipts in the records: the file as it was signed, and the list of rows it rests on. They are
//! added in one transaction with their audit entry and never changed. Receipts outside the reach of
//! the one who asks are as if they were not there.

use attain_metrics::receipt::{Hash, Receipt, ReceiptError};
use attain_metrics::{EvidenceRow, Level, Reach, Subject};
use attain_records::{Actor, Records, RecordsError, WriteTransaction, audit, from_micros, to_micros};
use jiff::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::json;

use entity::{receipt, receipt_row};

/// Rows of one insert statement; SQLite binds at most 32,766 values.
const ROWS_PER_INSERT: usize = 1_000;

/// A receipt that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// Its number, from 1.
    pub(crate) number: i64,
    /// When it was signed.
    pub(crate) signed_at: Timestamp,
    /// In whose name.
    pub(crate) actor: String,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
    /// Fingerprint of the key it was signed with.
    pub(crate) fingerprint: String,
    /// The file.
    pub(crate) text: String,
    /// What stands in it, unless somebody changed it in the records.
    pub(crate) receipt: Result<Receipt, ReceiptError>,
}

/// Which number receipts are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub(crate) metric: &'a str,
    pub(crate) level: &'a str,
    pub(crate) id: Option<&'a str>,
    pub(crate) period: &'a str,
}

/// Keeps a receipt and its rows. Returns its number. Who signs a number twice within a microsecond
/// signs the same bytes: that is one receipt, kept once.
pub(crate) async fn keep(
    records: &Records,
    actor: &Actor,
    receipt: &Receipt,
    rows: &[EvidenceRow],
) -> Result<i64, RecordsError> {
    let transaction = records.begin(actor).await?;
    let number = next_number(&transaction).await?;
    let (text, statement) = (receipt.text(), receipt.statement());
    let sha256 = Hash::of(text.as_bytes()).to_string();
    let same = receipt::Entity::find().filter(receipt::Column::Sha256.eq(&sha256));
    if let Some(kept) = same.one(transaction.connection()).await? {
        return Ok(kept.number);
    }
    let signed_at = statement.signed_at.0;
    receipt::Entity::insert(receipt::ActiveModel {
        number: Set(number),
        sha256: Set(sha256.clone()),
        signed_at_us: Set(to_micros(signed_at)),
        actor: Set(actor.to_string()),
        fingerprint: Set(receipt.fingerprint().to_string()),
        metric: Set(statement.metric.id.clone()),
        level: Set(statement.subject.level.clone()),
        subject_id: Set(statement.subject.id.clone()),
        period: Set(statement.period.key.clone()),
        content: Set(text),
    })
    .exec_without_returning(transaction.connection())
    .await?;
    insert_rows(&transaction, number, rows).await?;
    let detail = json!({
        "metric": statement.metric.id,
        "level": statement.subject.level,
        "id": statement.subject.id,
        "period": statement.period.key,
        "snapshot": statement.as_of.snapshot,
        "sha256": sha256,
        "key": receipt.fingerprint().to_string(),
    });
    audit::append(&transaction, signed_at, "receipt.sign", &format!("receipt {number}"), &detail).await?;
    transaction.commit().await?;
    Ok(number)
}

/// Numbers follow each other without holes.
async fn next_number(transaction: &WriteTransaction) -> Result<i64, RecordsError> {
    transaction.alone_with("receipt").await?;
    let newest =
        receipt::Entity::find().order_by_desc(receipt::Column::Number).one(transaction.connection()).await?;
    Ok(newest.map_or(1, |newest| newest.number + 1))
}

async fn insert_rows(
    transaction: &WriteTransaction,
    number: i64,
    rows: &[EvidenceRow],
) -> Result<(), RecordsError> {
    let mut positions = 0..;
    for some in rows.chunks(ROWS_PER_INSERT) {
        let models = some.iter().zip(&mut positions).map(|(row, position)| receipt_row::ActiveModel {
            receipt: Set(number),
            position: Set(position),
            fact_table: Set(row.table.clone()),
            source_system: Set(row.source_system.clone()),
            source_id: Set(row.source_id.clone()),
            row_hash: Set(row.row_hash.clone()),
            recorded_snapshot: Set(row.recorded_snapshot),
            amount: Set(row.value.map(|value| value.normalize().to_string())),
            numerator: Set(row.numerator),
            denominator: Set(row.denominator),
        });
        receipt_row::Entity::insert_many(models).exec_without_returning(transaction.connection()).await?;
    }
    Ok(())
}

/// Whether anything was ever signed.
pub(crate) async fn any(records: &Records, _actor: &Actor) -> Result<bool, RecordsError> {
    Ok(receipt::Entity::find().limit(1).count(records.read()).await? > 0)
}

/// Receipts read at a time.
const PAGE: u64 = 500;

/// One receipt.
pub(crate) async fn by_number(
    records: &Records,
    _actor: &Actor,
    reach: &Reach,
    number: i64,
) -> Result<Option<Kept>, RecordsError> {
    Ok(kept(receipt::Entity::find_by_id(number), records, reach).await?.pop())
}

/// The receipt that is this very file.
pub(crate) async fn by_hash(
    records: &Records,
    _actor: &Actor,
    reach: &Reach,
    sha256: &Hash,
) -> Result<Option<Kept>, RecordsError> {
    let found = receipt::Entity::find().filter(receipt::Column::Sha256.eq(sha256.to_string()));
    Ok(kept(found, records, reach).await?.pop())
}

/// The newest receipts.
pub(crate) async fn newest(
    records: &Records,
    _actor: &Actor,
    reach: &Reach,
    limit: u64,
) -> Result<Vec<Kept>, RecordsError> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut newest = Vec::new();
    let mut before = i64::MAX;
    // Others' receipts may lie between.
    while newest.len() < limit {
        let page = receipt::Entity::find()
            .filter(receipt::Column::Number.lt(before))
            .order_by_desc(receipt::Column::Number)
            .limit(PAGE)
            .all(records.read())
            .await?;
        let Some(last) = page.last() else { break };
        before = last.number;
        newest.extend(page.into_iter().filter(|row| row.is_inside(reach)).map(Kept::from));
    }
    newest.truncate(limit);
    Ok(newest)
}

/// The receipts after a number, oldest first.
pub(crate) async fn after(
    records: &Records,
    _actor: &Actor,
    reach: &Reach,
    number: i64,
) -> Result<Vec<Kept>, RecordsError> {
    let found = receipt::Entity::find()
        .filter(receipt::Column::Number.gt(number))
        .order_by_asc(receipt::Column::Number);
    kept(found, records, reach).await
}

/// The receipts of one number, newest first.
pub(crate) async fn about(
    records: &Records,
    _actor: &Actor,
    reach: &Reach,
    about: About<'_>,
    limit: u64,
) -> Result<Vec<Kept>, RecordsError> {
    let subject = match about.id {
        Some(id) => receipt::Column::SubjectId.eq(id),
        None => receipt::Column::SubjectId.is_null(),
    };
    let found = receipt::Entity::find()
        .filter(receipt::Column::Metric.eq(about.metric))
        .filter(receipt::Column::Period.eq(about.period))
        .filter(receipt::Column::Level.eq(about.level))
        .filter(subject)
        .order_by_desc(receipt::Column::Number)
        .limit(limit);
    kept(found, records, reach).await
}

/// The rows a receipt rests on, as they were when it was signed.
pub(crate) async fn rows(
    records: &Records,
    _actor: &Actor,
    number: i64,
) -> Result<Vec<EvidenceRow>, RecordsError> {
    let found = receipt_row::Entity::find()
        .filter(receipt_row::Column::Receipt.eq(number))
        .order_by_asc(receipt_row::Column::Position)
        .all(records.read())
        .await?;
    Ok(found.into_iter().map(EvidenceRow::from).collect())
}

/// Those of the receipts found whose subject is inside the reach of the one who asks.
async fn kept(
    found: Select<receipt::Entity>,
    records: &Records,
    reach: &Reach,
) -> Result<Vec<Kept>, RecordsError> {
    let found = found.all(records.read()).await?.into_iter();
    Ok(found.filter(|row| row.is_inside(reach)).map(Kept::from).collect())
}

impl receipt::Model {
    /// A receipt says how many rows there are, and which hash they have: it is for who may see rows.
    fn is_inside(&self, reach: &Reach) -> bool {
        self.subject().is_some_and(|subject| reach.opens(&subject))
    }

    fn subject(&self) -> Option<Subject> {
        Some(Subject::at(Level::from_name(&self.level)?, self.subject_id.clone().unwrap_or_default()))
    }
}

impl From<receipt::Model> for Kept {
    fn from(row: receipt::Model) -> Kept {
        Kept {
            number: row.number,
            signed_at: from_micros(row.signed_at_us),
            actor: row.actor,
            sha256: row.sha256,
            fingerprint: row.fingerprint,
            receipt: Receipt::read(row.content.as_bytes()),
            text: row.content,
        }
    }
}

impl From<receipt_row::Model> for EvidenceRow {
    fn from(row: receipt_row::Model) -> EvidenceRow {
        EvidenceRow {
            table: row.fact_table,
            source_system: row.source_system,
            source_id: row.source_id,
            row_hash: row.row_hash,
            recorded_snapshot: row.recorded_snapshot,
            value: row.amount.and_then(|digits| digits.parse().ok()),
            numerator: row.numerator,
            denominator: row.denominator,
        }
    }
}

/// The tables, and the only place that knows their columns.
mod entity {
    pub(super) mod receipt {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "receipt")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) sha256: String,
            pub(crate) signed_at_us: i64,
            pub(crate) actor: String,
            pub(crate) fingerprint: String,
            pub(crate) metric: String,
            pub(crate) level: String,
            pub(crate) subject_id: Option<String>,
            pub(crate) period: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) content: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(super) mod receipt_row {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "receipt_row")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) receipt: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) position: i64,
            pub(crate) fact_table: String,
            pub(crate) source_system: String,
            pub(crate) source_id: String,
            pub(crate) row_hash: String,
            pub(crate) recorded_snapshot: i64,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) amount: Option<String>,
            pub(crate) numerator: bool,
            pub(crate) denominator: bool,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
