//! Every kind of page the demo has, as a browser would load it: links that lead somewhere, no
//! other host, nothing inline, small.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Read;

use super::assert_safe_headers;
use crate::html::{self, Tag};
use crate::program::{Program, Reply, Server};

/// Addresses that are asked for.
const PAGES_MAX: usize = 300;
/// A first page, as transferred (interface.md).
const BYTES_MAX: usize = 100_000;

/// Attributes that hold addresses.
const ADDRESSES: [&str; 8] =
    ["href", "src", "action", "formaction", "srcset", "poster", "data", "xlink:href"];

/// Addresses still to be asked for, by kind, so that each kind gets its turn.
#[derive(Default)]
struct Frontier {
    waiting: BTreeMap<String, Vec<String>>,
    asked: BTreeMap<String, usize>,
    met: BTreeSet<String>,
}

impl Frontier {
    fn meet(&mut self, address: &str) {
        if self.met.insert(address.to_owned()) {
            self.waiting.entry(kind(address)).or_default().push(address.to_owned());
        }
    }

    /// An address of the kind that had the fewest turns.
    fn next(&mut self) -> Option<String> {
        let waiting = self.waiting.iter_mut().filter(|(_, addresses)| !addresses.is_empty());
        let asked = &self.asked;
        let (kind, addresses) =
            waiting.min_by_key(|(kind, _)| asked.get(*kind).copied().unwrap_or_default())?;
        *self.asked.entry(kind.clone()).or_default() += 1;
        // Those met last lie deepest.
        addresses.pop()
    }
}

/// What kind of page an address leads to: the path without identifiers, the parameters' names.
fn kind(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut before = "";
    let mut segments = Vec::new();
    for segment in path.split('/') {
        let names = ["numbers", "rows", "nearly", "difference", "metrics"].contains(&before)
            || segment.contains(|c: char| c.is_ascii_digit());
        segments.push(if names { "*" } else { segment });
        before = segment;
    }
    let parameters: Vec<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", segments.join("/"), parameters.join("&"))
}

/// A page as it was read: the identifiers in it, and the fragments that others ask of it.
#[derive(Default)]
struct Seen {
    anchors: HashMap<String, BTreeSet<String>>,
    fragments: BTreeSet<(String, String, String)>,
}

#[test]
fn every_page_of_the_demo_is_whole_small_and_leads_somewhere() {
    let program = Program::new();
    let server = Server::demo(&program, &program.folder.path().join("files"), "127.0.0.1:0");
    let mut frontier = Frontier::default();
    let mut seen = Seen::default();
    let mut found_on: HashMap<String, String> = HashMap::new();
    frontier.meet("/");
    for _ in 0..PAGES_MAX {
        let Some(address) = frontier.next() else { break };
        let reply = server.send("GET", &address, &[("Accept-Encoding", "gzip")]);
        let from = found_on.get(&address).map_or("the start", String::as_str);
        assert_safe_headers(&address, &reply);
        if let (303, Some(to)) = (reply.status, reply.header("location")) {
            frontier.meet(to);
            continue;
        }
        assert_eq!(reply.status, 200, "{address}, linked from {from}");
        assert!(reply.body.len() < BYTES_MAX, "{address}: {} bytes", reply.body.len());
        for link in page_links(&address, &reply, &mut seen) {
            found_on.entry(link.clone()).or_insert_with(|| address.clone());
            frontier.meet(&link);
        }
    }
    let kinds = frontier.asked;
    eprintln!("{} addresses of {} kinds: {kinds:#?}", kinds.values().sum::<usize>(), kinds.len());
    assert!(kinds.values().sum::<usize>() > 200, "{kinds:?}");
    let expected = [
        "/scorecards/rep/*?period",
        "/scorecards/region/*/numbers/*?period",
        "/scorecards/numbers/*?period&show",
        "/scorecards/numbers/*?period&show&then",
        "/scorecards/nearly/*?period",
        "/scorecards/difference/*?period&then",
        "/data/imports/*?",
        "/goals/manager/*?period",
        "/goals/planning?manager&period",
        "/goals/rep/*/credited_bookings?period",
        "/compare/manager/*?period",
        "/why/rep/*?period",
        "/settings?",
    ];
    for kind in expected {
        assert!(kinds.contains_key(kind), "no {kind} in {kinds:#?}");
    }
    for (page, fragment, from) in &seen.fragments {
        let Some(anchors) = seen.anchors.get(page) else { continue };
        assert!(anchors.contains(fragment), "{from} leads to {page}#{fragment}, which is not there");
    }
}

/// The addresses a page leads to, its content checked on the way.
fn page_links(address: &str, reply: &Reply, seen: &mut Seen) -> Vec<String> {
    let text = uncompressed(reply);
    match reply.header("content-type").unwrap_or_default() {
        "text/html; charset=utf-8" => {}
        "text/css; charset=utf-8" => {
            assert!(!text.contains("@import") && !text.contains("url("), "{address} fetches more");
            return Vec::new();
        }
        other => {
            let files = ["text/csv; charset=utf-8", "application/json", "application/yaml; charset=utf-8"];
            assert!(files.contains(&other), "{address}: {other}");
            return Vec::new();
        }
    }
    let tags = html::tags(&text);
    let mut links = Vec::new();
    let mut ids = BTreeSet::new();
    for tag in &tags {
        assert_nothing_inline(address, tag);
        if let Some(id) = tag.get("id") {
            assert!(ids.insert(id.to_owned()), "{address}: two parts are called {id}");
        }
        for (_, target) in tag.attributes().filter(|(name, _)| ADDRESSES.contains(name)) {
            let Some(target) = local(address, tag, target) else { continue };
            let (page, fragment) = target.split_once('#').unwrap_or((&target, ""));
            // What a form sends is for that form alone; the crawl reads, and changes nothing.
            if tag.get("method") == Some("post") {
                continue;
            }
            if !fragment.is_empty() {
                seen.fragments.insert((page.to_owned(), fragment.to_owned(), address.to_owned()));
            }
            links.push(page.to_owned());
        }
    }
    seen.anchors.insert(address.to_owned(), ids);
    links
}

fn uncompressed(reply: &Reply) -> String {
    if reply.header("content-encoding") != Some("gzip") {
        return reply.text();
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(reply.body.as_slice()).read_to_string(&mut text).expect("gzip of UTF-8");
    text
}

/// An address within this server; none for what is inside of the page's own bytes.
fn local(address: &str, tag: &Tag<'_>, target: &str) -> Option<String> {
    if tag.name == "link" && tag.get("rel") == Some("icon") && target == "data:," {
        return None;
    }
    let own = target.starts_with('/') && !target.starts_with("//");
    let same = target.starts_with('#') || target.starts_with('?');
    assert!(own || same, "{address} leads away to {target}");
    let page = if target.starts_with('?') { address.split('?').next().unwrap_or_default() } else { address };
    Some(if own { target.to_owned() } else { format!("{page}{target}") })
}

/// Nothing that the content policy would have to allow by `unsafe-inline`.
fn assert_nothing_inline(address: &str, tag: &Tag<'_>) {
    assert!(tag.name != "style", "{address} has a style element");
    assert!(tag.name != "script" || tag.get("src").is_some(), "{address} has a script inside");
    for (name, value) in tag.attributes() {
        assert!(name != "style" && !name.starts_with("on"), "{address}: {name} of {}", tag.name);
        assert!(!value.trim_start().to_lowercase().starts_with("javascript:"), "{address}: {value}");
    }
}
