//! Rows that other rows lead to. They are kept in memory while a delivery is staged, as far as
//! columns are taken of them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::cells::{Bind, BoundKey, BoundRule, Cells, Named, Place, bound, is_below_rows};
use super::total::{BoundTotals, Sums, Totals};
use crate::mapping::expression::{Expression, Refusal, order};
use crate::mapping::{FileMapping, Lead, LocatedFile, Lookup};
use crate::reject::{Reason, shown};
use crate::source::{Places, SourceError, SourceFile};
use crate::value::Value;

/// A row that is looked up.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) line: u64,
    /// The text of each column that is taken, and whether it is typed.
    pub(super) cells: Vec<Option<(String, bool)>>,
}

impl Found {
    pub(super) fn text(&self, position: usize) -> Option<String> {
        self.cells.get(position)?.as_ref().map(|(text, _)| text.clone())
    }

    pub(super) fn is_typed(&self, position: usize) -> bool {
        self.cells.get(position).is_some_and(|cell| cell.as_ref().is_some_and(|(_, is_typed)| *is_typed))
    }
}

/// The rows that the rows of a delivery lead to, by file and lookup.
pub(crate) struct Lookups(BTreeMap<String, Arc<[FoundRows]>>);

impl Lookups {
    /// Reads what the files of a delivery look up.
    ///
    /// # Errors
    /// When it is not there, cannot be read, or when a key leads to several rows.
    pub(crate) fn read(located: &[LocatedFile<'_>], time_zone: &TimeZone) -> Result<Lookups, SourceError> {
        let mut lookups = BTreeMap::new();
        for file in located {
            let rows = file.mapping.lookups.iter().map(|lookup| {
                let there = located.iter().find(|there| there.mapping.file == lookup.file);
                let there = there.ok_or_else(|| SourceError::NotDelivered {
                    file: file.mapping.file.clone(),
                    missing: lookup.file.clone(),
                })?;
                let (found, source) = FoundRows::read(lookup, there, time_zone)?;
                if there.mapping.file != file.mapping.file {
                    source.refuse_without_rows()?;
                }
                Ok(found)
            });
            lookups.insert(file.mapping.file.clone(), rows.collect::<Result<_, _>>()?);
        }
        Ok(Lookups(lookups))
    }

    pub(super) fn of(&self, mapping: &FileMapping) -> Arc<[FoundRows]> {
        self.0.get(&mapping.file).cloned().unwrap_or_else(|| Arc::new([]))
    }
}

/// The rows of a file that a lookup leads to.
pub(super) enum FoundRows {
    ByKey(HashMap<Vec<String>, Found>),
    /// In their order.
    InOrder(HashMap<Vec<String>, Vec<(Value, Found)>>),
    /// Added up.
    Totals(Totals),
}

impl FoundRows {
    fn read(
        lookup: &Lookup,
        located: &LocatedFile<'_>,
        time_zone: &TimeZone,
    ) -> Result<(FoundRows, SourceFile), SourceError> {
        let source = SourceFile::open(located)?;
        if source.is_corrected() {
            return Err(SourceError::OnlyRejects(located.path.clone()));
        }
        let columns = source.columns()?;
        let bind = |column: &str| {
            let place = Place::Own(columns.position(column)?);
            Ok(Named { name: column.to_owned(), place })
        };
        let mut reader = Reader::bind(source, lookup, located, time_zone, &bind)?;
        let found = match &lookup.lead {
            Lead::Key { there, .. } if !lookup.totals.is_empty() => {
                reader.totals(&BoundKey::bind(there, &bind)?, &BoundTotals::bind(lookup, &bind)?)
            }
            Lead::Key { there, .. } => reader.by_key(&BoundKey::bind(there, &bind)?),
            Lead::Next { same, after } => {
                reader.in_order(&BoundKey::bind(same, &bind)?, &bound(&after.origin, &bind)?)
            }
        };
        Ok((found?, reader.source))
    }
}

/// Reads the rows of a file that others lead to.
struct Reader<'a> {
    source: SourceFile,
    path: PathBuf,
    mapping: &'a FileMapping,
    time_zone: &'a TimeZone,
    keep: Vec<BoundRule<'a>>,
    taken: Vec<usize>,
    /// The columns that have to be readable.
    needed: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn bind(
        source: SourceFile,
        lookup: &Lookup,
        located: &LocatedFile<'a>,
        time_zone: &'a TimeZone,
        bind: &Bind<'_>,
    ) -> Result<Reader<'a>, SourceError> {
        let mapping = located.mapping;
        let columns = source.columns()?;
        let position = |column: &String| columns.position(column);
        let taken = lookup.taken.iter().filter(|_| lookup.totals.is_empty());
        let taken = taken.map(position).collect::<Result<_, _>>()?;
        let needed = mapping.looked_up.iter().map(position).collect::<Result<_, _>>()?;
        let keep = mapping.keep.iter().map(|rule| BoundRule::bind(rule, bind)).collect::<Result<_, _>>()?;
        Ok(Reader { source, path: located.path.clone(), mapping, time_zone, keep, taken, needed })
    }

    fn by_key(&mut self, key: &BoundKey) -> Result<FoundRows, SourceError> {
        let mut rows: HashMap<Vec<String>, Found> = HashMap::new();
        while let Some((whole, _, found)) = self.next(key, None)? {
            match rows.get(&whole) {
                Some(before) if before.cells != found.cells => {
                    return Err(self.ambiguous(key, &whole, before, &found));
                }
                Some(_) => {}
                None => {
                    rows.insert(whole, found);
                }
            }
        }
        Ok(FoundRows::ByKey(rows))
    }

    fn in_order(&mut self, same: &BoundKey, after: &Expression<Named>) -> Result<FoundRows, SourceError> {
        let mut rows: HashMap<Vec<String>, Vec<(Value, Found)>> = HashMap::new();
        while let Some((whole, place, found)) = self.next(same, Some(after))? {
            if let Some(place) = place {
                rows.entry(whole).or_default().push((place, found));
            }
        }
        for (whole, series) in &mut rows {
            series.sort_by(|(one, _), (other, _)| order(one, other));
            let twice = series
                .windows(2)
                .find(|pair| order(&pair[0].0, &pair[1].0).is_eq() && pair[0].1.cells != pair[1].1.cells);
            if let Some([(_, first), (_, second)]) = twice {
                return Err(self.ambiguous(same, whole, first, second));
            }
        }
        Ok(FoundRows::InOrder(rows))
    }

    /// The next row that counts and has a key: the key, its place among others, and what is taken.
    #[expect(clippy::type_complexity, reason = "the parts of one row")]
    fn next(
        &mut self,
        key: &BoundKey,
        after: Option<&Expression<Named>>,
    ) -> Result<Option<(Vec<String>, Option<Value>, Found)>, SourceError> {
        while let Some(line) = self.source.next_record()? {
            let cells = self.cells();
            if let Some(reason) = self.source.unfit() {
                if is_below_rows(&self.source, &self.keep, &cells) {
                    continue;
                }
                return Err(self.wrong(line, None, None, &reason));
            }
            let refused = |(column, value, reason): Refusal| self.wrong(line, column, value, &reason);
            if !self.is_kept(&cells).map_err(refused)? {
                continue;
            }
            self.check_usable(&cells).map_err(refused)?;
            let Some(whole) = key.whole(&cells).map_err(refused)? else { continue };
            let place = match after {
                Some(after) => after.evaluate(&cells).map_err(refused)?,
                None => None,
            };
            let cell =
                |position: &usize| cells.text(*position).map(|text| (text, cells.record.is_typed(*position)));
            let taken = self.taken.iter().map(cell).collect();
            return Ok(Some((whole, place, Found { line, cells: taken })));
        }
        Ok(None)
    }

    /// Adds up the rows that count and have a key.
    fn totals(&mut self, key: &BoundKey, totals: &BoundTotals) -> Result<FoundRows, SourceError> {
        let mut sums = Sums::new();
        while let Some(line) = self.source.next_record()? {
            let cells = self.cells();
            if let Some(reason) = self.source.unfit() {
                if is_below_rows(&self.source, &self.keep, &cells) {
                    continue;
                }
                return Err(self.wrong(line, None, None, &reason));
            }
            let refused = |(column, value, reason): Refusal| self.wrong(line, column, value, &reason);
            if !self.is_kept(&cells).map_err(refused)? {
                continue;
            }
            let Some(whole) = key.whole(&cells).map_err(refused)? else { continue };
            let row = self.check_usable(&cells).and_then(|()| totals.of(&cells));
            let row = row.map_err(|refusal| self.spoilt(line, refusal));
            match (sums.get_mut(&whole), row) {
                (None, row) => {
                    sums.insert(whole, row.map(|row| (line, row)));
                }
                (Some(before @ Ok(_)), Err(reason)) => *before = Err(reason),
                (Some(before), Ok(row)) => {
                    if let Ok((_, sum)) = before
                        && let Err(reason) = totals.add(sum, row)
                    {
                        *before = Err(reason);
                    }
                }
                (Some(Err(_)), Err(_)) => {}
            }
        }
        let found = |(line, sum)| totals.found(line, sum);
        Ok(FoundRows::Totals(sums.into_iter().map(|(key, sum)| (key, sum.map(found))).collect()))
    }

    /// The cells of the row just read.
    fn cells(&self) -> Cells<'_> {
        Cells {
            record: self.source.record(),
            blank: &self.mapping.blank,
            time_zone: self.time_zone,
            found: Vec::new(),
        }
    }

    fn is_kept(&self, cells: &Cells<'_>) -> Result<bool, Refusal> {
        for rule in &self.keep {
            if !rule.holds(cells)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Refuses cells that say nothing sensible in a column that is needed.
    fn check_usable(&self, cells: &Cells<'_>) -> Result<(), Refusal> {
        for position in &self.needed {
            if let Some(reason) = cells.unusable(*position).or_else(|| self.source.misread(*position)) {
                let column = self.source.header().get(*position).map(str::to_owned);
                return Err((column, cells.text(*position), reason));
            }
        }
        Ok(())
    }

    /// Why what a row belongs to has no totals.
    fn spoilt(&self, line: u64, (column, value, reason): Refusal) -> Reason {
        Reason::Line {
            file: self.mapping.file.clone(),
            place: place(self.source.places(), line),
            problem: in_words(column, value, &reason),
        }
    }

    fn wrong(
        &self,
        line: u64,
        column: Option<String>,
        value: Option<String>,
        reason: &Reason,
    ) -> SourceError {
        SourceError::LookedUp {
            path: self.path.clone(),
            place: place(self.source.places(), line),
            problem: in_words(column, value, reason),
        }
    }

    fn ambiguous(&self, key: &BoundKey, whole: &[String], one: &Found, other: &Found) -> SourceError {
        let places = self.source.places();
        SourceError::Ambiguous {
            path: self.path.clone(),
            key: format!("{} `{}`", key.name(), shown(&whole.join(", "))),
            first: place(places, one.line.min(other.line)),
            second: place(places, one.line.max(other.line)),
        }
    }
}

fn in_words(column: Option<String>, value: Option<String>, reason: &Reason) -> String {
    let column = column.map(|column| format!("{column}: ")).unwrap_or_default();
    let value = value.map(|value| format!("`{}` ", shown(&value))).unwrap_or_default();
    format!("{column}{value}{reason}")
}

fn place(places: &Places, line: u64) -> String {
    places.of(line, None).beyond_line().unwrap_or_else(|| format!("line {line}"))
}

/// What leads from a row to another, over the columns of its file.
pub(super) struct BoundLookup<'a> {
    lookup: &'a Lookup,
    here: BoundKey,
    after: Option<Expression<Named>>,
}

impl<'a> BoundLookup<'a> {
    pub(super) fn bind(lookup: &'a Lookup, bind: &Bind<'_>) -> Result<BoundLookup<'a>, SourceError> {
        let (here, after) = match &lookup.lead {
            Lead::Key { here, .. } => (here, None),
            Lead::Next { same, after } => (same, Some(bound(&after.origin, bind)?)),
        };
        Ok(BoundLookup { lookup, here: BoundKey::bind(here, bind)?, after })
    }

    /// The row that a row leads to, if to any.
    pub(super) fn find<'f>(
        &self,
        cells: &Cells<'_>,
        rows: &'f FoundRows,
    ) -> Result<Option<&'f Found>, Refusal> {
        let Some(whole) = self.here.whole(cells)? else { return Ok(None) };
        let found = match (rows, &self.after) {
            (FoundRows::InOrder(rows), Some(after)) => {
                let Some(own) = after.evaluate(cells)? else { return Ok(None) };
                let series = rows.get(&whole).map(Vec::as_slice).unwrap_or_default();
                let behind = series.partition_point(|(place, _)| order(place, &own) != Ordering::Greater);
                series.get(behind).map(|(_, found)| found)
            }
            (FoundRows::ByKey(rows), _) => rows.get(&whole),
            (FoundRows::Totals(totals), _) => match totals.get(&whole) {
                Some(Err(spoilt)) => {
                    return Err((Some(self.here.name()), Some(whole.join(", ")), spoilt.clone()));
                }
                found => found.and_then(|found| found.as_ref().ok()),
            },
            (FoundRows::InOrder(_), None) => None,
        };
        match (&self.lookup.lead, found) {
            (Lead::Key { rejects_missing: true, .. }, None) => {
                let reason = Reason::NotFound { file: self.lookup.file.clone() };
                Err((Some(self.here.name()), Some(whole.join(", ")), reason))
            }
            _ => Ok(found),
        }
    }
}
