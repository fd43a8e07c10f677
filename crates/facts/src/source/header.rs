//! The header of a delivered file: which column stands where.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use csv::StringRecord;

use super::SourceError;
use crate::mapping::{Labels, nearest};
use crate::reject::shown;
use crate::value::normalise;

/// The columns of a file by name, letter case and surrounding space aside.
pub(crate) struct Columns {
    path: PathBuf,
    /// Where the header stands, for people.
    place: String,
    header: StringRecord,
    positions: HashMap<String, usize>,
    used: RefCell<BTreeSet<usize>>,
}

impl Columns {
    /// The columns of a header, in which no name stands twice; columns without a name nobody asks for.
    /// A column is also found by a name for which it is the label.
    pub(crate) fn of(path: &Path, header: &StringRecord, labels: &Labels) -> Result<Columns, SourceError> {
        Columns::of_header_in("line 1".to_owned(), path, header, labels)
    }

    /// The same of a header that stands in this place.
    pub(super) fn of_header_in(
        place: String,
        path: &Path,
        header: &StringRecord,
        labels: &Labels,
    ) -> Result<Columns, SourceError> {
        let mut positions = HashMap::new();
        for (position, name) in header.iter().enumerate() {
            let name_is_blank = plain(name).is_empty();
            if positions.insert(plain(name), position).is_some() && !name_is_blank {
                let column = shown(name.trim());
                return Err(SourceError::DuplicateColumn { path: path.to_owned(), place, column });
            }
        }
        for (name, labels) in labels {
            let labelled = labels.iter().find_map(|label| positions.get(&plain(label)).copied());
            if let Some(position) = labelled {
                positions.entry(plain(name)).or_insert(position);
            }
        }
        let used = RefCell::default();
        Ok(Columns { path: path.to_owned(), place, header: header.clone(), positions, used })
    }

    /// Where a column stands, if it is there.
    pub(crate) fn find(&self, column: &str) -> Option<usize> {
        let position = self.positions.get(&plain(column)).copied()?;
        self.used.borrow_mut().insert(position);
        Some(position)
    }

    /// Where the columns stand that were asked for.
    pub(crate) fn used(&self) -> Vec<usize> {
        self.used.borrow().iter().copied().collect()
    }

    /// Where a column stands that has to be there.
    pub(crate) fn position(&self, column: &str) -> Result<usize, SourceError> {
        self.find(column).ok_or_else(|| SourceError::MissingColumn {
            path: self.path.clone(),
            place: self.place.clone(),
            column: column.to_owned(),
            guess: guess(column, &self.header),
            header: shown(&self.header.iter().map(str::trim).collect::<Vec<_>>().join(", ")),
        })
    }
}

/// What may be wrong when a column is missing, as half a sentence.
fn guess(column: &str, header: &StringRecord) -> String {
    let separated = |mark: char| header.len() == 1 && header[0].matches(mark).count() > 0;
    if let Some((_, name)) =
        [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")].into_iter().find(|(mark, _)| separated(*mark))
    {
        return format!(" (the fields seem to be separated by {name}; correct `delimiter` in the mapping)");
    }
    nearest(column, header.iter()).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

/// A name as it is compared: letter case, surrounding space and byte order marks aside.
pub(super) fn plain(name: &str) -> String {
    normalise(name.trim_start_matches('\u{feff}')).unwrap_or_default().to_lowercase()
}
