//! Workbooks of Excel and OpenDocument: the rows of one sheet below its header.
//!
//! A thread of its own reads the sheet and waits for whoever takes the rows, so that a sheet need not
//! fit into memory as rows.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{Data, DataRef, Dimensions, Ods, Reader, Xlsx, XlsxError};
use csv::StringRecord;

use super::bytes::sha256;
use super::encoding::Encoding;
use super::error::quoted;
use super::header_row::{HEADER_ROWS, Sought};
use super::kind::Kind;
use super::packed::check_workbook;
use super::record::{Nature, Record, Records};
use super::typed::{date_time_text, number_text};
use super::{Opened, Places, SourceError};
use crate::mapping::{DeclaredFormat, Header};

/// Rows that are read ahead.
const ROWS_AHEAD: usize = 256;
/// Stands for a formula without a result when its row is handed back: spreadsheets say so too.
const NOT_COMPUTED: &str = "#CALC!";

/// A row and its number, from 1.
type Row = (u64, Record);

/// A sheet being read.
struct Sheet {
    path: PathBuf,
    rows: Receiver<Result<Row, SourceError>>,
    /// Rows that were looked at to find the header.
    first: std::vec::IntoIter<Row>,
    columns: usize,
    bytes: u64,
}

/// Opens the sheet that the mapping names, or the only one.
pub(super) fn open(
    path: &Path,
    kind: Kind,
    declared: &DeclaredFormat,
    sought: Sought<'_>,
) -> Result<Opened, SourceError> {
    let bytes = check_workbook(path)?;
    let (sheet, rows) = match kind {
        Kind::Ods => open_ods(path, declared)?,
        _ => open_xlsx(path, declared)?,
    };
    let mut first = Vec::new();
    while first.len() < HEADER_ROWS
        && let Ok(row) = rows.recv()
    {
        first.push(row?);
    }
    let (header, mut above) = take_header(&mut first, declared.header, sought)
        .ok_or_else(|| SourceError::Empty(path.to_owned()))?;
    let header_line = above.pop().map(|(number, _)| number);
    let records =
        Sheet { path: path.to_owned(), rows, first: first.into_iter(), columns: header.len(), bytes };
    let named = if kind == Kind::Ods { "OpenDocument" } else { "Excel" };
    Ok(Opened {
        header,
        header_line: header_line.unwrap_or(1),
        titles: above.into_iter().map(|(_, row)| row.cells().clone()).collect(),
        has_header: header_line.is_some(),
        records: Box::new(records),
        format: format!("{named}, sheet `{sheet}`"),
        places: Places::Sheet(sheet),
        delimiter: None,
        encoding: Encoding::UTF_8,
    })
}

/// Takes the header from the first rows, with the rows above it and its own.
fn take_header(rows: &mut Vec<Row>, header: Header, sought: Sought<'_>) -> Option<(StringRecord, Vec<Row>)> {
    let at = match header {
        Header::None { skip } => {
            rows.retain(|(number, _)| *number > skip);
            let width = rows.iter().map(|(_, row)| row.cells().len()).max()?;
            return Some(((1..=width).map(|position| position.to_string()).collect(), Vec::new()));
        }
        Header::Row(wanted) => rows.iter().position(|(number, _)| *number == wanted)?,
        Header::First => sought.first_with_most(rows.iter().map(|(_, row)| row.cells()))?,
    };
    let above: Vec<Row> = rows.drain(..=at).collect();
    let names = above.last().map(|(_, row)| row.cells().clone()).unwrap_or_default();
    Some((names, above))
}

fn is_named(name: &str, wanted: &str) -> bool {
    name.trim().to_lowercase() == wanted.trim().to_lowercase()
}

impl Records for Sheet {
    fn next(&mut self, record: &mut Record) -> Result<Option<u64>, SourceError> {
        let (number, mut row) = match self.first.next() {
            Some(row) => row,
            None => match self.rows.recv() {
                Ok(row) => row?,
                // The reading thread has ended, and so has the sheet.
                Err(_) => return Ok(None),
            },
        };
        row.set_width(self.columns);
        *record = row;
        Ok(Some(number))
    }

    fn progress(&self) -> (u64, u64) {
        (self.bytes, self.bytes)
    }

    fn sha256(self: Box<Self>) -> Result<String, SourceError> {
        sha256(&self.path)
    }
}

fn open_xlsx(
    path: &Path,
    declared: &DeclaredFormat,
) -> Result<(String, Receiver<Result<Row, SourceError>>), SourceError> {
    let mut workbook: Xlsx<BufReader<File>> =
        calamine::open_workbook(path).map_err(|error| unreadable(path, &error))?;
    let sheet = choose(path, &workbook.sheet_names(), declared)?;
    let merged = workbook.merge_cells_by_sheet_name(&sheet).map_err(|error| unreadable(path, &error))?;
    let (sender, rows) = sync_channel(ROWS_AHEAD);
    let (path, name) = (path.to_owned(), sheet.clone());
    std::thread::spawn(move || {
        if let Err(error) = send_xlsx(&mut workbook, &name, &merged, &path, &sender) {
            // Nobody listens any more if this fails.
            let _ = sender.send(Err(error));
        }
    });
    Ok((sheet, rows))
}

/// Sends the rows of a sheet as they are read, until nobody listens.
fn send_xlsx(
    workbook: &mut Xlsx<BufReader<File>>,
    sheet: &str,
    merged: &[Dimensions],
    path: &Path,
    sender: &SyncSender<Result<Row, SourceError>>,
) -> Result<(), SourceError> {
    let failed = |error: XlsxError| unreadable(path, &error);
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(failed)?;
    let mut row: Option<SheetRow> = None;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(failed)? {
        let (number, column) = cell.pos;
        if row.as_ref().is_some_and(|current| number < current.number) {
            let problem = "its rows are out of order; save it again in a spreadsheet program";
            return Err(SourceError::format(path, problem));
        }
        let is_complete = row.as_ref().is_some_and(|current| number > current.number);
        if is_complete && !row.take().is_none_or(|row| row.send(sender)) {
            return Ok(());
        }
        let row = row.get_or_insert_with(|| SheetRow::merged(number, merged));
        let (text, nature) = match cell.value {
            DataRef::Empty if cell.formula.is_some() => (NOT_COMPUTED.to_owned(), Nature::NotComputed),
            DataRef::SharedString(text) => (text.to_owned(), Nature::Text),
            value => text_of(&Data::from(value)),
        };
        row.put(column as usize, &text, nature);
    }
    if let Some(row) = row {
        row.send(sender);
    }
    Ok(())
}

fn open_ods(
    path: &Path,
    declared: &DeclaredFormat,
) -> Result<(String, Receiver<Result<Row, SourceError>>), SourceError> {
    let mut workbook: Ods<BufReader<File>> =
        calamine::open_workbook(path).map_err(|error| unreadable(path, &error))?;
    let sheet = choose(path, &workbook.sheet_names(), declared)?;
    let range = workbook.worksheet_range(&sheet).map_err(|error| unreadable(path, &error))?;
    let (sender, rows) = sync_channel(ROWS_AHEAD);
    std::thread::spawn(move || {
        let (top, left) = range.start().unwrap_or_default();
        for (number, cells) in (top..).zip(range.rows()) {
            let mut row = SheetRow::new(number);
            for (column, cell) in cells.iter().enumerate() {
                let (text, nature) = text_of(cell);
                row.put(left as usize + column, &text, nature);
            }
            if !row.send(&sender) {
                return;
            }
        }
    });
    Ok((sheet, rows))
}

/// The sheet that the mapping names, or the only one.
fn choose(path: &Path, sheets: &[String], declared: &DeclaredFormat) -> Result<String, SourceError> {
    match (&declared.sheet, sheets) {
        (Some(wanted), sheets) => {
            sheets.iter().find(|sheet| is_named(sheet, wanted)).cloned().ok_or_else(|| {
                SourceError::format(path, &format!("it has no sheet `{wanted}`; it has: {}", quoted(sheets)))
            })
        }
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(SourceError::SeveralSheets { path: path.to_owned(), sheets: sheets.to_vec() }),
    }
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> SourceError {
    SourceError::format(
        path,
        &format!("it is damaged or no workbook ({error}); save it again in a spreadsheet program"),
    )
}

/// A row as its cells come in.
struct SheetRow {
    /// From 0.
    number: u32,
    cells: Vec<(String, Nature)>,
}

impl SheetRow {
    fn new(number: u32) -> SheetRow {
        SheetRow { number, cells: Vec::new() }
    }

    /// A row in which the cells of merged regions are known.
    fn merged(number: u32, regions: &[Dimensions]) -> SheetRow {
        let mut row = SheetRow::new(number);
        let several = |region: &&Dimensions| region.start != region.end;
        let meets = |region: &&Dimensions| (region.start.0..=region.end.0).contains(&number);
        for region in regions.iter().filter(several).filter(meets) {
            for column in region.start.1..=region.end.1 {
                row.put(column as usize, "", Nature::Merged);
            }
        }
        row
    }

    fn put(&mut self, column: usize, text: &str, nature: Nature) {
        if text.is_empty() && nature == Nature::Text {
            return;
        }
        if self.cells.len() <= column {
            self.cells.resize_with(column + 1, Default::default);
        }
        let cell = &mut self.cells[column];
        let nature = if cell.1 == Nature::Merged { Nature::Merged } else { nature };
        *cell = (text.to_owned(), nature);
    }

    /// Sends the row, if anything stands in it; whether somebody listens.
    fn send(self, sender: &SyncSender<Result<Row, SourceError>>) -> bool {
        if self.cells.iter().all(|(text, _)| text.trim().is_empty()) {
            return true;
        }
        let mut record = Record::default();
        for (text, nature) in &self.cells {
            record.push(text, *nature);
        }
        sender.send(Ok((u64::from(self.number) + 1, record))).is_ok()
    }
}

/// The text of a cell and what is known of it.
fn text_of(cell: &Data) -> (String, Nature) {
    match cell {
        Data::Empty => (String::new(), Nature::Text),
        Data::String(text) => (text.clone(), Nature::Text),
        Data::Int(number) => (number.to_string(), Nature::Typed),
        Data::Float(number) => (number_text(*number), Nature::Typed),
        Data::Bool(truth) => (truth.to_string(), Nature::Typed),
        Data::DateTime(moment) if moment.is_datetime() => {
            (date_time_text(moment.to_ymd_hms_milli()), Nature::Typed)
        }
        Data::DateTime(duration) => (number_text(duration.as_f64()), Nature::Typed),
        Data::DateTimeIso(text) | Data::DurationIso(text) => (text.clone(), Nature::Typed),
        Data::Error(error) => (error.to_string(), Nature::Text),
    }
}
