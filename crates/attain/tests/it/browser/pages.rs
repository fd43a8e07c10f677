//! The main pages of a served company, found through the links that lead to them, and what there
//! is to find on them.

use std::fmt;

use super::server::Server;
use super::tab::{Tab, Thing, Window, link};

/// A page, and what it is in words.
pub(super) struct MainPage {
    pub(super) what: &'static str,
    pub(super) address: String,
}

/// An address at which there is nothing.
pub(super) const NOWHERE: &str = "/nowhere";

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Concern {
    /// Everything has room.
    Room,
    /// Nothing is said to the console or asked of other hosts.
    Quiet,
    /// A screen reader learns what the parts are.
    Structure,
    /// Text can be read against its ground.
    Contrast,
    /// What can be hit is large enough.
    Targets,
    /// The keyboard reaches everything.
    Keyboard,
}

/// Something wrong with a page.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) concern: Concern,
    pub(super) text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.concern, self.text)
    }
}

/// Every kind of page there is, each once.
fn main_pages(tab: &Tab, server: &Server) -> Vec<MainPage> {
    let open = |path: &str| tab.visit(&server.address(path));
    let number = |name: &str| tab.path_of(&link(format!(", {name}, ")));
    open("/scorecards");
    let (region, product) = (tab.path_of(&scorecard_of("region")), tab.path_of(&scorecard_of("product")));
    let [ratio, sum, median, retention] =
        ["Win rate", "Bookings", "Median deal size", "Buyer retention"].map(number);
    open(&region);
    let manager = tab.path_of(&scorecard_of("manager"));
    open(&manager);
    let rep = tab.path_of(&scorecard_of("rep"));
    // Nothing was won or lost before the first quarter was over.
    open("/scorecards?period=2016-Q4");
    let absent = tab.path_of(&link("^–.*, Win rate, "));
    let view = |of: &str, place: &str| of.replace("/scorecards/", &format!("/{place}/"));
    let compared =
        ["comparison", "comparison of one", "circumstances", "why it changed", "trend", "pipeline"];
    let compared = compared.into_iter().zip([
        view(&manager, "compare"),
        view(&rep, "compare"),
        view(&manager, "circumstances"),
        view(&rep, "why"),
        view(&manager, "trend"),
        view(&manager, "pipeline"),
    ]);
    let (path, _) = manager.split_once('?').unwrap_or((&manager, ""));
    let score = format!("{path}/score");
    open("/metrics");
    let definition = tab.path_of(&Thing::new("table a[href^='/metrics/']", "."));
    open("/data/imports");
    let import = tab.path_of(&Thing::new("table a[href^='/data/imports/']", "."));
    let nearly = format!("{sum}&show=nearly");
    // As known at this moment: everything, so that both values stand there.
    let then = format!("{sum}&show=then&then={}", jiff::Timestamp::now());
    let pages = [
        ("company", "/scorecards".to_owned()),
        ("region", region),
        ("manager", manager.clone()),
        ("rep", rep.clone()),
        ("product", product),
        ("sheet of a ratio", ratio),
        ("sheet of a sum", sum),
        ("nearly counted rows", nearly),
        ("then and now", then),
        ("sheet of a median", median),
        ("sheet of a retention", retention),
        ("sheet of an absent value", absent),
        ("planning of targets", "/goals/planning?period=2017-Q4".to_owned()),
        ("goals of a team", view(&manager, "goals")),
        ("goals of a person", view(&rep, "goals")),
        ("score of a role", score),
        ("cards of roles", "/scorecards/roles".to_owned()),
        ("questions", "/questions".to_owned()),
        ("policy of circumstances", "/circumstances/policy".to_owned()),
        ("metric catalogue", "/metrics".to_owned()),
        ("definition", definition),
        ("new metric", "/definitions/new".to_owned()),
        ("change of a metric", "/metrics/win_rate_count/change".to_owned()),
        ("changes of definitions", "/definitions/changes".to_owned()),
        ("change that was saved", "/definitions/changes/1".to_owned()),
        ("import history", "/data/imports".to_owned()),
        ("undo of an import", format!("{import}/undo")),
        ("past numbers", format!("{import}/past")),
        ("credit to be restated", format!("{import}/restatement")),
        ("import report", import),
        ("import files", "/data/imports/new".to_owned()),
        ("mappings", "/data/mappings".to_owned()),
        ("mapping", "/data/mappings/maven_crm/1".to_owned()),
        ("what is merged", "/data/merged".to_owned()),
        ("data quality", "/data/quality".to_owned()),
        (
            "rows of a finding",
            "/data/quality/rows?source=maven_crm&finding=empty%3Aopportunity.amount".to_owned(),
        ),
        ("goals", "/goals".to_owned()),
        ("grid of goals", "/goals/grid".to_owned()),
        ("targets from above", "/goals/cascade".to_owned()),
        ("goals for a role", "/goals/templates/new".to_owned()),
        ("goal templates", "/goals/templates".to_owned()),
        ("reliefs", "/goals/reliefs".to_owned()),
        ("receipts", "/receipts".to_owned()),
        ("receipt", "/receipts/1?recompute=now".to_owned()),
        ("people", "/people".to_owned()),
        ("accounts", "/people/accounts".to_owned()),
        ("audit log", "/audit".to_owned()),
        ("security events", "/audit/security".to_owned()),
        ("who has seen this", "/audit/seen".to_owned()),
        ("sign in", "/sign-in".to_owned()),
        ("not found", NOWHERE.to_owned()),
    ];
    let pages = pages.into_iter().chain(compared).chain(server.uploads.iter().cloned());
    pages.map(|(what, path)| MainPage { what, address: server.address(&path) }).collect()
}

/// A link to a scorecard of a level.
fn scorecard_of(level: &str) -> Thing {
    Thing::new(format!("a[href^='/scorecards/{level}/']:not([href*='/numbers/'])"), ".")
}

/// Visits every page, at a desk and on a phone at the same time, and gathers what a check finds.
/// None where there is no browser.
pub(super) fn on_every_page(
    server: &Server,
    check: impl Fn(&Tab, &MainPage) -> Vec<Finding> + Sync,
) -> Option<Vec<Finding>> {
    let pages = main_pages(&Tab::open()?, server);
    let look = |window| {
        let tab = Tab::open().expect("another page");
        tab.resize(window);
        let look_at = |page: &MainPage| {
            tab.visit(&page.address);
            let said = |finding: Finding| Finding {
                text: format!("{}, {window:?}: {}", page.what, finding.text),
                ..finding
            };
            check(&tab, page).into_iter().map(said).collect::<Vec<_>>()
        };
        pages.iter().flat_map(look_at).collect::<Vec<_>>()
    };
    Some(std::thread::scope(|scope| {
        let desk = scope.spawn(|| look(Window::Desk));
        let phone = look(Window::Phone);
        [desk.join().expect("a look at the desk"), phone].concat()
    }))
}

/// Fails with everything that was found, one line each.
pub(super) fn assert_none(found: &[Finding]) {
    let lines: Vec<String> = found.iter().map(Finding::to_string).collect();
    assert!(found.is_empty(), "{} problems:\n{}", found.len(), lines.join("\n"));
}
