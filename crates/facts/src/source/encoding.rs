//! Text encodings: which one a file is in, and its bytes as UTF-8. What does not decode stays
//! recognisable and is never replaced ([`super::misread`]); between encodings that both fit nobody
//! chooses but the mapping.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read};

use encoding_rs::{DecoderResult, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::misread::stand_in;

/// Bytes decoded at once.
const BUFFER_BYTES: usize = 1 << 16;
/// Room that decoding needs to get on.
const ROOM_BYTES: usize = 32;
/// Bytes of the previous reading that are kept: no encoding has longer characters.
const KEPT_BYTES: usize = 8;

/// A text encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    encoding: &'static encoding_rs::Encoding,
    /// ISO 8859-1 proper: as Windows-1252, whose additional characters it lacks.
    is_latin_1: bool,
}

impl Encoding {
    pub(crate) const UTF_8: Encoding = Encoding { encoding: UTF_8, is_latin_1: false };
    const UTF_16LE: Encoding = Encoding { encoding: UTF_16LE, is_latin_1: false };
    const UTF_16BE: Encoding = Encoding { encoding: UTF_16BE, is_latin_1: false };

    /// The encoding that a mapping names.
    pub(crate) fn from_name(name: &str) -> Option<Encoding> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "latin-1" | "latin1" | "iso-8859-1" => {
                Some(Encoding { encoding: WINDOWS_1252, is_latin_1: true })
            }
            label => {
                let encoding = encoding_rs::Encoding::for_label(label.as_bytes())?;
                Some(Encoding { encoding, is_latin_1: false })
            }
        }
    }

    /// The encoding that shows in a text's first bytes: a byte order mark, or a NUL in every other
    /// byte.
    pub(super) fn shown_by(start: &[u8]) -> Option<Encoding> {
        if let Some((encoding, _)) = encoding_rs::Encoding::for_bom(start) {
            return Some(Encoding { encoding, is_latin_1: false });
        }
        let nul_share = |first: usize| {
            let units = start.len() / 2;
            let nuls = start.iter().skip(first).step_by(2).take(units).filter(|byte| **byte == 0).count();
            (units > 0).then(|| nuls as f64 / units as f64)
        };
        match (nul_share(0)?, nul_share(1)?) {
            (even, odd) if odd > 0.4 && even < 0.1 => Some(Encoding::UTF_16LE),
            (even, odd) if even > 0.4 && odd < 0.1 => Some(Encoding::UTF_16BE),
            _ => None,
        }
    }

    /// The text that bytes stand for, as far as they can be read.
    pub(super) fn lossy(self, bytes: &[u8]) -> String {
        self.encoding.decode_with_bom_removal(bytes).0.into_owned()
    }

    /// The text of bytes, all of which must be text.
    pub(super) fn strictly(self, bytes: &[u8]) -> Option<String> {
        let text = self.encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
        text.chars().all(|character| self.byte_without_text(character).is_none()).then(|| text.into_owned())
    }

    /// The byte behind a character that a single-byte encoding does not have: Windows-1252 and its
    /// like make control characters of such bytes, and Latin-1 lacks what Windows-1252 adds.
    fn byte_without_text(self, character: char) -> Option<u8> {
        let is_control = ('\u{80}'..'\u{a0}').contains(&character);
        let is_added = self.is_latin_1 && character > '\u{ff}';
        if !self.encoding.is_single_byte() || !(is_control || is_added) {
            return None;
        }
        self.encoding.encode(character.encode_utf8(&mut [0; 4])).0.first().copied()
    }

    /// What a text of this encoding reads as in UTF-8, if all of it does and it makes a difference:
    /// `FÃ¼ller` is `Füller`.
    pub(super) fn twice_encoded(self, text: &str) -> Option<String> {
        if !self.encoding.is_single_byte() || text.is_ascii() {
            return None;
        }
        let (bytes, _, has_unmappable) = self.encoding.encode(text);
        if has_unmappable {
            return None;
        }
        std::str::from_utf8(&bytes).ok().map(str::to_owned)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.encoding.name() {
            _ if self.is_latin_1 => formatter.write_str("Latin-1"),
            "UTF-16LE" | "UTF-16BE" => formatter.write_str("UTF-16"),
            "macintosh" => formatter.write_str("Mac Roman"),
            name => match name.strip_prefix("windows-") {
                Some(page) => write!(formatter, "Windows-{page}"),
                None => formatter.write_str(name),
            },
        }
    }
}

/// A reader that turns text of any encoding into UTF-8.
pub(super) struct Decoder<R> {
    inner: R,
    encoding: Encoding,
    decoder: encoding_rs::Decoder,
    /// Bytes read, behind the last ones that were decoded before.
    input: Vec<u8>,
    start: usize,
    end: usize,
    is_at_end: bool,
    is_finished: bool,
    /// Decoded text for which the reader had no room.
    pending: VecDeque<u8>,
}

impl<R: Read> Decoder<R> {
    pub(super) fn new(inner: R, encoding: Encoding) -> Decoder<R> {
        Decoder {
            inner,
            encoding,
            decoder: encoding.encoding.new_decoder_with_bom_removal(),
            input: vec![0; KEPT_BYTES + BUFFER_BYTES],
            start: 0,
            end: 0,
            is_at_end: false,
            is_finished: false,
            pending: VecDeque::new(),
        }
    }

    pub(super) fn inner(&self) -> &R {
        &self.inner
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start == self.end && !self.is_at_end {
            let kept = self.end.min(KEPT_BYTES);
            self.input.copy_within(self.end - kept..self.end, 0);
            let read = self.inner.read(&mut self.input[kept..kept + BUFFER_BYTES])?;
            (self.start, self.end) = (kept, kept + read);
            self.is_at_end = read == 0;
        }
        Ok(())
    }

    fn push_stand_in(&mut self, byte: u8) {
        for character in stand_in(byte) {
            self.pending.extend(character.encode_utf8(&mut [0; 4]).bytes());
        }
    }

    /// Bytes that a single-byte encoding does not have come out as control characters: the text
    /// from the first of them on, with what stands for them.
    fn set_aside(&mut self, text: &[u8]) {
        let Ok(text) = std::str::from_utf8(text) else { return };
        for character in text.chars() {
            match self.encoding.byte_without_text(character) {
                Some(byte) => self.push_stand_in(byte),
                None => self.pending.extend(character.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
    }

    /// Where in a decoded text the first character is that stands for no text.
    fn first_without_text(&self, text: &[u8]) -> Option<usize> {
        if !self.encoding.encoding.is_single_byte() || text.is_ascii() {
            return None;
        }
        let mut characters = std::str::from_utf8(text).ok()?.char_indices();
        characters.find_map(|(at, character)| self.encoding.byte_without_text(character).map(|_| at))
    }
}

impl<R: Read> Read for Decoder<R> {
    /// What does not decode comes out as [`stand_in`]s for its bytes.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.pending.is_empty() {
                return self.pending.read(buffer);
            }
            if self.is_finished {
                return Ok(0);
            }
            self.fill()?;
            let mut roomy = [0; ROOM_BYTES];
            let is_narrow = buffer.len() < ROOM_BYTES;
            let decoded = if is_narrow { roomy.as_mut_slice() } else { &mut *buffer };
            let input = &self.input[self.start..self.end];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(input, decoded, self.is_at_end);
            self.start += read;
            let mut good = self.first_without_text(&decoded[..written]).unwrap_or(written);
            if is_narrow {
                self.pending.extend(&decoded[..good]);
            }
            self.set_aside(&decoded[good..written]);
            if is_narrow {
                good = 0;
            }
            match result {
                DecoderResult::InputEmpty => self.is_finished = self.is_at_end,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(length, behind) => {
                    let to = self.start.saturating_sub(usize::from(behind));
                    let from = to.saturating_sub(usize::from(length));
                    for position in from..to {
                        self.push_stand_in(self.input[position]);
                    }
                }
            }
            if good > 0 {
                return Ok(good);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::misread::{bytes_behind, stands_in};
    use super::*;

    fn decode(name: &str, bytes: &[u8]) -> String {
        let encoding = Encoding::from_name(name).expect("an encoding");
        let mut text = String::new();
        Decoder::new(bytes, encoding).read_to_string(&mut text).expect("UTF-8");
        text
    }

    #[test]
    fn text_is_read_in_the_encoding_that_is_named() {
        assert_eq!(decode("utf-8", b"\xEF\xBB\xBFF\xC3\xBCller"), "Füller");
        assert_eq!(decode("windows-1252", b"F\xFCller 5 \x80"), "Füller 5 €");
        assert_eq!(decode("latin-1", b"F\xFCller"), "Füller");
        assert_eq!(decode("utf-16", b"\xFF\xFEF\0\xFC\0"), "Fü");
    }

    #[test]
    fn bytes_that_do_not_decode_stay_recognisable_among_what_does() {
        let byte = |byte: u8| stand_in(byte).into_iter().collect::<String>();
        assert_eq!(decode("utf-8", b"id\nF\xFCller, Jos\xC3\xA9"), format!("id\nF{}ller, José", byte(0xFC)));
        assert_eq!(
            decode("windows-1252", b"a\x81\xFC"),
            format!("a{}ü", byte(0x81)),
            "Windows-1252 has no 81"
        );
        assert_eq!(
            decode("latin-1", b"5 \x80."),
            format!("5 {}.", byte(0x80)),
            "the euro sign is not Latin-1"
        );
        assert_eq!(decode("utf-8", b"Jos\xC3"), format!("Jos{}", byte(0xC3)), "cut off");
        let half = decode("utf-16", b"\xFF\xFEa\0\x00\xD8b\0");
        assert_eq!(half, format!("a{}{}b", byte(0), byte(0xD8)), "half a character");
    }

    #[test]
    fn utf_16_shows_without_a_byte_order_mark() {
        let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(Encoding::shown_by(&units("id,name\n1,Füller")), Some(Encoding::UTF_16LE));
        assert_eq!(Encoding::shown_by(b"id,name\n"), None);
        assert_eq!(Encoding::shown_by(b"\xEF\xBB\xBFid"), Some(Encoding::UTF_8));
    }

    struct Slowly<'b>(&'b [u8], usize);
    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    proptest! {
        /// Whatever the chunks in which bytes arrive.
        #[test]
        fn any_text_comes_back(text in "[a-zäöüßé€\\n,]{0,60}", step in 1usize..7) {
            let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let windows = WINDOWS_1252.encode(&text).0.into_owned();
            for (name, bytes) in [("utf-8", text.as_bytes()), ("utf-16be", &utf_16), ("windows-1252", &windows)] {
                let mut read = String::new();
                let encoding = Encoding::from_name(name).expect("an encoding");
                Decoder::new(Slowly(bytes, step), encoding).read_to_string(&mut read).expect("text");
                prop_assert_eq!(&read, &text);
            }
        }

        /// No byte is lost, wherever it stands.
        #[test]
        fn any_bytes_come_back(bytes in proptest::collection::vec(byte(), 0..60), step in 1usize..7) {
            prop_assume!(!String::from_utf8_lossy(&bytes).contains(stands_in));
            let mut read = String::new();
            Decoder::new(Slowly(&bytes, step), Encoding::UTF_8).read_to_string(&mut read).expect("text");
            let without_mark = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
            prop_assert_eq!(bytes_behind(&read), without_mark);
        }
    }

    /// Bytes of which many begin, go on with or break off a character.
    fn byte() -> impl Strategy<Value = u8> {
        prop_oneof![
            any::<u8>(),
            proptest::sample::select(b"a\xC3\xA9\xE2\x82\xAC\xEF\xBB\xBF\xBD\xF0\x9F".to_vec())
        ]
    }
}
