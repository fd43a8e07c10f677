//! What the tests of all crates share: a real PostgreSQL, and the data that lies beside the
//! checkout. For tests only.

mod postgres;

use std::path::{Path, PathBuf};

pub use postgres::Postgres;

/// A file or folder of the test data that lies beside the checkout and is never copied into it.
/// Where it is missing the test says that it did not run, and fails on CI.
///
/// # Panics
/// When it is missing and `CI` is set.
#[must_use]
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if data.exists() {
        return Some(data);
    }
    did_not_run(&format!("the test data {path} is not beside this checkout, in ../shared/data"));
    None
}

/// Says that a test did not run, and why; on CI that is a failure.
fn did_not_run(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("did not run: {why}");
}
