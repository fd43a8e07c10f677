//! `attain demo`: a company to look at in one command, and files to learn the mapping from.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::html;
use crate::program::{Program, Server};

/// Everything that is asked of both companies.
const QUESTIONS: [(&str, &str, &str); 3] = [
    ("bookings,win_rate_count,median_deal_size,customers,buyer_retention", "region", "quarter"),
    ("bookings,win_rate_count,cycle_time_median,open_pipeline", "rep", "2026-Q4"),
    ("opps_created,deals_won,win_rate_cohort_all", "product", "2026,all"),
];

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("a file").file_name().into_string().expect("a name")).collect();
    names.sort();
    names
}

#[test]
fn the_demo_serves_a_company_whose_files_give_the_same_numbers_elsewhere() {
    let program = Program::new();
    let files = program.folder.path().join("files");
    let server = Server::demo(&program, &files, "127.0.0.1:0");
    let card = html::text(&server.text("/scorecards"));
    assert!(card.contains("Norrevik Instruments") && card.contains("decided deals were won"), "{card}");
    assert_eq!(
        names(&files),
        [
            "accounts.csv",
            "assignments.csv",
            "managers.csv",
            "mapping.yaml",
            "opportunities.csv",
            "products.csv",
            "teams.csv",
            "users.csv"
        ]
    );
    let said = std::fs::read_to_string(program.folder.path().join("demo.log")).expect("a log");
    assert!(
        said.contains("of 7 files: Norrevik Instruments") && said.contains(&files.display().to_string()),
        "{said}"
    );
    assert!(!program.data().exists(), "the demo is never mixed with a company's own data");
    let report = program.import(&files, &files.join("mapping.yaml"));
    assert!(report.contains("Import 1:") && report.contains("snapshot 1"), "{report}");
    for (metrics, by, period) in QUESTIONS {
        let arguments = ["query", "--metric", metrics, "--by", by, "--period", period, "--format", "json"];
        let own: serde_json::Value = serde_json::from_str(&program.prints(&arguments)).expect("numbers");
        let path = format!("/api/v1/numbers?metric={metrics}&by={by}&period={period}");
        assert!(own.as_array().is_some_and(|numbers| numbers.len() > 20), "{path}");
        assert_eq!(server.get(&path).json(), own, "{path}");
    }
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
    let own = program.folder.path().join("opportunities.csv");
    std::fs::write(&own, "years of work").expect("a file");
    let refused = program.refuses(&[
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--files",
        &program.folder.path().to_string_lossy(),
    ]);
    assert!(refused.contains("opportunities.csv is there already"), "{refused}");
    assert_eq!(std::fs::read_to_string(&own).expect("a file"), "years of work");
    assert_eq!(names(program.folder.path()), ["opportunities.csv"], "nothing beside it either");
}

#[test]
fn a_demo_listens_on_this_machine_only() {
    let refused = Program::new().refuses(&["demo", "--listen", "0.0.0.0:0"]);
    assert!(refused.contains("can be reached from other machines"), "{refused}");
}
