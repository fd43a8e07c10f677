//! A company of two teams whose files a test writes itself.

use std::ops::ControlFlow;
use std::path::PathBuf;

use attain_facts::import::{self, Delivery};
use attain_facts::mapping::Mapping;
use attain_facts::store::Store;
use attain_records::{Actor, Records};
use jiff::Timestamp;

use crate::migration::Migrator;
use crate::program::Program;

/// Every file is complete, and the year 2024 is told about.
pub(crate) const MAPPING: &str = "
source: crm
company:
  name: Small company
  time_zone: Europe/Berlin
  currency: EUR
  calendar: { kind: month_offset, first_month: 1 }
covers: { from: 2024-01-01, to: 2025-01-01 }
max_reject_share: 0.5

files:
  - file: people.csv
    mode: full
    tables:
      - table: team
        key: team
        columns: { name: team }
      - table: employee
        key: person
        columns: { display_name: name }
      - table: team_assignment
        key: [person, since]
        columns: { employee_id: person, team_id: team, valid_from: since, valid_to: until }

  - file: deals.csv
    mode: full
    tables:
      - table: account
        key: account
        columns: { name: account }
      - table: opportunity
        key: deal
        columns:
          name: title
          account_id: account
          owner_id: owner
          created_at: created
          stage: stage
          outcome: { column: stage, values: { Open: open, Won: won, Lost: lost } }
          close_date: closed
          amount: amount
          amount_ccy: { constant: EUR }
";

const PEOPLE_HEADER: &str = "person,name,team,since,until";
const DEALS_HEADER: &str = "deal,title,account,owner,created,closed,stage,amount";

/// Deals as most tests begin with them: 100 + 200 + 400 won, one lost.
pub(crate) const DEALS: [&str; 4] = [
    "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,100",
    "D-2,Second,Bolt,anna,2024-01-20,2024-02-15,Won,200",
    "D-3,Third,Acme,ben,2024-03-01,2024-05-01,Won,400",
    "D-4,Fourth,Crux,ben,2024-03-01,2024-05-20,Lost,50",
];

/// The company's export, to be written and delivered again and again.
pub(crate) struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    /// Anna in the north, Ben in the south, and [`DEALS`].
    pub(crate) fn new() -> Files {
        let files = Files { folder: tempfile::tempdir().expect("temporary folder") };
        std::fs::create_dir(files.input()).expect("a folder");
        files.map(MAPPING);
        files.people(&["anna,Anna,North,2020-01-01,", "ben,Ben,South,2020-01-01,"]);
        files.deals(&DEALS);
        files
    }

    /// The folder that is delivered.
    pub(crate) fn input(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    pub(crate) fn mapping(&self) -> PathBuf {
        self.folder.path().join("mapping.yaml")
    }

    pub(crate) fn map(&self, mapping: &str) {
        std::fs::write(self.mapping(), mapping).expect("a mapping");
    }

    pub(crate) fn people(&self, rows: &[&str]) {
        self.write("people.csv", PEOPLE_HEADER, rows);
    }

    pub(crate) fn deals(&self, rows: &[&str]) {
        self.write("deals.csv", DEALS_HEADER, rows);
    }

    pub(crate) fn write(&self, name: &str, header: &str, rows: &[&str]) {
        let text = format!("{header}\n{}\n", rows.join("\n"));
        std::fs::write(self.input().join(name), text).expect("a file");
    }

    /// Imports the whole folder.
    pub(crate) fn deliver(&self, program: &Program) -> String {
        program.import(&self.input(), &self.mapping())
    }

    /// Imports the whole folder as if it were another time: the end of a morning in Berlin.
    pub(crate) fn deliver_on(&self, program: &Program, day: &str) {
        let now: Timestamp = format!("{day}T10:00:00Z").parse().expect("a day");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            std::fs::create_dir_all(program.data()).expect("a data directory");
            let records = Records::open::<Migrator>(&program.records_url()).await.expect("records");
            let store = Store::new(records, program.data().join("facts"));
            let mapping = Mapping::read(&self.mapping()).expect("a mapping");
            let rejects = program.data().join("rejects");
            let inputs = [self.input()];
            let clock = || now;
            let delivery = Delivery {
                mapping: &mapping,
                inputs: &inputs,
                left_out: &[],
                rejects_folder: Some(&rejects),
                clock: &clock,
            };
            let mut salts = 0u8..;
            let mut salt = || [salts.next().unwrap_or_default(); 16];
            let on = |_: import::Progress<'_>| ControlFlow::Continue(());
            let imported = import::import(&store, &Actor::local_owner(), &delivery, &mut salt, &on).await;
            imported.expect("a delivery that can be taken");
        });
    }

    /// Imports one file of it.
    pub(crate) fn deliver_only(&self, program: &Program, name: &str) -> String {
        program.import(&self.input().join(name), &self.mapping())
    }
}
