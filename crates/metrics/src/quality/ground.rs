//! What checks stand on: the tables as questions see them, read by a session whose memory is bounded,
//! and which metrics need which of their columns.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use attain_facts::canonical::{ColumnType, Table};
use attain_facts::store::schema::RECORDED;
use datafusion::arrow::array::{AsArray, Date32Array, Int64Array, StringArray};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::{DataFrame, Expr, SessionContext};

use crate::ask::{Asker, MetricsError};
use crate::engine::{bounded_session, civil_date};
use crate::plan::column;
use attain_facts::value::days_from_date;

/// Rows up to which a table is read once for all checks; larger ones are read by each.
const ROWS_IN_MEMORY: u64 = 100_000;

/// The facts that are checked.
pub(super) struct Ground<'a> {
    pub(super) asker: &'a Asker,
    context: SessionContext,
    small: Mutex<HashMap<Table, DataFrame>>,
    needs: BTreeMap<(Table, String), BTreeSet<String>>,
}

impl<'a> Ground<'a> {
    pub(super) fn new(asker: &'a Asker) -> Result<Ground<'a>, MetricsError> {
        let context = bounded_session()?;
        Ok(Ground { asker, context, small: Mutex::default(), needs: needs(asker) })
    }

    /// The tables that have rows.
    pub(super) fn tables(&self) -> impl Iterator<Item = Table> {
        Table::ALL.into_iter().filter(|table| self.row_count(*table) > 0)
    }

    /// How many rows a table has, before merges.
    pub(super) fn row_count(&self, table: Table) -> u64 {
        self.asker.source().tables.row_count(table.name()).unwrap_or_default()
    }

    /// The rows of a table as questions see them.
    pub(super) async fn rows(&self, table: Table) -> Result<DataFrame, MetricsError> {
        if let Some(known) = self.small.lock().unwrap_or_else(PoisonError::into_inner).get(&table) {
            return Ok(known.clone());
        }
        let rows = self.asker.source().tables.rows(&self.context, table.name()).await?;
        if self.row_count(table) > ROWS_IN_MEMORY {
            return Ok(rows);
        }
        let rows = rows.cache().await?;
        self.small.lock().unwrap_or_else(PoisonError::into_inner).insert(table, rows.clone());
        Ok(rows)
    }

    /// Whether any source supplies a column.
    pub(super) fn supplies(&self, table: Table, column: &str) -> bool {
        self.asker.source().tables.supplies(table.name(), column)
    }

    /// Whether one source does.
    pub(super) fn supplies_from(&self, source: &str, table: Table, column: &str) -> bool {
        self.asker.source().tables.supplies_from(source, table, column)
    }

    /// The columns of a table that metrics need.
    pub(super) fn needed(&self, table: Table) -> Vec<&'static str> {
        let columns = table.columns().iter().map(|column| column.name);
        columns.filter(|name| self.needs.contains_key(&(table, (*name).to_owned()))).collect()
    }

    /// The names of the metrics that need one of these columns; of none, those that need the table.
    pub(super) fn metrics_of(&self, table: Table, columns: &[String]) -> Vec<String> {
        let concerned = self
            .needs
            .iter()
            .filter(|((of, column), _)| *of == table && (columns.is_empty() || columns.contains(column)));
        let names: BTreeSet<&String> = concerned.flat_map(|(_, metrics)| metrics).collect();
        names.into_iter().cloned().collect()
    }

    /// The civil date of a column of dates or instants.
    pub(super) fn day(&self, table: Table, name: &str) -> Expr {
        match table.column(name).map(|(_, column)| column.kind) {
            Some(ColumnType::Timestamp) => {
                civil_date(self.asker.company().time_zone.clone()).call(vec![column(name)])
            }
            _ => column(name),
        }
    }

    /// The company's day on which the version of a row was imported.
    pub(super) fn imported_on(&self) -> Expr {
        let (tables, time_zone) = (Arc::clone(self.asker.tables()), self.asker.company().time_zone.clone());
        let day = move |snapshot: i64| {
            tables.recorded_at(snapshot).map(|at| days_from_date(time_zone.to_datetime(at).date()))
        };
        let function = move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let snapshots: &Int64Array = arrays[0].as_primitive::<Int64Type>();
            let days: Date32Array = snapshots.iter().map(|snapshot| day(snapshot?)).collect();
            Ok(ColumnarValue::Array(Arc::new(days)))
        };
        let kind = vec![DataType::Int64];
        let function =
            create_udf("imported_on", kind, DataType::Date32, Volatility::Immutable, Arc::new(function));
        function.call(vec![column(RECORDED)])
    }
}

/// The metrics that need each column of the canonical tables, by their names.
fn needs(asker: &Asker) -> BTreeMap<(Table, String), BTreeSet<String>> {
    let mut needs: BTreeMap<(Table, String), BTreeSet<String>> = BTreeMap::new();
    for metric in asker.catalogue().metrics() {
        let origins = metric.needs().into_iter();
        let origins = origins.filter_map(|(relation, column)| crate::credited::origin(&relation, &column));
        for (table, column) in origins {
            if let Some(table) = Table::from_name(&table) {
                needs.entry((table, column)).or_default().insert(metric.label.clone());
            }
        }
    }
    needs
}

/// A name without regard to letter case, punctuation and spaces; nothing where nothing is left.
pub(super) fn folded(text: Expr) -> Expr {
    let fold = |text: &str| {
        let letters = text.chars().filter(|sign| sign.is_alphanumeric());
        let folded: String = letters.flat_map(char::to_lowercase).collect();
        (!folded.is_empty()).then_some(folded)
    };
    let function = move |arguments: &[ColumnarValue]| {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let texts: &StringArray = arrays[0].as_string();
        let folded: StringArray = texts.iter().map(|text| fold(text?)).collect();
        Ok(ColumnarValue::Array(Arc::new(folded)))
    };
    let kind = vec![DataType::Utf8];
    create_udf("folded", kind, DataType::Utf8, Volatility::Immutable, Arc::new(function)).call(vec![text])
}
