//! A seller finds out where they stand and why (walk W1): from signing in to the hash of a number, in six
//! clicks.

use std::cell::Cell;

use super::tab::{Tab, Thing, Window, exactly, link};
use crate::program::{Program, Server};

/// Somebody whose clicks are counted.
struct Seller<'s> {
    tab: Tab,
    server: &'s Server,
    clicks: Cell<u32>,
}

impl Seller<'_> {
    fn click(&self, thing: &Thing) {
        self.clicks.set(self.clicks.get() + 1);
        self.tab.leave(|| self.tab.click(thing));
    }

    fn text(&self) -> String {
        self.tab.value("document.body.innerText.replaceAll('\\u00a0', ' ')")
    }

    fn sees(&self, words: &str) {
        let text = self.text();
        assert!(text.contains(words), "no “{words}” at {}:\n{text}", self.tab.address());
    }

    /// Does the walk, at a desk or on a phone.
    fn walk(&self, window: Window) {
        self.tab.resize(window);
        self.tab.visit(&self.server.url("/demo/people"));
        self.click(&Thing::new("button", exactly("Priya Raghunandan")));
        for words in ["Goals", "of the target", "Days left", "Q4 FY26"] {
            self.sees(words);
        }
        // The goal of the quarter that is over, not of the one under way.
        self.click(&link("^(Credited bookings|Bookings)").within("section[aria-labelledby='goals-title']"));
        self.sees("Down 41,200 EUR on Q3 FY26: conversion −41,200, opportunities 0, deal size 0.");
        self.click(&link("^Conversion").within(".waterfall"));
        for words in ["won per created", "Version 1", "Counts for", "Nearly counted", "deals as delivered on"]
        {
            assert!(self.text().to_lowercase().contains(&words.to_lowercase()), "{words}: {}", self.text());
        }
        self.click(&link("^Compared with peers").within("aside"));
        self.sees("Your win rate");
        self.sees("Peers are all people of the company in the role “AE”");
        let text = self.text();
        let said = ["clearly above", "cannot be told apart", "clearly below"];
        assert!(said.iter().any(|words| text.contains(words)) && text.contains("95 % interval"), "{text}");
        assert!(!text.contains("Jonas"), "no peer is named: {text}");
        self.click(&link("^Then and now").within("aside"));
        self.sees("30 Jun 2026");
        self.click(&Thing::new("button", exactly("Sign this number")).within("aside"));
        self.sees("Same hash.");
        let hashes: Vec<String> = self
            .tab
            .value("[...document.querySelectorAll('#recomputed code')].map((code) => code.textContent)");
        assert!(hashes.len() == 2 && hashes[0] == hashes[1], "the same, twice: {hashes:?}");
        assert!(self.clicks.replace(0) <= 6, "in six clicks");
        let wide: bool = self.tab.value("document.documentElement.scrollWidth > innerWidth");
        assert!(!wide, "{} is wider than its window, {window:?}", self.tab.address());
    }
}

#[test]
fn a_seller_finds_out_why_bookings_fell_in_six_clicks() {
    let Some(tab) = Tab::open() else { return };
    let (program, files) = (Program::new(), tempfile::tempdir().expect("a folder"));
    let server = Server::demo(&program, files.path(), "127.0.0.1:0");
    let seller = Seller { tab, server: &server, clicks: Cell::new(0) };
    seller.walk(Window::Desk);
    seller.walk(Window::Phone);
    // Somebody else's rows are not there, and the attempt is on record.
    let own: String = seller.tab.value("[...document.querySelectorAll('a')].map((a) => a.getAttribute('href')).find((path) => path && path.includes('/rep/'))");
    let others = own
        .split('/')
        .map(|part| if part.starts_with("person-") { "person-1".to_owned() } else { part.to_owned() });
    let others = others.collect::<Vec<_>>().join("/");
    let other = others.split('?').next().expect("a path").to_owned();
    seller.tab.visit(&server.url(&other));
    seller.sees("nothing at this address");
}
