//! Lines that add up to the document they belong to: with a file of documents, and without one.

use attain_facts::canonical::Table;

use crate::office::{HEAD, Office, parse, rejected};

/// Orders of which only the lines are delivered.
fn lines_only(totals: &str) -> String {
    format!(
        "{HEAD}files:
  - file: lines.csv
    keep: [{{ where: \"state <> 'cancelled'\" }}]
    lookups:
      - {{ name: order, file: lines.csv, key: order_no, totals: {totals} }}
    tables:
      - table: opportunity
        key: order_no
        columns:
          outcome: {{ constant: won }}
          amount: order.amount
          amount_ccy: {{ constant: EUR }}
          close_date: {{ expression: \"date(order.shipped)\" }}
          name: order.lines
          stage: {{ expression: \"case when order.amount > 100 then 'large' else 'small' end\" }}
"
    )
}

const TOTALS: &str =
    "{ amount: { sum: quantity * price }, shipped: { greatest: date(shipped) }, lines: { count: sku } }";

const LINES: &str = "order_no,sku,quantity,price,shipped,state
1,A,3,19.99,2024-01-05,done
2,A,1,0.10,2024-01-06,done
1,B,1,50.00,2024-02-01,done
2,B,,0.20,2024-01-02,done
1,C,9,99.00,2024-03-01,cancelled
2,,2,0.20,2024-01-02,done
";

async fn orders(office: &Office) -> Vec<String> {
    let rows = office.rows(Table::Opportunity).await.into_iter();
    let told = |(key, row): (String, std::collections::BTreeMap<String, String>)| {
        let of = |column: &str| row.get(column).cloned().unwrap_or_default();
        [key.clone(), of("amount"), of("close_date"), of("name"), of("stage")].join(" ")
    };
    rows.map(told).collect()
}

#[tokio::test]
async fn lines_become_the_order_they_belong_to() {
    let office = Office::open().await;
    let lines = [office.deliver("lines.csv", LINES)];
    let report = office.import(&lines_only(TOTALS), &lines).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    let expected = ["1 109.970000 2024-02-01 2 large", "2 0.500000 2024-01-06 2 small"];
    assert_eq!(orders(&office).await, expected, "blank values and cancelled lines do not count");
    let rows = report.files[0].rows;
    assert_eq!((rows.read, rows.accepted, rows.unchanged, rows.filtered), (6, 2, 3, 1), "one row an order");

    let mut shuffled: Vec<&str> = LINES.lines().skip(1).collect();
    shuffled.reverse();
    let header = LINES.lines().next().expect("a header");
    let again = [office.deliver("lines.csv", format!("{header}\n{}\n", shuffled.join("\n")))];
    let report = office.import(&lines_only(TOTALS), &again).await.expect("imported");
    assert_eq!(report.files[0].rows.accepted, 0, "in whatever order the lines stand");
}

#[tokio::test]
async fn an_order_with_a_line_that_cannot_be_read_is_rejected_as_a_whole() {
    let office = Office::open().await;
    let lines = [office.deliver("lines.csv", LINES.replace("1,B,1,50.00", "1,B,one,50.00"))];
    let report = office.import(&lines_only(TOTALS), &lines).await.expect("imported");
    assert_eq!(orders(&office).await, ["2 0.500000 2024-01-06 2 small"]);
    let rejected = rejected(&report);
    assert_eq!(rejected.len(), 2, "{rejected:?}");
    for row in rejected {
        let reason =
            "has a line that cannot be read, so its totals are not known: lines.csv, line 4: quantity: `one`";
        assert!(row.contains("|order_no|1|") && row.contains(reason), "{row}");
    }
}

#[tokio::test]
async fn documents_take_the_totals_of_the_lines_of_another_file() {
    let office = Office::open().await;
    let mapping = format!(
        "{HEAD}files:
  - file: lines.csv
  - file: orders.csv
    lookups:
      - {{ name: line, file: lines.csv, key: order_no, by: id, totals: {{ amount: {{ sum: price }}, count: {{ count: price }} }} }}
    tables:
      - table: opportunity
        key: id
        columns: {{ outcome: {{ constant: won }}, amount: line.amount, amount_ccy: {{ constant: EUR }}, name: line.count }}
"
    );
    let inputs = [
        office.deliver("orders.csv", "id\n1\n2\n3\n"),
        office.deliver("lines.csv", "order_no,price\n1,10\n1,-2.5\n2,\n"),
    ];
    let report = office.import(&mapping, &inputs).await.expect("imported");
    assert_eq!(rejected(&report), [""; 0]);
    let expected = ["1 7.500000  2 ", "2   0 ", "3    "];
    assert_eq!(orders(&office).await, expected, "without lines nothing is known, and no price is no zero");
}

#[test]
fn totals_that_cannot_be_right_are_refused_with_their_place() {
    for (totals, expected) in [
        ("{ amount: { sum: date(shipped) } }", "amount: a date cannot be added up; sums are of numbers"),
        (
            "{ shipped: { least: shipped } }",
            "shipped: say what a cell is to be compared as: number(…), date(…)",
        ),
        ("{ amount: { sum: price, count: price } }", "is one of `sum`, `least`, `greatest` and `count`"),
        ("{ Amount: { sum: price } }", "`Amount` is no name for a total"),
        ("{ amount: { sum: price }, shipped: { least: date(shipped) } }", "unknown total of order `lines`"),
        ("{ amount: { average: price } }", "average"),
    ] {
        let message = parse(&lines_only(totals)).expect_err("refused").to_string();
        assert!(
            message.contains(expected) && message.contains("line 1"),
            "{message}\ndoes not say\n{expected}"
        );
    }
}
