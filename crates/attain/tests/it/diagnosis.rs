//! Why bookings changed: a sentence whose parts add up, to the cent.

use attain_testing::Postgres;

use crate::company_of_many::{account, files, person};
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
                "Held against chance, opportunities and conversion differ by no more than it would make them."
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
        ("anna", "2024-Q2", "won and nothing created"),
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

/// P3 of the demo company: one seller's fall is all conversion, to the cent.
#[test]
fn the_demo_has_a_fall_that_is_all_conversion() {
    let (program, files) = (Program::new(), tempfile::tempdir().expect("a folder"));
    let server = Server::demo(&program, files.path(), "127.0.0.1:0");
    let sentences = (1..=60).filter_map(|number| {
        let reply = server.get(&format!("/api/v1/why?level=rep&id=person-{number}"));
        (reply.status == 200).then(|| reply.json()["sentence"].as_str().expect("a sentence").to_owned())
    });
    let sentences: Vec<String> = sentences.collect();
    let planted = "Down 41,200 EUR on Q3 FY26: conversion −41,200, opportunities 0, deal size 0.";
    assert_eq!(sentences.iter().filter(|sentence| *sentence == planted).count(), 1, "{sentences:#?}");
}
