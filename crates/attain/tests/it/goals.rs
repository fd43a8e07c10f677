//! Goals: proposed, countered, acknowledged by both, changed in mid-period, and held against what is
//! attained (journey W3).

use attain_testing::Postgres;
use serde_json::Value;

use crate::acting_for_others::day;
use crate::company_of_many::{account, files, person};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{Files, MAPPING};

/// The company of many in the year under way: Anna won 100 today, Ben 40.
pub(crate) fn this_year() -> Files {
    let files = files();
    let covered = format!("covers: {{ from: {}-01-01, to: {} }}", &day(0)[..4], day(1));
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it");
    files.map(&format!(
        "{}{managers}",
        MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covered)
    ));
    let today = day(0);
    files.deals(&[
        &format!("D-1,First,Acme,anna,{today},{today},Won,100"),
        &format!("D-2,Second,Bolt,ben,{today},{today},Won,40"),
    ]);
    files
}

/// This quarter: key and last day.
pub(crate) fn quarter() -> (String, String) {
    let (year, month) = (&day(0)[..4], day(0)[5..7].parse::<u32>().expect("a month"));
    let number = month.div_ceil(3);
    let ends = ["03-31", "06-30", "09-30", "12-31"][number as usize - 1];
    (format!("{year}-Q{number}"), format!("{year}-{ends}"))
}

fn on_both(story: impl Fn(&Program, &Server)) {
    with_on_both(this_year, story);
}

/// A story of a company, on SQLite and on PostgreSQL.
pub(crate) fn with_on_both(company: impl Fn() -> Files, story: impl Fn(&Program, &Server)) {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        company().deliver(program);
        story(program, &Server::start(program));
    }
}

/// Goals as the API has them.
pub(crate) fn goals(server: &Server, cookie: &str, level: &str, name: &str) -> Vec<Value> {
    let reply = server.get_as(cookie, &format!("/api/v1/goals?level={level}&id={}", person(name)));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().as_array().expect("goals").clone()
}

/// Proposes a goal of bookings: where it leads, or what is said.
pub(crate) fn propose(server: &Server, cookie: &str, level: &str, name: &str, value: &str) -> (u16, String) {
    let (period, _) = quarter();
    let fields = [
        ("metric", "bookings"),
        ("period", &period),
        ("value", value),
        ("from", ""),
        ("reason", "as planned"),
    ];
    let reply = server.submit_as(cookie, &format!("/goals/{level}/{}", person(name)), &fields);
    (reply.status, reply.header("location").map_or_else(|| html::text(&reply.text()), str::to_owned))
}

pub(crate) fn text(server: &Server, cookie: &str, path: &str) -> String {
    html::text(&server.get_as(cookie, path).text())
}

#[test]
fn a_goal_is_proposed_countered_acknowledged_and_changed() {
    on_both(|program, server| {
        let dora = account(program, server, "dora", Some("dora"), &[]);
        let anna = account(program, server, "anna", Some("anna"), &[]);
        let (status, goal) = propose(server, &dora, "rep", "anna", "400");
        assert_eq!((status, goal.as_str()), (303, "/goal/1"));
        let page = text(server, &anna, &goal);
        assert!(
            page.contains("proposed") && page.contains("Acknowledge") && page.contains("Decline"),
            "{page}"
        );
        assert!(
            goals(server, &anna, "rep", "anna")[0]["target"].is_null(),
            "what is proposed does not hold yet"
        );

        let counter = [("value", "300"), ("from", ""), ("reason", "two accounts left")];
        assert_eq!(server.submit_as(&anna, "/goal/1/change", &counter).status, 303);
        let page = text(server, &dora, &goal);
        assert!(page.contains("countered") && page.contains("two accounts left"), "{page}");
        assert_eq!(
            server.submit_as(&anna, "/goal/1/acknowledge", &[]).status,
            409,
            "one does not answer oneself"
        );
        assert_eq!(server.submit_as(&dora, "/goal/1/acknowledge", &[]).status, 303);
        let held = &goals(server, &anna, "rep", "anna")[0];
        assert_eq!(
            (held["state"].as_str(), held["target"].as_str(), held["value"].as_str()),
            (Some("in force"), Some("300"), Some("100"))
        );
        assert!(held["attainment"].as_str().is_some_and(|share| share.starts_with("0.3333")), "{held}");
        let page = text(server, &anna, &format!("/goals/rep/{}", person("anna")));
        assert!(page.contains("33.3 % of the target") && page.contains("should be done by now"), "{page}");

        // In mid-quarter: from its last day on, so that the old one holds for all the days before.
        let (_, last) = quarter();
        let change = [("value", "900"), ("from", last.as_str()), ("reason", "a territory more")];
        assert_eq!(server.submit_as(&dora, "/goal/1/change", &change).status, 303);
        let target = || {
            let text =
                goals(server, &anna, "rep", "anna")[0]["target"].as_str().expect("a target").to_owned();
            text.parse::<f64>().expect("a number")
        };
        assert!((target() - 300.0).abs() < 1e-9, "until both agree the old one holds");
        assert_eq!(server.submit_as(&anna, "/goal/1/acknowledge", &[]).status, 303);
        let is_worked =
            last.parse::<jiff::civil::Date>().is_ok_and(|day| day.weekday().to_monday_one_offset() <= 5);
        let changed = if is_worked { target() > 300.0 } else { (target() - 300.0).abs() < 1e-9 };
        assert!(changed && target() < 330.0, "{}", target());
        let page = text(server, &anna, &goal);
        assert!(
            page.contains("as planned") && page.contains("a territory more"),
            "every version stays: {page}"
        );
        assert_eq!(page.contains("superseded"), last == day(0), "the old one holds up to that day: {page}");
        let log = program.prints(&["audit", "export"]);
        for act in ["goal.propose", "goal.counter", "goal.acknowledge"] {
            assert!(log.contains(act), "{act}");
        }
    });
}

#[test]
fn a_teams_people_add_up_beside_the_team_and_the_difference_is_said() {
    on_both(|program, server| {
        let carla = account(program, server, "carla", Some("carla"), &[]);
        let dora = account(program, server, "dora", Some("dora"), &[]);
        for (who, level, name, value) in
            [(&carla, "manager", "dora", "1000"), (&dora, "rep", "anna", "700"), (&dora, "rep", "ben", "340")]
        {
            assert_eq!(propose(server, who, level, name, value).0, 303, "{name}");
        }
        for (goal, name) in [(1, "dora"), (2, "anna"), (3, "ben")] {
            let own = match name {
                "dora" => dora.clone(),
                other => account(program, server, other, Some(other), &[]),
            };
            assert_eq!(server.submit_as(&own, &format!("/goal/{goal}/acknowledge"), &[]).status, 303);
        }
        let page = text(server, &dora, &format!("/goals/manager/{}", person("dora")));
        assert!(page.contains("add up to 1,040 EUR, 104.0 % of the team's: 40 EUR more"), "{page}");
        assert!(page.contains("14.0 % of the target"), "the team's own: 140 of 1000: {page}");
        // Dora's own as a seller is one of the people's.
        assert_eq!(propose(server, &carla, "rep", "dora", "60").0, 303);
        let team = goals(server, &dora, "manager", "dora");
        let whose = |level: &str| {
            let of_level = team.iter().filter(|goal| goal["level"] == level);
            of_level.filter_map(|goal| goal["name"].as_str()).collect::<Vec<_>>()
        };
        assert_eq!((whose("rep"), whose("manager")), (vec!["Anna", "Ben", "Dora"], vec!["Dora"]), "{team:?}");
        let start = server.get_as(&dora, "/goals");
        assert_eq!(start.header("location"), Some(format!("/goals/manager/{}", person("dora")).as_str()));
    });
}

#[test]
fn goals_are_between_the_two_they_concern() {
    on_both(|program, server| {
        let [carla, dora, emil, anna, ben] = ["carla", "dora", "emil", "anna", "ben"]
            .map(|name| account(program, server, name, Some(name), &[]));
        let hanna = account(program, server, "hanna", None, &["hrbp"]);
        assert_eq!(propose(server, &dora, "rep", "anna", "400").0, 303);
        for stranger in [&ben, &emil] {
            assert_eq!(server.get_as(stranger, "/goal/1").status, 404);
            assert_eq!(server.submit_as(stranger, "/goal/1/acknowledge", &[]).status, 404);
            assert_eq!(propose(server, stranger, "rep", "anna", "1").0, 404);
        }
        assert_eq!(server.get_as(&hanna, "/goal/1").status, 200, "an HR partner reads");
        assert!(!server.get_as(&hanna, "/goal/1").text().contains("/goal/1/acknowledge"));
        assert_eq!(server.submit_as(&hanna, "/goal/1/acknowledge", &[]).status, 404);
        let erik = account(program, server, "erik", None, &["exec"]);
        assert_eq!(server.get_as(&erik, "/goal/1").status, 404, "aggregates are no goals");
        let ada = account(program, server, "ada", Some("kim"), &["admin"]);
        let number = program.prints(&["user", "list", "--format", "csv"]);
        let number =
            number.lines().find(|line| line.contains("anna@")).and_then(|line| line.split(',').next());
        let view = format!("/people/accounts/{}/view", number.expect("her account"));
        assert_eq!(server.submit_as(&ada, &view, &[]).status, 303);
        assert_eq!(server.get_as(&ada, "/goal/1").status, 404, "not by looking as her either");
        let page = text(server, &ada, &format!("/goals/rep/{}", person("anna")));
        assert!(page.contains("You see pages as anna does") && !page.contains("400"), "{page}");
        assert_eq!(
            server.submit_as(&carla, "/goal/1/acknowledge", &[]).status,
            409,
            "the leaders' side has agreed"
        );
        let declined =
            server.submit_as(&anna, "/goal/1/decline", &[("reason", "not with two accounts less")]);
        assert_eq!(declined.status, 303, "{}", declined.text());
        assert!(text(server, &dora, "/goal/1").contains("declined: not with two accounts less"));
        assert_eq!(goals(server, &anna, "rep", "anna"), Vec::<Value>::new(), "what was declined is no goal");
        assert_eq!(
            propose(server, &anna, "rep", "anna", "250"),
            (303, "/goal/2".to_owned()),
            "a rep may propose"
        );
        assert_eq!(server.submit_as(&anna, "/goal/2/withdraw", &[]).status, 303);
        assert_eq!(server.submit_as(&dora, "/goal/2/acknowledge", &[]).status, 409, "it was taken back");
        assert_eq!(propose(server, &anna, "rep", "anna", "260").1, "/goal/3");
        assert_eq!(
            propose(server, &dora, "rep", "anna", "300").1,
            "/goal/3",
            "one goal a metric and period: change it"
        );
    });
}

#[test]
fn what_cannot_be_a_goal_is_said_and_nothing_is_kept() {
    let program = Program::new();
    this_year().deliver(&program);
    let server = Server::start(&program);
    let dora = account(&program, &server, "dora", Some("dora"), &[]);
    let path = format!("/goals/rep/{}", person("anna"));
    let (period, last) = quarter();
    let long = "x".repeat(2_001);
    for (metric, of, value, from, reason, words) in [
        ("bookings", period.as_str(), "0", "", "why", "more than zero"),
        ("bookings", &period, "-5", "", "why", "more than zero"),
        ("bookings", &period, "much", "", "why", "no number"),
        ("bookings", &period, "1e99", "", "why", "no number"),
        ("bookings", &period, "0,25", "", "why", "no number"),
        ("bookings", &period, "1,5", "", "why", "no number"),
        ("win_rate_count", &period, "99999999999999999999999999", "", "why", "no number"),
        ("bookings", &period, "0.0000001", "", "why", "no number"),
        ("bookings", &period, "5", last.as_str(), " ", "Say why"),
        ("bookings", &period, "5", "", long.as_str(), "Say why"),
        ("bookings", "2019-Q1", "5", "", "why", "is over"),
        ("bookings", "all", "5", "", "why", "first and a last day"),
        ("nothing", &period, "5", "", "why", "Choose a metric"),
    ] {
        let fields =
            [("metric", metric), ("period", of), ("value", value), ("from", from), ("reason", reason)];
        let reply = server.submit_as(&dora, &path, &fields);
        let said = html::text(&reply.text());
        assert!(
            reply.status == 422 && said.contains(words),
            "{value} {from} {reason:.20}: {} {said}",
            reply.status
        );
    }
    assert_eq!(server.get_as(&dora, "/goal/1").status, 404);
    assert_eq!(server.get_as(&dora, "/goal/none").status, 404);
    assert_eq!(server.get_as(&dora, "/goals/region/team-1").status, 404);
    assert_eq!(propose(&server, &dora, "rep", "anna", "1,200,000.50").0, 303, "as people write it");
    for (from, words) in [("2019-01-01", "outside the period"), ("soon", "no date")] {
        let fields = [("value", "5"), ("from", from), ("reason", "why")];
        let reply = server.submit_as(&dora, "/goal/1/change", &fields);
        let said = html::text(&reply.text());
        assert!(reply.status == 409 && said.contains(words), "{from}: {said}");
    }
}
