//! Secrets that are handed out once and recognised by their hash: sessions, links, tokens.

use sha2::{Digest, Sha256};

/// 256 bits of chance. Only its hash is kept, so that who reads the records cannot use it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// A new one.
    pub(crate) fn new() -> Secret {
        let bytes: [u8; 32] = rand::random();
        Secret(hex(&bytes))
    }

    /// One that somebody shows; whether it is known, its hash says.
    pub(crate) fn shown(text: &str) -> Secret {
        Secret(text.to_owned())
    }

    /// The text to hand out.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

/// Never printed by accident.
impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
