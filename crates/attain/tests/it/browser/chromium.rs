//! The one Chromium of this test process. It ends with the process, however that ends.

use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{LazyLock, OnceLock};
use std::time::{Duration, Instant};

use chromiumoxide::Browser;
use chromiumoxide::handler::HandlerConfig;
use futures::StreamExt;
use tokio::runtime::Runtime;

/// How long anything may take on a busy machine before it counts as failed.
pub(super) const DEADLINE: Duration = Duration::from_secs(90);

/// Runs the browser in its folder `$0` until standard input closes, then removes the folder.
const UNTIL_TESTS_END: &str = r#"
"$@" >/dev/null 2>&1 &
cat >/dev/null
kill $! 2>/dev/null
wait $!
rm -rf "$0"
"#;

/// A profile of its own, nothing from the network, no sandbox: containers have none.
const FLAGS: [&str; 11] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
];

/// Carries the conversation with the browser; tests wait for it on their own threads.
pub(super) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
});

/// The running browser.
pub(super) struct Chromium {
    pub(super) browser: Browser,
    _watchdog: Child,
    /// The end of a pipe that closes with this process.
    _alive: ChildStdin,
}

impl Chromium {
    /// The browser of this test process, started on first use; none where it is not installed.
    pub(super) fn shared() -> Option<&'static Chromium> {
        static CHROMIUM: OnceLock<Option<Chromium>> = OnceLock::new();
        CHROMIUM.get_or_init(|| Some(Chromium::start(&attain_testing::chromium()?))).as_ref()
    }

    fn start(program: &Path) -> Chromium {
        let folder =
            tempfile::Builder::new().prefix("attain-chromium-").tempdir().expect("temporary folder").keep();
        let mut watchdog = Command::new("sh")
            .args(["-c", UNTIL_TESTS_END])
            .arg(&folder)
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", folder.display()))
            .arg("about:blank")
            .env("TMPDIR", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        let alive = watchdog.stdin.take().expect("a pipe");
        let address = debugging_address(&folder);
        let browser = RUNTIME.block_on(connect(address));
        Chromium { browser, _watchdog: watchdog, _alive: alive }
    }
}

/// Chromium writes the port it chose, and the path of its socket, into its folder.
fn debugging_address(folder: &Path) -> String {
    let file = folder.join("DevToolsActivePort");
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if let Some((port, path)) = text.trim_end().split_once('\n') {
            return format!("ws://127.0.0.1:{port}{path}");
        }
        assert!(start.elapsed() < DEADLINE, "Chromium did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn connect(address: String) -> Browser {
    let config = HandlerConfig { viewport: None, request_timeout: DEADLINE, ..HandlerConfig::default() };
    let (browser, mut handler) =
        Browser::connect_with_config(address, config).await.expect("Chromium answers");
    // What cannot be read is something this protocol version does not know; waiting ends by the
    // deadline of whoever waits.
    tokio::spawn(async move { while handler.next().await.is_some() {} });
    browser
}
