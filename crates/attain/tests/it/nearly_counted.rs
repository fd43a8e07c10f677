//! Rows that nearly count, each with the one condition that keeps it from it.

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;

const DEALS: [&str; 8] = [
    "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,100",
    "D-2,Open,Acme,anna,2024-01-10,2024-03-28,Open,500",
    "D-3,Lost,Bolt,anna,2024-01-10,2024-02-20,Lost,20",
    "D-4,After,Bolt,ben,2024-01-10,2024-04-03,Won,60",
    "D-5,Before,Bolt,ben,2023-11-10,2023-12-31,Won,30",
    "D-6,Blank,Crux,ben,2024-01-10,2024-03-15,Won,",
    "D-7,Far,Crux,ben,2024-01-10,2024-06-01,Won,80",
    "D-8,Open and after,Crux,ben,2024-01-10,2024-04-10,Open,90",
];

fn small_company() -> (Program, Server) {
    let (program, files) = (Program::new(), Files::new());
    files.deals(&DEALS);
    files.deliver_on(&program, "2024-07-05");
    let server = Server::start(&program);
    (program, server)
}

/// Each row with its reason, as the API answers.
fn nearly(server: &Server, question: &str) -> Vec<String> {
    let found = server.get(&format!("/api/v1/numbers/{question}")).json();
    let rows = found["rows"].as_array().unwrap_or_else(|| panic!("{question}: {found}"));
    assert_eq!(found["total"], rows.len(), "{found}");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    rows.iter().map(|row| format!("{}: {}", text(&row["row"]["deal"]), text(&row["because"]))).collect()
}

#[test]
fn a_row_that_nearly_counts_names_the_one_condition_it_fails() {
    let (_program, server) = small_company();
    let expected = [
        "D-4: closed 3 Apr 2024, 3 days after the period",
        "D-2: outcome is open, not won",
        "D-6: amount is missing",
        "D-3: outcome is lost, not won",
        "D-5: closed 31 Dec 2023, one day before the period",
    ];
    assert_eq!(nearly(&server, "bookings/nearly?period=2024-Q1"), expected);
    let ben = "bookings/nearly?period=2024-Q1&level=rep&name=Ben";
    assert_eq!(nearly(&server, ben), [expected[0], expected[2], expected[4]]);
}

/// What stands below the line of a ratio counts.
#[test]
fn below_the_line_is_counted_and_not_nearly_counted() {
    let (_program, server) = small_company();
    let expected = [
        "D-4: closed 3 Apr 2024, 3 days after the period",
        "D-2: outcome is open, not won or lost",
        "D-5: closed 31 Dec 2023, one day before the period",
    ];
    assert_eq!(nearly(&server, "win_rate_count/nearly?period=2024-Q1"), expected);
    let size = nearly(&server, "avg_deal_size/nearly?period=2024-Q1");
    assert!(size.contains(&"D-6: amount is missing".to_owned()), "{size:?}");
}

#[test]
fn the_condition_of_the_question_is_one_of_them() {
    let (_program, server) = small_company();
    let expected = ["D-6: name is Blank, not First", "D-3: name is Lost, not First"];
    let found = nearly(&server, "deals_decided/nearly?period=2024-Q1&where=name+%3D+%27First%27");
    assert_eq!(found, expected);
}

#[test]
fn over_all_time_no_date_is_outside() {
    let (_program, server) = small_company();
    let found = nearly(&server, "deals_won/nearly?period=all");
    let expected =
        ["D-8: outcome is open, not won", "D-2: outcome is open, not won", "D-3: outcome is lost, not won"];
    assert_eq!(found, expected);
}

#[test]
fn money_without_an_exchange_rate_is_not_called_missing() {
    let (program, files) = (Program::new(), Files::new());
    files.map(&crate::small_company::MAPPING.replace("{ constant: EUR }", "{ constant: USD }"));
    files.deliver_on(&program, "2024-07-05");
    let server = Server::start(&program);
    let found = nearly(&server, "won_with_amount/nearly?period=2024-Q1");
    assert_eq!(
        found,
        [
            "D-2: amount is in USD, which has no exchange rate",
            "D-1: amount is in USD, which has no exchange rate"
        ]
    );
}

/// A team is that of the day: who joined later brings nothing along, and the sheet says why.
#[test]
fn a_deal_won_before_its_owner_came_nearly_counts_for_the_new_team() {
    let (program, files) = (Program::new(), Files::new());
    files.people(&[
        "anna,Anna,North,2020-01-01,2024-02-10",
        "anna,Anna,South,2024-02-10,",
        "ben,Ben,South,2020-01-01,",
    ]);
    files.deliver_on(&program, "2024-07-05");
    let server = Server::start(&program);
    let south = nearly(&server, "bookings/nearly?period=2024-Q1&level=region&name=South");
    let expected = [
        "D-3: closed 1 May 2024, 31 days after the period",
        "D-1: Anna counted for North on 1 Feb 2024, for South only now",
    ];
    assert_eq!(south, expected);
    assert!(nearly(&server, "bookings/nearly?period=2024-Q1&level=region&name=North").is_empty());
}

#[test]
fn the_sheet_has_a_tab_for_them_and_a_file() {
    let (_program, server) = small_company();
    let sheet = server.text("/scorecards/numbers/bookings?period=2024-Q1");
    let tab = html::links(&sheet).into_iter().find(|(_, words)| words.contains("Nearly counted"));
    let (address, words) = tab.expect("a tab");
    assert!(words.contains('5'), "{words}");
    let opened = server.text(address.split('#').next().expect("a page"));
    let text = html::text(&opened);
    assert!(text.contains("outcome is open, not won") && text.contains("5 of 5 rows"), "{text}");
    let file = html::links(&opened).into_iter().find(|(to, _)| to.contains("/nearly/")).expect("a file");
    let file = server.text(&file.0);
    assert!(file.contains("\"closed 3 Apr 2024, 3 days after the period\""), "{file}");
    assert_eq!(file.lines().count(), 6, "{file}");
}

#[test]
fn what_counts_no_rows_by_conditions_says_so() {
    let (_program, server) = small_company();
    assert!(nearly(&server, "buyer_retention/nearly?period=2024-Q1").is_empty());
    let sheet = server.text("/scorecards/numbers/buyer_retention?period=2024-Q1");
    assert!(!html::text(&sheet).contains("Nearly counted"));
    let opened = html::text(&server.text("/scorecards/numbers/buyer_retention?period=2024-Q1&show=nearly"));
    assert!(opened.contains("counts no rows by conditions"), "{opened}");
}
