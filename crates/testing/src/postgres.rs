//! A PostgreSQL of the test's own: real binaries on a temporary directory and a free port.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::did_not_run;

/// The server refuses to run as root; Debian's packages bring this user.
const SERVER_USER: &str = "postgres";

/// Waits for the test process to end, however it ends, then stops the server and removes it.
const WATCHDOG: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $! 2>/dev/null
wait $!
rm -rf "$2"
"#;

/// A running server. It ends with the process that started it.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    binaries: PathBuf,
    databases: AtomicU32,
    _watchdog: Child,
    _alive: ChildStdin,
}

impl Postgres {
    /// The server of this test process, started on first use. Where PostgreSQL is not installed
    /// the test says that it did not run, and fails on CI.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn shared() -> Option<&'static Postgres> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        SERVER.get_or_init(start).as_ref()
    }

    /// The address of a new, empty database.
    ///
    /// # Panics
    /// When it cannot be created.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let created = self.client("createdb").arg(&name).status().expect("createdb runs");
        assert!(created.success(), "createdb {name}");
        format!("postgres://{SERVER_USER}@127.0.0.1:{}/{name}", self.port)
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", SERVER_USER]);
        command
    }

    fn is_ready(&self) -> bool {
        let asked = self.client("pg_isready").stdout(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    }
}

fn start() -> Option<Postgres> {
    let Some(binaries) = binaries() else {
        did_not_run("PostgreSQL is not installed; on Debian: apt-get install postgresql");
        return None;
    };
    let folder =
        tempfile::Builder::new().prefix("attain-postgres-").tempdir().expect("temporary folder").keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let as_root = command_output(Command::new("id").arg("-u")).trim() == "0";
    if as_root {
        command_output(Command::new("chown").arg(SERVER_USER).arg(&folder));
    }
    let initdb = binaries.join("initdb");
    let arguments = ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-U", SERVER_USER, "-D"];
    command_output(server_command(as_root, &initdb).args(arguments).arg(folder.join("data")));
    let port =
        TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr()).expect("a free port").port();
    let mut watchdog = server_command(as_root, Path::new("sh"))
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(&binaries)
        .arg(&folder)
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut alive = watchdog.stdin.take().expect("piped");
    alive.flush().expect("piped");
    let server =
        Postgres { port, binaries, databases: AtomicU32::new(0), _watchdog: watchdog, _alive: alive };
    let patience = Instant::now();
    while !server.is_ready() {
        assert!(
            patience.elapsed() < Duration::from_secs(30),
            "PostgreSQL did not start; see {}",
            folder.join("log").display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    Some(server)
}

/// The newest installed binaries, or those on the path.
fn binaries() -> Option<PathBuf> {
    let mut installed: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    installed.sort();
    let on_path = std::env::var_os("PATH")
        .into_iter()
        .flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    installed
        .into_iter()
        .rev()
        .chain(on_path)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// A command in the name of the server's user, where one may not be root.
fn server_command(as_root: bool, program: &Path) -> Command {
    if !as_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid", SERVER_USER, "--regid", SERVER_USER, "--clear-groups"])
        .arg(program)
        .current_dir("/");
    command
}

fn command_output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
