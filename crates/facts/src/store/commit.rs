//! One commit names everything a delivery brought: files, identities, report and audit entry, or
//! nothing of it.

use std::path::PathBuf;
use std::time::Duration;

use attain_records::{Actor, RecordsError, audit, from_micros, jobs, to_micros};
use jiff::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::manifest::entity::{
    credit_restatement, delivered_table, fact_file, identity, identity_merge, import_batch, restated_credit,
    snapshot,
};
use super::{DeliveredTable, FileKind, MergedIdentity, RestatedDeal, Store, StoreError};
use crate::canonical::Table;
use crate::company::{Company, CompanyRecord};
use crate::import::{Identity, ImportReport};

/// How long a superseded file stays for readers that still hold its snapshot.
const GRACE: Duration = Duration::from_secs(3_600);
/// Rows of one insert statement; SQLite binds at most 32,766 values.
const ROWS_PER_INSERT: usize = 1_000;

/// A file that was written and is to be named.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) path: PathBuf,
    pub(crate) table: Table,
    pub(crate) kind: FileKind,
    pub(crate) partition: String,
    pub(crate) rows: u64,
}

/// Where the changes of a commit come from.
pub(crate) enum Origin<'a> {
    /// Files, read with a mapping.
    Delivery { mapping: &'a str, mapping_sha256: &'a str, delivered: &'a [DeliveredTable] },
    /// The undo of an import.
    Undo { import: i64, reason: &'a str },
    /// A merge of identities, or its end.
    Merge { merged: &'a MergedIdentity, reason: &'a str },
    /// Credit of closed deals restated, or a restatement taken back.
    Restatement { takes_back: Option<i64>, deals: &'a [RestatedDeal], reason: &'a str },
}

/// A delivery or an undo ready to be named.
pub(crate) struct Commit<'a> {
    /// The snapshot it was compared with, 0 for none.
    pub(crate) base: i64,
    /// Whether it makes a snapshot, or only confirms the one there is.
    pub(crate) changes: bool,
    pub(crate) company: &'a Company,
    pub(crate) new_files: &'a [NewFile],
    pub(crate) superseded_files: &'a [PathBuf],
    pub(crate) identities: &'a [Identity],
    pub(crate) source_system: &'a str,
    pub(crate) origin: Origin<'a>,
    pub(crate) report: &'a ImportReport,
}

impl Commit<'_> {
    /// What the audit log says: action, subject and particulars.
    fn audited(&self, import: i64, snapshot: i64) -> (&'static str, String, serde_json::Value) {
        let report = self.report;
        match &self.origin {
            Origin::Delivery { mapping_sha256, .. } => {
                let detail = json!({
                    "source": self.source_system,
                    "snapshot": snapshot,
                    "mapping_sha256": mapping_sha256,
                    "rows": report.total(),
                    "files": report.files.iter().map(|file| json!({ "name": file.name, "sha256": file.sha256 })).collect::<Vec<_>>(),
                });
                ("import.commit", format!("import {import}"), detail)
            }
            Origin::Undo { import: undone, reason } => {
                let detail = json!({
                    "source": self.source_system,
                    "snapshot": snapshot,
                    "import": import,
                    "reason": reason,
                    "tables": report.tables,
                });
                ("import.undo", format!("import {undone}"), detail)
            }
            Origin::Merge { merged: MergedIdentity { table, id, into }, reason } => {
                let action = if into.is_some() { "identity.merge" } else { "identity.unmerge" };
                let detail =
                    json!({ "into": into, "snapshot": snapshot, "import": import, "reason": reason });
                (action, format!("{table} {id}"), detail)
            }
            Origin::Restatement { takes_back: Some(restatement), reason, .. } => {
                let detail = json!({ "snapshot": snapshot, "import": import, "reason": reason });
                ("credit.take_back", format!("import {restatement}"), detail)
            }
            Origin::Restatement { takes_back: None, deals, reason } => {
                let deal = |deal: &RestatedDeal| {
                    json!({
                        "deal": deal.source_id,
                        "id": deal.opportunity_id,
                        "from": deal.from,
                        "to": deal.to,
                    })
                };
                let detail = json!({
                    "source": self.source_system,
                    "snapshot": snapshot,
                    "reason": reason,
                    "deals": deals.iter().map(deal).collect::<Vec<_>>(),
                });
                ("credit.restate", format!("import {import}"), detail)
            }
        }
    }
}

impl Store {
    /// Commits a delivery or an undo. Returns the number of the import and of its snapshot.
    pub(crate) async fn commit(
        &self,
        actor: &Actor,
        now: Timestamp,
        commit: &Commit<'_>,
    ) -> Result<(i64, i64), StoreError> {
        let transaction = self.records.begin(actor).await?;
        let connection = transaction.connection();
        let newest = snapshot::Entity::find()
            .order_by_desc(snapshot::Column::Number)
            .one(connection)
            .await
            .map_err(RecordsError::from)?;
        if newest.as_ref().map_or(0, |newest| newest.number) != commit.base {
            return Err(StoreError::Overtaken);
        }
        // Commit instants increase strictly, whatever the machine's clock does.
        let earliest = newest.map_or(i64::MIN, |newest| newest.committed_at_us + 1);
        let instant = from_micros(Ord::max(to_micros(now), earliest));
        let number = commit.base + i64::from(commit.changes);
        let import = import_batch::Entity::find()
            .order_by_desc(import_batch::Column::Number)
            .one(connection)
            .await
            .map_err(RecordsError::from)?
            .map_or(1, |import| import.number + 1);
        if commit.changes {
            insert_snapshot(connection, number, instant, commit).await.map_err(overtaken)?;
        }
        insert_import(connection, import, number, actor, instant, commit).await.map_err(overtaken)?;
        let (action, subject, detail) = commit.audited(import, number);
        audit::append(&transaction, instant, action, &subject, &detail).await?;
        if !commit.superseded_files.is_empty() {
            jobs::enqueue(&transaction, sweeping(number, instant), instant).await?;
        }
        transaction.commit().await.map_err(StoreError::Unconfirmed)?;
        Ok((import, number))
    }

    /// Removes files that `snapshot` superseded or an earlier one did, and what crashed imports
    /// left behind. Returns how many. Only for the holder of the import lock: files being written
    /// are not named yet.
    pub(crate) async fn sweep(&self, snapshot: i64) -> Result<usize, StoreError> {
        let kept =
            fact_file::Column::LastSnapshot.is_null().or(fact_file::Column::LastSnapshot.gte(snapshot));
        let named: Vec<PathBuf> = fact_file::Entity::find()
            .filter(kept)
            .all(self.records.read())
            .await
            .map_err(RecordsError::from)?
            .into_iter()
            .map(|file| self.folder.join(file.path))
            .collect();
        let mut removed = 0;
        for table in Table::ALL {
            let Ok(entries) = std::fs::read_dir(self.folder.join(table.name())) else { continue };
            for path in entries.flatten().map(|entry| entry.path()).filter(|path| !named.contains(path)) {
                std::fs::remove_file(&path).map_err(|error| StoreError::io("remove", &path, error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn sweeping(snapshot: i64, now: Timestamp) -> jobs::NewJob {
    jobs::NewJob {
        id: format!("sweep-{snapshot}"),
        kind: crate::import::SWEEP_JOB.to_owned(),
        payload: json!({ "snapshot": snapshot }),
        run_at: now.saturating_add(GRACE).unwrap_or(now),
        idempotency_key: format!("sweep-{snapshot}"),
    }
}

async fn insert_snapshot(
    connection: &sea_orm::DatabaseTransaction,
    number: i64,
    instant: Timestamp,
    commit: &Commit<'_>,
) -> Result<(), DbErr> {
    let company = serde_json::to_string(&CompanyRecord::from(commit.company))
        .map_err(|e| DbErr::Custom(e.to_string()))?;
    snapshot::Entity::insert(snapshot::ActiveModel {
        number: Set(number),
        committed_at_us: Set(to_micros(instant)),
        company: Set(company),
    })
    .exec_without_returning(connection)
    .await?;
    for path in commit.superseded_files {
        fact_file::Entity::update_many()
            .col_expr(fact_file::Column::LastSnapshot, Expr::value(commit.base))
            .filter(fact_file::Column::Path.eq(path.to_string_lossy().as_ref()))
            .exec(connection)
            .await?;
    }
    for file in commit.new_files {
        fact_file::Entity::insert(fact_file::ActiveModel {
            path: Set(file.path.to_string_lossy().into_owned()),
            fact_table: Set(file.table.name().to_owned()),
            kind: Set(file.kind.name().to_owned()),
            part: Set(file.partition.clone()),
            row_count: Set(i64::try_from(file.rows).unwrap_or(i64::MAX)),
            first_snapshot: Set(number),
            last_snapshot: Set(None),
        })
        .exec_without_returning(connection)
        .await?;
    }
    for some in commit.identities.chunks(ROWS_PER_INSERT) {
        let rows = some.iter().map(|known| identity::ActiveModel {
            entity: Set(known.table.name().to_owned()),
            source_system: Set(known.source_system.clone()),
            source_id: Set(known.source_id.clone()),
            id: Set(known.id.clone()),
            salt: Set(known.salt.clone()),
        });
        identity::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

async fn insert_import(
    connection: &sea_orm::DatabaseTransaction,
    number: i64,
    snapshot: i64,
    actor: &Actor,
    instant: Timestamp,
    commit: &Commit<'_>,
) -> Result<(), DbErr> {
    let report = serde_json::to_string(commit.report).map_err(|error| DbErr::Custom(error.to_string()))?;
    let (mapping, mapping_sha256, delivered, undoes, reason) = match commit.origin {
        Origin::Delivery { mapping, mapping_sha256, delivered } => {
            (mapping, mapping_sha256, delivered, None, None)
        }
        Origin::Undo { import, reason } => ("", "", &[][..], Some(import), Some(reason.to_owned())),
        Origin::Merge { reason, .. } | Origin::Restatement { reason, .. } => {
            ("", "", &[][..], None, Some(reason.to_owned()))
        }
    };
    import_batch::Entity::insert(import_batch::ActiveModel {
        number: Set(number),
        snapshot: Set(snapshot),
        finished_at_us: Set(to_micros(instant)),
        actor: Set(actor.to_string()),
        source_system: Set(commit.source_system.to_owned()),
        mapping: Set(mapping.to_owned()),
        mapping_sha256: Set(mapping_sha256.to_owned()),
        report: Set(report),
        undoes: Set(undoes),
        reason: Set(reason),
    })
    .exec_without_returning(connection)
    .await?;
    if let Origin::Merge { merged, .. } = commit.origin {
        let row = identity_merge::ActiveModel {
            import: Set(number),
            entity: Set(merged.table.name().to_owned()),
            id: Set(merged.id.clone()),
            into_id: Set(merged.into.clone()),
        };
        identity_merge::Entity::insert(row).exec_without_returning(connection).await?;
    }
    if let Origin::Restatement { takes_back, deals, .. } = commit.origin {
        insert_restatement(connection, number, takes_back, deals).await?;
    }
    if delivered.is_empty() {
        return Ok(());
    }
    let delivered = delivered.iter().map(|table| table.record(number)).collect::<Result<Vec<_>, _>>();
    let delivered = delivered.map_err(|error| DbErr::Custom(error.to_string()))?;
    delivered_table::Entity::insert_many(delivered).exec_without_returning(connection).await?;
    Ok(())
}

async fn insert_restatement(
    connection: &sea_orm::DatabaseTransaction,
    import: i64,
    takes_back: Option<i64>,
    deals: &[RestatedDeal],
) -> Result<(), DbErr> {
    let row = credit_restatement::ActiveModel { import: Set(import), takes_back: Set(takes_back) };
    credit_restatement::Entity::insert(row).exec_without_returning(connection).await?;
    for some in deals.chunks(ROWS_PER_INSERT) {
        let rows = some.iter().map(|deal| restated_credit::ActiveModel {
            import: Set(import),
            opportunity_id: Set(deal.opportunity_id.clone()),
            source_system: Set(deal.source_system.clone()),
            source_id: Set(deal.source_id.clone()),
            from_employee_id: Set(deal.from.clone()),
            to_employee_id: Set(deal.to.clone()),
        });
        restated_credit::Entity::insert_many(rows).exec_without_returning(connection).await?;
    }
    Ok(())
}

/// Two imports that prepared the same snapshot meet at its primary key.
fn overtaken(error: DbErr) -> StoreError {
    match error.sql_err() {
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_)) => StoreError::Overtaken,
        _ => StoreError::Records(error.into()),
    }
}
