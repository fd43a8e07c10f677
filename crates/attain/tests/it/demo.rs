//! `attain demo`: a company to look at in one command, and files to learn the mapping from.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::html;
use crate::program::{Program, Server};

/// Everything that is asked of both companies, about quarters that are over. Who owned what when is
/// learnt from one delivery to the next, so people are asked about elsewhere only in quarters that
/// came in the first.
const QUESTIONS: [(&str, &str, &str); 4] = [
    ("bookings,deals_decided,median_deal_size,customers", "segment", "2026-Q3"),
    ("opps_created,deals_won,win_rate_cohort_all", "product", "2026"),
    ("bookings,quota_attainment,meetings_held,buyer_retention", "rep", "2025-Q3"),
    ("leads_created,emails_sent,arr,nps", "", "2026-Q3"),
];

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("a file").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

/// The days of the deliveries.
const DELIVERIES: [&str; 8] = [
    "2025-06-30",
    "2025-09-30",
    "2025-11-14",
    "2025-12-31",
    "2026-02-28",
    "2026-03-31",
    "2026-06-30",
    "2026-08-21",
];

#[test]
fn the_demo_serves_a_company_whose_files_give_the_same_numbers_elsewhere() {
    let program = Program::new();
    let files = program.folder.path().join("files");
    let server = Server::demo(&program, &files, "127.0.0.1:0");
    let card = html::text(&server.text("/scorecards"));
    assert!(card.contains("Norrevik Instruments") && card.contains("decided deals were won"), "{card}");
    assert_eq!(names(&files), [&DELIVERIES[..], &["mapping.yaml"]].concat());
    let compared = server.get("/api/v1/comparison?period=2026-Q4&role=AE").json();
    let id = compared["people"][0]["id"].as_str().expect("an account executive");
    let score = server.get(&format!("/api/v1/score?level=rep&id={id}&period=2026-Q4")).json();
    assert_eq!((&score["card"], &score["coverage"]), (&1.into(), &"1".into()), "{score}");
    assert!(score["score"].is_string(), "goals were agreed on, and a card was written: {score}");
    let said = std::fs::read_to_string(program.folder.path().join("demo.log")).expect("a log");
    assert!(said.contains("Imported 8 deliveries: Norrevik Instruments"), "{said}");
    assert!(said.contains("Delivery of 2025-11-14") && said.contains(&files.display().to_string()), "{said}");
    assert!(!program.data().exists(), "the demo is never mixed with a company's own data");
    for delivery in DELIVERIES {
        let folder = files.join(delivery);
        let mut arguments = vec!["import".to_owned()];
        arguments.extend(names(&folder).iter().map(|name| folder.join(name).display().to_string()));
        arguments.extend(["--mapping".to_owned(), files.join("mapping.yaml").display().to_string()]);
        program.prints(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    }
    for (metrics, by, period) in QUESTIONS {
        let mut arguments = vec!["query", "--metric", metrics, "--period", period, "--format", "json"];
        arguments.extend(if by.is_empty() { vec![] } else { vec!["--by", by] });
        let own: serde_json::Value = serde_json::from_str(&program.prints(&arguments)).expect("numbers");
        let split = if by.is_empty() { String::new() } else { format!("&by={by}") };
        let path = format!("/api/v1/numbers?metric={metrics}{split}&period={period}");
        assert!(own.as_array().is_some_and(|numbers| numbers.len() > 1), "{path}");
        assert_eq!(values(server.get(&path).json()), values(own), "{path}");
    }
}

/// Numbers without what is said beside them. The dated deliveries show when deals of people who left were
/// given to others; imported at one sitting they stay with who had them first (T2), and three that closed
/// after that person left are nobody's (E14).
fn values(mut numbers: serde_json::Value) -> serde_json::Value {
    for number in numbers.as_array_mut().into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
        number.remove("codes");
        number.remove("unassigned_share");
    }
    numbers
}

/// Rule T2 over the demo's own deliveries: the eleven deals of R05 that R06 owns now.
#[test]
fn the_demo_knows_what_it_knew_when() {
    let program = Program::new();
    let server = Server::demo(&program, &program.folder.path().join("files"), "127.0.0.1:0");
    let imports = html::text(&server.text("/data/imports"));
    assert!(imports.contains("14 Nov 2025, 20:00") && imports.contains("21 Aug 2026, 20:00"), "{imports}");
    let found = server.get("/api/v1/numbers?metric=bookings&by=rep&period=2026-Q1").json();
    let found = found.as_array().expect("numbers").iter().map(|number| &number["members"][0]);
    let seller = found.into_iter().find(|member| member["name"] == "Callum Strathearn").expect("R05");
    let id = seller["id"].as_str().expect("an id");
    let difference = |query: &str| server.get(&format!("/api/v1/numbers/bookings/difference?{query}")).json();
    let own = difference(&format!("level=rep&id={id}&period=2026-Q1&from=2025-10-01"));
    assert!(!own["then"]["number"]["value"].is_null(), "{own}");
    assert_eq!(own["then"]["number"]["value"], own["now"]["number"]["value"], "what was closed stays");
    let changed = own["rows"].as_array().expect("rows");
    assert!(
        !changed.is_empty() && changed.iter().all(|row| row["row"]["owner"] == "Femke Dijkhuis"),
        "{own}"
    );
    let whole = difference("period=2026-Q2&from=2025-11-14&to=2025-12-31");
    assert_eq!(whole["then"]["known_at"], "2025-11-14T19:00:00Z");
    assert!(whole["added"]["rows"].as_u64() > Some(50), "the quarter went on: {whole}");
}

/// Planted truth P5: what was delivered on the day of the handover lists exactly the eleven deals.
#[test]
fn the_import_that_gave_eleven_closed_deals_away_lists_them() {
    let program = Program::new();
    let files = program.folder.path().join("files");
    let server = Server::demo(&program, &files, "127.0.0.1:0");
    let past = server.get("/api/v1/imports/3/past").json();
    let deals = past["deals"].as_array().expect("deals");
    let listed: BTreeSet<&str> = deals.iter().filter_map(|deal| deal["deal"].as_str()).collect();
    let given = given_away(&files);
    assert_eq!((given.len(), listed.len()), (11, deals.len()), "{given:?}");
    assert!(listed.iter().copied().eq(given.iter().map(String::as_str)), "{listed:?} {given:?}");
    for deal in deals {
        let named = |person: &str| deal[person]["name"].as_str();
        assert_eq!([named("from"), named("to")], [Some("Callum Strathearn"), Some("Femke Dijkhuis")]);
        assert_eq!((named("counts_for"), &deal["period"]), (named("from"), &"2026-Q1".into()), "{deal}");
    }
    let page = html::text(&server.text("/data/imports/3/past"));
    assert!(
        page.contains("11 closed deals change hands. Past credit stays with Callum Strathearn"),
        "{page}"
    );
}

/// Deals that the delivery of the handover gives to others than the one before, though they were closed
/// by then: read from the files alone.
fn given_away(files: &Path) -> BTreeSet<String> {
    let mut owners: BTreeMap<String, (String, bool)> = BTreeMap::new();
    let mut given = BTreeSet::new();
    for delivery in DELIVERIES.into_iter().filter(|day| *day <= "2025-11-14") {
        let path = files.join(delivery).join("opportunities.csv");
        let mut reader = csv::Reader::from_path(path).expect("opportunities");
        let header = reader.headers().expect("a header").clone();
        for row in reader.records() {
            let row = row.expect("a row");
            let cell = |name: &str| {
                let position = header.iter().position(|column| column == name);
                position.and_then(|position| row.get(position)).unwrap_or_default().to_owned()
            };
            let (id, owner) = (cell("Id"), cell("OwnerId"));
            let is_closed = cell("StageName").starts_with("Closed");
            let before = owners.insert(id.clone(), (owner.clone(), is_closed));
            if before.is_some_and(|(other, was_closed)| was_closed && other != owner) {
                given.insert(id);
            }
        }
    }
    given
}

#[test]
fn a_taken_port_gives_way_to_the_next_and_what_the_demo_made_goes_with_it() {
    let program = Program::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address");
    let server = Server::demo(&program, &program.folder.path().join("files"), &address.to_string());
    let port: u16 = server.address().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    assert!(
        (1..=100).contains(&(i32::from(port) - i32::from(address.port()))),
        "{address} taken, {port} used"
    );
    assert_eq!(server.get("/scorecards").status, 200);
    let interrupt = Command::new("kill").args(["-INT", &server.process().to_string()]).status();
    assert!(interrupt.expect("kill").success());
    assert!(server.ends_well(), "Ctrl C is no failure");
    assert_eq!(names(program.folder.path()), ["demo.log", "files"], "its data directory is gone");
    let refused = program.refuses(&["serve", "--listen", &address.to_string()]);
    assert!(refused.contains("could not listen on") && refused.contains("--listen"), "{refused}");
}

#[test]
fn the_demo_leaves_files_alone_that_are_not_its_own() {
    let program = Program::new();
    let own = program.folder.path().join("mapping.yaml");
    std::fs::write(&own, "years of work").expect("a file");
    let refused = program.refuses(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--files",
        &program.folder.path().to_string_lossy(),
    ]);
    assert!(refused.contains("mapping.yaml is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(&own).expect("a file"), "years of work");
    assert_eq!(names(program.folder.path()), ["mapping.yaml"], "nothing beside it either");
}

#[test]
fn a_demo_listens_on_this_machine_only() {
    let refused = Program::new().refuses(&["demo", "--listen", "0.0.0.0:0"]);
    assert!(refused.contains("can be reached from other machines"), "{refused}");
}
