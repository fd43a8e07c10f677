//! What holds for the export as a whole, read back from its files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::Date;

use super::days::{HISTORY_FROM, TODAY, is_working_day, quarter_start};
use super::{SEED, write_export};

/// A row by column name.
type Row = BTreeMap<String, String>;

/// The files of an export, by name.
struct Export {
    files: BTreeMap<String, Vec<u8>>,
}

/// The demo as everybody sees it.
static DEMO: LazyLock<Export> = LazyLock::new(|| Export::of(SEED));

impl Export {
    fn of(seed: u64) -> Export {
        let directory = tempfile::tempdir().expect("a directory");
        let mapping = write_export(&directory.path().join("demo"), seed).expect("an export");
        Export { files: read_all(mapping.parent().expect("a folder")) }
    }

    fn rows(&self, file: &str) -> Vec<Row> {
        csv::Reader::from_reader(self.files[file].as_slice())
            .deserialize()
            .map(|row| row.expect("a row"))
            .collect()
    }

    fn column(&self, file: &str, column: &str) -> BTreeSet<String> {
        self.rows(file).iter().map(|row| row[column].clone()).collect()
    }

    /// Opportunities at these stages.
    fn at_stages(&self, stages: &[&str]) -> Vec<Row> {
        let all = self.rows("opportunities.csv");
        all.into_iter().filter(|row| stages.contains(&row["StageName"].as_str())).collect()
    }

    fn decided(&self) -> Vec<Row> {
        self.at_stages(&["Closed Won", "Closed Lost"])
    }

    fn segments(&self) -> BTreeMap<String, String> {
        let accounts = self.rows("accounts.csv").into_iter();
        accounts.map(|row| (row["Id"].clone(), row["Segment__c"].clone())).collect()
    }
}

fn read_all(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("a file"))
        .map(|entry| {
            (entry.file_name().into_string().expect("a name"), std::fs::read(entry.path()).expect("bytes"))
        })
        .collect()
}

fn day(text: &str) -> Date {
    text[..10].parse().expect("a date")
}

fn amount(row: &Row) -> f64 {
    row["Amount"].parse().unwrap_or(0.0)
}

fn bookings<'a>(rows: impl IntoIterator<Item = &'a Row>) -> f64 {
    rows.into_iter().filter(|row| row["StageName"] == "Closed Won").map(amount).sum()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    assert_eq!(DEMO.files, Export::of(SEED).files);
    let other = Export::of(SEED + 1);
    for file in ["users.csv", "accounts.csv", "opportunities.csv"] {
        assert_ne!(DEMO.files[file], other.files[file], "{file}");
    }
}

#[test]
fn the_company_has_its_planned_size() {
    let export = &*DEMO;
    let count = |file: &str| export.rows(file).len();
    let sizes = ["users.csv", "teams.csv", "managers.csv", "accounts.csv", "products.csv"].map(count);
    assert_eq!(sizes, [6 + 48 + 1, 3, 6, 600, 10]);
    let opportunities = count("opportunities.csv");
    assert!((5_700..6_600).contains(&opportunities), "{opportunities}");
}

#[test]
fn every_reference_resolves_and_identifiers_are_unique() {
    let export = &*DEMO;
    for file in ["users.csv", "accounts.csv", "products.csv", "opportunities.csv"] {
        assert_eq!(export.column(file, "Id").len(), export.rows(file).len(), "{file}");
    }
    let refers = |(file, column): (&str, &str), (target, key): (&str, &str)| {
        let dangling: Vec<_> =
            export.column(file, column).difference(&export.column(target, key)).cloned().collect();
        assert!(dangling.is_empty(), "{file} {column}: {dangling:?}");
    };
    refers(("opportunities.csv", "OwnerId"), ("users.csv", "Id"));
    refers(("opportunities.csv", "AccountId"), ("accounts.csv", "Id"));
    refers(("opportunities.csv", "Product2Id"), ("products.csv", "Id"));
    refers(("assignments.csv", "UserId"), ("users.csv", "Id"));
    refers(("assignments.csv", "ManagerId"), ("managers.csv", "UserId"));
    refers(("assignments.csv", "Team"), ("teams.csv", "Team"));
    refers(("managers.csv", "UserId"), ("users.csv", "Id"));
    refers(("managers.csv", "Team"), ("teams.csv", "Team"));
}

#[test]
fn the_mapping_names_every_file_and_only_columns_that_exist() {
    let export = &*DEMO;
    let mapping = String::from_utf8(export.files["mapping.yaml"].clone()).expect("text");
    for file in export.files.keys().filter(|file| file.ends_with(".csv")) {
        let from = mapping.find(&format!("- file: {file}")).unwrap_or_else(|| panic!("{file} is not mapped"));
        let until = mapping[from + 1..].find("- file: ").map_or(mapping.len(), |next| from + 1 + next);
        let header: BTreeSet<String> = export.rows(file)[0].keys().cloned().collect();
        for column in &header {
            assert!(mapping[from..until].contains(column.as_str()), "{file} has an unmapped column {column}");
        }
        let mapped = mapping[from..until].lines().filter_map(|line| line.trim().strip_prefix("column: "));
        for column in mapped {
            assert!(header.contains(column), "{file} has no column {column}");
        }
    }
}

#[test]
fn deals_close_after_they_are_created_and_not_after_today() {
    let export = &*DEMO;
    for row in export.rows("opportunities.csv") {
        let close = day(&row["CloseDate"]);
        assert!(is_working_day(close), "closes on a day off: {row:?}");
        assert_eq!(close <= TODAY, row["StageName"].starts_with("Closed"), "{row:?}");
        assert!(close >= HISTORY_FROM, "{row:?}");
        if !row["CreatedDate"].is_empty() {
            let created = day(&row["CreatedDate"]);
            assert!(created <= close && created <= TODAY && is_working_day(created), "{row:?}");
        }
    }
}

#[test]
fn amounts_are_below_list_and_missing_only_early_on() {
    let rows = DEMO.rows("opportunities.csv");
    let (priced, blank): (Vec<_>, Vec<_>) = rows.iter().partition(|row| !row["Amount"].is_empty());
    assert!(priced.iter().all(|row| row["ListAmount__c"].parse::<f64>().expect("a number") >= amount(row)));
    assert!(priced.iter().all(|row| amount(row) > 0.0));
    assert!(blank.iter().all(|row| row["StageName"] == "Prospecting"));
    assert!((10..100).contains(&blank.len()), "{}", blank.len());
    let undated = rows.iter().filter(|row| row["CreatedDate"].is_empty()).count();
    assert!((5..40).contains(&undated), "{undated}");
}

#[test]
fn only_lost_deals_have_a_reason() {
    for row in DEMO.rows("opportunities.csv") {
        assert_eq!(row["StageName"] == "Closed Lost", !row["LossReason__c"].is_empty(), "{row:?}");
        assert!(row["Competitor__c"].is_empty() || row["StageName"] == "Closed Lost", "{row:?}");
    }
}

#[test]
fn win_rates_and_bookings_are_believable_whatever_the_seed() {
    for seed in SEED..SEED + 5 {
        let decided = Export::of(seed).decided();
        let won = decided.iter().filter(|row| row["StageName"] == "Closed Won").count();
        let win_rate = won as f64 / decided.len() as f64;
        assert!((0.30..0.42).contains(&win_rate), "seed {seed}: {win_rate}");
        for year in [2025, 2026] {
            let (from, to) = (format!("{}-07-01", year - 1), format!("{year}-07-01"));
            let of_year = decided.iter().filter(|row| (&from..&to).contains(&&row["CloseDate"]));
            let millions = bookings(of_year) / 1e6;
            assert!((30.0..60.0).contains(&millions), "seed {seed}, fiscal year {year}: {millions}");
        }
    }
}

#[test]
fn people_differ_and_some_have_nothing() {
    let export = &*DEMO;
    let owners = export.column("opportunities.csv", "OwnerId");
    let users = export.rows("users.csv");
    let sellers = users.iter().filter(|row| row["Role"] != "Sales Manager" && row["Role"] != "Integration");
    let without = sellers.filter(|row| !owners.contains(&row["Id"])).count();
    assert!((3..9).contains(&without), "{without}");
    let decided = export.decided();
    let bookings_of = |id: &str| bookings(decided.iter().filter(|row| row["OwnerId"] == id));
    let executives =
        users.iter().filter(|row| row["Role"] == "Account Executive" && day(&row["HireDate"]) < HISTORY_FROM);
    let mut totals: Vec<f64> = executives.map(|row| bookings_of(&row["Id"])).collect();
    totals.sort_by(f64::total_cmp);
    let spread = totals[totals.len() - 1] / totals[0];
    assert!((1.8..8.0).contains(&spread), "{spread}");
}

#[test]
fn nobody_owns_deals_that_close_outside_of_their_employment() {
    let export = &*DEMO;
    let users: BTreeMap<String, Row> =
        export.rows("users.csv").into_iter().map(|row| (row["Id"].clone(), row)).collect();
    for row in export.rows("opportunities.csv") {
        let owner = &users[&row["OwnerId"]];
        assert!(owner["HireDate"] <= row["CloseDate"], "{row:?}");
        assert!(owner["EndDate"].is_empty() || row["CloseDate"] <= owner["EndDate"], "{row:?}");
    }
}

#[test]
fn one_moves_and_one_leaves() {
    let export = &*DEMO;
    let assignments = export.rows("assignments.csv");
    let ended: Vec<&Row> = assignments.iter().filter(|row| !row["ValidTo"].is_empty()).collect();
    assert_eq!(ended.len(), 2);
    assert!(ended.iter().all(|row| row["ValidFrom"] < row["ValidTo"]));
    let moved = |from: &&&Row| {
        assignments.iter().any(|to| {
            to["UserId"] == from["UserId"] && to["ValidFrom"] == from["ValidTo"] && to["Team"] != from["Team"]
        })
    };
    assert_eq!(ended.iter().filter(moved).count(), 1);
    assert_eq!(export.column("users.csv", "EndDate").len(), 2, "one date, and none for everybody else");
}

#[test]
fn the_year_has_seasons() {
    let decided = DEMO.decided();
    let in_month = |year: i16, month: i8| {
        let same =
            |row: &&Row| (day(&row["CloseDate"]).year(), day(&row["CloseDate"]).month()) == (year, month);
        decided.iter().filter(same).count()
    };
    for year in [2025, 2026] {
        let [june, july, august, september] = [6, 7, 8, 9].map(|month| in_month(year, month));
        assert!(august * 2 < september, "{year}: August {august}, September {september}");
        assert!(june * 5 > july * 6, "{year}: June {june}, July {july}");
        assert!(
            in_month(year, 3) > in_month(year, 2),
            "{year}: the last month of a quarter is the strongest"
        );
    }
}

#[test]
fn one_segment_falls_by_18_percent_in_one_quarter() {
    let export = &*DEMO;
    let segments = export.segments();
    let decided = export.decided();
    let bookings_in = |start: &str| {
        bookings(decided.iter().filter(|row| {
            segments[&row["AccountId"]] == "Mid-market" && quarter_start(day(&row["CloseDate"])) == day(start)
        }))
    };
    let ratio = bookings_in("2025-10-01") / bookings_in("2025-07-01");
    assert!((0.815..=0.82).contains(&ratio), "{ratio}");
}

#[test]
fn account_managers_keep_their_buyers_and_executives_find_new_ones() {
    let export = &*DEMO;
    let keepers = retention(export, "Account Manager");
    let finders = retention(export, "Account Executive");
    assert!((0.35..0.70).contains(&keepers), "account managers {keepers}");
    assert!(finders < 0.25, "account executives {finders}");
}

/// Of the accounts that bought from somebody in a quarter, the share that bought from the same
/// person in the next, over everybody of a role and all full quarters.
fn retention(export: &Export, role: &str) -> f64 {
    let of_role: BTreeSet<String> = export
        .rows("users.csv")
        .into_iter()
        .filter(|row| row["Role"] == role)
        .map(|row| row["Id"].clone())
        .collect();
    let won = export.at_stages(&["Closed Won"]);
    let bought: BTreeSet<(String, String, Date)> = won
        .iter()
        .filter(|row| of_role.contains(&row["OwnerId"]))
        .map(|row| (row["OwnerId"].clone(), row["AccountId"].clone(), quarter_start(day(&row["CloseDate"]))))
        .collect();
    let last_with_full_successor = day("2026-04-01");
    let before: Vec<_> =
        bought.iter().filter(|(_, _, quarter)| *quarter <= last_with_full_successor).collect();
    let again = before.iter().filter(|(owner, account, quarter)| {
        bought.contains(&(owner.clone(), account.clone(), super::days::next_quarter(*quarter)))
    });
    again.count() as f64 / before.len() as f64
}
