//! Answers as people or programs want them: table, CSV or JSON.

use std::collections::BTreeMap;
use std::io::{StdoutLock, Write};

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

/// Writes lines of text in the form asked for; as JSON, an object per line.
pub(super) fn print_lines(format: Format, header: &[&str], lines: &[Vec<String>]) -> anyhow::Result<()> {
    let names: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
    match format {
        Format::Table => print_table(&names, lines, header.len()),
        Format::Csv => print_csv(&names, lines),
        Format::Json => {
            let object = |line: &Vec<String>| names.iter().cloned().zip(line.iter().cloned()).collect();
            let objects: Vec<BTreeMap<String, String>> = lines.iter().map(object).collect();
            print_json(&objects)
        }
    }
}

/// Writes rows as a table for reading, figures right-aligned.
pub(super) fn print_table(
    header: &[String],
    rows: &[Vec<impl AsRef<str>>],
    figures_from: usize,
) -> anyhow::Result<()> {
    let mut table = Table::new();
    table.load_preset(UTF8_HORIZONTAL_ONLY).set_header(header);
    table.remove_style(TableComponent::HorizontalLines).remove_style(TableComponent::MiddleIntersections);
    for row in rows {
        table.add_row(row.iter().map(|cell| cell.as_ref()));
    }
    for column in table.column_iter_mut().skip(figures_from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln_or_closed(&table.to_string())
}

/// Writes rows as CSV.
pub(super) fn print_csv(header: &[String], rows: &[Vec<impl AsRef<str>>]) -> anyhow::Result<()> {
    print_csv_lines(header, |lines| rows.iter().try_for_each(|row| lines.write(row)))
}

/// Writes rows as CSV, each as soon as it is there.
pub(super) fn print_csv_lines(
    header: &[String],
    write: impl FnOnce(&mut CsvLines) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut lines = CsvLines(csv::Writer::from_writer(std::io::stdout().lock()));
    let written = lines.write(header).and_then(|()| write(&mut lines)).and_then(|()| Ok(lines.0.flush()?));
    match written {
        Err(error) if is_closed(&error) => Ok(()),
        written => written,
    }
}

/// Lines of a CSV file that is being written.
pub(super) struct CsvLines(csv::Writer<StdoutLock<'static>>);

impl CsvLines {
    pub(super) fn write(&mut self, fields: &[impl AsRef<str>]) -> anyhow::Result<()> {
        Ok(self.0.write_record(fields.iter().map(|field| field.as_ref().as_bytes()))?)
    }
}

/// Whether the reader has seen enough.
fn is_closed(error: &anyhow::Error) -> bool {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    match error.downcast_ref::<csv::Error>().map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(error)) => broken(error),
        _ => error.downcast_ref::<std::io::Error>().is_some_and(broken),
    }
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
