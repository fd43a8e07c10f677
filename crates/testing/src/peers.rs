//! Programs of other people that Attain speaks with: an identity provider and a mail server, as npm has
//! them. They are installed once, beside what Cargo builds.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::did_not_run;

const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../peers/package.json")),
    ("identity_provider.mjs", include_str!("../peers/identity_provider.mjs")),
    ("mail_server.mjs", include_str!("../peers/mail_server.mjs")),
];

/// How long a peer may take to say something.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that runs until this is dropped.
#[derive(Debug)]
pub struct Peer {
    child: Child,
    lines: Receiver<String>,
}

impl Peer {
    /// An identity provider that sends browsers back to an address, its claims `in-token` or at an
    /// endpoint of their own. The first thing it says is its issuer.
    #[must_use]
    pub fn identity_provider(back: &str, claims: &str) -> Option<Peer> {
        Peer::start("identity_provider.mjs", &[back, claims])
    }

    /// A mail server, which `refuse`s letters or takes them. The first thing it says is its address, and
    /// then each letter.
    #[must_use]
    pub fn mail_server(how: &str) -> Option<Peer> {
        Peer::start("mail_server.mjs", &[how])
    }

    fn start(script: &str, arguments: &[&str]) -> Option<Peer> {
        static INSTALLED: LazyLock<Result<PathBuf, String>> = LazyLock::new(install);
        let folder = match INSTALLED.as_ref() {
            Ok(folder) => folder,
            Err(why) => {
                did_not_run(why);
                return None;
            }
        };
        let mut command = Command::new("node");
        command.arg(folder.join(script)).args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("node starts");
        let output = child.stdout.take().expect("standard output");
        let (told, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| told.send(line))
        });
        Some(Peer { child, lines })
    }

    /// The next line it says.
    ///
    /// # Panics
    /// When it says nothing for a minute.
    #[must_use]
    pub fn says(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the peer says something")
    }

    /// Whether it has said nothing more.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Puts the peers beside what Cargo builds, unless they are there as they should be.
fn install() -> Result<PathBuf, String> {
    let test = std::env::current_exe().map_err(|error| error.to_string())?;
    let built = test.ancestors().nth(2).unwrap_or(Path::new("."));
    let folder = built.join("peers");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let marker = folder.join("installed");
    let is_installed = std::fs::read_to_string(&marker).is_ok_and(|of| of == FILES[0].1);
    for (name, content) in FILES {
        std::fs::write(folder.join(name), content).map_err(|error| error.to_string())?;
    }
    if is_installed {
        return Ok(folder);
    }
    let arguments = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
    let installed = Command::new("npm").args(arguments).current_dir(&folder).output();
    match installed {
        Ok(output) if output.status.success() => {
            std::fs::write(&marker, FILES[0].1).map_err(|error| error.to_string())?;
            Ok(folder)
        }
        Ok(output) => {
            Err(format!("npm could not install the peers: {}", String::from_utf8_lossy(&output.stderr)))
        }
        Err(error) => Err(format!("npm is not there ({error}); on Debian: apt-get install nodejs npm")),
    }
}
