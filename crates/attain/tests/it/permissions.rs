//! Who may come where: every address the server has, walked as everybody, and compared with the
//! matrix of domain 15.2.

use std::collections::{BTreeMap, BTreeSet};

use attain_testing::Postgres;

use crate::company_of_many::{PEOPLE, account, everybody, files, managers, person};
use crate::html;
use crate::program::{Program, Server};

const ROLES: [&str; 8] = ["rep", "manager", "skip", "hrbp", "admin", "ops", "exec", "auditor"];

/// Domain 15.2 by address: who reads there, and who writes.
const POLICY: [(&str, &[&str], &[&str]); 34] = [
    ("/data", &["ops", "auditor"], &["ops"]),
    ("/api/v1/imports", &["ops", "auditor"], &["ops"]),
    ("/api/v1/uploads", &["ops"], &["ops"]),
    ("/api/v1/merges", &["ops", "auditor"], &["ops"]),
    ("/api/v1/quality", &["ops", "auditor"], &[]),
    ("/api/v1/reconciliations", &[], &["ops", "auditor"]),
    ("/scorecards/roles", &ROLES, &["admin", "ops"]),
    ("/role-cards", &ROLES, &["admin", "ops"]),
    ("/scorecards", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    (
        "/receipts",
        &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"],
        &["rep", "manager", "skip", "hrbp", "ops"],
    ),
    ("/why", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/pipeline", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/market", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    (
        "/trend",
        &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"],
        &["rep", "manager", "skip", "hrbp", "ops"],
    ),
    ("/score", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/circumstances/policy", &ROLES, &["admin", "ops"]),
    ("/circumstances", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/expectations", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/compar", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    (
        "/goals/templates",
        &["manager", "skip", "admin", "ops", "auditor"],
        &["manager", "skip", "admin", "ops"],
    ),
    (
        "/goals/reliefs",
        &["rep", "manager", "skip", "hrbp", "admin", "auditor"],
        &["manager", "skip", "admin"],
    ),
    ("/goals", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &["rep", "manager", "skip"]),
    ("/goal/", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &["rep", "manager", "skip"]),
    ("/planning", &["rep", "manager", "skip", "hrbp", "ops", "exec", "auditor"], &[]),
    ("/questions", &["rep", "manager", "hrbp", "auditor"], &["rep"]),
    ("/integrity-questions", &["rep", "manager", "hrbp", "auditor"], &["rep"]),
    ("/metrics", &ROLES, &[]),
    ("/definitions", &ROLES, &["admin", "ops"]),
    ("/people/accounts/{number}/view", &[], &["admin", "auditor"]),
    ("/people/accounts", &["admin", "auditor"], &["admin"]),
    ("/settings", &["admin", "auditor"], &["admin"]),
    ("/people", &ROLES, &["admin", "ops"]),
    ("/audit/security", &["admin", "auditor"], &[]),
    ("/audit", &["rep", "manager", "hrbp", "admin", "auditor"], &[]),
];

/// Addresses whose GET is the form of a change: they are for who may make it.
const FORMS: [&str; 9] = [
    "/data/imports/new",
    "/data/uploads",
    "/data/imports/{number}/undo",
    "/data/imports/{number}/restatement",
    "/definitions/new",
    "/goals/templates/new",
    "/metrics/{metric}/change",
    "/data/uploads/{id}",
    "/data/uploads/{id}/run",
];

/// Addresses for whoever has signed in, and for anybody.
const SIGNED_IN: [&str; 14] = [
    "/",
    "/account",
    "/account/away",
    "/account/away/end",
    "/account/password",
    "/account/second-factor",
    "/account/second-factor/off",
    "/account/sessions/end",
    "/account/tokens",
    "/account/tokens/end",
    "/sign-out",
    "/view-as/end",
    "/audit/seen",
    "/api",
];
const ANYONE: [&str; 8] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-in/forgotten",
    "/sign-in/provider",
    "/sign-in/provider/back",
    "/welcome/{ticket}",
    "/api/openapi.json",
    "/demo/people",
];

/// An address the server has, with the roles that may come there.
#[derive(Debug)]
struct Route {
    method: String,
    path: String,
    anyone: bool,
    roles: BTreeSet<String>,
}

/// What the program itself says of every address it has.
fn routes(program: &Program) -> Vec<Route> {
    let mut reader = csv::Reader::from_reader(
        program.prints(&["permissions", "--format", "csv"]).into_bytes().leak() as &[u8],
    );
    let records = reader.deserialize::<BTreeMap<String, String>>().map(|record| record.expect("a route"));
    records
        .map(|record| Route {
            method: record["method"].clone(),
            path: record["path"].clone(),
            anyone: record["anyone"] == "yes",
            roles: ROLES.into_iter().filter(|role| record[*role] != "-").map(str::to_owned).collect(),
        })
        .collect()
}

/// The roles that may come to an address by the matrix.
fn expected(route: &Route) -> BTreeSet<String> {
    if SIGNED_IN.contains(&route.path.as_str()) || ANYONE.contains(&route.path.as_str()) {
        return ROLES.map(str::to_owned).into();
    }
    let as_page =
        route.path.strip_prefix("/api/v1").unwrap_or(&route.path).replace("/numbers", "/scorecards");
    let found = POLICY.iter().find(|(prefix, ..)| route.path.starts_with(prefix));
    let found = found.or_else(|| POLICY.iter().find(|(prefix, ..)| as_page.starts_with(prefix)));
    let (_, read, write) =
        found.unwrap_or_else(|| panic!("{} {} has no rule here", route.method, route.path));
    let is_form = FORMS.contains(&route.path.as_str()) || route.path.starts_with("/data/uploads/{id}");
    let is_question = route.path == "/data/reconciliation";
    let writes_definitions = route.path == "/metrics/{metric}/change";
    let roles = match (route.method.as_str(), is_form) {
        ("GET", true) if writes_definitions => &["admin", "ops"],
        ("GET", false) => *read,
        _ if is_question => *read,
        _ => *write,
    };
    roles.iter().map(|role| (*role).to_owned()).collect()
}

#[test]
fn the_server_lets_in_whom_the_matrix_names() {
    let routes = routes(&Program::new());
    assert!(routes.len() > 80, "{} routes", routes.len());
    for route in &routes {
        assert_eq!(route.anyone, ANYONE.contains(&route.path.as_str()), "{} {}", route.method, route.path);
        assert_eq!(route.roles, expected(route), "{} {}", route.method, route.path);
    }
}

/// An address with something that is there in the place of its parameters.
fn filled(path: &str, subject: (&str, &str)) -> String {
    let (level, id) = subject;
    let named = [
        ("{level}", level),
        ("{id}", id),
        ("{metric}", "bookings"),
        ("{number}", "1"),
        ("{file}", "deals.csv"),
        ("{source}", "crm"),
        ("{version}", "1"),
        ("{ticket}", "none"),
        ("{role}", "AE"),
    ];
    named.into_iter().fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

/// What was refused, as the audit log has it: the account, and method and address.
fn refused(program: &Program) -> BTreeSet<(String, String)> {
    let log = program.prints(&["audit", "export", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(log.as_bytes());
    let records = reader.deserialize::<BTreeMap<String, String>>().map(|record| record.expect("an entry"));
    records
        .filter(|entry| entry["action"] == "security.not_allowed")
        .map(|entry| {
            let detail: serde_json::Value = serde_json::from_str(&entry["detail"]).expect("JSON");
            let asked = format!(
                "{} {}",
                detail["method"].as_str().expect("a method"),
                detail["path"].as_str().expect("a path")
            );
            (entry["actor"].clone(), asked)
        })
        .collect()
}

#[test]
fn every_address_is_closed_to_whom_the_matrix_does_not_name() {
    walk(&Program::new());
    if let Some(server) = Postgres::shared() {
        walk(&Program::on_postgres(server.create_database()));
    }
}

/// Walks every address and method as anybody and as each role.
fn walk(program: &Program) {
    files().deliver(program);
    let server = Server::start(program);
    let sessions = everybody(program, &server);
    let accounts: BTreeMap<&str, String> = accounts(program);
    let mut expected_refusals = BTreeSet::new();
    for route in routes(program) {
        // Signing out would end the walk.
        if route.path == "/sign-out" {
            continue;
        }
        let path = filled(&route.path, ("rep", "person-1"));
        let anybody = server.send(&route.method, &path, &[]);
        if !route.anyone {
            let is_api = path.starts_with("/api/v1");
            assert_eq!(anybody.status, if is_api { 401 } else { 303 }, "{} {path} as anybody", route.method);
            let to = anybody.header("location").unwrap_or("/sign-in");
            assert!(to.starts_with("/sign-in"), "{path}: {to}");
        }
        for (role, session) in &sessions {
            // From then on they would walk as somebody else.
            if route.path.ends_with("/view") && route.roles.contains(*role) {
                continue;
            }
            let reply = server.send(&route.method, &path, &[("Cookie", session)]);
            assert!(reply.status < 500, "{} {path} as {role}: {}", route.method, reply.text());
            if !is_one_of(role, &route.roles) {
                assert_eq!(reply.status, 404, "{} {path} as {role}", route.method);
                expected_refusals.insert((accounts[role].clone(), format!("{} {path}", route.method)));
            }
        }
    }
    let refused = refused(program);
    let missing: Vec<_> = expected_refusals.difference(&refused).collect();
    assert!(missing.is_empty(), "refused, and not in the security log: {missing:?}");
    assert!(program.prints(&["audit", "verify"]).contains("intact"));
}

/// Whether somebody of a role has one that may come: rights are the union of those of all roles, and who
/// leads has numbers of their own too.
fn is_one_of(role: &str, may_come: &BTreeSet<String>) -> bool {
    let also: &[&str] = match role {
        "skip" => &["skip", "manager", "rep"],
        "manager" => &["manager", "rep"],
        _ => &[],
    };
    may_come.contains(role) || also.iter().any(|role| may_come.contains(*role))
}

/// The name the audit log has for the account of each role.
fn accounts(program: &Program) -> BTreeMap<&'static str, String> {
    let list = program.prints(&["user", "list", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let records = reader.deserialize::<BTreeMap<String, String>>().map(|record| record.expect("an account"));
    let numbers: BTreeMap<String, String> =
        records.map(|record| (record["name"].clone(), format!("account {}", record["number"]))).collect();
    ROLES.into_iter().filter_map(|role| Some((role, numbers.get(role)?.clone()))).collect()
}

/// Whose numbers each role sees, and down to the rows, by domain 15.2. The HR partner is given the
/// whole company here, the executive sees aggregates alone.
#[test]
fn numbers_open_as_far_as_reporting_lines_reach() {
    let program = Program::new();
    files().deliver(&program);
    let server = Server::start(&program);
    let sessions = everybody(&program, &server);
    let subjects = [
        ("company", ""),
        ("region", "North"),
        ("region", "South"),
        ("manager", "dora"),
        ("manager", "emil"),
        ("manager", "carla"),
        ("rep", "anna"),
        ("rep", "ben"),
        ("rep", "dora"),
        ("rep", "fay"),
    ];
    let north = ["manager dora", "rep anna", "rep ben"];
    let all: Vec<String> = subjects.iter().map(|(level, id)| format!("{level} {id}")).collect();
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let opened: BTreeMap<&str, Vec<String>> = BTreeMap::from([
        ("rep", own(&["rep anna"])),
        ("manager", own(&[&north[..], &["rep dora"]].concat())),
        ("skip", all.clone()),
        ("hrbp", all.clone()),
        ("admin", Vec::new()),
        ("ops", all.clone()),
        ("exec", Vec::new()),
        ("auditor", all.clone()),
    ]);
    for (role, session) in &sessions {
        for (level, called) in subjects {
            let name = format!("{level} {called}");
            let opens = opened[role].contains(&name);
            let sees = opens || (*role == "exec" && level != "rep");
            let id = match level {
                "company" => String::new(),
                "region" => (if called == "North" { "team-1" } else { "team-2" }).to_owned(),
                _ => person(called),
            };
            let scorecard = if level == "company" {
                "/scorecards".to_owned()
            } else {
                format!("/scorecards/{level}/{id}")
            };
            let query = format!(
                "level={level}{}&period=2024-Q1",
                if id.is_empty() { String::new() } else { format!("&id={id}") }
            );
            let rows = [
                format!("{scorecard}/rows/bookings?period=2024-Q1"),
                format!("{scorecard}/nearly/bookings?period=2024-Q1"),
                format!("{scorecard}/difference/bookings?period=2024-Q1&then=2024-06-30"),
                format!("/api/v1/numbers/bookings/nearly?{query}"),
                format!("/api/v1/numbers/bookings/difference?{query}&from=2024-06-30"),
            ];
            let values = [
                format!("{scorecard}/numbers/bookings?period=2024-Q1"),
                format!("{scorecard}/card.csv?period=2024-Q1"),
                format!("/api/v1/scorecards?{query}"),
                format!("/api/v1/numbers/bookings?{query}"),
            ];
            for (paths, may) in [(&rows[..], opens), (&values[..], sees)] {
                for path in paths {
                    let status = server.get_as(session, path).status;
                    assert_eq!(status, if may { 200 } else { 404 }, "{path} as {role}");
                }
            }
            let numbers = server.get_as(session, &format!("/api/v1/numbers?metric=bookings&{query}"));
            if *role == "admin" {
                assert_eq!(numbers.status, 404, "{query} as admin");
            } else {
                let hidden = numbers.text().contains("E11");
                let too_few = *role == "exec" && matches!(called, "North" | "dora" | "carla");
                assert_eq!(hidden, !sees || too_few, "{query} as {role}: {}", numbers.text());
            }
        }
    }
}

/// A rep who changes identifiers in addresses finds nothing, whether or not somebody is there, and
/// it is noted.
#[test]
fn whoever_tries_other_addresses_finds_nothing_and_is_noted() {
    let program = Program::new();
    files().deliver(&program);
    let server = Server::start(&program);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let there = server.get_as(&anna, "/scorecards/rep/person-2");
    let nobody = server.get_as(&anna, "/scorecards/rep/nobody-of-that-name");
    assert_eq!((there.status, nobody.status), (404, 404));
    assert_eq!(html::text(&there.text()), html::text(&nobody.text()), "both look the same");
    let refused = refused(&program);
    assert!(
        refused.iter().any(|(who, what)| who == "account 1" && what == "GET /scorecards/rep/person-2"),
        "{refused:?}"
    );
    assert_eq!(server.get_as(&anna, &format!("/scorecards/rep/{}", person("anna"))).status, 200);
    let start = server.get_as(&anna, "/scorecards");
    assert_eq!(
        (start.status, start.header("location")),
        (303, Some(format!("/scorecards/rep/{}", person("anna")).as_str()))
    );
}

/// A manager sees somebody for as long as they report to them, and not an instant longer.
#[test]
fn a_manager_loses_access_when_the_assignment_ends() {
    let program = Program::new();
    let company = files();
    company.deliver(&program);
    let server = Server::start(&program);
    let dora = account(&program, &server, "dora", Some("dora"), &[]);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let ben = &format!("/scorecards/rep/{}", person("ben"));
    assert_eq!((server.get_as(&dora, ben).status, server.get_as(&emil, ben).status), (200, 404));
    let yesterday = jiff::tz::TimeZone::UTC
        .to_datetime(jiff::Timestamp::now())
        .date()
        .yesterday()
        .expect("a day")
        .to_string();
    let led = PEOPLE.iter().filter(|[id, .., manager]| *id != "ben" && !manager.is_empty());
    let mut rows: Vec<String> = led.map(|[id, .., manager]| format!("{id},{manager},2020-01-01,")).collect();
    rows.push(format!("ben,dora,2020-01-01,{yesterday}"));
    rows.push(format!("ben,emil,{yesterday},"));
    managers(&company, &rows);
    company.deliver(&program);
    assert_eq!((server.get_as(&dora, ben).status, server.get_as(&emil, ben).status), (404, 200));
    assert_eq!(
        server.get_as(&dora, &format!("/scorecards/rep/{}", person("anna"))).status,
        200,
        "others stay"
    );
}
