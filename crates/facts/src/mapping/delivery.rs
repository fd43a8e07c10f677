//! Which delivered files a mapping reads, by their names.

use std::path::{Path, PathBuf};

use super::{FileMapping, Mapping, MappingError};
use crate::reject::file_name;
use crate::source::SourceFile;

/// A delivered file and the entry that reads it.
#[derive(Clone, Debug)]
pub(crate) struct LocatedFile<'a> {
    pub(crate) path: PathBuf,
    pub(crate) mapping: &'a FileMapping,
}

impl Mapping {
    /// Finds the mapping's files among the given files or in the given folder. Files of a folder
    /// that the mapping does not name are returned by name.
    pub(crate) fn locate(
        &self,
        inputs: &[PathBuf],
    ) -> Result<(Vec<LocatedFile<'_>>, Vec<String>), MappingError> {
        match inputs {
            [folder] if folder.is_dir() => self.locate_in(folder),
            files => {
                let mut located: Vec<LocatedFile<'_>> = Vec::new();
                for path in files {
                    let file = self.locate_file(path)?;
                    if located.iter().any(|known| std::ptr::eq(known.mapping, file.mapping)) {
                        return Err(MappingError::GivenTwice { name: file_name(path) });
                    }
                    located.push(file);
                }
                Ok((located, Vec::new()))
            }
        }
    }

    fn locate_file(&self, path: &Path) -> Result<LocatedFile<'_>, MappingError> {
        path.metadata().map_err(|cause| MappingError::NoDelivery { path: path.to_owned(), cause })?;
        let name = file_name(path);
        match self.file_called(&name) {
            Some(mapping) => Ok(LocatedFile { path: path.to_owned(), mapping }),
            None => Err(MappingError::UnknownFile {
                path: self.path.clone(),
                name,
                known: self.file_names().join(", "),
            }),
        }
    }

    fn locate_in(&self, folder: &Path) -> Result<(Vec<LocatedFile<'_>>, Vec<String>), MappingError> {
        let entries = std::fs::read_dir(folder)
            .map_err(|cause| MappingError::NoDelivery { path: folder.to_owned(), cause })?;
        let mut others: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
        others.sort();
        let mut located = Vec::new();
        let mut missing = Vec::new();
        for mapping in &self.files {
            match take_named(&mut others, &mapping.file) {
                Some(path) => located.push(LocatedFile { path, mapping }),
                None => missing.push(mapping.file.clone()),
            }
        }
        if !missing.is_empty() {
            let (path, folder) = (self.path.clone(), folder.to_owned());
            return Err(MappingError::MissingFile { path, folder, missing: missing.join(", ") });
        }
        let own_name = file_name(&self.path);
        let names = others.iter().map(|path| file_name(path));
        let not_mapped = names.filter(|name| !name.eq_ignore_ascii_case(&own_name)).collect();
        Ok((located, not_mapped))
    }

    /// The entry that reads a delivered file of that name.
    pub(crate) fn file_called(&self, name: &str) -> Option<&FileMapping> {
        let exactly = self.files.iter().find(|entry| entry.file.eq_ignore_ascii_case(name));
        exactly.or_else(|| self.files.iter().find(|entry| entry.is_called(name)))
    }

    /// Whether it reads a file of that name, packed or not, or what was handed back of it.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.file_called(name).is_some()
    }

    /// Whether a delivery of these files is what it was written for: it reads all of them, or all
    /// that it reads are among them, and those have the columns that it names.
    #[must_use]
    pub fn fits(&self, files: &[PathBuf]) -> bool {
        let read: Vec<PathBuf> = files.iter().filter(|path| self.reads(&file_name(path))).cloned().collect();
        let is_enough = !read.is_empty() && (read.len() == files.len() || read.len() == self.files.len());
        let Ok((located, _)) = self.locate(&read) else { return false };
        let has_its_columns = |file: &LocatedFile<'_>| {
            let columns = SourceFile::open(file).and_then(|source| source.columns());
            let named = file.mapping.column_names();
            columns.is_ok_and(|columns| named.iter().all(|name| columns.find(name).is_some()))
        };
        is_enough && located.iter().all(has_its_columns)
    }

    /// The files that it reads and that are not among those of these names.
    #[must_use]
    pub fn missing_among(&self, names: &[String]) -> Vec<&str> {
        let is_there = |entry: &FileMapping| {
            names.iter().any(|name| self.file_called(name).is_some_and(|found| std::ptr::eq(found, entry)))
        };
        self.files.iter().filter(|entry| !is_there(entry)).map(|entry| entry.file.as_str()).collect()
    }

    /// The names of the files that it reads.
    #[must_use]
    pub fn file_names(&self) -> Vec<&str> {
        self.files.iter().map(|entry| entry.file.as_str()).collect()
    }
}

impl FileMapping {
    /// Whether a file of that name is this one, packed or not, or what was handed back of it.
    fn is_called(&self, name: &str) -> bool {
        let [gzip, zip] = packed(&self.file);
        let names = [self.file.as_str(), &gzip, &zip, &self.rejects_name()];
        names.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// The name of the file that rejected rows are handed back in, which is a CSV file.
    pub(crate) fn rejects_name(&self) -> String {
        let extension = Path::new(&self.file).extension().map(|extension| extension.to_ascii_lowercase());
        match extension.as_ref().and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv" | "tab" | "txt") => self.file.clone(),
            _ => format!("{}.csv", self.file),
        }
    }
}

/// Takes the file of that name out of a folder's files, or else one whose name only differs in
/// letter case, or one that is packed.
fn take_named(files: &mut Vec<PathBuf>, wanted: &str) -> Option<PathBuf> {
    let exactly = files.iter().position(|path| file_name(path) == wanted);
    let nearly = |wanted: &str| files.iter().position(|path| file_name(path).eq_ignore_ascii_case(wanted));
    let found =
        exactly.or_else(|| nearly(wanted)).or_else(|| packed(wanted).iter().find_map(|name| nearly(name)))?;
    Some(files.remove(found))
}

/// The names of a file that was packed with gzip or zip.
fn packed(name: &str) -> [String; 2] {
    [format!("{name}.gz"), format!("{name}.zip")]
}
