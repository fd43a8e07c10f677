//! Values as a receipt writes them: all of them text, each with one spelling.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// Bytes as lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hex<const BYTES: usize>(pub [u8; BYTES]);

/// A SHA-256 hash.
pub type Hash = Hex<32>;

impl Hash {
    /// The hash of bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Hash {
        Hex(Sha256::digest(bytes).into())
    }
}

impl<const BYTES: usize> fmt::Display for Hex<BYTES> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Text that is not so many bytes in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {} lower-case hexadecimal digits", 2 * .0)]
pub struct HexError(usize);

impl<const BYTES: usize> FromStr for Hex<BYTES> {
    type Err = HexError;

    fn from_str(text: &str) -> Result<Hex<BYTES>, HexError> {
        let refused = || HexError(BYTES);
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        let bytes: Vec<u8> = pairs.collect::<Option<_>>().ok_or_else(refused)?;
        bytes.try_into().map(Hex).map_err(|_| refused())
    }
}

/// An exact decimal without exponent or trailing zeros (domain 10.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digits(pub Decimal);

impl fmt::Display for Digits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(formatter)
    }
}

impl FromStr for Digits {
    type Err = rust_decimal::Error;

    fn from_str(text: &str) -> Result<Digits, rust_decimal::Error> {
        Decimal::from_str_exact(text).map(Digits)
    }
}

/// An instant in UTC to the microsecond (domain 10.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub Timestamp);

impl Instant {
    /// The instant, cut to the microsecond.
    #[must_use]
    pub fn of(instant: Timestamp) -> Instant {
        Instant(Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").fmt(formatter)
    }
}

impl FromStr for Instant {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Instant, jiff::Error> {
        text.parse().map(Instant)
    }
}

/// Writes a value as text and reads it back, for `#[serde(with)]`.
pub(super) mod as_text {
    use super::*;

    pub(in super::super) fn serialize<T: fmt::Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(in super::super) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|error| serde::de::Error::custom(format!("`{text}`: {error}")))
    }
}

/// The same for a value that may be absent; absent is no member, never null.
pub(super) mod as_optional_text {
    use super::*;

    pub(in super::super) fn serialize<T: fmt::Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: fmt::Display>,
        D: Deserializer<'de>,
    {
        as_text::deserialize(deserializer).map(Some)
    }
}

macro_rules! written_as_text {
    ($($kind:ty)*) => { $(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                as_text::serialize(self, serializer)
            }
        }
        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                as_text::deserialize(deserializer)
            }
        }
    )* };
}

written_as_text!(Hex<32> Hex<64> Digits Instant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_and_an_instant_have_one_spelling() {
        let digits: Digits = "300.500000".parse().expect("decimal");
        assert_eq!(digits.to_string(), "300.5");
        assert!("3e2".parse::<Digits>().is_err());
        let instant: Timestamp = "2026-03-31T22:30:00.1234567Z".parse().expect("instant");
        assert_eq!(Instant::of(instant).to_string(), "2026-03-31T22:30:00.123456Z");
        assert_eq!(Instant::of(Timestamp::UNIX_EPOCH).to_string(), "1970-01-01T00:00:00.000000Z");
    }

    #[test]
    fn a_hash_is_read_as_it_is_written_and_no_other_way() {
        let hash = Hash::of(b"");
        let text = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash.to_string(), text);
        assert_eq!(text.parse(), Ok(hash));
        for wrong in
            ["", "e3", &text.to_uppercase(), &text[1..], &format!("{text}00"), &text.replace('e', "é")]
        {
            assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
        }
    }
}
