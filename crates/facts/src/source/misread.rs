//! Bytes that are no text. They travel through a record as two noncharacters each, which no text
//! holds, so that no line is lost for one of them, nothing is replaced silently, and a row that is
//! handed back uncorrected is rejected again.

use std::fmt::Write;

use super::encoding::Encoding;
use crate::reject::Reason;

/// Stand for the first and second half of a byte.
const HALVES: [u32; 2] = [0xFDD0, 0xFDE0];
/// Single-byte encodings that exports of European systems are met in.
const CANDIDATES: [&str; 4] = ["windows-1252", "windows-1250", "windows-1251", "macintosh"];

/// The characters that stand for a byte.
pub(super) fn stand_in(byte: u8) -> [char; 2] {
    let half =
        |base: u32, half: u8| char::from_u32(base + u32::from(half)).unwrap_or(char::REPLACEMENT_CHARACTER);
    [half(HALVES[0], byte >> 4), half(HALVES[1], byte & 0xF)]
}

/// A text for people: one replacement character for each byte that is no text.
pub(crate) fn visible(character: char) -> Option<char> {
    match (is_half(character, 0), is_half(character, 1)) {
        (Some(_), _) => Some(char::REPLACEMENT_CHARACTER),
        (_, Some(_)) => None,
        _ => Some(character),
    }
}

/// Why a text read in an encoding is not what was meant, if it is not.
pub(super) fn misread(text: &str, encoding: Encoding) -> Option<Reason> {
    if text.is_ascii() {
        return None;
    }
    if text.chars().any(stands_in) {
        return Some(Reason::Encoding { problem: no_text(text, encoding) });
    }
    let meant = encoding.twice_encoded(text)?;
    let problem = format!(
        "is read in {encoding}, as the mapping says, but would be `{}` in UTF-8; write `encoding: utf-8` in the mapping, or correct this place if the file mixes encodings",
        meant.trim()
    );
    Some(Reason::Encoding { problem })
}

fn no_text(text: &str, encoding: Encoding) -> String {
    if encoding != Encoding::UTF_8 {
        return format!(
            "is no {encoding} text, as the mapping or the start of the file says; correct the `encoding` in the mapping, or this place"
        );
    }
    let bytes = word(text);
    let mut readings: Vec<(String, Vec<String>)> = Vec::new();
    for candidate in CANDIDATES.into_iter().filter_map(Encoding::from_name) {
        let Some(reading) = candidate.strictly(&bytes) else { continue };
        match readings.iter_mut().find(|(known, _)| *known == reading) {
            Some((_, names)) => names.push(candidate.to_string()),
            None => readings.push((reading, vec![candidate.to_string()])),
        }
    }
    let mut problem = "is not UTF-8 text".to_owned();
    for (number, (reading, names)) in readings.iter().enumerate() {
        let separator = if number == 0 { "; it would be" } else { "," };
        // Writing to a text cannot fail.
        let _ = write!(problem, "{separator} `{reading}` in {}", names.join(" and "));
    }
    problem
        + ". Say which it is in the mapping, as in `format: { encoding: windows-1252 }`, or correct this place if the file mixes encodings"
}

/// The bytes of the first word that has some that are no text.
fn word(text: &str) -> Vec<u8> {
    let ends_word = |character: char| character.is_ascii() && !character.is_ascii_alphanumeric();
    let has_bytes = |word: &&str| word.chars().any(|character| is_half(character, 0).is_some());
    bytes_behind(text.split(ends_word).find(has_bytes).unwrap_or_default())
}

/// Whether a character stands for half a byte. A file that holds one of these noncharacters itself
/// is no better than one with bytes that are no text: neither may be exchanged.
pub(super) fn stands_in(character: char) -> bool {
    is_half(character, 0).is_some() || is_half(character, 1).is_some()
}

/// The bytes that a text was read from, where it was read as UTF-8.
pub(super) fn bytes_behind(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut first = 0;
    for character in text.chars() {
        match (is_half(character, 0), is_half(character, 1)) {
            (Some(half), _) => first = half << 4,
            (_, Some(half)) => bytes.push(first | half),
            _ => bytes.extend(character.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}

fn is_half(character: char, which: usize) -> Option<u8> {
    let half = u32::from(character).checked_sub(HALVES[which])?;
    u8::try_from(half).ok().filter(|half| *half < 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        bytes
            .iter()
            .flat_map(|byte| if byte.is_ascii() { vec![char::from(*byte)] } else { stand_in(*byte).to_vec() })
            .collect()
    }

    fn said(text: &str, encoding: &str) -> Option<String> {
        misread(text, Encoding::from_name(encoding).expect("an encoding")).map(|reason| reason.to_string())
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_in_the_encodings_that_they_may_be_in() {
        let reason = said(&text(b"Hans F\xFCller GmbH"), "utf-8").expect("no text");
        assert!(
            reason.contains(
                "`Füller` in Windows-1252 and Windows-1250, `Fьller` in Windows-1251, `F¸ller` in Mac Roman"
            ),
            "{reason}"
        );
        assert!(reason.contains("`format: { encoding: windows-1252 }`"), "{reason}");
        assert_eq!(said("Hans Füller", "utf-8"), None);
        assert!(said("Hans \u{fdef}", "utf-8").is_some(), "a noncharacter is no text");
        assert_eq!(text(b"F\xFC").chars().filter_map(visible).collect::<String>(), "F\u{fffd}");
    }

    #[test]
    fn utf_8_read_as_something_else_is_noticed() {
        let reason = said("FÃ¼ller", "windows-1252").expect("misread");
        assert!(reason.contains("would be `Füller` in UTF-8"), "{reason}");
        assert_eq!(said("Füller", "windows-1252"), None);
        assert_eq!(said("FÃ¼ller", "utf-8"), None);
    }
}
