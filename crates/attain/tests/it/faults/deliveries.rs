//! Two deliveries of one company that follow each other, large enough to be caught in the middle.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Deals of a delivery; a campaign may take more.
const DEALS: usize = 3_000;
const MONTHS: usize = 24;

const MAPPING: &str = r#"source: crm
company:
  name: Anvil Works
  time_zone: Europe/London
  currency: GBP
  calendar: { kind: month_offset, first_month: 1 }
covers: { from: 2023-01-01, to: 2025-01-01 }
files:
  - file: people.csv
    tables:
      - { table: team, key: team, columns: { name: team } }
      - { table: employee, key: name, columns: { display_name: name, role: { constant: AE } } }
      - { table: team_assignment, key: name, columns: { employee_id: name, team_id: team } }
  - file: deals.csv
    mode: full
    tables:
      - { table: account, key: account, columns: { name: account } }
      - table: opportunity
        key: id
        columns:
          account_id: account
          owner_id: owner
          created_at: created
          stage: stage
          outcome: { column: stage, values: { Open: open, Won: won, Lost: lost } }
          close_date: closed
          amount: value
          amount_ccy: { constant: GBP }
"#;

/// Folders of files and the mappings that read them.
pub(crate) struct Deliveries {
    _folder: tempfile::TempDir,
    pub(crate) mapping: PathBuf,
    /// The mapping for files that hold only some deals.
    pub(crate) mapping_of_some: PathBuf,
    pub(crate) first: PathBuf,
    /// A third of the deals have another value, the first hundred are gone, a hundred are new.
    pub(crate) second: PathBuf,
    /// One deal of the first delivery with another value.
    pub(crate) correction: PathBuf,
    /// Nine hundred new open deals, each of a new account.
    pub(crate) newcomers: PathBuf,
}

impl Deliveries {
    /// As large as `ATTAIN_DEALS` says.
    pub(crate) fn write() -> Deliveries {
        let deals = std::env::var("ATTAIN_DEALS");
        Deliveries::of(deals.map_or(DEALS, |deals| deals.parse().expect("ATTAIN_DEALS is a number")))
    }

    pub(crate) fn of(deals: usize) -> Deliveries {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = |name: &str| folder.path().join(name);
        let deliveries = Deliveries {
            mapping: path("mapping.yaml"),
            mapping_of_some: path("mapping_of_some.yaml"),
            first: path("first"),
            second: path("second"),
            correction: path("correction"),
            newcomers: path("newcomers"),
            _folder: folder,
        };
        fs::write(&deliveries.mapping, MAPPING).expect("written");
        let of_some = MAPPING.replace("mode: full", "mode: delta");
        fs::write(&deliveries.mapping_of_some, of_some).expect("written");
        let account = |deal: usize| deal % 600;
        write_files(&deliveries.first, 0..deals, account, 0);
        write_files(&deliveries.second, 100..deals + 100, account, 1);
        write_files(&deliveries.correction, 0..1, account, 1);
        let open = (deals..deals + 4_500).filter(|deal| stage(*deal) == "Open");
        write_files(&deliveries.newcomers, open, |deal| 600 + deal, 0);
        deliveries
    }
}

fn write_files(
    folder: &Path,
    deals: impl Iterator<Item = usize>,
    account: impl Fn(usize) -> usize,
    dearer: usize,
) {
    fs::create_dir(folder).expect("a folder");
    let people: String = (0..25).map(|person| format!("Rep {person},Team {}\n", person % 4)).collect();
    fs::write(folder.join("people.csv"), format!("name,team\n{people}")).expect("written");
    let mut text = "id,account,owner,created,stage,closed,value\n".to_owned();
    for deal in deals {
        let (year, month) = (2023 + deal % MONTHS / 12, 1 + deal % 12);
        let stage = stage(deal);
        let (closed, value) = match stage {
            "Open" => (String::new(), String::new()),
            _ => (format!("{year}-{month:02}-{:02}", 1 + deal % 28), value(deal, dearer).to_string()),
        };
        let (account, owner) = (account(deal), deal % 25);
        writeln!(text, "D{deal},Account {account},Rep {owner},{year}-{month:02}-01,{stage},{closed},{value}")
            .expect("written");
    }
    fs::write(folder.join("deals.csv"), text).expect("written");
}

fn stage(deal: usize) -> &'static str {
    ["Won", "Won", "Lost", "Won", "Open"][deal % 5]
}

/// Every third deal is dearer in another delivery.
fn value(deal: usize, dearer: usize) -> usize {
    100 + deal % 977 + if deal.is_multiple_of(3) { dearer } else { 0 }
}
