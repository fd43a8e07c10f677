//! Reading a file in a thread of its own, ahead of the one that stages its rows: reading and typing
//! take about as long as hashing and writing.

use std::panic::resume_unwind;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::ImportError;
use crate::rows::{Outcome, RowSource};
use crate::source::{RecordList, SourceError};

/// Rows that are handed over together, unless they are long.
const CHUNK_ROWS: usize = 1_024;
/// Bytes of rows that are handed over together.
const CHUNK_BYTES: usize = 256 << 10;
/// How many hands full of rows the reader is ahead.
const CHUNKS_AHEAD: usize = 4;

/// A row that was read: where it stands, and what it is.
pub(super) struct ReadRow {
    pub(super) line: u64,
    pub(super) outcome: Outcome,
}

/// Rows in their order.
#[derive(Default)]
pub(super) struct Chunk {
    pub(super) rows: Vec<ReadRow>,
    /// Each of them as it was delivered.
    pub(super) raw: RecordList,
    /// Bytes of the file read so far, and to be read.
    pub(super) progress: (u64, u64),
}

/// Hands all rows of a file over in their order, and returns the SHA-256 of its bytes.
///
/// # Errors
/// When the file cannot be read, or whoever takes the rows takes no more.
pub(super) fn read_ahead(
    source: RowSource<'_>,
    mut take: impl FnMut(Chunk) -> Result<(), ImportError>,
) -> Result<String, ImportError> {
    thread::scope(|scope| {
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let reading = scope.spawn(move || read(source, &sender));
        for chunk in chunks {
            take(chunk)?;
        }
        Ok(reading.join().unwrap_or_else(|panic| resume_unwind(panic))?)
    })
}

fn read(mut source: RowSource<'_>, chunks: &SyncSender<Chunk>) -> Result<String, SourceError> {
    let mut chunk = Chunk::default();
    while let Some((line, outcome)) = source.next_row()? {
        chunk.raw.push(source.raw());
        chunk.rows.push(ReadRow { line, outcome });
        if chunk.rows.len() == CHUNK_ROWS || chunk.raw.bytes() > CHUNK_BYTES {
            chunk.progress = source.progress();
            if chunks.send(std::mem::take(&mut chunk)).is_err() {
                // Nobody takes them any more, and says why.
                return Ok(String::new());
            }
        }
    }
    chunk.progress = source.progress();
    let _ = chunks.send(chunk);
    source.sha256()
}
