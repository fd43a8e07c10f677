//! Goals for everybody of a role at once (journey W10, step 6): chosen, previewed, committed, undone, with who is
//! left out and why.

use jiff::Span;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::acting_for_others::day;
use crate::company_of_many::{account, files, person};
use crate::goals::{propose, quarter, text, with_on_both};
use crate::html;
use crate::program::{Program, Reply, Server};
use crate::small_company::{Files, MAPPING};

/// The first day of the next quarter, for which goals are set.
fn next_quarter() -> Date {
    let (_, last) = quarter();
    last.parse::<Date>().expect("a day").tomorrow().expect("a day")
}

/// Its key.
fn key() -> String {
    let first = next_quarter();
    format!("{}-Q{}", first.year(), (first.month() + 2) / 3)
}

fn so_long_before(day: Date, span: Span) -> String {
    day.saturating_sub(span).to_string()
}

/// What is told of people beside their names: role, first day, last day, part of full time.
fn staff() -> [(&'static str, [String; 4]); 12] {
    let long_ago = || "2020-01-01".to_owned();
    let of = |role: &str, hired: String, left: &str, fte: &str| {
        [role.to_owned(), hired, left.to_owned(), fte.to_owned()]
    };
    [
        ("carla", of("manager", long_ago(), "", "1")),
        ("dora", of("manager", long_ago(), "", "1")),
        ("emil", of("manager", long_ago(), "", "1")),
        ("anna", of("AE", long_ago(), "", "1")),
        ("ben", of("AE", long_ago(), "", "1")),
        ("fay", of("AE", long_ago(), "", "1")),
        // A full month in the role when the quarter begins.
        ("gus", of("AE", so_long_before(next_quarter(), Span::new().months(1)), "", "1")),
        ("hal", of("AE", String::new(), "", "1")),
        ("ida", of("AE", long_ago(), &day(-1), "1")),
        ("jon", of("AE", long_ago(), "", "0.5")),
        ("kim", of("AE", long_ago(), "", "1")),
        ("lea", of("SDR", long_ago(), "", "1")),
    ]
}

/// The company of many with roles and first days, told about from two years ago to today. In the last quarter
/// that is over Fay won 300 and Kim 100.
fn with_roles() -> Files {
    let files = files();
    let year: i16 = day(0)[..4].parse().expect("a year");
    let covered = format!("covers: {{ from: {}-01-01, to: {} }}", year - 2, day(1));
    let managers = std::fs::read_to_string(files.mapping()).expect("the mapping");
    let managers = managers.strip_prefix(MAPPING).expect("the rest of it").to_owned();
    let mapping = MAPPING.replace("covers: { from: 2024-01-01, to: 2025-01-01 }", &covered).replace(
        "columns: { display_name: name }",
        "columns: { display_name: name, role: role, hire_date: hired, end_date: left, fte: fte }",
    );
    files.map(&format!("{mapping}{managers}"));
    let rows: Vec<String> = crate::company_of_many::PEOPLE
        .iter()
        .map(|[id, name, team, _]| {
            let staff = staff();
            let (_, told) = staff.iter().find(|(known, _)| known == id).expect("one of the staff");
            format!("{id},{name},{team},2020-01-01,,{}", told.join(","))
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    files.write("people.csv", "person,name,team,since,until,role,hired,left,fte", &rows);
    let won = so_long_before(next_quarter(), Span::new().months(3).days(10));
    files.deals(&[
        &format!("D-1,First,Acme,fay,{won},{won},Won,300"),
        &format!("D-2,Second,Bolt,kim,{won},{won},Won,100"),
    ]);
    files
}

/// The same, and Emil's people have territories.
fn with_potentials() -> Files {
    let files = with_roles();
    let mapping = std::fs::read_to_string(files.mapping()).expect("the mapping");
    files.map(&format!(
        "{mapping}
  - file: territories.csv
    mode: full
    tables:
      - table: territory
        key: territory
        columns: {{ name: territory, region: region, potential: potential, potential_ccy: {{ constant: EUR }} }}
      - table: territory_assignment
        key: [territory, person]
        columns: {{ territory_id: territory, employee_id: person, share: {{ constant: \"1\" }} }}
"
    ));
    let rows = ["T-1,South,fay,500", "T-2,South,gus,300", "T-3,South,kim,200"];
    files.write("territories.csv", "territory,region,person,potential", &rows);
    files
}

/// A template as a form sends it, with what is chosen otherwise.
fn chosen<'f>(period: &'f str, other: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![
        ("within", ""),
        ("role", "AE"),
        ("metric", "bookings"),
        ("period", period),
        ("sharing", "equal"),
        ("amount", "1,000"),
        ("over", "4"),
        ("of_potential", ""),
        ("ramp", ""),
        ("existing", ""),
        ("reason", "plan of the quarter"),
    ];
    for (name, value) in other {
        fields.iter_mut().find(|(known, _)| known == name).expect("a field").1 = value;
    }
    fields
}

fn preview(server: &Server, cookie: &str, fields: &[(&str, &str)]) -> Reply {
    let query = serde_urlencoded::to_string(fields).expect("fields");
    server.get_as(cookie, &format!("/goals/templates/new?{query}"))
}

/// Commits what a preview shows: where that leads.
fn commit(server: &Server, cookie: &str, fields: &[(&str, &str)]) -> String {
    let page = preview(server, cookie, fields).text();
    let sent: Vec<(String, String)> = html::tags(&page)
        .iter()
        .filter(|tag| tag.name == "input" && tag.get("type") == Some("hidden"))
        .filter_map(|tag| Some((tag.get("name")?.to_owned(), tag.get("value")?.to_owned())))
        .collect();
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let reply = server.submit_as(cookie, "/goals/templates", &sent);
    assert_eq!(reply.status, 303, "{}", html::text(&reply.text()));
    reply.header("location").expect("a place").to_owned()
}

/// Goals of a person in the next quarter, as the API has them.
fn goals_of(server: &Server, cookie: &str, name: &str) -> Vec<Value> {
    let reply =
        server.get_as(cookie, &format!("/api/v1/goals?level=rep&id={}&period={}", person(name), key()));
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json().as_array().expect("goals").clone()
}

fn call(server: &Server, cookie: &str, path: &str, body: &Value) -> Reply {
    let headers = [("Cookie", cookie), ("Content-Type", "application/json")];
    server.send_body("POST", path, &headers, body.to_string())
}

#[test]
fn a_leader_sets_goals_for_a_role_sees_who_is_left_out_and_takes_them_back() {
    with_on_both(with_roles, |program, server| {
        let emil = account(program, server, "emil", Some("emil"), &[]);
        let fay = account(program, server, "fay", Some("fay"), &[]);
        let period = key();
        let fields = chosen(&period, &[("ramp", "0, 25, 50, 75, 100")]);
        let page = html::text(&preview(server, &emil, &fields).text());
        // Four get a share of 1,040: 260 each; Gus is in the ramp (25, 50, 75), Jon works half of full time.
        assert!(page.contains("Assigned 78.0 % of plan, 2 left out."), "{page}");
        assert!(page.contains("add up to 780 EUR") && page.contains("220 EUR less than the plan"), "{page}");
        assert!(page.contains("Before part time, ramp and days it is 104.0 % of it."), "{page}");
        assert!(
            page.contains("ramp, by month 25 %, 50 %, 75 %") && page.contains("part time, 50 %"),
            "{page}"
        );
        assert!(page.contains("no first day known, so no ramp"), "{page}");
        assert!(page.contains("before the period") && page.contains("other role: SDR"), "{page}");
        assert!(page.contains("led by Dora"), "people of the role whom others lead: {page}");
        assert!(goals_of(server, &emil, "fay").is_empty(), "a preview proposes nothing");

        assert_eq!(commit(server, &emil, &fields), "/goals/templates/1");
        let targets: Vec<String> = ["fay", "gus", "jon", "kim"]
            .map(|name| {
                let goals = goals_of(server, &emil, name);
                assert_eq!(goals.len(), 1, "{name}");
                assert_eq!(goals[0]["state"], "proposed", "{name}");
                goals[0]["goal"].to_string()
            })
            .to_vec();
        assert_eq!(targets, ["1", "2", "3", "4"]);
        assert!(text(server, &fay, "/goal/1").contains("260 EUR"));
        assert!(text(server, &emil, "/goal/2").contains("130 EUR"), "half by the ramp");
        assert!(goals_of(server, &emil, "hal").is_empty());

        let again = html::text(&preview(server, &emil, &fields).text());
        assert!(again.contains("waits for an answer") && again.contains("6 left out"), "{again}");
        assert_eq!(server.submit_as(&fay, "/goal/1/acknowledge", &[]).status, 303);
        let undone = server.submit_as(&emil, "/goals/templates/1/undo", &[]);
        assert_eq!((undone.status, undone.header("location")), (303, Some("/goals/templates/1")));
        let page = text(server, &emil, "/goals/templates/1");
        assert!(page.contains("no: acknowledged") && page.contains("withdrawn"), "{page}");
        assert!(page.contains("Assigned 26.0 % of plan, 2 left out."), "Fay's 260 of 1,000 stay: {page}");
        assert!(goals_of(server, &emil, "gus").is_empty() && goals_of(server, &emil, "fay").len() == 1);
        let nothing = server.submit_as(&emil, "/goals/templates/1/undo", &[]);
        assert!(nothing.status == 409 && nothing.text().contains("None of its goals"), "{}", nothing.status);
        let log = program.prints(&["audit", "export"]);
        for act in ["goal_template.commit", "goal.propose", "goal_template.undo", "goal.withdraw"] {
            assert!(log.contains(act), "{act}");
        }
        assert!(program.prints(&["audit", "verify"]).contains("intact"));

        // The same for each is no share of a target of which others hold parts too.
        let carla = account(program, server, "carla", Some("carla"), &[]);
        let whole = [("metric", "bookings"), ("period", &period), ("value", "900"), ("reason", "plan")];
        let reply = server.submit_as(&carla, &format!("/goals/manager/{}", person("emil")), &whole);
        assert_eq!(reply.status, 303, "{}", reply.text());
        let each = chosen(&period, &[("sharing", "each"), ("amount", "100"), ("over", "")]);
        let page = html::text(&preview(server, &emil, &each).text());
        assert!(page.contains("no plan to hold that against") && !page.contains("% of plan"), "{page}");
    });
}

#[test]
fn operations_propose_for_everybody_and_both_sides_have_yet_to_agree() {
    with_on_both(with_roles, |program, server| {
        let olga = account(program, server, "olga", None, &["ops"]);
        let [dora, anna] = ["dora", "anna"].map(|name| account(program, server, name, Some(name), &[]));
        let (period, dora_id) = (key(), person("dora"));
        let fields =
            chosen(&period, &[("sharing", "each"), ("amount", "500"), ("over", ""), ("within", &dora_id)]);
        let page = html::text(&preview(server, &olga, &fields).text());
        assert!(page.contains("2 targets, nobody left out."), "{page}");
        assert!(page.contains("There is no plan to hold that against."), "{page}");
        assert_eq!(commit(server, &olga, &fields), "/goals/templates/1");
        assert_eq!(server.submit_as(&olga, "/goal/1/acknowledge", &[]).status, 404, "not hers to agree to");
        assert_eq!(server.submit_as(&anna, "/goal/1/acknowledge", &[]).status, 303);
        assert_eq!(goals_of(server, &anna, "anna")[0]["state"], "proposed", "her leader has not agreed");
        assert_eq!(server.submit_as(&dora, "/goal/1/acknowledge", &[]).status, 303);
        assert_eq!(goals_of(server, &anna, "anna")[0]["state"], "in force");

        // Who has a goal already is left out, or gets a change.
        let page = html::text(&preview(server, &olga, &fields).text());
        assert!(
            page.contains("Nobody would get a goal") && page.contains("has a goal by this metric"),
            "{page}"
        );
        let undone = call(server, &olga, "/api/v1/goals/templates/1/undo", &json!({}));
        assert_eq!(undone.json(), json!({ "taken_back": 1, "stays": 1 }), "{}", undone.text());
        let change = json!({
            "within": dora_id, "role": "AE", "metric": "bookings", "period": period, "sharing": "equal",
            "amount": "900", "existing": "change", "reason": "a smaller plan",
        });
        let would = call(server, &olga, "/api/v1/goals/templates/preview", &change).json();
        assert_eq!(would["finding"], "Assigned 100.0 % of plan, nobody left out.", "{would}");
        let of = |at: usize, field: &str| would["goals"][at][field].as_str().map(str::to_owned);
        assert_eq!(
            (of(0, "name"), of(0, "before"), of(0, "target")),
            (Some("Anna".to_owned()), Some("500".to_owned()), Some("450".to_owned()))
        );
        assert_eq!(of(1, "before"), None, "Ben's was taken back");
        let made = call(server, &olga, "/api/v1/goals/templates", &change);
        assert_eq!((made.status, made.header("location")), (201, Some("/api/v1/goals/templates/2")));
        let opened = server.get_as(&olga, "/api/v1/goals/templates/2").json();
        assert_eq!(opened["goals"][0]["goal"], 1, "a version of the goal there is: {opened}");
        assert_eq!(
            goals_of(server, &anna, "anna")[0]["state"],
            "in force",
            "the old one holds until both agree"
        );
    });
}

#[test]
fn a_total_is_shared_out_by_history_and_by_potential() {
    with_on_both(with_potentials, |program, server| {
        let emil = account(program, server, "emil", Some("emil"), &[]);
        let period = key();
        let drafted = |sharing: &str, more: &[(&str, &str)]| -> (Vec<(String, String)>, String, String) {
            let mut body = json!({
                "role": "AE", "metric": "bookings", "period": period, "sharing": sharing,
                "amount": "1000.01", "reason": "plan",
            });
            for (name, value) in more {
                body[*name] = json!(value);
            }
            let would = call(server, &emil, "/api/v1/goals/templates/preview", &body).json();
            let goals = would["goals"].as_array().unwrap_or_else(|| panic!("{would}")).clone();
            let text = |goal: &Value, name: &str| goal[name].as_str().expect("text").to_owned();
            let targets = goals.iter().map(|goal| (text(goal, "name"), text(goal, "share"))).collect();
            (targets, would["finding"].to_string(), would["left_out"].to_string())
        };
        let pair = |name: &str, share: &str| (name.to_owned(), share.to_owned());
        // Fay attained 300 and Kim 100; the others nothing.
        let (targets, finding, left_out) = drafted("history", &[]);
        assert_eq!(
            targets,
            [pair("Fay", "750.01"), pair("Kim", "250")],
            "the cent goes to the larger remainder"
        );
        assert!(finding.contains("Assigned 100.0 % of plan"), "{finding}");
        assert!(left_out.contains("attained nothing in the periods before"), "{left_out}");
        // Potentials of 500, 300 and 200.
        let (targets, _, left_out) = drafted("potential", &[("over", "10")]);
        assert_eq!(targets, [pair("Fay", "550.01"), pair("Gus", "330"), pair("Kim", "220")]);
        assert!(left_out.contains("no territory with a potential"), "{left_out}");
        // Admins see nobody's own figures, and shares would tell them.
        let ada = account(program, server, "ada", None, &["admin"]);
        let by_potential = json!({
            "role": "AE", "metric": "bookings", "period": period, "sharing": "potential",
            "amount": "1000.01", "reason": "plan",
        });
        let would = call(server, &ada, "/api/v1/goals/templates/preview", &by_potential).json();
        assert_eq!(would["goals"], json!([]), "{would}");
    });
    let program = Program::new();
    with_roles().deliver(&program);
    let server = Server::start(&program);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let period = key();
    let refused = preview(&server, &emil, &chosen(&period, &[("sharing", "potential")]));
    let said = html::text(&refused.text());
    assert!(refused.status == 422 && said.contains("No source says what potential"), "{said}");
}

#[test]
fn templates_are_for_who_leads_and_for_operations() {
    with_on_both(with_roles, |program, server| {
        let [carla, dora, emil, fay] =
            ["carla", "dora", "emil", "fay"].map(|name| account(program, server, name, Some(name), &[]));
        let hanna = account(program, server, "hanna", None, &["hrbp"]);
        let ada = account(program, server, "ada", None, &["admin"]);
        let (period, emil_id) = (key(), person("emil"));
        let fields = chosen(&period, &[]);
        for stranger in [&fay, &hanna] {
            assert_eq!(preview(server, stranger, &fields).status, 404);
            assert_eq!(server.submit_as(stranger, "/goals/templates", &fields).status, 404);
        }
        let others = chosen(&period, &[("within", &emil_id)]);
        assert_eq!(preview(server, &dora, &others).status, 404, "Emil's people are not Dora's");
        assert_eq!(preview(server, &carla, &others).status, 200, "they are Carla's");
        assert_eq!(preview(server, &ada, &fields).status, 200, "an admin sets goals up");
        let history = chosen(&period, &[("sharing", "history")]);
        let page = html::text(&preview(server, &ada, &history).text());
        assert!(
            !page.contains("300") && page.contains("Nobody would get a goal"),
            "and reads no results: {page}"
        );

        assert_eq!(commit(server, &emil, &fields), "/goals/templates/1");
        assert_eq!(server.get_as(&dora, "/goals/templates/1").status, 404);
        assert_eq!(server.submit_as(&dora, "/goals/templates/1/undo", &[]).status, 404);
        assert_eq!(server.get_as(&carla, "/goals/templates/1").status, 200);
        assert!(!text(server, &dora, "/goals/templates").contains("Template 1"));
        let goal = server.get_as(&fay, "/goal/1");
        assert!(goal.status == 200 && goal.text().contains("/goal/1/acknowledge"), "{}", goal.status);
        assert_eq!(server.submit_as(&fay, "/goal/1/acknowledge", &[]).status, 303);
        let change = chosen(&period, &[("existing", "change"), ("amount", "500"), ("over", "")]);
        let page = html::text(&preview(server, &ada, &change).text());
        assert!(page.contains("Fay has one") && !page.contains("208"), "nor targets of others: {page}");
    });
}

#[test]
fn what_was_not_looked_at_is_not_proposed() {
    let program = Program::new();
    with_roles().deliver(&program);
    let server = Server::start(&program);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let period = key();
    let mut blind = chosen(&period, &[]);
    blind.push(("mark", "none"));
    let reply = server.submit_as(&emil, "/goals/templates", &blind);
    assert!(reply.status == 409 && reply.text().contains("nothing was proposed"), "{}", reply.status);
    assert_eq!(server.get_as(&emil, "/goal/1").status, 404);
    for (field, value, words) in [
        ("amount", "0", "more than zero"),
        ("over", "200", "from 0 to 100"),
        ("ramp", "0, much", "in percent"),
        ("period", "2019-Q1", "is over"),
        ("period", "all", "first and a last day"),
        ("metric", "nothing", "Choose a metric"),
        ("metric", "win_rate_count", "does not add up"),
        ("sharing", "by luck", "is none of"),
        ("reason", " ", "Say why"),
    ] {
        let reply = preview(&server, &emil, &chosen(&period, &[(field, value)]));
        let said = html::text(&reply.text());
        assert!(reply.status == 422 && said.contains(words), "{field} {value}: {} {said}", reply.status);
    }
    let rate = chosen(&period, &[("metric", "win_rate_count"), ("sharing", "each"), ("amount", "0.25")]);
    let page = html::text(&preview(&server, &emil, &rate).text());
    assert!(page.contains("25.0") && page.contains("does not add up over people"), "{page}");
    assert_eq!(propose(&server, &emil, "rep", "fay", "400").0, 303);
}

#[test]
fn a_role_is_led_by_five_metrics_at_most() {
    let program = Program::new();
    with_roles().deliver(&program);
    let server = Server::start(&program);
    let olga = account(&program, &server, "olga", None, &["ops"]);
    let (period, dora) = (key(), person("dora"));
    let asked = |metric: &str| {
        let body = json!({
            "within": dora, "role": "AE", "metric": metric, "period": period, "sharing": "each",
            "amount": "3", "reason": "plan",
        });
        call(&server, &olga, "/api/v1/goals/templates", &body)
    };
    for metric in ["bookings", "deals_won", "avg_deal_size", "win_rate_count", "opps_created"] {
        assert_eq!(asked(metric).status, 201, "{metric}");
    }
    let alone = [("metric", "customers"), ("period", &period), ("value", "3"), ("reason", "plan")];
    let leader = account(&program, &server, "dora", Some("dora"), &[]);
    let refused = server.submit_as(&leader, &format!("/goals/rep/{}", person("anna")), &alone);
    let said = html::text(&refused.text());
    assert!(refused.status == 422 && said.contains("goals by 5 metrics or more"), "{said}");
    let sixth = asked("customers");
    assert_eq!((sixth.status, sixth.json()["field"].as_str()), (422, Some("metric")), "{}", sixth.text());
    let undone = call(&server, &olga, "/api/v1/goals/templates/1/undo", &json!({}));
    assert_eq!(undone.json()["taken_back"], 2, "{}", undone.text());
    assert_eq!(asked("customers").status, 201, "once one is given up");
}

#[test]
fn a_deputys_template_is_about_the_people_of_the_one_who_is_away() {
    with_on_both(with_roles, |program, server| {
        let [dora, fay, emil] =
            ["dora", "fay", "emil"].map(|name| account(program, server, name, Some(name), &[]));
        let away = [("deputy", "Fay"), ("from", &day(-1)), ("to", &day(1))]
            .map(|(name, value)| (name, value.to_owned()));
        let away: Vec<(&str, &str)> = away.iter().map(|(name, value)| (*name, value.as_str())).collect();
        assert_eq!(server.submit_as(&dora, "/account/away", &away).status, 303);
        let period = key();
        assert_eq!(commit(server, &fay, &chosen(&period, &[])), "/goals/templates/1");
        assert_eq!(server.get_as(&dora, "/goals/templates/1").status, 200, "it is about her people");
        assert_eq!(server.get_as(&emil, "/goals/templates/1").status, 404);
    });
}
