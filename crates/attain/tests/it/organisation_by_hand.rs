//! Changing by hand who reports to whom: it holds from its day on, in reach and in numbers, and is undone
//! like any import.

use crate::acting_for_others::day;
use crate::company_of_many::{account, files, managers, person};
use crate::html;
use crate::program::{Program, Server};
use crate::two_times::on_both;

fn card(name: &str) -> String {
    format!("/scorecards/rep/{}?period=2024-Q1", person(name))
}

fn change(server: &Server, cookie: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let reply = server.submit_as(cookie, "/people/changes", fields);
    (reply.status, reply.header("location").map_or_else(|| html::text(&reply.text()), str::to_owned))
}

#[test]
fn who_reports_to_whom_changes_from_its_day_on() {
    let program = Program::new();
    files().deliver(&program);
    let server = Server::start(&program);
    let ops = account(&program, &server, "otto", None, &["ops"]);
    let emil = account(&program, &server, "emil", Some("emil"), &[]);
    let dora = account(&program, &server, "dora", Some("dora"), &[]);
    let sees = |cookie: &str| server.get_as(cookie, &card("anna")).status;
    assert_eq!((sees(&dora), sees(&emil)), (200, 404));

    let tomorrow = [("person", "Anna"), ("manager", "Emil"), ("from", &day(2))];
    let (status, place) = change(&server, &ops, &tomorrow);
    assert_eq!((status, place.as_str()), (303, "/data/imports/2"));
    assert_eq!((sees(&dora), sees(&emil)), (200, 404), "not before its day");
    let then = html::text(&server.get_as(&ops, &format!("/people?on={}&q=anna", day(2))).text());
    assert!(then.contains("Anna – Emil"), "{then}");

    let region = [("person", "Anna"), ("manager", "Emil"), ("region", "South"), ("from", &day(0))];
    let (status, place) = change(&server, &ops, &region);
    assert_eq!(status, 303, "{place}");
    assert_eq!((sees(&dora), sees(&emil)), (404, 200), "rights follow from the day on which it holds");
    let page = html::text(&server.get_as(&ops, "/people?q=anna").text());
    assert!(page.contains("Anna – Emil South"), "{page}");
    let history = html::text(&server.get_as(&ops, "/data/imports").text());
    assert!(history.contains("by hand"), "{history}");

    let ada = account(&program, &server, "ada", None, &["admin"]);
    let own = change(&server, &ada, &[("person", "Ben"), ("manager", "Emil"), ("from", &day(3))]);
    assert_eq!(own, (303, format!("/people?on={}", day(3))), "an admin is led to what they may read");

    let undone = server.submit_as(&ops, &format!("{place}/undo"), &[("reason", "a mistake")]);
    assert_eq!(undone.status, 303, "{}", html::text(&undone.text()));
    assert_eq!((sees(&dora), sees(&emil)), (200, 404), "undone like any import");
}

#[test]
fn what_the_source_delivers_for_a_later_day_comes_before_it() {
    let program = Program::new();
    let files = files();
    files.deliver(&program);
    let server = Server::start(&program);
    let ops = account(&program, &server, "otto", None, &["ops"]);
    let (status, _) = change(&server, &ops, &[("person", "Anna"), ("manager", "Emil"), ("from", &day(0))]);
    assert_eq!(status, 303);
    let rows: Vec<String> = crate::company_of_many::PEOPLE
        .iter()
        .filter(|[.., manager]| !manager.is_empty())
        .map(|[id, .., manager]| match *id {
            "anna" => format!("anna,dora,2020-01-01,{0}\nanna,carla,{0},", day(1)),
            id => format!("{id},{manager},2020-01-01,"),
        })
        .collect();
    managers(&files, &rows);
    files.deliver(&program);
    let on = |from_now: i64| {
        html::text(&server.get_as(&ops, &format!("/people?on={}&q=anna", day(from_now))).text())
    };
    assert!(on(0).contains("Anna – Emil"), "{}", on(0));
    assert!(on(1).contains("Anna – Carla"), "{}", on(1));
}

#[test]
fn what_cannot_be_is_said_and_changes_nothing() {
    on_both(|program, _| {
        files().deliver(program);
        let server = Server::start(program);
        let ops = account(program, &server, "otto", None, &["ops"]);
        let (today, yesterday) = (day(0), day(-2));
        for (fields, words) in [
            ([("person", "Nemo"), ("manager", "Emil"), ("from", today.as_str())], "called `Nemo`"),
            ([("person", "Anna"), ("manager", "Nemo"), ("from", &today)], "called `Nemo`"),
            ([("person", "Anna"), ("manager", "Anna"), ("from", &today)], "themselves"),
            ([("person", "Carla"), ("manager", "Anna"), ("from", &today)], "in a circle"),
            ([("person", "Anna"), ("manager", "Emil"), ("from", &yesterday)], "from today or a later day"),
            ([("person", "Anna"), ("manager", ""), ("from", &today)], "whom they report to"),
            ([("person", "Anna"), ("manager", "Emil"), ("from", "soon")], "no date"),
        ] {
            let (status, said) = change(&server, &ops, &fields);
            assert!(status == 422 && said.contains(words), "{fields:?}: {said}");
        }
        let history = html::text(&server.get_as(&ops, "/data/imports").text());
        assert!(!history.contains("by hand"), "{history}");
        let rep = account(program, &server, "anna", Some("anna"), &[]);
        assert_eq!(
            change(&server, &rep, &[("person", "Anna"), ("manager", "Emil"), ("from", &today)]).0,
            404
        );
        assert!(!server.get_as(&rep, "/people").text().contains("/people/changes"));
    });
}
