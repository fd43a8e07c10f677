//! What every page must be: roomy, quiet, and usable by everybody: with a screen reader, with weak
//! eyes, with a finger, with the keyboard alone.

use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Value, json};

use super::pages::{Concern, Finding, MainPage, NOWHERE, assert_none, on_every_page};
use super::server::Server;
use super::tab::{Key, Scheme, Tab, Thing, Window, link};

const ROOM: &str = include_str!("room.js");
const STRUCTURE: &str = include_str!("structure.js");
const CONTRAST: &str = include_str!("contrast.js");
const TARGETS: &str = include_str!("targets.js");
const FOCUS: &str = include_str!("focus.js");

/// A page with every flaw that is looked for.
const FLAWED: &str = include_str!("flawed.html");

/// Everything that is wrong with the page that is open.
fn examine(tab: &Tab, server: &str) -> Vec<Finding> {
    let mut found = in_both_schemes(tab, Concern::Room, ROOM);
    found.extend(in_both_schemes(tab, Concern::Contrast, CONTRAST));
    let mut add = |concern, texts: Vec<String>| {
        found.extend(texts.into_iter().map(|text| Finding { concern, text }));
    };
    add(Concern::Structure, tab.check(STRUCTURE));
    add(Concern::Structure, unnamed(tab));
    add(Concern::Targets, tab.check(TARGETS));
    add(Concern::Keyboard, go_through(tab));
    add(Concern::Quiet, tab.complaints(server));
    found
}

fn in_both_schemes(tab: &Tab, concern: Concern, check: &str) -> Vec<Finding> {
    let in_scheme = |scheme| {
        tab.prefer(scheme);
        let found = tab.check(check).into_iter();
        found.map(move |text| Finding { concern, text: format!("{scheme:?}, {text}") })
    };
    [Scheme::Light, Scheme::Dark].into_iter().flat_map(in_scheme).collect()
}

/// What is wrong with any page of the sample company, looked at once for all tests.
fn found_about(concern: Concern) -> Option<Vec<Finding>> {
    static FOUND: OnceLock<Option<Vec<Finding>>> = OnceLock::new();
    let look = || {
        let server = Server::with_maven()?;
        on_every_page(&server, |tab, page| {
            let mut found = examine(tab, &server.address(""));
            found.retain(|finding| !is_the_missing_page(page, finding));
            found
        })
    };
    let found = FOUND.get_or_init(look).as_ref()?;
    Some(found.iter().filter(|finding| finding.concern == concern).cloned().collect())
}

/// The browser notes that a page was not found: that is what this address is for.
fn is_the_missing_page(page: &MainPage, finding: &Finding) -> bool {
    page.address.ends_with(NOWHERE) && finding.text.contains("404") && finding.text.ends_with(&page.address)
}

/// Roles of what one can act on; each must have a name.
const ACTED_ON: [&str; 10] = [
    "link",
    "button",
    "combobox",
    "listbox",
    "menuitem",
    "searchbox",
    "textbox",
    "checkbox",
    "radio",
    "slider",
];

/// What has no name for a screen reader, and a main landmark that is not there once.
fn unnamed(tab: &Tab) -> Vec<String> {
    let tree = tab.tell("Accessibility.getFullAXTree", json!({}));
    let nodes = || tree["nodes"].as_array().expect("nodes").iter().filter(|node| node["ignored"] == false);
    let role = |node: &Value| node["role"]["value"].as_str().unwrap_or_default().to_lowercase();
    let acted_on: Vec<&Value> =
        nodes().filter(|node| ACTED_ON.iter().any(|name| role(node).starts_with(name))).collect();
    assert!(acted_on.len() > 2, "the tree holds what one can act on");
    let has_name = |node: &Value| !node["name"]["value"].as_str().unwrap_or_default().trim().is_empty();
    let mut found: Vec<String> = acted_on
        .into_iter()
        .filter(|node| !has_name(node))
        .map(|node| format!("a {} has no name", role(node)))
        .collect();
    let mains = nodes().filter(|node| role(node) == "main").count();
    if mains != 1 {
        found.push(format!("a screen reader meets {mains} main landmarks"));
    }
    found
}

/// What has the focus: its place among what must be reached.
#[derive(Debug, Deserialize)]
struct Focus {
    at: i64,
    name: String,
    problems: Vec<String>,
}

/// Goes through a page with Tab and says what went wrong.
fn go_through(tab: &Tab) -> Vec<String> {
    let focus = || -> Option<Focus> { tab.value(&format!("(() => {{ {FOCUS} }})()")) };
    assert!(focus().is_none(), "nothing has the focus before the first Tab");
    let reachable: Vec<String> = tab.value("window.reachable.map(describe)");
    let mut reached = vec![false; reachable.len()];
    let mut last = None;
    let mut found = Vec::new();
    for step in 0..reachable.len() + 20 {
        tab.press(Key::Tab);
        let Some(focus) = focus() else { break };
        if step == 0 && !focus.name.contains("Skip") {
            found.push(format!("the first Tab reaches {:?}, not the link to the content", focus.name));
        }
        found.extend(focus.problems);
        if let Some(place) = usize::try_from(focus.at).ok().and_then(|at| reached.get_mut(at)) {
            // The parts of a date field are stops of their own; what was left before is a round.
            if *place && last != Some(focus.at) {
                break;
            }
            *place = true;
        }
        last = Some(focus.at);
    }
    let missed = reachable.iter().zip(&reached).filter(|(_, reached)| !**reached);
    found.extend(missed.map(|(thing, _)| format!("Tab does not reach {thing}")));
    found
}

#[test]
fn every_page_has_room_for_what_it_says_in_light_and_dark() {
    let Some(found) = found_about(Concern::Room) else { return };
    assert_none(&found);
}

#[test]
fn no_page_complains_to_the_console_or_asks_other_hosts() {
    let Some(found) = found_about(Concern::Quiet) else { return };
    assert_none(&found);
}

#[test]
fn every_page_tells_a_screen_reader_what_its_parts_are() {
    let Some(found) = found_about(Concern::Structure) else { return };
    assert_none(&found);
}

#[test]
fn all_text_stands_out_from_its_ground_in_light_and_dark() {
    let Some(found) = found_about(Concern::Contrast) else { return };
    assert_none(&found);
}

#[test]
fn everything_that_can_be_hit_is_large_enough() {
    let Some(found) = found_about(Concern::Targets) else { return };
    assert_none(&found);
}

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let Some(found) = found_about(Concern::Keyboard) else { return };
    assert_none(&found);
}

#[test]
fn long_names_and_many_millions_have_room_too() {
    let room = |tab: &Tab, _: &MainPage| in_both_schemes(tab, Concern::Room, ROOM);
    let Some(found) = on_every_page(&Server::with_long_names(), room) else { return };
    assert_none(&found);
}

#[test]
fn on_a_phone_the_places_open_from_the_menu_without_a_script() {
    let (Some(server), Some(tab)) = (Server::with_maven(), Tab::open()) else { return };
    tab.resize(Window::Phone);
    tab.without_script();
    tab.visit(&server.address("/scorecards"));
    let metrics = link("^Metrics$");
    assert!(!tab.shows(&metrics), "the places are closed at first");
    tab.tab_to(&Thing::new("button", "Places"));
    tab.press(Key::Enter);
    assert!(tab.shows(&metrics), "the places are open");
    assert_none(&in_both_schemes(&tab, Concern::Contrast, CONTRAST));
    tab.leave(|| tab.click(&metrics));
    assert_eq!(tab.name(&Thing::new("h1", ".")), "Metrics");
}

/// The checks are worth something: each finds what it is for.
#[test]
fn a_page_with_every_flaw_is_found_out() {
    let Some(tab) = Tab::open() else { return };
    tab.resize(Window::Phone);
    tab.visit(&format!("data:text/html,{}", FLAWED.replace('%', "%25").replace('#', "%23")));
    let found = examine(&tab, "http://127.0.0.1");
    let is_found = |concern: Concern, text: &str| {
        found.iter().any(|finding| finding.concern == concern && finding.text.contains(text))
    };
    let expected = [
        (Concern::Room, "the page scrolls sideways"),
        (Concern::Room, "text is cut off by its cell"),
        (Concern::Room, "text leaves its cell"),
        (Concern::Room, "text is covered"),
        (Concern::Room, "scrolls sideways by accident"),
        (Concern::Quiet, "console: "),
        (Concern::Quiet, "content policy: "),
        (Concern::Quiet, "request to http://elsewhere.invalid"),
        (Concern::Structure, "the page has no language"),
        (Concern::Structure, "2 h1"),
        (Concern::Structure, "0 main landmarks"),
        (Concern::Structure, "the id twice is used twice"),
        (Concern::Structure, "leads nowhere"),
        (Concern::Structure, "a field has no label"),
        (Concern::Structure, "a table has no caption"),
        (Concern::Structure, "a header cell has no scope"),
        (Concern::Structure, "a picture has no title"),
        (Concern::Structure, "a heading of level 4 follows"),
        (Concern::Structure, "a link has no name"),
        (Concern::Contrast, "Pale"),
        (Concern::Targets, "Small"),
        (Concern::Keyboard, "the first Tab"),
        (Concern::Keyboard, "the focus does not show"),
    ];
    let missed: Vec<_> = expected.iter().filter(|(concern, text)| !is_found(*concern, text)).collect();
    assert!(missed.is_empty(), "not found: {missed:?} in {found:#?}");
}
