//! Why bookings changed: a sentence whose parts add up, to the cent.

use attain_testing::Postgres;

use crate::company_of_many::{account, files, mapping, mapping_of_segments, person};
use crate::html;
use crate::program::{Program, Server};

/// Anna creates twenty deals a quarter, wins seven and then five of the same size, and the North with her.
fn deals() -> Vec<String> {
    let mut rows = Vec::new();
    for (quarter, (month, won)) in [("02", 7), ("05", 5)].into_iter().enumerate() {
        for at in 0..20 {
            let outcome = if at < won { "Won" } else { "Lost" };
            rows.push(format!(
                "D-{quarter}-{at},Deal,Acme,anna,2024-{month}-01,2024-{month}-20,{outcome},20600"
            ));
        }
    }
    rows
}

#[test]
fn a_fall_is_taken_apart_into_what_caused_it() {
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    for program in &programs {
        let files = files();
        files.deals(&deals().iter().map(String::as_str).collect::<Vec<_>>());
        files.deliver(program);
        let server = Server::start(program);
        let anna = account(program, &server, "anna", Some("anna"), &[]);
        let path = format!("level=rep&id={}&period=2024-Q2", person("anna"));
        let why = server.get_as(&anna, &format!("/api/v1/why?{path}")).json();
        let sentence = "Down 41,200 EUR on Q1 2024: conversion −41,200, opportunities 0, deal size 0.";
        assert_eq!(why["sentence"].as_str(), Some(sentence), "{why}");
        assert_eq!(
            why["differs"].as_str(),
            Some(
                "Held against chance, opportunities, conversion and deal size differ by no more than it would make them."
            )
        );
        let page = format!("/why/rep/{}?period=2024-Q2", person("anna"));
        let text = html::text(&server.get_as(&anna, &page).text());
        assert!(text.contains(sentence) && text.contains("35.0 % → 25.0 %"), "{text}");
        let card = format!("/scorecards/rep/{}?period=2024-Q2", person("anna"));
        assert!(server.get_as(&anna, &card).text().contains(&page), "the scorecard leads there");

        let fay = account(program, &server, "fay", Some("fay"), &[]);
        assert_eq!(server.get_as(&fay, &page).status, 404);
        assert_eq!(server.get_as(&fay, &format!("/api/v1/why?{path}")).status, 404);
        assert_eq!(server.get_as(&anna, "/why").status, 404, "the company is not hers");
    }
}

#[test]
fn what_cannot_be_taken_apart_says_why() {
    let (program, files) = (Program::new(), files());
    files.deals(&[
        "D-1,Deal,Acme,anna,2024-02-01,2024-05-20,Won,100",
        "D-2,Deal,Acme,ben,2024-01-02,2024-02-20,Won,100",
    ]);
    files.deliver(&program);
    let server = Server::start(&program);
    for (name, period, words) in [
        ("anna", "2024-Q2", "deals won and no opportunities created"),
        ("fay", "2024-Q2", "As much as in Q1 2024"),
        ("ben", "2024-Q1", "no bookings to compare"),
        ("anna", "all", "no period before"),
        ("anna", "2031-Q1", "no working day of it has gone by"),
        ("anna", "soon", "soon"),
    ] {
        let reply = server.get(&format!("/why/rep/{}?period={period}", person(name)));
        let text = html::text(&reply.text());
        assert!(
            reply.status < 500 && text.contains(words) && !text.contains("NaN"),
            "{name} {period}: {text}"
        );
    }
    for path in ["/why/product/product-1", "/why/rep/nobody", "/why/company/x"] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}

/// Customers of two segments: the small ones buy a fifth less from everybody, the large ones as before.
#[test]
fn what_everybody_in_a_segment_saw_is_the_markets_and_not_ones_own() {
    let (program, files) = (Program::new(), files());
    let mut deals = Vec::new();
    let mut sell = |owner: &str, account: &str, month: &str, amount: u32, count: usize| {
        for _ in 0..count {
            let at = deals.len();
            deals.push(format!("D-{at},Deal,{account},{owner},2024-{month}-01,2024-{month}-20,Won,{amount}"));
        }
    };
    for owner in ["ben", "fay", "gus", "hal", "ida"] {
        sell(owner, "Small", "02", 100, 20);
        sell(owner, "Small", "05", 80, 20);
        sell(owner, "Large", "02", 1000, 4);
        sell(owner, "Large", "05", 1000, 4);
    }
    sell("anna", "Small", "02", 100, 20);
    sell("anna", "Small", "05", 82, 20);
    sell("kim", "Small", "02", 100, 20);
    sell("kim", "Small", "05", 100, 60);
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.map(&mapping_of_segments());
    files.deliver(&program);
    let server = Server::start(&program);
    let market = |name: &str| {
        let path = format!("/api/v1/market?level=rep&id={}&period=2024-Q2", person(name));
        server.get(&path).json()
    };
    let amount = |market: &serde_json::Value, part: &str| -> f64 {
        market[part].as_str().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{part}: {market}"))
    };
    let anna = market("anna");
    let parts = ["market", "mix", "remainder"].map(|part| amount(&anna, part));
    assert!((parts.iter().sum::<f64>() - -360.0).abs() < 0.005, "the parts add up to the cent: {anna}");
    assert!(
        anna["sentence"].as_str().is_some_and(|said| said.contains("cannot be told apart from none")),
        "{anna}"
    );
    let kim = market("kim");
    assert!(amount(&kim, "remainder") > 3_000.0, "{kim}");
    assert!(kim["sentence"].as_str().is_some_and(|said| said.contains("is clearly above none")), "{kim}");
    // The company is the market, and of nothing before nothing is divided.
    assert!(server.get("/api/v1/market?period=2024-Q2").json().is_null());
    assert!(market("lea").is_null());
    let page = html::text(&server.get(&format!("/why/rep/{}?period=2024-Q2", person("kim"))).text());
    assert!(page.contains("Person or market?") && page.contains("is clearly above none"), "{page}");
}

#[test]
fn a_difference_from_peers_or_a_year_ago_is_taken_apart_too() {
    let (program, files) = (Program::new(), files());
    let mut deals = Vec::new();
    for (owner, won, amount) in [
        ("anna", 10, 300),
        ("ben", 5, 100),
        ("fay", 5, 100),
        ("gus", 5, 100),
        ("hal", 5, 100),
        ("ida", 5, 100),
    ] {
        for year in ["2023", "2024"] {
            for at in 0..20 {
                let outcome = if at < won { "Won" } else { "Lost" };
                deals.push(format!(
                    "{owner}-{year}-{at},Deal,Acme,{owner},{year}-05-01,{year}-05-20,{outcome},{amount}"
                ));
            }
        }
    }
    files.deals(&deals.iter().map(String::as_str).collect::<Vec<_>>());
    files.map(&mapping().replace("from: 2024", "from: 2023"));
    files.deliver(&program);
    let server = Server::start(&program);
    let why = |against: &str| {
        let path = format!("/api/v1/why?level=rep&id={}&period=2024-Q2&against={against}", person("anna"));
        server.get(&path)
    };
    let peers = why("peers").json();
    assert!(
        peers["sentence"]
            .as_str()
            .is_some_and(|said| said.starts_with("Up 2,687.50 EUR on the mean of 8 peers")),
        "{peers}"
    );
    let parts = peers["parts"].as_array().expect("parts");
    let effect = |part: &serde_json::Value| part["effect"].as_str().and_then(|text| text.parse::<f64>().ok());
    assert!((parts.iter().filter_map(effect).sum::<f64>() - 2_687.5).abs() < 0.005, "{peers}");
    let year = why("year").json();
    assert!(
        year["sentence"].as_str().is_some_and(|said| said.starts_with("As much as in Q2 2023")),
        "{year}"
    );
    assert_eq!(why("colour").status, 422);
    let team = format!("/api/v1/why?level=manager&id={}&period=2024-Q2&against=peers", person("dora"));
    assert_eq!(server.get(&team).status, 422, "only a person has peers");
}

#[test]
fn pipeline_moves_by_parts_that_open_and_add_up() {
    let (program, files) = (Program::new(), files());
    files.deals(&[
        "D-1,Stays,Acme,anna,2024-01-10,2024-09-01,Open,100",
        "D-2,Won,Acme,anna,2024-01-10,2024-05-20,Won,200",
        "D-3,Lost,Acme,anna,2024-01-10,2024-05-20,Lost,300",
        "D-4,New,Acme,anna,2024-04-10,2024-09-01,Open,50",
        "D-5,Quick,Acme,anna,2024-04-10,2024-05-20,Won,70",
        "D-6,Elsewhere,Acme,fay,2024-04-10,2024-05-20,Won,70",
    ]);
    files.deliver(&program);
    let server = Server::start(&program);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let of = format!("level=rep&id={}&period=2024-Q2", person("anna"));
    let moved = server.get_as(&anna, &format!("/api/v1/pipeline?{of}")).json();
    assert_eq!((moved["before"].as_str(), moved["after"].as_str()), (Some("600"), Some("150")), "{moved}");
    let parts = moved["parts"].as_array().expect("parts").iter();
    let parts: Vec<(&str, u64, &str)> = parts
        .filter(|part| part["deals"] != 0)
        .map(|part| {
            (
                part["part"].as_str().expect("a name"),
                part["deals"].as_u64().expect("a count"),
                part["effect"].as_str().expect("an effect"),
            )
        })
        .collect();
    assert_eq!(parts, [("created", 2, "120"), ("won", 2, "-270"), ("lost", 1, "-300")]);
    let path = format!("/pipeline/rep/{}?period=2024-Q2", person("anna"));
    let page = html::text(&server.get_as(&anna, &path).text());
    assert!(
        page.contains("Open pipeline went from 600 to 150 EUR: created +120, won −270, lost −300."),
        "{page}"
    );
    let fay = account(&program, &server, "fay", Some("fay"), &[]);
    assert_eq!(server.get_as(&fay, &path).status, 404);
    for period in ["2024-Q1", "2031-Q1", "all"] {
        let reply = server.get_as(&anna, &path.replace("2024-Q2", period));
        assert!(reply.status < 500, "{period}: {}", reply.text());
    }
}
