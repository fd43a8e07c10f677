//! What a delivery changes: staged rows against the versions that hold now.
//!
//! Everything here streams and spills: a delivery of any size is compared within the session's
//! memory limit. What has to be remembered per row is one byte of [`RowFates`].

use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, Int32Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Int32Type, Int64Type, Schema};
use datafusion::common::JoinType;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::functions_window::expr_fn::{lag, row_number};
use datafusion::logical_expr::{ExprFunctionExt, when};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext, col, ident, lit, not};
use futures::TryStreamExt;

use super::fates::{Fate, RowFates, StagedFates};
use super::repeats::Repeats;
use super::totals::{MoneyTotal, Sums, has_money};
use crate::canonical::{Attribute, Table};
use crate::store::parquet::ParquetWriter;
use crate::store::schema::{self, FILE_INDEX, LINE, ROW_HASH, SOURCE_ID, SOURCE_SYSTEM, STAGED_PLACE};
use crate::store::{Snapshot, StoreError, read_parquet};

/// Memory the comparison may hold before it spills to disk.
const MEMORY_LIMIT_BYTES: usize = 384 << 20;
/// Keys that a hash table may hold, well below that limit.
const HASHED_BYTES: usize = 128 << 20;
/// What each sort sets aside for merging what it spilled; several of them run at a time.
const MERGE_BYTES: usize = 4 << 20;
/// Column of what becomes of a row.
pub(super) const FATE: &str = "fate";
pub(super) const HELD_ID: &str = "held_id";
const HELD_HASH: &str = "held_hash";
/// Column of ids that are looked for.
const WANTED: &str = "wanted";
/// Column of ids that references may hold.
pub(super) const KNOWN_ID: &str = "known_id";
/// Which of the rows with the same identifier in a delivery a row is, from 1.
pub(super) const OCCURRENCE: &str = "occurrence";

/// A session for comparing: sorted merges, which spill, instead of hash tables, which do not.
pub(super) fn session(scratch: &Path) -> Result<SessionContext, StoreError> {
    session_with(scratch, false)
}

/// A session for comparing rows whose keys take so many bytes: few go into a hash table, in which those
/// are looked up that they are compared with, so that these need not be sorted. The few stand on the
/// left of a join.
pub(super) fn session_for(scratch: &Path, key_bytes: usize) -> Result<SessionContext, StoreError> {
    session_with(scratch, key_bytes < HASHED_BYTES)
}

fn session_with(scratch: &Path, hashes: bool) -> Result<SessionContext, StoreError> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(FairSpillPool::new(MEMORY_LIMIT_BYTES)))
        .with_temp_file_path(scratch)
        .build_arc()?;
    let mut config = SessionConfig::new().with_target_partitions(2);
    config.options_mut().execution.parquet.schema_force_view_types = false;
    config.options_mut().execution.sort_spill_reservation_bytes = MERGE_BYTES;
    config.options_mut().optimizer.prefer_hash_join = hashes;
    // The engine would exchange the sides by estimates, and put into memory what holds: of what is
    // changed or gone it knows nothing.
    config.options_mut().optimizer.join_reordering = false;
    Ok(SessionContext::new_with_config_rt(config, runtime))
}

/// A staged row that is to be rejected.
pub(super) struct FoundRow {
    pub(super) file_index: usize,
    pub(super) line: u64,
    /// What it was found by: its identifier, or the id it refers to.
    pub(super) key: String,
}

/// What a delivery does to one table.
pub(super) struct TableChanges {
    pub(super) table: Table,
    /// Rows created or changed.
    pub(super) incoming: Incoming,
    /// Versions that hold now and are missing in a full delivery.
    pub(super) gone: Option<PathBuf>,
    pub(super) created: u64,
    pub(super) changed: u64,
    pub(super) deleted: u64,
    /// Rows that said what was known already, each once.
    pub(super) unchanged: u64,
    /// What its money adds up to before and after.
    pub(super) totals: Vec<MoneyTotal>,
}

/// Where rows created or changed are.
pub(super) enum Incoming {
    /// Among the staged ones.
    Staged { path: PathBuf, fates: Arc<StagedFates>, blank: BTreeSet<String> },
    /// In a file of their own with their fates, which is missing when there are none.
    Written(PathBuf),
}

impl TableChanges {
    /// Rows created or changed: staged columns and the fate.
    pub(super) fn incoming_rows(
        &self,
        context: &SessionContext,
        attributes: &[Attribute],
    ) -> Result<DataFrame, StoreError> {
        let staged = schema::staged(self.table, attributes);
        match &self.incoming {
            Incoming::Staged { path, fates, .. } => {
                let rows = read_parquet(context, std::slice::from_ref(path), staged)?;
                let is = |fate: Fate| col(FATE).eq(lit(fate as i32));
                Ok(rows.with_column(FATE, fates.fate())?.filter(is(Fate::Created).or(is(Fate::Changed)))?)
            }
            Incoming::Written(path) => {
                let mut fields: Vec<Field> =
                    staged.fields().iter().map(|field| field.as_ref().clone()).collect();
                fields.push(Field::new(FATE, DataType::Int32, false));
                let written: Vec<PathBuf> =
                    Some(path.clone()).into_iter().filter(|path| path.exists()).collect();
                read_parquet(context, &written, Arc::new(Schema::new(fields)))
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.created + self.changed + self.deleted == 0
    }
}

/// The staged rows of one table.
pub(super) struct Staged<'a> {
    pub(super) context: &'a SessionContext,
    pub(super) table: Table,
    /// The company's own fields of the table.
    pub(super) attributes: Vec<Attribute>,
    pub(super) path: PathBuf,
    pub(super) repeats: Repeats,
    /// Columns that no row fills.
    pub(super) blank: BTreeSet<String>,
    pub(super) source_system: &'a str,
}

impl Staged<'_> {
    fn rows(&self) -> Result<DataFrame, StoreError> {
        read_parquet(
            self.context,
            std::slice::from_ref(&self.path),
            schema::staged(self.table, &self.attributes),
        )
    }

    /// Rows whose identifier stands in the delivery with other values too.
    pub(super) async fn conflicts(&self) -> Result<Vec<FoundRow>, StoreError> {
        if self.repeats.are_none() {
            return Ok(Vec::new());
        }
        // Without its distance `lag` looks at the row itself.
        let neighbour = lag(col(ROW_HASH), Some(1), None)
            .partition_by(vec![col(SOURCE_ID)])
            .order_by(vec![col(ROW_HASH).sort(true, true)])
            .build()?
            .alias("neighbour");
        let contradicted = self
            .rows()?
            .filter(self.repeats.has_repeated())?
            .select(vec![col(SOURCE_ID), col(ROW_HASH)])?
            .window(vec![neighbour])?
            .filter(col("neighbour").not_eq(col(ROW_HASH)))?
            .select(vec![col(SOURCE_ID).alias("contradicted")])?;
        // Hardly ever is there one, and finding out which rows they are takes another sort of all.
        if contradicted.clone().limit(0, Some(1))?.count().await? == 0 {
            return Ok(Vec::new());
        }
        let found = self
            .rows()?
            .join_on(contradicted.distinct()?, JoinType::Inner, [col(SOURCE_ID).eq(col("contradicted"))])?
            .select(vec![col(FILE_INDEX), col(LINE), col(SOURCE_ID)])?
            .sort(vec![col(FILE_INDEX).sort(true, true), col(LINE).sort(true, true)])?
            .collect()
            .await?;
        Ok(found.iter().flat_map(rows_of).collect())
    }

    /// Identifiers of which a row was not rejected.
    pub(super) async fn accepted_ids(&self, fates: &RowFates) -> Result<HashSet<String>, StoreError> {
        let found = self.accepted(fates)?.select(vec![col(SOURCE_ID)])?.distinct()?.collect().await?;
        Ok(found.iter().flat_map(texts_of).collect())
    }

    /// Rows not rejected that refer to one of these ids.
    pub(super) async fn referring(
        &self,
        column: &str,
        ids: impl Iterator<Item = &str>,
        fates: &RowFates,
    ) -> Result<Vec<FoundRow>, StoreError> {
        let ids = self.wanted(ids)?;
        let found = self
            .accepted(fates)?
            .join_on(ids, JoinType::Inner, [ident(column).eq(col(WANTED))])?
            .select(vec![col(FILE_INDEX), col(LINE), ident(column)])?
            .collect()
            .await?;
        Ok(found.iter().flat_map(rows_of).collect())
    }

    /// Rows not rejected whose reference is none of the known ids.
    pub(super) async fn unresolved(
        &self,
        column: &str,
        known: DataFrame,
        fates: &RowFates,
    ) -> Result<Vec<FoundRow>, StoreError> {
        let found = self
            .accepted(fates)?
            .filter(ident(column).is_not_null())?
            .join_on(known, JoinType::LeftAnti, [ident(column).eq(col(KNOWN_ID))])?
            .select(vec![col(FILE_INDEX), col(LINE), ident(column)])?
            .collect()
            .await?;
        Ok(found.iter().flat_map(rows_of).collect())
    }

    /// Those of the wanted ids that any staged row has, rejected or not.
    pub(super) async fn standing(
        &self,
        wanted: impl Iterator<Item = &str>,
    ) -> Result<HashSet<String>, StoreError> {
        let Some(id) = self.table.id_column() else { return Ok(HashSet::new()) };
        let wanted = self.wanted(wanted)?;
        let found = self
            .rows()?
            .join_on(wanted, JoinType::LeftSemi, [ident(id).eq(col(WANTED))])?
            .select(vec![ident(id)])?
            .collect()
            .await?;
        Ok(found.iter().flat_map(texts_of).collect())
    }

    /// Ids as a table of one column.
    fn wanted<'i>(&self, ids: impl Iterator<Item = &'i str>) -> Result<DataFrame, StoreError> {
        let ids: StringArray = ids.map(Some).collect();
        let ids = RecordBatch::try_from_iter([(WANTED, Arc::new(ids) as ArrayRef)])?;
        Ok(self.context.read_batch(ids)?)
    }

    /// The ids of rows not rejected, as [`KNOWN_ID`].
    pub(super) fn known_ids(&self, fates: &RowFates) -> Result<Option<DataFrame>, StoreError> {
        let Some(id) = self.table.id_column() else { return Ok(None) };
        Ok(Some(self.accepted(fates)?.select(vec![ident(id).alias(KNOWN_ID)])?))
    }

    /// Rows not rejected that differ from what is known by their identifier.
    pub(super) async fn rewritten(
        &self,
        held: &Snapshot,
        fates: &RowFates,
    ) -> Result<Vec<FoundRow>, StoreError> {
        let keys = self
            .held(held)
            .await?
            .select(vec![col(SOURCE_ID).alias(HELD_ID), col(ROW_HASH).alias(HELD_HASH)])?;
        let same = [col(SOURCE_ID).eq(col(HELD_ID))];
        let found = self
            .accepted(fates)?
            .join_on(keys, JoinType::Inner, same)?
            .filter(col(HELD_HASH).not_eq(col(ROW_HASH)))?
            .select(vec![col(FILE_INDEX), col(LINE), col(SOURCE_ID)])?
            .collect()
            .await?;
        Ok(found.iter().flat_map(rows_of).collect())
    }

    /// Compares the rows with those that hold now, notes each row's fate, and keeps what is new
    /// or different.
    pub(super) async fn compare(
        &self,
        held: Option<&Snapshot>,
        fates: &mut RowFates,
        full: bool,
        scratch: &Path,
    ) -> Result<TableChanges, StoreError> {
        let rows = self.numbered(fates)?;
        let held_rows = match held {
            Some(snapshot) => Some(self.held(snapshot).await?),
            None => None,
        };
        let mut changes = TableChanges {
            table: self.table,
            incoming: self.incoming(StagedFates::default()),
            gone: None,
            created: 0,
            changed: 0,
            deleted: 0,
            unchanged: 0,
            totals: Vec::new(),
        };
        self.judge(rows, held_rows.clone(), fates, &mut changes).await?;
        if let (true, Some(held_rows)) = (full, held_rows.clone()) {
            self.write_gone(held_rows, scratch, &mut changes).await?;
        }
        if has_money(self.table) {
            changes.totals = self.totals(held_rows, &changes).await?;
        }
        Ok(changes)
    }

    /// What the money of the source's rows adds up to before the changes and after them.
    async fn totals(
        &self,
        held: Option<DataFrame>,
        changes: &TableChanges,
    ) -> Result<Vec<MoneyTotal>, StoreError> {
        let incoming = changes.incoming_rows(self.context, &self.attributes)?;
        let added = Sums::of(self.table, &incoming).await?;
        let Some(held) = held else { return Ok(Sums::default().totals(&added, &Sums::default())) };
        let before = Sums::of(self.table, &held).await?;
        let changed = incoming
            .filter(col(FATE).eq(lit(Fate::Changed as i32)))?
            .select(vec![col(SOURCE_ID).alias("changed_id")])?;
        let same = [col(SOURCE_ID).eq(col("changed_id"))];
        let replaced = changed.join_on(held, JoinType::RightSemi, same)?;
        let mut removed = Sums::of(self.table, &replaced).await?;
        if let Some(gone) = &changes.gone {
            let schema = schema::current(self.table, &self.attributes);
            let gone = read_parquet(self.context, std::slice::from_ref(gone), schema)?;
            removed = removed.and(Sums::of(self.table, &gone).await?);
        }
        Ok(before.totals(&added, &removed))
    }

    /// Rows that were not rejected since they were staged.
    pub(super) fn accepted(&self, fates: &RowFates) -> Result<DataFrame, StoreError> {
        let mut rows = self.rows()?;
        if let Some(rejected) = fates.rejected_lines()? {
            let rejected = self.context.read_batch(rejected)?;
            let same = [col(FILE_INDEX).eq(col("rejected_file")), col(LINE).eq(col("rejected_line"))];
            rows = rows.join_on(rejected, JoinType::LeftAnti, same)?;
        }
        Ok(rows)
    }

    /// The same, numbered within their identifier.
    pub(super) fn numbered(&self, fates: &RowFates) -> Result<DataFrame, StoreError> {
        let rows = self.accepted(fates)?;
        if self.repeats.are_none() {
            return Ok(rows.with_column(OCCURRENCE, lit(1u64))?);
        }
        let order = vec![col(FILE_INDEX).sort(true, true), col(LINE).sort(true, true)];
        let number =
            row_number().partition_by(vec![col(SOURCE_ID)]).order_by(order).build()?.alias(OCCURRENCE);
        let repeated = rows.clone().filter(self.repeats.has_repeated())?.window(vec![number])?;
        let single = rows.filter(not(self.repeats.has_repeated()))?.with_column(OCCURRENCE, lit(1u64))?;
        Ok(single.union(repeated)?)
    }

    pub(super) async fn held(&self, snapshot: &Snapshot) -> Result<DataFrame, StoreError> {
        let rows = snapshot.view(self.context, self.table).await?;
        Ok(rows.filter(col(SOURCE_SYSTEM).eq(lit(self.source_system)))?)
    }

    /// Finds out what becomes of each row, by keys and hashes alone: whole rows are not sorted for it.
    async fn judge(
        &self,
        rows: DataFrame,
        held: Option<DataFrame>,
        fates: &mut RowFates,
        changes: &mut TableChanges,
    ) -> Result<(), StoreError> {
        let repeated = col(OCCURRENCE).gt(lit(1u64));
        let fate = |fate: Fate| lit(fate as i32);
        let judged = match held {
            Some(held) => {
                let keys =
                    held.select(vec![col(SOURCE_ID).alias(HELD_ID), col(ROW_HASH).alias(HELD_HASH)])?;
                let verdict = when(repeated, fate(Fate::Repeated))
                    .when(col(HELD_ID).is_null(), fate(Fate::Created))
                    .when(col(HELD_HASH).not_eq(col(ROW_HASH)), fate(Fate::Changed))
                    .otherwise(fate(Fate::Unchanged))?;
                rows.join_on(keys, JoinType::Left, [col(SOURCE_ID).eq(col(HELD_ID))])?
                    .with_column(FATE, verdict)?
            }
            None => {
                rows.with_column(FATE, when(repeated, fate(Fate::Repeated)).otherwise(fate(Fate::Created))?)?
            }
        };
        let columns = [FILE_INDEX, LINE, STAGED_PLACE, FATE].map(col).to_vec();
        let mut stream = judged.select(columns)?.execute_stream().await?;
        let mut staged = StagedFates::default();
        while let Some(batch) = stream.try_next().await? {
            fates.note(&batch, &mut staged, changes)?;
        }
        changes.incoming = self.incoming(staged);
        Ok(())
    }

    fn incoming(&self, fates: StagedFates) -> Incoming {
        Incoming::Staged { path: self.path.clone(), fates: Arc::new(fates), blank: self.blank.clone() }
    }

    async fn write_gone(
        &self,
        held: DataFrame,
        scratch: &Path,
        changes: &mut TableChanges,
    ) -> Result<(), StoreError> {
        let delivered = self.rows()?.select(vec![col(SOURCE_ID).alias("delivered_id")])?;
        let same = [col(SOURCE_ID).eq(col("delivered_id"))];
        let gone = delivered.join_on(held, JoinType::RightAnti, same)?;
        let path = scratch.join(format!("{}-gone.parquet", self.table));
        let mut writer = ParquetWriter::scratch(path.clone(), schema::current(self.table, &self.attributes))?;
        let mut stream = gone.execute_stream().await?;
        while let Some(batch) = stream.try_next().await? {
            writer.write(batch)?;
        }
        changes.deleted = writer.finish()?;
        changes.gone = Some(path);
        Ok(())
    }
}

/// No ids at all, as [`KNOWN_ID`].
pub(super) fn no_ids(context: &SessionContext) -> Result<DataFrame, StoreError> {
    let none = Arc::new(StringArray::from(Vec::<&str>::new())) as ArrayRef;
    Ok(context.read_batch(RecordBatch::try_from_iter([(KNOWN_ID, none)])?)?)
}

/// The texts of a batch of one column.
fn texts_of(batch: &RecordBatch) -> Vec<String> {
    let texts: &StringArray = batch.column(0).as_string();
    texts.iter().flatten().map(str::to_owned).collect()
}

fn rows_of(batch: &RecordBatch) -> Vec<FoundRow> {
    let files: &Int32Array = batch.column(0).as_primitive::<Int32Type>();
    let lines: &Int64Array = batch.column(1).as_primitive::<Int64Type>();
    let keys: &StringArray = batch.column(2).as_string();
    (0..batch.num_rows())
        .map(|row| FoundRow {
            file_index: usize::try_from(files.value(row)).unwrap_or_default(),
            line: u64::try_from(lines.value(row)).unwrap_or_default(),
            key: keys.value(row).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use datafusion::physical_plan::displayable;

    use super::*;

    fn ids(context: &SessionContext, column: &str, ids: &[&str]) -> DataFrame {
        let ids = Arc::new(StringArray::from(ids.to_vec())) as ArrayRef;
        let batch = RecordBatch::try_from_iter([(column, ids)]).expect("a batch");
        context.read_batch(batch).expect("a table")
    }

    /// The joins that deliveries are compared by, few rows on the left.
    async fn joined(context: &SessionContext, kind: JoinType) -> (String, Vec<Option<String>>) {
        let few = ids(context, "few", &["b", "d"]);
        let all = ids(context, "all", &["c", "a", "b"]);
        let joined = few.join_on(all, kind, [col("few").eq(col("all"))]).expect("a join");
        let plan = joined.clone().create_physical_plan().await.expect("a plan");
        let found = joined.select(vec![col("all")]).expect("a column").collect().await.expect("rows");
        let texts = |batch: &RecordBatch| {
            let texts: &StringArray = batch.column(0).as_string();
            texts.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        };
        let mut found: Vec<Option<String>> = found.iter().flat_map(texts).collect();
        found.sort();
        (displayable(plan.as_ref()).indent(false).to_string(), found)
    }

    #[tokio::test]
    async fn few_rows_are_compared_by_hash_and_many_by_sorted_merge_with_the_same_result() {
        let folder = tempfile::tempdir().expect("a folder");
        for (key_bytes, join) in [(HASHED_BYTES - 1, "HashJoin"), (HASHED_BYTES, "SortMergeJoin")] {
            let context = session_for(folder.path(), key_bytes).expect("a session");
            for (kind, expected) in [
                (JoinType::Left, vec![None, Some("b")]),
                (JoinType::RightSemi, vec![Some("b")]),
                (JoinType::RightAnti, vec![Some("a"), Some("c")]),
            ] {
                let (plan, found) = joined(&context, kind).await;
                let found: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
                assert_eq!(found, expected, "{kind} with {join}");
                assert!(plan.contains(join), "{plan}");
            }
        }
    }
}
