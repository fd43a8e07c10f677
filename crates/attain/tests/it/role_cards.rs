//! Cards of roles and the scores that come of them: written, refused, composed, opened, and seen by whom they may be.

use serde_json::{Value, json};

use crate::acting_for_others::day;
use crate::company_of_many::{PEOPLE, account, everybody, files, person};
use crate::goals::{quarter, text, with_on_both};
use crate::program::{Program, Reply, Server};
use crate::small_company::{Files, MAPPING};

const QUOTAS: &str = "
  - file: quotas.csv
    mode: full
    tables:
      - table: target
        key: quota
        columns:
          kpi_id: { constant: bookings }
          subject_kind: { constant: employee }
          subject_id: person
          period_id: period
          value: value
          currency: { constant: EUR }
          kind: { constant: quota }
";

/// A share that nothing keeps honest.
const UNKEPT: &str = "\
metrics:
  - name: large_share
    label: Share of large deals
    type: ratio
    type_params: { numerator: deals_won, denominator: deals_lost }
    meta: { unit: ratio, direction: up, undefined: nothing was lost, counter_metric: \"none: it is one itself\" }
";

/// The company of many with roles, told about from 2024 to today. Sellers are AE but Lea, who is SDR since the
/// middle of February 2024.
fn with_roles(deals: &[String], quotas: &[&str]) -> Files {
    let files = files();
    let covered = format!("covers: {{ from: 2024-01-01, to: {} }}", day(1));
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it").to_owned();
    let mapping = MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covered).replace(
        "columns: { display_name: name }",
        "columns: { display_name: name, role: role, role_start_date: in_role_since }",
    );
    files.map(&format!("{mapping}{managers}{QUOTAS}"));
    let staff = |[id, name, team, _]: &[&str; 4]| {
        let (role, since) = match *id {
            "carla" | "dora" | "emil" => ("manager", "2020-01-01"),
            "lea" => ("SDR", "2024-02-15"),
            _ => ("AE", "2020-01-01"),
        };
        format!("{id},{name},{team},2020-01-01,,{role},{since}")
    };
    let rows: Vec<String> = PEOPLE.iter().map(staff).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    files.write("people.csv", "person,name,team,since,until,role,in_role_since", &rows);
    let of_another_year = closed("D-0", "hal", "2025-02-03", "Won", 1);
    files.deals(&deals.iter().chain([&of_another_year]).map(String::as_str).collect::<Vec<_>>());
    files.write("quotas.csv", "quota,person,period,value", &[quotas, &["Q-0,hal,2025-Q1,1"]].concat());
    files
}

/// A deal won or lost on a day.
fn closed(id: &str, owner: &str, on: &str, stage: &str, amount: u32) -> String {
    format!("{id},Deal,Acme,{owner},{on},{on},{stage},{amount}")
}

/// A card as a program sends it: metrics with weights in percent.
fn card(role: &str, from: &str, components: &[(&str, &str)]) -> Value {
    let components: Vec<Value> =
        components.iter().map(|(metric, weight)| json!({ "metric": metric, "weight": weight })).collect();
    json!({ "role": role, "from": from, "components": components, "reason": "plan of the year" })
}

fn post(server: &Server, cookie: &str, body: &Value) -> Reply {
    let headers = [("Cookie", cookie), ("Content-Type", "application/json")];
    server.send_body("POST", "/api/v1/role-cards", &headers, body.to_string())
}

fn written(server: &Server, cookie: &str, body: &Value) {
    let reply = post(server, cookie, body);
    assert_eq!(reply.status, 201, "{}", reply.text());
}

fn score(server: &Server, cookie: &str, level: &str, name: &str, period: &str) -> Value {
    let path = format!("/api/v1/score?level={level}&id={}&period={period}", person(name));
    let reply = server.get_as(cookie, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

/// A number that the API writes as text.
fn number(of: &Value) -> f64 {
    of.as_str().unwrap_or_else(|| panic!("{of}")).parse().expect("a number")
}

fn component<'s>(score: &'s Value, metric: &str) -> &'s Value {
    let all = score["components"].as_array().expect("components");
    all.iter().find(|one| one["metric"] == metric).unwrap_or_else(|| panic!("{metric}: {score}"))
}

/// Agrees on a goal of this quarter: proposed by one party, acknowledged by the other.
fn agree(
    server: &Server,
    [proposes, agrees]: [&str; 2],
    (level, name): (&str, &str),
    metric: &str,
    value: &str,
) {
    let (period, _) = quarter();
    let fields =
        [("metric", metric), ("period", &period), ("value", value), ("from", ""), ("reason", "as planned")];
    let reply = server.submit_as(proposes, &format!("/goals/{level}/{}", person(name)), &fields);
    assert_eq!(reply.status, 303, "{}", reply.text());
    let goal = reply.header("location").expect("a goal").to_owned();
    assert_eq!(server.submit_as(agrees, &format!("{goal}/acknowledge"), &[]).status, 303);
}

/// The form of a card, with as many rows as there are components.
fn form<'f>(from: &'f str, components: &[(&'f str, &'f str)], reason: &'f str) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("from", from), ("when_missing", "renormalise"), ("reason", reason)];
    for (metric, weight) in components {
        fields.extend([("metric", *metric), ("weight", *weight), ("floor", ""), ("cap", "")]);
    }
    fields
}

#[test]
fn a_card_is_written_by_operations_refused_with_a_sentence_and_kept_in_versions() {
    with_on_both(
        || with_roles(&[], &[]),
        |program, server| {
            let otto = account(program, server, "otto", None, &["ops"]);
            let dora = account(program, server, "dora", Some("dora"), &[]);
            let (path, today, (_, last)) = ("/scorecards/roles/AE", day(0), quarter());
            let good = form("2024-01-01", &[("bookings", "60"), ("win_rate_count", "40")], "plan of 2024");
            assert_eq!(server.submit_as(&dora, path, &good).status, 404, "managers do not write cards");
            assert!(text(server, &dora, "/scorecards/roles").contains("0 of 3 roles have one today"));

            let six =
                ["bookings", "win_rate_count", "deals_won", "customers", "opps_created", "avg_deal_size"];
            let six: Vec<(&str, &str)> = six.iter().map(|metric| (*metric, "20")).collect();
            let refused: [(&[(&str, &str)], &str); 8] = [
                (&six, "at most 5 metrics, and these are 6"),
                (&[], "at least one metric"),
                (&[("bookings", "60"), ("bookings", "40")], "twice"),
                (&[("bookings", "100"), ("deals_won", "0")], "no weight"),
                (&[("bookings", "60"), ("deals_won", "30")], "add up to 90 %"),
                (&[("bookings", "much")], "Say how much"),
                (&[("colour", "100")], "There is no metric"),
                (&[("open_deals", "100")], "neither better when higher nor when lower"),
            ];
            for (components, words) in refused {
                let reply = server.submit_as(&otto, path, &form("2024-01-01", components, "because"));
                assert!(reply.status == 422 && reply.text().contains(words), "{words}: {}", reply.text());
            }
            let silent = server.submit_as(&otto, path, &form("2024-01-01", &[("bookings", "100")], " "));
            assert!(silent.status == 422 && silent.text().contains("Say why"));
            let mut asked = card("AE", "2024-01-01", &[("bookings", "100")]);
            asked["when_missing"] = json!("zero");
            let reply = post(server, &otto, &asked);
            assert_eq!((reply.status, reply.json()["field"].as_str()), (422, Some("when_missing")));
            let nobody = post(server, &otto, &card("Pilot", "2024-01-01", &[("bookings", "100")]));
            assert_eq!((nobody.status, nobody.json()["field"].as_str()), (422, Some("role")));
            assert_eq!(server.get_as(&otto, "/scorecards/roles/Pilot").status, 404);
            let define = json!({ "definition": UNKEPT, "from": today, "reason": "a share of our own" });
            let headers = [("Cookie", otto.as_str()), ("Content-Type", "application/json")];
            let defined =
                server.send_body("POST", "/api/v1/definitions/changes", &headers, define.to_string());
            assert_eq!(defined.status, 201, "{}", defined.text());
            let unkept = post(server, &otto, &card("AE", "2024-01-01", &[("large_share", "100")]));
            assert!(
                unkept.status == 422 && unkept.text().contains("has no counter-metric"),
                "{}",
                unkept.text()
            );
            assert_eq!(server.get_as(&otto, "/api/v1/role-cards").json(), json!([]), "nothing was saved");

            let saved = server.submit_as(&otto, path, &good);
            assert_eq!((saved.status, saved.header("location")), (303, Some(path)));
            let past = server.submit_as(&otto, path, &form(&day(-2), &[("bookings", "100")], "a slip"));
            assert!(past.status == 422 && past.text().contains("people have seen them"), "{}", past.text());
            let mut late = form(&last, &[("bookings", "100")], "bookings alone");
            late.push(("after", "0"));
            let late = server.submit_as(&otto, path, &late);
            assert!(late.status == 422 && late.text().contains("Somebody else changed"), "{}", late.text());
            assert!(late.text().contains("bookings alone"), "what was typed stands there still");
            let changed = form(&last, &[("deals_won", "100")], "deals alone");
            assert_eq!(server.submit_as(&otto, path, &changed).status, 303);
            let page = text(server, &dora, path);
            for words in
                ["plan of 2024", "deals alone", "otto", "Bookings 60 %, Win rate 40 %", "Deals won 100 %"]
            {
                assert!(page.contains(words), "{words}: {page}");
            }
            assert!(!page.contains("Save the card"), "who does not write has no form");
            let versions = server.get_as(&dora, "/api/v1/role-cards").json();
            assert_eq!(
                (versions[0]["version"].as_i64(), versions[1]["version"].as_i64()),
                (Some(2), Some(1))
            );
            let log = program.prints(&["audit", "export", "--format", "csv"]);
            assert_eq!(log.matches("role_card.change").count(), 2);
            assert!(program.prints(&["audit", "verify"]).contains("intact"));
        },
    );
}

/// domain_examples X6.10 and X6.11, by a team: 110 of 100 booked, 4 of 5 deals won, too few decided for a rate,
/// 6 of 4 opportunities created, which counts as 120 %; and a metric of single people.
#[test]
fn the_worked_examples_of_the_domain_come_out_of_the_page() {
    let today = day(0);
    let open = |id: &str| format!("{id},Deal,Acme,ben,{today},,Open,10");
    let deals = vec![
        closed("D-1", "anna", &today, "Won", 40),
        closed("D-2", "anna", &today, "Won", 30),
        closed("D-3", "ben", &today, "Won", 30),
        closed("D-4", "ben", &today, "Won", 10),
        open("D-5"),
        open("D-6"),
    ];
    with_on_both(
        || with_roles(&deals, &[]),
        |program, server| {
            let otto = account(program, server, "otto", None, &["ops"]);
            let carla = account(program, server, "carla", Some("carla"), &[]);
            let dora = account(program, server, "dora", Some("dora"), &[]);
            let both = [carla.as_str(), dora.as_str()];
            for (metric, target) in [("bookings", "100"), ("deals_won", "5"), ("opps_created", "4")] {
                agree(server, both, ("manager", "dora"), metric, target);
            }
            let components = [
                ("bookings", "40"),
                ("deals_won", "20"),
                ("active_days", "10"),
                ("win_rate_count", "20"),
                ("opps_created", "10"),
            ];
            let mut asked = card("AE", "2024-01-01", &components);
            asked["components"][4]["cap"] = json!("120");
            written(server, &otto, &asked);
            let (period, last) = quarter();
            let found = score(server, &dora, "manager", "dora", &period);
            assert!((number(&found["score"]) - 1.028571428571).abs() < 1e-12, "{found}");
            assert!((number(&found["coverage"]) - 0.7777777777778).abs() < 1e-12, "{found}");
            assert_eq!(found["codes"], json!(["E6"]));
            let created = component(&found, "opps_created");
            assert_eq!((number(&created["attainment"]), number(&created["counts_as"])), (1.5, 1.2));
            assert_eq!(component(&found, "active_days")["code"], "E2");
            let adds: f64 = ["bookings", "deals_won", "opps_created"]
                .map(|metric| number(&component(&found, metric)["adds"]))
                .iter()
                .sum();
            assert!((adds - 1.028571428571).abs() < 1e-9, "the parts add up: {adds}");

            let page =
                text(server, &dora, &format!("/scorecards/manager/{}/score?period={period}", person("dora")));
            for words in [
                "Dora’s team’s score by the card of AE is 1.03 on 78 % of the weight.",
                "Missing: Win rate 20 % (4 of 4, too few for a rate); the others count for more.",
                "its weight is not missed",
                "150.0 %",
                "120.0 %",
                "cap",
                "never a mean of their scores",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }

            // Half of the weight: no score, and no zero.
            let half =
                card("AE", &last, &[("bookings", "50"), ("win_rate_count", "30"), ("customers", "20")]);
            written(server, &otto, &half);
            let found = score(server, &dora, "manager", "dora", &period);
            assert_eq!((&found["score"], number(&found["coverage"])), (&Value::Null, 0.5));
            assert_eq!(found["codes"], json!(["E4", "E6", "E18"]));
            let page =
                text(server, &dora, &format!("/scorecards/manager/{}/score?period={period}", person("dora")));
            assert!(
                page.contains("only 50 % of the weight has a value, and below 70 % there is none"),
                "{page}"
            );
        },
    );
}

#[test]
fn a_score_is_opened_on_the_scorecard_of_a_person_and_beside_those_of_their_team() {
    let today = day(0);
    let mut deals: Vec<String> = (0..6)
        .map(|at| closed(&format!("A-{at}"), "anna", &today, if at < 3 { "Won" } else { "Lost" }, 30))
        .collect();
    deals.push(closed("B-1", "ben", &today, "Won", 50));
    with_on_both(
        || with_roles(&deals, &[]),
        |program, server| {
            let otto = account(program, server, "otto", None, &["ops"]);
            let dora = account(program, server, "dora", Some("dora"), &[]);
            let anna = account(program, server, "anna", Some("anna"), &[]);
            let ben = account(program, server, "ben", Some("ben"), &[]);
            let (period, _) = quarter();
            let own = format!("/scorecards/rep/{}", person("anna"));
            let none = text(server, &anna, &format!("{own}/score?period={period}"));
            assert!(none.contains("The role AE had no card"), "{none}");
            assert!(!text(server, &anna, &format!("{own}?period={period}")).contains("Score of the role"));

            agree(server, [&dora, &anna], ("rep", "anna"), "bookings", "100");
            agree(server, [&dora, &anna], ("rep", "anna"), "win_rate_count", "0.4");
            agree(server, [&dora, &ben], ("rep", "ben"), "bookings", "100");
            written(
                server,
                &otto,
                &card(
                    "AE",
                    "2024-01-01",
                    &[("bookings", "60"), ("win_rate_count", "20"), ("customers", "20")],
                ),
            );
            // (60 × 0.9 + 20 × 1.25) ÷ 80
            let found = score(server, &anna, "rep", "anna", &period);
            assert!((number(&found["score"]) - 0.9875).abs() < 1e-12, "{found}");
            assert_eq!(number(&component(&found, "bookings")["counts_for"]), 0.75);
            assert_eq!(component(&found, "customers")["code"], "E4");
            assert_eq!(component(&found, "bookings")["counter_metric"], "avg_deal_size");
            let interval = found["interval"].as_array().expect("a share has an interval");
            assert!(interval[0].as_f64() < Some(0.9875) && interval[1].as_f64() > Some(0.9875), "{found}");

            let page = server.get_as(&anna, &format!("{own}/score?period={period}")).text();
            for link in [
                format!("{own}/numbers/bookings?period={period}"),
                format!("{own}/numbers/avg_deal_size?period={period}"),
                "/goal/1".to_owned(),
                "/metrics/win_rate_count".to_owned(),
                "/scorecards/roles/AE".to_owned(),
            ] {
                assert!(page.contains(&format!("href=\"{link}\"")), "{link} is not on the page");
            }
            let page = crate::html::text(&page);
            for words in [
                "Anna’s score by the card of AE is 0.99 on 80 % of the weight.",
                "Missing: Customers 20 % (no target); the others count for more.",
                "taken as independent",
                "plan of the year",
            ] {
                assert!(page.contains(words), "{words}: {page}");
            }
            let section = server.get_as(&anna, &format!("{own}?period={period}")).text();
            assert!(section.contains("is 0.99 on 80 % of the weight"), "{}", crate::html::text(&section));
            assert!(section.contains(&format!("href=\"{own}/score?period={period}\"")), "the score opens");

            // The team: 90 + 50 booked of 200, which is added up and said to be so.
            let team = format!("/scorecards/manager/{}/score?period={period}", person("dora"));
            let page = text(server, &dora, &team);
            assert!(page.contains("derived, 2 people’s"), "{page}");
            let (first, second) = (page.find("Anna 0.99").expect("Anna"), page.find("Ben –").expect("Ben"));
            assert!(first < second, "in the order of names");
            assert!(page.contains("In the order of names"), "{page}");
            let together = score(server, &dora, "manager", "dora", &period);
            let booked = component(&together, "bookings");
            assert_eq!((&booked["target"], &booked["target_from"]), (&json!("200"), &json!("derived")));
            assert_eq!(number(&booked["attainment"]), 0.7, "not the mean of 0.9 and 0.5");
            assert_eq!(component(&together, "win_rate_count")["code"], "E4", "shares do not add up");

            // The same as a file: a line for each component, of the team and of everybody in it.
            assert!(server.get_as(&dora, &team).text().contains("score.csv?period="), "the file is found");
            let file = server.get_as(&dora, &team.replace("/score?", "/score.csv?")).text();
            let lines: Vec<&str> = file.lines().collect();
            assert_eq!(lines.len(), 1 + 3 * 3, "{file}");
            assert!(lines[1].starts_with("manager,Dora,"), "{file}");
            let of_anna =
                lines.iter().find(|line| line.starts_with("rep,Anna") && line.contains(",bookings,"));
            let expected =
                format!("rep,Anna,{period},AE,1,0.9875,0.8,bookings,90,100,0.9,0.9,60,0.75,0.675,,");
            assert_eq!(of_anna, Some(&expected.as_str()), "{file}");
            assert!(file.contains(",customers,1,,,,20,,,E4,no target"), "{file}");
        },
    );
}

#[test]
fn scores_open_with_the_people_they_are_of() {
    let program = Program::new();
    with_roles(&[closed("D-1", "anna", "2024-02-01", "Won", 90)], &["Q-1,anna,2024-Q1,100"])
        .deliver(&program);
    let server = Server::start(&program);
    let sessions = everybody(&program, &server);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    for (role, writes) in
        [("rep", false), ("manager", false), ("exec", false), ("auditor", false), ("admin", true)]
    {
        let reply = post(&server, &sessions[role], &card("AE", "2024-01-01", &[("bookings", "100")]));
        assert_eq!(reply.status, if writes { 201 } else { 404 }, "{role}");
    }
    let anna = format!("rep/{}", person("anna"));
    let ben = format!("rep/{}", person("ben"));
    let dora = format!("manager/{}", person("dora"));
    let seen: [(&str, [bool; 4]); 7] = [
        ("rep", [true, false, false, false]),
        ("manager", [true, true, true, false]),
        ("skip", [true, true, true, true]),
        ("ops", [true, true, true, true]),
        ("auditor", [true, true, true, true]),
        ("admin", [false; 4]),
        // Targets of people are no aggregates.
        ("exec", [false; 4]),
    ];
    for (role, may) in seen {
        for (subject, may) in [&anna, &ben, &dora, &String::new()].into_iter().zip(may) {
            let path = match subject.split_once('/') {
                Some((level, id)) => format!("/api/v1/score?level={level}&id={id}&period=2024-Q1"),
                None => "/api/v1/score?period=2024-Q1".to_owned(),
            };
            let page = match subject.is_empty() {
                true => "/scorecards/score?period=2024-Q1".to_owned(),
                false => format!("/scorecards/{subject}/score?period=2024-Q1"),
            };
            let file = page.replace("/score?", "/score.csv?");
            for path in [path, page, file] {
                let status = server.get_as(&sessions[role], &path).status;
                assert_eq!(status, if may { 200 } else { 404 }, "{path} as {role}");
            }
        }
    }
    assert_eq!(server.get_as(&emil, &format!("/scorecards/{anna}/score?period=2024-Q1")).status, 404);
    let product = server.get_as(&sessions["skip"], "/scorecards/product/product-1/score");
    assert_eq!(product.status, 404, "products have no role");
}

#[test]
fn what_has_no_score_says_why_and_is_no_zero() {
    let program = Program::new();
    let deals =
        [closed("D-1", "anna", "2024-02-01", "Won", 90), closed("D-2", "ben", "2024-02-01", "Won", 90)];
    let quotas = ["Q-1,anna,2024-Q1,100", "Q-2,ben,2024-Q1,0", "Q-3,fay,2024-Q1,100", "Q-4,lea,2024-Q2,100"];
    with_roles(&deals, &quotas).deliver(&program);
    let server = Server::start(&program);
    let otto = account(&program, &server, "otto", None, &["ops"]);
    written(&server, &otto, &card("AE", "2024-01-01", &[("bookings", "100")]));
    written(&server, &otto, &card("SDR", "2024-01-01", &[("bookings", "100")]));
    let of = |name: &str, period: &str| score(&server, &otto, "rep", name, period);
    assert_eq!(number(&of("anna", "2024-Q1")["score"]), 0.9);
    assert_eq!(component(&of("anna", "2024-Q1"), "bookings")["target_from"], "quota");
    let zero = of("ben", "2024-Q1");
    assert_eq!((&zero["score"], &zero["codes"]), (&Value::Null, &json!(["E16", "E18"])), "{zero}");
    let nothing_won = of("fay", "2024-Q1");
    assert_eq!(nothing_won["score"], "0", "a true zero: {nothing_won}");
    let no_target = of("gus", "2024-Q1");
    assert_eq!((&no_target["score"], &no_target["codes"]), (&Value::Null, &json!(["E4", "E18"])));
    let sentence =
        |name: &str, period: &str| of(name, period)["sentence"].as_str().expect("words").to_owned();
    let without = Program::new();
    files().deliver(&without);
    let without = Server::start(&without);
    let page =
        crate::html::text(&without.text(&format!("/scorecards/rep/{}/score?period=2024-Q1", person("anna"))));
    assert!(page.contains("No source says a role here"), "{page}");
    assert!(without.text("/scorecards/roles").contains("No source says which role people have"));
    assert!(sentence("anna", "2023-Q4").contains("had no card"));
    assert!(sentence("anna", "2099-Q1").contains("has not begun"));
    // The role held on the last day counts, though not for all of the period; before it none is known.
    assert_eq!(of("lea", "2024-Q1")["role"], "SDR");
    assert!(
        sentence("lea", "2024-01").contains("The role is SDR since 15 Feb 2024"),
        "{}",
        sentence("lea", "2024-01")
    );
}

#[test]
fn a_metric_that_rose_at_the_cost_of_its_counter_metric_is_pointed_out() {
    let program = Program::new();
    let quarter = |id: &str, owner: &str, month: u32, count: usize, amount: u32| -> Vec<String> {
        let deal = |at: usize| {
            let on = format!("2024-{month:02}-{:02}", at % 28 + 1);
            // Amounts differ a little, as amounts do.
            closed(&format!("{id}-{at}"), owner, &on, "Won", amount + (at as u32 % 5) * amount / 20)
        };
        (0..count).map(deal).collect()
    };
    let deals = [
        quarter("A1", "anna", 2, 8, 1000),
        quarter("A2", "anna", 5, 20, 100),
        quarter("B1", "ben", 2, 8, 1000),
        quarter("B2", "ben", 5, 20, 980),
    ];
    with_roles(&deals.concat(), &[]).deliver(&program);
    let server = Server::start(&program);
    let otto = account(&program, &server, "otto", None, &["ops"]);
    written(&server, &otto, &card("AE", "2024-01-01", &[("deals_won", "100")]));
    let warning = |name: &str| {
        let found = score(&server, &otto, "rep", name, "2024-Q2");
        component(&found, "deals_won")["warning"].as_str().map(str::to_owned)
    };
    let said = warning("anna").expect("twenty small deals in the place of eight large ones");
    assert!(
        said.starts_with(
            "Deals won got better (20, 8 before) while average deal size got worse beyond noise"
        ),
        "{said}"
    );
    assert_eq!(warning("ben"), None, "as large as before");
    let page = text(&server, &otto, &format!("/scorecards/rep/{}/score?period=2024-Q2", person("anna")));
    assert!(page.contains(&said), "{page}");
}
