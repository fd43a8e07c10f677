//! From the first start of an empty server to a seller who sees who has seen their numbers: the admin
//! makes the first account, brings people in, invites; the invited turn a second factor on and sign in
//! with it.

use totp_rs::{Builder, Secret, Totp};

use super::server::Server;
use super::tab::{Scheme, Tab, Thing, Window, exactly, link};
use crate::company_of_many::{PASSWORD, files};

/// Somebody at a browser of their own.
struct Person<'s> {
    tab: Tab,
    server: &'s Server,
}

impl Person<'_> {
    fn visit(&self, path: &str) {
        self.tab.visit(&self.server.address(path));
    }

    /// Writes into a field, as its label calls it.
    fn write(&self, field: &str, text: &str) {
        self.tab.click(&Thing::new("input", field));
        self.tab.type_text(text);
    }

    fn press(&self, button: &str) {
        self.tab.leave(|| self.tab.click(&Thing::new("button", exactly(button))));
    }

    fn follow(&self, name: &str) {
        self.tab.leave(|| self.tab.click(&link(name)));
    }

    fn reads(&self, text: &str) -> bool {
        self.tab.value(&format!("document.body.innerText.includes({text:?})"))
    }

    /// Codes of the second factor whose secret the page shows.
    fn authenticator(&self) -> Totp {
        let secret: String = self.tab.value("document.querySelector('input[name=\"secret\"]').value");
        let shared = Secret::try_from_base32(secret).expect("base32");
        Builder::new().with_secret(shared).with_account_name("anna").build().expect("codes")
    }

    fn sign_in(&self, email: &str) {
        self.visit("/sign-in");
        self.write("^Address of mail", email);
        self.write("^Password", PASSWORD);
        self.press("Sign in");
    }

    /// Nothing runs out of its page at a desk or on a phone, by day or by night, and nothing complains.
    fn looks_right(&self, page: &str) {
        for (window, scheme) in [(Window::Phone, Scheme::Dark), (Window::Desk, Scheme::Light)] {
            self.tab.resize(window);
            self.tab.prefer(scheme);
            let wide: bool = self.tab.value("document.documentElement.scrollWidth > innerWidth");
            assert!(!wide, "{page} is wider than its window, {window:?}");
        }
        assert_eq!(self.tab.complaints(&self.server.address("")), [""; 0], "{page}");
    }
}

fn second_of_now() -> u64 {
    jiff::Timestamp::now().as_second().unsigned_abs()
}

#[test]
fn from_the_first_start_to_who_has_seen_ones_numbers() {
    let Some(tab) = Tab::open() else { return };
    let server = Server::empty();
    let admin = Person { tab, server: &server };
    admin.visit(&server.first_link());
    admin.looks_right("first account");
    admin.write("^Your name", "Ada Admin");
    admin.write("^Address of mail", "ada@example.com");
    admin.write("^Password", PASSWORD);
    admin.press("Make the account");
    let noted = admin.tab.complaints(&server.address(""));
    assert!(noted.iter().all(|said| said.contains("409")), "{noted:?}");
    assert!(admin.reads("Ada Admin") && admin.reads("Nothing imported yet"));

    server.deliver(&files());
    admin.visit("/people");
    assert!(admin.reads("12 people on"), "the roster is there");
    admin.looks_right("people");
    for (name, person) in [("Anna", "anna"), ("Dora", "dora")] {
        admin.visit("/people");
        admin.follow("^Accounts$");
        admin.write("^Name", name);
        admin.write("^Address of mail", &format!("{person}@example.com"));
        admin.write("^In the roster", person);
        admin.press("Make the account");
        admin.looks_right("account");
        let welcome: String = admin.tab.value("document.querySelector('code.link').textContent");
        let invited = Person { tab: Tab::open().expect("another browser"), server: &server };
        invited.visit(&welcome);
        invited.write("^Password", PASSWORD);
        invited.press("Keep the password");
        assert!(invited.tab.shows(&Thing::new("h1", exactly(name))), "{name} begins at their own numbers");
    }

    let anna = Person { tab: Tab::open().expect("another browser"), server: &server };
    anna.sign_in("anna@example.com");
    anna.follow("^Anna$");
    anna.looks_right("own account");
    let codes = anna.authenticator();
    anna.write("^Code it shows", &codes.generate(second_of_now() - 30).to_string());
    anna.press("Turn the second factor on");
    assert!(anna.reads("The second factor is on"));
    anna.press("Sign out");
    anna.sign_in("anna@example.com");
    anna.looks_right("second factor");
    anna.write("^Code", &codes.generate(second_of_now()).to_string());
    anna.press("Go on");
    assert!(anna.tab.shows(&Thing::new("h1", exactly("Anna"))), "signed in with both");

    let dora = Person { tab: Tab::open().expect("another browser"), server: &server };
    dora.sign_in("dora@example.com");
    assert!(dora.tab.shows(&Thing::new("h1", exactly("Dora"))), "a manager begins at their team");
    dora.follow("^Anna$");
    assert!(dora.tab.shows(&Thing::new("h1", exactly("Anna"))));

    anna.visit("/account");
    anna.follow("^Who has seen your numbers");
    anna.looks_right("who has seen this");
    let page: String = anna.tab.value("document.querySelector('main').innerText");
    assert!(page.contains("Dora") && page.contains("Manager") && page.contains("scorecard"), "{page}");
}
