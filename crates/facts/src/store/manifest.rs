//! Which files are live, which snapshots exist, what was imported: rows of the records database,
//! so that a delivery, its report and its audit entry are one transaction.

use std::path::{Path, PathBuf};

use attain_records::from_micros;
use jiff::Timestamp;

use super::{MergedIdentity, Restatement, StoreError};
use crate::canonical::Table;
use crate::import::{Identity, ImportReport};
use crate::mapping::Mapping;

/// Whether a file holds the versions that hold now, or those that held once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Versions that hold now.
    Current,
    /// Superseded and deleted versions.
    History,
}

impl FileKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            FileKind::Current => "current",
            FileKind::History => "history",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<FileKind> {
        [FileKind::Current, FileKind::History].into_iter().find(|kind| kind.name() == name)
    }
}

/// A Parquet file that snapshots name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactFile {
    /// Path inside the facts folder.
    pub path: PathBuf,
    /// The table whose rows it holds.
    pub table: Table,
    /// Current or history.
    pub kind: FileKind,
    /// Month (`2017-03`), `open`, `undated`, or `all`.
    pub partition: String,
    /// Rows in it.
    pub rows: u64,
}

/// An import, as the history keeps it.
#[derive(Clone, Debug)]
pub struct ImportRecord {
    /// Its number.
    pub number: i64,
    /// The snapshot it made, or the one it confirmed.
    pub snapshot: i64,
    /// When it was committed.
    pub finished_at: Timestamp,
    /// In whose name.
    pub actor: String,
    /// The source system.
    pub source_system: String,
    /// The mapping as it was.
    pub mapping: String,
    /// SHA-256 of the mapping.
    pub mapping_sha256: String,
    /// What became of every row.
    pub report: ImportReport,
    /// The import it undoes, if it is an undo: then it read no files with no mapping.
    pub undoes: Option<i64>,
    /// The number of its undo, if it was undone.
    pub undone_by: Option<i64>,
    /// What it merged or took apart, if it is no delivery but that.
    pub merged: Option<MergedIdentity>,
    /// Whose credit it restated or gave back, if it is no delivery but that.
    pub restatement: Option<Restatement>,
    /// Why it was undone, merged, taken apart, restated or taken back, in somebody's words; empty if nobody said.
    pub reason: String,
}

impl ImportRecord {
    /// The delivered files that feed a table, by name.
    #[must_use]
    pub fn files_of(&self, table: Table) -> Vec<&str> {
        let Ok(mapping) = Mapping::parse(Path::new("mapping"), self.mapping.clone()) else {
            return Vec::new();
        };
        let delivered = self.report.files.iter().map(|file| file.name.as_str());
        delivered.filter(|name| mapping.feeds(name, table)).collect()
    }
}

impl ImportRecord {
    pub(super) fn new(
        row: entity::import_batch::Model,
        undone_by: Option<i64>,
        merged: Option<MergedIdentity>,
    ) -> Result<ImportRecord, StoreError> {
        Ok(ImportRecord {
            number: row.number,
            snapshot: row.snapshot,
            finished_at: from_micros(row.finished_at_us),
            actor: row.actor,
            source_system: row.source_system,
            mapping: row.mapping,
            mapping_sha256: row.mapping_sha256,
            report: serde_json::from_str(&row.report).map_err(StoreError::unreadable)?,
            undoes: row.undoes,
            undone_by,
            merged,
            restatement: None,
            reason: row.reason.unwrap_or_default(),
        })
    }
}

impl TryFrom<entity::fact_file::Model> for FactFile {
    type Error = StoreError;

    fn try_from(row: entity::fact_file::Model) -> Result<FactFile, StoreError> {
        Ok(FactFile {
            path: row.path.into(),
            table: table(&row.fact_table)?,
            kind: FileKind::from_name(&row.kind).ok_or_else(|| StoreError::unreadable(&row.kind))?,
            partition: row.part,
            rows: row.row_count.unsigned_abs(),
        })
    }
}

impl TryFrom<entity::identity::Model> for Identity {
    type Error = StoreError;

    fn try_from(row: entity::identity::Model) -> Result<Identity, StoreError> {
        Ok(Identity {
            table: table(&row.entity)?,
            source_system: row.source_system,
            source_id: row.source_id,
            id: row.id,
            salt: row.salt,
        })
    }
}

pub(super) fn table(name: &str) -> Result<Table, StoreError> {
    Table::from_name(name).ok_or_else(|| StoreError::unreadable(name))
}

/// The tables of the manifest, and the only place that knows their columns.
pub(super) mod entity {
    pub(crate) mod snapshot {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "snapshot")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            pub(crate) committed_at_us: i64,
            #[sea_orm(column_type = "Text")]
            pub(crate) company: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod fact_file {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "fact_file")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) path: String,
            pub(crate) fact_table: String,
            pub(crate) kind: String,
            pub(crate) part: String,
            pub(crate) row_count: i64,
            pub(crate) first_snapshot: i64,
            pub(crate) last_snapshot: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod identity {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "identity_map")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) entity: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) source_system: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) source_id: String,
            pub(crate) id: String,
            pub(crate) salt: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod import_batch {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "import_batch")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) number: i64,
            /// The snapshot it made, or the one it confirmed.
            pub(crate) snapshot: i64,
            pub(crate) finished_at_us: i64,
            pub(crate) actor: String,
            pub(crate) source_system: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) mapping: String,
            pub(crate) mapping_sha256: String,
            #[sea_orm(column_type = "Text")]
            pub(crate) report: String,
            /// The import it undoes, if it is an undo.
            pub(crate) undoes: Option<i64>,
            #[sea_orm(column_type = "Text", nullable)]
            pub(crate) reason: Option<String>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod identity_merge {
        use sea_orm::entity::prelude::*;

        /// That one identity is part of another, or of its own again, from an import on.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "identity_merge")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) import: i64,
            pub(crate) entity: String,
            pub(crate) id: String,
            pub(crate) into_id: Option<String>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod credit_restatement {
        use sea_orm::entity::prelude::*;

        /// That an import number stands for a restatement of credit, or for the end of one.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "credit_restatement")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) import: i64,
            /// The restatement it takes back, if it does.
            pub(crate) takes_back: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod restated_credit {
        use sea_orm::entity::prelude::*;

        /// That the credit of a deal is somebody else's, from an import on.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "restated_credit")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) import: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) opportunity_id: String,
            pub(crate) source_system: String,
            pub(crate) source_id: String,
            pub(crate) from_employee_id: Option<String>,
            pub(crate) to_employee_id: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod delivered_table {
        use sea_orm::entity::prelude::*;

        /// What an import brought of one table.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "delivered_table")]
        pub(crate) struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) import: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub(crate) fact_table: String,
            /// Days since 1970-01-01, half-open; null where the table tells of no events.
            pub(crate) covers_from_day: Option<i32>,
            pub(crate) covers_to_day: Option<i32>,
            /// Names of the columns it supplied, a JSON array in ascending order.
            #[sea_orm(column_type = "Text")]
            pub(crate) column_names: String,
            /// Types of the attributes it supplied, a JSON object in the order of their names.
            #[sea_orm(column_type = "Text")]
            pub(crate) attribute_types: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub(crate) enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
