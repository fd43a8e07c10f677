//! Passwords: what makes one good enough, and Argon2id.
//!
//! Length is what counts, as NIST SP 800-63B has it: no rules about kinds of letters, but no password
//! that is tried first. Hashing takes memory on purpose, so only a few are computed at once.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Letters a password has at least.
pub(super) const LETTERS_AT_LEAST: usize = 12;
/// Letters it has at most: more is a way to keep the server busy.
const LETTERS_AT_MOST: usize = 256;
/// Hashes computed at once, of 19 MiB each.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Words that passwords tried first are made of. What is left of a password without digits, signs
/// and repetitions must not be one of these, whatever it is dressed up with.
const TRIED_FIRST: [&str; 64] = [
    "password",
    "passwort",
    "passphrase",
    "motdepasse",
    "contrasena",
    "qwerty",
    "qwertyuiop",
    "qwertz",
    "qwertzuiop",
    "azerty",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "qazwsxedc",
    "abcdefgh",
    "abcdefghijkl",
    "abcdefghijklmnop",
    "letmein",
    "iloveyou",
    "welcome",
    "willkommen",
    "admin",
    "administrator",
    "root",
    "master",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "superman",
    "batman",
    "princess",
    "sunshine",
    "trustno",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "company",
    "secret",
    "geheim",
    "changeme",
    "default",
    "temporary",
    "testtest",
    "test",
    "guest",
    "hello",
    "hallo",
    "summer",
    "winter",
    "spring",
    "autumn",
    "sommer",
    "january",
    "february",
    "march",
    "april",
    "october",
    "november",
    "december",
    "attain",
    "sales",
    "salesforce",
];

/// Why a password is not taken, in words for whoever chose it; nothing if it is good enough.
/// `known` are words others know about them: name and address.
pub(super) fn flaw(password: &str, known: &[&str]) -> Option<String> {
    let letters = password.chars().count();
    if letters < LETTERS_AT_LEAST {
        return Some(format!(
            "It has {letters} characters; use at least {LETTERS_AT_LEAST}. A few unrelated words are easy to remember."
        ));
    }
    if letters > LETTERS_AT_MOST {
        return Some(format!("It has more than {LETTERS_AT_MOST} characters."));
    }
    let core = core(password);
    let distinct: std::collections::BTreeSet<char> = password.to_lowercase().chars().collect();
    if distinct.len() < 5 || core.is_empty() || TRIED_FIRST.iter().any(|word| is_made_of(&core, word)) {
        return Some(
            "It is among the passwords that are tried first, or made of one. Use a few unrelated words."
                .to_owned(),
        );
    }
    let is_known = |word: &&&str| word.chars().count() >= 3 && is_made_of(&core, &self::core(word));
    known.iter().find(is_known).map(|_| {
        "It is made of your name or address, which others know. Use a few unrelated words.".to_owned()
    })
}

/// The letters of a password, read as they are meant: `P@ssw0rd` is *password*.
fn core(text: &str) -> String {
    let meant = |letter: char| match letter {
        '@' | '4' => Some('a'),
        '0' => Some('o'),
        '3' => Some('e'),
        '$' | '5' => Some('s'),
        '1' | '!' => Some('i'),
        letter if letter.is_alphabetic() => Some(letter),
        _ => None,
    };
    // What stands before and after the word are years and signs, not letters in disguise.
    let word = text.trim_matches(|letter: char| !letter.is_alphabetic());
    word.to_lowercase().chars().filter_map(meant).collect()
}

/// Whether nothing is left of a text once a word is taken out of it.
fn is_made_of(text: &str, word: &str) -> bool {
    !word.is_empty() && text.contains(word) && text.replace(word, "").chars().count() < 4
}

/// The hash that is kept.
pub(super) async fn hashed(password: String) -> anyhow::Result<String> {
    let _turn = AT_ONCE.acquire().await?;
    let hashed = spawn_blocking(move || Argon2::default().hash_password(password.as_bytes())).await?;
    Ok(hashed.map_err(|error| anyhow::anyhow!("{error}"))?.to_string())
}

/// Whether a password is the one of a hash. Where there is no hash as much is computed, so that the
/// time an answer takes does not tell whether there is an account.
pub(super) async fn is_right(password: String, hash: Option<String>) -> anyhow::Result<bool> {
    let _turn = AT_ONCE.acquire().await?;
    let checked = spawn_blocking(move || match hash.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => Argon2::default().verify_password(password.as_bytes(), &hash).is_ok(),
        Some(Err(_)) | None => {
            let _ = Argon2::default().hash_password(password.as_bytes());
            false
        }
    });
    Ok(checked.await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_words_are_good_enough() {
        for password in
            ["correct horse battery staple", "zwölf Boxkämpfer jagen", "mK7#pL2$vN9@", "river-anvil-lantern"]
        {
            assert_eq!(flaw(password, &["Ada Lovelace", "ada@example.com"]), None, "{password}");
        }
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "short",
            "password1234",
            "P@ssw0rd2026!",
            "Summer2026!!!",
            "123456789012",
            "aaaaaaaaaaaa",
            "qwertyuiop123",
            "Welcome-2026-!",
            "passwordpassword",
        ] {
            assert!(flaw(password, &[]).is_some(), "{password}");
        }
    }

    #[test]
    fn ones_own_name_is_refused() {
        assert!(flaw("Lovelace-1815!", &["Lovelace"]).is_some());
        assert!(flaw("ada.lovelace@1", &["Ada Lovelace", "ada.lovelace"]).is_some());
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let hash = hashed("river-anvil-lantern".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        for (password, right) in [("river-anvil-lantern", true), ("river-anvil-lanterN", false), ("", false)]
        {
            assert_eq!(is_right(password.to_owned(), Some(hash.clone())).await.expect("checked"), right);
        }
        assert!(!is_right("anything at all".to_owned(), None).await.expect("checked"));
    }
}
