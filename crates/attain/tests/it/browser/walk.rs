//! The main walk: from the company down to one seller, into a number, to its rows, and back.

use std::collections::HashMap;
use std::path::Path;

use attain_testing::shared_data;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::json;

use super::server::Server;
use super::tab::{Key, Tab, Thing, exactly, link};

const QUARTER: &str = "2017-Q3";
const FIRST_DAY: &str = "2017-07-01";
const NEXT_FIRST_DAY: &str = "2017-10-01";

/// The number sheet: what stands beside the main part.
const SHEET: &str = "aside";

/// A seller, where to find them, and their decided deals of the quarter, counted in the files.
struct Seller {
    name: String,
    manager: String,
    region: String,
    won: usize,
    decided: usize,
}

impl Seller {
    /// The one with the most decided deals, so that the rows fill several pages.
    fn busiest(files: &Path) -> Seller {
        let mut counts: HashMap<String, (usize, usize)> = HashMap::new();
        for deal in rows(&files.join("sales_pipeline.csv")) {
            let closed = deal["close_date"].as_str();
            if (FIRST_DAY..NEXT_FIRST_DAY).contains(&closed) {
                let (won, decided) = counts.entry(deal["sales_agent"].clone()).or_default();
                *won += usize::from(deal["deal_stage"] == "Won");
                *decided += 1;
            }
        }
        let (name, (won, decided)) =
            counts.into_iter().max_by_key(|(_, (_, decided))| *decided).expect("somebody decided deals");
        let team = rows(&files.join("sales_teams.csv"))
            .into_iter()
            .find(|row| row["sales_agent"] == name)
            .expect("the seller's team");
        let (manager, region) = (team["manager"].clone(), team["regional_office"].clone());
        Seller { name, manager, region, won, decided }
    }
}

fn rows(file: &Path) -> Vec<HashMap<String, String>> {
    csv::Reader::from_path(file).expect("file").deserialize().map(|row| row.expect("row")).collect()
}

/// What a walker uses.
#[derive(Clone, Copy)]
enum Hand {
    Mouse,
    Keyboard,
}

struct Walker {
    tab: Tab,
    hand: Hand,
}

impl Walker {
    /// Clicks a thing, or reaches it with Tab and presses Enter.
    fn take(&self, thing: &Thing) {
        match self.hand {
            Hand::Mouse => self.tab.click(thing),
            Hand::Keyboard => {
                self.tab.tab_to(thing);
                self.tab.press(Key::Enter);
            }
        }
    }

    /// Follows a link to another page.
    fn follow(&self, thing: &Thing) {
        self.tab.leave(|| self.take(thing));
    }

    /// Goes one level down, to the scorecard of somebody.
    fn go_to(&self, name: &str) {
        self.follow(&link(exactly(name)).within("main"));
        assert_eq!(self.heading(), name);
    }

    fn heading(&self) -> String {
        self.tab.name(&Thing::new("h1", "."))
    }

    /// Chooses a period in the form and shows it.
    fn choose_period(&self, key: &str) {
        match self.hand {
            Hand::Mouse => self.tab.click(&Thing::new("label", "^Period$")),
            Hand::Keyboard => self.tab.tab_to(&Thing::new("select", "^Period$")),
        }
        let chosen = || self.tab.value::<String>("document.activeElement.value");
        for _ in 0..50 {
            if chosen() == key {
                break;
            }
            self.tab.press(Key::Down);
        }
        assert_eq!(chosen(), key, "the period can be chosen");
        self.follow(&Thing::new("button", "^Show$"));
        assert_eq!(self.parameter("period").as_deref(), Some(key));
    }

    /// A part of the address.
    fn parameter(&self, name: &str) -> Option<String> {
        self.tab.value(&format!("new URL(location.href).searchParams.get('{name}')"))
    }

    /// Writes into the search of the rows and sends it.
    fn search(&self, text: &str) {
        let field = Thing::new("input", "Find|Search").within(SHEET);
        self.tab.leave(|| match self.hand {
            Hand::Mouse => {
                self.tab.click(&field);
                self.tab.type_text(text);
                self.tab.click(&Thing::new("button", "Search").within(SHEET));
            }
            Hand::Keyboard => {
                self.tab.tab_to(&field);
                self.tab.type_text(text);
                self.tab.press(Key::Enter);
            }
        });
    }

    /// Rows above and below the line, over all pages of rows.
    fn count_rows(&self) -> (usize, usize) {
        let next = link("^Next").within(SHEET);
        let (mut above, mut below) = (0, 0);
        loop {
            above += self.tab.value::<usize>("document.querySelectorAll('tr[data-numerator]').length");
            below += self.tab.value::<usize>("document.querySelectorAll('tr[data-denominator]').length");
            if !self.tab.shows(&next) {
                return (above, below);
            }
            self.follow(&next);
        }
    }

    /// What the rows say under a head, from top to bottom: accounts, or the deals in small below.
    fn column(&self, head: &str) -> Vec<String> {
        self.tab.value(&format!(
            "(() => {{
                const table = document.querySelector('tr[data-denominator]').closest('table');
                const heads = [...table.tHead.rows[0].cells].map(nameOf);
                const cells = [...table.tBodies[0].rows].map((row) => row.cells[heads.findIndex((name) => name.includes('{head}'))]);
                return cells.map((cell) => words(('{head}' === 'Deal' ? cell.querySelector('small') : cell.firstChild).textContent));
            }})()"
        ))
    }

    /// Sorts the rows by a column, and says in which order they are now.
    fn sort_by(&self, head: &str) -> String {
        self.follow(&link(format!("^{head}")).within("aside thead"));
        let sorted = "document.querySelector('aside th[aria-sort] a[aria-current]')";
        let name: String = self.tab.value(&format!("nameOf({sorted})"));
        assert!(name.starts_with(head), "sorted by {name}");
        self.tab.value(&format!("{sorted}.closest('th').ariaSort"))
    }
}

/// The figures in a text.
fn figures(text: &str) -> Vec<Decimal> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',')
        .filter(|part| part.starts_with(|letter: char| letter.is_ascii_digit()))
        .map(|part| part.replace(',', "").trim_end_matches('.').parse().expect("a figure"))
        .collect()
}

/// The whole walk.
fn walk(walker: &Walker, server: &Server, seller: &Seller) {
    walker.tab.visit(&server.address("/"));
    walker.go_to(&seller.region);
    walker.go_to(&seller.manager);
    walker.go_to(&seller.name);
    walker.choose_period(QUARTER);
    assert_eq!(walker.heading(), seller.name);
    let scorecard = walker.tab.address();
    open_the_win_rate(walker, seller);
    count_and_download(walker, seller);
    sort_and_search(walker);
    walker.follow(&link("^Close").within(SHEET));
    assert_eq!(walker.tab.address(), scorecard, "closing leads back to the scorecard");
    assert!(!walker.tab.shows(&Thing::new(SHEET, ".")), "the sheet is closed");
    assert_eq!(walker.tab.complaints(&server.address("")), [""; 0]);
}

/// The value is on the sheet, and the formula makes it out of what was counted.
fn open_the_win_rate(walker: &Walker, seller: &Seller) {
    let value = link(", Win rate, ").within("main");
    let shown = figures(&walker.tab.name(&value))[0];
    walker.follow(&value);
    let formula: String = walker.tab.value(
        "[...document.querySelectorAll('aside *')].filter((part) => /÷[^]*=/.test(part.textContent)).at(-1).textContent",
    );
    let [won, decided, rate] = figures(&formula)[..] else { panic!("not three figures: {formula}") };
    assert_eq!((won, decided), (seller.won.into(), seller.decided.into()), "{formula}");
    let percent = won / decided * Decimal::ONE_HUNDRED;
    assert_eq!(rate, percent.round_dp_with_strategy(1, RoundingStrategy::MidpointNearestEven), "{formula}");
    assert_eq!(shown, rate, "the same on the scorecard and on its sheet");
}

fn count_and_download(walker: &Walker, seller: &Seller) {
    let expected = (seller.won, seller.decided);
    walker.take(&link(exactly(&seller.won.to_string())).within(SHEET));
    walker.tab.until(
        "the rows are in view",
        "document.querySelector('tr[data-denominator]').closest('section').getBoundingClientRect().top < innerHeight",
    );
    assert_eq!(walker.count_rows(), expected, "rows on all pages");
    walker.take(&link("CSV").within(SHEET));
    let file = walker.tab.downloaded();
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(|row| row.expect("row")).collect();
    let count = |part: &str| rows.iter().filter(|row| row[part] == "true").count();
    assert_eq!((count("numerator"), count("denominator")), expected, "rows of the file");
}

fn sort_and_search(walker: &Walker) {
    assert_eq!(walker.sort_by("Deal"), "ascending");
    let ascending = walker.column("Deal");
    assert!(ascending.is_sorted(), "{ascending:?}");
    assert_eq!(walker.sort_by("Deal"), "descending");
    let descending = walker.column("Deal");
    assert!(descending.is_sorted_by(|one, next| one >= next), "{descending:?}");
    assert!(descending[0] > ascending[ascending.len() - 1], "all rows are sorted, not those of one page");
    assert!(walker.parameter("sort").is_some(), "the order is in the address");

    let customer = walker.column("Account").swap_remove(0);
    walker.search(&customer);
    assert_eq!(walker.parameter("q"), Some(customer.clone()), "the search is in the address");
    let found = walker.column("Deal");
    assert!(found.len() < descending.len(), "the search leaves rows out");
    assert!(walker.column("Account").iter().all(|account| *account == customer));
    assert!(found.is_sorted_by(|one, next| one >= next), "the order stays");
    walker.tab.leave(|| {
        walker.tab.tell("Page.reload", json!({}));
    });
    assert_eq!(walker.column("Deal"), found, "the address alone brings the same rows");
}

/// The sample company, somebody in it, and a walker; none where something is not installed.
fn ready(hand: Hand) -> Option<(std::sync::Arc<Server>, Seller, Walker)> {
    let files = shared_data("maven_crm")?;
    let tab = Tab::open()?;
    Some((Server::with_maven()?, Seller::busiest(&files), Walker { tab, hand }))
}

#[test]
fn from_the_company_to_the_rows_of_one_win_rate_and_back() {
    let Some((server, seller, walker)) = ready(Hand::Mouse) else { return };
    walk(&walker, &server, &seller);
}

#[test]
fn the_same_walk_needs_no_script() {
    let Some((server, seller, walker)) = ready(Hand::Mouse) else { return };
    walker.tab.without_script();
    walker.tab.visit("data:text/html,<title>quiet</title><script>document.title = 'ran'</script>");
    assert_eq!(walker.tab.value::<String>("document.title"), "quiet");
    walk(&walker, &server, &seller);
}

#[test]
fn the_same_walk_needs_no_mouse() {
    let Some((server, seller, walker)) = ready(Hand::Keyboard) else { return };
    walk(&walker, &server, &seller);
}
