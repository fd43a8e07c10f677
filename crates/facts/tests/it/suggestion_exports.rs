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

/// A report as Salesforce exports it, with what it writes above and below, and what Excel makes of that.
const SALESFORCE_REPORT: &str = r#""Closed deals"
"As of 2024-12-31 09:12:01 Central European Time","Generated by Ann Berg"

"Opportunity Owner","Account Name","Opportunity Name","Stage","Close Date","Amount"
"Ann Berg","Acme","Renewal","Closed Won","2024-03-15","1200.50"
"Ben Holm","Bolt","Upgrade","Closed Lost","2024-04-02","2000.00"
"Ann Berg","Bolt","Total refit","Closed Won","2024-04-30","99.50"


"Grand Totals (3 records)","","","","","3300.00"
"Closed deals"
"Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved."
"Confidential Information - Do Not Distribute"
"Generated By:  Ann Berg  12/31/2024 9:12 AM"
"#;

#[tokio::test]
async fn what_stands_around_the_rows_of_a_report_is_filtered() {
    let from_excel: Vec<String> = SALESFORCE_REPORT
        .lines()
        .filter(|line| *line != "\"Closed deals\"")
        .map(|line| match line.split("\",\"").count() {
            6 => line.to_owned(),
            _ if line.is_empty() => ",,,,,".to_owned(),
            1 => format!("{line},,,,,"),
            _ => format!("{line},,,,"),
        })
        .collect();
    for (content, filtered) in [(SALESFORCE_REPORT, 5), (&from_excel.join("\n"), 6)] {
        let taken = taken(&[("report.csv", content)], &[("key", "Opportunity Name")]).await;
        taken.assert_nothing_rejected();
        let rows = taken.report.total();
        assert_eq!((rows.accepted, rows.filtered), (3, filtered), "{}", taken.text);
        let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
        assert_eq!(outcomes, sums([("won", 1_300_00), ("lost", 2_000_00)]), "{}", taken.text);
        assert_eq!(taken.office.rows(Table::Employee).await.len(), 2, "{}", taken.text);
        assert!(taken.text.contains("such as `Grand Totals (3 records)`"), "{}", taken.text);
    }
}

#[tokio::test]
async fn a_line_with_its_first_field_alone_is_filtered_only_by_a_rule_about_that() {
    let office = Office::open().await;
    office.deliver("deals.csv", "id,stage,owner\nD1,Won,Ann\nD2,Won,\"Ben\"\nrest of a note\nTotal\n");
    let mapping = |keep: &str| {
        format!(
            "{}files:\n  - file: deals.csv\n    keep: [{keep}]\n    tables:\n      - {{ table: team, key: id, columns: {{ name: stage }} }}\n",
            crate::office::HEAD
        )
    };
    let report = office.import(&mapping("{ column: owner, blank: false }"), &[office.input()]).await;
    assert_eq!(rejected(&report.expect("imported")).len(), 2);
    let report = office.import(&mapping("{ column: id, not_in: [Total] }"), &[office.input()]).await;
    let report = report.expect("imported");
    assert_eq!((report.total().filtered, rejected(&report).len()), (1, 1));
}

/// Deals with an amount each; an odd one is won, an even one lost.
fn deals_of(amounts: &[&str]) -> String {
    let rows = amounts.iter().enumerate().map(|(at, amount)| {
        let stage = if at % 2 == 0 { "Won" } else { "Lost" };
        format!("D{at},Ann Berg,{stage},2024-03-{:02},\"{amount}\"\n", at + 13)
    });
    format!("Deal ID,Owner,Stage,Close Date,Amount\n{}", rows.collect::<String>())
}

#[tokio::test]
async fn amounts_with_their_currency_are_numbers_in_that_currency() {
    for (amounts, answers, format, currency) in [
        (["$1,234.50", "$99.00", "$10,000.25"], &[("$", "CAD")][..], "$1,234.56", "CAD"),
        (["USD 1,234.50", "USD 99.00", "USD 10,000.25"], &[], "USD 1,234.56", "USD"),
        (["1.234,50 €", "99,00 €", "10.000,25 €"], &[], "1.234,56 €", "EUR"),
        (["1 234,50 kr", "99,00 kr", "10 000,25 kr"], &[("kr", "SEK")], "1 234,56 kr", "SEK"),
        (["1,234.50", "99.00", "10,000.25"], &[], "1,234.56", "EUR"),
    ] {
        let taken = taken(&[("deals.csv", &deals_of(&amounts))], answers).await;
        taken.assert_nothing_rejected();
        assert!(taken.text.contains(&format!("format: \"{format}\"")), "{}", taken.text);
        let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
        assert_eq!(outcomes, sums([("won", 11_234_75), ("lost", 99_00)]), "{}", taken.text);
        let currencies = taken.sums(Table::Opportunity, "amount", "amount_ccy").await;
        assert_eq!(currencies, sums([(currency, 11_333_75)]), "{}", taken.text);
        taken.office.deliver("deals.csv", deals_of(&["£1,234.50"]));
        let mapping = format!("max_reject_share: 1\n{}", taken.text);
        let report = taken.office.import(&mapping, &[taken.office.input()]).await.expect("imported");
        let wanted = format!("2|Amount|£1,234.50|is not a number as in {format}");
        assert_eq!(rejected(&report), [wanted], "another currency is never guessed");
    }
}

#[tokio::test]
async fn a_currency_that_differs_from_row_to_row_stands_with_its_amount() {
    for (amounts, answers) in [
        (["USD 1,234.50", "EUR 99.00", "USD 234.50"], &[][..]),
        (["1.234,50 USD", "99,00 EUR", "234,50 USD"], &[]),
        (["$1,234.50", "€99.00", "$234.50"], &[("$", "USD")]),
    ] {
        let taken = taken(&[("deals.csv", &deals_of(&amounts))], answers).await;
        taken.assert_nothing_rejected();
        let currencies = taken.sums(Table::Opportunity, "amount", "amount_ccy").await;
        assert_eq!(currencies, sums([("USD", 1_469_00), ("EUR", 99_00)]), "{}", taken.text);
        taken.office.deliver("deals.csv", deals_of(&["£1,234.50"]));
        let mapping = format!("max_reject_share: 1\n{}", taken.text);
        let report = taken.office.import(&mapping, &[taken.office.input()]).await.expect("imported");
        assert_eq!(rejected(&report).len(), 1, "another currency is never guessed");
    }
}

#[tokio::test]
async fn negative_numbers_may_stand_in_parentheses_or_have_their_sign_behind() {
    for amounts in [["1,234.50", "99.00", "(34.50)"], ["1.234,50", "99,00", "34,50-"]] {
        let lines =
            deals_of(&amounts).replace("Deal ID", "Invoice Number").replace("Close Date", "Invoice Date");
        let lines = lines.replace("Stage", "Customer").replace("Amount", "Net Amount");
        let taken = taken(&[("invoice lines.csv", &lines)], &[]).await;
        taken.assert_nothing_rejected();
        let sold = taken.sums(Table::InvoiceLine, "net_amount", "net_amount_ccy").await;
        assert_eq!(sold, sums([("EUR", 1_299_00)]), "{}", taken.text);
    }
}

#[tokio::test]
async fn identifiers_of_15_characters_lead_to_those_of_18() {
    let users = "Id,Name,Title,ManagerId\n\
        005Ho000008QwErIAK,Ann Berg,Account Executive,005Ho000008QwEtIAK\n\
        005Ho000008QwEsIAK,Ben Holm,Account Executive,005Ho000008QwEtIAK\n\
        005Ho000008QwEtIAK,Cleo Dorn,Manager,\n";
    let customers = "Customer ID,Customer,Owner ID\n\
        001Ho00000XyZab,Acme,005Ho000008QwEr\n\
        001Ho00000XyZac,Bolt,005Ho000008QwEs\n";
    let deals = "Deal ID,Owner ID,Customer ID,Status,Closed,Deal Value\n\
        D1,005Ho000008QwEr,001Ho00000XyZabIAF,Won,2024-03-15,1200.5\n\
        D2,005Ho000008QwEs,001Ho00000XyZacIAF,Won,2024-04-02,99.5\n\
        D3,005Ho000008QwEr,001Ho00000XyZacIAF,Won,2024-04-02,10\n";
    let files = [("users.csv", users), ("customers.csv", customers), ("deals.csv", deals)];
    let taken = taken(&files, &[]).await;
    taken.assert_nothing_rejected();
    let people = taken.office.rows(Table::Employee).await;
    assert_eq!(people.len(), 3, "{}", taken.text);
    assert_eq!(taken.office.rows(Table::ManagerAssignment).await.len(), 2, "{}", taken.text);
    let ann = &people["005Ho000008QwEr"]["employee_id"];
    let owners = taken.sums(Table::Opportunity, "amount", "owner_id").await;
    assert_eq!(owners[ann], Decimal::new(1_210_5, 1), "{}", taken.text);
    assert_eq!(taken.office.rows(Table::Account).await.len(), 2, "{}", taken.text);
}
