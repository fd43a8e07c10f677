//! Staging: delivered files become typed rows on disk, one file per table, everything that shows
//! in a row alone or in its references decided.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use datafusion::arrow::datatypes::SchemaRef;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ImportError;
use super::batch::{BatchBuilder, StagedRow};
use super::fates::{Fate, RowFates};
use super::hash::RowHasher;
use super::identity::{KnownEntities, is_named};
use super::layout::RowOrder;
use super::progress::{Progress, Watch, tell};
use super::read_ahead::{ReadRow, read_ahead};
use super::repeats::{Prints, Repeats};
use super::report::SHOWN_REJECTS;
use crate::canonical::{Attributes, Table};
use crate::mapping::{FileMapping, LocatedFile, Mapping, Mode};
use crate::reject::{Reason, Reject, RejectedRow, RejectsWriter, file_name};
use crate::rows::{Lookups, Outcome, RowSource};
use crate::source::{Columns, Place, Places, Record, raw_rows};
use crate::store::StoreError;
use crate::store::parquet::ParquetWriter;
use crate::value::{DeliveredRow, Value, normalise};

/// Rows that are sorted together, and bytes: they bound what is in memory.
const RUN_ROWS: usize = 131_072;
const RUN_BYTES: usize = 32 << 20;
/// What a key takes in memory besides its text: its hash, where it stands.
pub(super) const KEY_BYTES: usize = 128;
/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 5_000;

/// A delivered file after staging.
pub(super) struct StagedFile<'a> {
    pub(super) located: LocatedFile<'a>,
    /// What it was read as, in words.
    pub(super) format: String,
    pub(super) mode: Mode,
    pub(super) targets: Vec<Table>,
    pub(super) sha256: String,
    pub(super) rejected: Vec<RejectedRow>,
    pub(super) rejects: Option<RejectsWriter>,
    header: csv::StringRecord,
    places: Places,
    has_types: bool,
}

impl StagedFile<'_> {
    /// What a row holds in a column.
    fn cell(&self, raw: &Record, column: Option<&str>) -> Option<String> {
        normalise(raw.cells().get(self.position(column?)?)?)
    }

    fn position(&self, column: &str) -> Option<usize> {
        Columns::of(&self.located.path, &self.header, &self.located.mapping.labels).ok()?.find(column)
    }

    /// Where a rejected row stands.
    fn place(&self, reject: &Reject) -> Place {
        let position = reject.column.as_deref().and_then(|column| self.position(column));
        self.places.of(reject.line, position)
    }
}

/// A delivery being staged.
pub(super) struct Staging<'a> {
    mapping: &'a Mapping,
    scratch: &'a Path,
    /// Where rejects files go; `None` in a preview.
    rejects_folder: Option<PathBuf>,
    lookups: Lookups,
    pub(super) known: KnownEntities,
    pub(super) fates: RowFates,
    pub(super) files: Vec<StagedFile<'a>>,
    /// The first day on which anything of a table happened: where coverage starts by default.
    pub(super) earliest_events: BTreeMap<Table, Date>,
    /// The company's own fields, those of this delivery included.
    pub(super) attributes: Attributes,
    tables: BTreeMap<Table, StagedTable>,
    rows: BTreeMap<Table, StagedRows>,
}

/// What is known of the rows of a staged table.
#[derive(Clone, Default)]
struct StagedRows {
    /// The identifiers that stand there more than once.
    repeats: Repeats,
    /// What the identifiers take in memory, roughly.
    key_bytes: usize,
    /// Columns that no row fills.
    blank: BTreeSet<String>,
}

struct StagedTable {
    builder: BatchBuilder,
    writer: ParquetWriter,
    prints: Prints,
    key_bytes: usize,
    hasher: RowHasher,
    events: Events,
    path: PathBuf,
}

impl<'a> Staging<'a> {
    pub(super) fn new(
        mapping: &'a Mapping,
        scratch: &'a Path,
        rejects_folder: Option<PathBuf>,
        known: KnownEntities,
        attributes: Attributes,
        located: &[LocatedFile<'a>],
    ) -> Result<Staging<'a>, ImportError> {
        Ok(Staging {
            mapping,
            scratch,
            rejects_folder,
            known,
            lookups: Lookups::read(located, &mapping.company.time_zone)?,
            fates: RowFates::new(located.len()),
            files: Vec::new(),
            earliest_events: BTreeMap::new(),
            attributes,
            tables: BTreeMap::new(),
            rows: BTreeMap::new(),
        })
    }

    /// Learns which people, teams, accounts and products the delivery brings, so that a row may
    /// refer to one that stands further down or in another file.
    pub(super) fn meet(
        &mut self,
        located: &LocatedFile<'_>,
        new_salt: &mut dyn FnMut() -> [u8; 16],
        watch: &Watch<'_>,
    ) -> Result<(), ImportError> {
        if !located.mapping.targets().into_iter().any(is_named) {
            return Ok(());
        }
        let mut source = RowSource::open(located, &self.lookups, &self.attributes, self.time_zone())?;
        let name = file_name(&located.path);
        let mut rows = 0;
        while let Some((_, outcome)) = source.next_row()? {
            rows += 1;
            if rows % PROGRESS_ROWS == 0 {
                let (bytes, bytes_total) = source.progress();
                tell(watch, Progress::Meeting { file: &name, bytes, bytes_total })?;
            }
            if let Outcome::Mapped(rows) = outcome {
                for (table, row) in rows {
                    self.known.meet(table, &row.source_id, &mut *new_salt);
                }
            }
        }
        Ok(())
    }

    /// Reads a file into the staged tables.
    pub(super) fn stage(&mut self, located: &LocatedFile<'a>, watch: &Watch<'_>) -> Result<(), ImportError> {
        let file_index = self.files.len();
        let source = RowSource::open(located, &self.lookups, &self.attributes, self.time_zone())?;
        let name = file_name(&located.path);
        let file = source.file();
        self.files.push(StagedFile {
            located: located.clone(),
            format: file.format().to_owned(),
            places: file.places().clone(),
            has_types: file.has_types(),
            mode: source.mode(),
            targets: located.mapping.targets().into_iter().collect(),
            sha256: String::new(),
            rejected: Vec::new(),
            rejects: None,
            header: source.header().clone(),
        });
        let mut rows = 0;
        self.files[file_index].sha256 = read_ahead(source, |chunk| {
            let (bytes, bytes_total) = chunk.progress;
            for (position, ReadRow { line, outcome }) in chunk.rows.into_iter().enumerate() {
                match self.take(file_index, line, outcome, located)? {
                    Ok(fate) => self.fates.raise(file_index, line, fate),
                    Err(reject) => self.reject(file_index, &reject, &chunk.raw.get(position))?,
                }
                rows += 1;
                if rows % PROGRESS_ROWS == 0 {
                    tell(watch, Progress::Reading { file: &name, bytes, bytes_total })?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Rejects rows for a reason that only showed after they were staged; a row is rejected once.
    pub(super) fn reject_later(
        &mut self,
        file_index: usize,
        mut rejects: Vec<Reject>,
    ) -> Result<(), ImportError> {
        rejects.retain(|reject| !self.fates.is_rejected(file_index, reject.line));
        rejects.sort_by_key(|reject| reject.line);
        rejects.dedup_by_key(|reject| reject.line);
        let lines: Vec<u64> = rejects.iter().map(|reject| reject.line).collect();
        let raw = raw_rows(&self.files[file_index].located, &lines)?;
        for (reject, raw) in rejects.iter_mut().zip(&raw) {
            if reject.value.is_none() {
                reject.value = self.files[file_index].cell(raw, reject.column.as_deref());
            }
            self.reject(file_index, reject, raw)?;
        }
        Ok(())
    }

    /// Completes the staged tables: where each lies.
    pub(super) fn finish(&mut self) -> Result<BTreeMap<Table, PathBuf>, ImportError> {
        let mut paths = BTreeMap::new();
        for (table, mut staged) in std::mem::take(&mut self.tables) {
            let (key_bytes, blank) = (staged.key_bytes, staged.builder.blank_columns());
            if staged.builder.rows() > 0 {
                staged.writer.write(staged.builder.finish().map_err(StoreError::from)?)?;
            }
            staged.writer.finish()?;
            self.rows.insert(table, StagedRows { repeats: staged.prints.repeats()?, key_bytes, blank });
            paths.insert(table, staged.path);
        }
        Ok(paths)
    }

    /// The identifiers that stand in a staged table more than once.
    pub(super) fn repeats_in(&self, table: Table) -> Repeats {
        self.rows.get(&table).map(|rows| rows.repeats.clone()).unwrap_or_default()
    }

    /// What the keys of a staged table take in memory, roughly.
    pub(super) fn key_bytes(&self, table: Table) -> usize {
        self.rows.get(&table).map_or(0, |rows| rows.key_bytes)
    }

    /// The columns of a staged table that no row fills.
    pub(super) fn blank_in(&self, table: Table) -> BTreeSet<String> {
        self.rows.get(&table).map(|rows| rows.blank.clone()).unwrap_or_default()
    }

    /// How many rows were rejected so far.
    pub(super) fn rejected(&self) -> u64 {
        (0..self.files.len()).map(|file| self.fates.tally(file).rejected).sum()
    }

    fn time_zone(&self) -> &'a TimeZone {
        &self.mapping.company.time_zone
    }

    /// Stages a row, all its tables or none.
    fn take(
        &mut self,
        file_index: usize,
        line: u64,
        outcome: Outcome,
        located: &LocatedFile<'_>,
    ) -> Result<Result<Fate, Reject>, ImportError> {
        let rows = match outcome {
            Outcome::Filtered => return Ok(Ok(Fate::Filtered)),
            Outcome::Rejected(reject) => return Ok(Err(reject)),
            Outcome::Mapped(rows) if rows.is_empty() => return Ok(Ok(Fate::Filtered)),
            Outcome::Mapped(rows) => rows,
        };
        let mut resolved = Vec::with_capacity(rows.len());
        for (table, mut row) in rows {
            self.prepare(table)?;
            let hash = self.hash(table, &row);
            if let Err(dangling) = self.known.resolve(table, &mut row.values) {
                let column = source_column(located.mapping, table, dangling.column);
                let reason = Reason::Dangling { table: dangling.table };
                return Ok(Err(Reject { line, column, value: Some(dangling.value), reason }));
            }
            resolved.push((table, row, hash));
        }
        for (table, row, hash) in resolved {
            self.append(table, &row, &hash, file_index, line)?;
        }
        Ok(Ok(Fate::Unchanged))
    }

    fn append(
        &mut self,
        table: Table,
        row: &DeliveredRow,
        hash: &str,
        file_index: usize,
        line: u64,
    ) -> Result<(), ImportError> {
        let id = self.known.id(table, &row.source_id);
        let staged =
            self.tables.get_mut(&table).ok_or_else(|| StoreError::MissingColumn(table.name().into()))?;
        if let Some(day) = staged.events.first(&row.values, &self.mapping.company.time_zone) {
            let earliest = self.earliest_events.entry(table).or_insert(day);
            *earliest = day.min(*earliest);
        }
        staged.prints.add(&row.source_id)?;
        staged.key_bytes += row.source_id.len() + KEY_BYTES;
        staged.builder.append(&StagedRow {
            id,
            source_system: &self.mapping.source,
            source_id: &row.source_id,
            values: &row.values,
            row_hash: hash,
            file_index: i32::try_from(file_index).unwrap_or(i32::MAX),
            line: i64::try_from(line).unwrap_or(i64::MAX),
        });
        if staged.builder.rows() >= RUN_ROWS || staged.builder.bytes() >= RUN_BYTES {
            staged.writer.write(staged.builder.finish().map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    fn reject(&mut self, file_index: usize, reject: &Reject, raw: &Record) -> Result<(), ImportError> {
        self.fates.raise(file_index, reject.line, Fate::Rejected);
        let place = self.files[file_index].place(reject);
        let file = &mut self.files[file_index];
        if file.rejected.len() < SHOWN_REJECTS {
            file.rejected.push(RejectedRow::new(reject, place.beyond_line()));
        }
        if let (None, Some(folder)) = (&file.rejects, &self.rejects_folder) {
            let path = folder.join(file.located.mapping.rejects_name());
            file.rejects = Some(RejectsWriter::create(path, &file.header, file.has_types)?);
        }
        if let Some(rejects) = &mut file.rejects {
            rejects.write(reject, &place.short(), raw)?;
        }
        Ok(())
    }

    fn hash(&mut self, table: Table, row: &DeliveredRow) -> String {
        match self.tables.get_mut(&table) {
            Some(staged) => staged.hasher.hash(&row.source_id, &row.values, &self.known),
            None => RowHasher::new(table, &self.attributes.of(table)).hash(
                &row.source_id,
                &row.values,
                &self.known,
            ),
        }
    }

    fn prepare(&mut self, table: Table) -> Result<(), ImportError> {
        if !self.tables.contains_key(&table) {
            let path = self.scratch.join(format!("{table}-staged.parquet"));
            let attributes = self.attributes.of(table);
            let builder = BatchBuilder::new(table, &attributes);
            let schema = SchemaRef::clone(builder.schema());
            let order = RowOrder::of(table, &schema)?;
            let staged = StagedTable {
                writer: ParquetWriter::runs(path.clone(), schema, move |rows| order.sorted(rows))?,
                builder,
                prints: Prints::new(path.with_extension("prints")),
                key_bytes: 0,
                hasher: RowHasher::new(table, &attributes),
                events: Events::of(table),
                path,
            };
            self.tables.insert(table, staged);
        }
        Ok(())
    }
}

/// Where the days stand on which something happened.
struct Events {
    positions: Vec<usize>,
    /// An open deal's close date, which is no event: it is expected then. And the outcome that says so.
    expected: Option<(usize, usize)>,
}

impl Events {
    fn of(table: Table) -> Events {
        let position = |name: &str| table.column(name).map(|(position, _)| position);
        let expected = (table == Table::Opportunity).then(|| position("close_date").zip(position("outcome")));
        let positions = table.definition().events.iter().filter_map(|name| position(name)).collect();
        Events { positions, expected: expected.flatten() }
    }

    /// The first day that a row tells about.
    fn first(&self, values: &[Option<Value>], time_zone: &TimeZone) -> Option<Date> {
        let is_open = |outcome: usize| matches!(&values[outcome], Some(Value::Text(text)) if text == "open");
        let unhappened = self.expected.filter(|(_, outcome)| is_open(*outcome)).map(|(day, _)| day);
        let happened = self.positions.iter().filter(|position| Some(**position) != unhappened);
        let days = happened.filter_map(|position| match values[*position].as_ref()? {
            Value::Timestamp(instant) => Some(time_zone.to_datetime(*instant).date()),
            Value::Date(day) => Some(*day),
            _ => None,
        });
        days.min()
    }
}

/// The source's name of a target column.
pub(super) fn source_column(file: &FileMapping, table: Table, target: &str) -> Option<String> {
    let (position, _) = table.column(target)?;
    let mapped = file.tables.iter().filter(|mapping| mapping.table == table);
    mapped
        .filter_map(|mapping| mapping.columns[position].as_ref())
        .find_map(|column| column.source_column().map(str::to_owned))
}
