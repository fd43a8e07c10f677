//! A goal is agreed on by the two it is between (walk W3, without the menu of forecasts): proposed,
//! countered, acknowledged by both, and changed in mid-quarter.

use attain_testing::Postgres;

use super::tab::{Tab, Thing, exactly, link};
use crate::company_of_many::{PASSWORD, account, person};
use crate::goals::this_year;
use crate::program::{Program, Server};

/// One of the two, at a browser of their own.
struct Party<'s> {
    tab: Tab,
    server: &'s Server,
}

impl Party<'_> {
    fn visit(&self, path: &str) {
        self.tab.visit(&self.server.url(path));
    }

    fn write(&self, field: &str, text: &str) {
        self.write_in("main", field, text);
    }

    fn write_in(&self, place: &'static str, field: &str, text: &str) {
        self.tab.click(&Thing::new("input", field).within(place));
        self.tab.type_text(text);
    }

    /// Another target than the one there is.
    fn change(&self, target: &str, why: &str) {
        const FORM: &str = "form[action$='/change']";
        self.write_in(FORM, "^Another target", target);
        self.write_in(FORM, "^Why$", why);
    }

    fn press(&self, button: &str) {
        self.tab.leave(|| self.tab.click(&Thing::new("button", exactly(button)).within("main")));
    }

    fn sees(&self, words: &str) {
        let text: String = self.tab.value("document.body.innerText");
        assert!(text.contains(words), "no “{words}” at {}:\n{text}", self.tab.address());
    }

    fn sign_in(&self, email: &str) {
        // Whoever signed in before, in the same browser, leaves first.
        self.tab.tell("Network.clearBrowserCookies", serde_json::json!({}));
        self.visit("/sign-in");
        self.write("^Address of mail", email);
        self.write("^Password", PASSWORD);
        self.press("Sign in");
    }
}

#[test]
fn a_goal_is_countered_agreed_on_and_changed_in_the_browser() {
    let Some(tab) = Tab::open() else { return };
    let mut programs = vec![Program::new()];
    programs.extend(Postgres::shared().map(|server| Program::on_postgres(server.create_database())));
    let mut party = Some(tab);
    for program in &programs {
        this_year().deliver(program);
        let server = Server::start(program);
        account(program, &server, "dora", Some("dora"), &[]);
        account(program, &server, "anna", Some("anna"), &[]);
        let at = Party { tab: party.take().expect("a tab"), server: &server };
        at.sign_in("dora@example.com");
        at.visit(&format!("/goals/rep/{}", person("anna")));
        at.write("^Target of the whole period", "400");
        at.write("^Why", "as planned");
        at.press("Propose");
        let goal = at.tab.address();
        at.sign_in("anna@example.com");
        at.sees("is proposed and waits for you");
        at.tab.leave(|| at.tab.click(&link("Opportunities created|Bookings|Deals won").within(".notice")));
        assert_eq!(at.tab.address(), goal);
        at.change("300", "two accounts left");
        at.press("Propose this instead");
        at.sees("countered");
        at.sign_in("dora@example.com");
        at.tab.visit(&goal);
        at.press("Acknowledge");
        at.sees("in force");
        at.change("250", "a territory was given away");
        at.press("Propose a change");
        at.sign_in("anna@example.com");
        at.tab.visit(&goal);
        at.press("Acknowledge");
        at.sees("superseded");
        for reason in ["as planned", "two accounts left", "a territory was given away"] {
            at.sees(reason);
        }
        party = Some(at.tab);
    }
}
