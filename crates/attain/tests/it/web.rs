//! The pages: safe to open, clear when something is missing, alive while data comes in.

mod api;
mod crawl;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use attain_testing::{Postgres, shared_data};
use jiff::Timestamp;

use crate::html;
use crate::program::{MAVEN_FILES, Program, Reply, Server, copy_files, maven_mapping};
use crate::small_company::{DEALS, Files, MAPPING};

/// What every answer carries: a policy that allows nothing inline and no other host.
fn assert_safe_headers(address: &str, reply: &Reply) {
    let policy = reply.header("content-security-policy").unwrap_or_default();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{address}: {policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("http") && !policy.contains('*'),
        "{address}: {policy}"
    );
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{address}");
    assert_eq!(reply.header("referrer-policy"), Some("same-origin"), "{address}");
}

/// A page that says in words why it has nothing else to say.
fn refusal(server: &Server, path: &str) -> (u16, String) {
    let reply = server.get(path);
    assert_safe_headers(path, &reply);
    assert_eq!(reply.header("content-type"), Some("text/html; charset=utf-8"), "{path}: {}", reply.text());
    let text = html::text(&reply.text());
    assert!(
        !text.contains("panicked") && !text.contains(".rs:") && !text.contains("SELECT"),
        "{path}: {text}"
    );
    (reply.status, text)
}

#[test]
fn an_unknown_address_says_so_and_leads_back() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let server = Server::start(&program);
    let missing = [
        "/colours",
        "/scorecards/rep/person-99",
        "/scorecards/region/team-99",
        "/scorecards/manager/person-1",
        "/scorecards/planet/person-1",
        "/scorecards/company/person-1",
        "/scorecards/rep/%FF",
        "/scorecards/numbers/colour",
        "/scorecards/rep/person-1/numbers/colour",
        "/scorecards/rep/person-99/rows/bookings",
        "/metrics/colour",
        "/data/imports/99",
        "/data/imports/latest",
        "/data/imports/1/rejects/deals.csv",
        "/data/imports/1/rejects/..%2F..%2Fattain.db",
    ];
    for path in missing {
        let (status, text) = refusal(&server, path);
        assert!(
            status == 404 && text.contains("There is nothing at this address"),
            "{path}: {status} {text}"
        );
        assert!(html::links(&server.get(path).text()).iter().any(|(to, _)| to == "/scorecards"), "{path}");
    }
    let unreadable = [
        ("/scorecards?period=yesterday", "`yesterday` is not a period"),
        ("/scorecards/rep/person-1?period=2024-13", "`2024-13` is not a period"),
        ("/scorecards/numbers/bookings?period=9999-Q4", "`9999-Q4` is not a period"),
        ("/scorecards/numbers/bookings?from=many", "from"),
        ("/scorecards/rows/colour", "there is no metric `colour`"),
    ];
    for (path, words) in unreadable {
        let (status, text) = refusal(&server, path);
        assert!(status == 422 && text.contains(words), "{path}: {status} {text}");
    }
}

#[test]
fn past_the_last_row_there_are_no_rows() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let server = Server::start(&program);
    for from in ["3", "99", "18446744073709551615"] {
        let opened = server.get(&format!("/api/v1/numbers/bookings?period=all&from={from}")).json();
        assert_eq!((&opened["matching"], &opened["rows"]), (&3.into(), &serde_json::json!([])), "{from}");
        let sheet = html::text(&server.text(&format!("/scorecards/numbers/bookings?period=all&from={from}")));
        assert!(sheet.contains("of 3 rows"), "{from}: {sheet}");
    }
}

#[test]
fn a_wrong_method_is_refused_on_pages_too() {
    let program = Program::new();
    let server = Server::start(&program);
    let reply = server.send("POST", "/scorecards", &[]);
    assert_eq!((reply.status, reply.header("allow")), (405, Some("GET,HEAD")));
    assert_safe_headers("/scorecards", &reply);
    assert!(html::text(&reply.text()).contains("cannot be done"), "{}", reply.text());
}

#[test]
fn before_any_import_the_pages_say_what_to_do_next() {
    let program = Program::new();
    let server = Server::start(&program);
    for path in ["/scorecards", "/metrics", "/scorecards/numbers/bookings", "/data/imports"] {
        let (_, text) = refusal(&server, path);
        assert!(text.contains("attain import FILES --mapping MAPPING"), "{path}: {text}");
    }
    assert_eq!(server.get("/").header("location"), Some("/scorecards"));
}

/// A page of another site whose name leads to this machine must not read anything (DNS rebinding).
#[test]
fn another_name_for_this_machine_is_refused() {
    let (program, files) = (Program::new(), Files::new());
    files.deliver(&program);
    let server = Server::start(&program);
    let status = |host: &str| server.send("GET", "/api/v1/scorecards", &[("Host", host)]).status;
    for host in [
        "attain.example",
        "attain.example:80",
        "127.0.0.1.attain.example",
        "localhost.example",
        "10.0.0.1",
        "",
    ] {
        assert_eq!(status(host), 421, "{host}");
    }
    for host in ["localhost", "localhost:9000", "127.0.0.1", "127.0.0.1:1", "[::1]:8080"] {
        assert_eq!(status(host), 200, "{host}");
    }
}

#[test]
fn without_accounts_the_server_listens_on_this_machine_only() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let refused = Program::new().refuses(&["serve", "--listen", address]);
        assert!(refused.contains("can be reached from other machines"), "{refused}");
        assert!(refused.contains("attain user add") && refused.contains("SSH tunnel"), "{refused}");
    }
}

/// Browsers keep connections open, and open some ahead of any request.
#[test]
fn a_server_that_is_asked_to_end_ends_well_whoever_is_connected() {
    for signal in ["-INT", "-TERM"] {
        let program = Program::new();
        let server = Server::start(&program);
        let _silent = TcpStream::connect(server.address()).expect("a connection");
        let mut kept = TcpStream::connect(server.address()).expect("a connection");
        kept.write_all(b"GET /data/imports HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
        kept.read_exact(&mut [0; 15]).expect("an answer");
        let asked = Command::new("kill").args([signal, &server.process().to_string()]).status();
        assert!(asked.expect("kill").success() && server.ends_well(), "{signal}");
    }
}

/// Names as hostile as a CRM lets people type them.
const SCRIPT: &str = "<script>alert(1)</script>";
const PICTURE: &str = "\"\"><img src=x onerror=alert(2)>";

fn hostile_company() -> Files {
    let files = Files::new();
    files.people(&[&format!("anna,{SCRIPT},=1+1,2020-01-01,"), "ben,=HYPERLINK(1),North,2020-01-01,"]);
    files.deals(&[
        &format!("@SUM(1),-2+3,\"{PICTURE}\",anna,2024-01-10,2024-02-01,Won,100"),
        &format!("+1,\"=cmd|' /C calc'!A0\",=A1,ben,2024-01-10,2024-02-01,Won,{SCRIPT}"),
        "D-3,+3,-A1,ben,2024-01-10,2024-02-02,Won,300",
    ]);
    files
}

#[test]
fn names_with_markup_are_text_on_every_page() {
    let (program, files) = (Program::new(), hostile_company());
    files.deliver(&program);
    let server = Server::start(&program);
    let members = server.get("/api/v1/numbers?metric=bookings&by=rep").json();
    let id = members.as_array().and_then(|numbers| {
        numbers.iter().find(|number| number["members"][0]["name"] == SCRIPT)?["members"][0]["id"].as_str()
    });
    let id = id.expect("the rep, under the very name");
    let search = "%22%3E%3Cscript%3Ealert(3)%3C/script%3E";
    let pages = [
        "/scorecards?period=2024-Q1".to_owned(),
        format!("/scorecards/rep/{id}?period=2024-Q1"),
        format!("/scorecards/rep/{id}/numbers/bookings?period=2024-Q1"),
        "/scorecards/numbers/bookings?period=2024-Q1".to_owned(),
        format!("/scorecards/numbers/bookings?period=2024-Q1&q={search}&sort={search}"),
        format!("/scorecards?period={search}"),
        "/data/imports/1".to_owned(),
    ];
    let mut names_seen = 0;
    for path in pages {
        let page = server.get(&path).text();
        for tag in html::tags(&page) {
            assert!(tag.name != "script" && tag.name != "img", "{path} has a tag {}", tag.name);
            assert!(tag.attributes().all(|(name, _)| !name.starts_with("on")), "{path}: {}", tag.name);
        }
        names_seen += u32::from(html::text(&page).contains(SCRIPT));
    }
    assert!(names_seen >= 4, "the name stands there as text: {names_seen}");
}

#[test]
fn no_exported_cell_is_a_formula() {
    let (program, files) = (Program::new(), hostile_company());
    files.deliver(&program);
    let server = Server::start(&program);
    let query = |by| program.prints(&["query", "--metric", "bookings", "--by", by, "--format", "csv"]);
    let exports = [
        server.text("/scorecards/rows/bookings?period=all"),
        server.text("/scorecards/rows/win_rate_count?period=2024-Q1"),
        server.text("/scorecards/rows/buyer_retention?period=2024-Q2"),
        query("rep"),
        query("region"),
    ];
    for export in exports {
        let mut reader = csv::Reader::from_reader(export.as_bytes());
        let mut quoted = 0;
        for record in reader.records() {
            for cell in &record.expect("a record") {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell} in\n{export}");
                quoted += u32::from(cell.starts_with('\''));
            }
        }
        assert!(quoted > 0, "the names are in it:\n{export}");
    }
}

#[test]
fn the_history_shows_each_report_and_hands_rejected_rows_back() {
    let (program, files) = (Program::new(), Files::new());
    files.map(&MAPPING.replace("deals.csv", "\"März deals #1 100%.csv\""));
    let name = "März deals #1 100%.csv";
    std::fs::remove_file(files.input().join("deals.csv")).expect("removed");
    let bad = "D-5,Fifth,Acme,anna,2024-01-10,2024-02-01,Won,12x";
    files.write(name, "deal,title,account,owner,created,closed,stage,amount", &[&DEALS[..], &[bad]].concat());
    files.deliver(&program);
    let server = Server::start(&program);
    let history = server.text("/data/imports");
    assert_eq!(html::link_text(&history, "/data/imports/1").trim(), "Import 1");
    assert!(html::text(&history).contains("crm"), "the source");
    let report = server.text("/data/imports/1");
    let text = html::text(&report);
    assert!(text.contains("7 read = 6 accepted + 0 unchanged + 0 filtered + 1 rejected"), "{text}");
    assert!(
        text.contains(&format!("{name} 6 amount 12x is not a number")),
        "file, line, column, value, reason: {text}"
    );
    let rejects = html::links(&report).into_iter().find(|(_, text)| text.contains("Rejected rows"));
    let reply = server.get(&rejects.expect("a link").0);
    assert_eq!(reply.header("content-type"), Some("text/csv; charset=utf-8"), "{}", reply.text());
    assert!(reply.header("content-disposition").is_some_and(|value| value.starts_with("attachment")));
    let reason = "is not a number as in 1234.56";
    assert_eq!(
        reply.text(),
        format!(
            "attain_line,attain_column,attain_reason,deal,title,account,owner,created,closed,stage,amount\n6,amount,{reason},{bad}\n"
        )
    );
}

/// Reports name files; where the program was started from must not matter to the server.
#[test]
fn rejected_rows_are_found_from_another_working_directory() {
    let (program, files) = (Program::new(), Files::new());
    files.deals(&["D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,12x", DEALS[1]]);
    let mut import = program.command(&["import", "--mapping"]);
    import
        .arg(files.mapping())
        .arg(files.input())
        .current_dir(program.folder.path())
        .env("ATTAIN_DATA", "data");
    assert!(import.output().expect("the program starts").status.success());
    let server = Server::start(&program);
    assert!(server.text("/data/imports/1/rejects/deals.csv").contains("12x"));
}

/// The same rows again, but more of the time is covered: the pages say so at once.
#[test]
fn the_server_notices_an_import_that_only_covers_more() {
    let on_postgres = Postgres::shared().map(|server| Program::on_postgres(server.create_database()));
    for program in std::iter::once(Program::new()).chain(on_postgres) {
        let files = Files::new();
        files.map(&MAPPING.replace("to: 2025-01-01", "to: 2024-07-01"));
        files.deliver(&program);
        let server = Server::start(&program);
        let served =
            || server.get("/api/v1/numbers?metric=bookings&period=2024-Q4").json()[0]["codes"].clone();
        assert_eq!(served(), serde_json::json!(["E1"]));
        files.map(MAPPING);
        files.deliver(&program);
        assert_eq!(program.ask(&["bookings"], "", "2024-Q4").get("", "2024-Q4", "bookings").codes, "E0");
        assert_eq!(served(), serde_json::json!(["E0"]));
    }
}

/// The second delivery of the sample company under way: one deal fewer.
fn begin_import(program: &Program, folder: &std::path::Path) -> Child {
    let pipeline = folder.join("sales_pipeline.csv");
    let text = std::fs::read_to_string(&pipeline).expect("pipeline");
    let last = text.trim_end().rfind('\n').expect("rows");
    std::fs::write(&pipeline, &text[..=last]).expect("write");
    let mut import = program.command(&["import", "--mapping"]);
    import.arg(maven_mapping()).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
    import.spawn().expect("the program starts")
}

#[test]
fn pages_are_answered_while_an_import_runs_and_show_it_afterwards() {
    let Some(files) = shared_data("maven_crm") else { return };
    let program = Program::with_maven(&files);
    let server = Server::start(&program);
    let copy = tempfile::tempdir().expect("temporary folder");
    copy_files(&files, &MAVEN_FILES, copy.path());
    let mut import = begin_import(&program, copy.path());
    let mut meanwhile = Vec::new();
    while import.try_wait().expect("a child").is_none() {
        let asked_at = Timestamp::now();
        let number = &server.get("/api/v1/numbers?metric=opportunities").json()[0];
        meanwhile.push((asked_at, number["snapshot"].clone(), number["value"].clone()));
    }
    assert!(import.wait().expect("a child").success());
    assert!(meanwhile.len() > 5, "{meanwhile:?}");
    for (_, snapshot, value) in &meanwhile {
        assert!((snapshot == 1 && value == 8800) || (snapshot == 2 && value == 8799), "{snapshot}: {value}");
    }
    let number = &server.get("/api/v1/numbers?metric=opportunities").json()[0];
    assert_eq!((&number["snapshot"], &number["value"]), (&2.into(), &8799.into()));
    assert!(html::text(&server.text("/scorecards")).contains("snapshot 2"));
    // It became known when it was committed: whoever asked halfway through was told the old figure.
    let committed: Timestamp = server.get("/api/v1/imports/2").json()["finished_at"]
        .as_str()
        .expect("an instant")
        .parse()
        .expect("an instant");
    let old: Vec<Timestamp> =
        meanwhile.iter().filter(|(_, snapshot, _)| snapshot == 1).map(|(asked_at, ..)| *asked_at).collect();
    assert!(
        old[old.len() / 2] < committed,
        "known from {committed} on, and not known at {}",
        old[old.len() / 2]
    );
}
