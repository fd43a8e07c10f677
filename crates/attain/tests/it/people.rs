//! Signing in: the first admin, invitations, passwords, second factors, sessions; and who looked.

use attain_records::{Actor, Records};
use attain_testing::Postgres;
use sea_orm::ConnectionTrait;
use totp_rs::{Builder, Secret, Totp};

use crate::company_of_many::{PASSWORD, account, cookie, files};
use crate::html;
use crate::migration::Migrator;
use crate::program::{Program, Reply, Server};

/// A server on each database.
fn on_both(story: impl Fn(&Program)) {
    story(&Program::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()));
    }
}

fn sign_in(server: &Server, email: &str, password: &str) -> Reply {
    server.submit("/sign-in", &[("email", email), ("password", password)])
}

/// From an empty server to somebody who sees who has seen their numbers.
#[test]
fn an_empty_server_becomes_one_where_everybody_signs_in() {
    on_both(|program| {
        let server = Server::start(program);
        let first = server.first_link();
        let wrong = server
            .submit(&first, &[("name", "Ada"), ("email", "ada@example.com"), ("password", "password2026")]);
        assert_eq!(wrong.status, 422);
        assert!(html::text(&wrong.text()).contains("tried first"), "{}", html::text(&wrong.text()));
        let made =
            server.submit(&first, &[("name", "Ada"), ("email", "Ada@Example.com"), ("password", PASSWORD)]);
        assert_eq!(made.status, 303, "{}", made.text());
        let admin = cookie(&made);
        assert_eq!(server.get(&first).status, 404, "the link works once");
        assert_eq!(server.get("/scorecards").header("location"), Some("/sign-in?next=%2Fscorecards"));

        files().deliver(program);
        let fields = [("name", "Anna"), ("email", "anna@example.com"), ("person", "anna")];
        let invited = server.submit_as(&admin, "/people/accounts", &fields);
        assert_eq!(invited.status, 200, "{}", invited.text());
        let link = html::text(&invited.text());
        let link =
            link.split_whitespace().find(|word| word.starts_with("/welcome/")).expect("a link").to_owned();
        let anna = cookie(&server.submit(&link, &[("password", PASSWORD)]));
        assert_eq!(server.get_as(&anna, "/").header("location"), Some("/scorecards/rep/person-1"));
        assert_eq!(server.get_as(&anna, "/people/accounts").status, 404, "that is the admin's");

        let dora = account(program, &server, "dora", Some("dora"), &[]);
        assert_eq!(server.get_as(&dora, "/scorecards/rep/person-1?period=2024-Q1").status, 200);
        assert_eq!(server.get_as(&dora, "/scorecards/rep/person-1/rows/bookings?period=2024-Q1").status, 200);
        let seen = html::text(&server.get_as(&anna, "/audit/seen").text());
        assert!(seen.contains("dora") && seen.contains("Manager"), "{seen}");
        assert!(seen.contains("scorecard") && seen.contains("rows of bookings, as a file"), "{seen}");
        assert!(!html::text(&server.get_as(&dora, "/audit/seen").text()).contains("rows of bookings"));
    });
}

#[test]
fn a_refusal_tells_nothing_about_who_has_an_account() {
    let program = Program::new();
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    let wrong = sign_in(&server, "ada@example.com", "not the password");
    let unknown = sign_in(&server, "bob@example.com", "not the password");
    assert_eq!((wrong.status, unknown.status), (401, 401));
    let text = |reply: &Reply| html::text(&reply.text());
    assert_eq!(text(&wrong), text(&unknown));
    assert_eq!(sign_in(&server, " ADA@example.com ", PASSWORD).status, 303, "letter case aside");
}

#[test]
fn trying_again_and_again_costs_waiting_time_whoever_is_tried() {
    let program = Program::new();
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    for email in ["ada@example.com", "nobody@example.com"] {
        let tries: Vec<u16> = (0..8).map(|_| sign_in(&server, email, "not the password").status).collect();
        assert_eq!(tries, [401, 401, 401, 401, 401, 401, 429, 429], "{email}");
    }
    assert_eq!(sign_in(&server, "ada@example.com", PASSWORD).status, 429, "the right one waits as well");
    assert_eq!(account_of_another(&program, &server), 303, "others sign in meanwhile");
}

fn account_of_another(program: &Program, server: &Server) -> u16 {
    account(program, server, "eve", None, &["auditor"]);
    sign_in(server, "eve@example.com", PASSWORD).status
}

/// The codes of the secret that a page shows.
fn authenticator(page: &str) -> (String, Totp) {
    let value = page.split("name=\"secret\" value=\"").nth(1).expect("a secret");
    let secret = value.split('"').next().expect("a secret").to_owned();
    let shared = Secret::try_from_base32(&secret).expect("base32");
    (secret, Builder::new().with_secret(shared).with_account_name("ada").build().expect("codes"))
}

fn now() -> u64 {
    jiff::Timestamp::now().as_second().unsigned_abs()
}

#[test]
fn with_a_second_factor_a_password_is_not_enough() {
    on_both(|program| {
        let server = Server::start(program);
        let ada = account(program, &server, "ada", None, &["admin"]);
        let (secret, codes) = authenticator(&server.get_as(&ada, "/account").text());
        let wrong =
            server.submit_as(&ada, "/account/second-factor", &[("secret", &secret), ("code", "000000")]);
        assert!(html::text(&wrong.text()).contains("not the code of now"));
        let code = codes.generate(now() - 30).to_string();
        let on = server.submit_as(&ada, "/account/second-factor", &[("secret", &secret), ("code", &code)]);
        let page = html::text(&on.text());
        assert!(page.contains("The second factor is on"), "{page}");
        let recovery =
            page.split_whitespace().find(|word| word.matches('-').count() == 3 && word.len() == 19);
        let recovery = recovery.expect("a recovery code").to_owned();

        let half = sign_in(&server, "ada@example.com", PASSWORD);
        assert_eq!((half.status, half.header("set-cookie")), (200, None), "{}", half.text());
        let ticket = half
            .text()
            .split("name=\"ticket\" value=\"")
            .nth(1)
            .expect("a ticket")
            .split('"')
            .next()
            .expect("a ticket")
            .to_owned();
        let with = |code: &str| server.submit("/sign-in/code", &[("ticket", &ticket), ("code", code)]);
        assert_eq!(with("000000").status, 401);
        assert_eq!(with(&code).status, 401, "a code works once");
        let new = codes.generate(now()).to_string();
        let whole = with(&new);
        assert_eq!(whole.status, 303, "{}", whole.text());
        cookie(&whole);
        assert_eq!(with(&new).status, 401, "and so does the step between");

        let half = sign_in(&server, "ada@example.com", PASSWORD).text();
        let ticket = half
            .split("name=\"ticket\" value=\"")
            .nth(1)
            .expect("a ticket")
            .split('"')
            .next()
            .expect("a ticket")
            .to_owned();
        let by_recovery = server.submit("/sign-in/code", &[("ticket", &ticket), ("code", &recovery)]);
        assert_eq!(by_recovery.status, 303, "{}", by_recovery.text());
    });
}

#[test]
fn sessions_end_when_they_should() {
    let program = Program::new();
    let server = Server::start(&program);
    let here = account(&program, &server, "ada", None, &["admin"]);
    let there = cookie(&sign_in(&server, "ada@example.com", PASSWORD));
    assert_ne!(here, there, "each sign-in is a session of its own");
    assert_eq!(server.get_as(&there, "/account").status, 200);

    let changed = server.submit_as(
        &here,
        "/account/password",
        &[("current", PASSWORD), ("password", "copper meadow whistle")],
    );
    assert!(html::text(&changed.text()).contains("signed out everywhere else"), "{}", changed.text());
    assert_eq!(server.get_as(&there, "/account").status, 303, "the other session ended");
    assert_eq!(server.get_as(&here, "/account").status, 303, "and so did the secret of this one");
    let here = cookie(&changed);
    assert_eq!(server.get_as(&here, "/account").status, 200);

    let out = server.submit_as(&here, "/sign-out", &[]);
    assert!(out.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")));
    assert_eq!(server.get_as(&here, "/account").status, 303, "signed out on the server as well");
    for forged in ["attain_session=", "attain_session=0", "attain_session=ada", "other=1"] {
        assert_eq!(server.get_as(forged, "/account").status, 303, "{forged}");
    }
}

#[test]
fn whose_roles_change_is_known_by_a_new_session_from_then_on() {
    let program = Program::new();
    let server = Server::start(&program);
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let bob = account(&program, &server, "bob", None, &[]);
    let given = server.submit_as(&ada, "/people/accounts/2/roles", &[("role", "auditor")]);
    assert_eq!((given.status, given.header("set-cookie")), (303, None), "{}", given.text());
    assert_eq!(server.get_as(&bob, "/account").status, 303, "they sign in again");
    let own = server.submit_as(&ada, "/people/accounts/1/roles", &[("role", "ops")]);
    assert_eq!(server.get_as(&ada, "/account").status, 303);
    assert_eq!(
        server.get_as(&cookie(&own), "/data/imports").status,
        200,
        "who asked goes on, as what they are now"
    );
}

#[test]
fn a_closed_account_is_out_at_once_and_the_last_admin_stays() {
    let program = Program::new();
    let server = Server::start(&program);
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let bob = account(&program, &server, "bob", None, &["ops"]);
    assert_eq!(server.get_as(&bob, "/account").status, 200);
    let closed = server.submit_as(&ada, "/people/accounts/2/open", &[("open", "false")]);
    assert_eq!(closed.status, 303, "{}", closed.text());
    assert_eq!(server.get_as(&bob, "/account").status, 303);
    assert_eq!(sign_in(&server, "bob@example.com", PASSWORD).status, 401);
    for (path, fields) in
        [("/people/accounts/1/open", ("open", "false")), ("/people/accounts/1/roles/end", ("number", "1"))]
    {
        let refused = server.submit_as(&ada, path, &[fields]);
        assert_eq!(refused.status, 409, "{path}");
        assert!(html::text(&refused.text()).contains("nobody else is an admin"));
    }
    assert_eq!(server.get_as(&ada, "/people/accounts").status, 200);
}

#[test]
fn nobody_is_led_to_another_site_after_signing_in() {
    let program = Program::new();
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    for (next, to) in [
        ("/metrics", "/metrics"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
    ] {
        let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("next", next)];
        assert_eq!(server.submit("/sign-in", &fields).header("location"), Some(to), "{next}");
    }
}

#[test]
fn other_machines_are_let_in_only_once_somebody_has_an_account() {
    let program = Program::new();
    let refused = program.refuses(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(refused.contains("nobody has an account yet"), "{refused}");
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    drop(server);
    let command = program.command(&["serve", "--listen", "0.0.0.0:0"]);
    let (server, said) = Server::on_all_addresses(command, &program.folder.path().join("errors"));
    assert!(said.contains("Without TLS"), "{said}");
    let elsewhere = server.send("GET", "/account", &[("Host", "attain.example.com")]);
    assert_eq!(elsewhere.status, 303, "it answers to other names, and asks to sign in");
}

#[test]
fn one_byte_changed_in_the_log_is_found_at_its_place() {
    let program = Program::new();
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    let intact = program.prints(&["audit", "verify"]);
    assert!(intact.contains("The audit log is intact"), "{intact}");
    drop(server);
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let records = Records::open::<Migrator>(&program.records_url()).await.expect("records");
        let transaction = records.begin(&Actor::local_owner()).await.expect("a change");
        let alter = "update audit_entry set action = 'account.creatf' where action = 'account.create'";
        transaction.connection().execute_unprepared(alter).await.expect("altered");
        transaction.commit().await.expect("kept");
    });
    let broken = program.refuses(&["audit", "verify"]);
    let at = program.prints(&["audit", "export", "--format", "csv"]);
    let at = at
        .lines()
        .find(|line| line.contains("account.creatf"))
        .expect("the entry")
        .split(',')
        .next()
        .expect("a number")
        .to_owned();
    assert!(broken.contains(&format!("broken at entry {at}: the entry was altered")), "{broken}");
}

/// A token sees what its owner sees, on the API alone, and writes only where it was made to.
#[test]
fn a_program_acts_in_somebodys_name_by_a_token() {
    let program = Program::new();
    files().deliver(&program);
    let server = Server::start(&program);
    let anna = account(&program, &server, "anna", Some("anna"), &[]);
    let ops = account(&program, &server, "ops", None, &["ops"]);
    let made = |session: &str, scope: &str| {
        let fields = [("label", "nightly"), ("scope", scope), ("days", "30")];
        let page = html::text(&server.submit_as(session, "/account/tokens", &fields).text());
        page.split_whitespace().find(|word| word.starts_with("attain_")).expect("a token").to_owned()
    };
    let (reads, writes, annas) = (made(&ops, "read"), made(&ops, "write"), made(&anna, "write"));
    let ask = |token: &str, method: &str, path: &str| {
        server.send(method, path, &[("Authorization", &format!("Bearer {token}"))]).status
    };
    assert_eq!(ask(&reads, "GET", "/api/v1/imports"), 200);
    assert_eq!(ask(&reads, "POST", "/api/v1/imports/1/undo"), 404, "a token that reads changes nothing");
    assert_eq!(ask(&reads, "POST", "/api/v1/receipts"), 404, "and signs nothing");
    assert_eq!(ask(&writes, "POST", "/api/v1/receipts"), 422, "nothing was said of what to sign");
    assert_ne!(ask(&writes, "POST", "/api/v1/imports/99/undo"), 401);
    assert_eq!(ask(&annas, "GET", "/api/v1/imports"), 404, "that is not Anna's");
    assert_eq!(ask(&annas, "GET", "/api/v1/scorecards?level=rep&id=person-1"), 200);
    assert_eq!(ask(&annas, "GET", "/api/v1/scorecards?level=rep&id=person-2"), 404);
    assert_eq!(ask(&reads, "GET", "/data/imports"), 303, "pages are for people");
    let altered = format!("{}x", &reads[..reads.len() - 1]);
    for wrong in [altered.as_str(), "", "attain_"] {
        assert_eq!(ask(wrong, "GET", "/api/v1/imports"), 401, "{wrong}");
    }
    let listed = html::text(&server.get_as(&ops, "/account/tokens").text());
    assert!(listed.contains("nightly") && !listed.contains("attain_"), "{listed}");
    server.submit_as(&ops, "/account/tokens/end", &[("number", "1")]);
    assert_eq!(ask(&reads, "GET", "/api/v1/imports"), 401, "ended");
}

/// The doctor finds what is damaged, says what it is, and changes nothing.
#[test]
fn the_doctor_finds_what_is_damaged() {
    on_both(|program| {
        files().deliver(program);
        let well = program.prints(&["doctor"]);
        assert!(!well.contains("WRONG") && well.matches("ok ").count() == 5, "{well}");
        let deals = program.data().join("facts/opportunity");
        let file = std::fs::read_dir(deals).expect("a folder").flatten().next().expect("a file").path();
        let content = std::fs::read(&file).expect("a file");
        std::fs::write(&file, &content[..content.len() / 2]).expect("cut");
        let ill = program.refuses(&["doctor"]);
        assert!(
            ill.contains("of the files of the facts 1 cannot be read whole") && ill.contains("backup"),
            "{ill}"
        );
        std::fs::write(&file, content).expect("mended");
        program.prints(&["doctor"]);
    });
}
