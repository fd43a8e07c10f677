//! What holds for the files as a whole, read back from them.

pub(super) mod reading;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use super::days::{TODAY, is_working_day, next_quarter, quarter_start};
use super::{SEED, Size};
use reading::{DEMO, Export, Row, amount, bookings, day, is_decided, is_won};

/// First day of the history of two years.
const HISTORY_FROM: Date = date(2024, 7, 1);

/// Files that hold everything there is.
const OF_EVERYTHING: [&str; 9] = [
    "account_territories.csv",
    "accounts.csv",
    "assignments.csv",
    "managers.csv",
    "products.csv",
    "teams.csv",
    "territories.csv",
    "territory_users.csv",
    "users.csv",
];

/// All opportunities as they stand in the end.
fn opportunities() -> Vec<Row> {
    DEMO.current("opportunities.csv")
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let again = Export::of(&Size::default());
    assert!(*DEMO == again, "other bytes");
    let other = Export::of(&Size { seed: SEED + 1, ..Size::default() });
    for (delivered, files) in &DEMO.deliveries {
        for file in ["opportunities.csv", "leads.csv", "activities.csv"] {
            assert_ne!(files[file], other.deliveries[delivered][file], "{delivered} {file}");
        }
    }
}

#[test]
fn the_company_has_its_planned_size() {
    let count = |file: &str| DEMO.everything(file).len();
    let sizes = ["users.csv", "teams.csv", "managers.csv", "accounts.csv", "products.csv"].map(count);
    assert_eq!(sizes, [6 + 48 + 3 + 1, 3, 6, 600, 10]);
    let roles = ["Sales Development Representative", "Account Executive", "Account Manager"];
    assert_eq!(roles.map(|role| DEMO.of_role(role).len()), [16, 24, 8]);
    let believable = [
        ("opportunities.csv", opportunities().len(), 5_700..6_600),
        ("leads.csv", DEMO.current("leads.csv").len(), 8_000..10_000),
        ("activities.csv", DEMO.events("activities.csv").len(), 100_000..130_000),
    ];
    for (file, rows, expected) in believable {
        assert!(expected.contains(&rows), "{file}: {rows}");
    }
}

#[test]
fn a_larger_company_is_the_same_one_with_more_people_and_years() {
    let large = Export::of(&Size { reps: 96, years: 3, ..Size::default() });
    let names = |export: &Export| export.column("users.csv", "Name");
    assert!(names(&large).is_superset(&names(&DEMO)));
    assert_eq!(names(&large).len(), names(&DEMO).len() + 48 + 6, "six more managers");
    assert!(large.mapping.contains("covers: { from: 2023-07-01 }"));
    assert!(large.decided().iter().any(|row| row["CloseDate"].starts_with("2023-0")));
}

#[test]
fn every_reference_resolves_in_its_delivery() {
    let references = [
        ("opportunities.csv", "OwnerId", "users.csv"),
        ("opportunities.csv", "AccountId", "accounts.csv"),
        ("opportunities.csv", "Product2Id", "products.csv"),
        ("opportunities.csv", "Lead__c", "leads.csv"),
        ("opportunity_history.csv", "OpportunityId", "opportunities.csv"),
        ("opportunity_history.csv", "CreatedById", "users.csv"),
        ("opportunity_splits.csv", "OpportunityId", "opportunities.csv"),
        ("invoice_lines.csv", "OpportunityId", "opportunities.csv"),
        ("subscriptions.csv", "AccountId", "accounts.csv"),
        ("leads.csv", "OwnerId", "users.csv"),
        ("leads.csv", "ConvertedOpportunityId", "opportunities.csv"),
        ("activities.csv", "OwnerId", "users.csv"),
        ("activities.csv", "LeadId", "leads.csv"),
        ("activities.csv", "OpportunityId", "opportunities.csv"),
        ("assignments.csv", "UserId", "users.csv"),
        ("assignments.csv", "ManagerId", "users.csv"),
        ("territory_users.csv", "UserId", "users.csv"),
        ("territory_users.csv", "TerritoryId", "territories.csv"),
        ("account_territories.csv", "TerritoryId", "territories.csv"),
        ("quotas.csv", "UserId", "users.csv"),
        ("quotas.csv", "ApprovedById", "users.csv"),
    ];
    for (file, column, target) in references {
        let mut first_known: BTreeMap<String, Date> = BTreeMap::new();
        for (delivered, mut row) in DEMO.delivered(target) {
            first_known.entry(row.remove("Id").expect("an Id")).or_insert(delivered);
        }
        for (delivered, row) in DEMO.delivered(file).filter(|(_, row)| !row[column].is_empty()) {
            let known = first_known.get(&row[column]).is_some_and(|known| *known <= delivered);
            assert!(known, "{file} of {delivered}, {column}: {row:?}");
        }
    }
}

#[test]
fn a_row_comes_once_a_delivery_and_events_once_at_all() {
    for (file, key) in [("opportunities.csv", "Id"), ("leads.csv", "Id"), ("invoice_lines.csv", "LineId")] {
        let rows: Vec<(Date, String)> =
            DEMO.delivered(file).map(|(day, row)| (day, row[key].clone())).collect();
        assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "{file}");
    }
    let activities = DEMO.events("activities.csv");
    assert_eq!(DEMO.column("activities.csv", "Id").len(), activities.len());
}

#[test]
fn nothing_is_known_before_it_happens() {
    // Deliveries are made in the evening, so what happened on their day is known.
    let happened = [
        ("opportunities.csv", "CreatedDate"),
        ("opportunity_history.csv", "CreatedDate"),
        ("leads.csv", "CreatedDate"),
        ("leads.csv", "FirstTouchDate__c"),
        ("leads.csv", "SalesQualifiedDate__c"),
        ("leads.csv", "ConvertedDate"),
        ("activities.csv", "CreatedDate"),
        ("invoice_lines.csv", "InvoiceDate"),
        ("invoice_lines.csv", "PaidDate"),
        ("subscriptions.csv", "StartDate"),
        ("quotas.csv", "ApprovedDate"),
        ("forecasts.csv", "SubmittedDate"),
        ("absences.csv", "From"),
        ("trainings.csv", "CompletedDate"),
        ("survey_responses.csv", "RespondedAt"),
        ("users.csv", "HireDate"),
        ("users.csv", "EndDate"),
        ("assignments.csv", "ValidTo"),
    ];
    for (file, column) in happened {
        for (delivered, row) in DEMO.delivered(file).filter(|(_, row)| !row[column].is_empty()) {
            assert!(day(&row[column]) <= delivered, "{file} of {delivered}, {column}: {row:?}");
            let hour = row[column].get(11..13).map_or(0, |hour| hour.parse().expect("an hour"));
            assert!(hour < 18, "after the delivery: {file}, {column}: {row:?}");
        }
    }
}

#[test]
fn deals_move_on_from_delivery_to_delivery_and_some_decisions_come_late() {
    let mut seen: BTreeMap<String, Row> = BTreeMap::new();
    let mut late = 0;
    for (delivered, row) in DEMO.delivered("opportunities.csv") {
        let before = seen.insert(row["Id"].clone(), row.clone());
        if let Some(before) = before {
            assert!(before != row, "delivered again on {delivered} without a change: {row:?}");
            assert!(!is_decided(&before) || before["CloseDate"] == row["CloseDate"], "{before:?} {row:?}");
            let previous = DEMO.deliveries.range(..delivered).next_back().expect("an earlier one").0;
            late +=
                usize::from(is_decided(&row) && !is_decided(&before) && day(&row["CloseDate"]) <= *previous);
        }
    }
    assert!((3..80).contains(&late), "{late}");
}

#[test]
fn the_mapping_names_every_file_and_only_columns_that_exist() {
    let mapping = &DEMO.mapping;
    let files: BTreeSet<&String> = DEMO.deliveries.values().flat_map(BTreeMap::keys).collect();
    assert_eq!(files.len(), mapping.matches("- file: ").count());
    for file in files {
        let from = mapping.find(&format!("- file: {file}")).unwrap_or_else(|| panic!("{file} is not mapped"));
        let until = mapping[from + 1..].find("- file: ").map_or(mapping.len(), |next| from + 1 + next);
        let is_of_everything = mapping[from..until].contains("mode: full");
        assert_eq!(is_of_everything, OF_EVERYTHING.contains(&file.as_str()), "{file}");
        let (_, row) = DEMO.delivered(file).next().expect("a row");
        for column in row.keys() {
            assert!(mapping[from..until].contains(column.as_str()), "{file} has an unmapped column {column}");
        }
        let mapped = mapping[from..until].lines().filter_map(|line| line.trim().strip_prefix("column: "));
        for column in mapped {
            assert!(row.contains_key(column), "{file} has no column {column}");
        }
    }
}

#[test]
fn deals_close_after_they_are_created_and_not_after_today() {
    for row in opportunities() {
        let close = day(&row["CloseDate"]);
        assert!(is_working_day(close), "closes on a day off: {row:?}");
        assert_eq!(close <= TODAY, is_decided(&row), "{row:?}");
        assert!(close >= HISTORY_FROM, "{row:?}");
        if !row["CreatedDate"].is_empty() {
            let created = day(&row["CreatedDate"]);
            assert!(created <= close && created <= TODAY && is_working_day(created), "{row:?}");
        }
    }
}

#[test]
fn amounts_are_below_list_and_missing_only_early_on() {
    let rows = opportunities();
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
    for row in opportunities() {
        assert_eq!(row["StageName"] == "Closed Lost", !row["LossReason__c"].is_empty(), "{row:?}");
        assert!(row["Competitor__c"].is_empty() || row["StageName"] == "Closed Lost", "{row:?}");
    }
}

#[test]
fn win_rates_and_bookings_are_believable_whatever_the_seed() {
    for seed in SEED..SEED + 3 {
        let decided = Export::of(&Size { seed, ..Size::default() }).decided();
        let won = decided.iter().filter(|row| is_won(row)).count();
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
    let users = export.everything("users.csv");
    let sellers = export.column("assignments.csv", "UserId");
    let without = sellers.difference(&owners).count();
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
        export.everything("users.csv").into_iter().map(|row| (row["Id"].clone(), row)).collect();
    for row in export.decided() {
        let owner = &users[&row["OwnerId"]];
        assert!(owner["HireDate"] <= row["CloseDate"], "{row:?}");
        assert!(owner["EndDate"].is_empty() || row["CloseDate"] <= owner["EndDate"], "{row:?}");
    }
}

#[test]
fn one_moves_and_one_leaves() {
    let export = &*DEMO;
    let assignments = export.everything("assignments.csv");
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
    for year in [2024, 2025] {
        let [august, september] = [8, 9].map(|month| in_month(year, month));
        assert!(august * 2 < september, "{year}: August {august}, September {september}");
    }
    for year in [2025, 2026] {
        let [june, july] = [6, 7].map(|month| in_month(year, month));
        assert!(june * 5 > july * 6, "{year}: June {june}, July {july}");
        assert!(
            in_month(year, 3) > in_month(year, 2),
            "{year}: the last month of a quarter is the strongest"
        );
    }
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
    let of_role: BTreeSet<String> = export.of_role(role).iter().map(|row| row["Id"].clone()).collect();
    let won: Vec<Row> = export.decided().into_iter().filter(is_won).collect();
    let bought: BTreeSet<(String, String, Date)> = won
        .iter()
        .filter(|row| of_role.contains(&row["OwnerId"]))
        .map(|row| (row["OwnerId"].clone(), row["AccountId"].clone(), quarter_start(day(&row["CloseDate"]))))
        .collect();
    let last_with_full_successor = day("2026-04-01");
    let before: Vec<_> =
        bought.iter().filter(|(_, _, quarter)| *quarter <= last_with_full_successor).collect();
    let again = before.iter().filter(|(owner, account, quarter)| {
        bought.contains(&(owner.clone(), account.clone(), next_quarter(*quarter)))
    });
    again.count() as f64 / before.len() as f64
}
