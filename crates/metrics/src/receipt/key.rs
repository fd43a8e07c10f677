//! The key a server signs with, and the fingerprint by which others know it.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text::{Hash, Hex, as_text};

/// A private Ed25519 key. It has no text of its own, so that no log shows it.
#[derive(Clone)]
pub struct Signer(SigningKey);

impl Signer {
    /// The key that grows from 32 random bytes.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Signer {
        Signer(SigningKey::from_bytes(&seed))
    }

    /// The bytes it grew from, to be kept where only the owner can read them.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        Hex(self.0.verifying_key().to_bytes())
    }

    /// What others compare.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.public_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> Hex<64> {
        Hex(self.0.sign(message).to_bytes())
    }
}

/// A public Ed25519 key.
pub type PublicKey = Hex<32>;

/// Whether a message was signed by the owner of a key.
pub(super) fn is_signed(key: &PublicKey, message: &[u8], signature: &Hex<64>) -> bool {
    VerifyingKey::from_bytes(&key.0)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(&signature.0)).is_ok())
}

/// SHA-256 of a public key, written `SHA256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(Hash);

impl Fingerprint {
    /// The fingerprint of a public key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Fingerprint {
        Fingerprint(Hash::of(&key.0))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SHA256:{}", self.0)
    }
}

/// Text that is no fingerprint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a fingerprint; it is `SHA256:` and 64 digits from 0 to f, as `attain key` prints it")]
pub struct FingerprintError(String);

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Fingerprint, FingerprintError> {
        let digits = text.strip_prefix("SHA256:").and_then(|digits| digits.parse().ok());
        digits.map(Fingerprint).ok_or_else(|| FingerprintError(text.chars().take(100).collect()))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        as_text::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fingerprint, D::Error> {
        as_text::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 1.
    #[test]
    fn a_message_is_signed_as_the_standard_has_it() {
        let seed: Hex<32> =
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60".parse().expect("a seed");
        let signer = Signer::from_seed(seed.0);
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(signer.public_key().to_string(), public);
        let signature = signer.sign(b"");
        assert_eq!(
            signature.to_string(),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        );
        assert!(is_signed(&signer.public_key(), b"", &signature));
        assert!(!is_signed(&signer.public_key(), b"more", &signature));
    }

    #[test]
    fn a_fingerprint_that_does_not_read_says_what_one_looks_like() {
        let fingerprint = Signer::from_seed([7; 32]).fingerprint();
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        let refused = "sha256:00".parse::<Fingerprint>().expect_err("refused").to_string();
        assert!(
            refused.contains("`sha256:00` is not a fingerprint") && refused.contains("attain key"),
            "{refused}"
        );
    }
}
