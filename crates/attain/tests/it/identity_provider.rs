//! Signing in at the company's identity provider, against a real one: who gets in, who does not, and what
//! is spoiled on the way.

use std::collections::BTreeMap;
use std::net::TcpListener;

use attain_testing::{Peer, Postgres};
use serde_json::{Value, json};

use crate::company_of_many::{account, files};
use crate::html;
use crate::program::{Program, Reply, Server, exchange};

/// A provider, and a server that knows it.
struct Both {
    program: Program,
    provider: Peer,
    issuer: String,
    server: Server,
}

impl Both {
    /// None where the provider cannot be had on this machine.
    fn start(program: Program, claims: &str, more: &[&str]) -> Option<Both> {
        // The provider must know the server's address before the server is there.
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
        let address = format!("http://{free}");
        let provider = Peer::identity_provider(&format!("{address}/sign-in/provider/back"), claims)?;
        let issuer = provider.says();
        let listen = free.to_string();
        let mut arguments =
            vec!["serve", "--listen", &listen, "--address", &address, "--oidc-issuer", &issuer];
        arguments.extend(["--oidc-client-id", "attain", "--oidc-name", "Example Inc."]);
        let mut command = program.command(&[&arguments, more].concat());
        command.env("ATTAIN_OIDC_CLIENT_SECRET", "a-secret-of-two");
        let server = Server::of(command);
        Some(Both { program, provider, issuer, server })
    }

    /// Says who signs in next, and what is known of them.
    fn next(&self, subject: &str, claims: Value) {
        self.control(&json!({ "as": subject, "claims": claims, "spoil": "" }));
    }

    fn control(&self, with: &Value) {
        let text = serde_urlencoded::to_string([("with", with.to_string())]).expect("a parameter");
        let reply = Browser::default().step(&format!("{}/control?{text}", self.issuer));
        assert_eq!(reply.status, 200, "{}", reply.text());
    }

    /// Begins to sign in: where the provider asks.
    fn begin(&self, browser: &mut Browser) -> String {
        let begun = browser.step(&format!("http://{}/sign-in/provider", self.server.address()));
        assert_eq!(begun.status, 303, "{}", begun.text());
        begun.header("location").expect("the provider").to_owned()
    }

    /// Follows the provider until it sends the browser back: to where.
    fn at_the_provider(&self, browser: &mut Browser, from: &str) -> String {
        let mut url = from.to_owned();
        for _ in 0..8 {
            let reply = browser.step(&url);
            let next =
                reply.header("location").unwrap_or_else(|| panic!("{url}: {}", reply.text())).to_owned();
            url = if next.starts_with('/') { format!("{}{next}", self.issuer) } else { next };
            if url.contains("/sign-in/provider/back") {
                return url;
            }
        }
        panic!("the provider does not send the browser back")
    }

    /// The whole way.
    fn sign_in(&self, browser: &mut Browser) -> Reply {
        let from = self.begin(browser);
        let back = self.at_the_provider(browser, &from);
        browser.step(&back)
    }

    /// The whole way, or as far as one is let.
    fn tried(&self, browser: &mut Browser) -> u16 {
        let begun = browser.step(&format!("http://{}/sign-in/provider", self.server.address()));
        let Some(from) = begun.header("location").map(str::to_owned) else { return begun.status };
        let back = self.at_the_provider(browser, &from);
        browser.step(&back).status
    }

    fn is_signed_in(&self, browser: &mut Browser) -> bool {
        browser.step(&format!("http://{}/account", self.server.address())).status == 200
    }
}

/// Whatever keeps cookies and goes where it is sent.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    fn step(&mut self, url: &str) -> Reply {
        let (host, path) =
            url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an address");
        let own = self.cookies.iter().filter(|((of, _), _)| of == host);
        let cookies: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let headers: &[(&str, &str)] = &[("Cookie", &cookies), ("Sec-Fetch-Site", "cross-site")];
        let reply = exchange(host, "GET", &format!("/{path}"), headers, b"");
        for cookie in reply.headers_named("set-cookie") {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            self.cookies.insert((host.to_owned(), name.to_owned()), value.to_owned());
        }
        reply
    }
}

fn says(reply: &Reply) -> String {
    html::text(&reply.text())
}

fn verified(email: &str) -> Value {
    json!({ "email": email, "email_verified": true, "name": "Anna Arnold" })
}

#[test]
fn who_has_an_account_signs_in_with_their_address_and_stays_the_same_when_it_changes() {
    for claims in ["in-token", "apart"] {
        // Claims in the token with SQLite, apart with PostgreSQL where there is one.
        let postgres = Postgres::shared().filter(|_| claims == "apart");
        let program =
            postgres.map_or_else(Program::new, |server| Program::on_postgres(server.create_database()));
        let Some(both) = Both::start(program, claims, &[]) else { return };
        files().deliver(&both.program);
        account(&both.program, &both.server, "anna", Some("anna"), &[]);
        both.next("subject-1", verified("Anna@example.com"));
        let page = both.server.text("/sign-in");
        assert!(html::text(&page).contains("Sign in with Example Inc."), "{page}");
        let mut browser = Browser::default();
        let signed_in = both.sign_in(&mut browser);
        assert_eq!(
            (signed_in.status, signed_in.header("location")),
            (303, Some("/")),
            "{}",
            says(&signed_in)
        );
        let home = browser.step(&format!("http://{}/", both.server.address()));
        assert_eq!(home.header("location"), Some("/scorecards/rep/person-1"));

        both.next("subject-1", verified("anna.new-name@example.com"));
        let mut later = Browser::default();
        assert_eq!(both.sign_in(&mut later).status, 303);
        assert!(both.is_signed_in(&mut later), "an identity is known, whatever its address");

        both.next("subject-2", verified("anna@example.com"));
        let other = both.sign_in(&mut Browser::default());
        assert_eq!(other.status, 401);
        assert!(
            says(&other).contains("belongs to somebody else"),
            "addresses are handed on, identities are not"
        );
    }
}

#[test]
fn who_has_none_is_let_in_only_where_the_company_says_so() {
    let Some(both) = Both::start(Program::new(), "apart", &[]) else { return };
    both.next("subject-1", verified("anna@example.com"));
    assert!(says(&both.sign_in(&mut Browser::default())).contains("Nobody has an account here yet"));
    account(&both.program, &both.server, "ada", None, &["admin"]);
    assert!(says(&both.sign_in(&mut Browser::default())).contains("You have no account here"));
    both.next("subject-1", json!({ "email": "ada@example.com", "email_verified": false }));
    assert!(
        says(&both.sign_in(&mut Browser::default())).contains("does not vouch"),
        "no address that was made up"
    );
    both.next("subject-1", json!({ "name": "Ada" }));
    assert!(says(&both.sign_in(&mut Browser::default())).contains("did not say your address"));
}

#[test]
fn an_account_made_at_the_first_sign_in_is_the_person_the_provider_names_and_has_no_role() {
    let more = ["--oidc-create-accounts", "--oidc-person-claim", "employee_number"];
    let Some(both) = Both::start(Program::new(), "in-token", &more) else { return };
    files().deliver(&both.program);
    let ada = account(&both.program, &both.server, "ada", None, &["admin"]);
    both.next("subject-9", json!({ "email": "dora@example.com", "email_verified": true, "name": "Dora D.", "employee_number": "dora" }));
    let mut browser = Browser::default();
    assert_eq!(both.sign_in(&mut browser).status, 303);
    let page = browser.step(&format!("http://{}/scorecards/rep/person-1", both.server.address()));
    assert_eq!(page.status, 200, "Dora leads Anna by the roster: {}", says(&page));
    let accounts = html::text(&both.server.get_as(&ada, "/people/accounts").text());
    assert!(accounts.contains("Dora D.") && accounts.contains("dora@example.com"), "{accounts}");
    let address = format!("http://{}/people/accounts", both.server.address());
    assert_eq!(browser.step(&address).status, 404, "nobody is an admin by signing in");
    // A second identity that names the same person gets an account, and not that person's.
    both.next(
        "subject-10",
        json!({ "email": "eve@example.com", "email_verified": true, "employee_number": "dora" }),
    );
    let mut eve = Browser::default();
    assert_eq!(both.sign_in(&mut eve).status, 303);
    let page = eve.step(&format!("http://{}/scorecards/rep/person-1", both.server.address()));
    assert_eq!(page.status, 404, "{}", says(&page));
}

#[test]
fn whatever_is_spoiled_on_the_way_opens_nothing() {
    let Some(both) = Both::start(Program::new(), "in-token", &[]) else { return };
    let admin = account(&both.program, &both.server, "anna", None, &["admin"]);
    both.next("subject-1", verified("anna@example.com"));
    let mut refusals = 0;
    let mut refused = |browser: &mut Browser, reply: &Reply, what: &str, is_noted: bool| {
        assert_eq!(reply.status, 401, "{what}: {}", says(reply));
        assert!(!both.is_signed_in(browser), "{what}");
        refusals += usize::from(is_noted);
    };

    for (what, from, to) in
        [("state", "state=", "state=x"), ("code", "code=", "code=x"), ("issuer", "iss=", "iss=x")]
    {
        let mut browser = Browser::default();
        let begun = both.begin(&mut browser);
        let back = both.at_the_provider(&mut browser, &begun);
        let reply = browser.step(&back.replacen(from, to, 1));
        refused(&mut browser, &reply, what, true);
        let reply = browser.step(&back);
        refused(&mut browser, &reply, "and then it is over, although this is the right address", false);
    }
    for what in ["nonce", "code_challenge"] {
        let mut browser = Browser::default();
        let begun = both.begin(&mut browser);
        let (head, rest) = begun.split_once(&format!("{what}=")).expect("a parameter");
        let tail = rest.split_once('&').map(|(_, tail)| tail).unwrap_or_default();
        let other = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let back = both.at_the_provider(&mut browser, &format!("{head}{what}={other}&{tail}"));
        let reply = browser.step(&back);
        refused(&mut browser, &reply, what, true);
    }
    for what in ["payload", "signature", "unsigned", "missing"] {
        both.control(&json!({ "spoil": what }));
        let mut browser = Browser::default();
        let reply = both.sign_in(&mut browser);
        refused(&mut browser, &reply, what, true);
    }
    both.control(&json!({ "spoil": "" }));

    // Somebody's code, brought to the end in another browser.
    let (mut victim, mut thief) = (Browser::default(), Browser::default());
    let begun = both.begin(&mut victim);
    let back = both.at_the_provider(&mut victim, &begun);
    let reply = thief.step(&back);
    refused(&mut thief, &reply, "another browser", false);
    let code = back.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code").to_owned();
    let begun = both.begin(&mut thief);
    let own = both.at_the_provider(&mut thief, &begun);
    let own_code = own.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code");
    let reply = thief.step(&own.replace(own_code, &code));
    refused(&mut thief, &reply, "another browser's code", true);

    let log = html::text(&both.server.get_as(&admin, "/audit/security").text());
    assert_eq!(log.matches("provider_refused").count(), refusals, "{log}");
    let mut browser = Browser::default();
    assert_eq!(both.sign_in(&mut browser).status, 303, "unspoiled, the same way opens");
}

#[test]
fn whoever_tries_again_and_again_waits_and_fills_no_log() {
    let Some(both) = Both::start(Program::new(), "in-token", &[]) else { return };
    let ada = account(&both.program, &both.server, "ada", None, &["admin"]);
    for _ in 0..50 {
        assert_eq!(both.server.get("/sign-in/provider/back?code=x&state=y").status, 401);
    }
    let log = html::text(&both.server.get_as(&ada, "/audit/security").text());
    assert!(!log.contains("provider_refused"), "nobody began anything: {log}");
    both.next("nobody-known", verified("nobody@example.com"));
    let statuses: Vec<u16> = (0..32).map(|_| both.tried(&mut Browser::default())).collect();
    assert_eq!((statuses[0], statuses[31]), (401, 429), "{statuses:?}");
}

#[test]
fn claims_are_asked_for_with_the_token_that_belongs_to_them() {
    let Some(both) = Both::start(Program::new(), "apart", &[]) else { return };
    account(&both.program, &both.server, "anna", None, &["admin"]);
    both.next("subject-1", verified("anna@example.com"));
    both.control(&json!({ "spoil": "access" }));
    let mut browser = Browser::default();
    assert_eq!(both.sign_in(&mut browser).status, 401);
    assert!(!both.is_signed_in(&mut browser));
}

#[test]
fn a_provider_that_is_down_is_said_so_and_passwords_still_open() {
    let Some(both) = Both::start(Program::new(), "in-token", &[]) else { return };
    let ada = account(&both.program, &both.server, "ada", None, &["admin"]);
    let tried = both.server.submit_as(&ada, "/settings/identity-provider/test", &[]);
    assert!(says(&tried).contains("Example Inc. answers"), "{}", says(&tried));
    let Both { provider, server, .. } = both;
    drop(provider);
    let reply = server.get("/sign-in/provider");
    assert_eq!(reply.status, 502);
    assert!(says(&reply).contains("did not work"), "{}", says(&reply));
    let tried = server.submit_as(&ada, "/settings/identity-provider/test", &[]);
    assert!(says(&tried).contains("did not answer as it should"), "{}", says(&tried));
    let fields = [("email", "ada@example.com"), ("password", crate::company_of_many::PASSWORD)];
    assert_eq!(server.submit("/sign-in", &fields).status, 303);
}
