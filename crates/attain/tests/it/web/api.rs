//! The API: what it offers, and how it says what is wrong.

use serde_json::{Value, json};

use crate::program::{Program, Server};
use crate::small_company::Files;

/// Every endpoint with its parameters; those that must be given have an exclamation mark.
const ENDPOINTS: &str = "\
GET /api/v1/comparison level id metric period role
GET /api/v1/definitions/changes
POST /api/v1/definitions/changes
GET /api/v1/expectations level id metric period role
GET /api/v1/goals level! id! period
GET /api/v1/goals/cascade metric period
GET /api/v1/goals/grid rows leader region role name metric period sort from
GET /api/v1/goals/reliefs
POST /api/v1/goals/reliefs/{number}/decision number!
GET /api/v1/goals/templates
POST /api/v1/goals/templates
POST /api/v1/goals/templates/preview
GET /api/v1/goals/templates/{number} number!
POST /api/v1/goals/templates/{number}/undo number!
POST /api/v1/goals/{number}/reliefs number!
GET /api/v1/imports limit
POST /api/v1/imports preview
GET /api/v1/imports/{number} number!
GET /api/v1/imports/{number}/past number!
POST /api/v1/imports/{number}/restatement number!
POST /api/v1/imports/{number}/take-back number!
POST /api/v1/imports/{number}/undo number!
GET /api/v1/integrity-questions
POST /api/v1/integrity-questions/{number}/answer number!
GET /api/v1/integrity-questions/{number}/rows number!
GET /api/v1/market level id period against
GET /api/v1/merges
POST /api/v1/merges
GET /api/v1/metrics
GET /api/v1/metrics/{metric} metric!
GET /api/v1/metrics/{metric}/versions metric!
GET /api/v1/numbers metric! by where period rank level id name team_mode
GET /api/v1/numbers/{metric} metric! level id name period team_mode q sort from limit
GET /api/v1/numbers/{metric}/difference metric! level id name period from! to
GET /api/v1/numbers/{metric}/nearly metric! level id name period where
GET /api/v1/pipeline level id period
GET /api/v1/planning manager period metric role
GET /api/v1/quality
GET /api/v1/quality/rows source! finding! from limit
GET /api/v1/receipts limit
POST /api/v1/receipts
GET /api/v1/receipts/{number} number!
POST /api/v1/reconciliations
GET /api/v1/role-cards
POST /api/v1/role-cards
GET /api/v1/score level id period role
GET /api/v1/scorecards level id name period
GET /api/v1/trend level id metric by
DELETE /api/v1/uploads/{id} id!
GET /api/v1/uploads/{id} id!
GET /api/v1/why level id period against by
";

/// An empty program and one with the small company, served.
fn small_company() -> (Program, Server) {
    let program = Program::new();
    Files::new().deliver(&program);
    let server = Server::start(&program);
    (program, server)
}

/// A problem as RFC 9457 has it: its kind, status and field.
fn problem(server: &Server, method: &str, path: &str) -> (String, u64, Value) {
    let reply = server.send(method, path, &[]);
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{path}: {}", reply.text());
    let problem = reply.json();
    let text =
        |name: &str| problem[name].as_str().unwrap_or_else(|| panic!("{path}: no {name} in {problem}"));
    assert_eq!(problem["status"], u64::from(reply.status), "{path}");
    assert_eq!(text("instance"), path.split('?').next().expect("a path"));
    assert!(!text("title").is_empty() && text("detail").len() > 10, "{path}: {problem}");
    assert!(!text("detail").contains("panicked") && !text("detail").contains(".rs:"), "{problem}");
    (text("type").to_owned(), u64::from(reply.status), problem["field"].clone())
}

#[test]
fn the_description_names_every_endpoint_with_its_parameters() {
    let (_program, server) = small_company();
    let document = server.get("/api/openapi.json").json();
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1.")),
        "{}",
        document["openapi"]
    );
    let mut endpoints = String::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            endpoints.push_str(&format!("{} {path}", method.to_uppercase()));
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let must = if parameter["required"] == json!(true) { "!" } else { "" };
                endpoints.push_str(&format!(" {}{must}", parameter["name"].as_str().expect("a name")));
            }
            endpoints.push('\n');
            described(path, method, operation);
        }
    }
    assert_eq!(endpoints, ENDPOINTS);
}

/// Words for people, and a schema of what is answered.
fn described(path: &str, method: &str, operation: &Value) {
    assert!(operation["summary"].as_str().is_some_and(|words| !words.is_empty()), "{path}");
    let answers = |done: &str| {
        let schema = &operation["responses"][done]["content"]["application/json"]["schema"];
        schema.is_object()
    };
    let is_described = match method {
        "post" => ["200", "201", "202"].into_iter().any(answers),
        "delete" => operation["responses"]["204"].is_object(),
        _ => answers("200"),
    };
    assert!(is_described, "{method} {path}");
}

#[test]
fn every_endpoint_answers() {
    let (_program, server) = small_company();
    let number = r#"{"metric": "bookings", "period": "all"}"#;
    let signed =
        server.send_body("POST", "/api/v1/receipts", &[("Content-Type", "application/json")], number);
    assert_eq!((signed.status, signed.header("location")), (201, Some("/api/v1/receipts/1")));
    let files: &[(&str, &[u8])] = &[("people.csv", b"person,name,team,since,until\n")];
    let pushed = server.send_files("/api/v1/imports", &[("mapping", "crm")], files);
    let upload = pushed.header("location").and_then(|place| place.rsplit('/').next()).expect("a state");
    for line in ENDPOINTS.lines().filter(|line| line.starts_with("GET ")) {
        let path = line.split(' ').nth(1).expect("a path");
        let path = path.replace("{metric}", "bookings").replace("{number}", "1").replace("{id}", upload);
        let path = match path.as_str() {
            "/api/v1/numbers" => format!("{path}?metric=bookings"),
            "/api/v1/goals" => format!("{path}?level=rep&id=person-1"),
            "/api/v1/numbers/bookings/difference" => format!("{path}?from=2024-03-31"),
            // Nobody there has a role, and so there are no templates.
            "/api/v1/goals/templates/1" => continue,
            // There is nothing wrong with the small company, and so there are no rows.
            "/api/v1/quality/rows" => continue,
            // Nobody was asked anything.
            "/api/v1/integrity-questions/1/rows" => continue,
            _ => path,
        };
        let reply = server.get(&path);
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        assert_eq!(reply.header("content-type"), Some("application/json"), "{path}");
    }
}

#[test]
fn a_wrong_parameter_is_named() {
    let (_program, server) = small_company();
    let wrong = [
        ("/api/v1/numbers", "metric"),
        ("/api/v1/numbers?metric=win_rat", "metric"),
        ("/api/v1/numbers?metric=bookings&by=colour", "by"),
        ("/api/v1/numbers?metric=bookings&period=yesterday", "period"),
        ("/api/v1/numbers?metric=bookings&rank=perhaps", "rank"),
        ("/api/v1/numbers?metric=bookings&metric=customers", "metric"),
        ("/api/v1/numbers?metric=bookings&level=planet", "level"),
        ("/api/v1/numbers?metric=bookings&level=rep", "id"),
        ("/api/v1/numbers/bookings?limit=many", "limit"),
        ("/api/v1/numbers/bookings?from=-1", "from"),
        ("/api/v1/numbers/bookings?sort=colour", "sort"),
        ("/api/v1/numbers/bookings/difference", "from"),
        ("/api/v1/numbers/bookings/difference?from=yesterday", "from"),
        ("/api/v1/numbers/bookings/difference?from=2024-03-31&to=later", "to"),
        ("/api/v1/numbers/bookings/difference?from=2024-03-31&to=2024-03-30", "to"),
        ("/api/v1/numbers/bookings/nearly?where=colour+%3D+1", "where"),
        ("/api/v1/scorecards?period=2024-Q5", "period"),
        ("/api/v1/imports?limit=all", "limit"),
        ("/api/v1/quality/rows", "source"),
        ("/api/v1/quality/rows?source=crm", "finding"),
        ("/api/v1/quality/rows?source=crm&finding=empty&from=-1", "from"),
    ];
    for (path, field) in wrong {
        assert_eq!(problem(&server, "GET", path), ("/problems/invalid".into(), 422, json!(field)), "{path}");
    }
}

#[test]
fn what_is_not_there_is_a_problem_with_the_right_status() {
    let (_program, server) = small_company();
    let missing = [
        "/api/v1/colours",
        "/api/v1",
        "/api/",
        "/api/v1/metrics/colour",
        "/api/v1/numbers/colour",
        "/api/v1/numbers/bookings?level=rep&name=Nobody",
        "/api/v1/scorecards?level=region&id=team-99",
        "/api/v1/imports/99",
        "/api/v1/imports/latest",
        "/api/v1/metrics/%FF",
    ];
    for path in missing {
        assert_eq!(problem(&server, "GET", path), ("/problems/not-found".into(), 404, Value::Null), "{path}");
    }
    for method in ["POST", "DELETE"] {
        let refused = problem(&server, method, "/api/v1/numbers");
        assert_eq!(refused, ("/problems/wrong-method".into(), 405, Value::Null), "{method}");
    }
    let put = server.send("PUT", "/api/v1/imports", &[]);
    let mut allowed: Vec<&str> = put.header("allow").expect("methods").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[test]
fn before_any_import_programs_are_told_so() {
    let program = Program::new();
    let server = Server::start(&program);
    for path in [
        "/api/v1/scorecards",
        "/api/v1/numbers?metric=bookings",
        "/api/v1/numbers/bookings",
        "/api/v1/quality",
    ] {
        assert_eq!(
            problem(&server, "GET", path),
            ("/problems/nothing-imported".into(), 409, Value::Null),
            "{path}"
        );
    }
    assert_eq!(server.get("/api/v1/imports").json(), json!([]));
    assert_eq!(server.get("/api/v1/metrics").status, 200);
}
