//! Answers as people or programs want them: table, CSV or JSON.

use std::io::Write;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, Table, TableComponent};

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// For reading
    #[default]
    Table,
    /// One row per number, values with all their digits
    Csv,
    /// As the API answers
    Json,
}

/// Writes rows as a table for reading, figures right-aligned.
pub(super) fn print_table(
    header: &[String],
    rows: &[Vec<String>],
    figures_from: usize,
) -> anyhow::Result<()> {
    let mut table = Table::new();
    table
        .load_preset(UTF8_HORIZONTAL_ONLY)
        .remove_style(TableComponent::HorizontalLines)
        .remove_style(TableComponent::MiddleIntersections)
        .set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(figures_from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln_or_closed(&table.to_string())
}

/// Writes rows as CSV.
pub(super) fn print_csv(header: &[String], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let text = String::from_utf8(writer.into_inner()?)?;
    writeln_or_closed(text.trim_end_matches('\n'))
}

/// Writes a value as JSON.
pub(super) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    writeln_or_closed(&serde_json::to_string_pretty(value)?)
}

/// Prints a line; a reader that has seen enough (`| head`) is no failure.
pub(super) fn writeln_or_closed(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}
