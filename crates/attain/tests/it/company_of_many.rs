//! A company with a head, two managers and nine sellers, and an account for each role of it.

use std::collections::BTreeMap;

use crate::program::{Program, Reply, Server};
use crate::small_company::{Files, MAPPING};

/// Who reports to whom, as a file of its own.
const MANAGERS: &str = "
  - file: managers.csv
    mode: full
    tables:
      - table: manager_assignment
        key: [person, since]
        columns: { employee_id: person, manager_id: manager, valid_from: since, valid_to: until }
";

/// Everybody with team and manager: Carla leads Dora and Emil; Dora leads the north, Emil the south.
pub(crate) const PEOPLE: [[&str; 4]; 12] = [
    ["carla", "Carla", "North", ""],
    ["dora", "Dora", "North", "carla"],
    ["emil", "Emil", "South", "carla"],
    ["anna", "Anna", "North", "dora"],
    ["ben", "Ben", "North", "dora"],
    ["fay", "Fay", "South", "emil"],
    ["gus", "Gus", "South", "emil"],
    ["hal", "Hal", "South", "emil"],
    ["ida", "Ida", "South", "emil"],
    ["jon", "Jon", "South", "emil"],
    ["kim", "Kim", "South", "emil"],
    ["lea", "Lea", "South", "emil"],
];

/// Attain's own identifier of a person: those of one delivery are numbered by the source's.
pub(crate) fn person(id: &str) -> String {
    let mut ids = PEOPLE.map(|[id, ..]| id);
    ids.sort_unstable();
    let place = ids.iter().position(|known| *known == id).expect("a person");
    format!("person-{}", place + 1)
}

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "river anvil lantern";

/// The mapping of the company's export.
pub(crate) fn mapping() -> String {
    format!("{MAPPING}{MANAGERS}")
}

/// The same of a company whose customers are called by their segment, small or large.
pub(crate) fn mapping_of_segments() -> String {
    let segment = "{ column: account, values: { Small: small, Large: large } }";
    mapping().replace("{ name: account }", &format!("{{ name: account, segment: {segment} }}"))
}

/// The export of the company: everybody won a deal.
pub(crate) fn files() -> Files {
    let files = Files::new();
    files.map(&mapping());
    let people = PEOPLE.map(|[id, name, team, _]| format!("{id},{name},{team},2020-01-01,"));
    files.people(&people.each_ref().map(String::as_str));
    let led = PEOPLE.iter().filter(|[.., manager]| !manager.is_empty());
    let led: Vec<String> = led.map(|[id, .., manager]| format!("{id},{manager},2020-01-01,")).collect();
    managers(&files, &led);
    let deal = |(at, [owner, ..]): (usize, &[&str; 4])| {
        format!("D-{at},Deal {at},Acme,{owner},2024-01-10,2024-02-0{},Won,{}00", at % 9 + 1, at + 1)
    };
    let deals: Vec<String> = PEOPLE.iter().enumerate().map(deal).collect();
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files
}

/// Writes who reports to whom: person, manager, from when, to when.
pub(crate) fn managers(files: &Files, rows: &[String]) {
    files.write(
        "managers.csv",
        "person,manager,since,until",
        &rows.iter().map(String::as_str).collect::<Vec<_>>(),
    );
}

/// Makes an account on the command line, and chooses its password in the browser: the cookie.
pub(crate) fn account(
    program: &Program,
    server: &Server,
    name: &str,
    person: Option<&str>,
    roles: &[&str],
) -> String {
    let email = format!("{name}@example.com");
    let mut arguments = vec!["user", "add", email.as_str(), "--name", name];
    for role in roles {
        arguments.extend(["--role", role]);
    }
    if let Some(person) = person {
        arguments.extend(["--person", person]);
    }
    let link = program.prints(&arguments);
    let reply = server.submit(link.trim(), &[("password", PASSWORD)]);
    assert_eq!(reply.status, 303, "{}", reply.text());
    cookie(&reply)
}

/// The session that a reply hands out.
pub(crate) fn cookie(reply: &Reply) -> String {
    let cookie = reply.header("set-cookie").expect("a session");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    cookie.split(';').next().expect("a name and a value").to_owned()
}

/// The sessions of one person for each role, by the role's name.
pub(crate) fn everybody(program: &Program, server: &Server) -> BTreeMap<&'static str, String> {
    let people = [
        ("rep", Some("anna"), None),
        ("manager", Some("dora"), None),
        ("skip", Some("carla"), None),
        ("hrbp", None, Some("hrbp")),
        ("admin", None, Some("admin")),
        ("ops", None, Some("ops")),
        ("exec", None, Some("exec")),
        ("auditor", None, Some("auditor")),
    ];
    people
        .into_iter()
        .map(|(role, person, given)| (role, account(program, server, role, person, given.as_slice())))
        .collect()
}

impl Server {
    /// A request of somebody who has signed in.
    pub(crate) fn get_as(&self, cookie: &str, path: &str) -> Reply {
        self.send("GET", path, &[("Cookie", cookie)])
    }

    /// A form of somebody who has signed in.
    pub(crate) fn submit_as(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = serde_urlencoded::to_string(fields).expect("fields");
        let headers = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded")];
        self.send_body("POST", path, &headers, body)
    }
}
