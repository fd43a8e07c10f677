//! People side by side: who is clearly above or below, who cannot be told apart, and who is not compared.

use serde_json::Value;

use crate::company_of_many::{PASSWORD, account, cookie, files, managers, person};
use crate::html;
use crate::program::{Program, Server};

/// Emil's people with so many deals won of so many decided in the first quarter of 2024.
fn company(records: &[(&str, usize, usize)]) -> (Program, Server) {
    let (program, files) = (Program::new(), files());
    let mut deals = Vec::new();
    for (owner, won, decided) in records {
        for at in 0..*decided {
            let (outcome, day) = (if at < *won { "Won" } else { "Lost" }, at % 28 + 1);
            deals.push(format!("{owner}-{at},Deal,Acme,{owner},2024-01-10,2024-02-{day:02},{outcome},10"));
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.deliver(&program);
    let server = Server::start(&program);
    (program, server)
}

fn compared(server: &Server, cookie: &str) -> Value {
    let path = format!("/api/v1/comparison?level=manager&id={}&period=2024-Q1", person("emil"));
    let reply = server.get_as(cookie, &path);
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()
}

fn of<'v>(compared: &'v Value, name: &str) -> &'v Value {
    let people = compared["people"].as_array().expect("people");
    people
        .iter()
        .find(|one| one["id"] == person(name).as_str())
        .unwrap_or_else(|| panic!("{name}: {compared}"))
}

const ALIKE: [(&str, usize, usize); 6] = [
    ("gus", 30, 100),
    ("hal", 31, 100),
    ("ida", 29, 100),
    ("jon", 30, 100),
    ("kim", 28, 100),
    ("lea", 32, 100),
];

#[test]
fn who_stands_out_is_said_and_the_others_cannot_be_told_apart() {
    let mut records = ALIKE.to_vec();
    records[5] = ("lea", 5, 10);
    records.push(("fay", 62, 100));
    let (program, server) = company(&records);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let found = compared(&server, &emil);
    let fay = of(&found, "fay");
    assert_eq!((fay["verdict"].as_str(), fay["rank"][0].as_u64()), (Some("clearly above"), Some(1)), "{fay}");
    let shrunken = fay["shrunken"].as_f64().expect("a share");
    assert!(shrunken > 0.5 && shrunken < 0.62, "drawn towards the others: {shrunken}");
    for name in ["gus", "hal", "ida", "jon", "kim"] {
        assert_eq!(of(&found, name)["verdict"].as_str(), Some("cannot be told apart"), "{name}");
    }
    let lea = of(&found, "lea");
    assert_eq!((lea["verdict"].as_str(), lea["not_compared"].as_str()), (None, Some("too few")), "{lea}");

    let path = format!("/compare/manager/{}?period=2024-Q1", person("emil"));
    let page = html::text(&server.get_as(&emil, &path).text());
    assert!(page.contains("Of 6 compared, one is clearly above and nobody is clearly below"), "{page}");
    assert!(page.contains("Fay") && page.contains("not enough to say"), "{page}");
    let card = format!("/scorecards/manager/{}?period=2024-Q1", person("emil"));
    assert!(server.get_as(&emil, &card).text().contains(&path), "the scorecard leads there");
}

#[test]
fn where_nobody_differs_nothing_is_said_of_anybody() {
    let (program, server) = company(&ALIKE);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let found = compared(&server, &emil);
    assert!(
        found["finding"].as_str().is_some_and(|words| words.contains("no more than chance alone")),
        "{found}"
    );
    let people = found["people"].as_array().expect("people");
    assert!(people.iter().all(|one| one["verdict"] == "cannot be told apart"), "{found}");
}

#[test]
fn of_fewer_than_five_or_of_equals_nothing_can_be_said() {
    let few = [("fay", 62, 100), ("gus", 30, 100), ("hal", 30, 100), ("ida", 30, 100)];
    let same = ["fay", "gus", "hal", "ida", "jon"].map(|name| (name, 20, 20));
    for (records, words) in
        [(&few[..], "Fewer than five"), (&same[..], "Everybody has the same"), (&few[..1], "Fewer than five")]
    {
        let (program, server) = company(records);
        let emil = account(&program, &server, "emil", Some("emil"), &[]);
        let found = compared(&server, &emil);
        assert!(found["finding"].as_str().is_some_and(|said| said.contains(words)), "{found}");
        let people = found["people"].as_array().expect("people");
        assert!(people.iter().all(|one| one["verdict"].is_null()), "{found}");
        let page = server.get_as(&emil, &format!("/compare/manager/{}?period=2024-Q1", person("emil")));
        assert!(page.status == 200 && !page.text().contains("NaN"), "{}", page.text());
    }
}

#[test]
fn people_are_compared_for_whoever_leads_all_of_them() {
    let (program, server) = company(&ALIKE);
    let paths = [
        format!("/compare/manager/{}?period=2024-Q1", person("emil")),
        format!("/api/v1/comparison?level=manager&id={}", person("emil")),
    ];
    for (name, whom, roles, status) in [
        ("fay", Some("fay"), &[][..], 404),
        ("dora", Some("dora"), &[], 404),
        ("erik", None, &["exec"], 404),
        ("carla", Some("carla"), &[], 200),
        ("otto", None, &["ops"], 200),
    ] {
        let cookie = account(&program, &server, name, whom, roles);
        for path in &paths {
            assert_eq!(server.get_as(&cookie, path).status, status, "{name}: {path}");
        }
    }
    let otto = cookie(&server.submit("/sign-in", &[("email", "otto@example.com"), ("password", PASSWORD)]));
    for (path, words) in [
        ("/compare?metric=bookings", "people are not compared by Bookings"),
        ("/compare?metric=win_rate_value", "people are not compared by"),
        ("/compare?metric=nothing", "nothing"),
        ("/compare?period=soon", "soon"),
        ("/compare/product/product-1", "nothing at this address"),
        ("/compare/manager/nobody", "nothing at this address"),
    ] {
        let reply = server.get_as(&otto, path);
        let said = html::text(&reply.text());
        assert!(
            (400..500).contains(&reply.status) && said.contains(words),
            "{path}: {} {said}",
            reply.status
        );
    }
}

#[test]
fn one_person_sees_where_peers_lie_and_nobodys_name() {
    let mut records = ALIKE.to_vec();
    records.push(("fay", 62, 100));
    let (program, server) = company(&records);
    let fay = account(&program, &server, "fay", Some("fay"), &[]);
    let path = format!("/compare/rep/{}?period=2024-Q1", person("fay"));
    let page = server.get_as(&fay, &path).text();
    let said = html::text(&page);
    assert!(
        said.contains("Your win rate, 62.0 %") && said.contains("is clearly above among 7 peers"),
        "{said}"
    );
    assert_eq!(page.matches("peer solid").count(), 6, "{page}");
    for name in ["Gus", "Hal", "Ida", "Jon", "Kim", "Lea"] {
        assert!(said.split([' ', ',', ':']).all(|word| word != name), "{name} is named: {said}");
    }
    let other = format!("/compare/rep/{}?period=2024-Q1", person("gus"));
    assert_eq!(server.get_as(&fay, &other).status, 404);
    let nothing = html::text(&server.get_as(&fay, &path.replace("2024-Q1", "2024-Q3")).text());
    assert!(nothing.contains("There is nothing to compare"), "{nothing}");
}

#[test]
fn a_verdict_is_among_all_in_the_role_wherever_one_looks_from() {
    let mut records = ALIKE.to_vec();
    records.extend([("anna", 62, 100), ("ben", 30, 100)]);
    let (program, server) = company(&records);
    let dora = account(&program, &server, "dora", Some("dora"), &[]);
    let path = format!("/api/v1/comparison?level=manager&id={}&period=2024-Q1", person("dora"));
    let found = server.get_as(&dora, &path).json();
    assert_eq!(found["people"].as_array().map(Vec::len), Some(2), "{found}");
    assert_eq!(
        (of(&found, "anna")["verdict"].as_str(), found["compared"].as_u64()),
        (Some("clearly above"), Some(8))
    );
    assert!(
        found["finding"].as_str().is_some_and(|said| said
            .starts_with("Of 2 compared here, held against all 8 in the role, one is clearly above")),
        "{found}"
    );
}

#[test]
fn deal_sizes_and_counts_are_compared_as_what_they_are() {
    let (program, files) = (Program::new(), files());
    let mut deals = Vec::new();
    for (place, owner) in ["fay", "gus", "hal", "ida", "jon", "kim"].into_iter().enumerate() {
        let (count, size) = if owner == "fay" { (60, 400) } else { (20, 100) };
        for at in 0..count {
            // Sizes vary from deal to deal, and not the same for everybody.
            let amount = size + (at * 7 + place * 3) % 40;
            let day = at % 28 + 1;
            deals.push(format!(
                "{owner}-{at},Deal,Acme,{owner},2024-02-{day:02},2024-03-{day:02},Won,{amount}"
            ));
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.deliver(&program);
    let server = Server::start(&program);
    let compared = |metric: &str| {
        server
            .get(&format!(
                "/api/v1/comparison?level=manager&id={}&period=2024-Q1&metric={metric}",
                person("emil")
            ))
            .json()
    };
    let sizes = compared("avg_deal_size");
    assert_eq!(of(&sizes, "fay")["verdict"].as_str(), Some("clearly above"), "{sizes}");
    assert_eq!(of(&sizes, "gus")["verdict"].as_str(), Some("cannot be told apart"), "{sizes}");
    let value = of(&sizes, "fay")["value"].as_f64().expect("a value");
    assert!((400.0..440.0).contains(&value), "{value}");
    let counts = compared("opps_created");
    let fay = of(&counts, "fay");
    assert_eq!(
        (fay["verdict"].as_str(), fay["rests_on"].as_f64()),
        (Some("clearly above"), Some(65.0)),
        "{fay}"
    );
    let days = compared("cycle_time_median");
    assert!(days["finding"].as_str().is_some_and(|said| !said.contains("NaN")), "{days}");
    let page =
        html::text(&server.get(&format!("/scorecards/manager/{}?period=2024-Q1", person("emil"))).text());
    assert!(page.contains("these are clear: Fay’s opportunities created"), "{page}");
}

/// Hal went to Dora's people after the quarter: his numbers are not Emil's to see any more, nor is what they
/// would say of him.
#[test]
fn nothing_is_said_of_whom_one_may_not_open() {
    let (program, files) = (Program::new(), files());
    let led = ["fay", "gus", "ida", "jon", "kim", "lea"].map(|name| format!("{name},emil,2020-01-01,"));
    let moved = ["hal,emil,2020-01-01,2024-04-01", "hal,dora,2024-04-01,"].map(str::to_owned);
    let others = ["dora,carla,2020-01-01,", "emil,carla,2020-01-01,", "anna,dora,2020-01-01,"];
    managers(&files, &[&led[..], &moved, &others.map(str::to_owned)].concat());
    let mut deals = Vec::new();
    for (owner, won) in
        [("fay", 30), ("gus", 31), ("hal", 2), ("ida", 29), ("jon", 30), ("kim", 28), ("lea", 32)]
    {
        for at in 0..100 {
            let (outcome, day) = (if at < won { "Won" } else { "Lost" }, at % 28 + 1);
            deals.push(format!("{owner}-{at},Deal,Acme,{owner},2024-01-10,2024-02-{day:02},{outcome},10"));
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.deliver(&program);
    let server = Server::start(&program);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let carla = account(&program, &server, "carla", Some("carla"), &[]);
    let of = format!("manager/{}?period=2024-Q1", person("emil"));
    let for_carla = html::text(&server.get_as(&carla, &format!("/scorecards/{of}")).text());
    assert!(for_carla.contains("Hal’s win rate below"), "who may open him is told: {for_carla}");
    let for_emil = html::text(&server.get_as(&emil, &format!("/scorecards/{of}")).text());
    assert!(!for_emil.contains("Hal’s"), "{for_emil}");
    let compared = html::text(&server.get_as(&emil, &format!("/compare/{of}")).text());
    assert!(compared.contains("nobody is clearly below") && compared.contains("not shown"), "{compared}");
}
