//! Rows that lead to rows of other files of a delivery, as whoever writes a mapping meets them.

use std::path::PathBuf;

use attain_facts::canonical::Table;

use crate::office::{HEAD, Office, parse, rejected};

/// Invoices that look customers up in a file that fills no table; `lookup` says how.
fn invoices(lookup: &str) -> String {
    format!(
        "{HEAD}files:
  - file: customers.csv
    blank: [\"-\"]
  - file: invoices.csv
    lookups:
      - {lookup}
    tables:
      - table: opportunity
        key: id
        columns:
          outcome: {{ constant: won }}
          type: customer.kind
          stage: {{ expression: \"coalesce(customer.name, 'nobody')\" }}
"
    )
}

const BY_CUSTOMER: &str = "{ name: customer, file: customers.csv, key: number, by: customer_no }";

const INVOICES: &str = "id,customer_no\nA,7\nB,8\nC,9\nD,\n";

impl Office {
    fn deliver_both(&self, customers: &str) -> Vec<PathBuf> {
        vec![self.deliver("invoices.csv", INVOICES), self.deliver("customers.csv", customers)]
    }

    /// A column of all deals, by key.
    async fn column_of_deals(&self, column: &str) -> Vec<(String, String)> {
        let rows = self.rows(Table::Opportunity).await.into_iter();
        rows.map(|(key, row)| (key, row.get(column).cloned().unwrap_or_default())).collect()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_cell_leads_to_a_row_of_another_file_and_takes_columns_of_it() {
    let office = Office::open().await;
    let inputs = office.deliver_both("number,name,kind\n7,Fuller,new\n8,-,renewal\n");
    let report = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    let names = pairs(&[("A", "Fuller"), ("B", "nobody"), ("C", "nobody"), ("D", "nobody")]);
    assert_eq!(office.column_of_deals("stage").await, names, "what is not found is blank");
    let kinds = pairs(&[("A", "new"), ("B", "renewal"), ("C", ""), ("D", "")]);
    assert_eq!(office.column_of_deals("type").await, kinds);
    let customers = report.files.iter().find(|file| file.name == "customers.csv").expect("reported");
    assert_eq!((customers.rows.read, customers.rows.filtered), (2, 2), "it fills no table");
}

#[tokio::test]
async fn what_is_not_found_rejects_the_row_if_the_mapping_says_so() {
    let office = Office::open().await;
    let lookup = BY_CUSTOMER.replace(" }", ", missing: reject }");
    let inputs = office.deliver_both("number,name,kind\n7,Fuller,new\n8,-,renewal\n");
    let report = office.import(&invoices(&lookup), &inputs).await.expect("imported");
    let reason = "4|customer_no|9|leads to no row of customers.csv; add it there or correct the spelling";
    assert_eq!(rejected(&report), [reason]);
}

#[tokio::test]
async fn a_key_that_leads_to_two_rows_refuses_the_file() {
    let office = Office::open().await;
    let inputs = office.deliver_both("number,name,kind\n7,Fuller,new\n8,x,renewal\n7,Filler,new\n");
    let refused = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect_err("refused").to_string();
    assert!(
        refused.contains("customers.csv, line 4: number `7` leads here as well as to line 2"),
        "{refused}"
    );
    assert!(refused.contains("Nothing was imported"), "{refused}");

    let inputs = office.deliver_both("number,name,kind,seen\n7,Fuller,new,1\n7,Fuller,new,2\n");
    let report = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect("they say the same");
    assert_eq!(rejected(&report), [""; 0]);
}

#[tokio::test]
async fn a_row_that_others_lead_to_has_to_be_readable() {
    let office = Office::open().await;
    let inputs = office.deliver_both("number,name,kind\n7,Fuller\n8,x,renewal\n");
    let refused = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect_err("refused").to_string();
    assert!(refused.contains("customers.csv, line 2: has 2 fields"), "{refused}");
    let inputs = office.deliver_both("number,name,kind\n7,#REF!,new\n");
    let refused = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect_err("refused").to_string();
    assert!(refused.contains("line 2: name: `#REF!` is an error of the spreadsheet"), "{refused}");
}

#[tokio::test]
async fn the_file_that_is_looked_up_belongs_to_the_delivery() {
    let office = Office::open().await;
    let invoices_only = [office.deliver("invoices.csv", INVOICES)];
    let refused =
        office.import(&invoices(BY_CUSTOMER), &invoices_only).await.expect_err("refused").to_string();
    assert!(
        refused.contains("invoices.csv looks rows up in customers.csv, which is not in the delivery"),
        "{refused}"
    );
    let rejects = "attain_line,attain_column,attain_reason,number,name,kind\n2,,,7,Fuller,new\n";
    let inputs = office.deliver_both(rejects);
    let refused = office.import(&invoices(BY_CUSTOMER), &inputs).await.expect_err("refused").to_string();
    assert!(refused.contains("which holds rejected rows only"), "{refused}");
}

#[tokio::test]
async fn rules_of_the_other_file_say_which_rows_can_be_found() {
    let office = Office::open().await;
    let mapping =
        invoices(BY_CUSTOMER).replace("    blank: [\"-\"]\n", "    keep: [ { where: \"kind <> 'old'\" } ]\n");
    let inputs = office.deliver_both("number,name,kind\n7,Old name,old\n7,Fuller,new\n");
    office.import(&mapping, &inputs).await.expect("imported");
    assert_eq!(office.column_of_deals("stage").await[0].1, "Fuller");
}

#[tokio::test]
async fn lookups_use_those_before_them_and_expressions() {
    let office = Office::open().await;
    let mapping = format!(
        "{HEAD}files:
  - file: customers.csv
  - file: regions.csv
  - file: invoices.csv
    keep: [ {{ where: region.name is not blank }} ]
    lookups:
      - {{ name: customer, file: customers.csv, key: number, by: {{ expression: text(number(customer_no)) }} }}
      - {{ name: region, file: regions.csv, key: [country, id], by: [customer.country, customer.region] }}
    tables:
      - table: opportunity
        key: id
        columns:
          outcome: {{ constant: won }}
          stage: region.name
"
    );
    let inputs = [
        office.deliver("customers.csv", "number,country,region\n7,DE,1\n8,FR,1\n9,FR,\n"),
        office.deliver("regions.csv", "country,id,name\nDE,1,Nord\nFR,1,Ouest\n"),
        office.deliver("invoices.csv", "id,customer_no\nA,7.0\nB,8\nC,9.0\n"),
    ];
    let report = office.import(&mapping, &inputs).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    assert_eq!(office.column_of_deals("stage").await, pairs(&[("A", "Nord"), ("B", "Ouest")]));
}

#[tokio::test]
async fn rows_hold_until_the_next_of_the_same_key() {
    let office = Office::open().await;
    let mapping = format!(
        "{HEAD}files:
  - file: quotas.csv
    lookups:
      - {{ name: next, same: person, after: start }}
    tables:
      - table: employee
        key: person
        columns: {{ display_name: person }}
      - table: target
        key: [person, start]
        columns:
          kpi_id: {{ constant: bookings }}
          subject_kind: {{ constant: employee }}
          subject_id: person
          period_id: {{ constant: 2024-Q1 }}
          value: quota
          valid_from: start
          valid_to: next.start
"
    );
    let content =
        "person,start,quota\nAnna,2024-02-01,2\nBert,2024-01-15,5\nAnna,2024-01-01,1\nAnna,2024-03-01,3\n";
    let report = office.import(&mapping, &[office.deliver("quotas.csv", content)]).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    let rows = office.rows(Table::Target).await;
    let mut windows: Vec<(&str, &str)> = rows
        .values()
        .map(|row| (row["valid_from"].as_str(), row.get("valid_to").map_or("", String::as_str)))
        .collect();
    windows.sort_unstable();
    let expected =
        [("2024-01-01", "2024-02-01"), ("2024-01-15", ""), ("2024-02-01", "2024-03-01"), ("2024-03-01", "")];
    assert_eq!(windows, expected, "whatever the order of the rows");

    let twice = "person,start,quota\nAnna,2024-01-01,1\nAnna,2024-02-01,2\nAnna,2024-02-01,3\n";
    let same = [office.deliver("quotas.csv", twice)];
    let taken_too = mapping.replace("value: quota", "value: { expression: 'coalesce(quota, next.quota)' }");
    let refused = office.import(&taken_too, &same).await.expect_err("refused").to_string();
    assert!(
        refused.contains("quotas.csv, line 4: person `Anna` leads here as well as to line 3"),
        "{refused}"
    );
}

#[test]
fn lookups_that_cannot_be_right_are_refused_with_their_line_and_column() {
    for (lookup, expected) in [
        (
            BY_CUSTOMER.replace("customers", "customer"),
            "line 13, column 33: unknown file `customer.csv`; did you mean `customers.csv`?",
        ),
        (BY_CUSTOMER.replace(", key: number", ""), "a lookup has a `file` and its `key`"),
        (BY_CUSTOMER.replace("name: customer,", "name: Customer,"), "`Customer` is no name for a lookup"),
        (BY_CUSTOMER.replace("name: customer,", "name: buyer,"), "nothing is taken of the lookup `buyer`"),
        (BY_CUSTOMER.replace("by: customer_no", "by: customer.kind"), "`customer.kind` is not known yet"),
        (format!("{BY_CUSTOMER}\n      - {BY_CUSTOMER}"), "two lookups are called `customer`"),
        (
            "{ name: customer, same: id, after: { expression: upper(id) } }".into(),
            "rows follow each other by a number, date or instant",
        ),
    ] {
        let message = parse(&invoices(&lookup)).expect_err("refused").to_string();
        assert!(message.contains(expected), "{message}\ndoes not say\n{expected}");
    }
    let unused = invoices(BY_CUSTOMER)
        .replace("  - file: customers.csv\n", "  - file: other.csv\n  - file: customers.csv\n");
    let message = parse(&unused).expect_err("refused").to_string();
    assert!(message.contains("other.csv fills no table, and nothing is looked up in it"), "{message}");
}
