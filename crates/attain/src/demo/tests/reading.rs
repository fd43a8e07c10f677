//! The company's files, read back as a person with a spreadsheet would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::super::{Size, write};

/// A row by column name.
pub(crate) type Row = BTreeMap<String, String>;

/// The files of a delivery, by name.
type Files = BTreeMap<String, Vec<u8>>;

/// The demo as everybody sees it.
pub(crate) static DEMO: LazyLock<Export> = LazyLock::new(|| Export::of(&Size::default()));

/// The same company without planted truths.
pub(crate) static NULL: LazyLock<Export> =
    LazyLock::new(|| Export::of(&Size { planted: false, ..Size::default() }));

/// All deliveries of a company.
#[derive(PartialEq)]
pub(crate) struct Export {
    pub(crate) deliveries: BTreeMap<Date, Files>,
    pub(crate) mapping: String,
}

impl Export {
    pub(crate) fn of(size: &Size) -> Export {
        let folder = tempfile::tempdir().expect("a folder");
        let written = write(&folder.path().join("demo"), size).expect("an export");
        let files =
            |paths: &[std::path::PathBuf]| paths.iter().map(|path| (name(path), bytes(path))).collect();
        let deliveries = written.deliveries.iter().map(|made| (made.day, files(&made.files))).collect();
        Export { deliveries, mapping: String::from_utf8(bytes(&written.mapping)).expect("text") }
    }

    /// The rows of a file in every delivery that has it.
    pub(crate) fn delivered(&self, file: &str) -> impl Iterator<Item = (Date, Row)> {
        let all = self.deliveries.iter().filter_map(|(day, files)| Some((*day, files.get(file)?)));
        all.flat_map(|(day, content)| rows(content).into_iter().map(move |row| (day, row)))
    }

    /// The rows of a file of events, which come once.
    pub(crate) fn events(&self, file: &str) -> Vec<Row> {
        self.delivered(file).map(|(_, row)| row).collect()
    }

    /// The rows of a file of everything, as last delivered.
    pub(crate) fn everything(&self, file: &str) -> Vec<Row> {
        let last = self.deliveries.values().rev().find_map(|files| files.get(file));
        rows(last.unwrap_or_else(|| panic!("no {file}")))
    }

    /// The rows of a file of changes as they stand after a day, by `Id`.
    pub(crate) fn as_of(&self, day: Date, file: &str) -> BTreeMap<String, Row> {
        let known = self.delivered(file).filter(|(delivered, _)| *delivered <= day);
        known.map(|(_, row)| (row["Id"].clone(), row)).collect()
    }

    /// The rows of a file of changes as they stand in the end.
    pub(crate) fn current(&self, file: &str) -> Vec<Row> {
        self.as_of(Date::MAX, file).into_values().collect()
    }

    /// Everything a column ever held.
    pub(crate) fn column(&self, file: &str, column: &str) -> BTreeSet<String> {
        self.delivered(file).map(|(_, mut row)| row.remove(column).expect("a column")).collect()
    }

    /// Deals that were decided, each as the delivery had it that brought the decision: with the
    /// owner who closed it.
    pub(crate) fn decided(&self) -> Vec<Row> {
        let mut first: BTreeMap<String, Row> = BTreeMap::new();
        for (_, row) in self.delivered("opportunities.csv").filter(|(_, row)| is_decided(row)) {
            first.entry(row["Id"].clone()).or_insert(row);
        }
        first.into_values().collect()
    }

    /// The segment of every account.
    pub(crate) fn segments(&self) -> BTreeMap<String, String> {
        let accounts = self.everything("accounts.csv").into_iter();
        accounts.map(|row| (row["Id"].clone(), row["Segment__c"].clone())).collect()
    }

    /// The identifier of the person with that number in the personnel file.
    pub(crate) fn user(&self, number: &str) -> String {
        let users = self.everything("users.csv");
        let found = users.iter().find(|row| row["EmployeeNumber"] == number);
        found.unwrap_or_else(|| panic!("no {number}"))["Id"].clone()
    }

    /// The users of a role.
    pub(crate) fn of_role(&self, role: &str) -> Vec<Row> {
        self.everything("users.csv").into_iter().filter(|row| row["Role"] == role).collect()
    }
}

fn rows(content: &[u8]) -> Vec<Row> {
    csv::Reader::from_reader(content).deserialize().map(|row| row.expect("a row")).collect()
}

fn name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file")
}

pub(crate) fn is_decided(row: &Row) -> bool {
    row["StageName"].starts_with("Closed")
}

pub(crate) fn is_won(row: &Row) -> bool {
    row["StageName"] == "Closed Won"
}

pub(crate) fn day(text: &str) -> Date {
    text[..10].parse().expect("a date")
}

/// An amount in euros; a blank one is nothing.
pub(crate) fn amount(row: &Row) -> f64 {
    row["Amount"].parse().unwrap_or(0.0)
}

/// What the won deals among these are worth.
pub(crate) fn bookings<'a>(rows: impl IntoIterator<Item = &'a Row>) -> f64 {
    rows.into_iter().filter(|row| is_won(row)).map(amount).sum()
}

/// Those that closed in a half-open range of days.
pub(crate) fn closed_in(rows: &[Row], from: Date, to: Date) -> impl Iterator<Item = &Row> {
    rows.iter().filter(move |row| (from..to).contains(&day(&row["CloseDate"])))
}
