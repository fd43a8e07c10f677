//! Currencies that stand beside their amounts: `$1,234.50`, `1.234,50 €`, `USD 1,234.50`.

use std::collections::BTreeMap;

use crate::canonical::currency::minor_unit;
use crate::mapping::{Negative, NumberMarks};

/// Marks of currencies, and what each may stand for, the likeliest first.
const SIGNS: [(&str, &[&str]); 24] = [
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("kr.", &["DKK", "NOK", "SEK"]),
    ("Fr.", &["CHF"]),
    ("SFr.", &["CHF"]),
    ("zł", &["PLN"]),
    ("Kč", &["CZK"]),
    ("Ft", &["HUF"]),
    ("lei", &["RON"]),
    ("₹", &["INR"]),
    ("Rs.", &["INR", "PKR"]),
    ("₺", &["TRY"]),
    ("₪", &["ILS"]),
    ("₩", &["KRW"]),
    ("₴", &["UAH"]),
    ("R$", &["BRL"]),
    ("US$", &["USD"]),
    ("C$", &["CAD"]),
    ("CA$", &["CAD"]),
    ("A$", &["AUD"]),
    ("NZ$", &["NZD"]),
];

/// Currencies that are meant however their codes are written.
const USUAL: [&str; 10] = ["usd", "eur", "gbp", "chf", "jpy", "cny", "inr", "aud", "sek", "pln"];

/// What stands around the numbers of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    /// The same everywhere: a currency, or how negative ones are shown, or nothing.
    Same(NumberMarks),
    /// A currency that differs from row to row, before or behind the number.
    ByRow { marks: Vec<String>, are_before: bool },
}

/// The currencies that a mark may stand for; none if it is no mark of a currency.
pub(super) fn currencies(mark: &str) -> Vec<String> {
    if minor_unit(mark).is_some() {
        return vec![mark.to_owned()];
    }
    let sign = SIGNS.iter().find(|(sign, _)| *sign == mark);
    sign.map_or_else(Vec::new, |(_, codes)| codes.iter().map(|code| (*code).to_owned()).collect())
}

/// The currency in the name of a column: `Amount USD`, `Value (EUR)`, `amount_usd`. Words of three letters that
/// are codes by chance are written small: `all`, `top`.
pub(super) fn named_in(name: &str) -> Option<String> {
    let words = || name.split(|character: char| !character.is_alphanumeric());
    let is_shouted = !name.chars().any(char::is_lowercase);
    let written = words().find(|word| !is_shouted && minor_unit(word).is_some());
    let usual = |word: &&str| USUAL.iter().any(|code| code.eq_ignore_ascii_case(word));
    written.or_else(|| words().find(usual)).map(str::to_ascii_uppercase)
}

impl Marks {
    /// What stands around the numbers among values: what most of them have, unless currencies differ.
    pub(super) fn of(values: &BTreeMap<String, usize>) -> Marks {
        let mut pairs: BTreeMap<(String, String), usize> = BTreeMap::new();
        let (mut in_parentheses, mut signed_behind) = (false, false);
        for (value, times) in values {
            let Some((before, behind)) = split(value) else { continue };
            in_parentheses |= before.contains('(') && behind.contains(')');
            signed_behind |= behind.ends_with('-');
            let before = before.replace(['(', '-'], "").trim().to_owned();
            let behind = behind.replace([')', '-'], "").trim().to_owned();
            let is_known = |mark: &String| mark.is_empty() || !currencies(mark).is_empty();
            if !is_known(&before) || !is_known(&behind) {
                return Marks::Same(NumberMarks::default());
            }
            *pairs.entry((before, behind)).or_default() += times;
        }
        // Numbers that all stand in bare parentheses are those of notes or phones.
        let are_all_bare = values.keys().all(|value| value.starts_with('(') && value.ends_with(')'))
            && pairs.keys().all(|(before, behind)| before.is_empty() && behind.is_empty());
        let negative = match (in_parentheses && !are_all_bare, signed_behind) {
            (true, false) => Negative::Parentheses,
            (false, true) => Negative::SignBehind,
            _ => Negative::Sign,
        };
        if let Some(by_row) = Marks::by_row(&pairs).filter(|_| negative == Negative::Sign) {
            return by_row;
        }
        let most = pairs.iter().max_by_key(|(_, times)| **times).map(|(pair, _)| pair.clone());
        let (before, behind) = most.unwrap_or_default();
        Marks::Same(NumberMarks { before, behind, negative })
    }

    fn by_row(pairs: &BTreeMap<(String, String), usize>) -> Option<Marks> {
        let are_before = pairs.keys().all(|(before, behind)| !before.is_empty() && behind.is_empty());
        let are_behind = pairs.keys().all(|(before, behind)| before.is_empty() && !behind.is_empty());
        let marks: Vec<String> = pairs.keys().map(|(before, behind)| format!("{before}{behind}")).collect();
        ((are_before || are_behind) && marks.len() > 1).then_some(Marks::ByRow { marks, are_before })
    }

    /// The marks of currencies that stand there.
    pub(super) fn of_currencies(&self) -> Vec<&str> {
        match self {
            Marks::Same(marks) => [&marks.before, &marks.behind]
                .into_iter()
                .map(String::as_str)
                .filter(|mark| !mark.is_empty())
                .collect(),
            Marks::ByRow { marks, .. } => marks.iter().map(String::as_str).collect(),
        }
    }

    /// A value without the currency, where that differs from row to row.
    pub(super) fn without<'v>(&self, value: &'v str) -> &'v str {
        match self {
            Marks::Same(_) => value,
            Marks::ByRow { are_before: true, .. } => value.trim_start_matches(|c: char| !is_number(c)),
            Marks::ByRow { .. } => value.trim_end_matches(|c: char| !is_number(c)),
        }
    }

    /// Whether the currency differs from row to row.
    pub(super) fn differ(&self) -> bool {
        matches!(self, Marks::ByRow { .. })
    }

    /// The number in a column, the currency of each row left out, as an expression.
    pub(super) fn number_in(&self, column: &str, digits: &str) -> String {
        let Marks::ByRow { marks, are_before } = self else { return format!("number({column}, '{digits}')") };
        match (marks.iter().all(|mark| is_code(mark)), are_before) {
            (true, true) => return format!("number(substr({column}, 4), '{digits}')"),
            (true, false) => return format!("number(left({column}, length({column}) - 3), '{digits}')"),
            (false, _) => {}
        }
        let number = |mark: &String| {
            let (before, behind) = if *are_before { (mark.as_str(), "") } else { ("", mark.as_str()) };
            let marks =
                NumberMarks { before: before.into(), behind: behind.into(), negative: Negative::Sign };
            format!("number({column}, '{}')", marks.shown_around(digits))
        };
        // The last is read without a look at its mark, so that another mark rejects the row.
        let marks = longest_first(marks);
        let (last, others) =
            marks.split_last().map_or((String::new(), &[][..]), |(last, others)| (number(last), others));
        let cases =
            others.iter().map(|mark| format!("when contains({column}, '{mark}') then {}", number(mark)));
        format!("case {} else {last} end", cases.collect::<Vec<_>>().join(" "))
    }

    /// The currency in a column, by what each mark stands for, as an expression.
    pub(super) fn currency_in(&self, column: &str, codes: &BTreeMap<&str, String>) -> String {
        let marks: Vec<String> = self.of_currencies().into_iter().map(str::to_owned).collect();
        let are_before = matches!(self, Marks::ByRow { are_before: true, .. });
        if marks.iter().all(|mark| is_code(mark)) {
            return format!("{}({column}, 3)", if are_before { "left" } else { "right" });
        }
        let known =
            longest_first(&marks).into_iter().filter_map(|mark| Some((mark, codes.get(mark.as_str())?)));
        let cases = known.map(|(mark, code)| format!("when contains({column}, '{mark}') then '{code}'"));
        format!("case {} end", cases.collect::<Vec<_>>().join(" "))
    }

    /// A format that shows them around digits.
    pub(super) fn format(&self, digits: &str) -> String {
        match self {
            Marks::Same(marks) => marks.shown_around(digits),
            Marks::ByRow { .. } => digits.to_owned(),
        }
    }
}

fn is_code(mark: &str) -> bool {
    minor_unit(mark).is_some()
}

/// So that `R$` is not taken for `$`.
fn longest_first(marks: &[String]) -> Vec<&String> {
    let mut marks: Vec<&String> = marks.iter().collect();
    marks.sort_by_key(|mark| std::cmp::Reverse(mark.len()));
    marks
}

/// What stands before the first digit of a value and behind the last, if it is not much.
fn split(value: &str) -> Option<(&str, &str)> {
    let first = value.find(|character: char| character.is_ascii_digit())?;
    let last = value.rfind(|character: char| character.is_ascii_digit())?;
    Some((&value[..first], &value[last + 1..]))
}

fn is_number(character: char) -> bool {
    character.is_ascii_digit() || character == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(values: &[&str]) -> Marks {
        Marks::of(&values.iter().map(|value| ((*value).to_owned(), 1)).collect())
    }

    fn format(values: &[&str]) -> String {
        marks(values).format("1,234.56")
    }

    #[test]
    fn currencies_and_signs_show_in_the_values() {
        assert_eq!(format(&["$5.00", "-$6.00"]), "$1,234.56");
        assert_eq!(format(&["USD 5.00", "USD 6.00"]), "USD 1,234.56");
        assert_eq!(format(&["5 €", "6 €"]), "1,234.56 €");
        assert_eq!(format(&["5", "(6)"]), "(1,234.56)");
        assert_eq!(format(&["($5)", "$6"]), "($1,234.56)");
        assert_eq!(format(&["5", "6-"]), "1,234.56-");
        assert_eq!(format(&["5", "-6"]), "1,234.56");
    }

    #[test]
    fn a_column_may_be_called_by_its_currency() {
        for name in ["Amount USD", "Opportunity Amount (USD)", "amount_usd", "AMOUNT_USD", "amountUSD in USD"]
        {
            assert_eq!(named_in(name).as_deref(), Some("USD"), "{name}");
        }
        for name in ["Amount", "AMOUNT ALL", "top amount", "Amount (all)"] {
            assert_eq!(named_in(name), None, "{name}");
        }
    }

    #[test]
    fn what_is_no_currency_makes_no_number() {
        for values in [["Team 1", "Team 2"], ["D1", "D2"], ["(1)", "(2)"], ["5 %", "6 %"]] {
            assert_eq!(format(&values), "1,234.56", "{values:?}");
        }
    }

    #[test]
    fn currencies_may_differ_from_row_to_row() {
        let wanted = Marks::ByRow { marks: vec!["EUR".into(), "USD".into()], are_before: true };
        assert_eq!(marks(&["USD 5", "EUR 6", "EUR -7"]), wanted);
        assert_eq!(wanted.without("EUR -7"), "-7");
        let wanted = Marks::ByRow { marks: vec!["$".into(), "€".into()], are_before: false };
        assert_eq!(marks(&["5 €", "6 $"]), wanted);
        assert_eq!(wanted.without("5 €"), "5");
    }
}
