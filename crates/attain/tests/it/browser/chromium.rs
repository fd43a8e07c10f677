//! The one Chromium of this test process. It ends with the process, however that ends.

use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::protocol::{Connection, DEADLINE};

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

/// The running browser.
pub(super) struct Chromium {
    pub(super) connection: Connection,
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
        let connection = Connection::open(&debugging_address(&folder));
        Chromium { connection, _watchdog: watchdog, _alive: alive }
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
