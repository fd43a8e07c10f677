//! Receiving files: streamed from the request to disk, within a limit, all of them or none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use attain_facts::import::unpack_archive;
use axum::extract::multipart::{Field, MultipartError};
use tokio::io::AsyncWriteExt;

use super::Uploads;
use super::upload::{FILES, UploadId};
use crate::web::extract::Multipart;

/// Bytes of what is sent beside files, such as a mapping.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Bytes of a file's name; file systems take no more.
const NAME_BYTES_MAX: usize = 255;

/// What came in, as long as it is nothing more than that: dropped, it is removed.
pub(super) struct Received {
    pub(super) id: UploadId,
    folder: Option<PathBuf>,
    /// What was sent beside the files, by the name of the field.
    pub(super) texts: BTreeMap<String, String>,
}

impl Received {
    /// The folder, which is kept from now on.
    pub(super) fn keep(mut self) -> PathBuf {
        self.folder.take().unwrap_or_default()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What cannot be removed now goes when the server starts the next time.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Why nothing was received.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReceiveError {
    /// No file was among what was sent.
    #[error("no file was sent; choose at least one. Nothing was kept")]
    NoFile,
    /// A name that no file can have.
    #[error("`{0}` cannot be the name of a file; rename it and send it again. Nothing was kept")]
    Name(String),
    /// Two files have the same name.
    #[error("{0} was sent twice; send each file once, under a name of its own. Nothing was kept")]
    Twice(String),
    /// More than is taken.
    #[error(
        "the files have more than the {limit_mib} MiB that this server takes at once. Nothing was kept. Send them packed as a zip archive, a few at a time, or use `attain import` on the server, which has no limit"
    )]
    TooLarge {
        /// The limit.
        limit_mib: u64,
    },
    /// A text field of more than is taken.
    #[error("the field `{0}` has more than 1 MiB of text. Nothing was kept")]
    LongText(String),
    /// What was sent ended early or is no form.
    #[error("what was sent ended early or is not a form with files ({0}); send it again. Nothing was kept")]
    CutOff(String),
    /// The archive does not unpack.
    #[error("{0}. Nothing was kept")]
    Archive(String),
    /// It could not be written.
    #[error("the files could not be saved: {0}. Nothing was kept; the server may be short of disk space")]
    Io(#[from] std::io::Error),
}

impl From<MultipartError> for ReceiveError {
    fn from(error: MultipartError) -> ReceiveError {
        ReceiveError::CutOff(error.body_text())
    }
}

/// Saves what a request sends in a folder of its own.
pub(super) async fn receive(uploads: &Uploads, sent: Multipart) -> Result<Received, ReceiveError> {
    let id = UploadId::new(rand::random());
    let folder = uploads.folder_of(&id);
    let files = folder.join(FILES);
    tokio::fs::create_dir_all(&files).await?;
    let received = Received { id, folder: Some(folder), texts: BTreeMap::new() };
    let mut receiving = Receiving { files, received, left_bytes: Some(uploads.limit_bytes), count: 0 };
    receiving.take_all(sent).await?;
    if receiving.left_bytes.is_none() {
        return Err(ReceiveError::TooLarge { limit_mib: uploads.limit_bytes >> 20 });
    }
    if receiving.count == 0 {
        return Err(ReceiveError::NoFile);
    }
    let Receiving { files, received, .. } = receiving;
    let unpacked = tokio::task::spawn_blocking(move || unpack_if_alone(&files)).await;
    unpacked.map_err(std::io::Error::other)??;
    Ok(received)
}

/// What is being received.
struct Receiving {
    files: PathBuf,
    received: Received,
    /// Bytes that are still taken; `None` once there were too many.
    left_bytes: Option<u64>,
    count: usize,
}

impl Receiving {
    async fn take_all(&mut self, Multipart(mut sent): Multipart) -> Result<(), ReceiveError> {
        while let Some(field) = sent.next_field().await? {
            match field.file_name().map(str::to_owned) {
                Some(name) => self.take_file(&name, field).await?,
                None => self.take_text(field).await?,
            }
        }
        Ok(())
    }

    /// Writes a file. Beyond the limit bytes are read and forgotten: a browser that is cut off in the
    /// middle of sending shows no answer.
    async fn take_file(&mut self, sent_as: &str, mut field: Field<'_>) -> Result<(), ReceiveError> {
        let mut next = field.chunk().await?;
        // A form in which no file was chosen sends one without name and content.
        if sent_as.is_empty() && next.as_ref().is_none_or(|bytes| bytes.is_empty()) {
            return Ok(());
        }
        let name = file_name(sent_as).ok_or_else(|| ReceiveError::Name(sent_as.to_owned()))?;
        let path = self.files.join(&name);
        let created = tokio::fs::File::create_new(&path).await;
        let mut file = created.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => ReceiveError::Twice(name),
            _ => ReceiveError::Io(error),
        })?;
        while let Some(bytes) = next {
            self.left_bytes = self.left_bytes.and_then(|left| left.checked_sub(bytes.len() as u64));
            if self.left_bytes.is_some() {
                file.write_all(&bytes).await?;
            }
            next = field.chunk().await?;
        }
        file.flush().await?;
        self.count += 1;
        Ok(())
    }

    async fn take_text(&mut self, mut field: Field<'_>) -> Result<(), ReceiveError> {
        let name = field.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await? {
            if bytes.len() + chunk.len() > TEXT_BYTES_MAX {
                return Err(ReceiveError::LongText(name));
            }
            bytes.extend_from_slice(&chunk);
        }
        self.received.texts.insert(name, String::from_utf8_lossy(&bytes).into_owned());
        Ok(())
    }
}

/// The last part of a name, if a file can have it. Some browsers send the folders with it.
fn file_name(sent_as: &str) -> Option<String> {
    let last = sent_as.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_usable = !last.is_empty()
        && !last.starts_with('.')
        && last.len() <= NAME_BYTES_MAX
        && !last.chars().any(char::is_control);
    is_usable.then(|| last.to_owned())
}

/// An archive that was sent alone is the folder that it holds.
fn unpack_if_alone(files: &Path) -> Result<(), ReceiveError> {
    let sent: Vec<PathBuf> = std::fs::read_dir(files)?.flatten().map(|entry| entry.path()).collect();
    let [only] = sent.as_slice() else { return Ok(()) };
    if is_packed_file(only) {
        return Ok(());
    }
    // Outside of the folder, for it may hold a file of its own name.
    let archive = files.with_extension("zip");
    std::fs::rename(only, &archive)?;
    let unpacked = unpack_archive(&archive, files);
    let sent_as = only.file_name().unwrap_or_default().to_string_lossy();
    let named = |message: String| message.replace(&archive.display().to_string(), &sent_as);
    match unpacked.map_err(|error| ReceiveError::Archive(named(error.to_string())))? {
        Some(held) if held.is_empty() => Err(ReceiveError::NoFile),
        Some(_) => Ok(std::fs::remove_file(&archive)?),
        None => Ok(std::fs::rename(&archive, only)?),
    }
}

/// Whether a name says that it is a single file, packed: `deals.csv.zip` is `deals.csv`.
fn is_packed_file(path: &Path) -> bool {
    let inner = path.file_stem().map(Path::new).and_then(Path::extension);
    inner.and_then(|extension| extension.to_str()).is_some_and(|extension| {
        ["csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    })
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_name_never_leads_out_of_the_folder() {
        assert_eq!(file_name("deals.csv").as_deref(), Some("deals.csv"));
        assert_eq!(file_name("../../etc/deals.csv").as_deref(), Some("deals.csv"));
        assert_eq!(file_name("C:\\exports\\Deals 2024.xlsx").as_deref(), Some("Deals 2024.xlsx"));
        for refused in ["", "..", ".", "a/..", ".hidden", "deals\0.csv", "deals\n.csv", &"x".repeat(256)] {
            assert_eq!(file_name(refused), None, "{refused:?}");
        }
    }
}
