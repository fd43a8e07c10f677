//! One page of the browser, with a mouse and a keyboard.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::chromium::Chromium;
use super::protocol::{Connection, DEADLINE};

/// What a page says about itself.
const PAGE: &str = include_str!("page.js");

/// The window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// 1440 × 900, with a mouse.
    Desk,
    /// 390 × 844, touched.
    Phone,
}

/// What the system prefers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Scheme {
    Light,
    Dark,
}

/// Something on a page, as a person would name it.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    within: &'static str,
    kind: String,
    /// A regular expression.
    name: String,
}

impl Thing {
    pub(super) fn new(kind: impl Into<String>, name: impl Into<String>) -> Thing {
        Thing { within: "body", kind: kind.into(), name: name.into() }
    }

    pub(super) fn within(self, within: &'static str) -> Thing {
        Thing { within, ..self }
    }

    /// The expression that finds it.
    fn found(&self) -> String {
        format!("find({}, {}, {})", json!(self.within), json!(self.kind), json!(self.name))
    }
}

/// A link by its name.
pub(super) fn link(name: impl Into<String>) -> Thing {
    Thing::new("a[href]", name)
}

/// A name taken literally.
pub(super) fn exactly(name: &str) -> String {
    let escaped: String =
        name.chars()
            .flat_map(|letter| {
                if letter.is_alphanumeric() || letter == ' ' { vec![letter] } else { vec!['\\', letter] }
            })
            .collect();
    format!("^{escaped}$")
}

/// A key of the keyboard.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Tab,
    Enter,
    Down,
}

/// The parts of the browser that report what a page does; each is silent until it is enabled.
const REPORTERS: [&str; 5] = ["Page", "Runtime", "Log", "Audits", "Network"];

/// A page in a browser context of its own.
pub(super) struct Tab {
    connection: &'static Connection,
    context: String,
    session: String,
    downloads: tempfile::TempDir,
}

impl Tab {
    /// An empty page at a desk; none where Chromium is not installed.
    pub(super) fn open() -> Option<Tab> {
        let connection = &Chromium::shared()?.connection;
        let id = |method, params, name: &str| {
            let answer = connection.tell(method, params).unwrap_or_else(|error| panic!("{method}: {error}"));
            answer[name].as_str().unwrap_or_else(|| panic!("{method}: {answer}")).to_owned()
        };
        let context = id("Target.createBrowserContext", json!({}), "browserContextId");
        let blank = json!({ "url": "about:blank", "browserContextId": context });
        let target = id("Target.createTarget", blank, "targetId");
        let session =
            id("Target.attachToTarget", json!({ "targetId": target, "flatten": true }), "sessionId");
        let downloads = tempfile::tempdir().expect("temporary folder");
        let tab = Tab { connection, context, session, downloads };
        tab.keep_downloads();
        for reporter in REPORTERS {
            tab.tell(&format!("{reporter}.enable"), json!({}));
        }
        tab.tell("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        tab.resize(Window::Desk);
        Some(tab)
    }

    fn keep_downloads(&self) {
        let keep = json!({
            "behavior": "allow",
            "browserContextId": self.context,
            "downloadPath": self.downloads.path(),
        });
        self.connection.tell("Browser.setDownloadBehavior", keep).expect("downloads");
    }

    /// Sends a command of the protocol.
    pub(super) fn tell(&self, method: &str, params: Value) -> Value {
        self.try_tell(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn try_tell(&self, method: &str, params: Value) -> Result<Value, String> {
        self.connection.tell_page(&self.session, method, params)
    }

    pub(super) fn resize(&self, window: Window) {
        let (width, height) = if window == Window::Desk { (1440, 900) } else { (390, 844) };
        let phone = window == Window::Phone;
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone }),
        );
        self.tell("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone }));
    }

    pub(super) fn prefer(&self, scheme: Scheme) {
        let value = if matches!(scheme, Scheme::Light) { "light" } else { "dark" };
        let features = json!([{ "name": "prefers-color-scheme", "value": value }]);
        self.tell("Emulation.setEmulatedMedia", json!({ "features": features }));
    }

    pub(super) fn without_script(&self) {
        self.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    }

    /// Opens an address and waits until its page is complete.
    pub(super) fn visit(&self, address: &str) {
        self.leave(|| {
            let answer = self.tell("Page.navigate", json!({ "url": address }));
            assert_eq!(answer.get("errorText"), None, "{address}");
        });
    }

    /// Does what leads to another document, and waits until that is complete.
    pub(super) fn leave(&self, act: impl FnOnce()) {
        let _: bool = self.value("window.isLeft = true");
        act();
        self.until("another page opens", "!window.isLeft && document.readyState === 'complete'");
    }

    /// Reads a value out of the page.
    pub(super) fn value<T: DeserializeOwned>(&self, expression: &str) -> T {
        self.try_value(expression).unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    fn try_value<T: DeserializeOwned>(&self, expression: &str) -> Result<T, String> {
        let script = format!("(() => {{ {PAGE}\nreturn ({expression}); }})()");
        let evaluate = json!({ "expression": script, "returnByValue": true });
        let mut answer = self.try_tell("Runtime.evaluate", evaluate)?;
        if let Some(thrown) = answer.get("exceptionDetails") {
            return Err(format!("{} {}", thrown["text"], thrown["exception"]["description"]));
        }
        serde_json::from_value(answer["result"]["value"].take()).map_err(|error| error.to_string())
    }

    /// Runs a check in the page: the body of a function that returns what it found.
    pub(super) fn check(&self, body: &str) -> Vec<String> {
        self.value(&format!("(() => {{ {body} }})()"))
    }

    /// Waits until something holds in the page.
    pub(super) fn until(&self, what: &str, expression: &str) {
        wait_for(what, || self.try_value::<bool>(expression) == Ok(true));
    }

    pub(super) fn shows(&self, thing: &Thing) -> bool {
        self.value(&format!("!!{}", thing.found()))
    }

    /// What a thing is called; it must be there.
    pub(super) fn name(&self, thing: &Thing) -> String {
        self.expect(thing);
        self.value(&format!("nameOf({})", thing.found()))
    }

    /// Path and parameters a link leads to.
    pub(super) fn path_of(&self, link: &Thing) -> String {
        self.expect(link);
        self.value(&format!("(({{ pathname, search }}) => pathname + search)({})", link.found()))
    }

    fn expect(&self, thing: &Thing) {
        assert!(self.shows(thing), "{thing:?} is not on {}", self.address());
    }

    pub(super) fn address(&self) -> String {
        self.value("location.href")
    }

    /// Brings a thing into view and clicks it with the mouse.
    pub(super) fn click(&self, thing: &Thing) {
        self.expect(thing);
        let point: Value = self.value(&format!("pointOf({})", thing.found()));
        let (Some(x), Some(y)) = (point["x"].as_f64(), point["y"].as_f64()) else {
            panic!("{thing:?} cannot be clicked: {point}")
        };
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.tell("Input.dispatchMouseEvent", event);
        }
    }

    pub(super) fn press(&self, key: Key) {
        let (name, code, text) = match key {
            Key::Tab => ("Tab", 9, None),
            Key::Enter => ("Enter", 13, Some("\r")),
            Key::Down => ("ArrowDown", 40, None),
        };
        let stroke =
            |kind: &str| json!({ "type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code });
        let mut down = stroke(if text.is_some() { "keyDown" } else { "rawKeyDown" });
        if let Some(text) = text {
            down["text"] = json!(text);
        }
        for event in [down, stroke("keyUp")] {
            self.tell("Input.dispatchKeyEvent", event);
        }
    }

    /// Presses Tab until the thing has the focus.
    pub(super) fn tab_to(&self, thing: &Thing) {
        self.expect(thing);
        for _ in 0..1_000 {
            if self.value(&format!("{} === document.activeElement", thing.found())) {
                return;
            }
            self.press(Key::Tab);
        }
        panic!("Tab never reaches {thing:?} on {}", self.address());
    }

    /// Types into what has the focus.
    pub(super) fn type_text(&self, text: &str) {
        self.tell("Input.insertText", json!({ "text": text }));
    }

    /// Chooses files in a field for them, as the system's own window does.
    pub(super) fn choose_files(&self, field: &Thing, files: &[PathBuf]) {
        self.expect(field);
        let found = format!("(() => {{ {PAGE}\nreturn {}; }})()", field.found());
        let object = self.tell("Runtime.evaluate", json!({ "expression": found }));
        let files: Vec<String> = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        self.tell(
            "DOM.setFileInputFiles",
            json!({ "files": files, "objectId": object["result"]["objectId"] }),
        );
    }

    /// The text of the one file that was downloaded.
    ///
    /// Its name stands there before its content: an empty file holds the place until the whole
    /// one, written under another name, is moved there.
    pub(super) fn downloaded(&self) -> String {
        let content = || -> Option<String> {
            let files = std::fs::read_dir(self.downloads.path()).ok()?.flatten();
            let mut csv =
                files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|end| end == "csv"));
            let bytes = std::fs::read(csv.next()?).ok()?;
            (!bytes.is_empty()).then(|| String::from_utf8(bytes).expect("UTF-8"))
        };
        wait_for("the file is downloaded", || content().is_some());
        content().expect("a file")
    }

    /// Errors and warnings since the last call, and requests to anybody but the server.
    pub(super) fn complaints(&self, server: &str) -> Vec<String> {
        // Its answer comes after all events before it.
        let _: u8 = self.value("1");
        let events = self.connection.events(&self.session);
        events.iter().filter_map(|event| complaint(event, server)).collect()
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        // A page that does not close ends with the browser.
        let context = json!({ "browserContextId": self.context });
        let _ = self.connection.tell("Target.disposeBrowserContext", context);
        self.connection.events(&self.session);
    }
}

/// What is wrong with what a page reports, if anything is.
fn complaint(event: &Value, server: &str) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str().expect("a method") {
        "Runtime.consoleAPICalled" => {
            let said = !matches!(params["type"].as_str(), Some("log" | "debug"));
            said.then(|| format!("console: {}", params["args"]))
        }
        "Runtime.exceptionThrown" => Some(format!("thrown: {}", params["exceptionDetails"])),
        "Log.entryAdded" => {
            let entry = &params["entry"];
            let said = !matches!(entry["level"].as_str(), Some("verbose" | "info"));
            let text = |part: &str| entry[part].as_str().unwrap_or_default();
            said.then(|| format!("log: {} {}", text("text"), text("url")))
        }
        "Audits.issueAdded" => {
            let violation = params["issue"]["details"].get("contentSecurityPolicyIssueDetails")?;
            Some(format!("content policy: {violation}"))
        }
        "Network.requestWillBeSent" => {
            let address = params["request"]["url"].as_str().expect("an address");
            let is_own = address.starts_with(&format!("{server}/")) || address.starts_with("data:");
            (!is_own).then(|| format!("request to {address}"))
        }
        _ => None,
    }
}

/// Waits until something holds.
pub(super) fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < DEADLINE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
