//! Data quality: each fault planted once, beside what is right and must not be found; the same by
//! command, page and endpoint; nothing that a source can deliver breaks a check.

use std::collections::{BTreeMap, BTreeSet};

use attain_testing::shared_data;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use serde_json::Value;

use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;
use crate::two_times::on_both;

const MAPPING: &str = "
source: crm
company:
  name: Small company
  time_zone: Europe/Berlin
  currency: EUR
  calendar: { kind: month_offset, first_month: 1 }
max_reject_share: 0.5
files:
  - file: people.csv
    mode: full
    tables:
      - { table: team, key: team, columns: { name: team } }
      - table: employee
        key: person
        columns: { display_name: name, email: mail, hire_date: hired, end_date: left }
      - { table: team_assignment, key: person, columns: { employee_id: person, team_id: team } }
  - file: accounts.csv
    mode: full
    tables: [{ table: account, key: account, columns: { name: name } }]
  - file: deals.csv
    mode: delta
    tables:
      - table: opportunity
        key: deal
        columns:
          name: title
          account_id: account
          owner_id: owner
          created_at: created
          close_date: closed
          stage: stage
          outcome: { column: stage, values: { Open: open, Won: won, Lost: lost } }
          amount: amount
  - file: moves.csv
    mode: append
    tables:
      - table: opportunity_stage_history
        key: [deal, seq]
        columns: { opportunity_id: deal, seq: seq, to_stage: stage, changed_at: at }
  - file: work.csv
    mode: append
    tables:
      - table: activity
        key: id
        columns: { employee_id: person, kind: kind, direction: { constant: out }, occurred_at: at }
";

const PEOPLE_HEADER: &str = "person,name,mail,hired,left,team";
/// Two of one name, two of one address, one who left before coming, one who came late, one who goes.
const PEOPLE: [&str; 7] = [
    "anna,Anna,anna@small.example,2020-01-01,,North",
    "ben,Ben,ben@small.example,2020-01-01,,South",
    "ann2,\" ANNA\",anna.two@small.example,2020-01-01,,North",
    "bob,Bob,Ben@Small.example,2020-01-01,,South",
    "cleo,Cleo,cleo@small.example,2022-06-01,2021-01-01,South",
    "dora,Dora,dora@small.example,2024-03-01,,South",
    "zoe,Zoe,zoe@small.example,2020-01-01,,South",
];
const ACCOUNTS: [&str; 4] = ["acme,Acme", "acme2,ACME.", "bolt,Bolt", "crux,Crux"];
const DEALS_HEADER: &str = "deal,title,account,owner,created,closed,stage,amount";
const DEALS: [&str; 16] = [
    "D-01,Right,acme,anna,2024-01-10,2024-02-01,Won,1000",
    "D-02,Also right,acme,ben,2024-01-20,2024-02-15,Lost,",
    "D-03,Twin,bolt,ben,2024-01-10,2024-02-20,Won,1100",
    "D-04,Twin again,bolt,ben,2024-01-11,2024-02-20,Open,1100",
    "D-05,No twin,bolt,ben,2024-01-11,2024-02-20,Won,1101",
    "D-06,Created on the day,acme,ben,2024-03-10,2024-03-10,Won,1000",
    "D-07,Rejected,acme,ben,2024-01-10,,Won,1000",
    "D-08,From the future,acme,ben,2024-06-04,2024-07-01,Open,1000",
    "D-09,Far away,acme,ben,2024-01-10,2205-01-01,Open,1000",
    "D-10,Nobody’s,acme,,2024-01-10,2024-02-03,Lost,900",
    "D-11,For nothing,acme,ben,2024-01-10,2024-02-04,Won,0",
    "D-12,Worth nobody knows what,acme,ben,2024-01-10,2024-08-01,Open,",
    "D-13,Too early,acme,dora,2024-02-01,2024-02-10,Lost,1000",
    "D-14,Of Zoe,acme,zoe,2024-01-10,2024-02-12,Lost,1000",
    "D-15,Of Crux,crux,ben,2024-01-10,2024-02-13,Lost,1000",
    "D-16,<b>Huge</b>,acme,ben,2024-01-10,2024-09-01,Open,5000000",
];
const MOVES: [&str; 4] =
    ["D-01,1,Open,2024-01-09", "D-01,2,Won,2024-02-02", "D-02,1,Open,2024-01-20", "D-02,2,Lost,2024-02-20"];

/// What was planted: the findings, each with the rows they must have.
const PLANTED: [(&str, &[&str]); 14] = [
    ("closed_otherwise:opportunity", &["D-02"]),
    ("empty:opportunity.amount", &["D-12"]),
    ("ends_before_start:employee.end_date", &["cleo"]),
    ("holes:activity", &["2024-04-03"]),
    ("impossible_year:opportunity.close_date", &["D-09"]),
    ("in_the_future:opportunity.created_at", &["D-08"]),
    ("missing_reference:opportunity.account_id", &["D-15"]),
    ("moved_before_created:opportunity_stage_history", &["D-01"]),
    ("not_employed:opportunity.close_date", &["D-13"]),
    ("not_positive:opportunity", &["D-11"]),
    ("outlying:opportunity.amount", &["D-16"]),
    ("same_deal:opportunity", &["D-03", "D-04"]),
    ("same_email:employee", &["ben", "bob"]),
    ("same_name:account", &["acme", "acme2"]),
];

/// The working days of ten weeks in spring, of which Wednesday, 3 April, has no work.
fn work() -> Vec<String> {
    let days = (0..70).map(|days| date(2024, 3, 4).checked_add(days.days()).expect("a day"));
    let worked = days.filter(|day: &Date| day.weekday().to_monday_one_offset() < 6);
    let worked = worked.filter(|day| *day != date(2024, 4, 3));
    worked.flat_map(|day| (0..12).map(move |at| format!("{day}-{at},anna,call,{day}"))).collect()
}

/// Everything delivered on 3 June 2024; two days later Zoe and Crux are gone.
fn planted(program: &Program, files: &Files) {
    files.map(MAPPING);
    let ordinary: Vec<String> = (0..40)
        .map(|at| {
            format!("O-{at},Ordinary {at},acme,anna,2024-01-10,2024-12-{:02},Open,{}", 1 + at % 28, 900 + at)
        })
        .collect();
    let deals: Vec<&str> = DEALS.into_iter().chain(ordinary.iter().map(String::as_str)).collect();
    let work = work();
    files.write("people.csv", PEOPLE_HEADER, &PEOPLE);
    files.write("accounts.csv", "account,name", &ACCOUNTS);
    files.write("deals.csv", DEALS_HEADER, &deals);
    files.write("moves.csv", "deal,seq,stage,at", &MOVES);
    files.write("work.csv", "id,person,kind,at", &work.iter().map(String::as_str).collect::<Vec<_>>());
    files.deliver_on(program, "2024-06-03");
    files.write("people.csv", PEOPLE_HEADER, &PEOPLE[..6]);
    files.write("accounts.csv", "account,name", &ACCOUNTS[..3]);
    files.deliver_on(program, "2024-06-05");
}

fn quality(program: &Program) -> Value {
    serde_json::from_str(&program.prints(&["quality", "--json"])).expect("quality")
}

/// The findings of the only source, with how many were found.
fn findings(quality: &Value) -> BTreeMap<String, u64> {
    let source = &quality["sources"][0];
    let findings = source["findings"].as_array().expect("findings").iter();
    findings
        .map(|finding| {
            let name = finding["finding"].as_str().expect("a name").to_owned();
            (name, finding["found"].as_u64().expect("a count"))
        })
        .collect()
}

/// The rows of a finding by what tells them apart.
fn rows(program: &Program, finding: &str) -> BTreeSet<String> {
    let text = program.prints(&["quality", "--finding", finding, "--format", "json"]);
    let found: Value = serde_json::from_str(&text).expect("rows");
    let rows = found["rows"].as_array().expect("rows").iter();
    // Rows without a key of their own are told by what they are about.
    let of = |row: &Value| {
        let names = [&row["shown"]["deal"], &row["row"], &row["day"]];
        names.into_iter().find_map(Value::as_str).expect("a row").to_owned()
    };
    let named = rows.map(of);
    let named: BTreeSet<String> = named.collect();
    assert_eq!(found["found"].as_u64(), Some(named.len() as u64), "{finding}: the count is that of the list");
    named
}

#[test]
fn each_fault_is_found_once_and_what_is_right_is_not() {
    on_both(|program, files| {
        planted(program, files);
        let found = findings(&quality(program));
        let mut expected: BTreeMap<String, BTreeSet<String>> = PLANTED
            .iter()
            .map(|(name, rows)| ((*name).to_owned(), rows.iter().map(|row| (*row).to_owned()).collect()))
            .collect();
        let also = [
            ("same_name:employee", vec!["anna", "ann2"]),
            ("unknown_person:opportunity.owner_id", vec!["D-14"]),
            ("unassigned:opportunity.close_date", vec!["D-10", "D-14"]),
            ("unassigned:opportunity.created_date", vec!["D-10", "D-14"]),
            ("not_employed:opportunity.created_date", vec!["D-13"]),
        ];
        expected.extend(also.map(|(name, rows)| {
            (name.to_owned(), rows.into_iter().map(str::to_owned).collect::<BTreeSet<_>>())
        }));
        let counts: BTreeMap<String, u64> =
            expected.iter().map(|(name, rows)| (name.clone(), rows.len() as u64)).collect();
        assert_eq!(found, counts);
        for (finding, planted) in &expected {
            assert_eq!(&rows(program, finding), planted, "{finding}");
        }
    });
}

#[test]
fn a_row_says_what_is_wrong_and_which_import_brought_it() {
    let (program, files) = (Program::new(), Files::new());
    planted(&program, &files);
    let line = |finding: &str| {
        let text = program.prints(&["quality", "--finding", finding, "--format", "csv"]);
        text.lines().nth(1).expect("a row").to_owned()
    };
    assert_eq!(
        line("not_employed:opportunity.close_date"),
        "crm,opportunity,D-13,Too early,,it counts for somebody who was not employed on the day,\
         \"person Dora, close date 2024-02-10, hired 2024-03-01, days away 20\",1"
    );
    assert!(line("same_deal:opportunity").contains("as of D-04"), "{}", line("same_deal:opportunity"));
    let wrong = line("missing_reference:opportunity.account_id");
    assert!(wrong.contains("its account is not among the accounts"), "{wrong}");
    let quality = quality(&program);
    let source = &quality["sources"][0];
    assert_eq!((source["deliveries"].as_u64(), &source["usual_days"]), (Some(2), &Value::Null));
    let unassigned = source["findings"].as_array().expect("findings").iter();
    let unassigned = unassigned.clone().find(|of| of["finding"] == "unassigned:opportunity.close_date");
    let unassigned = unassigned.expect("a finding");
    assert_eq!((&unassigned["severity"], &unassigned["code"]), (&"high".into(), &"E14".into()));
    assert!(unassigned["metrics"].as_array().is_some_and(|metrics| metrics.contains(&"Bookings".into())));
    assert!(program.refuses(&["quality", "--finding", "nothing"]).contains("there is no finding `nothing`"));
    assert!(program.refuses(&["quality", "--source", "erp"]).contains("there are: crm"));
    let text = program.prints(&["quality"]);
    assert!(text.contains("2 deliveries, the last on 5 Jun 2024"), "{text}");
}

#[test]
fn the_pages_show_the_same_and_names_stay_text() {
    let (program, files) = (Program::new(), Files::new());
    planted(&program, &files);
    let server = Server::start(&program);
    assert_eq!(server.get("/api/v1/quality").json(), quality(&program));
    assert!(server.text("/data/imports").contains("/data/quality"), "is found from Data");
    let page = server.text("/data/quality");
    for finding in findings(&quality(&program)).keys() {
        assert!(page.contains(&finding.replace(':', "%3A")), "{finding}");
    }
    let text = html::text(&page);
    assert!(text.contains("19 findings in one source; 5 of them make numbers wrong."), "{text}");
    let rows = server.text("/data/quality/rows?source=crm&finding=outlying%3Aopportunity.amount");
    assert!(!rows.contains("<b>Huge</b>") && rows.contains("&lt;b&gt;Huge"), "{rows}");
    assert!(html::text(&rows).contains("amount 5000000, usual"), "{}", html::text(&rows));
    let twice = server.text("/data/quality/rows?source=crm&finding=same_name%3Aaccount");
    let tags = html::tags(&twice);
    let mut links = tags.iter().filter_map(|tag| tag.get("href"));
    let merge = links.find(|link| link.starts_with("/data/merged?")).expect("a way to merge").to_owned();
    let form = server.text(&merge);
    assert!(form.contains("value=\"account-1\"") && form.contains("value=\"account-2\""), "{form}");
    let file = server.get("/data/quality/rows.csv?source=crm&finding=same_email%3Aemployee");
    assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(file.text().lines().count(), 3, "{}", file.text());
    for nowhere in ["source=crm&finding=no", "source=erp&finding=same_email%3Aemployee"] {
        assert_eq!(server.get(&format!("/data/quality/rows?{nowhere}")).status, 404, "{nowhere}");
        assert_eq!(server.get(&format!("/api/v1/quality/rows?{nowhere}")).status, 404, "{nowhere}");
    }
    let api = "/api/v1/quality/rows?source=crm&finding=same_deal%3Aopportunity";
    let second = server.get(&format!("{api}&from=1&limit=1")).json();
    assert_eq!((second["rows"][0]["row"].as_str(), second["found"].as_u64()), (Some("D-04"), Some(2)));
}

#[test]
fn what_was_merged_is_not_found_twice() {
    let (program, files) = (Program::new(), Files::new());
    planted(&program, &files);
    program.prints(&["identity", "merge", "account", "acme2", "acme"]);
    assert!(!findings(&quality(&program)).contains_key("same_name:account"));
}

#[test]
fn a_source_in_which_nothing_is_wrong_says_so() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let quality = quality(&program);
    assert_eq!(findings(&quality), BTreeMap::new(), "{quality}");
    assert!(quality["sources"][0]["passed"].as_u64().is_some_and(|passed| passed > 10), "{quality}");
    let not_supplied = quality["sources"][0]["not_supplied"].as_array().expect("columns");
    let listed = not_supplied.iter().find(|column| column["column"] == "list_amount");
    assert!(listed.is_some(), "{quality}");
    let server = Server::start(&program);
    let page = html::text(&server.text("/data/quality"));
    assert!(page.contains("Nothing was found."), "{page}");
}

/// From PROVENANCE.md: blank cells of the pipeline, each kind counted there.
#[test]
fn the_faults_of_the_sample_company_are_found_as_its_description_counts_them() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let expected = BTreeMap::from([
        ("empty:opportunity.account_id".to_owned(), 1425),
        ("empty:opportunity.amount".to_owned(), 2089),
        ("empty:opportunity.created_at".to_owned(), 500),
    ]);
    assert_eq!(findings(&quality(&program)), expected);
}

/// A number from a seed, so that a failure can be seen again.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

#[test]
fn nothing_a_source_delivers_breaks_a_check_and_every_count_is_that_of_its_list() {
    const NAMES: [&str; 8] = ["", "Acme", "acme", "'; DROP TABLE", "=1+1", "𝕬𝖈𝖒𝖊", "\u{202e}x", "<script>"];
    const DAYS: [&str; 7] =
        ["", "0001-01-01", "9999-12-31", "2024-02-29", "2024-02-29", "1989-12-31", "2101-01-01"];
    const AMOUNTS: [&str; 7] = ["", "0", "-1", "0.000001", "999999999999999", "1000", "1001"];
    for seed in [1, 2, 3] {
        let (program, files) = (Program::new(), Files::new());
        files.map(&MAPPING.replace("max_reject_share: 0.5", "max_reject_share: 1"));
        let mut chance = seed;
        let mut of = |choices: &[&str]| choices[next(&mut chance) % choices.len()].to_owned();
        let people: Vec<String> = (0..6)
            .map(|at| {
                format!(
                    "p{at},\"{}\",{},{},{},North",
                    of(&NAMES[1..]),
                    of(&NAMES[1..3]),
                    of(&DAYS),
                    of(&DAYS)
                )
            })
            .collect();
        let deals: Vec<String> = (0..300)
            .map(|at| {
                let (owner, account) = (of(&["", "p0", "p1", "p5"]), of(&["", "a0", "a1", "a2"]));
                let (created, closed, amount) = (of(&DAYS), of(&DAYS), of(&AMOUNTS));
                format!(
                    "d{at},\"{}\",{account},{owner},{created},{closed},{},{amount}",
                    of(&NAMES),
                    of(&["Open", "Won", "Lost"])
                )
            })
            .collect();
        let moves: Vec<String> = (0..100).map(|at| format!("d{at},1,Open,{}", of(&DAYS[1..]))).collect();
        let borrowed = |rows: &[String]| rows.to_vec();
        let write = |name, header, rows: Vec<String>| {
            files.write(name, header, &rows.iter().map(String::as_str).collect::<Vec<_>>());
        };
        write("people.csv", PEOPLE_HEADER, borrowed(&people));
        write(
            "accounts.csv",
            "account,name",
            (0..3).map(|at| format!("a{at},\"{}\"", NAMES[at + 1])).collect(),
        );
        write("deals.csv", DEALS_HEADER, borrowed(&deals));
        write("moves.csv", "deal,seq,stage,at", borrowed(&moves));
        write("work.csv", "id,person,kind,at", vec!["w1,p0,call,2024-01-01".into()]);
        files.deliver(&program);
        let server = Server::start(&program);
        let found = server.get("/api/v1/quality").json();
        let found = findings(&found);
        assert!(found.len() > 5, "{found:?}");
        for (finding, count) in found {
            let path = format!("source=crm&finding={}", finding.replace(':', "%3A"));
            let rows = server.get(&format!("/api/v1/quality/rows?{path}&limit=1000")).json();
            assert_eq!(
                rows["rows"].as_array().map(|rows| rows.len() as u64),
                Some(count),
                "{seed}: {finding}"
            );
            let page = server.text(&format!("/data/quality/rows?{path}"));
            assert!(!page.contains("<script>"), "{seed}: {finding}");
        }
    }
}
