//! Rows that are not taken: the reason in words, and the file they are handed back in.

use std::fmt;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::{Deserialize, Serialize};

use crate::canonical::Table;
use crate::source::{Record, visible};
use crate::store::StoreError;

/// Columns that stand before the original ones in a rejects file.
pub(crate) const REJECT_COLUMNS: [&str; 3] = ["attain_line", "attain_column", "attain_reason"];

/// The column behind them that says which cells were typed, in formats that know types.
pub(crate) const TYPED_COLUMN: &str = "attain_typed";

/// Characters of a delivered text that messages show.
const SHOWN_CHARACTERS: usize = 200;

/// Why a row is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// More or fewer fields than the header.
    Ragged {
        /// Fields of the row.
        fields: usize,
        /// Fields of the header, or of the first row.
        header: usize,
        /// Which of both.
        first: &'static str,
        /// What stands between fields.
        delimiter: &'static str,
    },
    /// Bytes that are no text in the file's encoding.
    Encoding {
        /// Which they may be, and what to do.
        problem: String,
    },
    /// A line that is no JSON object.
    NotAnObject {
        /// What is wrong with it.
        problem: String,
    },
    /// A formula whose result the workbook does not hold.
    NotComputed,
    /// A cell of a spreadsheet that could not be computed.
    CellError,
    /// A cell that is merged with others.
    Merged,
    /// A character that no text has.
    NulCharacter,
    /// An expression has no value in this row.
    NotComputable {
        /// Why.
        problem: String,
    },
    /// A line that belongs to it cannot be read, so that it has no totals.
    Line {
        /// The file with the line.
        file: String,
        /// Where it stands.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Leads to a row of another file that is not there.
    NotFound {
        /// The file.
        file: String,
    },
    /// A needed cell is blank.
    Blank,
    /// Not a date in the expected format.
    NotADate {
        /// The format.
        expected: String,
    },
    /// A date before 1900.
    LongAgo,
    /// Not a number in the expected style.
    NotANumber {
        /// A number in that style.
        expected: String,
    },
    /// More decimal places than are kept.
    TooPrecise {
        /// Those that are.
        places: u32,
    },
    /// More digits before the point than are kept.
    TooLarge {
        /// Those that are.
        digits: u32,
    },
    /// Negative where that makes no sense.
    Negative,
    /// Zero or negative where that makes no sense.
    NotPositive,
    /// Not from 0 to 1.
    NotAShare,
    /// Not a whole number that is small enough to be counted.
    NotWhole,
    /// Not the name of a time zone.
    NotATimeZone,
    /// Not a truth value.
    NotATruthValue,
    /// None of the values that are known.
    UnknownValue {
        /// Those that are.
        allowed: String,
    },
    /// Not a currency code.
    NotACurrency,
    /// Refers to something that no file brought.
    Dangling {
        /// The table it should be in.
        table: Table,
    },
    /// Refers to something of which every row was rejected.
    RejectedItself {
        /// The table it should be in.
        table: Table,
    },
    /// Won or lost without the date.
    ClosedWithoutDate,
    /// Closed before it was created.
    ClosedBeforeCreated,
    /// Ends before it starts.
    EmptyRange {
        /// The column that says when it starts.
        from: &'static str,
    },
    /// Holds at the same time as another row about the same thing.
    Overlap {
        /// Line of the other row; `None` if an earlier delivery brought it.
        line: Option<u64>,
        /// The column that says what both are about.
        per: &'static str,
    },
    /// Its share is more than what other rows leave of the same thing.
    SharesAboveOne {
        /// The column that says what they are about.
        per: &'static str,
    },
    /// The shares of the same thing do not add up to 1 at some instant.
    SharesNotOne {
        /// The column that says what they are about.
        per: &'static str,
    },
    /// What it leads to leads back to it.
    Circle {
        /// The column that leads back.
        column: &'static str,
    },
    /// Differs from what was delivered before, where rows are only ever added.
    Rewritten,
    /// The identifier stands in the delivery with other values too.
    Contradiction,
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Ragged { fields, header, first, delimiter } => {
                write!(formatter, "has {fields} fields where {first} has {header}; ")?;
                match fields > header {
                    true => write!(formatter, "put a value that contains a {delimiter} in quotation marks"),
                    false => write!(formatter, "every field needs its {delimiter}, also an empty one"),
                }
            }
            Reason::Encoding { problem } => formatter.write_str(problem),
            Reason::NotAnObject { problem } => write!(
                formatter,
                "is no JSON object ({problem}); correct the line, or write its values into the columns of the rejects file and remove the last field"
            ),
            Reason::NotComputed => formatter.write_str(
                "is a formula that was never computed; open the workbook in a spreadsheet program, save it, and import it again",
            ),
            Reason::CellError => formatter.write_str(
                "is an error of the spreadsheet; correct the formula, or list it under `blank` if it stands for nothing",
            ),
            Reason::Merged => formatter.write_str(
                "is merged with other cells, so it is unclear which rows it holds for; unmerge them and fill each",
            ),
            Reason::NulCharacter => formatter.write_str("contains a NUL character; remove it"),
            Reason::NotComputable { problem } => formatter.write_str(problem),
            Reason::Line { file, place, problem } => {
                write!(formatter, "has a line that cannot be read, so its totals are not known: {file}, {place}: {problem}")
            }
            Reason::NotFound { file } => {
                write!(formatter, "leads to no row of {file}; add it there or correct the spelling")
            }
            Reason::Blank => formatter.write_str("is blank and must not be"),
            Reason::NotADate { expected } => write!(formatter, "is not a date as in {expected}"),
            Reason::LongAgo => formatter.write_str(
                "lies before 1900; correct the year, or list the date under `blank` if it stands for none",
            ),
            Reason::NotANumber { expected } => write!(formatter, "is not a number as in {expected}"),
            Reason::TooPrecise { places } => write!(formatter, "has more than {} places", word(*places)),
            Reason::TooLarge { digits } => {
                write!(formatter, "has more than {digits} digits before the point")
            }
            Reason::Negative => formatter.write_str("must not be negative"),
            Reason::NotPositive => formatter.write_str("must be more than 0"),
            Reason::NotAShare => formatter.write_str(
                "is not a share from 0 to 1; for per cent, write `format: \"12.5 %\"` in the mapping",
            ),
            Reason::NotWhole => formatter.write_str("is not a whole number"),
            Reason::NotATimeZone => formatter.write_str("is not a time zone such as Europe/Berlin"),
            Reason::NotATruthValue => formatter.write_str("is neither true nor false"),
            Reason::UnknownValue { allowed } => write!(formatter, "is not known; known are: {allowed}"),
            Reason::NotACurrency => formatter.write_str("is not a currency code such as USD"),
            Reason::Dangling { table: Table::Employee } => {
                formatter.write_str("is a person no file names; add the person or correct the spelling")
            }
            Reason::Dangling { table } => {
                write!(formatter, "is no known {table}; add it or correct the spelling")
            }
            Reason::RejectedItself { table: Table::Employee } => {
                formatter.write_str("is a person whose own row was rejected; correct that one first")
            }
            Reason::RejectedItself { table } => {
                let article = if table.name().starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
                write!(formatter, "is {article} {table} whose own row was rejected; correct that one first")
            }
            Reason::ClosedWithoutDate => formatter.write_str("is blank although the deal is won or lost"),
            Reason::ClosedBeforeCreated => formatter.write_str("lies before the day the deal was created"),
            Reason::EmptyRange { from } => write!(formatter, "is not later than {from}"),
            Reason::Overlap { line: Some(line), per } => {
                write!(formatter, "overlaps line {line}, which is about the same {}", thing(per))
            }
            Reason::Overlap { line: None, per } => write!(
                formatter,
                "overlaps what an earlier delivery says about the same {}; deliver that row too, with its end",
                thing(per)
            ),
            Reason::SharesAboveOne { per } => {
                write!(formatter, "is more than what others leave of the same {}", thing(per))
            }
            Reason::SharesNotOne { per } => write!(
                formatter,
                "is one of the shares of the same {} that do not add up to exactly 1; deliver all of them together",
                thing(per)
            ),
            Reason::Circle { column: "manager_id" } => formatter.write_str(
                "leads back to the same person; nobody manages themselves, directly or through others",
            ),
            Reason::Circle { column } => write!(
                formatter,
                "leads back to this row, and nothing is part of itself; correct {column} here or further up"
            ),
            Reason::Rewritten => formatter.write_str(
                "was delivered before with other values, and rows of this file are only ever added; \
                 give the new row a key of its own, or say `mode: delta` in the mapping",
            ),
            Reason::Contradiction => formatter.write_str(
                "stands in this delivery more than once, with different values; keep the row that is right",
            ),
        }
    }
}

fn word(places: u32) -> String {
    match places {
        6 => "six".to_owned(),
        12 => "twelve".to_owned(),
        other => other.to_string(),
    }
}

/// What a column that refers to something refers to, for people.
fn thing(column: &str) -> &str {
    match column {
        "employee_id" => "person",
        "opportunity_id" => "deal",
        "kpi_id" => "target",
        other => other.trim_end_matches("_id"),
    }
}

/// A row that is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Its line in the file.
    pub line: u64,
    /// The source's column.
    pub column: Option<String>,
    /// What the column holds.
    pub value: Option<String>,
    /// Why.
    pub reason: Reason,
}

/// A rejected row as reports keep it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Its line or row in the file.
    pub line: u64,
    /// Its place where that is not a line: `row 7`, or a cell as in `Deals!C14`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The source's column.
    pub column: Option<String>,
    /// What the column holds.
    pub value: Option<String>,
    /// Why it was not taken, as a sentence about the value.
    pub reason: String,
}

impl RejectedRow {
    pub(crate) fn new(reject: &Reject, place: Option<String>) -> RejectedRow {
        RejectedRow {
            line: reject.line,
            place,
            column: reject.column.clone(),
            value: reject.value.as_deref().map(shown),
            reason: reject.reason.to_string(),
        }
    }

    /// Where it stands: `line 42`, `row 7` or `Deals!C14`.
    #[must_use]
    pub fn place(&self) -> String {
        self.place.clone().unwrap_or_else(|| format!("line {}", self.line))
    }
}

/// A file of rejected rows, each as it was delivered behind its line, column and reason, so that
/// it can be corrected and imported again. Dropped before it is finished, it goes: the delivery
/// could not be read to its end.
pub(crate) struct RejectsWriter {
    path: PathBuf,
    writer: csv::Writer<std::fs::File>,
    has_types: bool,
    is_finished: bool,
}

impl RejectsWriter {
    /// Begins a file; `has_types` if its rows come with types that the texts do not show.
    pub(crate) fn create(
        path: PathBuf,
        header: &StringRecord,
        has_types: bool,
    ) -> Result<RejectsWriter, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::io("create", folder, error))?;
        }
        let file = std::fs::File::create(&path).map_err(|error| StoreError::io("create", &path, error))?;
        // A ragged row is handed back as ragged as it came.
        let writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
        let mut rejects = RejectsWriter { path, writer, has_types, is_finished: false };
        let typed = has_types.then_some(TYPED_COLUMN);
        rejects.record(REJECT_COLUMNS.into_iter().chain(typed).chain(header))?;
        Ok(rejects)
    }

    /// Hands a row back, with its place in words.
    pub(crate) fn write(&mut self, reject: &Reject, place: &str, raw: &Record) -> Result<(), StoreError> {
        let column = reject.column.clone().unwrap_or_default();
        let reason = reject.reason.to_string();
        let typed: Vec<String> = raw.typed_positions().map(|position| position.to_string()).collect();
        let typed = self.has_types.then(|| typed.join(" "));
        let own = [place, &column, &reason].into_iter().chain(typed.as_deref());
        self.record(own.chain(raw.cells()))
    }

    pub(crate) fn finish(mut self) -> Result<PathBuf, StoreError> {
        self.writer.flush().map_err(|error| StoreError::io("write", &self.path, error))?;
        self.is_finished = true;
        Ok(self.path.clone())
    }

    fn record<'f>(&mut self, fields: impl Iterator<Item = &'f str>) -> Result<(), StoreError> {
        self.writer.write_record(fields).map_err(|error| StoreError::write(&self.path, &error))
    }
}

impl Drop for RejectsWriter {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        // What cannot be removed stays as a file that no report names; its folder only goes empty.
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// Whether a header is that of a rejects file.
pub(crate) fn is_rejects_header<'a>(mut header: impl Iterator<Item = &'a str>) -> bool {
    REJECT_COLUMNS.iter().all(|column| header.next() == Some(*column))
}

/// A delivered text for messages: short, and without characters that do something to a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .filter_map(visible)
        .take(SHOWN_CHARACTERS)
        .map(|character| if character.is_control() { char::REPLACEMENT_CHARACTER } else { character })
        .collect();
    if text.chars().filter_map(visible).nth(SHOWN_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// A short text for messages: where a path ends.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
