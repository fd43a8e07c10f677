//! A mapping before it is text: the tables that each file fills and where their columns come from.

use super::period::Grain;
use crate::canonical::{AttributeType, Table};
use crate::mapping::Mode;

/// What a file becomes.
#[derive(Clone, Debug)]
pub(super) struct FilePlan {
    pub(super) file: String,
    /// Why its rows are what they are.
    pub(super) reason: String,
    /// What has to be known of it.
    pub(super) notes: Vec<String>,
    /// The `format` block.
    pub(super) format: Vec<(&'static str, String)>,
    pub(super) mode: Mode,
    /// Texts that say nothing.
    pub(super) blank: Vec<String>,
    /// Names that expressions use, with the labels that the file has instead.
    pub(super) labels: Vec<(String, String)>,
    /// Conditions that rows have to meet.
    pub(super) keep: Vec<String>,
    pub(super) lookups: Vec<LookupPlan>,
    pub(super) tables: Vec<TablePlan>,
    /// Columns that are not taken, and why.
    pub(super) left: Vec<(String, String)>,
    /// Whether others look rows up in it.
    pub(super) is_looked_up: bool,
}

/// A row of another file that rows lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LookupPlan {
    pub(super) name: String,
    pub(super) file: String,
    /// What is looked at there.
    pub(super) key: Source,
    /// What leads there.
    pub(super) by: Source,
}

/// A table that a file fills.
#[derive(Clone, Debug)]
pub(super) struct TablePlan {
    pub(super) table: Table,
    /// Why, where the file is about something else.
    pub(super) reason: Option<String>,
    pub(super) key: Vec<Source>,
    pub(super) optional: bool,
    /// Columns that become rows, with what stands for each.
    pub(super) unpivot: Vec<(String, String)>,
    pub(super) columns: Vec<(String, ColumnPlan)>,
    pub(super) attributes: Vec<(String, ColumnPlan)>,
}

/// Where a column of a table comes from.
#[derive(Clone, Debug)]
pub(super) struct ColumnPlan {
    pub(super) source: Source,
    pub(super) format: Option<String>,
    pub(super) values: Vec<(String, String)>,
    /// What an attribute holds.
    pub(super) kind: Option<AttributeType>,
    /// Why.
    pub(super) reason: String,
}

/// Where a text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Column(String),
    Expression(String),
    Constant(String),
    /// The reporting currency of the company.
    CompanyCurrency,
    /// The period of the company's calendar in which a day lies, which is an expression.
    Period {
        grain: Grain,
        day: String,
    },
}

impl FilePlan {
    /// Whether the mapping has to name it.
    pub(super) fn is_taken(&self) -> bool {
        !self.tables.is_empty() || self.is_looked_up
    }
}

impl TablePlan {
    pub(super) fn new(table: Table, key: Vec<Source>) -> TablePlan {
        TablePlan {
            table,
            reason: None,
            key,
            optional: false,
            unpivot: Vec::new(),
            columns: Vec::new(),
            attributes: Vec::new(),
        }
    }

    pub(super) fn with(mut self, target: &str, column: ColumnPlan) -> TablePlan {
        self.columns.push((target.to_owned(), column));
        self
    }

    pub(super) fn has(&self, target: &str) -> bool {
        self.columns.iter().any(|(name, _)| name == target)
    }
}

impl ColumnPlan {
    pub(super) fn of(source: Source, reason: impl Into<String>) -> ColumnPlan {
        ColumnPlan { source, format: None, values: Vec::new(), kind: None, reason: reason.into() }
    }

    pub(super) fn column(name: &str, reason: impl Into<String>) -> ColumnPlan {
        ColumnPlan::of(Source::Column(name.to_owned()), reason)
    }

    pub(super) fn constant(text: &str, reason: impl Into<String>) -> ColumnPlan {
        ColumnPlan::of(Source::Constant(text.to_owned()), reason)
    }
}

impl Source {
    /// It as part of an expression.
    pub(super) fn in_expression(&self) -> String {
        match self {
            Source::Column(name) => quoted_column(name),
            Source::Expression(text) => format!("({text})"),
            Source::Constant(text) => format!("'{}'", text.replace('\'', "''")),
            Source::Period { day, .. } => format!("({day})"),
            Source::CompanyCurrency => "blank".into(),
        }
    }
}

/// The name of a column in an expression.
pub(super) fn quoted_column(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
