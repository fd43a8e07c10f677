//! Companies that do not live by calendar months: their numbers begin and end on their own days.

use jiff::Timestamp;

use crate::program::{Answer, Program, Server, Value};
use crate::small_company::{Files, MAPPING};

/// Retail weeks, whose year 2023 runs from 29 January 2023 to 3 February 2024 and has 53 of them.
const RETAIL: &str =
    "{ kind: weeks, pattern: 4-5-4, end_weekday: sat, end_month: 1, anchor: nearest, fy_label: start }";

/// Deals on both sides of every border that is tested; each amount is its own binary digit.
const DEALS: [&str; 7] = [
    "D-1,Last day of FY22,Acme,anna,2022-06-01,2023-01-28,Won,1",
    "D-2,First day of FY23,Acme,anna,2022-06-01,2023-01-29,Won,2",
    "D-3,Last day of P1,Bolt,ben,2022-06-01,2023-02-25,Won,4",
    "D-4,First day of P2,Bolt,ben,2022-06-01,2023-02-26,Won,8",
    "D-5,In week 53,Acme,anna,2022-06-01,2024-01-31,Won,16",
    "D-6,Last day of FY23,Crux,ben,2022-06-01,2024-02-03,Won,32",
    "D-7,First day of FY24,Crux,ben,2022-06-01,2024-02-04,Won,64",
];

/// The small company with those deals and another calendar.
fn company(calendar: &str) -> Program {
    let program = Program::new();
    deliver(&Files::new(), &program, calendar);
    program
}

/// Imports those deals under a calendar.
fn deliver(files: &Files, program: &Program, calendar: &str) {
    let mapping = MAPPING.replace("{ kind: month_offset, first_month: 1 }", calendar).replace(
        "covers: { from: 2024-01-01, to: 2025-01-01 }",
        "covers: { from: 2022-01-30, to: 2024-02-11 }",
    );
    assert!(mapping.contains(calendar) && mapping.contains("2024-02-11"), "{mapping}");
    files.map(&mapping);
    files.deals(&DEALS);
    files.deliver(program);
}

/// Bookings of periods, by their names.
fn bookings(program: &Program, periods: &str) -> Answer {
    program.ask(&["bookings"], "", periods)
}

fn check_bookings(program: &Program, expected: &[(&str, i64, &str)]) {
    for (period, euros, codes) in expected {
        let answer = bookings(program, period);
        let Value { value, codes: found, .. } = answer.get("", period, "bookings");
        assert_eq!((*value, found.as_str()), (Some((*euros).into()), *codes), "{period}");
    }
}

#[test]
fn a_retailer_sees_fiscal_months_quarters_and_years_from_their_first_day_to_their_last() {
    let program = company(RETAIL);
    check_bookings(
        &program,
        &[
            ("2022-P12", 1, "E0"),
            ("2023-P01", 2 + 4, "E0"),
            ("2023-P02", 8, "E0"),
            ("2023-P03", 0, "E0"),
            ("2023-P12", 16 + 32, "E0"),
            ("2024-P01", 64, "E5"),
            ("2022-Q4", 1, "E0"),
            ("2023-Q1", 2 + 4 + 8, "E0"),
            ("2023-Q4", 16 + 32, "E0"),
            ("2023-H1", 2 + 4 + 8, "E0"),
            ("2023", 2 + 4 + 8 + 16 + 32, "E0"),
            ("2023-W01", 2, "E0"),
            ("2023-W53", 16 + 32, "E0"),
            ("all", 127, "E0"),
        ],
    );
}

#[test]
fn every_period_of_a_length_can_be_asked_for_and_together_they_hold_every_deal_once() {
    let program = company(RETAIL);
    for (length, count) in [("week", 106), ("month", 25), ("quarter", 9), ("half", 5), ("year", 3)] {
        let answer = bookings(&program, length);
        assert_eq!(answer.values.len(), count, "{length}");
        let total: rust_decimal::Decimal = answer.values.values().filter_map(|number| number.value).sum();
        assert_eq!(total, 127.into(), "{length}");
    }
}

#[test]
fn buyers_are_kept_from_one_fiscal_period_to_the_next_of_the_same_length() {
    let program = company(RETAIL);
    let retained = |period: &str| {
        let answer = program.ask(&["buyer_retention"], "", period);
        let number = answer.get("", period, "buyer_retention");
        (number.numerator.map(|n| n.to_string()), number.denominator.map(|n| n.to_string()))
    };
    let counts = |above: &str, below: &str| (Some(above.to_owned()), Some(below.to_owned()));
    assert_eq!(retained("2023-P02"), counts("1", "2"), "Bolt of Acme and Bolt");
    assert_eq!(retained("2023-W01"), counts("1", "1"), "Acme bought on the Saturday and on the Sunday");
    assert_eq!(retained("2023-H1"), counts("1", "1"));
}

#[test]
fn a_month_of_the_calendar_is_no_period_of_a_retailer() {
    let said = company(RETAIL).refuses(&["query", "--metric", "bookings", "--period", "2023-03"]);
    assert!(
        said.contains("`2023-03` is not a period; write a quarter (2017-Q3), a fiscal month (2017-P03)"),
        "{said}"
    );
}

#[test]
fn a_company_of_calendar_months_has_iso_weeks_and_halves() {
    let program = company("{ kind: month_offset, first_month: 2, fy_label: start }");
    check_bookings(
        &program,
        &[
            ("2023-W04", 1 + 2, "E0"),
            ("2023-W08", 4 + 8, "E0"),
            ("2023-02", 4 + 8, "E0"),
            ("2023-H2", 16, "E0"),
            ("2022", 1 + 2, "E0"),
            ("2023", 4 + 8 + 16, "E0"),
        ],
    );
}

#[test]
fn a_table_of_periods_has_only_the_lengths_it_lists() {
    let program = company(
        "
    kind: explicit
    periods:
      - { grain: year, name: Season-23, label: Season 2023, from: 2023-01-29, to: 2024-02-04 }
      - { grain: quarter, name: Spring-23, from: 2023-01-29, to: 2023-02-26 }
      - { grain: quarter, name: Rest-23, from: 2023-02-26, to: 2024-02-04 }",
    );
    check_bookings(&program, &[("Season-23", 62, "E0"), ("Spring-23", 6, "E0"), ("Rest-23", 56, "E0")]);
    assert_eq!(bookings(&program, "quarter").values.len(), 2);
    let said = program.refuses(&["query", "--metric", "bookings", "--period", "month"]);
    assert!(
        said.contains("`month` is not a period; write a quarter (Spring-23), a year (Season-23), a week"),
        "{said}"
    );
}

#[test]
fn another_calendar_holds_from_its_import_on_and_not_for_what_was_known_before() {
    let (files, program) = (Files::new(), Program::new());
    deliver(&files, &program, "{ kind: iso_week }");
    let before = Timestamp::now().to_string();
    deliver(&files, &program, RETAIL);
    check_bookings(&program, &[("2023-Q1", 2 + 4 + 8, "E0")]);
    let then =
        ["query", "--metric", "bookings", "--period", "2023-Q1", "--format", "csv", "--as-of", &before];
    let answer = Answer::read(&program.prints(&then));
    assert_eq!(answer.get("", "2023-Q1", "bookings").value, Some((1 + 2 + 4 + 8).into()));
}

#[test]
fn the_choice_of_periods_on_a_page_is_that_of_the_calendar() {
    let program = company(RETAIL);
    let server = Server::start(&program);
    let page = server.get("/scorecards?period=2023-P12").text();
    assert!(page.contains(r#"<option value="2023-P12" selected>P12 FY23</option>"#), "{page}");
    for offered in ["2023-H2\">H2 FY23", "2023-Q4\">Q4 FY23", "2023\">FY23"] {
        assert!(page.contains(&format!("<option value=\"{offered}</option>")), "{offered}");
    }
    assert!(!page.contains("Week 53"), "weeks are not listed");
    let week = server.get("/scorecards?period=2023-W53").text();
    assert!(week.contains(r#"<option value="2023-W53" selected>Week 53 FY23</option>"#), "{week}");
    assert!(week.contains("Week 52 FY23") && week.contains("Week 1 FY24"), "the neighbours of the week");
}
