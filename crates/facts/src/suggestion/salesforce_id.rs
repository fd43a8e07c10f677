//! Identifiers of Salesforce: 15 characters, whose letter case counts, and in exports three more behind
//! them that say where the capitals are.

/// Characters that identify.
const IDENTIFYING: usize = 15;
/// What the positions of capitals among five characters are written as.
const CAPITALS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// The 15 characters of an identifier with 18, if the last three belong to the others.
pub(super) fn short(text: &str) -> Option<&str> {
    let is_id = text.len() == IDENTIFYING + 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let (short, behind) = text.split_at_checked(IDENTIFYING).filter(|_| is_id)?;
    let fives = short.as_bytes().chunks(5);
    let capitals = fives.map(|five| {
        let position =
            five.iter().rev().fold(0, |bits, byte| bits << 1 | usize::from(byte.is_ascii_uppercase()));
        CAPITALS[position]
    });
    capitals.eq(behind.bytes()).then_some(short)
}

/// Whether a text can be an identifier of 15 characters.
pub(super) fn is_short(text: &str) -> bool {
    text.len() == IDENTIFYING && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_characters_say_where_the_capitals_are() {
        assert_eq!(short("006Ho00001AbCdEIAV"), Some("006Ho00001AbCdE"));
        assert_eq!(short("00QHo000003NnOoMAK"), Some("00QHo000003NnOo"));
        assert_eq!(short("006Ho00001AbCdEIAX"), None);
        assert_eq!(short("006Ho00001AbCdE"), None);
        assert_eq!(short("123456789012345678"), None);
        assert!(is_short("006Ho00001AbCdE") && !is_short("006Ho00001AbCd-"));
    }
}
