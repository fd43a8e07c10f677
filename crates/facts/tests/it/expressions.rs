//! Computed columns, keys and row rules, as whoever writes a mapping meets them.

use attain_facts::canonical::Table;

use crate::office::{HEAD, Office, parse, rejected};

/// Orders as deals, with these lines for the file and these columns.
fn orders(file_lines: &str, key: &str, columns: &str) -> String {
    format!(
        "{HEAD}files:
  - file: orders.csv
{file_lines}    tables:
      - table: opportunity
        key: {key}
        columns:
          outcome: {{ constant: won }}
{columns}"
    )
}

#[tokio::test]
async fn columns_keys_and_own_fields_are_computed() {
    let office = Office::open().await;
    let mapping = orders(
        "",
        "{ expression: Region || '-' || Number }",
        "          amount: { expression: SubTotal + TaxAmt }
          close_date: { expression: \"date(Ordered, '%d.%m.%Y') + 30\" }
          stage: { expression: upper(State), values: { DONE: Closed } }
        attributes:
          quarter: { expression: \"date_part('quarter', date(Ordered, '%d.%m.%Y'))\", type: number }
",
    );
    let path = office.deliver(
        "orders.csv",
        "Region,Number,SubTotal,TaxAmt,Ordered,State\nEU,7,100.10,19.02,05.12.2024,done\nEU,8,,1,05.12.2024,open\n",
    );
    let report = office.import(&mapping, &[path]).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    let rows = office.rows(Table::Opportunity).await;
    let first = &rows["EU-7"];
    assert_eq!(
        ["amount", "close_date", "stage", "attributes.quarter"].map(|column| first[column].as_str()),
        ["119.120000", "2025-01-04", "Closed", "4.000000"]
    );
    assert!(!rows["EU-8"].contains_key("amount"), "what is computed of a blank cell is blank: {rows:?}");
    assert_eq!(rows["EU-8"]["stage"], "OPEN");
}

#[tokio::test]
async fn conditions_keep_rows() {
    let office = Office::open().await;
    let mapping = orders(
        "    keep:
      - { where: \"Online = '0' and (SubTotal > 10 or State = 'big')\" }
",
        "Number",
        "          amount: SubTotal\n",
    );
    let content =
        "Number,Online,SubTotal,State\n1,0,10.5,x\n2,1,10.5,x\n3,0,9,x\n4,0,9,big\n5,0,ten,x\n6,1,ten,x\n";
    let report = office
        .import(&mapping, &[office.deliver("orders.csv", content)])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(rejected(&report), ["6|SubTotal|ten|is not a number as in 1234.56"]);
    assert_eq!((report.total().read, report.total().filtered, report.total().accepted), (6, 3, 2));
    assert_eq!(office.rows(Table::Opportunity).await.keys().collect::<Vec<_>>(), ["1", "4"]);
}

#[tokio::test]
async fn a_row_whose_value_cannot_be_computed_or_does_not_fit_is_rejected() {
    let office = Office::open().await;
    let mapping = orders(
        "",
        "Number",
        "          amount: { expression: Total / Parts }
          close_date: { expression: date(Ordered) }
",
    );
    let content = "Number,Total,Parts,Ordered\n1,10,4,2024-01-31\n2,10,0,2024-01-31\n3,10,3,2024-01-31\n4,10,2,31.01.2024\n";
    let report = office.import(&mapping, &[office.deliver("orders.csv", content)]).await.expect("imported");
    assert_eq!(
        rejected(&report),
        [
            "3|Parts|0|divides by zero; write nullif(…, 0) if that is to be blank",
            "4|-|3.3333333333333333333333333333|has more than six places",
            "5|Ordered|31.01.2024|is not a date as in 2024-11-23",
        ]
    );
}

#[test]
fn what_cannot_be_right_is_refused_with_its_line_and_column() {
    for (key, column, expected) in [
        (
            "id",
            "amount: { expression: Total + }",
            "line 15, column 33: a column, a value or a function is expected",
        ),
        (
            "id",
            "amount: { expression: \"date(Day)\" }",
            "amount: the expression comes to a date, and a number is needed",
        ),
        ("id", "close_date: { expression: instant(At) }", "write date(…)"),
        ("id", "amount: { expression: Total * 2, format: \"1,234.56\" }", "needs no `format`"),
        ("id", "amount: { expression: Total, column: Total }", "comes from a `column` or an `expression`"),
        (
            "{ expression: lowr(id) }",
            "amount: Total",
            "line 12, column 28: unknown function `lowr`; did you mean `lower`?",
        ),
        ("[]", "amount: Total", "a key names at least one column"),
        ("{ column: id }", "amount: Total", "unknown field"),
    ] {
        let text = orders("", key, &format!("          {column}\n"));
        let message = parse(&text).expect_err("refused").to_string();
        assert!(message.contains(expected), "{message}\ndoes not say\n{expected}");
    }
    for (rule, expected) in [
        ("{ where: \"Total\", column: id }", "a row rule has a `where`, or a column and one condition"),
        ("{ where: \"Total + 1\" }", "this is a number where a truth value is needed"),
    ] {
        let text = orders(&format!("    keep: [ {rule} ]\n"), "id", "");
        let message = parse(&text).expect_err("refused").to_string();
        assert!(message.contains(expected), "{message}\ndoes not say\n{expected}");
    }
}

/// A sheet with a target per quarter, in thousands.
#[tokio::test]
async fn wide_tables_become_a_row_for_each_cell_that_says_something() {
    let office = Office::open().await;
    let mapping = format!(
        "{HEAD}files:
  - file: targets.csv
    tables:
      - table: employee
        key: person
        columns: {{ display_name: person }}
      - table: target
        unpivot: {{ Q1: 2024-Q1, Q2: 2024-Q2 }}
        key: [person, label]
        columns:
          kpi_id: {{ constant: bookings }}
          subject_kind: {{ constant: employee }}
          subject_id: person
          period_id: label
          value: {{ expression: \"number(cell, '1.234,56') * 1000\" }}
          kind: {{ constant: quota }}
"
    );
    let path = office.deliver("targets.csv", "person,Q1,Q2\nAnna,\"1.234,5\",2\nBert,,0\nCarl,-,1\n");
    let report = office.import(&mapping, &[path]).await.expect("imported");
    assert_eq!(rejected(&report), ["4|Q1|-|is not a number as in 1.234,56"]);
    let rows = office.rows(Table::Target).await;
    let mut targets: Vec<(&str, &str)> =
        rows.values().map(|row| (row["period_id"].as_str(), row["value"].as_str())).collect();
    targets.sort_unstable();
    let expected = [("2024-Q1", "1234500.000000"), ("2024-Q2", "0.000000"), ("2024-Q2", "2000.000000")];
    assert_eq!(targets, expected, "a blank cell is no target, and none of zero");
}
