//! Exports as systems and people write them: each goes in by the proposed mapping, once its questions are
//! answered, and comes to what its rows come to.

use std::collections::{BTreeMap, BTreeSet};

use attain_facts::calendar::{FiscalCalendar, Month, MonthOffset, YearLabel};
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

fn head() -> Head {
    Head::new("export", "Example company", "Europe/Berlin", "EUR").expect("a head")
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
    taken_at(&head(), files, answers).await
}

/// The same at another company.
async fn taken_at(head: &Head, files: &[(&str, &str)], answers: &[(&str, &str)]) -> Taken {
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
    let text = suggestion(&office, &choices).mapping_text(head);
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

fn sums<const GROUPS: usize>(expected: [(&str, &str); GROUPS]) -> BTreeMap<String, Decimal> {
    expected.map(|(group, sum)| (group.to_owned(), decimal(sum))).into()
}

fn decimal(text: &str) -> Decimal {
    text.parse::<Decimal>().expect("a number").normalize()
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
    assert_eq!(outcomes, sums([("won", "1244.75"), ("lost", "99")]), "{}", taken.text);
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
    assert_eq!(outcomes, sums([("won", "1244.75"), ("lost", "99")]), "{}", taken.text);
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
        let taken = taken(&[("report.csv", content)], &[]).await;
        taken.assert_nothing_rejected();
        let rows = taken.report.total();
        assert_eq!((rows.accepted, rows.filtered), (3, filtered), "{}", taken.text);
        let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
        assert_eq!(outcomes, sums([("won", "1300"), ("lost", "2000")]), "{}", taken.text);
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
        assert_eq!(outcomes, sums([("won", "11234.75"), ("lost", "99")]), "{}", taken.text);
        let currencies = taken.sums(Table::Opportunity, "amount", "amount_ccy").await;
        assert_eq!(currencies, sums([(currency, "11333.75")]), "{}", taken.text);
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
        assert_eq!(currencies, sums([("USD", "1469"), ("EUR", "99")]), "{}", taken.text);
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
        assert_eq!(sold, sums([("EUR", "1299")]), "{}", taken.text);
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
    assert_eq!(owners[ann], decimal("1210.5"), "{}", taken.text);
    assert_eq!(taken.office.rows(Table::Account).await.len(), 2, "{}", taken.text);
}

#[tokio::test]
async fn a_file_without_header_is_what_its_name_says_and_its_columns_are_asked_for() {
    let Some(data) = attain_testing::shared_data("adventureworks") else { return };
    let file = |name: &str| {
        std::fs::read_to_string(data.join("headerless_tab").join(name)).expect("a file of the data")
    };
    let (territories, history) = (file("SalesTerritory.csv"), file("SalesTerritoryHistory.csv"));
    let sellers: BTreeSet<&str> = history.lines().filter_map(|line| line.split('\t').next()).collect();
    let people = sellers.iter().map(|id| format!("{id},Seller {id},AE\n"));
    let people = format!("Employee ID,Name,Role\n{}", people.collect::<String>());
    let files = [
        ("people.csv", people.as_str()),
        ("SalesTerritory.csv", &territories),
        ("SalesTerritoryHistory.csv", &history),
    ];
    let answers =
        [("key", "1"), ("territory_id", "2"), ("employee_id", "1"), ("valid_from", "3"), ("valid_to", "4")];
    let taken = taken(&files, &answers).await;
    taken.assert_nothing_rejected();
    let assignments = taken.office.rows(Table::TerritoryAssignment).await;
    assert_eq!(assignments.len(), history.lines().count(), "{}", taken.text);
}

const SELLERS: &str = "User ID,Name,Role\nU1,Ann Berg,AE\nU2,Ben Holm,AE\n";

/// The targets that a file of quotas of those sellers brings, by period.
async fn quotas(content: &str, answers: &[(&str, &str)]) -> BTreeMap<String, Decimal> {
    let taken = taken(&[("users.csv", SELLERS), ("quotas.csv", content)], answers).await;
    taken.assert_nothing_rejected();
    taken.sums(Table::Target, "value", "period_id").await
}

#[tokio::test]
async fn the_period_of_a_quota_is_found_in_every_form_or_asked_for() {
    let quarters = sums([("2024-Q1", "300"), ("2024-Q2", "450")]);
    let by_day = "User ID,Start Date,Quota\nU1,2024-01-01,100\nU2,2024-01-01,200\nU1,2024-04-01,450\n";
    assert_eq!(quotas(by_day, &[("Start Date", "quarter")]).await, quarters);
    let named = by_day.replace("Start Date", "Quarter");
    assert_eq!(quotas(&named, &[]).await, quarters, "the column says it");
    let open = named.replace("2024-01-01", "01/04/2024").replace("2024-04-01", "01/07/2024");
    assert_eq!(
        quotas(&open, &[("Quarter", "quarter %d/%m/%Y")]).await,
        sums([("2024-Q2", "300"), ("2024-Q3", "450")])
    );
    let texts = by_day.replace("2024-01-01", "Q1 2024").replace("2024-04-01", "Q2 2024");
    assert_eq!(quotas(&texts.replace("Start Date", "Period"), &[]).await, quarters);
    let beside = by_day.replace("2024-01-01", "Q1,2024").replace("2024-04-01", "Q2,2024");
    let with_year = beside.replace("Start Date", "Quarter,Fiscal Year") + "U1,Q1,2025,7\n";
    let mut both_years = quarters.clone();
    both_years.insert("2025-Q1".into(), decimal("7"));
    assert_eq!(quotas(&with_year, &[]).await, both_years);
    let without_year = by_day.replace("2024-01-01", "Q1").replace("2024-04-01", "Q2");
    let without_year = without_year.replace("Start Date", "Quarter");
    assert_eq!(quotas(&without_year, &[("year", "2024")]).await, quarters);
    let monthly = by_day.replace("2024-04-01", "2024-02-01");
    assert_eq!(quotas(&monthly, &[]).await, sums([("2024-01", "300"), ("2024-02", "450")]));
}

#[tokio::test]
async fn the_quarters_of_days_are_those_of_the_companys_fiscal_year() {
    let quotas = "User ID,Quarter,Quota\nU1,2024-03-31,100\nU1,2024-04-01,200\nU1,2025-01-15,7\n";
    for (fy_label, wanted) in [
        (YearLabel::End, [("2024-Q4", "100"), ("2025-Q1", "200"), ("2025-Q4", "7")]),
        (YearLabel::Start, [("2023-Q4", "100"), ("2024-Q1", "200"), ("2024-Q4", "7")]),
    ] {
        let first_month = Month::new(4).expect("April");
        let mut head = head();
        head.company.calendar = FiscalCalendar::MonthOffset(MonthOffset { first_month, fy_label });
        let taken = taken_at(&head, &[("users.csv", SELLERS), ("quotas.csv", quotas)], &[]).await;
        taken.assert_nothing_rejected();
        assert_eq!(taken.sums(Table::Target, "value", "period_id").await, sums(wanted), "{}", taken.text);
    }
}

/// A shop's orders line by line, as sample data of sales often are.
const SUPERSTORE: &str = r#"Row ID,Order ID,Order Date,Ship Date,Ship Mode,Customer ID,Customer Name,Segment,Country,City,Region,Product ID,Category,Sub-Category,Product Name,Sales,Quantity,Discount,Profit
1,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Claire Gute,Consumer,United States,Henderson,South,FUR-BO-10001798,Furniture,Bookcases,Bush Somerset Bookcase,261.96,2,0,41.9136
2,CA-2016-152156,11/8/2016,11/11/2016,Second Class,CG-12520,Claire Gute,Consumer,United States,Henderson,South,FUR-CH-10000454,Furniture,Chairs,"Hon Deluxe Chairs, Rounded Back",731.94,3,0,219.582
3,CA-2016-138688,6/12/2016,6/16/2016,Second Class,DV-13045,Darrin Van Huff,Corporate,United States,Los Angeles,West,OFF-LA-10000240,Office Supplies,Labels,Self-Adhesive Labels,14.62,2,0,6.8714
4,US-2015-108966,10/18/2015,10/25/2015,Standard Class,SO-20335,Sean O'Donnell,Consumer,United States,Fort Lauderdale,South,FUR-TA-10000577,Furniture,Tables,Bretford Table,957.5775,5,0.45,-383.031
"#;

#[tokio::test]
async fn a_list_of_order_lines_goes_in() {
    let taken = taken(&[("superstore.csv", SUPERSTORE)], &[]).await;
    taken.assert_nothing_rejected();
    let lines = taken.sums(Table::InvoiceLine, "net_amount", "net_amount_ccy").await;
    assert_eq!(lines, sums([("EUR", "1966.0975")]), "{}", taken.text);
    let days = taken.sums(Table::InvoiceLine, "net_amount", "invoice_date").await;
    assert_eq!(days["2016-11-08"], decimal("993.90"), "{}", taken.text);
    let customers = taken.office.rows(Table::Account).await;
    assert_eq!((customers.len(), customers["SO-20335"]["name"].as_str()), (3, "Sean O'Donnell"));
}

#[tokio::test]
async fn an_own_field_of_percentages_is_a_number() {
    for (values, format, first) in [
        (["12 %", "7.5 %", "-3%"], Some("12.5 %"), "0.12"),
        (["12,5 %", "7,5 %", "0 %"], Some("12,5 %"), "0.125"),
        (["12 %", "7.5 %", "none %"], None, "12 %"),
        (["12 %", "7.5 %", "n. a."], None, "12 %"),
    ] {
        let rows = values.iter().enumerate();
        let rows = rows.map(|(at, value)| format!("D{at},Ann,Won,2024-03-0{},\"{value}\"\n", at + 1));
        let deals = format!("Deal ID,Owner,Stage,Close Date,Saving\n{}", rows.collect::<String>());
        let taken = taken(&[("deals.csv", &deals)], &[]).await;
        taken.assert_nothing_rejected();
        let line = match format {
            Some(format) => format!("saving: {{ column: \"Saving\", format: \"{format}\", type: number }}"),
            None => "saving: Saving".to_owned(),
        };
        assert!(taken.text.contains(&line), "{line}\n{}", taken.text);
        let kept = taken.office.rows(Table::Opportunity).await["D0"]["attributes.saving"].clone();
        assert!(kept.starts_with(first), "{values:?}: {kept}");
    }
}

const NORTHWIND: [(&str, &str); 5] = [
    (
        "customers.csv",
        "customerID,companyName,country\nALFKI,Alfreds Futterkiste,Germany\nVINET,Vins et alcools,France\n",
    ),
    (
        "employees.csv",
        "employeeID,lastName,firstName,title,hireDate,reportsTo
1,Davolio,Nancy,Sales Representative,1992-05-01 00:00:00.000,2
2,Fuller,Andrew,Vice President,1992-08-14 00:00:00.000,NULL
",
    ),
    ("products.csv", "productID,productName,unitPrice\n11,Queso Cabrales,21\n42,Hokkien Fried Mee,14\n"),
    (
        "orders.csv",
        "orderID,customerID,employeeID,orderDate,shippedDate,freight
10248,VINET,1,1996-07-04 00:00:00.000,1996-07-16 00:00:00.000,32.38
10249,ALFKI,2,1996-07-05 00:00:00.000,NULL,11.61
10250,VINET,2,1996-07-08 00:00:00.000,1996-07-12 00:00:00.000,65.83
",
    ),
    (
        "order_details.csv",
        "orderID,productID,unitPrice,quantity,discount
10248,11,14,12,0
10248,42,9.8,10,0
10249,11,18.6,9,0.15
10250,11,7.7,10,0.05
10250,42,42.4,35,0.15
",
    ),
];

/// Orders and their lines as two tables of a database: the lines count, and the orders say whose they are.
#[tokio::test]
async fn lines_take_from_their_orders_whose_they_are_and_of_which_day() {
    let taken = taken(&NORTHWIND, &[]).await;
    taken.assert_nothing_rejected();
    let sellers = taken.sums(Table::InvoiceLine, "net_amount", "employee_id").await;
    assert_eq!(
        sellers.values().copied().collect::<Vec<_>>(),
        ["266", "1476.84"].map(decimal),
        "{}",
        taken.text
    );
    let days = taken.sums(Table::InvoiceLine, "net_amount", "invoice_date").await;
    let expected = [("1996-07-04", "266"), ("1996-07-05", "142.29"), ("1996-07-08", "1334.55")];
    assert_eq!(days, sums(expected), "{}", taken.text);
    let customers = taken.sums(Table::InvoiceLine, "quantity", "account_id").await;
    assert_eq!(customers.values().copied().collect::<Vec<_>>(), ["9", "67"].map(decimal), "{}", taken.text);

    let files = suggestion(&taken.office, &Choices::default()).files;
    let file = |name: &str| files.iter().find(|file| file.name == name).expect("a file");
    let lines = &file("order_details.csv").made;
    let said = |target: &str| {
        let field = lines.tables[0].fields.iter().find(|field| field.target == target).expect("a field");
        field.words.as_str()
    };
    assert_eq!(said("key"), "`orderID` with `productID`");
    assert_eq!(said("invoice_date"), "`orderDate` of orders.csv, found by `orderID`");
    assert_eq!(
        said("net_amount"),
        "`unitPrice` × `quantity` × (1 − (`discount`, or 0 where that is blank)), rounded to 6 places"
    );
    let orders = file("orders.csv");
    assert_eq!((orders.subject, orders.made.tables.len()), (None, 0));
    let finds = "order_details.csv finds `customerID`, `employeeID` and `orderDate` here, by `orderID`";
    assert_eq!(orders.made.looked_up, [finds]);
    let number = &file("order_details.csv").columns[0].reason;
    assert!(
        number.contains("it is part of what identifies the rows; it leads to rows of orders.csv"),
        "{number}"
    );
}

/// What an online shop invoiced, with a cancellation and a customer who is not known.
const ONLINE_RETAIL: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,12/1/2010 8:26,2.55,17850,United Kingdom
536365,71053,WHITE METAL LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom
C536379,71053,WHITE METAL LANTERN,-1,12/13/2010 9:41,3.39,17850,United Kingdom
536414,22139,,56,12/1/2010 11:52,0.5,17850,United Kingdom
";

#[tokio::test]
async fn a_list_of_invoices_with_cancellations_goes_in() {
    let taken = taken(&[("online_retail.csv", ONLINE_RETAIL)], &[("kind", "one_off")]).await;
    taken.assert_nothing_rejected();
    let kinds = taken.sums(Table::InvoiceLine, "net_amount", "kind").await;
    assert_eq!(kinds, sums([("one_off", "63.64"), ("credit", "-3.39")]), "{}", taken.text);
}

/// Deals that have nothing but a result and an amount, whose currency stands in the header.
const WIN_LOSS: &str = "Opportunity Number,Supplies Group,Region,Elapsed Days In Sales Stage,Opportunity Result,Opportunity Amount USD
1641984,Car Accessories,Northwest,76,Won,0
1658010,Car Accessories,Pacific,63,Loss,7000.5
1674737,Performance,Pacific,24,Won,232522
";

#[tokio::test]
async fn amounts_are_in_the_currency_that_their_header_names() {
    let taken = taken(&[("win-loss.csv", WIN_LOSS)], &[]).await;
    taken.assert_nothing_rejected();
    let won = taken.sums(Table::Opportunity, "amount", "outcome").await;
    assert_eq!(won, sums([("won", "232522"), ("lost", "7000.5")]), "{}", taken.text);
    let currencies = taken.sums(Table::Opportunity, "amount", "amount_ccy").await;
    assert_eq!(currencies, sums([("USD", "239522.5")]), "{}", taken.text);
}

const HUBSPOT_DEALS: &str = r#"Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Amount in company currency,Currency,Pipeline,Create Date,Associated Company
17231,"Acme - 50 seats",Closed won,2024-03-31 14:02,Ben Hill,"12,500.00","11,437.50",USD,Sales Pipeline,2024-01-15 09:30,Acme GmbH
17232,"Moss - 5 seats",Contract sent,2024-07-12 09:00,Uma Frey,"1,500.00","1,500.00",EUR,Sales Pipeline,2024-02-25 10:00,Moss AG
17233,"Moss - 9 seats",Closed lost,2024-06-01 10:00,Ben Hill,,,EUR,Sales Pipeline,2024-02-13 08:00,Moss AG
"#;

#[tokio::test]
async fn deals_of_hubspot_go_in() {
    let taken = taken(&[("hubspot-crm-exports-all-deals.csv", HUBSPOT_DEALS)], &[]).await;
    taken.assert_nothing_rejected();
    let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
    assert_eq!(outcomes, sums([("won", "12500"), ("open", "1500"), ("lost", "0")]), "{}", taken.text);
    let currencies = taken.sums(Table::Opportunity, "amount", "amount_ccy").await;
    assert_eq!(currencies, sums([("USD", "12500"), ("EUR", "1500")]), "{}", taken.text);
}

const DYNAMICS: &str = "(Do Not Modify) Opportunity,(Do Not Modify) Row Checksum,(Do Not Modify) Modified On,Topic,Potential Customer,Est. Close Date,Est. Revenue,Actual Close Date,Actual Revenue,Status,Owner,Created On
8f1a2b3c-0d4e-4f5a-9b6c-7d8e9f0a1b2c,x1,12/20/2024 10:01,Renewal,Acme,12/15/2024,\"$1,200.00\",12/18/2024,\"$1,150.00\",Won,Ann Berg,9/30/2024 8:15
9f1a2b3c-0d4e-4f5a-9b6c-7d8e9f0a1b2d,x2,12/21/2024 10:01,Upgrade,Bolt,11/30/2024,\"$2,000.00\",11/28/2024,$0.00,Lost,Ben Holm,8/13/2024 9:00
af1a2b3c-0d4e-4f5a-9b6c-7d8e9f0a1b2e,x3,12/22/2024 10:01,Refit,Bolt,1/31/2025,$500.50,,,Open,Ann Berg,11/14/2024 16:45
";

#[tokio::test]
async fn opportunities_of_dynamics_go_in() {
    let taken = taken(&[("opportunities.csv", DYNAMICS)], &[("$", "USD")]).await;
    taken.assert_nothing_rejected();
    let deals = taken.office.rows(Table::Opportunity).await;
    let renewal =
        deals.get("8f1a2b3c-0d4e-4f5a-9b6c-7d8e9f0a1b2c").unwrap_or_else(|| panic!("{}", taken.text));
    let said = ["name", "close_date"].map(|column| renewal.get(column).map(String::as_str));
    assert_eq!(said, [Some("Renewal"), Some("2024-12-18")], "{}", taken.text);
    let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
    let wanted = sums([("won", "1150"), ("lost", "2000"), ("open", "500.5")]);
    assert_eq!(outcomes, wanted, "{}", taken.text);
}

const GERMAN_ORDERS: &str = "Auftragsliste;;;;;;
Stand: 31.12.2024;;;;;;
;;;;;;
Auftragsnummer;Kundennummer;Kundenname;Auftragsdatum;Vertreter;Status;Auftragswert
4711;10001;Acme GmbH;31.12.2024;Berg, Anna;Auftrag;1.234,56 €
4712;10002;Müller & Söhne;15.11.2024;Holm, Ben;Abgesagt;99,00 €
4713;10001;Acme GmbH;02.10.2024;Berg, Anna;Angebot;12.000,00 €
;;;;;;
Summe;;;;;;13.333,56 €
";

#[tokio::test]
async fn orders_of_a_german_system_go_in() {
    let taken = taken(&[("auftraege.csv", GERMAN_ORDERS)], &[]).await;
    taken.assert_nothing_rejected();
    let outcomes = taken.sums(Table::Opportunity, "amount", "outcome").await;
    assert_eq!(outcomes, sums([("won", "1234.56"), ("lost", "99"), ("open", "12000")]), "{}", taken.text);
}

const HR_LIST: &str =
    "Employee Number,First Name,Last Name,E-mail,Job Title,Department,Manager E-mail,Hire Date
1001,Ann,Berg,ann.berg@corp.example,Account Executive,Sales North,cleo.dorn@corp.example,2021-03-01
1002,Ben,Holm,ben.holm@corp.example,Account Executive,Sales South,cleo.dorn@corp.example,2022-07-01
1003,Cleo,Dorn,cleo.dorn@corp.example,Head of Sales,Sales North,,2019-01-01
";

#[tokio::test]
async fn a_list_of_people_with_the_addresses_of_their_managers_goes_in() {
    let taken = taken(&[("hr list.csv", HR_LIST)], &[]).await;
    taken.assert_nothing_rejected();
    let people = taken.office.rows(Table::Employee).await;
    assert_eq!(people.len(), 3, "{}", taken.text);
    let managers = taken.office.rows(Table::ManagerAssignment).await;
    let cleo = &people["1003"]["employee_id"];
    assert_eq!(managers.len(), 2, "{}", taken.text);
    assert!(managers.values().all(|row| row["manager_id"] == *cleo), "{}", taken.text);
}

const QUOTA_SHEET: &str = "Quotas 2024,,,,,,
Rep,Region,Q1,Jan 2024,Feb 2024,Mar 2024,Total
Ann Berg,North,330,100,110,120,330
Ben Holm,South,420,200,,220,420
Total,,750,300,110,340,750
";

#[tokio::test]
async fn a_sheet_of_quotas_with_months_across_goes_in() {
    let months = sums([("2024-01", "300"), ("2024-02", "110"), ("2024-03", "340")]);
    let without_year = QUOTA_SHEET.replace(" 2024,", ",").replace("Quotas,", "Quotas 2024,");
    let without_any = without_year.replace("Quotas 2024", "Quotas").replace("Feb", "Februar");
    for (content, answers) in
        [(QUOTA_SHEET, &[][..]), (&without_year, &[]), (&without_any, &[("year", "2024")])]
    {
        let taken = taken(&[("sheet.csv", content)], answers).await;
        taken.assert_nothing_rejected();
        assert_eq!(taken.sums(Table::Target, "value", "period_id").await, months, "{}", taken.text);
        assert_eq!(taken.office.rows(Table::Employee).await.len(), 2, "{}", taken.text);
        assert!(taken.text.contains("Not taken: `Total`: it adds up the others"), "{}", taken.text);
    }
}
