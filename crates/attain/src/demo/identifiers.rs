//! Identifiers in the CRM's form: 15 characters in which letter case counts, and three more that
//! say which of them are capital letters, for programs that lose case.

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CHECK: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

/// Characters that name the company's instance of the CRM.
const INSTANCE: &str = "Nv0000";

/// Where numbering starts, so that identifiers look like those of a system in use.
const FIRST: usize = 3_918_204;

/// A kind of object, which every identifier starts with.
#[derive(Clone, Copy)]
pub(super) enum Object {
    User,
    Account,
    Product,
    Opportunity,
    Lead,
    Activity,
    Territory,
    Quota,
    Invoice,
    Subscription,
}

impl Object {
    fn prefix(self) -> &'static str {
        match self {
            Object::User => "005",
            Object::Account => "001",
            Object::Product => "01t",
            Object::Opportunity => "006",
            Object::Lead => "00Q",
            Object::Activity => "00T",
            Object::Territory => "0MI",
            Object::Quota => "a0Q",
            Object::Invoice => "a0V",
            Object::Subscription => "a0S",
        }
    }
}

/// The identifier of the object at a position of its list.
pub(super) fn identifier(object: Object, position: usize) -> String {
    let mut number = FIRST + position * 7;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[number % DIGITS.len()];
        number /= DIGITS.len();
    }
    let mut text = format!("{}{INSTANCE}", object.prefix());
    text.extend(digits.map(char::from));
    let check = check(&text);
    text + &check
}

/// One character for each five: bit `n` is set where the `n`th of them is a capital letter.
fn check(text: &str) -> String {
    let capitals = |five: &[u8]| {
        five.iter()
            .enumerate()
            .filter(|(_, byte)| byte.is_ascii_uppercase())
            .map(|(place, _)| 1 << place)
            .sum::<usize>()
    };
    text.as_bytes().chunks(5).map(|five| char::from(CHECK[capitals(five)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_three_characters_tell_where_capitals_stand() {
        assert_eq!(check("abcdefghijklmno"), "AAA");
        assert_eq!(check("AbcdeABCDEabcdE"), "B5Q");
    }

    #[test]
    fn identifiers_have_18_characters_and_differ() {
        let (first, second) = (identifier(Object::User, 0), identifier(Object::User, 1));
        assert_eq!(first.len(), 18);
        assert!(first.starts_with("005") && first != second);
    }
}
