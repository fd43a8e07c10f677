//! An upload on disk: the files as they came, and what was decided about them so far.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use attain_facts::mapping::{Mapping, MappingError};
use attain_facts::suggestion::Choices;
use attain_records::Actor;
use serde::{Deserialize, Serialize};

use super::Uploads;

/// Name of the file that says what was decided. It is written last: without it an upload has not
/// arrived.
pub(super) const DRAFT: &str = "draft.json";
/// Name of the folder that the files lie in.
pub(super) const FILES: &str = "files";
/// What refusals call a mapping that was written here.
const MAPPING_NAME: &str = "mapping";

/// Names an upload. It cannot be guessed, and it is never a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct UploadId(u128);

impl UploadId {
    pub(super) fn new(chance: u128) -> UploadId {
        UploadId(chance)
    }
}

impl fmt::Display for UploadId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl FromStr for UploadId {
    type Err = ();

    fn from_str(text: &str) -> Result<UploadId, ()> {
        let id = u128::from_str_radix(text, 16).map(UploadId).map_err(|_| ())?;
        if id.to_string() == text { Ok(id) } else { Err(()) }
    }
}

/// What was decided about an upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Draft {
    /// In whose name it came.
    pub(super) actor: String,
    /// The mapping, as it is written so far; none before anything was.
    pub(super) mapping: String,
    /// What the mapping is made of while it is written by form; then its text follows from that.
    pub(super) form: Option<FormDraft>,
    /// Where that comes from, as half a sentence; nothing if it was written here.
    pub(super) origin: Option<String>,
    /// The import that it became.
    pub(super) imported: Option<i64>,
}

/// What was answered in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FormDraft {
    pub(super) head: HeadFields,
    pub(super) choices: Choices,
}

/// Whose files they are, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadFields {
    pub(super) source: String,
    pub(super) company: String,
    pub(super) time_zone: String,
    pub(super) currency: String,
    pub(super) first_month: String,
}

/// An upload that arrived.
#[derive(Clone, Debug)]
pub(super) struct Upload {
    pub(super) id: UploadId,
    folder: PathBuf,
    pub(super) draft: Draft,
}

impl Uploads {
    /// The upload of that name, if the actor sent it.
    pub(super) fn open(&self, actor: &Actor, id: &str) -> Option<Upload> {
        let id: UploadId = id.parse().ok()?;
        let folder = self.folder_of(&id);
        let draft: Draft = serde_json::from_slice(&std::fs::read(folder.join(DRAFT)).ok()?).ok()?;
        (draft.actor == actor.to_string()).then_some(Upload { id, folder, draft })
    }
}

impl Upload {
    /// An upload whose files lie in its folder.
    pub(super) fn arrived(id: UploadId, folder: &Path, draft: Draft) -> io::Result<Upload> {
        let upload = Upload { id, folder: folder.to_owned(), draft };
        upload.save()?;
        Ok(upload)
    }

    /// Saves what was decided: all of it or, if that fails, nothing.
    pub(super) fn save(&self) -> io::Result<()> {
        let text = serde_json::to_vec_pretty(&self.draft).map_err(io::Error::other)?;
        let beside = self.folder.join(format!("{DRAFT}.new"));
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, self.folder.join(DRAFT))
    }

    /// The files, by name.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.join(FILES)).into_iter().flatten().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    /// The files that a mapping reads, and the names of those that it does not.
    pub(super) fn read_by(&self, mapping: &Mapping) -> (Vec<PathBuf>, Vec<String>) {
        let (read, left) = self.files().into_iter().partition::<Vec<_>, _>(|path| mapping.reads(&name(path)));
        (read, left.iter().map(|path| name(path)).collect())
    }

    /// Where packed files are unpacked to be looked at.
    pub(super) fn scratch(&self) -> PathBuf {
        self.folder.join("unpacked")
    }

    /// The mapping as it is written so far.
    pub(super) fn mapping(&self) -> Result<Mapping, MappingError> {
        Mapping::parse(Path::new(MAPPING_NAME), self.draft.mapping.clone())
    }

    /// Notes the import that it became; the files are not needed any more.
    pub(super) fn became(mut self, number: i64) -> io::Result<()> {
        self.draft.imported = Some(number);
        self.save()?;
        std::fs::remove_dir_all(self.folder.join(FILES))
    }

    /// A message without the path of the folder that the files lie in: whoever sent them knows their
    /// names and nothing else.
    pub(super) fn without_path(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.folder.join(FILES).display()), "")
    }

    /// Removes it.
    pub(super) fn remove(self) -> io::Result<()> {
        std::fs::remove_dir_all(&self.folder)
    }
}

/// The name of a file.
pub(in crate::data) fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_spelling_names_an_upload() {
        let id = UploadId::new(0x1f);
        assert_eq!(id.to_string(), "0000000000000000000000000000001f");
        assert_eq!(id.to_string().parse(), Ok(id));
        for other in
            ["1f", "0000000000000000000000000000001F", "+000000000000000000000000000001f", "../..", ""]
        {
            assert_eq!(other.parse::<UploadId>(), Err(()), "{other}");
        }
    }
}
