//! Signed numbers: a receipt is a small file that says what a number was, what it was computed
//! from and what was known then, and whose signature and arithmetic anybody can check (features
//! B4).
//!
//! A [`Statement`] is what is said of a number; a [`Signer`] makes it a [`Receipt`]. A receipt is
//! read back only from exactly the bytes it is written as, so that any changed byte fails, and
//! [`Receipt::deviations`] lists what is wrong with it. Two statements about one number, of then
//! and of now, differ by [`Statement::differences`], their rows by [`between`]. Everything here is
//! pure: no clock, no chance, no files; keeping receipts and keys is the program's.

mod arithmetic;
mod between;
mod canonical;
mod definition;
mod deviation;
mod key;
mod sides;
mod statement;
mod text;

use serde::{Deserialize, Serialize};

pub use between::{RowChange, between};
pub use definition::meaning;
pub use deviation::{Deviation, Figure};
pub use key::{Fingerprint, FingerprintError, PublicKey, Signer};
pub use sides::{RowsStated, Side};
pub use statement::{
    AsOfStated, CalendarStated, CompanyStated, Difference, FormulaKind, MetricStated, Outcome, PartStated,
    PeriodStated, Signing, Statement, SubjectStated,
};
pub use text::{Digits, Hash, Hex, HexError, Instant};

/// The format this program writes and reads.
pub const FORMAT: &str = "attain-receipt/1";

/// More than any receipt needs; nothing larger is read.
pub const BYTES_MAX: usize = 1_000_000;

/// A signed number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    format: String,
    key: KeyStated,
    statement: Statement,
    signature: Hex<64>,
}

/// The key a receipt was signed with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyStated {
    fingerprint: Fingerprint,
    public: PublicKey,
}

/// Why a file is no receipt this program can judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Far too large.
    #[error("it has more than {BYTES_MAX} bytes; a receipt has a few thousand")]
    TooLarge,
    /// Not text.
    #[error("it is not a text file: byte {0} is not UTF-8")]
    NotText(usize),
    /// Not JSON, or not the members and values a receipt has.
    #[error("it does not read as a receipt: {0}")]
    Unreadable(String),
    /// Another program's file, or a later version's.
    #[error("its format is `{0}`; this program reads `{FORMAT}`. Check it with the program that made it")]
    Format(String),
    /// The content reads, but is not written as receipts are.
    #[error(
        "it was changed after it was written: line {0} is not as a receipt of this content is written. Ask for the file again"
    )]
    Altered(usize),
}

impl Receipt {
    /// Signs a statement.
    ///
    /// # Errors
    /// When the statement contradicts itself, which no number of the catalogue may.
    pub fn sign(statement: Statement, signer: &Signer) -> Result<Receipt, Vec<Deviation>> {
        let key = KeyStated { fingerprint: signer.fingerprint(), public: signer.public_key() };
        let unsigned = Receipt { format: FORMAT.to_owned(), key, statement, signature: Hex([0; 64]) };
        let signature = signer.sign(unsigned.signed_text().as_bytes());
        let receipt = Receipt { signature, ..unsigned };
        match receipt.deviations(&signer.fingerprint()) {
            found if found.is_empty() => Ok(receipt),
            found => Err(found),
        }
    }

    /// Reads a receipt from exactly the bytes [`Receipt::text`] writes.
    ///
    /// # Errors
    /// When the bytes are anything else. The signature is not judged here.
    pub fn read(bytes: &[u8]) -> Result<Receipt, ReceiptError> {
        if bytes.len() > BYTES_MAX {
            return Err(ReceiptError::TooLarge);
        }
        let text =
            std::str::from_utf8(bytes).map_err(|error| ReceiptError::NotText(error.valid_up_to() + 1))?;
        let unreadable = |error: serde_json::Error| ReceiptError::Unreadable(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(unreadable)?;
        if head.format != FORMAT {
            return Err(ReceiptError::Format(head.format.chars().take(100).collect()));
        }
        let receipt: Receipt = serde_json::from_str(text).map_err(unreadable)?;
        match first_difference(text, &receipt.text()) {
            Some(line) => Err(ReceiptError::Altered(line)),
            None => Ok(receipt),
        }
    }

    /// The file: JSON that people can read, members by name, one value a line.
    #[must_use]
    pub fn text(&self) -> String {
        canonical::pretty(&self.value())
    }

    /// What is signed: the RFC 8785 text of everything but the signature.
    #[must_use]
    pub fn signed_text(&self) -> String {
        let mut value = self.value();
        if let Some(members) = value.as_object_mut() {
            members.remove("signature");
        }
        canonical::compact(&value)
    }

    fn value(&self) -> serde_json::Value {
        // Text under text names, which JSON can always hold.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What it says.
    #[must_use]
    pub fn statement(&self) -> &Statement {
        &self.statement
    }

    /// The key it says it was signed with.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.key.fingerprint
    }

    /// What is wrong with it for one who trusts the key of that fingerprint; nothing if it holds.
    #[must_use]
    pub fn deviations(&self, trusted: &Fingerprint) -> Vec<Deviation> {
        let mut found = Vec::new();
        if self.key.fingerprint != *trusted {
            found.push(Deviation::OtherKey { trusted: *trusted, found: self.key.fingerprint });
        }
        if Fingerprint::of(&self.key.public) != self.key.fingerprint {
            found.push(Deviation::Fingerprint);
        }
        if !key::is_signed(&self.key.public, self.signed_text().as_bytes(), &self.signature) {
            found.push(Deviation::Signature);
        }
        found.extend(self.statement.contradictions());
        found
    }
}

/// Just enough of a file to know its format.
#[derive(Deserialize)]
struct Head {
    format: String,
}

/// The first line in which two texts differ, counted from 1.
fn first_difference(found: &str, right: &str) -> Option<usize> {
    if found == right {
        return None;
    }
    let same = found.split('\n').zip(right.split('\n')).take_while(|(found, right)| found == right);
    Some(same.count() + 1)
}

#[cfg(test)]
mod tests;
