//! The words of an expression, each with its place.

use rust_decimal::Decimal;

use super::Wrong;

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name without marks around it: a column, a function or a word of the grammar.
    Name(String),
    /// A column's name in double quotation marks or back quotes.
    Quoted(String),
    Text(String),
    Number(Decimal),
    /// An operator or a bracket.
    Mark(&'static str),
}

/// A word and how many characters stand before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) word: Word,
    pub(super) at: usize,
}

/// Longer ones first, so that `<=` is not read as `<`.
const MARKS: [&str; 17] =
    ["<=", ">=", "<>", "!=", "||", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", ",", "."];

/// The words of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let characters: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at).copied() {
        if character.is_whitespace() {
            at += 1;
            continue;
        }
        let (word, length) = word(&characters[at..], at)?;
        tokens.push(Token { word, at });
        at += length;
    }
    Ok(tokens)
}

/// The first word and its length.
fn word(rest: &[char], at: usize) -> Result<(Word, usize), Wrong> {
    let first = rest[0];
    match first {
        '\'' => quoted(rest, at).map(|(text, length)| (Word::Text(text), length)),
        '"' | '`' => quoted(rest, at).map(|(text, length)| (Word::Quoted(text), length)),
        _ if first.is_ascii_digit() => {
            let length = rest.iter().take_while(|next| next.is_ascii_digit() || **next == '.').count();
            let written: String = rest[..length].iter().collect();
            let number = written.parse().map_err(|_| Wrong::new(at, format!("`{written}` is no number")))?;
            Ok((Word::Number(number), length))
        }
        _ if starts_name(first) => {
            let length = 1 + rest[1..].iter().take_while(|next| continues_name(**next)).count();
            Ok((Word::Name(rest[..length].iter().collect()), length))
        }
        _ => {
            let mark = MARKS.into_iter().find(|mark| {
                mark.chars().zip(rest).all(|(wanted, found)| wanted == *found) && mark.len() <= rest.len()
            });
            let unknown = || {
                let problem = format!(
                    "`{first}` means nothing here; put names of columns with such characters in double quotation marks or back quotes"
                );
                Wrong::new(at, problem)
            };
            mark.map(|mark| (Word::Mark(mark), mark.len())).ok_or_else(unknown)
        }
    }
}

/// What stands between two marks, of which two stand for one, and the length of it all.
fn quoted(rest: &[char], at: usize) -> Result<(String, usize), Wrong> {
    let mark = rest[0];
    let mut text = String::new();
    let mut position = 1;
    while let Some(character) = rest.get(position) {
        let doubled = *character == mark && rest.get(position + 1) == Some(&mark);
        if *character == mark && !doubled {
            return Ok((text, position + 1));
        }
        text.push(*character);
        position += if doubled { 2 } else { 1 };
    }
    Err(Wrong::new(at, format!("the {mark} opened here is never closed")))
}

fn starts_name(character: char) -> bool {
    character.is_alphabetic() || matches!(character, '_' | '#')
}

fn continues_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '#')
}
