//! One page of the browser, with a mouse and a keyboard.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chromiumoxide::cdp::browser_protocol::{audits, browser, emulation, input, log, network, page, target};
use chromiumoxide::cdp::js_protocol::runtime;
use chromiumoxide::listeners::EventStream;
use chromiumoxide::{Command, Page};
use futures::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::chromium::{Chromium, DEADLINE, RUNTIME};

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

/// What a page made the browser do beside showing it.
struct Heard {
    console: EventStream<runtime::EventConsoleApiCalled>,
    thrown: EventStream<runtime::EventExceptionThrown>,
    log: EventStream<log::EventEntryAdded>,
    issues: EventStream<audits::EventIssueAdded>,
    requests: EventStream<network::EventRequestWillBeSent>,
}

/// A page in a browser context of its own.
pub(super) struct Tab {
    page: Page,
    context: browser::BrowserContextId,
    heard: Mutex<Heard>,
    downloads: tempfile::TempDir,
}

impl Tab {
    /// An empty page at a desk; none where Chromium is not installed.
    pub(super) fn open() -> Option<Tab> {
        let browser = &Chromium::shared()?.browser;
        let tab = RUNTIME.block_on(async {
            let context = browser
                .create_browser_context(target::CreateBrowserContextParams::default())
                .await
                .expect("a browser context");
            let blank = target::CreateTargetParams::builder()
                .url("about:blank")
                .browser_context_id(context.clone())
                .build()
                .expect("parameters");
            let page = browser.new_page(blank).await.expect("a page");
            let heard = Mutex::new(Heard::of(&page).await);
            let downloads = tempfile::tempdir().expect("temporary folder");
            let keep = browser::SetDownloadBehaviorParams::builder()
                .behavior(browser::SetDownloadBehaviorBehavior::Allow)
                .browser_context_id(context.clone())
                .download_path(downloads.path().to_string_lossy())
                .build()
                .expect("parameters");
            browser.execute(keep).await.expect("downloads");
            Tab { page, context, heard, downloads }
        });
        tab.tell(emulation::SetFocusEmulationEnabledParams::new(true));
        tab.resize(Window::Desk);
        Some(tab)
    }

    /// Sends a command of the protocol.
    pub(super) fn tell<C: Command>(&self, command: C) -> C::Response {
        let name = command.identifier();
        let answer = RUNTIME.block_on(self.page.execute(command));
        answer.unwrap_or_else(|error| panic!("{name}: {error}")).result
    }

    pub(super) fn resize(&self, window: Window) {
        let (width, height) = if window == Window::Desk { (1440, 900) } else { (390, 844) };
        let phone = window == Window::Phone;
        self.tell(emulation::SetDeviceMetricsOverrideParams::new(width, height, 1.0, phone));
        self.tell(emulation::SetTouchEmulationEnabledParams::new(phone));
    }

    pub(super) fn prefer(&self, scheme: Scheme) {
        let value = if matches!(scheme, Scheme::Light) { "light" } else { "dark" };
        let feature = emulation::MediaFeature::new("prefers-color-scheme", value);
        self.tell(emulation::SetEmulatedMediaParams::builder().feature(feature).build());
    }

    pub(super) fn without_script(&self) {
        self.tell(emulation::SetScriptExecutionDisabledParams::new(true));
    }

    /// Opens an address and waits until its page is complete.
    pub(super) fn visit(&self, address: &str) {
        self.leave(|| {
            let answer = self.tell(page::NavigateParams::new(address));
            assert_eq!(answer.error_text, None, "{address}");
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
        let evaluate = runtime::EvaluateParams::builder()
            .expression(script)
            .return_by_value(true)
            .build()
            .expect("parameters");
        let answer = RUNTIME.block_on(self.page.execute(evaluate)).map_err(|error| error.to_string())?.result;
        if let Some(thrown) = answer.exception_details {
            return Err(format!(
                "{} {:?}",
                thrown.text,
                thrown.exception.and_then(|thrown| thrown.description)
            ));
        }
        serde_json::from_value(answer.result.value.unwrap_or(Value::Null)).map_err(|error| error.to_string())
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
        let mouse = |kind| {
            let mut event = input::DispatchMouseEventParams::new(kind, x, y);
            event.button = Some(input::MouseButton::Left);
            event.click_count = Some(1);
            self.tell(event);
        };
        mouse(input::DispatchMouseEventType::MouseMoved);
        mouse(input::DispatchMouseEventType::MousePressed);
        mouse(input::DispatchMouseEventType::MouseReleased);
    }

    pub(super) fn press(&self, key: Key) {
        let (name, code, text) = match key {
            Key::Tab => ("Tab", 9, None),
            Key::Enter => ("Enter", 13, Some("\r")),
            Key::Down => ("ArrowDown", 40, None),
        };
        let stroke = |kind, text: Option<&str>| {
            let mut event = input::DispatchKeyEventParams::new(kind);
            (event.key, event.code) = (Some(name.to_owned()), Some(name.to_owned()));
            event.windows_virtual_key_code = Some(code);
            event.text = text.map(str::to_owned);
            self.tell(event);
        };
        let down = if text.is_some() {
            input::DispatchKeyEventType::KeyDown
        } else {
            input::DispatchKeyEventType::RawKeyDown
        };
        stroke(down, text);
        stroke(input::DispatchKeyEventType::KeyUp, None);
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
        self.tell(input::InsertTextParams::new(text));
    }

    /// The text of the one file that was downloaded.
    pub(super) fn downloaded(&self) -> String {
        let complete = || -> Option<PathBuf> {
            let files: Vec<_> = std::fs::read_dir(self.downloads.path()).ok()?.flatten().collect();
            files
                .iter()
                .map(std::fs::DirEntry::path)
                .find(|path| path.extension().is_some_and(|end| end == "csv"))
        };
        wait_for("the file is downloaded", || complete().is_some());
        std::fs::read_to_string(complete().expect("a file")).expect("UTF-8")
    }

    /// Errors and warnings since the last call, and requests to anybody but the server.
    pub(super) fn complaints(&self, server: &str) -> Vec<String> {
        // The answer to the first comes after all events before it, the answer to the second after
        // they were handed on.
        let _: (u8, u8) = (self.value("1"), self.value("2"));
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).complaints(server)
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        let Some(chromium) = Chromium::shared() else { return };
        // A page that does not close ends with the browser.
        let _ = RUNTIME.block_on(chromium.browser.dispose_browser_context(self.context.clone()));
    }
}

impl Heard {
    async fn of(page: &Page) -> Heard {
        page.execute(audits::EnableParams::default()).await.expect("audits");
        Heard {
            console: page.event_listener().await.expect("console"),
            thrown: page.event_listener().await.expect("exceptions"),
            log: page.event_listener().await.expect("log"),
            issues: page.event_listener().await.expect("issues"),
            requests: page.event_listener().await.expect("requests"),
        }
    }

    fn complaints(&mut self, server: &str) -> Vec<String> {
        let mut found = Vec::new();
        for call in arrived(&mut self.console) {
            if !matches!(
                call.r#type,
                runtime::ConsoleApiCalledType::Log | runtime::ConsoleApiCalledType::Debug
            ) {
                found.push(format!("console: {:?}", call.args));
            }
        }
        found.extend(
            arrived(&mut self.thrown).map(|thrown| format!("thrown: {:?}", thrown.exception_details)),
        );
        for entry in arrived(&mut self.log).map(|added| added.entry.clone()) {
            if !matches!(entry.level, log::LogEntryLevel::Verbose | log::LogEntryLevel::Info) {
                found.push(format!("log: {} {}", entry.text, entry.url.unwrap_or_default()));
            }
        }
        for issue in arrived(&mut self.issues).map(|added| added.issue.clone()) {
            if let Some(violation) = issue.details.content_security_policy_issue_details {
                found.push(format!("content policy: {violation:?}"));
            }
        }
        for request in arrived(&mut self.requests) {
            let address = &request.request.url;
            if !address.starts_with(&format!("{server}/")) && !address.starts_with("data:") {
                found.push(format!("request to {address}"));
            }
        }
        found
    }
}

/// What a stream has brought until now.
fn arrived<T: chromiumoxide::cdp::IntoEventKind + Unpin>(
    stream: &mut EventStream<T>,
) -> impl Iterator<Item = std::sync::Arc<T>> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten())
}

/// Waits until something holds.
pub(super) fn wait_for(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < DEADLINE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
