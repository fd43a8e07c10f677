//! A watched folder on the disk: what has arrived in it, and where that is put away.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::data::uploads::file_name;

/// A mapping in the folder reads what comes in there, whatever was saved.
pub(super) const MAPPING: &str = "mapping.yaml";
/// Where what was imported is put.
pub(super) const DONE: &str = "done";
/// Where what was refused is put.
pub(super) const REFUSED: &str = "refused";
/// Why it was refused, beside the files.
const REASON: &str = "reason.txt";

/// How long nothing was written to a file that has arrived whole.
const SETTLED: Duration = Duration::from_secs(30);
/// How files end that are still being sent.
const PARTIAL: [&str; 5] = [".part", ".partial", ".filepart", ".tmp", ".crdownload"];

/// What lies in a watched folder.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Nothing new.
    Nothing,
    /// Files of which some are still being written.
    Underway,
    /// Files that have arrived, in the order of their names.
    Whole(Vec<PathBuf>),
}

/// Looks what lies in a folder; hidden files and folders in it are none of a delivery.
pub(super) fn arrival(folder: &Path, now: SystemTime) -> io::Result<Arrival> {
    let mut files = Vec::new();
    let mut underway = false;
    for entry in std::fs::read_dir(folder)? {
        let (path, about) = entry.and_then(|entry| Ok((entry.path(), entry.metadata()?)))?;
        let name = file_name(&path);
        if !about.is_file() || name.starts_with('.') || name == MAPPING {
            continue;
        }
        let is_partial = PARTIAL.iter().any(|ending| name.to_ascii_lowercase().ends_with(ending));
        let is_settled = now.duration_since(about.modified()?).is_ok_and(|age| age >= SETTLED);
        underway |= is_partial || !is_settled;
        files.push(path);
    }
    files.sort();
    Ok(match (underway, files.is_empty()) {
        (true, _) => Arrival::Underway,
        (false, true) => Arrival::Nothing,
        (false, false) => Arrival::Whole(files),
    })
}

/// Moves files to a folder of their own below `done` or `refused`, named by the instant.
pub(super) fn put_away(folder: &Path, below: &str, files: &[PathBuf], now: Timestamp) -> io::Result<PathBuf> {
    let target = folder.join(below).join(now.strftime("%Y-%m-%dT%H-%M-%S%.3fZ").to_string());
    std::fs::create_dir_all(&target)?;
    for file in files {
        std::fs::rename(file, target.join(file_name(file)))?;
    }
    Ok(target)
}

/// Writes beside refused files why they were.
pub(super) fn explain(target: &Path, reason: &str) -> io::Result<()> {
    std::fs::write(target.join(REASON), format!("{reason}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_has_arrived_once_nothing_of_it_is_being_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let later = SystemTime::now() + SETTLED + SETTLED;
        let look = |now| arrival(folder.path(), now).expect("readable");
        std::fs::write(folder.path().join(MAPPING), "").expect("written");
        std::fs::write(folder.path().join(".hidden"), "").expect("written");
        std::fs::create_dir(folder.path().join(DONE)).expect("created");
        assert_eq!(look(later), Arrival::Nothing);
        let deals = folder.path().join("deals.csv");
        std::fs::write(&deals, "id\n1\n").expect("written");
        assert_eq!(look(SystemTime::now()), Arrival::Underway, "somebody may still be writing");
        assert_eq!(look(later), Arrival::Whole(vec![deals.clone()]));
        let people = folder.path().join("people.csv.part");
        std::fs::write(&people, "id\n").expect("written");
        assert_eq!(look(later), Arrival::Underway, "the people are still to come");
        std::fs::remove_file(&people).expect("removed");
        let done = put_away(folder.path(), DONE, &[deals], Timestamp::UNIX_EPOCH).expect("moved");
        assert!(done.ends_with("done/1970-01-01T00-00-00.000Z") && done.join("deals.csv").is_file());
        assert_eq!(look(later), Arrival::Nothing);
    }
}
