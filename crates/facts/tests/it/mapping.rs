//! The reading side as an operations admin meets it: a mapping, the files of a delivery, and
//! what is said about them when they are wrong.

use std::fs;
use std::path::Path;

use attain_facts::calendar::{Anchor, FiscalCalendar, WeekPattern, Weekday, WorkCalendar, YearLabel};
use attain_facts::canonical::Table;
use attain_facts::import::{ImportError, ImportReport};
use attain_facts::mapping::Mapping;
use jiff::civil::date;

use crate::office::{HEAD, Office, parse, rejected};

/// A mapping of `deals.csv` to deals, with more lines for the file and for the columns.
fn deals(file_lines: &str, column_lines: &str) -> String {
    format!(
        "{HEAD}files:
  - file: deals.csv
{file_lines}    tables:
      - table: opportunity
        key: id
        columns:
          outcome: {{ column: stage, values: {{ Open: open, Won: won, Lost: lost }} }}
{column_lines}"
    )
}

/// What the writer of a mapping is told.
fn check_refused(text: &str, expected: &str) {
    let message = parse(text).expect_err("the mapping is wrong").to_string();
    assert!(message.contains(expected), "{message}\ndoes not say\n{expected}");
}

impl Office {
    async fn import_deals(
        &self,
        mapping: &str,
        content: impl AsRef<[u8]>,
    ) -> Result<ImportReport, ImportError> {
        let path = self.deliver("deals.csv", content);
        self.import(mapping, &[path]).await
    }
}

async fn check_report(mapping: &str, content: &str, read: u64, filtered: u64, expected: &[&str]) {
    let office = Office::open().await;
    let report = office.import_deals(mapping, content).await.unwrap_or_else(|error| panic!("{error}"));
    let total = report.total();
    let found = rejected(&report);
    assert_eq!(found, expected, "{content:?}");
    assert_eq!(
        (total.read, total.filtered, total.rejected),
        (read, filtered, expected.len() as u64),
        "{content:?}"
    );
    assert_eq!(total.read, total.accepted + total.unchanged + total.filtered + total.rejected);
}

/// One deal whose cell `x` is refused, and why.
async fn check_cell_rejected(column_line: &str, cell: &str, reason: &str) {
    let mapping = deals("", &format!("          {column_line}\n"));
    let value = if cell.is_empty() { "-" } else { cell };
    check_report(
        &mapping,
        &format!("id,stage,x\n1,Open,{cell}\n"),
        1,
        0,
        &[&format!("2|x|{value}|{reason}")],
    )
    .await;
}

/// One deal whose cell `x` is taken.
async fn check_cell_taken(column_line: &str, cell: &str) {
    let mapping = deals("", &format!("          {column_line}\n"));
    check_report(&mapping, &format!("id,stage,x\n1,Open,{cell}\n"), 1, 0, &[]).await;
}

async fn check_unreadable(content: impl AsRef<[u8]>, expected: &str) {
    let office = Office::open().await;
    let error = office.import_deals(&deals("", ""), content).await.expect_err("unusable");
    let message = error.to_string();
    assert!(
        message.contains("deals.csv") && message.contains(expected),
        "{message}\ndoes not say\n{expected}"
    );
}

// What a mapping cannot say.

#[test]
fn misspelt_names_in_a_mapping_are_guessed() {
    check_refused(&deals("", "          amout: value\n"), "line 15");
    check_refused(
        &deals("", "          amout: value\n"),
        "unknown column of opportunity `amout`; did you mean `amount`?",
    );
    check_refused(
        &deals("", "").replace("opportunity", "oportunity"),
        "unknown table `oportunity`; did you mean `opportunity`?",
    );
    check_refused(&deals("    mod: full\n", ""), "unknown field `mod`");
}

#[test]
fn a_company_needs_a_zone_a_currency_and_a_calendar() {
    let refused = |from: &str, to: &str, expected: &str| {
        check_refused(&deals("", "").replace(from, to), expected);
    };
    refused("America/New_York", "New York", "line 4, column 14: `New York` is not a time zone");
    refused("USD", "usd", "line 5, column 13: `usd` is not a currency code");
    refused("first_month: 1", "first_month: 13", "first_month is a month from 1 to 12");
    refused(
        "month_offset",
        "retail_445",
        "line 6, column 21: `retail_445` is not a kind of calendar; write month_offset, weeks, iso_week or explicit",
    );
    refused(
        "files:",
        "covers: { from: 2018-01-01, to: 2018-01-01 }\nfiles:",
        "`to` is the day after the last",
    );
    refused("max_reject_share: 1", "max_reject_share: 2", "a share between 0 and 1");
}

/// The parameters of a calendar of weeks.
const WEEKS: &str = "kind: weeks, pattern: 4-5-4, end_weekday: sat, end_month: 1, anchor: nearest, w53: last, fy_label: start";

/// A mapping with another calendar, which may be followed by more lines of the company block.
fn with_calendar(parameters: &str) -> String {
    deals("", "").replace("{ kind: month_offset, first_month: 1 }", parameters)
}

#[test]
fn every_kind_of_calendar_can_be_described() {
    let calendar = |parameters: &str| {
        let text = with_calendar(parameters);
        parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")).company.calendar
    };
    let FiscalCalendar::MonthOffset(months) =
        calendar("{ kind: month_offset, first_month: 4, fy_label: start }")
    else {
        panic!("a calendar of months")
    };
    assert_eq!((months.first_month.number(), months.fy_label), (4, YearLabel::Start));
    let FiscalCalendar::Weeks(weeks) = calendar(&format!("{{ {WEEKS} }}")) else {
        panic!("a calendar of weeks")
    };
    assert_eq!(weeks.pattern, WeekPattern::FourFiveFour);
    assert_eq!((weeks.end_weekday, weeks.end_month.number()), (Weekday::Saturday, 1));
    assert_eq!((weeks.anchor, weeks.fy_label), (Anchor::Nearest, YearLabel::Start));
    assert_eq!(calendar("{ kind: iso_week }"), FiscalCalendar::IsoWeek);
    let FiscalCalendar::Explicit { periods } = calendar(
        "
    kind: explicit
    periods:
      - { grain: year, name: FY26, label: Fiscal year 2026, from: 2026-01-05, to: 2027-01-04 }
      - { grain: half, name: FY26-B, from: 2026-07-06, to: 2027-01-04 }
      - { grain: half, name: FY26-A, from: 2026-01-05, to: 2026-07-06 }",
    ) else {
        panic!("a table")
    };
    let labels: Vec<&str> = periods.all().map(|period| period.label.as_str()).collect();
    assert_eq!(labels, ["FY26-A", "FY26-B", "Fiscal year 2026"]);
}

#[test]
fn a_calendar_lacks_nothing_and_has_nothing_that_is_not_its_own() {
    let refused = |parameters: &str, expected: &str| check_refused(&with_calendar(parameters), expected);
    refused(
        "{ kind: month_offset }",
        "line 6, column 21: a calendar of the kind month_offset needs `first_month`",
    );
    refused(
        "{ kind: iso_week, first_month: 1 }",
        "`first_month` does not belong to a calendar of the kind iso_week, which takes no parameters",
    );
    refused(
        "{ kind: month_offset, first_month: 1, pattern: 4-4-5 }",
        "line 6, column 60: `pattern` does not belong to a calendar of the kind month_offset, which takes first_month, fy_label",
    );
    let weeks = |from: &str, to: &str, expected: &str| {
        let parameters = WEEKS.replace(from, to);
        assert_ne!(parameters, WEEKS);
        refused(&format!("{{ {parameters} }}"), expected);
    };
    weeks("pattern: 4-5-4, ", "", "needs `pattern`: 4-4-5, 4-5-4 or 5-4-4");
    weeks("4-5-4", "5-5-3", "line 6, column 37: `5-5-3` cannot be the pattern; write 4-4-5, 4-5-4 or 5-4-4");
    weeks("end_weekday: sat, ", "", "needs `end_weekday`: such as saturday");
    weeks("sat", "samstag", "`samstag` is not a weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun");
    weeks("end_month: 1", "end_month: 0", "end_month is a month from 1 to 12");
    weeks("nearest", "closest", "`closest` cannot be the anchor; write nearest or last");
    weeks("w53: last", "w53: first", "`first` cannot be the w53; write last");
    weeks(", fy_label: start", "", "needs `fy_label`: end or start");
}

#[test]
fn a_table_of_periods_is_refused_where_it_goes_wrong() {
    let refused = |last_line: &str, expected: &str| {
        let parameters = format!(
            "
    kind: explicit
    periods:
      - {{ grain: quarter, name: Q1, from: 2026-01-05, to: 2026-04-06 }}
      - {last_line}"
        );
        check_refused(&with_calendar(&parameters), expected);
    };
    refused(
        "{ grain: quarter, name: Q2, from: 2026-04-13, to: 2026-07-06 }",
        "line 10, column 9: the quarter `Q2` leaves a gap behind the quarter `Q1`, which ends with 2026-04-06",
    );
    refused("{ grain: quarter, name: Q2, from: 2026-04-05, to: 2026-07-06 }", "overlaps the quarter `Q1`");
    refused("{ grain: year, name: Y, from: 2026-01-05, to: 2026-04-13 }", "has a border on 2026-04-13");
    refused(
        "{ grain: season, name: Y, from: 2026-01-05, to: 2026-04-06 }",
        "`season` cannot be the grain; write week",
    );
    refused("{ grain: year, name: Y, from: 2026-01-05, to: soon }", "`soon` is not a date as in 2024-11-23");
    check_refused(&with_calendar("{ kind: explicit, periods: [] }"), "the table of periods is empty");
}

#[test]
fn working_days_may_be_given_and_are_monday_to_friday_otherwise() {
    let with_days = |days: &str| with_calendar(&format!("{{ kind: iso_week }}\n  working_days: {days}"));
    let work_calendar =
        |text: String| parse(&text).unwrap_or_else(|error| panic!("{error}")).company.work_calendar;
    assert_eq!(work_calendar(with_calendar("{ kind: iso_week }")), WorkCalendar::default());
    let given = work_calendar(with_days(
        "{ weekdays: [mon, Saturday], holidays: [2026-01-05], half_days: [2026-01-10, 2026-01-11] }",
    ));
    let worked: Vec<bool> = (3..=12).map(|day| given.is_worked(date(2026, 1, day))).collect();
    assert_eq!(worked, [true, false, false, false, false, false, false, true, false, true]);
    assert!(given.is_half(date(2026, 1, 10)) && !given.is_half(date(2026, 1, 11)));

    let refused = |days: &str, expected: &str| check_refused(&with_days(days), expected);
    refused("{ weekdays: [] }", "line 7, column 29: no weekday is a working day");
    refused("{ weekdays: [mon, moon] }", "line 7, column 35: `moon` is not a weekday");
    refused("{ holidays: [2026-02-30] }", "line 7, column 30: `2026-02-30` is not a date as in 2024-11-23");
    refused(
        "{ holidays: [2026-12-24], half_days: [2026-12-24] }",
        "line 7, column 55: 2026-12-24 stands under holidays and under half_days",
    );
    refused("{ holiday: [2026-12-24] }", "unknown field `holiday`");
}

#[test]
fn options_that_do_not_fit_their_column_are_refused() {
    let refused = |column: &str, expected: &str| {
        check_refused(&deals("", &format!("          {column}\n")), expected);
    };
    refused("name: { column: x, format: \"%Y\" }", "`format` is for dates, instants and numbers");
    refused("amount: { column: x, format: \"1'234\" }", "`1'234` is not a number style");
    refused("close_date: { column: x, format: \"%Y-%m\" }", "does not name a whole date");
    refused("amount: { constant: much }", "`much` is not a number");
    refused("type: { column: x, values: { New: newish } }", "`New` becomes `newish`");
    refused(
        "amount: { format: \"1,234.56\" }",
        "amount comes from a `column` or an `expression`, or is a `constant`",
    );
}

#[test]
fn columns_that_a_table_cannot_do_without_are_asked_for() {
    let without_outcome = deals("", "          name: x\n").replace("outcome: {", "stage: {");
    check_refused(&without_outcome, "opportunity needs the column outcome");
}

#[test]
fn a_file_is_described_once() {
    let twice = format!("{}  - file: DEALS.csv\n    tables: []\n", deals("", ""));
    check_refused(&twice, "DEALS.csv stands here twice");
}

#[test]
fn the_shipped_example_is_a_mapping() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/maven_crm/mapping.yaml");
    let mapping = Mapping::read(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(mapping.source, "maven_crm");
    assert_eq!(mapping.text(), fs::read_to_string(&path).expect("the same text"));
    assert_eq!(mapping.sha256().len(), 64);
}

// Rows that are taken, set aside and rejected.

#[tokio::test]
async fn one_file_fills_several_tables() {
    let office = Office::open().await;
    let mapping = format!(
        "{HEAD}files:
  - file: people.csv
    tables:
      - {{ table: team, key: region, columns: {{ name: region }} }}
      - {{ table: employee, key: boss, optional: true, columns: {{ display_name: boss, role: {{ constant: manager }} }} }}
      - {{ table: employee, key: name, columns: {{ display_name: name, role: {{ constant: AE }} }} }}
"
    );
    let path = office.deliver("people.csv", "\u{feff}NAME, Boss ,region\n Ann  Lee,Bo,North\nCy,,North\n");
    let report = office.import(&mapping, &[path]).await.expect("imported");
    let created: Vec<(&str, u64)> =
        report.tables.iter().map(|table| (table.table.name(), table.created)).collect();
    assert_eq!(created, [("team", 1), ("employee", 3)]);
}

#[tokio::test]
async fn cells_are_read_in_the_forms_that_the_mapping_names() {
    check_cell_taken("amount: { column: x, format: \"1.234,56\" }", "\"1.234,50\"").await;
    check_cell_taken("close_date: { column: x, format: [\"%d.%m.%Y\", \"%m/%d/%Y\"] }", "12/31/2017").await;
    check_cell_taken("created_at: x", "2017-07-01T10:00:00.1234567+02:00").await;
    check_cell_taken("name: x", "").await;
}

#[tokio::test]
async fn cells_that_cannot_be_read_reject_their_row() {
    check_cell_rejected("amount: x", "12x", "is not a number as in 1234.56").await;
    check_cell_rejected("amount: x", "0.1234567", "has more than six places").await;
    check_cell_rejected("close_date: x", "2017-02-29", "is not a date as in 2024-11-23").await;
    check_cell_rejected("amount_ccy: x", "usd", "is not a currency code such as USD").await;
    check_cell_rejected("type: x", "gift", "is not known; known are: new, expansion, renewal").await;
    check_cell_rejected(
        "name: { column: x, values: { A: B }, others: reject }",
        "C",
        "is not known; known are: A",
    )
    .await;
    check_cell_rejected("stage: x", "", "is blank and must not be").await;
}

#[tokio::test]
async fn rows_are_kept_by_the_rules_of_the_mapping() {
    let content = "id,stage,kind\n1,Open,Test\n2,Open,\n3,Open,Sale\n";
    for (rule, filtered) in
        [("not_in: [Test]", 1), ("in: [Sale]", 2), ("blank: false", 1), ("blank: true", 2)]
    {
        check_report(
            &deals(&format!("    keep: [{{ column: kind, {rule} }}]\n"), ""),
            content,
            3,
            filtered,
            &[],
        )
        .await;
    }
}

#[tokio::test]
async fn a_deal_is_closed_on_a_day_and_not_before_it_was_created() {
    let mapping = deals("", "          created_at: created\n          close_date: closed\n");
    let content = "id,stage,created,closed\n1,Won,,\n2,Lost,2017-03-02,2017-03-01\n3,Open,2017-03-02,2017-03-01\n4,Won,2017-03-02T02:00:00Z,2017-03-01\n";
    check_report(
        &mapping,
        content,
        4,
        0,
        &[
            "2|closed|-|is blank although the deal is won or lost",
            "3|closed|2017-03-01|lies before the day the deal was created",
        ],
    )
    .await;
}

#[tokio::test]
async fn ragged_rows_are_rejected_and_reading_goes_on() {
    let content = "id,stage\n1,Won,x\n2\n3,Won\n";
    let rejected = [
        "2|-|-|has 3 fields where the header has 2; put a value that contains a comma in quotation marks",
        "3|-|-|has 1 fields where the header has 2; every field needs its comma, also an empty one",
    ];
    check_report(&deals("", ""), content, 3, 0, &rejected).await;
}

#[tokio::test]
async fn rejected_rows_are_corrected_and_imported_again() {
    let office = Office::open().await;
    let mapping = deals("    mode: full\n", "          name: note\n");
    let report = office
        .import_deals(&mapping, "id,stage,note\n1,Won,a\n2,Lead,\"b, \"\"c\"\"\"\n")
        .await
        .expect("imported");
    let path = report.files[0].rejects_file.clone().expect("a rejects file");
    let written = fs::read_to_string(&path).expect("there");
    assert_eq!(
        written,
        "attain_line,attain_column,attain_reason,id,stage,note
3,stage,\"is not known; known are: Lost, Open, Won\",2,Lead,\"b, \"\"c\"\"\"
"
    );
    let report = office.import_deals(&mapping, written.replace("2,Lead", "2,Lost")).await.expect("imported");
    let table = &report.tables[0];
    assert_eq!((table.created, table.deleted), (1, 0), "a corrected rejects file is never complete");
}

// Files that cannot be read, and deliveries that do not fit.

#[tokio::test]
async fn unusable_files_are_told_apart() {
    check_unreadable("", "is empty").await;
    check_unreadable("id,stage,ID \n1,Won,2\n", "stands in the header twice").await;
    check_unreadable("id,stages\n1,Won\n", "there is no column `stage`").await;
    check_unreadable(b"id,stag\xE9\n1,Won\n", "line 1: the column `stag\u{fffd}` is not UTF-8 text").await;
    check_unreadable(b"%PDF-1.7\n", "it is a PDF document").await;
}

#[tokio::test]
async fn an_export_without_rows_brings_nothing_new_and_takes_nothing_away() {
    let office = Office::open().await;
    let empty = "id,stage\n";
    for mapping in [deals("", ""), deals("    mode: append\n", "")] {
        office.import_deals(&mapping, "id,stage\n1,Won\n").await.expect("imported");
        let report = office.import_deals(&mapping, empty).await.expect("nothing new");
        assert_eq!((report.files[0].rows.read, report.changes()), (0, 0));
        assert_eq!(office.rows(Table::Opportunity).await.len(), 1);
    }
    let error =
        office.import_deals(&deals("    mode: full\n", ""), empty).await.expect_err("all would be gone");
    assert!(error.to_string().contains("deals.csv has a header but no rows"), "{error}");
    assert_eq!(office.rows(Table::Opportunity).await.len(), 1);
}

#[tokio::test]
async fn a_folder_holds_every_file_of_the_mapping() {
    let office = Office::open().await;
    let mapping = format!(
        "{}  - file: products.csv\n    tables: [{{ table: product, key: name, columns: {{ name: name }} }}]\n",
        deals("", "")
    );
    let deals = office.deliver("Deals.CSV", "id,stage\n1,Won\n");
    let other = office.deliver("notes.txt", "");
    let folder = deals.parent().expect("a folder").to_owned();
    let error = office.import(&mapping, std::slice::from_ref(&folder)).await.expect_err("incomplete");
    assert!(error.to_string().contains("lacks products.csv"), "{error}");
    let error = office.import(&mapping, &[other]).await.expect_err("not described");
    assert!(error.to_string().contains("notes.txt is not in the mapping"), "{error}");
    office.import(&mapping, &[deals]).await.expect("one file alone");
    office.deliver("products.csv", "name\nDisk\n");
    let report = office.import(&mapping, &[folder]).await.expect("complete");
    assert_eq!(report.not_mapped, ["notes.txt"]);
}

#[tokio::test]
async fn lines_are_those_that_an_editor_shows() {
    let rejected = ["4|stage|Bad|is not known; known are: Lost, Open, Won"];
    for content in
        ["id,stage\n1,Won\n\n2,Bad\n", "id,stage\r\n1,Won\r\n\r\n2,Bad\r\n", "id,stage\r1,Won\r\r2,Bad\r"]
    {
        check_report(&deals("", ""), content, 2, 0, &rejected).await;
    }
}

#[tokio::test]
async fn quotations_without_end_and_nul_bytes_are_found_where_they_are() {
    check_unreadable(
        "id,stage\n1,Won\n2,\"Won\n3,Won\n",
        "line 3: the quotation mark opened here is never closed",
    )
    .await;
    check_unreadable(
        format!("id,stage\n{}2,\0\n", "1,Won\n".repeat(1_000)),
        "line 1002: there is a NUL byte, which no text has",
    )
    .await;
}

#[tokio::test]
async fn options_are_checked_and_keys_of_values_may_look_like_numbers() {
    check_refused(
        &deals("", "          amount: { colum: x }\n"),
        "unknown field `colum`, expected one of column, expression, constant, format, values, others",
    );
    check_cell_taken("type: { column: x, values: { 1: new, Y: renewal } }", "1").await;
}
