//! A PostgreSQL of the test's own: real binaries on a temporary directory and a free port.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::did_not_run;

/// The server refuses to run as root; Debian's packages bring this user.
const SERVER_USER: &str = "postgres";
const START_UP: Duration = Duration::from_secs(30);

/// Waits for the test process to end, however it ends, then stops the server and removes it.
const WATCHDOG: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off >"$2/log" 2>&1 &
cat >/dev/null
kill -QUIT $! 2>/dev/null
wait $!
rm -rf "$2"
"#;

/// A running server. It ends when this is dropped, and at the latest with the process that
/// started it.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    binaries: PathBuf,
    folder: PathBuf,
    databases: AtomicU32,
    watchdog: Child,
    /// The end of a pipe that closes with this process, whatever ends it.
    alive: Option<ChildStdin>,
}

impl Postgres {
    /// The server of this test process, started on first use. Where PostgreSQL is not installed
    /// the test says that it did not run, and fails on CI.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn shared() -> Option<&'static Postgres> {
        static SERVER: OnceLock<Option<Postgres>> = OnceLock::new();
        SERVER.get_or_init(Postgres::start).as_ref()
    }

    /// A server of the caller's own, for tests that stop it in the middle; the others take
    /// [`Postgres::shared`].
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start() -> Option<Postgres> {
        let Some(binaries) = binaries() else {
            did_not_run("PostgreSQL is not installed; on Debian: apt-get install postgresql");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("attain-postgres-").tempdir().expect("temporary folder");
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("permissions");
        let as_root = output(Command::new("id").arg("-u")).trim() == "0";
        if as_root {
            output(Command::new("chown").arg(SERVER_USER).arg(folder.path()));
        }
        let arguments =
            ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-U", SERVER_USER, "-D"];
        output(
            server_command(as_root, &binaries.join("initdb")).args(arguments).arg(folder.path().join("data")),
        );
        let port = free_port();
        // A process group of its own, or Ctrl-C and test runners would end the watchdog first; no
        // standard output, or whoever reads the test's would wait for the server to stop.
        let mut watchdog = server_command(as_root, Path::new("sh"))
            .args(["-c", WATCHDOG, "watchdog"])
            .arg(&binaries)
            .arg(folder.path())
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the server starts");
        let alive = watchdog.stdin.take();
        let databases = AtomicU32::new(0);
        let server = Postgres { port, binaries, folder: folder.keep(), databases, watchdog, alive };
        server.wait_until_ready();
        Some(server)
    }

    /// The address of a new, empty database.
    ///
    /// # Panics
    /// When it cannot be created.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        output(self.client("createdb").arg(&name));
        format!("postgres://{SERVER_USER}@127.0.0.1:{}/{name}", self.port)
    }

    /// A client that asks this very server, through the socket in its folder.
    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.binaries.join(program));
        command.arg("-h").arg(&self.folder).args(["-p", &self.port.to_string(), "-U", SERVER_USER]);
        command
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        let is_ready = || self.client("pg_isready").output().is_ok_and(|answer| answer.status.success());
        while !is_ready() {
            if start.elapsed() > START_UP {
                let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                panic!("PostgreSQL did not start; its log:\n{log}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.alive.take());
        // A failure to wait leaves nothing to do: the watchdog stops the server all the same.
        let _ = self.watchdog.wait();
    }
}

/// A port below those that systems give to outgoing connections, and another one for each process.
fn free_port() -> u16 {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    std::iter::repeat_with(|| 20_000 + (first + TAKEN.fetch_add(1, Ordering::Relaxed)) % 10_000)
        .take(1_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// The binaries on the path, else the newest that Debian installed.
fn binaries() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path)
        // Links lead to the folder where the others are as well.
        .filter_map(|folder| folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_path_buf));
    let mut installed: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|version| Some((version.file_name().to_str()?.parse().ok()?, version.path().join("bin"))))
        .collect();
    installed.sort();
    let needed = ["initdb", "postgres", "createdb", "pg_isready"];
    on_path
        .chain(installed.into_iter().rev().map(|(_, folder)| folder))
        .find(|folder| needed.iter().all(|program| folder.join(program).exists()))
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

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_server_leaves_nothing_behind() {
        let Some(server) = Postgres::start() else { return };
        let (port, folder) = (server.port, server.folder.clone());
        assert_ne!(server.create_database(), server.create_database());
        let failed = std::thread::spawn(move || {
            let _server = server;
            panic!("a failing test");
        });
        assert!(failed.join().is_err());
        assert!(!folder.exists());
        assert!(TcpListener::bind(("127.0.0.1", port)).is_ok(), "nobody listens any more");
    }
}
