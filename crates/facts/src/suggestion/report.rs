//! A report of another system, read to stand beside a number: nothing of it becomes a fact.
//!
//! Its columns are recognised as those of a delivery are; what they leave open is asked.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::choices::FileChoices;
use super::matching::{LIKENESS_MIN, matches};
use super::planning::columns::one_format;
use super::profile::{Profile, UNIX_MILLISECONDS};
use super::samples::{Sample, Samples};
use super::vocabulary::fields;
use super::{Choices, Question, Target};
use crate::canonical::{ColumnType, Table};
use crate::mapping::reading::Reading;
use crate::value::{Value, normalise};

/// A report as it was read.
#[derive(Clone, Debug)]
pub struct Report {
    /// What it was read as: ``CSV, `;` ``.
    pub format: String,
    /// Its columns in their order, and what each is of a deal.
    pub columns: Vec<(String, Target)>,
    /// Its rows, a value for each column; blank cells and those that do not read have none.
    pub rows: Vec<Vec<Option<Value>>>,
    /// Cells that do not read as what their columns hold, the first of them.
    pub unread: Vec<UnreadCell>,
    /// How many there are.
    pub unread_cells: usize,
    /// What is to be answered before some of its columns can be read.
    pub questions: Vec<Question>,
}

/// A cell that does not read as what its column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadCell {
    /// The row, from 1.
    pub row: usize,
    /// The name of the column.
    pub column: String,
    /// What stands there.
    pub text: String,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The file is none that can be read.
    #[error("{problem}")]
    Unreadable {
        /// Why, and what to do.
        problem: String,
        /// What to answer so that it can.
        questions: Vec<Question>,
    },
    /// It is longer than reports are.
    #[error("the report has more than {rows} rows; narrow it to a person or a period")]
    TooLong {
        /// Rows that were read.
        rows: usize,
    },
}

/// Cells that are told of at most.
const UNREAD_TOLD: usize = 20;

impl Report {
    /// Reads the first of the files that were looked at. Dates of instants are those of the time zone.
    ///
    /// # Errors
    /// When it cannot be read at all, or is longer than what was looked at.
    pub fn of(samples: &Samples, time_zone: &TimeZone, choices: &Choices) -> Result<Report, ReportError> {
        let Some(sample) = samples.files.first() else {
            let unread = samples.unread.first();
            let problem = unread.map(|unread| unread.problem.clone()).unwrap_or_default();
            let questions = unread.and_then(|unread| unread.question.clone()).into_iter().collect();
            return Err(ReportError::Unreadable { problem, questions });
        };
        if !sample.is_whole {
            return Err(ReportError::TooLong { rows: sample.rows.len() });
        }
        let chosen = choices.of(&sample.name);
        let targets = targets(sample, &chosen);
        let (mut cells, mut questions) = (Vec::new(), Vec::new());
        for (profile, target) in sample.columns.iter().zip(&targets) {
            let chosen = chosen.column(&profile.name).format;
            let cell = Cell::of(&sample.name, target, profile, chosen.as_deref(), time_zone);
            cells.push(cell.unwrap_or_else(|question| {
                questions.push(*question);
                Cell::Open
            }));
        }
        let (rows, unread) = read(sample, &cells);
        Ok(Report {
            format: sample.format.clone(),
            columns: sample.columns.iter().map(|column| column.name.clone()).zip(targets).collect(),
            rows,
            unread_cells: unread.len(),
            unread: unread.into_iter().take(UNREAD_TOLD).collect(),
            questions,
        })
    }
}

/// What each column is of a deal. Unlike in a delivery its identifier may be blank or occur twice.
fn targets(sample: &Sample, choices: &FileChoices) -> Vec<Target> {
    let mut targets = vec![Target::None; sample.columns.len()];
    for found in matches(sample, Table::Opportunity, &[], choices) {
        targets[found.column] = match found.target {
            "key" => Target::Key,
            name => Target::Column(name.to_owned()),
        };
    }
    if !targets.contains(&Target::Key) {
        let likeness = |at: &usize| {
            let fields = fields(Table::Opportunity).iter().filter(|field| field.target == "key");
            let words = fields.flat_map(|field| &field.words);
            words.map(|words| sample.columns[*at].words.likeness(words)).fold(0.0, f64::max)
        };
        let left = (0..targets.len()).filter(|at| targets[*at] == Target::None);
        let named = left.filter(|at| likeness(at) >= LIKENESS_MIN);
        if let Some(key) = named.max_by(|one, other| likeness(one).total_cmp(&likeness(other))) {
            targets[key] = Target::Key;
        }
    }
    targets
}

/// How the cells of a column are read.
enum Cell {
    Read(Reading),
    /// A day, written as an instant.
    Day(Reading, TimeZone),
    Milliseconds(TimeZone),
    /// Not before a question is answered.
    Open,
}

impl Cell {
    /// How the cells of a column are read, or what has to be answered first.
    fn of(
        file: &str,
        target: &Target,
        profile: &Profile,
        chosen: Option<&str>,
        time_zone: &TimeZone,
    ) -> Result<Cell, Box<Question>> {
        let kind = match target {
            Target::Column(name) => Table::Opportunity.column(name).map(|(_, column)| column.kind),
            Target::Attribute(_) | Target::None if profile.is_number() => Some(ColumnType::Decimal),
            _ => None,
        };
        let reading = |kind: ColumnType, format: &str| {
            let formats: Vec<String> =
                Some(format).filter(|format| !format.is_empty()).map(str::to_owned).into_iter().collect();
            Reading::of(kind, &formats, time_zone).unwrap_or(Reading::Text)
        };
        let format = |formats: &[String], what| match chosen {
            Some(chosen) => Ok(chosen.to_owned()),
            None => one_format(file, profile, formats, what),
        };
        Ok(match kind {
            Some(ColumnType::Date | ColumnType::Timestamp) => {
                let formats = if profile.days.is_empty() { &profile.instants } else { &profile.days };
                match format(&profile.different_dates(formats), "dates")?.as_str() {
                    UNIX_MILLISECONDS => Cell::Milliseconds(time_zone.clone()),
                    format => Cell::Day(reading(ColumnType::Timestamp, format), time_zone.clone()),
                }
            }
            Some(kind @ (ColumnType::Amount | ColumnType::Decimal)) if !profile.marks.differ() => {
                Cell::Read(reading(kind, &format(&profile.different_styles(), "numbers")?))
            }
            _ => Cell::Read(Reading::Text),
        })
    }

    /// The value of a text, nothing for a blank one.
    fn read(&self, text: &str) -> Result<Option<Value>, ()> {
        let date = |instant: Timestamp, zone: &TimeZone| -> Date { zone.to_datetime(instant).date() };
        match self {
            Cell::Open => Ok(None),
            Cell::Read(reading) => reading.read(text).map_err(|_| ()),
            Cell::Day(reading, zone) => match reading.read(text) {
                Ok(Some(Value::Timestamp(instant))) => Ok(Some(Value::Date(date(instant, zone)))),
                read => read.map_err(|_| ()),
            },
            Cell::Milliseconds(zone) => {
                let Some(text) = normalise(text) else { return Ok(None) };
                let instant = text.parse().ok().and_then(|since| Timestamp::from_millisecond(since).ok());
                instant.map(|instant| Some(Value::Date(date(instant, zone)))).ok_or(())
            }
        }
    }
}

fn read(sample: &Sample, cells: &[Cell]) -> (Vec<Vec<Option<Value>>>, Vec<UnreadCell>) {
    let mut unread = Vec::new();
    let mut rows = Vec::new();
    for (at, row) in sample.rows.iter().enumerate() {
        let values = cells.iter().enumerate().map(|(position, cell)| {
            let text = row.get(position).map_or("", String::as_str);
            let is_blank = sample.columns[position].blank_tokens.contains(text.trim());
            if is_blank {
                return None;
            }
            cell.read(text).unwrap_or_else(|()| {
                let column = sample.columns[position].name.clone();
                unread.push(UnreadCell { row: at + 1, column, text: text.to_owned() });
                None
            })
        });
        rows.push(values.collect());
    }
    (rows, unread)
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::*;

    fn report(text: &str, answers: &[(&str, &str)]) -> Report {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.csv");
        std::fs::write(&path, text).expect("written");
        let mut choices = Choices::default();
        for (column, format) in answers {
            let place = Place::Format { file: "report.csv".into(), column: (*column).into() };
            choices.answer(&place, format);
        }
        let samples = Samples::read(&[path], folder.path(), &choices).expect("looked at");
        Report::of(&samples, &TimeZone::UTC, &choices).expect("a report")
    }

    fn target(report: &Report, column: &str) -> String {
        let found = report.columns.iter().find(|(name, _)| name == column);
        found.map(|(_, target)| target.to_string()).unwrap_or_default()
    }

    const SALESFORCE: &str = "Opportunity Owner,Account Name,Opportunity Name,Stage,Amount,Close Date\n\
        Anna Berg,Acme,Renewal,Closed Won,\"1,200.50\",3/15/2024\n\
        Ben Holm,Bolt,Upgrade,Closed Won,\"2,000.00\",3/4/2024\n";

    #[test]
    fn a_report_of_deals_is_recognised_by_its_header_and_values() {
        let report = report(SALESFORCE, &[]);
        assert_eq!(target(&report, "Opportunity Owner"), "owner_id");
        assert_eq!(target(&report, "Account Name"), "account_id");
        assert_eq!(target(&report, "Amount"), "amount");
        assert_eq!(target(&report, "Close Date"), "close_date");
        assert_eq!(report.rows[0][5], Some(Value::Date(jiff::civil::date(2024, 3, 15))));
        assert_eq!(report.rows[1][4], Some(Value::Decimal("2000.00".parse().expect("a number"))));
        assert!(report.questions.is_empty() && report.unread_cells == 0);
    }

    #[test]
    fn ambiguous_dates_are_asked_about_and_not_read_before() {
        let ambiguous = SALESFORCE.replace("3/15/2024", "3/5/2024");
        let asked = report(&ambiguous, &[]);
        assert_eq!(asked.questions.len(), 1);
        assert_eq!(asked.rows[1][5], None);
        let answered = report(&ambiguous, &[("Close Date", "%d/%m/%Y")]);
        assert!(answered.questions.is_empty());
        assert_eq!(answered.rows[1][5], Some(Value::Date(jiff::civil::date(2024, 4, 3))));
    }

    #[test]
    fn a_cell_that_does_not_read_is_told() {
        let mut text = SALESFORCE.to_owned();
        (0..40).for_each(|_| text.push_str("Ben Holm,Bolt,Upgrade,Closed Won,5,3/4/2024\n"));
        text.push_str("Ben Holm,Bolt,Upgrade,Closed Won,five,3/4/2024\n");
        let report = report(&text, &[]);
        let five = UnreadCell { row: 43, column: "Amount".into(), text: "five".into() };
        assert_eq!(report.unread, [five]);
    }
}
