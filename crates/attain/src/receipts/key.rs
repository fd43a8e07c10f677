//! The signing key: a file in the data directory that only its owner can read, made at the first
//! start and never again.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use attain_facts::store::Store;
use attain_metrics::receipt::{Fingerprint, Hex, Signer};
use attain_records::{Actor, RecordsError};

use super::store;

/// Name of the file in the data directory.
const FILE: &str = "signing.key";

/// Where the key is kept.
#[derive(Clone, Debug)]
pub(crate) struct KeyFile(PathBuf);

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// Receipts are there, the key they were signed with is not.
    #[error(
        "the signing key {0} is missing, although numbers were signed with it; nothing was signed. Restore it from a backup, or begin a new one with `attain key --new`: receipts signed before still hold for the old fingerprint"
    )]
    Lost(PathBuf),
    /// No key was made yet.
    #[error("there is no signing key {0} yet; the first `attain serve` or `attain import` makes it")]
    None(PathBuf),
    /// A new key is asked for where there is one.
    #[error(
        "there is a signing key {0} already; move it away before you begin a new one. Nothing was changed"
    )]
    Taken(PathBuf),
    /// Others can read it.
    #[error(
        "others can read the signing key {0}; nothing was signed. Run `chmod 600` on it, and begin a new key if somebody may have copied it"
    )]
    Open(PathBuf),
    /// The file holds something else.
    #[error("{0} is not a signing key as Attain writes it; nothing was signed. Restore it from a backup")]
    Unreadable(PathBuf),
    /// The file system refuses.
    #[error("could not {action} the signing key {path}: {cause}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// Whether receipts exist could not be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

impl KeyFile {
    /// The key file of a data directory.
    pub(crate) fn of(data: &Path) -> KeyFile {
        KeyFile(data.join(FILE))
    }

    /// The key, made from `seed` if numbers were never signed here; whether it was made.
    pub(crate) async fn ready(
        &self,
        store: &Store,
        actor: &Actor,
        seed: [u8; 32],
    ) -> Result<(Signer, bool), KeyError> {
        match self.read() {
            Err(KeyError::None(path)) if store::any(store.records(), actor).await? => {
                Err(KeyError::Lost(path))
            }
            // Another process may be first; then its key holds.
            Err(KeyError::None(_)) => match self.make(seed) {
                Err(KeyError::Taken(_)) => Ok((self.read()?, false)),
                made => Ok((made?, true)),
            },
            read => Ok((read?, false)),
        }
    }

    /// The key there is.
    pub(crate) fn read(&self) -> Result<Signer, KeyError> {
        let text = match std::fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(KeyError::None(self.0.clone())),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(KeyError::Unreadable(self.0.clone()));
            }
            Err(error) => return Err(self.failed("read", error)),
        };
        self.refuse_if_open()?;
        let seed = text.strip_suffix('\n').and_then(|digits| digits.parse::<Hex<32>>().ok());
        seed.map(|seed| Signer::from_seed(seed.0)).ok_or_else(|| KeyError::Unreadable(self.0.clone()))
    }

    /// The fingerprint of the key there is.
    pub(crate) fn fingerprint(&self) -> Result<Fingerprint, KeyError> {
        self.read().map(|signer| signer.fingerprint())
    }

    /// Makes a key where there is none, whole or not at all.
    pub(crate) fn make(&self, seed: [u8; 32]) -> Result<Signer, KeyError> {
        let signer = Signer::from_seed(seed);
        let folder = self.0.parent().unwrap_or(Path::new("."));
        // Files made so are the owner's alone from the first moment on.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| self.failed("make", error))?;
        let written = writeln!(file, "{}", Hex(signer.seed())).and_then(|()| file.as_file().sync_all());
        written.map_err(|error| self.failed("write", error))?;
        match file.persist_noclobber(&self.0) {
            Ok(_) => Ok(signer),
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                Err(KeyError::Taken(self.0.clone()))
            }
            Err(error) => Err(self.failed("keep", error.error)),
        }
    }

    #[cfg(unix)]
    fn refuse_if_open(&self) -> Result<(), KeyError> {
        use std::os::unix::fs::PermissionsExt;
        let metadata = std::fs::metadata(&self.0).map_err(|error| self.failed("read", error))?;
        match metadata.permissions().mode() & 0o077 {
            0 => Ok(()),
            _ => Err(KeyError::Open(self.0.clone())),
        }
    }

    /// Elsewhere the data directory's own permissions decide.
    #[cfg(not(unix))]
    fn refuse_if_open(&self) -> Result<(), KeyError> {
        Ok(())
    }

    fn failed(&self, action: &'static str, cause: std::io::Error) -> KeyError {
        KeyError::Io { action, path: self.0.clone(), cause }
    }
}

/// Says what a new key is for.
pub(crate) fn announce(fingerprint: &Fingerprint) {
    eprintln!(
        "Made the key that signs numbers. Its fingerprint, by which others check receipts: {fingerprint}"
    );
}
