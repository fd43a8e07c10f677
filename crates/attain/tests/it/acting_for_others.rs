//! Standing in for somebody who is away, and looking at pages as somebody else sees them.

use crate::company_of_many::{account, files, person};
use crate::html;
use crate::program::{Program, Server};
use crate::small_company::Files;
use crate::two_times::on_both;

/// A day so many days from now, where the company is.
pub(crate) fn day(from_now: i64) -> String {
    let there = jiff::tz::TimeZone::get("Europe/Berlin").expect("a time zone");
    let today = there.to_datetime(jiff::Timestamp::now()).date();
    today.saturating_add(jiff::Span::new().days(from_now)).to_string()
}

fn company() -> (Program, Server) {
    let program = Program::new();
    files().deliver(&program);
    let server = Server::start(&program);
    (program, server)
}

fn card(name: &str) -> String {
    format!("/scorecards/rep/{}?period=2024-Q1", person(name))
}

fn team(name: &str) -> String {
    format!("/scorecards/manager/{}?period=2024-Q1", person(name))
}

#[test]
fn who_stands_in_sees_the_team_of_the_one_who_is_away_and_only_then() {
    on_both(stands_in);
}

fn stands_in(program: &Program, _: &Files) {
    files().deliver(program);
    let server = Server::start(program);
    let dora = account(program, &server, "dora", Some("dora"), &[]);
    let fay = account(program, &server, "fay", Some("fay"), &[]);
    let sees = |cookie: &str, path: &str| server.get_as(cookie, path).status;
    assert_eq!((sees(&fay, &card("anna")), sees(&fay, &team("dora"))), (404, 404));
    let stand_in = |cookie: &str, deputy: &str, from: &str, to: &str| {
        server.submit_as(cookie, "/account/away", &[("deputy", deputy), ("from", from), ("to", to)])
    };

    assert_eq!(stand_in(&dora, "Fay", &day(1), &day(9)).status, 303);
    assert_eq!(sees(&fay, &card("anna")), 404, "tomorrow is not today");
    assert_eq!(stand_in(&dora, "Fay", &day(-1), &day(0)).status, 303);
    assert_eq!((sees(&fay, &card("anna")), sees(&fay, &team("dora"))), (200, 200));
    assert_eq!(sees(&fay, &card("dora")), 404, "a deputy leads the people, and is not the one who is away");
    assert_eq!(sees(&fay, &card("gus")), 404, "and nobody else's");
    assert_eq!(sees(&dora, &card("anna")), 200, "who is away loses nothing");
    let page = html::text(&server.get_as(&fay, "/account").text());
    assert!(page.contains("Who stands in") && page.contains("Dora"), "{page}");
    let anna = account(program, &server, "anna", Some("anna"), &[]);
    let seen = html::text(&server.get_as(&anna, "/audit/seen").text());
    assert!(
        seen.contains("fay") && seen.contains("Manager"),
        "Anna sees who looked, under their name: {seen}"
    );

    let ended = server.submit_as(&dora, "/account/away/end", &[("number", "2")]);
    assert_eq!(ended.status, 303, "{}", ended.text());
    assert_eq!(sees(&fay, &card("anna")), 404, "it ends at once");
    let not_theirs = server.submit_as(&fay, "/account/away/end", &[("number", "1")]);
    assert_eq!(not_theirs.status, 404, "only who is away ends it");
}

#[test]
fn standing_in_is_refused_where_it_means_nothing() {
    let (program, server) = company();
    let dora = account(&program, &server, "dora", Some("dora"), &[]);
    for (deputy, from, to, words) in [
        ("Nobody", day(0), day(1), "nobody called"),
        ("Dora", day(0), day(1), "themselves"),
        ("Fay", day(1), day(0), "over before it begins"),
        ("Fay", day(-9), day(-2), "over before it begins"),
        ("Fay", "soon".to_owned(), day(1), "is no date"),
    ] {
        let fields = [("deputy", deputy), ("from", from.as_str()), ("to", to.as_str())];
        let reply = server.submit_as(&dora, "/account/away", &fields);
        let text = html::text(&reply.text());
        assert!(reply.status >= 400 && text.contains(words), "{deputy} {from} {to}: {text}");
    }
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let fields = [("deputy", "Fay"), ("from", &day(-1)), ("to", &day(1))];
    assert_eq!(server.submit_as(&ada, "/account/away", &fields).status, 404, "an admin leads nobody");
    let fay = account(&program, &server, "fay", Some("fay"), &[]);
    assert_eq!(
        server.submit_as(&ada, "/people/accounts/1/away", &fields).status,
        303,
        "but helps who cannot"
    );
    assert_eq!(server.get_as(&fay, &card("anna")).status, 200);
    assert_eq!(server.submit_as(&fay, "/people/accounts/1/away", &fields).status, 404);
}

#[test]
fn an_hr_partner_reads_what_happened_about_their_people_and_nothing_else() {
    let (program, server) = company();
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let hanna = account(&program, &server, "hanna", None, &[]);
    let given = server.submit_as(&ada, "/people/accounts/2/roles", &[("role", "hrbp"), ("region", "team-1")]);
    assert_eq!(given.status, 303, "{}", given.text());
    assert_eq!(server.get_as(&hanna, "/audit").status, 303, "a new role is a new session");
    let fields = [("email", "hanna@example.com"), ("password", crate::company_of_many::PASSWORD)];
    let hanna = crate::company_of_many::cookie(&server.submit("/sign-in", &fields));
    let otto = account(&program, &server, "otto", None, &["ops"]);
    for name in ["anna", "gus"] {
        assert_eq!(server.get_as(&otto, &card(name)).status, 200);
        program.prints(&["scorecard", "--rep", &person(name), "--period", "2024"]);
    }
    let log = html::text(&server.get_as(&hanna, "/audit").text());
    assert!(log.contains(&person("anna")) && log.contains("otto"), "{log}");
    assert!(log.contains("on the command line"), "who has the machine is seen looking, too: {log}");
    assert!(!log.contains(&person("gus")) && !log.contains("sign_in") && !log.contains("import"), "{log}");

    // What else they are adds nothing to what they were assigned.
    server.submit_as(&ada, "/people/accounts/2/roles", &[("role", "ops")]);
    let hanna = crate::company_of_many::cookie(&server.submit("/sign-in", &fields));
    assert_eq!(server.get_as(&hanna, &card("gus")).status, 200);
    let log = html::text(&server.get_as(&hanna, "/audit").text());
    assert!(log.contains(&person("anna")) && !log.contains(&person("gus")), "{log}");
}

#[test]
fn looking_as_somebody_else_shows_their_pages_without_what_one_may_not_read() {
    let (program, server) = company();
    let ada = account(&program, &server, "ada", None, &["admin"]);
    account(&program, &server, "dora", Some("dora"), &[]);
    let auditor = account(&program, &server, "eve", None, &["auditor"]);
    let rows = format!("/scorecards/rep/{}/rows/bookings?period=2024-Q1", person("anna"));

    let begun = server.submit_as(&ada, "/people/accounts/2/view", &[]);
    assert_eq!((begun.status, begun.header("location")), (303, Some("/")), "{}", begun.text());
    let home = server.get_as(&ada, "/").header("location").map(str::to_owned);
    assert_eq!(home, Some(format!("/scorecards/manager/{}", person("dora"))));
    let page = server.get_as(&ada, &team("dora"));
    let text = html::text(&page.text());
    assert_eq!(page.status, 200, "{text}");
    assert!(text.contains("You see pages as dora does") && text.contains("not yours to see"), "{text}");
    assert!(!text.contains("400"), "an admin reads no numbers, not even so: {text}");
    assert_eq!(server.get_as(&ada, &rows).status, 404);
    assert_eq!(server.get_as(&ada, "/people/accounts").status, 404, "Dora has no such page");
    for act in ["/people/accounts/2/link", "/account/tokens", "/account/away", "/account/sessions/end"] {
        assert_eq!(server.submit_as(&ada, act, &[]).status, 404, "nothing can be changed: {act}");
    }
    assert_eq!(server.submit_as(&ada, "/view-as/end", &[]).status, 303);
    assert_eq!(server.get_as(&ada, "/people/accounts").status, 200);
    assert_eq!(server.get_as(&ada, &team("dora")).status, 404);

    // Who may read more than the other sees no more than the other does.
    server.submit_as(&auditor, "/people/accounts/2/view", &[]);
    assert_eq!(
        (server.get_as(&auditor, &card("anna")).status, server.get_as(&auditor, &rows).status),
        (200, 200)
    );
    assert_eq!(server.get_as(&auditor, &card("gus")).status, 404);
    assert_eq!(server.get_as(&auditor, "/audit").status, 404, "Dora does not read the log");
    server.submit_as(&auditor, "/view-as/end", &[]);
    // Who may read less no more than before.
    server.submit_as(&ada, "/people/accounts/3/view", &[]);
    assert_eq!(server.get_as(&ada, "/scorecards").status, 200, "laid out as the auditor's, and hidden");
    let log = html::text(&server.get_as(&ada, "/audit").text());
    assert!(!log.contains("import.commit"), "an admin does not read the whole log as the auditor: {log}");
    server.submit_as(&ada, "/view-as/end", &[]);
    assert!(server.get_as(&auditor, "/people/accounts/2").text().contains("/people/accounts/2/view"));
    let log = html::text(&server.get_as(&auditor, "/audit").text());
    assert_eq!(log.matches("view_as.begin").count(), 3, "{log}");
}
