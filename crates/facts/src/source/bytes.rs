//! The bytes of a delivered file on their way: counted and hashed as they were delivered, unpacked if
//! they are packed with gzip.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::SourceError;
use crate::import::hex;

/// Bytes read from a file at once.
const BUFFER_BYTES: usize = 1 << 18;
/// A packed file may unpack to this without further ado.
const UNPACKED_BYTES_FREE: u64 = 64 << 20;
/// Beyond that, to so many times its own size: exports pack to a tenth, bombs to a thousandth.
const UNPACKED_TIMES_MAX: u64 = 200;

/// And never to more than this.
pub(super) const UNPACKED_BYTES_MAX: u64 = 64 << 30;

/// Whether so many bytes out of so many packed ones are a bomb rather than an export.
pub(super) fn is_bomb(unpacked: u64, packed: u64) -> bool {
    let is_beyond_ratio =
        unpacked > UNPACKED_BYTES_FREE && unpacked > packed.saturating_mul(UNPACKED_TIMES_MAX);
    is_beyond_ratio || unpacked > UNPACKED_BYTES_MAX
}

/// More comes out of a packed file than an export would hold.
#[derive(Debug)]
pub(super) struct Bomb {
    /// Bytes that are allowed at most.
    pub(super) limit: u64,
}

impl fmt::Display for Bomb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "it unpacks to more than {UNPACKED_TIMES_MAX} times its size or to more than {} GiB, which no export should; deliver it unpacked, or as CSV, if it is right",
            self.limit >> 30
        )
    }
}

impl std::error::Error for Bomb {}

/// A packed file that does not unpack.
#[derive(Debug)]
pub(super) struct Damaged(pub(super) String);

impl fmt::Display for Damaged {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "it is damaged or cut off ({}); deliver it again", self.0)
    }
}

impl std::error::Error for Damaged {}

/// The bytes of a file as they were delivered, counted and hashed.
pub(super) struct Delivered {
    file: BufReader<File>,
    digest: Sha256,
    read: u64,
    total: u64,
}

impl Delivered {
    fn open(path: &Path) -> Result<Delivered, SourceError> {
        let failed = |cause| SourceError::Io { path: path.to_owned(), cause };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::Error::other("it is a folder, not a file")));
        }
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Ok(Delivered { file, digest: Sha256::new(), read: 0, total: metadata.len() })
    }
}

impl Read for Delivered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.read += count as u64;
        Ok(count)
    }
}

/// The bytes of a file, unpacked.
pub(super) enum Unpacked {
    /// As they were delivered.
    Plain(Delivered),
    /// Out of gzip.
    Gzip { decoder: Box<MultiGzDecoder<Delivered>>, unpacked: u64 },
}

impl Unpacked {
    pub(super) fn open(path: &Path) -> Result<Unpacked, SourceError> {
        let mut start = [0; 2];
        let is_gzip = match Delivered::open(path)?.file.read_exact(&mut start) {
            Ok(()) => start == [0x1F, 0x8B],
            Err(_) => false,
        };
        let delivered = Delivered::open(path)?;
        Ok(match is_gzip {
            true => Unpacked::Gzip { decoder: Box::new(MultiGzDecoder::new(delivered)), unpacked: 0 },
            false => Unpacked::Plain(delivered),
        })
    }

    pub(super) fn is_gzip(&self) -> bool {
        matches!(self, Unpacked::Gzip { .. })
    }

    /// Bytes read and to be read, as they were delivered.
    pub(super) fn progress(&self) -> (u64, u64) {
        let delivered = self.delivered();
        (delivered.read, delivered.total)
    }

    /// SHA-256 of all bytes as they were delivered, also of those behind what was of interest.
    pub(super) fn sha256(self) -> io::Result<String> {
        let mut delivered = match self {
            Unpacked::Plain(delivered) => delivered,
            Unpacked::Gzip { decoder, .. } => decoder.into_inner(),
        };
        io::copy(&mut delivered, &mut io::sink())?;
        Ok(hex(&delivered.digest.finalize()))
    }

    fn delivered(&self) -> &Delivered {
        match self {
            Unpacked::Plain(delivered) => delivered,
            Unpacked::Gzip { decoder, .. } => decoder.get_ref(),
        }
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacked::Plain(delivered) => delivered.read(buffer),
            Unpacked::Gzip { decoder, unpacked } => {
                let count = decoder.read(buffer).map_err(|cause| match cause.kind() {
                    io::ErrorKind::InvalidInput
                    | io::ErrorKind::InvalidData
                    | io::ErrorKind::UnexpectedEof => io::Error::other(Damaged(cause.to_string())),
                    _ => cause,
                })?;
                *unpacked += count as u64;
                match is_bomb(*unpacked, decoder.get_ref().read) {
                    true => Err(io::Error::other(Bomb { limit: UNPACKED_BYTES_MAX })),
                    false => Ok(count),
                }
            }
        }
    }
}

/// SHA-256 of a file's bytes.
pub(super) fn sha256(path: &Path) -> Result<String, SourceError> {
    let delivered = Unpacked::Plain(Delivered::open(path)?);
    delivered.sha256().map_err(|cause| SourceError::Io { path: path.to_owned(), cause })
}
