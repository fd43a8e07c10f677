//! The goals of everybody below a leader side by side: who is a row, what it says, what the rows come to.

use serde_json::Value;

use crate::company_of_many::{account, person};
use crate::goals::{propose, quarter, text, this_year, with_on_both};
use crate::program::{Program, Server};

/// A goal of bookings that both sides agreed on.
fn agreed(server: &Server, leader: &str, own: &str, (level, name, value): (&str, &str, &str)) {
    let (status, goal) = propose(server, leader, level, name, value);
    assert_eq!(status, 303, "{goal}");
    assert_eq!(server.submit_as(own, &format!("{goal}/acknowledge"), &[]).status, 303);
}

fn accounts<const N: usize>(program: &Program, server: &Server, names: [&str; N]) -> [String; N] {
    names.map(|name| account(program, server, name, Some(name), &[]))
}

/// The grid as programs have it.
fn grid(server: &Server, cookie: &str, asked: &str) -> Value {
    let reply = server.get_as(cookie, &format!("/api/v1/goals/grid?{asked}"));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn names(grid: &Value) -> Vec<&str> {
    let rows = grid["rows"].as_array().expect("rows");
    rows.iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

fn number(value: &Value) -> f64 {
    value.as_str().expect("a number").parse().expect("a number")
}

#[test]
fn everybody_below_a_leader_stands_side_by_side_and_adds_up_beside_the_leaders_own() {
    with_on_both(this_year, |program, server| {
        let [carla, dora, anna, ben] = accounts(program, server, ["carla", "dora", "anna", "ben"]);
        agreed(server, &carla, &dora, ("manager", "dora", "1000"));
        agreed(server, &dora, &anna, ("rep", "anna", "700"));

        // Ben has no target, which is not a target of nothing.
        let page = text(server, &dora, "/goals/grid");
        assert!(
            page.contains("Bookings: 1 of 2 have a target; together they reached 14.3 % of 700 EUR."),
            "{page}"
        );
        assert!(page.contains("no target") && page.contains("1 with a target, 1 without"), "{page}");
        let found = grid(server, &dora, "");
        assert_eq!(names(&found), ["Anna", "Ben"]);
        let of_ben = &found["rows"][1]["cells"][0];
        assert!(of_ben["target"].is_null() && of_ben["attainment"].is_null(), "{of_ben}");
        assert_eq!((of_ben["value"].as_str(), &of_ben["codes"]), (Some("40"), &serde_json::json!(["E4"])));

        agreed(server, &dora, &ben, ("rep", "ben", "340"));
        let page = text(server, &dora, "/goals/grid");
        assert!(page.contains("together they reached 13.5 % of 1,040 EUR"), "140 of 1040: {page}");
        assert!(
            page.contains("40 EUR more than 1,000 , Dora’s own")
                || page.contains("40 EUR more than 1,000, Dora’s own"),
            "{page}"
        );
        let found = grid(server, &dora, "");
        let together = &found["together"][0];
        assert_eq!((number(&together["target"]), number(&together["value"])), (1040.0, 140.0));
        assert_eq!((number(&together["own_target"]), number(&together["difference"])), (1000.0, 40.0));
        let sum: f64 = found["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(|row| number(&row["cells"][0]["target"]))
            .sum();
        assert_eq!(sum, number(&together["target"]), "the sum is that of the rows");

        // 40 of 340 is less of a target than 100 of 700, and not as far from it.
        assert_eq!(names(&grid(server, &dora, "sort=attainment.bookings")), ["Ben", "Anna"]);
        assert_eq!(names(&grid(server, &dora, "sort=gap.bookings")), ["Anna", "Ben"]);
        let narrowed = grid(server, &dora, "name=ANN");
        assert_eq!(names(&narrowed), ["Anna"]);
        assert!(narrowed["together"][0]["own_target"].is_null(), "Dora's own is not Anna's alone");
        assert_eq!(names(&grid(server, &dora, "from=1")), ["Ben"]);
        let file = server.get_as(&dora, "/goals/grid.csv").text();
        let line = file.lines().find(|line| line.contains(",Anna,")).expect("her line").to_owned();
        assert!(line.contains(",Dora,bookings,") && line.contains(",100,700,0.142857"), "{line}");
        assert!(text(server, &dora, &format!("/goals/manager/{}", person("dora"))).contains("Grid"));
    });
}

#[test]
fn a_grid_is_of_whom_one_leads() {
    with_on_both(this_year, |program, server| {
        let [carla, dora, anna] = accounts(program, server, ["carla", "dora", "anna"]);
        agreed(server, &carla, &dora, ("manager", "dora", "1000"));
        agreed(server, &dora, &anna, ("rep", "anna", "700"));
        for path in ["/goals/grid", "/goals/grid.csv", "/api/v1/goals/grid"] {
            assert_eq!(server.get_as(&anna, path).status, 404, "{path}: she leads nobody");
        }
        let of_emil = format!("leader={}", person("emil"));
        assert_eq!(server.get_as(&dora, &format!("/goals/grid?{of_emil}")).status, 404);
        assert_eq!(
            names(&grid(server, &carla, "")),
            ["Anna", "Ben", "Fay", "Gus", "Hal", "Ida", "Jon", "Kim", "Lea"],
            "who leads others is no row without a target as a seller"
        );
        assert_eq!(names(&grid(server, &carla, &format!("leader={}", person("dora")))), ["Anna", "Ben"]);
        assert_eq!(names(&grid(server, &carla, "region=team-1")).len(), 2, "Anna and Ben are in the north");
        let teams = grid(server, &carla, "rows=teams");
        assert_eq!(names(&teams), ["Carla", "Dora", "Emil"], "who has the company has every team of it");
        assert_eq!(number(&teams["rows"][1]["cells"][0]["value"]), 140.0, "what her people brought");
        assert_eq!(number(&teams["rows"][1]["cells"][0]["target"]), 1000.0);
        assert!(text(server, &carla, "/goals/grid?rows=teams").contains("its people"));

        // A goal of Dora's as a seller is one of her people's, and makes her a row.
        agreed(server, &carla, &dora, ("rep", "dora", "60"));
        assert_eq!(names(&grid(server, &dora, "")), ["Anna", "Ben", "Dora"]);

        let erik = account(program, server, "erik", None, &["exec"]);
        assert_eq!(names(&grid(server, &erik, "")), Vec::<&str>::new(), "aggregates are of nobody");
    });
}

#[test]
fn one_metric_is_looked_at_over_periods() {
    with_on_both(this_year, |program, server| {
        let [dora, anna] = accounts(program, server, ["dora", "anna"]);
        agreed(server, &dora, &anna, ("rep", "anna", "700"));
        let found = grid(server, &dora, "metric=bookings");
        let periods: Vec<&str> = found["rows"][0]["cells"]
            .as_array()
            .expect("cells")
            .iter()
            .map(|cell| cell["period"].as_str().expect("a period"))
            .collect();
        let (this, _) = quarter();
        assert_eq!((periods.len(), periods.last()), (4, Some(&this.as_str())), "{periods:?}");
        let last = &found["rows"][0]["cells"][3];
        assert_eq!((number(&last["target"]), number(&last["value"])), (700.0, 100.0));
        assert!(found["rows"][0]["cells"][2]["target"].is_null(), "none was agreed on before");
        let page = text(server, &dora, "/goals/grid?metric=bookings");
        assert!(page.contains("All metrics"), "{page}");
        let reply = server.get_as(&dora, "/api/v1/goals/grid?metric=nothing");
        assert_eq!(reply.status, 422, "{}", reply.text());
    });
}

#[test]
fn the_goals_of_who_was_merged_are_those_of_the_one_they_were_merged_into() {
    with_on_both(this_year, |program, server| {
        let [emil, kim, lea] = accounts(program, server, ["emil", "kim", "lea"]);
        agreed(server, &emil, &lea, ("rep", "lea", "500"));
        program.prints(&["identity", "merge", "employee", "lea", "kim", "--reason", "one person"]);
        let found = grid(server, &emil, "");
        assert!(!names(&found).contains(&"Lea"), "{found}");
        let rows = found["rows"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["name"] == "Kim").expect("Kim");
        assert_eq!(number(&row["cells"][0]["target"]), 500.0);
        for (who, path) in [
            (&emil, format!("/goals/manager/{}", person("emil"))),
            (&kim, format!("/goals/rep/{}", person("kim"))),
            (&kim, "/goal/1".to_owned()),
            (&emil, "/goals/cascade?metric=bookings".to_owned()),
        ] {
            let page = text(server, who, &path);
            assert!(page.contains("Kim") && page.contains("500"), "{path}: {page}");
        }
    });
}

#[test]
fn less_is_better_where_the_metric_says_so() {
    with_on_both(this_year, |program, server| {
        let [dora, anna] = accounts(program, server, ["dora", "anna"]);
        let (period, _) = quarter();
        let fields = [
            ("metric", "cycle_time_median"),
            ("period", period.as_str()),
            ("value", "30"),
            ("from", ""),
            ("reason", "quicker"),
        ];
        let path = format!("/goals/rep/{}", person("anna"));
        assert_eq!(server.submit_as(&dora, &path, &fields).status, 303);
        assert_eq!(server.submit_as(&anna, "/goal/1/acknowledge", &[]).status, 303);
        let found = grid(server, &dora, "");
        let cell = &found["rows"][0]["cells"][0];
        // Closed on the day it was opened: nothing of thirty days, 2 − 0 ÷ 30.
        assert_eq!((number(&cell["target"]), number(&cell["attainment"])), (30.0, 2.0), "{cell}");
        assert!(cell["pace"].is_null(), "a median is due on no day");
        let together = &found["together"][0];
        assert!(
            together["target"].is_null() && together["value"].is_null(),
            "medians do not add up: {together}"
        );
        assert!(text(server, &dora, "/goals/grid").contains("does not add up"));
        assert!(text(server, &anna, "/goal/1").contains("200.0 % of the target"), "as on its own page");
    });
}
