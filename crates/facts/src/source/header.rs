//! The header of a delivered file: which column stands where.

use std::collections::HashMap;
use std::path::Path;

use csv::StringRecord;

use super::SourceError;
use crate::mapping::nearest;
use crate::reject::shown;
use crate::value::normalise;

/// The header's names and where they stand, letter case and surrounding space aside.
pub(crate) fn positions(path: &Path, header: &StringRecord) -> Result<HashMap<String, usize>, SourceError> {
    let mut positions = HashMap::new();
    for (position, name) in header.iter().enumerate() {
        if positions.insert(plain(name), position).is_some() {
            return Err(SourceError::DuplicateColumn { path: path.to_owned(), column: shown(name.trim()) });
        }
    }
    Ok(positions)
}

pub(crate) fn bind(
    path: &Path,
    header: &StringRecord,
    positions: &HashMap<String, usize>,
    column: &str,
) -> Result<usize, SourceError> {
    positions.get(&plain(column)).copied().ok_or_else(|| SourceError::MissingColumn {
        path: path.to_owned(),
        column: column.to_owned(),
        guess: guess(column, header),
        header: shown(&header.iter().map(str::trim).collect::<Vec<_>>().join(", ")),
    })
}

/// What may be wrong when a column is missing, as half a sentence.
fn guess(column: &str, header: &StringRecord) -> String {
    let separated = |mark: char| header.len() == 1 && header[0].matches(mark).count() > 0;
    if let Some((_, name)) =
        [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")].into_iter().find(|(mark, _)| separated(*mark))
    {
        return format!(" (the fields seem to be separated by {name}; save the file with commas)");
    }
    nearest(column, header.iter()).map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
}

fn plain(name: &str) -> String {
    normalise(name.trim_start_matches('\u{feff}')).unwrap_or_default().to_lowercase()
}
