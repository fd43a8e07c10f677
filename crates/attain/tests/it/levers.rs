//! Bookings against their target, by leads, by customers and by activities, and what sharing deals adds: each taken
//! apart into parts that add up.

use attain_testing::Postgres;
use serde_json::Value;

use crate::company_of_many::{account, files, mapping, person};
use crate::goal_outlook::{Quarter, company as company_with_wins, gone_by};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;

/// What else may be delivered about the company of many: how each file is called, its columns and its tables.
const QUOTAS: [&str; 3] = [
    "quotas.csv",
    "person,period,value,currency",
    "
      - table: target
        key: [person, period]
        columns:
          kpi_id: { constant: credited_bookings }
          subject_kind: { constant: employee }
          subject_id: person
          period_id: period
          value: value
          currency: currency
          kind: { constant: quota }
",
];
const RATES: [&str; 3] = [
    "rates.csv",
    "from,to,day,rate",
    "
      - table: fx_rate
        key: [from, to, day]
        columns: { rate_set: { constant: spot }, from_ccy: from, to_ccy: to, rate_date: day, rate: rate }
",
];
const SHARES: [&str; 3] = [
    "shares.csv",
    "deal,person,share",
    "
      - table: credit_split
        key: [deal, person]
        columns: { opportunity_id: deal, employee_id: person, kind: { constant: primary }, share: share }
",
];
const LEADS: [&str; 3] = [
    "leads.csv",
    "lead,created,owner",
    "
      - table: lead
        key: lead
        columns: { created_at: created, owner_id: owner, status: { constant: new } }
",
];
const ACTIVITIES: [&str; 3] = [
    "activities.csv",
    "activity,kind,at,person,outcome",
    "
      - table: activity
        key: activity
        columns:
          kind: kind
          direction: { constant: out }
          occurred_at: at
          employee_id: person
          outcome: outcome
",
];

/// Anna creates ten deals a quarter; wins four of 1,000, then five of 2,000, then three of 2,000: each quarter the first
/// customers buy again.
fn company(more: &[([&str; 3], &[String])]) -> Files {
    let files = files();
    let mut deals = Vec::new();
    for (month, won, amount) in [("02", 4, 1_000), ("05", 5, 2_000), ("08", 3, 2_000)] {
        for at in 0..10 {
            let outcome = if at < won { "Won" } else { "Lost" };
            deals.push(format!(
                "D-{month}-{at},Deal,Acme {at},anna,2024-{month}-01,2024-{month}-20,{outcome},{amount}"
            ));
        }
    }
    files.deals(&lines(&deals));
    let mut mapped = mapping();
    for ([file, header, tables], rows) in more {
        mapped.push_str(&format!("\n  - file: {file}\n    mode: full\n    tables:{tables}"));
        files.write(file, header, &lines(rows));
    }
    files.map(&mapped);
    files
}

fn lines(rows: &[String]) -> Vec<&str> {
    rows.iter().map(String::as_str).collect()
}

fn rows<const COUNT: usize>(rows: [&str; COUNT]) -> Vec<String> {
    rows.map(str::to_owned).to_vec()
}

fn on_both(files: &Files, story: impl Fn(&Program, &Server)) {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        files.deliver(program);
        story(program, &Server::start(program));
    }
}

fn why(server: &Server, rest: &str) -> Value {
    server.get(&format!("/api/v1/why?level=rep&id={}&period=2024-Q2&{rest}", person("anna"))).json()
}

/// Levers with their effects.
fn effects(why: &Value) -> Vec<(String, f64)> {
    let parts = why["parts"].as_array().unwrap_or_else(|| panic!("parts: {why}"));
    let effect = |part: &Value| {
        let effect = part["effect"].as_str().and_then(|text| text.parse().ok()).expect("an effect");
        (part["lever"].as_str().expect("a lever").to_owned(), effect)
    };
    parts.iter().map(effect).collect()
}

/// That the parts lead from the one value to the other, to the cent.
fn adds_up(why: &Value, from: f64, to: f64) {
    let values = [0, 1].map(|at| {
        why["values"][at]
            .as_str()
            .and_then(|text| text.parse::<f64>().ok())
            .unwrap_or_else(|| panic!("values: {why}"))
    });
    assert_eq!(values, [from, to], "{why}");
    let sum: f64 = effects(why).iter().map(|(_, effect)| effect).sum();
    assert!((sum - (to - from)).abs() < 0.005, "{why}");
}

fn starts(why: &Value, field: &str, words: &str) {
    assert!(why[field].as_str().is_some_and(|said| said.starts_with(words)), "{words}: {why}");
}

/// Asked were 12,000, and 10,000 came. A year ago there was nothing; the quarter before won four of ten, 1,000 each:
/// to reach 12,000 like that takes twelve deals of thirty.
#[test]
fn a_target_is_taken_apart_by_what_was_needed_for_it() {
    let files = company(&[(QUOTAS, &rows(["anna,2024-Q2,12000,EUR"]))]);
    on_both(&files, |program, server| {
        let of_target = why(server, "against=target");
        adds_up(&of_target, 12_000.0, 10_000.0);
        starts(&of_target, "sentence", "Down 2,000 EUR on the target: ");
        assert_eq!(
            of_target["plan"].as_str(),
            Some(
                "To reach 12,000 EUR at the deal size and the conversion of Q1 2024, 30.0 opportunities were needed."
            )
        );
        let planned: Vec<&str> = of_target["parts"]
            .as_array()
            .expect("parts")
            .iter()
            .filter_map(|part| part["before"].as_str())
            .collect();
        assert_eq!(planned, ["30", "0.4", "1000"], "{of_target}");
        let beyond = &of_target["parts"][0]["beyond_chance"];
        assert_eq!(beyond, &Value::Bool(true), "ten are 4.8 to 18.4 with a chance of 95 %: {of_target}");
        assert!(of_target["parts"][2]["beyond_chance"].is_null(), "five alike tell no chance: {of_target}");
        let page = server.get(&format!("/why/rep/{}?period=2024-Q2&against=target", person("anna"))).text();
        let text = html::text(&page);
        assert!(
            text.contains("30.0 opportunities were needed") && text.contains("A target is a plan"),
            "{text}"
        );
        assert!(page.contains("/numbers/quota?period=2024-Q2"), "the target opens: {page}");

        // Ben may open neither her numbers nor her target.
        let ben = account(program, server, "ben", Some("ben"), &[]);
        let path = format!("/api/v1/why?level=rep&id={}&period=2024-Q2&against=target", person("anna"));
        assert_eq!(server.get_as(&ben, &path).status, 404);
        let by_customers = format!("{path}&by=customers");
        assert_eq!(server.get_as(&ben, &by_customers).status, 404);
        let anna = account(program, server, "anna", Some("anna"), &[]);
        assert_eq!(server.get_as(&anna, &by_customers).status, 422, "a target goes by opportunities");
        assert_eq!(server.get_as(&anna, &path).status, 200);
    });
}

#[test]
fn without_a_target_to_compare_with_the_page_says_why() {
    let quotas =
        rows(["ben,2024-Q1,500,EUR", "anna,2024-Q1,0,EUR", "anna,2024-Q2,100,USD", "fay,2024-Q1,700,EUR"]);
    let files = company(&[(QUOTAS, &quotas)]);
    let program = Program::new();
    files.deliver(&program);
    let server = Server::start(&program);
    for (name, period, words) in [
        ("anna", "2024-Q3", "No target of bookings is in force in Q3 2024"),
        ("anna", "2024-Q1", "is zero or less"),
        ("anna", "2024-Q2", "in another currency than the company’s, of which no rate is known"),
        ("fay", "2024-Q1", "neither goals nor a year ago"),
    ] {
        let path = format!("level=rep&id={}&period={period}&against=target", person(name));
        let reply = server.get(&format!("/api/v1/why?{path}")).json();
        assert!(reply["sentence"].as_str().is_some_and(|said| said.contains(words)), "{words}: {reply}");
        assert!(reply["parts"].is_null() && reply["plan"].is_null(), "{reply}");
        let page = server.get(&format!("/why/rep/{}?period={period}&against=target", person(name)));
        assert!(page.status == 200 && html::text(&page.text()).contains(words), "{words}");
    }
    let offered = |name: &str, period: &str| {
        let page = server.get(&format!("/why/rep/{}?period={period}", person(name))).text();
        page.contains("<option value=\"target\"")
    };
    assert!(offered("ben", "2024-Q1") && !offered("ben", "2024-Q2"), "offered where there is one");
}

/// A quota in another currency counts at the rate of the first day it applies to (T12).
#[test]
fn a_quota_in_another_currency_is_converted_or_said_to_lack_a_rate() {
    let quotas = rows(["anna,2024-Q2,20000,USD", "ben,2024-Q2,1000,EUR"]);
    let goals = |server: &Server, subject: &str| {
        html::text(&server.get(&format!("/goals/{subject}?period=2024-Q2")).text())
    };
    let anna = format!("rep/{}", person("anna"));
    let team = format!("manager/{}", person("dora"));
    let without = company(&[(QUOTAS, &quotas)]);
    on_both(&without, |_, server| {
        let page = goals(server, &anna);
        assert!(page.contains("in another currency, of which no rate is known"), "{page}");
        assert!(!page.contains("20,000"), "dollars are no euros: {page}");
        let page = goals(server, &team);
        assert!(!page.contains("1,000 EUR of"), "what lacks a part is no target: {page}");
    });
    let rates = rows(["USD,EUR,2024-03-29,0.5", "USD,EUR,2024-05-29,0.9"]);
    let with = company(&[(QUOTAS, &quotas), (RATES, &rates)]);
    on_both(&with, |_, server| {
        let number = server
            .get(&format!("/api/v1/numbers?level=rep&id={}&metric=quota&period=2024-Q2", person("anna")));
        assert_eq!(number.json()[0]["value"].as_f64(), Some(10_000.0), "{}", number.text());
        let page = goals(server, &anna);
        assert!(page.contains("100.0 % of the target"), "five of 2,000 against 10,000: {page}");
        let of_team = server
            .get(&format!("/api/v1/numbers?level=manager&id={}&metric=quota&period=2024-Q2", person("dora")));
        assert_eq!(of_team.json()[0]["value"].as_f64(), Some(11_000.0), "{}", of_team.text());
        let why = server
            .get(&format!("/api/v1/why?level=rep&id={}&period=2024-Q2&against=target", person("anna")))
            .json();
        assert!(why["sentence"].as_str().is_some_and(|said| !said.contains("currency")), "{why}");
    });
}

/// Ben has half of one of her two deals of the second quarter worth 2,000, so that 9,000 of 10,000 are credited to her.
#[test]
fn what_is_shared_is_a_part_of_its_own() {
    let quotas = rows(["anna,2024-Q2,12000,EUR"]);
    let shares = rows(["D-05-0,anna,0.5", "D-05-0,ben,0.5"]);
    let files = company(&[(QUOTAS, &quotas), (SHARES, &shares)]);
    on_both(&files, |_, server| {
        let before = why(server, "");
        adds_up(&before, 4_000.0, 9_000.0);
        assert_eq!(before["of"].as_str(), Some("credited bookings"));
        starts(&before, "sentence", "Up 5,000 EUR of credited bookings on Q1 2024: ");
        assert_eq!(effects(&before).last(), Some(&("split effect".to_owned(), -1_000.0)), "{before}");
        let of_target = why(server, "against=target");
        adds_up(&of_target, 12_000.0, 9_000.0);
        assert_eq!(effects(&of_target).last(), Some(&("split effect".to_owned(), -1_000.0)), "{of_target}");
        let page = html::text(&server.get(&format!("/why/rep/{}?period=2024-Q2", person("anna"))).text());
        assert!(page.contains("Split effect") && page.contains("Deals are shared"), "{page}");
        // The company shares with nobody.
        let company = server.get("/api/v1/why?period=2024-Q2").json();
        assert_eq!(company["of"].as_str(), Some("bookings"), "{company}");
        assert_eq!(effects(&company).len(), 3, "no leads, no lever: {company}");
    });
}

/// Twenty leads and then forty became ten opportunities either time.
#[test]
fn a_team_begins_with_its_leads_and_a_person_does_not() {
    let leads: Vec<String> =
        (0..60).map(|at| format!("L-{at},2024-{}-01,anna", if at < 20 { "02" } else { "05" })).collect();
    let files = company(&[(LEADS, &leads)]);
    on_both(&files, |_, server| {
        let of = |level: &str, name: &str| {
            let path = format!("/api/v1/why?level={level}&id={}&period=2024-Q2", person(name));
            server.get(&path).json()
        };
        let team = of("manager", "dora");
        adds_up(&team, 4_000.0, 10_000.0);
        let levers: Vec<String> = effects(&team).into_iter().map(|(lever, _)| lever).collect();
        assert_eq!(levers, ["leads", "opportunities per lead", "conversion", "deal size"]);
        let doubled = &team["parts"][0];
        assert_eq!((doubled["before"].as_str(), doubled["after"].as_str()), (Some("20"), Some("40")));
        let beyond = &team["parts"][0]["beyond_chance"];
        assert_eq!(beyond, &Value::Bool(true), "20 and 40 differ by more than chance: {team}");
        assert_eq!(effects(&of("rep", "anna")).len(), 3);
    });
}

/// All four customers of February bought again in May, and one more; of the five three did in August. A hundred calls
/// and twenty meetings each time.
#[test]
fn the_same_change_is_looked_at_by_customers_and_by_activities() {
    let mut activities = Vec::new();
    for month in ["02", "05"] {
        for at in 0..120 {
            let (kind, outcome) = if at < 100 { ("call", "connected") } else { ("meeting", "held") };
            activities.push(format!("A-{month}-{at},{kind},2024-{month}-03,anna,{outcome}"));
        }
    }
    let files = company(&[(ACTIVITIES, &activities)]);
    on_both(&files, |_, server| {
        let by_activities = why(server, "by=activities");
        adds_up(&by_activities, 4_000.0, 10_000.0);
        let levers: Vec<String> = effects(&by_activities).into_iter().map(|(lever, _)| lever).collect();
        assert_eq!(
            levers,
            ["calls", "meetings per call", "opportunities per meeting", "conversion", "deal size"]
        );
        let calls = &by_activities["parts"][0];
        assert_eq!((calls["before"].as_str(), calls["effect"].as_str()), (Some("100"), Some("0")));
        // Of who bought before February nothing is known.
        let by_customers = why(server, "by=customers");
        starts(&by_customers, "sentence", "There are no customers of a period before to compare");
        let path = format!("/api/v1/why?level=rep&id={}&period=2024-Q3&by=customers", person("anna"));
        let august = server.get(&path).json();
        adds_up(&august, 10_000.0, 6_000.0);
        let sides = |field: &str| -> Vec<String> {
            let parts = august["parts"].as_array().expect("parts").iter();
            parts.map(|part| part[field].as_str().expect("a value").to_owned()).collect()
        };
        assert_eq!(sides("before"), ["4", "1", "1.25", "2000"], "{august}");
        assert_eq!(sides("after"), ["5", "0.6", "1", "2000"], "{august}");
        let page = server.get(&format!("/why/rep/{}?period=2024-Q2", person("anna"))).text();
        assert!(
            page.contains("<option value=\"activities\"") && page.contains("<option value=\"customers\"")
        );
        assert_eq!(server.get(&format!("/why/rep/{}?period=2024-Q2&by=weather", person("anna"))).status, 422);
        let ben = server.get(&format!("/why/rep/{}?period=2024-Q2", person("ben"))).text();
        assert!(!ben.contains("<option value=\"activities\""), "there is nothing to begin with");
    });
}

/// Four deals of 1,000 a year ago, and none since. Of a goal of 60,000 so much is due as working days have gone by.
#[test]
fn of_a_period_under_way_the_target_is_what_is_due() {
    let year_ago = Quarter::before(4);
    let deals: Vec<_> = year_ago.working_days()[..4].iter().map(|day| ("anna", *day, 1_000)).collect();
    on_both(&company_with_wins(&deals), |program, server| {
        let dora = account(program, server, "dora", Some("dora"), &[]);
        let anna = account(program, server, "anna", Some("anna"), &[]);
        let (gone, all) = gone_by();
        let period = Quarter::before(0).key();
        let agree = |metric: &str, value: &str| {
            let fields = [("metric", metric), ("period", &period), ("value", value), ("reason", "why")];
            let goal = server.submit_as(&dora, &format!("/goals/rep/{}", person("anna")), &fields);
            let goal = goal.header("location").expect("a goal").to_owned();
            assert_eq!(server.submit_as(&anna, &format!("{goal}/acknowledge"), &[]).status, 303);
        };
        agree("bookings", "60000");
        let path = format!("level=rep&id={}&period={period}&against=target", person("anna"));
        let of_target = server.get_as(&dora, &format!("/api/v1/why?{path}")).json();
        let due = (6_000_000.0 * gone as f64 / all as f64).round() / 100.0;
        if gone == 0 {
            starts(&of_target, "sentence", "Nothing of the target is due yet");
            return;
        }
        adds_up(&of_target, due, 0.0);
        starts(&of_target, "sentence", "Down ");
        assert!(of_target["sentence"].as_str().is_some_and(|said| said.contains("the target due by")));
        // Every deal was won, so that a thousand each take as many opportunities as thousands are due.
        let opportunities =
            of_target["parts"][0]["before"].as_str().and_then(|text| text.parse::<f64>().ok());
        assert!(opportunities.is_some_and(|count| (count - due / 1_000.0).abs() < 1e-6), "{of_target}");

        // A goal of opportunities takes the place of what is left over: a conversion was needed instead.
        agree("opps_created", "30");
        let with_goal = server.get_as(&dora, &format!("/api/v1/why?{path}")).json();
        let plan = with_goal["plan"].as_str().unwrap_or_default();
        assert!(
            plan.contains("with the goal of") && plan.contains("a conversion of 200.0 % was needed"),
            "{plan}"
        );
    });
}
