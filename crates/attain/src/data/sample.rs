//! Rows as they would be, for programs.

use attain_facts::import::{SampleFate, TableSample};
use attain_facts::value::Value;
use serde::Serialize;
use utoipa::ToSchema;

/// Rows of a table as they would be.
#[derive(Serialize, ToSchema)]
pub(crate) struct SampleOut {
    table: String,
    columns: Vec<String>,
    rows: Vec<SampleRowOut>,
}

/// A row as it would be.
#[derive(Serialize, ToSchema)]
pub(crate) struct SampleRowOut {
    /// Its identifier in the source.
    source_id: String,
    /// new, changed or unchanged.
    fate: &'static str,
    /// A value per column, as text; references by name.
    cells: Vec<Option<String>>,
}

impl From<&TableSample> for SampleOut {
    fn from(sample: &TableSample) -> SampleOut {
        let rows = sample.rows.iter().map(|row| SampleRowOut {
            source_id: row.source_id.clone(),
            fate: fate_words(row.fate),
            cells: row.cells.iter().map(|cell| cell.as_ref().map(text)).collect(),
        });
        SampleOut { table: sample.table.to_string(), columns: sample.columns.clone(), rows: rows.collect() }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Timestamp(instant) => instant.to_string(),
        other => other.canonical_text(),
    }
}

/// What happens to a row, in a word.
pub(super) fn fate_words(fate: SampleFate) -> &'static str {
    match fate {
        SampleFate::Created => "new",
        SampleFate::Changed => "changed",
        SampleFate::Unchanged => "unchanged",
    }
}
