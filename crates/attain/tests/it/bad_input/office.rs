//! An office that imports four small files, and deliveries that are wrong.

use std::fs;
use std::path::{Path, PathBuf};

use rust_decimal::Decimal;

use crate::program::Program;

pub(super) const MAPPING: &str = r#"source: crm
company:
  name: Anvil Works
  time_zone: Europe/London
  currency: GBP
  calendar: { kind: month_offset, first_month: 1 }
covers: { from: 2024-01-01, to: 2025-01-01 }
max_reject_share: 0.9
files:
  - file: teams.csv
    tables:
      - { table: team, key: team, columns: { name: team } }
  - file: people.csv
    tables:
      - { table: employee, key: name, columns: { display_name: name, role: role } }
      - { table: team_assignment, key: name, columns: { employee_id: name, team_id: team } }
  - file: accounts.csv
    tables:
      - { table: account, key: account, columns: { name: account } }
  - file: deals.csv
    mode: full
    tables:
      - table: opportunity
        key: id
        columns:
          name: title
          account_id: account
          owner_id: owner
          created_at: created
          stage: stage
          outcome: { column: stage, values: { Open: open, Won: won, Lost: lost } }
          close_date: closed
          amount: value
          amount_ccy: { constant: GBP }
"#;
const TEAMS: &str = "team\nNorth\nSouth\n";
pub(super) const PEOPLE: &str = "name,role,team\nAnn Lee,AE,North\nBo Cruz,AE,South\n";
const ACCOUNTS: &str = "account\nAcme\nGlobex\n";
/// Four deals on lines 2 to 5; won are 1,000 by Ann Lee and 300 by Bo Cruz.
pub(super) const DEALS: &str = "id,title,account,owner,created,stage,closed,value
D1,Anvils,Acme,Ann Lee,2024-01-10,Won,2024-02-01,1000
D2,Rockets,Globex,Ann Lee,2024-01-12,Lost,2024-03-01,
D3,Springs,Globex,Bo Cruz,2024-02-02,Won,2024-03-01,300
D4,Magnets,Acme,Bo Cruz,2024-02-09,Open,,
";

/// An office that has imported good files once and keeps them in a folder for changed copies.
pub(super) struct Office {
    pub(super) program: Program,
    pub(super) figures: String,
}

impl Office {
    pub(super) fn open() -> Office {
        let mut office = Office { program: Program::new(), figures: String::new() };
        fs::create_dir(office.files()).expect("a folder for deliveries");
        office.write("../mapping.yaml", MAPPING);
        for (file, content) in
            [("teams.csv", TEAMS), ("people.csv", PEOPLE), ("accounts.csv", ACCOUNTS), ("deals.csv", DEALS)]
        {
            office.write(file, content);
        }
        let report = office.import(&office.files());
        assert!(report.contains("Import 1:"), "{report}");
        office.figures = office.ask();
        office
    }

    pub(super) fn files(&self) -> PathBuf {
        self.program.folder.path().join("files")
    }

    pub(super) fn mapping(&self) -> PathBuf {
        self.program.folder.path().join("mapping.yaml")
    }

    pub(super) fn write(&self, file: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files().join(file);
        fs::write(&path, content).expect("written");
        path
    }

    /// The good deals with more rows behind them, from line 6 on.
    pub(super) fn write_deals(&self, more: &str) -> PathBuf {
        self.write("deals.csv", format!("{DEALS}{more}"))
    }

    pub(super) fn import(&self, input: &Path) -> String {
        let report = self.program.import(input, &self.mapping());
        assert_adds_up(&report);
        report
    }

    pub(super) fn ask(&self) -> String {
        let metrics = "opportunities,deals_won,deals_lost,open_deals,bookings";
        self.program.prints(&["query", "--metric", metrics, "--by", "rep", "--format", "csv"])
    }

    pub(super) fn bookings(&self, rep: &str) -> Decimal {
        let answer = self.program.ask(&["bookings"], "rep", "all");
        answer.get(rep, "all", "bookings").value.expect("bookings")
    }

    /// The delivery is refused in these words, and the good import is still served.
    pub(super) fn refuses(&self, input: &Path, says: &str) -> String {
        self.refuses_all(&[input.to_owned()], says)
    }

    pub(super) fn refuses_all(&self, inputs: &[PathBuf], says: &str) -> String {
        let mapping = self.mapping();
        let mut arguments = vec!["import", "--mapping", mapping.to_str().expect("UTF-8")];
        arguments.extend(inputs.iter().map(|input| input.to_str().expect("UTF-8")));
        let message = self.program.refuses(&arguments);
        let said = message.replace(&format!("{}/", self.program.folder.path().display()), "");
        assert!(said.contains(says), "{said}\ndoes not say\n{says}");
        assert_eq!(said.matches("Nothing was imported").count(), 1, "{said}");
        let reason = said.trim_end().rsplit(": ").next().expect("a reason");
        assert_eq!(said.matches(reason).count(), 1, "said twice: {said}");
        assert_eq!(self.ask(), self.figures, "{said}");
        said
    }

    /// Whatever was tried since, there is one import, and the good files say nothing new.
    pub(super) fn has_imported_once(&self) {
        let report = self.import(&self.write_good());
        assert!(
            report.contains("Import 2: 0 changes; everything was known already (snapshot 1)"),
            "{report}"
        );
    }

    fn write_good(&self) -> PathBuf {
        self.write("../mapping.yaml", MAPPING);
        self.write("people.csv", PEOPLE);
        self.write("accounts.csv", ACCOUNTS);
        self.write_deals("");
        self.files()
    }
}

/// What became of a file's rows: read, accepted, unchanged, filtered and rejected.
pub(super) fn counts(report: &str, file: &str) -> [u64; 5] {
    let line = report.lines().find(|line| line.split_whitespace().next() == Some(file));
    let line = line.unwrap_or_else(|| panic!("{report}\ndoes not count {file}"));
    let counts: Vec<u64> =
        line.split_whitespace().skip(1).map(|count| count.parse().expect("a count")).collect();
    counts.try_into().expect("five counts")
}

/// Every row is accounted for: read = accepted + unchanged + filtered + rejected.
pub(super) fn assert_adds_up(report: &str) {
    let words = report.lines().filter_map(|line| line.split_whitespace().next());
    let files: Vec<&str> = words.filter(|word| word.ends_with(".csv")).collect();
    assert!(!files.is_empty(), "{report}");
    for file in files {
        let [read, parts @ ..] = counts(report, file);
        assert_eq!(read, parts.iter().sum::<u64>(), "{report}");
    }
}

pub(super) fn assert_says(report: &str, says: &[&str]) {
    for line in says {
        assert!(report.lines().any(|said| said == *line), "{report}\ndoes not say\n{line}");
    }
}

/// The rejects file that a report names.
pub(super) fn rejects_file(report: &str) -> PathBuf {
    let named = report.lines().find_map(|line| line.split_once("imported again: "));
    named.expect("a rejects file").1.into()
}
