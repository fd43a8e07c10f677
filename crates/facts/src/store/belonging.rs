//! Which records the files of a folder belong to.
//!
//! Other records would take the folder for an empty one and write over its files. The first entry
//! of the audit log tells records apart, so its hash is noted beside the files.

use std::io::ErrorKind;

use attain_records::{Actor, audit};

use super::{Store, StoreError};

/// Name of the note in the folder.
const NOTE: &str = "records";

impl Store {
    /// Refuses a folder whose files belong to other records.
    pub(crate) async fn refuse_foreign_files(&self, actor: &Actor) -> Result<(), StoreError> {
        let path = self.folder.join(NOTE);
        match std::fs::read_to_string(&path) {
            Ok(noted) if self.first_entry(actor).await?.as_ref() == Some(&noted) => Ok(()),
            Ok(_) => Err(StoreError::Foreign(self.folder.clone())),
            Err(error) if error.kind() == ErrorKind::NotFound => self.note_records(actor).await,
            Err(error) => Err(StoreError::io("read", &path, error)),
        }
    }

    /// Notes the records, once they name files of the folder.
    pub(crate) async fn note_records(&self, actor: &Actor) -> Result<(), StoreError> {
        let path = self.folder.join(NOTE);
        let Some(hash) = self.first_entry(actor).await?.filter(|_| !path.exists()) else { return Ok(()) };
        std::fs::write(&path, hash).map_err(|error| StoreError::io("write", &path, error))
    }

    async fn first_entry(&self, actor: &Actor) -> Result<Option<String>, StoreError> {
        let first = audit::entries(&self.records, actor, Some(2), 1).await?;
        Ok(first.into_iter().next().map(|entry| entry.hash))
    }
}
