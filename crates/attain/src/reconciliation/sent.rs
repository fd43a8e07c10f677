//! What the page's form sends: its fields, and the report as a file where it was not pasted.

use std::path::PathBuf;

use tempfile::TempDir;

use super::PASTED;
use crate::web::extract::Multipart;
use crate::web::problem::PageError;

/// Bytes that a report and the fields beside it may have.
pub(super) const SENT_BYTES_MAX: usize = 64 << 20;

/// What was sent.
pub(super) struct Sent {
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Option<SentFile>,
}

/// A file that was sent; dropped, it is removed.
pub(super) struct SentFile {
    pub(super) path: PathBuf,
    _folder: TempDir,
}

/// Reads what a request sends.
pub(super) async fn receive(Multipart(mut sent): Multipart) -> Result<Sent, PageError> {
    let unreadable =
        |error: axum::extract::multipart::MultipartError| PageError::Unreadable(error.body_text());
    let (mut fields, mut file) = (Vec::new(), None);
    while let Some(field) = sent.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.file_name().is_some();
        let bytes = field.bytes().await.map_err(unreadable)?;
        // A form in which no file was chosen sends an empty one.
        if is_file && !bytes.is_empty() {
            file = Some(SentFile::save(&bytes).map_err(|error| PageError::Internal(error.to_string()))?);
        } else if !is_file {
            fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok(Sent { fields, file })
}

impl SentFile {
    fn save(bytes: &[u8]) -> std::io::Result<SentFile> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(PASTED);
        std::fs::write(&path, bytes)?;
        Ok(SentFile { path, _folder: folder })
    }
}
