//! Planning targets: chances, participation, spread and capacity of a team's goals, by figures worked out by hand,
//! and who may see them (domain 9).

use attain_testing::Postgres;
use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use crate::acting_for_others::day;
use crate::company_of_many::{account, files, person};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::{Files, MAPPING};

fn today() -> Date {
    day(0).parse().expect("a day")
}

/// The first day of the quarter so many before the one of today.
fn quarter(before: i32) -> Date {
    let today = today();
    let this = jiff::civil::date(today.year(), (today.month() - 1) / 3 * 3 + 1, 1);
    this.saturating_sub((3 * before).months())
}

fn key(first: Date) -> String {
    format!("{}-Q{}", first.year(), (first.month() + 2) / 3)
}

/// What each of Emil's people brought in each of the six quarters before, the last first.
const BROUGHT: [(&str, [i64; 6]); 5] = [
    ("fay", [130, 120, 80, 110, 90, 100]),
    ("gus", [100, 100, 100, 100, 100, 100]),
    ("hal", [90, 110, 70, 100, 80, 90]),
    ("ida", [60, 200, 10, 90, 40, 80]),
    ("jon", [120, 100, 90, 95, 105, 90]),
];

/// What each was to reach in the last quarter, and is to reach in this one.
const TARGETS: [(&str, i64, i64); 5] =
    [("fay", 100, 120), ("gus", 100, 90), ("hal", 100, 200), ("ida", 100, 100), ("jon", 100, 100)];

/// The company of many with quotas of bookings for Emil's people.
fn company() -> Files {
    let files = files();
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it");
    let covers = format!("covers: {{ from: {}-01-01, to: {} }}", today().year() - 3, day(1));
    let quotas = "
  - file: quotas.csv
    mode: full
    tables:
      - table: target
        key: [person, period]
        columns:
          kpi_id: { constant: bookings }
          subject_kind: { constant: employee }
          subject_id: person
          period_id: period
          value: value
          currency: { constant: EUR }
          kind: { constant: quota }
";
    files.map(&format!(
        "{}{managers}{quotas}",
        MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covers)
    ));
    let mut deals = Vec::new();
    for (who, amounts) in BROUGHT {
        for (at, amount) in amounts.into_iter().enumerate() {
            let on = quarter(at as i32 + 1).saturating_add(20.days());
            deals.push(format!("D-{who}-{at},Deal,Acme,{who},{on},{on},Won,{amount}"));
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    let targets: Vec<String> = TARGETS
        .iter()
        .flat_map(|(who, last, this)| {
            [format!("{who},{},{last}", key(quarter(1))), format!("{who},{},{this}", key(quarter(0)))]
        })
        .collect();
    files.write("quotas.csv", "person,period,value", &targets.iter().map(String::as_str).collect::<Vec<_>>());
    files
}

/// The same with territories: what could be sold in each in a year, and who works which share of it.
fn with_territories() -> Files {
    let files = company();
    let mapping = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let territories = "
  - file: territories.csv
    mode: full
    tables:
      - table: territory
        key: territory
        columns: { name: territory, region: region, potential: potential, potential_ccy: { constant: EUR } }
      - table: territory_assignment
        key: [territory, person]
        columns: { territory_id: territory, employee_id: person, valid_from: since, share: share }
";
    files.map(&format!("{mapping}{territories}"));
    let rows = [
        "T-1,South,1200,fay,1",
        "T-2,South,900,gus,1",
        "T-3,South,2000,hal,1",
        "T-4,South,3000,ida,1",
        "T-5,South,2000,jon,0.5",
    ];
    let rows = rows.map(|row| {
        let (first, share) = row.rsplit_once(',').expect("a share");
        format!("{first},2020-01-01,{share}")
    });
    files.write(
        "territories.csv",
        "territory,region,potential,person,since,share",
        &rows.each_ref().map(String::as_str),
    );
    files
}

fn near(value: &Value, expected: f64) {
    let got = value.as_f64().unwrap_or_else(|| panic!("{value} instead of {expected}"));
    assert!((got - expected).abs() < 1e-9, "{got} instead of {expected}");
}

#[test]
fn a_teams_targets_are_held_against_its_past() {
    let files = company();
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        files.deliver(program);
        let server = Server::start(program);
        let emil = account(program, &server, "emil", Some("emil"), &[]);
        let reply = server.get_as(&emil, "/api/v1/planning");
        assert_eq!(reply.status, 200, "{}", reply.text());
        let planning = reply.json();
        assert_eq!(planning["metric"], "credited_bookings");
        assert_eq!(planning["last_period"].as_str(), Some(key(quarter(1)).as_str()));
        // 130, 100, 90, 60 and 120 of 100 each.
        near(&planning["participation"], 0.6);
        near(&planning["median_attainment"], 1.0);
        // Mean 1, s² = (0.3² + 0.1² + 0.4² + 0.2²) ÷ 4 = 0.075.
        near(&planning["coefficient_of_variation"], 0.075f64.sqrt());
        near(&planning["top_fifth_share"], 130.0 / 500.0);
        // Over-attainment 0.3, 0, −0.1, −0.4, 0.2; growth 0.2, −0.1, 1, 0, 0. Σxy = 0.06 − 0.1 = −0.04, Σx = 0,
        // Σx² = 0.3.
        near(&planning["ratchet_slope"], -0.04 / 0.3);
        // Nobody left; all five attained what they were to reach: 500 of 500, of 610 this time.
        assert_eq!((planning["capacity"].as_str(), planning["plan"].as_str()), (Some("610"), Some("610")));
        assert!(planning["potential_gini"].is_null(), "{planning}");
        let of = |name: &str| {
            let people = planning["people"].as_array().expect("people");
            people.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} in {planning}"))
        };
        // Gus brought 100 every quarter, which does not tell how far from it he may end. Jon's mean is 100.
        assert!(of("Gus")["chance"].is_null() && of("Gus")["flag"].is_null(), "{}", of("Gus"));
        near(&of("Jon")["chance"], 0.5);
        assert!(of("Jon")["flag"].is_null());
        assert_eq!(of("Hal")["flag"], "unlikely", "200 of somebody who brings 90");
        let chances: Vec<f64> = planning["people"]
            .as_array()
            .expect("people")
            .iter()
            .filter_map(|one| one["chance"].as_f64())
            .collect();
        near(&planning["expected_participation"], chances.iter().sum::<f64>() / chances.len() as f64);
        let page = html::text(&server.get_as(&emil, "/goals/planning").text());
        for words in [
            "3 of 5 reached their target",
            "60.0 %, as is usual (50 – 70 %)",
            "Half attained 100.0 % or more, as is usual",
            "Targets did not grow more for those who went beyond theirs",
            "The data has no potential of these people’s territories",
            "Targets add up to 610 EUR",
            "With 100.0 % of them attained",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let quota = format!("/goals/rep/{}/credited_bookings", person("fay"));
        let page = html::text(&server.get_as(&emil, &quota).text());
        assert!(page.contains("Quota of Fay") && page.contains("The chance of a target"), "{page}");
        let list = server.get_as(&emil, &format!("/goals/manager/{}", person("emil"))).text();
        assert!(list.contains(&quota) && list.contains("/goals/planning?manager="), "{list}");
    }
}

#[test]
fn targets_are_held_against_what_territories_hold() {
    let program = Program::new();
    with_territories().deliver(&program);
    let server = Server::start(&program);
    let planning = server.get("/api/v1/planning").json();
    let of = |name: &str| {
        let people = planning["people"].as_array().expect("people");
        people
            .iter()
            .find(|one| one["name"] == name)
            .unwrap_or_else(|| panic!("{name} in {planning}"))
            .clone()
    };
    near(&of("Fay")["target_to_potential"], 0.1);
    near(&of("Ida")["target_to_potential"], 100.0 / 3000.0);
    near(&of("Jon")["target_to_potential"], 0.1);
    // Of 900, 1000, 1200, 2000 and 3000: (−4·900 − 2·1000 + 2·2000 + 4·3000) ÷ (5 · 8100).
    near(&planning["potential_gini"], 10_400.0 / 40_500.0);
    // Ranks of targets 4, 1, 5, 2½, 2½ and of potential 3, 1, 4, 5, 2: 5.5 ÷ √(9.5 · 10).
    near(&planning["potential_correlation"], 5.5 / 95f64.sqrt());
    let page = html::text(&server.text("/goals/planning"));
    assert!(page.contains("1 of 5 people are more than 25 % off the middle ratio"), "{page}");
    assert!(page.contains("off by more than 25 %") && page.contains("Gini coefficient of 0.26"), "{page}");
}

#[test]
fn planning_is_for_those_who_lead() {
    let program = Program::new();
    company().deliver(&program);
    let server = Server::start(&program);
    let [fay, dora, emil, carla] =
        ["fay", "dora", "emil", "carla"].map(|name| account(&program, &server, name, Some(name), &[]));
    let exec = account(&program, &server, "erik", None, &["exec"]);
    let of_emil = format!("/goals/planning?manager={}", person("emil"));
    let status = |cookie: &str, path: &str| server.get_as(cookie, path).status;
    for path in [of_emil.as_str(), "/goals/planning", "/api/v1/planning"] {
        assert_eq!(status(&fay, path), 404, "{path} as a rep");
        assert_eq!(status(&exec, path), 404, "{path} of aggregates alone");
    }
    assert_eq!((status(&emil, &of_emil), status(&dora, &of_emil), status(&carla, &of_emil)), (200, 404, 200));
    let own = html::text(&server.get_as(&dora, "/goals/planning").text());
    assert!(own.contains("Nobody here has a target") && !own.contains("Fay"), "{own}");
    let all = html::text(&server.get_as(&carla, "/goals/planning").text());
    assert!(all.contains("Fay"), "who has everybody below them plans the company: {all}");
    assert_eq!(status(&carla, "/goals/planning?period=all"), 422);
    assert_eq!(status(&carla, "/goals/planning?metric=colour"), 422);
    assert_eq!(status(&carla, "/goals/planning?manager=nobody"), 404);
}

/// Goals that were agreed on are planned as quotas are; what was proposed and not agreed to is no target.
#[test]
fn goals_are_planned_by_their_metric() {
    let program = Program::new();
    company().deliver(&program);
    let server = Server::start(&program);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let period = key(quarter(0));
    for (goal, name, value) in [(1, "gus", "90"), (2, "hal", "200"), (3, "ida", "100")] {
        let fields = [
            ("metric", "bookings"),
            ("period", period.as_str()),
            ("value", value),
            ("from", ""),
            ("reason", "why"),
        ];
        assert_eq!(server.submit_as(&emil, &format!("/goals/rep/{}", person(name)), &fields).status, 303);
        let own = account(&program, &server, name, Some(name), &[]);
        if name != "ida" {
            assert_eq!(server.submit_as(&own, &format!("/goal/{goal}/acknowledge"), &[]).status, 303);
        }
    }
    let planning = server.get_as(&emil, "/api/v1/planning?metric=bookings").json();
    let said: Vec<(&str, Option<&str>, Option<&str>)> = planning["people"]
        .as_array()
        .expect("people")
        .iter()
        .map(|one| (one["name"].as_str().expect("a name"), one["target"].as_str(), one["flag"].as_str()))
        .filter(|(_, target, _)| target.is_some())
        .collect();
    assert_eq!(said, [("Gus", Some("90"), None), ("Hal", Some("200"), Some("unlikely"))]);
    assert!(
        planning["participation"].is_null() && planning["capacity"].is_null(),
        "no goals before: {planning}"
    );
    let page = html::text(&server.get_as(&emil, "/goals/planning?metric=bookings").text());
    assert!(page.contains("Goals of Bookings") && page.contains("Quotas, as delivered"), "{page}");
    assert!(page.contains("had a target in it"), "{page}");
    let quotas = server.get_as(&emil, "/api/v1/planning").json();
    assert_eq!(quotas["metric"], "credited_bookings", "quotas first");
}
