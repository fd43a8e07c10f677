//! An admin with an empty server and the files of a CRM whose columns are called something else: from
//! nothing to imported, counting clicks.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use attain_testing::shared_data;
use serde_json::Value;

use super::server::Server;
use super::tab::{Tab, Thing, exactly, wait_for};

/// Columns by their names in Maven's files, with other ones.
type Columns = &'static [(&'static str, &'static str)];

/// The sample company's files under other names, their columns too and in another order.
const RENAMED: [(&str, &str, Columns); 4] = [
    (
        "sales_pipeline.csv",
        "export-3.csv",
        &[
            ("close_value", "Revenue"),
            ("deal_stage", "Status"),
            ("sales_agent", "Rep"),
            ("close_date", "Closed"),
            ("product", "Item"),
            ("account", "Customer"),
            ("opportunity_id", "Deal Ref"),
            ("engage_date", "Started"),
        ],
    ),
    (
        "sales_teams.csv",
        "export-1.csv",
        &[("regional_office", "Office"), ("manager", "Boss"), ("sales_agent", "Rep")],
    ),
    ("products.csv", "export-4.csv", &[("sales_price", "Price"), ("product", "Item"), ("series", "Family")]),
    (
        "accounts.csv",
        "export-2.csv",
        &[
            ("subsidiary_of", "Parent company"),
            ("office_location", "Headquarters"),
            ("revenue", "Turnover"),
            ("account", "Customer"),
            ("employees", "Headcount"),
            ("year_established", "Founded"),
            ("sector", "Sector"),
        ],
    ),
];

/// Writes the files: where they are.
fn renamed(data: &Path, folder: &Path) -> Vec<PathBuf> {
    let write = |(file, name, columns): &(&str, &str, &[(&str, &str)])| {
        let mut reader = csv::Reader::from_path(data.join(file)).expect("the file");
        let header = reader.headers().expect("a header").clone();
        let place = |column: &str| header.iter().position(|known| known == column).expect("a column");
        let path = folder.join(name);
        let mut writer = csv::Writer::from_path(&path).expect("a file");
        writer.write_record(columns.iter().map(|(_, new)| new)).expect("written");
        for record in reader.records() {
            let record = record.expect("a row");
            writer.write_record(columns.iter().map(|(old, _)| &record[place(old)])).expect("written");
        }
        writer.flush().expect("written");
        path
    };
    RENAMED.iter().map(write).collect()
}

#[test]
fn files_nobody_has_seen_before_are_imported_in_under_15_clicks() {
    let (Some(data), Some(tab)) = (shared_data("maven_crm"), Tab::open()) else { return };
    let (folder, server) = (tempfile::tempdir().expect("temporary folder"), Server::empty());
    let files = renamed(&data, folder.path());
    let clicks = Cell::new(0);
    let click = |kind: &str, name: &str| {
        tab.click(&Thing::new(kind, name).within("main"));
        clicks.set(clicks.get() + 1);
    };

    tab.visit(&server.address("/"));
    // The browser notes that there are no scorecards yet; that is why one is here.
    let noted = tab.complaints(&server.address(""));
    assert!(noted.iter().all(|said| said.contains("409")), "{noted:?}");
    tab.leave(|| click("a[href]", &exactly("Import files")));
    // The field opens the system's own window for files; choosing them all is one more click.
    tab.choose_files(&Thing::new("input", "^Choose files"), &files);
    clicks.set(clicks.get() + 2);
    tab.leave(|| click("button", &exactly("Send the files")));

    click("input", &exactly("Company"));
    tab.type_text("Maven CRM sample");
    click("input", &exactly("Currency it reports in"));
    tab.type_text("USD");
    tab.leave(|| click("button", &exactly("Look at what would happen")));
    let looked = || tab.shows(&Thing::new("h1", exactly("What would happen")));
    wait_for("the preview is there", looked);
    assert!(tab.name(&Thing::new(".finding", ".")).contains("8,927 would be taken"));
    assert!(
        tab.shows(&Thing::new("tr", "^opportunity.amount ?USD ?0 ?10,005,534")),
        "totals before and after"
    );

    tab.leave(|| click("button", &exactly("Import")));
    let imported = || tab.shows(&Thing::new("h1", exactly("Import 1")));
    wait_for("it is imported", imported);
    assert!(tab.shows(&Thing::new(".finding", "8,927 read = 8,927 accepted")));
    assert!(clicks.get() < 15, "{} clicks", clicks.get());
    assert_eq!(tab.complaints(&server.address("")), [""; 0]);

    let example = Server::with_maven().expect("the files are there");
    for by in ["region", "manager", "rep", "product"] {
        let page = format!("/api/v1/numbers?metric=bookings,win_rate_count,customers&by={by}&period=all");
        assert!(values(&server, &page).len() > 6, "{page}");
        assert_eq!(values(&server, &page), values(&example, &page), "{page}");
    }
}

/// Every number of an answer with what it is about, by name: identifiers are the server's own.
fn values(server: &Server, page: &str) -> BTreeSet<String> {
    let answer = server.get(page).json();
    let number = |number: &Value| {
        let member = &number["members"][0]["name"];
        let parts = ["metric", "value", "numerator", "denominator", "n"].map(|part| number[part].to_string());
        format!("{member} {}", parts.join(" "))
    };
    answer.as_array().expect("numbers").iter().map(number).collect()
}
