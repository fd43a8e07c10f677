//! The folder while an import works in it: locked, with a place for what is only needed meanwhile.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::ImportError;
use crate::store::StoreError;

/// One import at a time in a folder.
pub(crate) fn lock(folder: &Path) -> Result<File, ImportError> {
    std::fs::create_dir_all(folder).map_err(|error| StoreError::io("create", folder, error))?;
    let path = folder.join("import.lock");
    let file = File::create(&path).map_err(|error| StoreError::io("create", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ImportError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::io("lock", &path, error).into()),
    }
}

/// A folder for what is only needed while an import runs.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    /// Made anew: whatever an import that was killed left in it goes.
    pub(super) fn create(folder: &Path) -> Result<Scratch, StoreError> {
        let path = folder.join("staging");
        if path.exists() {
            std::fs::remove_dir_all(&path).map_err(|error| StoreError::io("empty", &path, error))?;
        }
        std::fs::create_dir_all(&path).map_err(|error| StoreError::io("create", &path, error))?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays is removed by the next import.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
