//! Archives among what is delivered: unpacked where only this import looks.

use std::path::{Path, PathBuf};

use super::ImportError;
use crate::mapping::{LocatedFile, Mapping};
use crate::reject::file_name;
use crate::source::{SourceError, is_archive, unpack};

/// Unpacks an archive of delivered files into a folder: its files, or `None` if it is no archive.
///
/// # Errors
/// When it is damaged, protected, unpacks to too much, or a file cannot be written.
pub fn unpack_archive(archive: &Path, folder: &Path) -> Result<Option<Vec<PathBuf>>, SourceError> {
    if is_archive(archive)? { unpack(archive, folder).map(Some) } else { Ok(None) }
}

/// The delivered files and folders; an archive that is a delivery of its own is a folder.
pub(super) fn unpack_delivery(
    inputs: &[PathBuf],
    mapping: &Mapping,
    scratch: &Path,
) -> Result<Vec<PathBuf>, ImportError> {
    match inputs {
        [archive] if mapping.file_called(&file_name(archive)).is_none() && is_archive(archive)? => {
            let folder = folder_for(archive, scratch)?;
            unpack(archive, &folder)?;
            Ok(vec![folder])
        }
        files => Ok(files.to_vec()),
    }
}

/// Unpacks the archives that hold a single file under that file's name.
pub(super) fn unpack_files(located: &mut [LocatedFile<'_>], scratch: &Path) -> Result<(), ImportError> {
    for file in located {
        if !is_archive(&file.path)? {
            continue;
        }
        let folder = folder_for(&file.path, scratch)?;
        let files = unpack(&file.path, &folder)?;
        let [only] = files.as_slice() else {
            let problem = format!(
                "it holds {} files where one is expected; deliver them one by one, or the archive alone",
                files.len()
            );
            return Err(SourceError::Format { path: file.path.clone(), problem }.into());
        };
        let named = folder.join(&file.mapping.file);
        std::fs::rename(only, &named).map_err(|cause| SourceError::Io { path: named.clone(), cause })?;
        file.path = named;
    }
    Ok(())
}

/// A new folder for the files of an archive.
fn folder_for(archive: &Path, scratch: &Path) -> Result<PathBuf, ImportError> {
    let folder = scratch.join("unpacked").join(file_name(archive));
    std::fs::create_dir_all(&folder).map_err(|cause| SourceError::Io { path: folder.clone(), cause })?;
    Ok(folder)
}
