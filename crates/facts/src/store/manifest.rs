//! Which files are live, which snapshots exist, what was imported: rows of the records database,
//! so that a delivery, its report and its audit entry are one transaction.

use std::path::PathBuf;

use crate::canonical::Table;

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
    /// Month (`2017-03`), `open`, or `all`.
    pub partition: String,
    /// Rows in it.
    pub rows: u64,
}

/// The tables of the manifest, and the only place that knows their columns.
pub(super) mod entity {
    pub(crate) mod snapshot {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "snapshot")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub number: i64,
            pub committed_at_us: i64,
            #[sea_orm(column_type = "Text")]
            pub company: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod fact_file {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "fact_file")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub path: String,
            pub fact_table: String,
            pub kind: String,
            pub part: String,
            pub row_count: i64,
            pub first_snapshot: i64,
            pub last_snapshot: Option<i64>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod identity {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "identity_map")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub entity: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub source_system: String,
            #[sea_orm(primary_key, auto_increment = false)]
            pub source_id: String,
            pub id: String,
            pub salt: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub(crate) mod import_batch {
        use sea_orm::entity::prelude::*;

        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "import_batch")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub number: i64,
            /// The snapshot it made, or the one it confirmed.
            pub snapshot: i64,
            pub finished_at_us: i64,
            pub actor: String,
            pub source_system: String,
            #[sea_orm(column_type = "Text")]
            pub mapping: String,
            pub mapping_sha256: String,
            /// Days since 1970-01-01, half-open; null where no dated table was delivered.
            pub covers_from_day: Option<i32>,
            pub covers_to_day: Option<i32>,
            #[sea_orm(column_type = "Text")]
            pub report: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    }
}
