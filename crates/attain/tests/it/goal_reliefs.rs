//! Targets from above beside those below, and reliefs: asked for by a leader, decided one level up, with
//! what is attained shown before and after.

use serde_json::{Value, json};

use crate::acting_for_others::day;
use crate::company_of_many::{account, person};
use crate::goals::{goals, propose, quarter, text, this_year, with_on_both};
use crate::html;
use crate::program::{Program, Server};

/// The first and last day of this quarter.
fn bounds() -> (String, String) {
    let (key, last) = quarter();
    let month = match &key[5..] {
        "Q1" => "01",
        "Q2" => "04",
        "Q3" => "07",
        _ => "10",
    };
    (format!("{}-{month}-01", &day(0)[..4]), last)
}

/// A goal of bookings that both sides agreed on.
fn agreed(server: &Server, leader: &str, own: &str, level: &str, name: &str, value: &str) -> String {
    let (status, goal) = propose(server, leader, level, name, value);
    assert_eq!(status, 303, "{goal}");
    assert_eq!(server.submit_as(own, &format!("{goal}/acknowledge"), &[]).status, 303);
    goal
}

fn ask(server: &Server, cookie: &str, goal: &str, percent: &str) -> (u16, String) {
    let (from, to) = bounds();
    let fields = [
        ("from", from.as_str()),
        ("to", to.as_str()),
        ("percent", percent),
        ("reason", "accounts moved away"),
    ];
    let reply = server.submit_as(cookie, &format!("{goal}/relief"), &fields);
    (reply.status, html::text(&reply.text()))
}

fn accounts<const N: usize>(program: &Program, server: &Server, names: [&str; N]) -> [String; N] {
    names.map(|name| account(program, server, name, Some(name), &[]))
}

#[test]
fn a_relief_is_decided_one_level_up_and_both_attainments_stay_on_the_page() {
    with_on_both(this_year, |program, server| {
        let [carla, dora, anna, ben] = accounts(program, server, ["carla", "dora", "anna", "ben"]);
        let goal = agreed(server, &dora, &anna, "rep", "anna", "400");
        assert_eq!(ask(server, &anna, &goal, "50").0, 404, "one does not ask for oneself");
        assert_eq!(ask(server, &ben, &goal, "50").0, 404);
        for (percent, words) in [("0", "more than 0"), ("120", "at most 100"), ("half", "percentage")] {
            let (status, said) = ask(server, &dora, &goal, percent);
            assert!(status == 409 && said.contains(words), "{percent}: {said}");
        }
        assert_eq!(ask(server, &dora, &goal, "50").0, 303);
        let (status, said) = ask(server, &dora, &goal, "10");
        assert!(status == 409 && said.contains("one day is relieved once"), "{said}");
        let page = text(server, &anna, &goal);
        assert!(page.contains("waits for the next one above") && !page.contains("After relief"), "{page}");

        for other in [&dora, &anna, &ben] {
            assert_eq!(server.submit_as(other, "/goals/reliefs/1/approve", &[]).status, 404, "not theirs");
        }
        assert!(!text(server, &ben, "/goals/reliefs").contains("accounts moved away"));
        assert!(text(server, &dora, "/goals/reliefs").contains("No relief waits for your decision."));
        let page = text(server, &carla, "/goals/reliefs");
        assert!(page.contains("One relief waits for your decision.") && page.contains("Anna"), "{page}");
        assert_eq!(server.submit_as(&carla, "/goals/reliefs/1/refuse", &[("reason", " ")]).status, 422);
        assert_eq!(server.submit_as(&carla, "/goals/reliefs/1/approve", &[]).status, 303);
        assert_eq!(server.submit_as(&carla, "/goals/reliefs/1/approve", &[]).status, 409, "once");

        // Anna won 100: a quarter of 400, half of 200.
        let page = text(server, &anna, &goal);
        assert!(page.contains("approved by carla"), "{page}");
        let (before, after) = (page.find("Before relief"), page.find("After relief"));
        let (before, after) = (before.expect("before"), after.expect("after"));
        assert!(page[before..after].contains("25.0 % of the target"), "{page}");
        assert!(page[after..].contains("50.0 % of the target"), "{page}");
        let held = &goals(server, &anna, "rep", "anna")[0];
        let target: f64 = held["target"].as_str().expect("a target").parse().expect("a number");
        assert!((target - 200.0).abs() < 1e-9, "{held}");
        let log = program.prints(&["audit", "export"]);
        assert!(log.contains("goal_relief.ask") && log.contains("goal_relief.approve"), "{log}");
    });
}

#[test]
fn where_nobody_is_above_an_admin_decides() {
    with_on_both(this_year, |program, server| {
        let [carla, dora] = accounts(program, server, ["carla", "dora"]);
        let [ada, olga] = [("ada", "admin"), ("olga", "ops")]
            .map(|(name, role)| account(program, server, name, None, &[role]));
        let goal = agreed(server, &carla, &dora, "manager", "dora", "1000");
        let (from, to) = bounds();
        let body = json!({ "from": from, "to": to, "percent": "25", "reason": "the north shrank" });
        let call = |cookie: &str, path: &str, body: &Value| {
            let headers = [("Cookie", cookie), ("Content-Type", "application/json")];
            server.send_body("POST", path, &headers, body.to_string())
        };
        let asked = call(&carla, "/api/v1/goals/1/reliefs", &body);
        assert_eq!((asked.status, asked.json()), (201, json!({ "relief": 1 })), "{}", asked.text());
        let no = json!({ "approve": false, "reason": "not this quarter" });
        for other in [&carla, &dora, &olga] {
            assert_eq!(call(other, "/api/v1/goals/reliefs/1/decision", &no).status, 404);
        }
        let waits = server.get_as(&ada, "/api/v1/goals/reliefs").json();
        assert_eq!(waits[0]["waits_for_you"], true, "{waits}");
        assert_eq!(server.get_as(&ada, &goal).status, 404, "an admin decides, and reads no results");
        let decided = call(&ada, "/api/v1/goals/reliefs/1/decision", &no);
        assert_eq!(decided.json(), json!({ "state": "refused" }), "{}", decided.text());
        let page = text(server, &dora, &goal);
        assert!(page.contains("refused by ada") && page.contains("not this quarter"), "{page}");
        assert!(!page.contains("After relief"), "nothing was relieved: {page}");
        assert_eq!(call(&carla, "/api/v1/goals/1/reliefs", &body).status, 201, "and may be asked for anew");
    });
}

#[test]
fn targets_from_above_stand_beside_what_is_below_them() {
    with_on_both(this_year, |program, server| {
        let [carla, dora, anna, ben] = accounts(program, server, ["carla", "dora", "anna", "ben"]);
        agreed(server, &carla, &dora, "manager", "dora", "1000");
        agreed(server, &dora, &anna, "rep", "anna", "700");
        agreed(server, &dora, &ben, "rep", "ben", "340");
        let (period, _) = quarter();
        let path = format!("/goals/cascade?metric=bookings&period={period}");
        let page = text(server, &carla, &path);
        assert!(page.contains("Below Dora stands 40 EUR more than the target, 104.0 % of it."), "{page}");
        assert!(page.contains("7 without a target"), "Emil's people: {page}");
        let nodes = server.get_as(&dora, &format!("/api/v1{path}")).json();
        let names: Vec<&str> =
            nodes.as_array().expect("nodes").iter().filter_map(|node| node["name"].as_str()).collect();
        assert_eq!(names, ["Dora", "Anna", "Ben"], "hers alone: {nodes}");
        assert_eq!(
            (nodes[0]["target"].as_str(), nodes[0]["below"].as_str(), nodes[0]["difference"].as_str()),
            (Some("1000"), Some("1040"), Some("40"))
        );
        assert_eq!(nodes[1]["above"], person("dora"), "{nodes}");
        assert_eq!(server.get_as(&anna, &path).status, 404, "who leads nobody has nothing below");
        let refused = server.get_as(&carla, "/goals/cascade?metric=win_rate_count");
        assert!(refused.status == 422 && refused.text().contains("add up over people"), "{}", refused.status);
    });
}
