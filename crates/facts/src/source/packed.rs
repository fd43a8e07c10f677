//! Zip: archives of delivered files, and workbooks, which are archives too. What does not unpack to
//! something of reasonable size is refused before anything of it is used.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use zip::ZipArchive;
use zip::result::ZipError;

use super::SourceError;
use super::bytes::{Bomb, Damaged, UNPACKED_BYTES_MAX, is_bomb};
use super::kind::Kind;

/// Bytes that a workbook may unpack to: part of it has to be held in memory.
const WORKBOOK_BYTES_MAX: u64 = 1 << 30;
/// How the content of an OpenDocument workbook ends: its reader looks for that forever.
const CONTENT_END: &[u8] = b"</office:document-content>";
/// Bytes of an end that are looked at.
const END_BYTES: usize = 128;
/// Bytes unpacked at once.
const BUFFER_BYTES: usize = 1 << 16;

/// An archive being unpacked.
struct Archive {
    path: PathBuf,
    entries: ZipArchive<BufReader<File>>,
    packed: u64,
    unpacked: u64,
    limit: u64,
}

/// The kind of workbook that a zip file is, if it is one.
pub(super) fn workbook_kind(path: &Path) -> Result<Option<Kind>, SourceError> {
    let mut archive = Archive::open(path, WORKBOOK_BYTES_MAX)?;
    let has = |name: &str| archive.entries.index_for_name(name).is_some();
    if has("xl/workbook.bin") {
        return Err(SourceError::format(path, "it is a binary workbook (.xlsb); save it as .xlsx"));
    }
    if has("xl/workbook.xml") {
        return Ok(Some(Kind::Xlsx));
    }
    let mut kind = String::new();
    if let Ok(entry) = archive.entries.by_name("mimetype") {
        entry.take(100).read_to_string(&mut kind).map_err(|cause| SourceError::while_reading(path, cause))?;
    }
    Ok(kind.starts_with("application/vnd.oasis.opendocument.spreadsheet").then_some(Kind::Ods))
}

/// Refuses a workbook that unpacks to too much or not at all; how large it is packed.
pub(super) fn check_workbook(path: &Path) -> Result<u64, SourceError> {
    let mut archive = Archive::open(path, WORKBOOK_BYTES_MAX)?;
    for index in 0..archive.entries.len() {
        let mut end = End::default();
        archive.unpack(index, &mut end)?;
        let is_content = archive
            .entries
            .name_for_index(index)
            .is_some_and(|name| name.is_ok_and(|name| name == "content.xml"));
        if is_content && !end.0.trim_ascii_end().ends_with(CONTENT_END) {
            return Err(SourceError::while_reading(
                path,
                io::Error::other(Damaged("its content has no end".into())),
            ));
        }
    }
    Ok(archive.packed)
}

/// The last bytes that were written.
#[derive(Default)]
struct End(Vec<u8>);

impl Write for End {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        let superfluous = self.0.len().saturating_sub(END_BYTES);
        self.0.drain(..superfluous);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Unpacks an archive of delivered files into a folder: the files.
pub(crate) fn unpack(path: &Path, folder: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let mut archive = Archive::open(path, UNPACKED_BYTES_MAX)?;
    let mut files: Vec<PathBuf> = Vec::new();
    for index in 0..archive.entries.len() {
        let Some(name) = archive.file_name(index)? else { continue };
        let target = folder.join(&name);
        let written = |cause| SourceError::Io { path: target.clone(), cause };
        let mut file = match File::create_new(&target) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
                return Err(SourceError::format(
                    path,
                    &format!("it holds two files called {name}; deliver them one by one"),
                ));
            }
            created => created.map_err(written)?,
        };
        archive.unpack(index, &mut file)?;
        files.push(target);
    }
    Ok(files)
}

/// Whether a file is an archive of delivered files.
pub(crate) fn is_archive(path: &Path) -> Result<bool, SourceError> {
    let mut start = [0; 4];
    let is_zip =
        File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *b"PK\x03\x04";
    Ok(is_zip && workbook_kind(path)?.is_none())
}

impl Archive {
    fn open(path: &Path, limit: u64) -> Result<Archive, SourceError> {
        let failed = |cause| SourceError::Io { path: path.to_owned(), cause };
        let file = File::open(path).map_err(failed)?;
        let packed = file.metadata().map_err(failed)?.len();
        let entries = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(path, &error))?;
        Ok(Archive { path: path.to_owned(), entries, packed, unpacked: 0, limit })
    }

    /// The name of a file, wherever in the archive it lies; `None` for folders and for what
    /// operating systems add.
    fn file_name(&mut self, index: usize) -> Result<Option<String>, SourceError> {
        let entry = self.entries.by_index_raw(index).map_err(|error| damaged(&self.path, &error))?;
        if entry.is_dir() {
            return Ok(None);
        }
        let path = entry.mangled_name().map_err(|error| damaged(&self.path, &error))?;
        let is_added = path.starts_with("__MACOSX");
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(name.filter(|name| !is_added && !name.starts_with('.')))
    }

    /// Unpacks an entry, counting what really comes out.
    fn unpack(&mut self, index: usize, target: &mut dyn Write) -> Result<(), SourceError> {
        let path = &self.path;
        let mut entry = self.entries.by_index(index).map_err(|error| damaged(path, &error))?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let count = entry.read(&mut buffer).map_err(|cause| {
                SourceError::while_reading(path, io::Error::other(Damaged(cause.to_string())))
            })?;
            if count == 0 {
                return Ok(());
            }
            self.unpacked += count as u64;
            if self.unpacked > self.limit || is_bomb(self.unpacked, self.packed) {
                return Err(SourceError::while_reading(path, io::Error::other(Bomb { limit: self.limit })));
            }
            let written = target.write_all(&buffer[..count]);
            written.map_err(|cause| SourceError::Io { path: path.clone(), cause })?;
        }
    }
}

fn damaged(path: &Path, error: &ZipError) -> SourceError {
    let problem = match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "it is protected with a password; deliver it without one".to_owned()
        }
        error => Damaged(error.to_string()).to_string(),
    };
    SourceError::format(path, &problem)
}
