//! Which identifiers stand in a delivery more than once. Hardly any do as a rule, so that what has
//! to be sorted to find out about repetitions is those rows alone, and not all of them.
//!
//! Identifiers are known by a print of 64 bits. Two that share one are only looked at for nothing:
//! whoever asks compares the identifiers themselves.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::cast::as_string_array;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::{Expr, col};

use crate::store::StoreError;
use crate::store::schema::SOURCE_ID;

/// Prints held in memory; more lie in a file.
const HELD_PRINTS: usize = 4 << 20;

fn print(source_id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    source_id.hash(&mut hasher);
    hasher.finish()
}

/// The identifiers of a table's rows while they are staged.
pub(super) struct Prints {
    held: Vec<u64>,
    held_at_most: usize,
    path: PathBuf,
    file: Option<BufWriter<File>>,
    written: u64,
}

impl Prints {
    /// `path` is where they may lie.
    pub(super) fn new(path: PathBuf) -> Prints {
        Prints { held: Vec::new(), held_at_most: HELD_PRINTS, path, file: None, written: 0 }
    }

    pub(super) fn add(&mut self, source_id: &str) -> Result<(), StoreError> {
        self.held.push(print(source_id));
        if self.held.len() < self.held_at_most {
            return Ok(());
        }
        self.write_out().map_err(|error| StoreError::io("write", &self.path, error))
    }

    /// Those that are there more than once.
    pub(super) fn repeats(mut self) -> Result<Repeats, StoreError> {
        let mut found = HashSet::new();
        if self.file.is_none() {
            note_repeats(&mut self.held, &mut found);
        } else {
            self.note_written(&mut found).map_err(|error| StoreError::io("read", &self.path, error))?;
        }
        Ok(Repeats(Arc::new(found)))
    }

    fn write_out(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(BufWriter::new(File::create(&self.path)?));
        }
        if let Some(file) = &mut self.file {
            for print in &self.held {
                file.write_all(&print.to_ne_bytes())?;
            }
        }
        self.written += self.held.len() as u64;
        self.held.clear();
        Ok(())
    }

    /// Reads the file as often as it takes for what is held at a time to fit into memory.
    fn note_written(&mut self, found: &mut HashSet<u64>) -> io::Result<()> {
        self.write_out()?;
        if let Some(mut file) = self.file.take() {
            file.flush()?;
        }
        let passes = self.written.div_ceil(self.held_at_most as u64);
        for pass in 0..passes {
            self.held.clear();
            let mut file = BufReader::with_capacity(1 << 16, File::open(&self.path)?);
            let mut bytes = [0; 8];
            for _ in 0..self.written {
                file.read_exact(&mut bytes)?;
                let print = u64::from_ne_bytes(bytes);
                if print % passes == pass {
                    self.held.push(print);
                }
            }
            note_repeats(&mut self.held, found);
        }
        std::fs::remove_file(&self.path)
    }
}

fn note_repeats(prints: &mut [u64], found: &mut HashSet<u64>) {
    prints.sort_unstable();
    found.extend(prints.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]));
}

/// The identifiers that stand in a table's staged rows more than once.
#[derive(Clone, Debug, Default)]
pub(super) struct Repeats(Arc<HashSet<u64>>);

impl Repeats {
    /// Whether every row has an identifier of its own.
    pub(super) fn are_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a staged row's identifier is one of them.
    pub(super) fn has_repeated(&self) -> Expr {
        let repeated = Arc::clone(&self.0);
        let function = move |arguments: &[ColumnarValue]| {
            let arrays = ColumnarValue::values_to_arrays(arguments)?;
            let is_repeated = |id: Option<&str>| id.map(|id| repeated.contains(&print(id)));
            let found: BooleanArray = as_string_array(&arrays[0])?.iter().map(is_repeated).collect();
            Ok(ColumnarValue::Array(Arc::new(found)))
        };
        create_udf(
            "has_repeated_id",
            vec![DataType::Utf8],
            DataType::Boolean,
            Volatility::Immutable,
            Arc::new(function),
        )
        .call(vec![col(SOURCE_ID)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repeats(ids: impl Iterator<Item = String>) -> HashSet<u64> {
        let folder = tempfile::tempdir().expect("a folder");
        let prints = Prints::new(folder.path().join("ids.prints"));
        let mut prints = Prints { held_at_most: 1_000, ..prints };
        ids.for_each(|id| prints.add(&id).expect("added"));
        let Repeats(found) = prints.repeats().expect("repeats");
        assert_eq!(folder.path().read_dir().expect("the folder").count(), 0, "nothing is left behind");
        found.as_ref().clone()
    }

    #[test]
    fn identifiers_that_stand_twice_are_found_however_many_there_are() {
        let ids = |count: usize| (0..count).map(|number| format!("D-{number}"));
        let again = || ["D-17", "D-3", "D-17"].map(str::to_owned).into_iter();
        for count in [100, 1_000, 2_001] {
            assert_eq!(repeats(ids(count)), HashSet::new());
            assert_eq!(repeats(ids(count).chain(again())), HashSet::from([print("D-17"), print("D-3")]));
        }
    }
}
