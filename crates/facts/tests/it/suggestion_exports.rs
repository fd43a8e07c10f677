//! Exports as systems and people write them: each goes in by the proposed mapping, once its questions are
//! answered, and comes to what its rows come to.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::import::ImportReport;
use attain_facts::suggestion::{Choices, Head, Known, Place, Samples, Suggestion};
use rust_decimal::Decimal;

use crate::office::{Office, rejected};

fn suggestion(office: &Office, choices: &Choices) -> Suggestion {
    let scratch = office.folder.path().join("scratch");
    let samples =
        Samples::read(&[office.input()], &scratch, choices).unwrap_or_else(|error| panic!("{error}"));
    Suggestion::of(&samples, &Known::default(), choices)
}

/// What was proposed and what became of it.
struct Taken {
    office: Office,
    /// The mapping.
    text: String,
    report: ImportReport,
}

/// Imports files by the mapping that is proposed for them, with the answers to its questions by what they
/// are about: a column, one of its values, or a target.
async fn taken(files: &[(&str, &str)], answers: &[(&str, &str)]) -> Taken {
    let office = Office::open().await;
    for (name, content) in files {
        office.deliver(name, content);
    }
    let mut choices = Choices::default();
    let mut open: Vec<&(&str, &str)> = answers.iter().collect();
    loop {
        let questions = suggestion(&office, &choices).questions;
        let Some(question) = questions.first() else { break };
        let at = open.iter().position(|(about, _)| *about == about_what(&question.place));
        let at = at.unwrap_or_else(|| panic!("no answer to {question:#?}"));
        choices.answer(&question.place, open.remove(at).1);
    }
    assert!(open.is_empty(), "nobody asked about {open:?}");
    let head = Head::new("export", "Example company", "Europe/Berlin", "EUR").expect("a head");
    let text = suggestion(&office, &choices).mapping_text(&head);
    let report =
        office.import(&text, &[office.input()]).await.unwrap_or_else(|error| panic!("{error}\n{text}"));
    Taken { office, text, report }
}

fn about_what(place: &Place) -> &str {
    match place {
        Place::Value { value, .. } => value,
        Place::Column { target, .. } | Place::Constant { target, .. } => target,
        Place::Format { column, .. } => column,
        Place::Subject { .. } => "a row",
        Place::Delimiter { .. } | Place::Encoding { .. } | Place::Sheet { .. } => "the file",
    }
}

impl Taken {
    /// What a column of a table comes to, by what stands in another.
    async fn sums(&self, table: Table, column: &str, by: &str) -> BTreeMap<String, Decimal> {
        let mut sums = BTreeMap::new();
        for row in self.office.rows(table).await.into_values() {
            let amount: Decimal =
                row.get(column).map_or(Decimal::ZERO, |text| text.parse().expect("a number"));
            let group = row.get(by).cloned().unwrap_or_default();
            *sums.entry(group).or_insert(Decimal::ZERO) += amount;
        }
        sums.into_iter().map(|(group, sum)| (group, sum.normalize())).collect()
    }

    fn assert_nothing_rejected(&self) {
        assert_eq!(rejected(&self.report), [""; 0], "{}", self.text);
    }
}

fn sums<const GROUPS: usize>(expected: [(&str, i64); GROUPS]) -> BTreeMap<String, Decimal> {
    expected.map(|(group, cents)| (group.to_owned(), Decimal::new(cents, 2).normalize())).into()
}

const PIPELINE: &str = "Pipeline by owner;;;;;
Filter: Region;EMEA;;;;
As of;31.12.2024;;;;

Deal ID;Owner;Customer;Stage;Closed;Amount
D1;Ann Berg;Acme;Won;31.12.2024;1234,50
D2;Ben Holm;Bolt;Lost;15.11.2024;99,00
D3;Ann Berg;Acme;Won;02.10.2024;10,25
";

#[tokio::test]
async fn a_header_is_found_below_the_titles_of_a_report() {
    let taken = taken(&[("pipeline.csv", PIPELINE)], &[]).await;
    taken.assert_nothing_rejected();
    let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
    assert_eq!(outcomes, sums([("won", 1_244_75), ("lost", 99_00)]), "{}", taken.text);
    assert_eq!(taken.report.files[0].format, "CSV, `;`, UTF-8, header in line 5");
    assert!(!taken.text.contains("header:"), "an import finds it too\n{}", taken.text);
}

#[tokio::test]
async fn the_line_of_the_header_is_written_down_where_a_title_looks_like_it() {
    let alike = PIPELINE.replace("Filter: Region;EMEA", "Owner;all");
    let taken = taken(&[("pipeline.csv", &alike)], &[]).await;
    taken.assert_nothing_rejected();
    assert!(taken.text.contains("format: { header: 5 }"), "{}", taken.text);
    let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
    assert_eq!(outcomes, sums([("won", 1_244_75), ("lost", 99_00)]), "{}", taken.text);
}

#[tokio::test]
async fn values_below_titles_have_no_header() {
    let office = Office::open().await;
    office.deliver("deals.csv", "All deals,,\n1,2024-03-01,17.5\n2,2024-03-02,18.5\n3,2024-03-05,19\n");
    let mut choices = Choices::default();
    choices.answer(&Place::Subject { file: "deals.csv".into() }, "opportunity");
    let files = suggestion(&office, &choices).files;
    let names: Vec<&str> = files[0].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, files[0].rows_seen), (vec!["1", "2", "3"], 3));
}
