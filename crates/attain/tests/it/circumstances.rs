//! Results against what was to be expected in the same circumstances, and which circumstances count.

use attain_testing::Postgres;
use serde_json::Value;

use crate::company_of_many::{account, files, mapping_of_segments, person};
use crate::html;
use crate::program::{Program, Server};

/// Of every person the deals won of those decided with large and with small customers.
type Record = (&'static str, (usize, usize), (usize, usize));

/// Everybody wins half with small customers and a tenth with large ones; fay has large ones alone, gus
/// wins fewer than anybody would.
const PEOPLE: [Record; 7] = [
    ("fay", (0, 0), (8, 80)),
    ("gus", (8, 60), (1, 20)),
    ("hal", (30, 60), (2, 20)),
    ("ida", (32, 60), (2, 20)),
    ("jon", (31, 60), (2, 20)),
    ("kim", (30, 60), (2, 20)),
    ("lea", (2, 4), (0, 1)),
];

fn delivered(program: &Program) -> Server {
    let files = files();
    let mut deals = Vec::new();
    for (owner, small, large) in PEOPLE {
        for (account, (won, decided), amount) in [("Small", small, 100), ("Large", large, 1000)] {
            for at in 0..decided {
                let (outcome, day) = (if at < won { "Won" } else { "Lost" }, at % 28 + 1);
                deals.push(format!("{owner}-{account}-{at},Deal,{account},{owner},2024-01-10,2024-02-{day:02},{outcome},{amount}"));
            }
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.map(&mapping_of_segments());
    files.deliver(program);
    Server::start(program)
}

fn expected(server: &Server, cookie: &str, metric: &str) -> Value {
    let path =
        format!("/api/v1/expectations?level=manager&id={}&period=2024-Q1&metric={metric}", person("emil"));
    let reply = server.get_as(cookie, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn of<'v>(expected: &'v Value, name: &str) -> &'v Value {
    let people = expected["people"].as_array().expect("people");
    people
        .iter()
        .find(|one| one["id"] == person(name).as_str())
        .unwrap_or_else(|| panic!("{name}: {expected}"))
}

#[test]
fn winning_less_where_less_can_be_won_is_as_expected() {
    let program = Program::new();
    let server = delivered(&program);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    for metric in ["deals_won", "bookings"] {
        let found = expected(&server, &emil, metric);
        let fay = of(&found, "fay");
        assert_eq!(fay["verdict"].as_str(), Some("cannot be told apart"), "{fay}");
        assert_eq!(fay["decided"].as_u64(), Some(80));
    }
    let found = expected(&server, &emil, "deals_won");
    let gus = of(&found, "gus");
    assert_eq!(gus["verdict"].as_str(), Some("clearly below"), "{gus}");
    // Raw and adjusted stand together: 9 of 80, in everybody's circumstances about 13 of a hundred.
    assert_eq!(gus["observed"].as_f64(), Some(9.0));
    assert!(gus["adjusted"].as_f64().is_some_and(|rate| (0.05..0.2).contains(&rate)), "{gus}");
    let lea = of(&found, "lea");
    assert_eq!((lea["verdict"].as_str(), lea["not_expected"].as_str()), (None, Some("too few")), "{lea}");
    // By the raw rate, fay is told to be below the others; the page that says so leads to this one.
    let compared = server
        .get_as(&emil, &format!("/api/v1/comparison?level=manager&id={}&period=2024-Q1", person("emil")));
    assert_eq!(of(&compared.json(), "fay")["verdict"].as_str(), Some("clearly below"));
    let page = format!("/circumstances/manager/{}?period=2024-Q1&metric=deals_won", person("emil"));
    let shown = html::text(&server.get_as(&emil, &page).text());
    assert!(shown.contains("clearly below Gus") && shown.contains("Adjusted"), "{shown}");
}

#[test]
fn which_circumstances_count_is_a_policy_with_versions() {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        let server = delivered(program);
        let emil = account(program, &server, "emil", Some("emil"), &[]);
        let otto = account(program, &server, "otto", None, &["ops"]);
        let path = "/circumstances/policy";
        let send = |cookie: &str, first: &str, reason: &str| {
            server.submit_as(cookie, path, &[("first", first), ("reason", reason)])
        };
        assert_eq!(expected(&server, &emil, "deals_won")["policy"].as_u64(), Some(0));
        assert_eq!(send(&emil, "account__industry", "because").status, 404, "managers do not decide");
        for (first, reason, words) in [
            ("rep__sex", "because", "is no circumstance"),
            ("discount_rate", "because", "is no circumstance"),
            ("account__industry", " ", "Say why"),
            ("", "because", "at least one"),
        ] {
            let reply = send(&otto, first, reason);
            let said = html::text(&reply.text());
            assert!(reply.status == 422 && said.contains(words), "{first}: {} {said}", reply.status);
        }
        assert_eq!(send(&otto, "account__industry", "segments are too coarse").status, 303);
        let found = expected(&server, &emil, "deals_won");
        assert_eq!(
            (found["policy"].as_u64(), found["circumstances"][0].as_str()),
            (Some(1), Some("account__industry"))
        );
        // Nobody's customers have an industry: all deals are alike, and fay is held against everybody.
        assert_eq!(of(&found, "fay")["verdict"].as_str(), Some("clearly below"), "{found}");
        let shown = html::text(&server.get_as(&emil, path).text());
        assert!(shown.contains("segments are too coarse") && shown.contains("otto"), "{shown}");
        assert!(!shown.contains("Let them count"), "who does not decide has no form");
        assert!(program.prints(&["audit", "export", "--format", "csv"]).contains("circumstances.change"));
    }
}

#[test]
fn expectations_open_with_the_people_they_are_of() {
    let program = Program::new();
    let server = delivered(&program);
    let fay = account(&program, &server, "fay", Some("fay"), &[]);
    let own = format!("/circumstances/rep/{}?period=2024-Q1", person("fay"));
    assert_eq!(server.get_as(&fay, &own).status, 200);
    for path in [
        format!("/circumstances/rep/{}", person("gus")),
        format!("/circumstances/manager/{}", person("emil")),
        "/circumstances".to_owned(),
        "/circumstances/product/product-1".to_owned(),
    ] {
        assert_eq!(server.get_as(&fay, &path).status, 404, "{path}");
    }
    let exec = account(&program, &server, "erik", None, &["exec"]);
    assert_eq!(server.get_as(&exec, "/circumstances").status, 404, "aggregates do not open people");
    let empty = format!("{own}&period=2031-Q1").replace("period=2024-Q1&", "");
    let shown = html::text(&server.get_as(&fay, &empty).text());
    assert!(shown.contains("No deal of these people") || shown.contains("not enough to say"), "{shown}");
}
