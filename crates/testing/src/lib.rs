//! What the tests of all crates share: a real PostgreSQL, a real browser, and the data that lies
//! beside the checkout. For tests only.

mod peers;
mod postgres;

use std::path::{Path, PathBuf};

pub use peers::Peer;
pub use postgres::Postgres;

/// A file or folder of the test data that lies beside the checkout and is never copied into it.
/// Where it is missing the test says that it did not run, and fails on CI.
///
/// # Panics
/// When it is missing and `CI` is set.
#[must_use]
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let data = beside_the_checkout().join("data").join(path);
    if data.exists() {
        return Some(data);
    }
    did_not_run(&format!("the test data {path} is not beside this checkout, in ../shared/data"));
    None
}

/// The folder beside the checkout that is tested. Cargo says where that is: what was built of another
/// checkout and is used again was compiled elsewhere.
fn beside_the_checkout() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&package).join("../../../shared")
}

/// A file of the specification, where it lies beside the checkout. Where it does not, the test says that
/// it did not run.
#[must_use]
pub fn specification(file: &str) -> Option<PathBuf> {
    let found = beside_the_checkout().join("design").join(file);
    if found.exists() {
        return Some(found);
    }
    eprintln!("did not run: the specification's {file} is not beside this checkout, in ../shared/design");
    None
}

/// The browser that walks through the pages. Where it is not installed the test says that it did
/// not run, and fails on CI.
///
/// # Panics
/// When it is missing and `CI` is set.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|file| file.is_file());
    if found.is_none() {
        did_not_run("Chromium is not installed; on Debian: apt-get install chromium");
    }
    found
}

/// Says that a test did not run, and why; on CI that is a failure.
fn did_not_run(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("did not run: {why}");
}
