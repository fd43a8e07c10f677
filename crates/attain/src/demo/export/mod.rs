//! The files: one for each kind of object, under the column names of the system that exports it.
//!
//! Each delivery is a folder named by its day. A file of things that are many holds what is new or
//! different since the delivery before; one of things that are few holds all of them, and is left
//! out where nothing changed. The mapping lies beside the folders.

mod customers;
mod deals;
mod organisation;
mod plans;
mod sheet;
mod staff;
mod work;

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Company;
use sheet::Outbox;

/// The mapping that imports the files of the two-year company.
const MAPPING: &str = include_str!("../mapping.yaml");

/// First day the mapping says its files tell about.
const MAPPED_FROM: &str = "from: 2024-07-01";

/// The company's time zone, as in the mapping.
pub(super) const TIME_ZONE: &str = "Europe/Berlin";

/// Writes all deliveries and the mapping, and returns the path of the mapping.
pub(super) fn write(company: &Company, folder: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder).with_context(|| format!("could not create {}", folder.display()))?;
    let outbox = Outbox { folder };
    organisation::write(company, &outbox)?;
    customers::write(company, &outbox)?;
    deals::write(company, &outbox)?;
    work::write(company, &outbox)?;
    plans::write(company, &outbox)?;
    staff::write(company, &outbox)?;
    let mapping = folder.join("mapping.yaml");
    let text = MAPPING.replace(MAPPED_FROM, &format!("from: {}", company.history.from));
    std::fs::write(&mapping, text).with_context(|| format!("could not write {}", mapping.display()))?;
    Ok(mapping)
}

/// The files of a folder, by name.
pub(super) fn files_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<PathBuf>>>()?;
    files.sort();
    Ok(files)
}
