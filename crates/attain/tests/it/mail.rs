//! Letters, through a real mail server: links to choose a password by, and the audit log's head.

use attain_testing::Peer;
use serde_json::Value;

use crate::company_of_many::{PASSWORD, account, cookie};
use crate::html;
use crate::program::{Program, Server};

const FROM: &str = "Attain <attain@example.com>";

/// A server that sends its letters to a mail server of this test's own.
fn with_mail(program: &Program, how: &str, more: &[&str]) -> Option<(Server, Peer)> {
    let mail = Peer::mail_server(how)?;
    let url = format!("smtp://{}", mail.says());
    let set_up = ["--mail-server", &url, "--mail-from", FROM, "--address", "http://attain.example"];
    Some((Server::start_with(program, &[&set_up, more].concat()), mail))
}

/// The next letter: to whom, and what it says.
fn letter(mail: &Peer) -> (String, String) {
    let letter: Value = serde_json::from_str(&mail.says()).expect("a letter");
    // Long lines are folded on the way, as mail programs unfold them (quoted-printable).
    let text = letter["text"].as_str().expect("a text").replace("=\r\n", "").replace("=3D", "=");
    (letter["to"][0].as_str().expect("an address").to_owned(), text)
}

fn link(text: &str) -> String {
    let link = text.split_whitespace().find(|word| word.starts_with("http://attain.example/welcome/"));
    link.unwrap_or_else(|| panic!("no link: {text}")).trim_start_matches("http://attain.example").to_owned()
}

#[test]
fn an_invitation_is_mailed_and_not_shown_to_whoever_sends_it() {
    let program = Program::new();
    let Some((server, mail)) = with_mail(&program, "take", &[]) else { return };
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let fields = [("name", "Anna Arnold"), ("email", "anna@example.com")];
    let invited = server.submit_as(&ada, "/people/accounts", &fields);
    let page = invited.text();
    assert!(html::text(&page).contains("mailed to anna@example.com"), "{page}");
    assert!(!page.contains("/welcome/"), "the link is for the one it is mailed to");
    let (to, text) = letter(&mail);
    assert_eq!(to, "anna@example.com");
    assert!(text.contains("Anna Arnold") && text.contains(FROM), "{text}");
    let anna = cookie(&server.submit(&link(&text), &[("password", PASSWORD)]));
    assert_eq!(server.get_as(&anna, "/account").status, 200);
}

#[test]
fn a_link_that_cannot_be_mailed_is_shown_with_the_reason() {
    let program = Program::new();
    let Some((server, _mail)) = with_mail(&program, "refuse", &[]) else { return };
    let ada = account(&program, &server, "ada", None, &["admin"]);
    let fields = [("name", "Anna"), ("email", "anna@example.com")];
    let page = html::text(&server.submit_as(&ada, "/people/accounts", &fields).text());
    assert!(page.contains("no such mailbox here") && page.contains("/welcome/"), "{page}");
    let tried = html::text(&server.submit_as(&ada, "/settings/mail/test", &[]).text());
    assert!(tried.contains("did not take the letter"), "{tried}");
}

#[test]
fn who_forgot_their_password_is_mailed_a_link_and_nobody_learns_who_has_an_account() {
    let program = Program::new();
    let Some((server, mail)) = with_mail(&program, "take", &[]) else { return };
    account(&program, &server, "ada", None, &["admin"]);
    let ask = |email: &str| server.submit("/sign-in/forgotten", &[("email", email)]);
    let (known, unknown) = (ask("Ada@example.com"), ask("nobody@example.com"));
    assert_eq!((known.status, known.text()), (unknown.status, unknown.text()));
    let (to, text) = letter(&mail);
    assert_eq!(to, "ada@example.com");
    let other = "another river lantern";
    assert_eq!(server.submit(&link(&text), &[("password", other)]).status, 303);
    let sign_in =
        |password: &str| server.submit("/sign-in", &[("email", "ada@example.com"), ("password", password)]);
    assert_eq!((sign_in(PASSWORD).status, sign_in(other).status), (401, 303));
    let statuses: Vec<u16> = (0..8).map(|_| ask("ada@example.com").status).collect();
    assert!(statuses.contains(&429), "a mailbox is not filled from here: {statuses:?}");
    let taken = statuses.iter().filter(|status| **status == 200).count();
    for _ in 0..taken {
        assert_eq!(letter(&mail).0, "ada@example.com");
    }
    assert!(mail.is_silent(), "nobody else is written to");
}

#[test]
fn without_mail_nobody_is_offered_a_letter() {
    let program = Program::new();
    let server = Server::start(&program);
    account(&program, &server, "ada", None, &["admin"]);
    assert!(!server.text("/sign-in").contains("forgotten"));
    assert_eq!(server.get("/sign-in/forgotten").status, 404);
    assert_eq!(server.submit("/sign-in/forgotten", &[("email", "ada@example.com")]).status, 404);
}

#[test]
fn the_head_of_the_audit_log_is_mailed_once_a_day_and_the_log_is_held_against_it() {
    let program = Program::new();
    account_without_server(&program);
    let Some((server, mail)) = with_mail(&program, "take", &["--mail-audit-to", "auditor@example.org"])
    else {
        return;
    };
    let (to, text) = letter(&mail);
    assert_eq!(to, "auditor@example.org");
    let command = text.split('`').nth(1).expect("the command to check it with").to_owned();
    // The letter is out a moment before that is noted.
    let is_noted = || program.prints(&["audit", "export"]).contains("audit.head_mailed");
    while !is_noted() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(server);
    let arguments: Vec<&str> = command.split_whitespace().skip(1).collect();
    assert!(program.prints(&arguments).contains("intact"));
    let mut other = arguments.clone();
    other[3] = "0000";
    assert!(program.refuses(&other).contains("another hash"));
    let Some((_server, again)) = with_mail(&program, "take", &["--mail-audit-to", "auditor@example.org"])
    else {
        return;
    };
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(again.is_silent(), "one letter a day, however often the server starts");
}

fn account_without_server(program: &Program) {
    program.prints(&["user", "add", "ada@example.com", "--name", "Ada", "--role", "admin"]);
}
