//! Lookups: a row leads to a row of a file of the same delivery, and takes columns of it.
//!
//! Either by a key, or to the row that comes next among those of the same file that are about the
//! same thing. `name.Column` is the column of the row that the lookup of that name leads to.

use serde_saphyr::Spanned;

use super::expression::{Expression, Scope, Type, condition, expression};
use super::file::{FileFile, KeyFile, KeyPartFile, LookupFile, MissingFile};
use super::table::is_snake_case;
use super::total::Total;
use super::{FileMapping, Keep, KeyPart, MappingError, Resolver, key_columns};

/// A row that rows lead to.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    pub(crate) name: String,
    /// The file, as the mapping calls it.
    pub(crate) file: String,
    pub(crate) lead: Lead,
    /// What is added up of all rows it leads to, where that is not just one.
    pub(crate) totals: Vec<Total>,
    /// The columns taken of it, or the names of the totals.
    pub(crate) taken: Vec<String>,
}

impl Lookup {
    /// The columns of the file that it leads to, other than those that are simply taken.
    fn columns_there(&self) -> Vec<&String> {
        let lead = self.lead.columns_there().into_iter();
        lead.chain(self.totals.iter().flat_map(|total| total.of.columns())).collect()
    }

    /// The columns of that file that it reads.
    fn read_there(&self) -> Vec<String> {
        let taken = self.taken.iter().filter(|_| self.totals.is_empty());
        self.columns_there().into_iter().chain(taken).cloned().collect()
    }
}

/// What leads to it.
#[derive(Clone, Debug)]
pub(crate) enum Lead {
    /// Its key is what this row says.
    Key { there: Vec<KeyPart>, here: Vec<KeyPart>, rejects_missing: bool },
    /// It is the next, in the order of the last, of the rows that have the rest in common.
    Next { same: Vec<KeyPart>, after: KeyPart },
}

impl Lead {
    /// What the row that leads there is looked at for, other than the order of rows.
    pub(super) fn here(&self) -> &[KeyPart] {
        match self {
            Lead::Key { here, .. } => here,
            Lead::Next { same, .. } => same,
        }
    }

    /// The columns of the file that it leads to.
    fn columns_there(&self) -> Vec<&String> {
        match self {
            Lead::Key { there, .. } => key_columns(there).collect(),
            Lead::Next { same, after } => key_columns(same).chain(after.origin.columns()).collect(),
        }
    }
}

impl Resolver<'_> {
    pub(super) fn lookup(&self, file: &str, entry: &Spanned<LookupFile>) -> Result<Lookup, MappingError> {
        let LookupFile { name, file: there, key, by, missing, same, after, totals } = &entry.value;
        if !is_snake_case(&name.value) {
            let problem =
                format!("`{}` is no name for a lookup; write lower case, as in customer", name.value);
            return Err(self.wrong(name, problem));
        }
        let lead = match (there, key, same, after) {
            (Some(_), Some(key), None, None) => Lead::Key {
                there: self.key(entry, key)?,
                here: self.key(entry, by.as_ref().unwrap_or(key))?,
                rejects_missing: *missing == Some(MissingFile::Reject),
            },
            (None, None, Some(same), Some(after))
                if by.is_none() && missing.is_none() && totals.is_empty() =>
            {
                Lead::Next { same: self.key(entry, same)?, after: self.order(entry, after)? }
            }
            _ => {
                let problem = "a lookup has a `file` and its `key`, or what is the `same` in the rows of this \
                               file and the column `after` which they follow each other";
                return Err(self.wrong(entry, problem.into()));
            }
        };
        let file = there.as_ref().map_or(file, |there| &there.value).to_owned();
        let totals = self.totals(totals)?;
        Ok(Lookup { name: name.value.clone(), file, lead, totals, taken: Vec::new() })
    }

    /// What rows follow each other by; a column is a date or an instant.
    fn order(&self, entry: &Spanned<LookupFile>, after: &KeyFile) -> Result<KeyPart, MappingError> {
        let zone = self.zone();
        let scope = Scope { time_zone: &zone };
        match after.0.as_slice() {
            [KeyPartFile::Column(column)] => {
                let quoted = format!("instant(\"{}\")", column.replace('"', "\"\""));
                let (origin, _) =
                    expression(&quoted, &scope).map_err(|wrong| self.wrong(entry, wrong.to_string()))?;
                Ok(KeyPart { name: column.clone(), origin })
            }
            [KeyPartFile::Expression(written)] => {
                let (origin, kind) = self.expression(written)?;
                match kind {
                    Type::Number | Type::Date | Type::Instant => {
                        Ok(KeyPart { name: written.value.clone(), origin })
                    }
                    _ => {
                        Err(self.wrong(written, "rows follow each other by a number, date or instant".into()))
                    }
                }
            }
            _ => Err(self.wrong(entry, "rows come `after` each other by one column".into())),
        }
    }

    /// What identifies a row.
    pub(super) fn key<T>(&self, place: &Spanned<T>, key: &KeyFile) -> Result<Vec<KeyPart>, MappingError> {
        if key.0.is_empty() {
            return Err(self.wrong(place, "a key names at least one column".into()));
        }
        let part = |part: &KeyPartFile| match part {
            KeyPartFile::Column(column) => {
                Ok(KeyPart { name: column.clone(), origin: Expression::Column(column.clone()) })
            }
            KeyPartFile::Expression(written) => {
                let (origin, _) = self.expression(written)?;
                Ok(KeyPart { name: written.value.clone(), origin })
            }
        };
        key.0.iter().map(part).collect()
    }

    pub(super) fn expression(
        &self,
        written: &Spanned<String>,
    ) -> Result<(Expression<String>, Type), MappingError> {
        let scope = Scope { time_zone: &self.zone() };
        expression(&written.value, &scope).map_err(|wrong| self.wrong(written, wrong.to_string()))
    }

    pub(super) fn condition(&self, written: &Spanned<String>) -> Result<Expression<String>, MappingError> {
        let scope = Scope { time_zone: &self.zone() };
        condition(&written.value, &scope).map_err(|wrong| self.wrong(written, wrong.to_string()))
    }

    /// Tells every lookup which columns are taken of it, and every file which of its columns are
    /// looked up.
    pub(super) fn connect(
        &self,
        entries: &[FileFile],
        files: &mut [FileMapping],
    ) -> Result<(), MappingError> {
        for (position, entry) in entries.iter().enumerate() {
            for (index, place) in entry.lookups.iter().enumerate() {
                let known = |there: &&FileMapping| {
                    there.file.eq_ignore_ascii_case(&files[position].lookups[index].file)
                };
                let Some(there) = files.iter().find(known).map(|there| there.file.clone()) else {
                    let found = &files[position].lookups[index].file;
                    let written = place.value.file.as_ref().unwrap_or(&place.value.name);
                    let names = files.iter().map(|file| file.file.as_str());
                    return Err(self.unknown(written, "file", found, names));
                };
                self.take_columns(&mut files[position], index, place)?;
                let target = files.iter().find(|file| file.file == there);
                if let Some(target) = target {
                    self.check_target(&files[position].lookups[index], target, place)?;
                }
                let lookup = &mut files[position].lookups[index];
                lookup.file.clone_from(&there);
                let needed = lookup.read_there();
                files.iter_mut().filter(|file| file.file == there).for_each(|file| {
                    file.looked_up.extend(needed.iter().cloned());
                });
            }
        }
        for (entry, file) in entries.iter().zip(files.iter()) {
            let own = file.own_columns();
            if let Some((name, labels)) = entry.labels.iter().find(|(name, _)| !own.contains(name.as_str())) {
                return Err(self.unknown(labels, "column with labels", name, own));
            }
            if file.tables.is_empty() && file.looked_up.is_empty() {
                let problem = format!("{} fills no table, and nothing is looked up in it", file.file);
                return Err(self.wrong(&entry.file, problem));
            }
        }
        Ok(())
    }

    /// What rows are looked up by, and which of them count, their own cells say.
    fn check_target(
        &self,
        lookup: &Lookup,
        target: &FileMapping,
        place: &Spanned<LookupFile>,
    ) -> Result<(), MappingError> {
        let keep = target.keep.iter().flat_map(Keep::columns);
        let mut columns = keep.chain(lookup.columns_there());
        match columns.find(|column| target.looked_up_in(column).is_some()) {
            Some(column) => {
                let file = &target.file;
                let problem = format!(
                    "rows cannot be looked up in {file} by or because of `{column}`, which is looked up there itself"
                );
                Err(self.wrong(place, problem))
            }
            None => Ok(()),
        }
    }

    fn take_columns(
        &self,
        file: &mut FileMapping,
        index: usize,
        place: &Spanned<LookupFile>,
    ) -> Result<(), MappingError> {
        let lookup = &file.lookups[index];
        let name = &lookup.name;
        if file.lookups[..index].iter().any(|before| before.name == *name) {
            return Err(self.wrong(&place.value.name, format!("two lookups are called `{name}`")));
        }
        let later = |column: &&String| file.looked_up_in(column).is_some_and(|(used, _)| used >= index);
        if let Some(column) = key_columns(lookup.lead.here()).find(later) {
            let problem = format!("`{column}` is not known yet; a lookup uses those that stand before it");
            return Err(self.wrong(place, problem));
        }
        let columns = file.named_columns().into_iter().filter_map(|column| file.looked_up_in(column));
        let taken: Vec<String> =
            columns.filter(|(used, _)| *used == index).map(|(_, column)| column.to_owned()).collect();
        let unknown = |name: &&String| !lookup.totals.iter().any(|total| total.name == **name);
        if let Some(found) = taken.iter().filter(|_| !lookup.totals.is_empty()).find(unknown) {
            let known = lookup.totals.iter().map(|total| total.name.as_str());
            return Err(self.unknown(place, &format!("total of {name}"), found, known));
        }
        let only_checks = matches!(lookup.lead, Lead::Key { rejects_missing: true, .. });
        if taken.is_empty() && !only_checks {
            let problem = format!("nothing is taken of the lookup `{name}`; write for example {name}.Name");
            return Err(self.wrong(&place.value.name, problem));
        }
        file.lookups[index].taken = taken;
        Ok(())
    }
}
