//! Deliveries made by chance, and what holds after them.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use attain_facts::canonical::Table;
use attain_facts::store::Snapshot;
use proptest::prelude::*;

use crate::office::{HEAD, Office, Row, rows_of};

const TABLES: [Table; 3] = [Table::Employee, Table::EmployeeAttr, Table::Opportunity];

/// What holds, without the numbers of the snapshots that recorded it.
pub(crate) type Facts = BTreeMap<(Table, String), Row>;

pub(crate) async fn facts_of(snapshot: &Snapshot) -> Facts {
    let mut facts = Facts::new();
    for table in TABLES {
        for (key, mut row) in rows_of(snapshot, table).await {
            row.remove("recorded_snapshot");
            facts.insert((table, key), row);
        }
    }
    facts
}

pub(crate) async fn facts(office: &Office) -> Facts {
    facts_of(&office.snapshot().await).await
}

pub(crate) fn mapping(deals: &str) -> String {
    format!(
        "{HEAD}covers: {{ from: 2024-01-01, to: 2025-01-01 }}
files:
  - file: employee.csv
    tables: [{{ table: employee, key: id, columns: {{ display_name: display_name }} }}]
  - file: employee_attr.csv
    tables: [{{ table: employee_attr, key: id, columns: {{ employee_id: employee_id, fte: fte, valid_from: valid_from, valid_to: valid_to }} }}]
  - file: opportunity.csv
    mode: {deals}
    tables: [{{ table: opportunity, key: id, columns: {{ outcome: {{ constant: open }}, owner_id: owner_id, amount: amount }} }}]
"
    )
}

/// An instant of the story, in the order of its steps.
pub(crate) fn step(number: usize) -> String {
    format!("2026-01-{:02}T{:02}:00:00Z", 1 + number / 24, number % 24)
}

/// Rows of one delivery: people, parts of full time from a month to a later one, deals. Some stand
/// twice, contradict one another, or refer to nobody.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    people: Vec<(u8, u8)>,
    parts: Vec<(u8, u8, u8, u8)>,
    deals: Vec<(u8, u8, u16)>,
    full: bool,
}

pub(crate) fn generated() -> impl Strategy<Value = Generated> {
    let people = prop::collection::vec((0..4u8, 0..2u8), 1..4);
    let parts = prop::collection::vec((0..4u8, 0..4u8, 1..6u8, 1..4u8), 0..4);
    let deals = prop::collection::vec((0..8u8, 0..4u8, 0..3u16), 0..7);
    (people, parts, deals, any::<bool>()).prop_map(|(people, parts, deals, full)| Generated {
        people,
        parts,
        deals,
        full,
    })
}

/// Lines in an order of their own for each turn; turn 0 is as they come.
fn turned(mut lines: Vec<String>, turn: u64) -> Vec<String> {
    let place = |line: &String| {
        let mut hasher = DefaultHasher::new();
        (turn, line).hash(&mut hasher);
        hasher.finish()
    };
    if turn > 0 {
        lines.sort_by_key(place);
    }
    lines
}

impl Generated {
    /// Writes the files of the delivery, their rows in the order of a turn; a file without rows is not
    /// among them.
    fn write(&self, office: &Office, turn: u64) -> Vec<PathBuf> {
        let people = self.people.iter().map(|(id, name)| format!("p{id},Person {id}{name}"));
        let parts = self.parts.iter().map(|(id, person, from, months)| {
            format!("w{id},p{person},0.5,2024-{from:02}-01,2024-{:02}-01", from + months)
        });
        let deals = self.deals.iter().map(|(id, owner, amount)| format!("d{id},p{owner},{amount}"));
        let files: [(&str, &str, Vec<String>); 3] = [
            ("employee.csv", "id,display_name", people.collect()),
            ("employee_attr.csv", "id,employee_id,fte,valid_from,valid_to", parts.collect()),
            ("opportunity.csv", "id,owner_id,amount", deals.collect()),
        ];
        let written = files.into_iter().filter(|(.., rows)| !rows.is_empty());
        let written = written.map(|(file, header, rows)| {
            let rows = turned(rows, turn).join("\n");
            office.deliver(file, format!("{header}\n{rows}\n"))
        });
        written.collect()
    }

    pub(crate) async fn import(&self, office: &Office, at_step: usize) {
        self.import_turned(office, at_step, 0).await;
    }

    /// Imports the delivery with rows and files in the order of a turn.
    pub(crate) async fn import_turned(&self, office: &Office, at_step: usize, turn: u64) {
        let mapping = mapping(if self.full { "full" } else { "delta" });
        let mut files = self.write(office, turn);
        let places = files.len().max(1);
        files.rotate_left(usize::try_from(turn).unwrap_or_default() % places);
        office.import_at(&step(at_step), &mapping, &files).await.expect("imported");
    }

    /// The same, saying nothing by what it leaves out.
    pub(crate) fn of_changes(self) -> Generated {
        Generated { full: false, ..self }
    }

    /// Only its deals.
    pub(crate) fn deals_alone(self) -> Generated {
        Generated { people: Vec::new(), parts: Vec::new(), ..self }
    }

    /// The deals it tells of, with what it says of each, in text.
    pub(crate) fn deals(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (id, owner, amount) in &self.deals {
            told.entry(format!("d{id}")).or_default().insert(format!("{owner} {amount}"));
        }
        told
    }
}
