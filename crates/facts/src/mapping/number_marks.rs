//! What stands around the digits of a number: a currency or a unit, and how negative ones are shown.

/// How negative numbers are shown besides a minus sign before them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Negative {
    /// In no other way.
    #[default]
    Sign,
    /// `(1,234.56)`.
    Parentheses,
    /// `1.234,56-`.
    SignBehind,
}

/// What stands around the digits of a number, as a format shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NumberMarks {
    pub(crate) before: String,
    pub(crate) behind: String,
    pub(crate) negative: Negative,
}

impl NumberMarks {
    /// What a format shows around the digits that it holds; `None` if that is no mark.
    pub(super) fn around(digits: &str, format: &str) -> Option<NumberMarks> {
        let (before, behind) = format.split_once(digits)?;
        let (negative, before, behind) = match behind.strip_suffix('-') {
            Some(behind) => (Negative::SignBehind, before.to_owned(), behind.to_owned()),
            None if before.contains('(') && behind.contains(')') => {
                (Negative::Parentheses, before.replacen('(', "", 1), behind.replacen(')', "", 1))
            }
            None => (Negative::Sign, before.to_owned(), behind.to_owned()),
        };
        // Another number or sign would be a style that nobody knows.
        let is_mark = |mark: &str| {
            let is_plain = |character: char| {
                !character.is_numeric() && !matches!(character, '%' | '+' | '-' | ',' | '(' | ')')
            };
            mark.is_empty() || mark.chars().all(is_plain) && mark.chars().any(|character| character != '.')
        };
        let (before, behind) = (before.trim().to_owned(), behind.trim().to_owned());
        (is_mark(&before) && is_mark(&behind)).then_some(NumberMarks { before, behind, negative })
    }

    /// A format that shows them around digits.
    pub(crate) fn shown_around(&self, digits: &str) -> String {
        let spaced = |mark: &str| mark.chars().any(char::is_alphabetic);
        let before = if spaced(&self.before) { format!("{} ", self.before) } else { self.before.clone() };
        let behind = if self.behind.is_empty() { String::new() } else { format!(" {}", self.behind) };
        match self.negative {
            Negative::Sign => format!("{before}{digits}{behind}"),
            Negative::Parentheses => format!("({before}{digits}{behind})"),
            Negative::SignBehind => format!("{before}{digits}{behind}-"),
        }
    }

    /// The digits of a number written so, perhaps with a sign before them, and whether it is negative for
    /// another reason. `None` if a mark is missing or is another one.
    pub(crate) fn strip<'t>(&self, text: &'t str) -> Option<(&'t str, bool)> {
        let (text, outside) = self.without_negative(text);
        let (text, signed) = match text.strip_prefix('-') {
            Some(rest) if !outside && !self.before.is_empty() => (rest.trim_start(), true),
            _ => (text, outside),
        };
        let inner = text.strip_prefix(self.before.as_str())?.strip_suffix(self.behind.as_str())?.trim();
        match self.without_negative(inner) {
            // Whatever is negative twice is not understood.
            (_, true) if signed => None,
            (digits, inside) if signed || inside => {
                (!digits.starts_with(['-', '+'])).then_some((digits, true))
            }
            (digits, _) => Some((digits, false)),
        }
    }

    /// A text without what shows that a number is negative, and whether that was there.
    fn without_negative<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let inner = match self.negative {
            Negative::Sign => None,
            Negative::Parentheses => text.strip_prefix('(').and_then(|text| text.strip_suffix(')')),
            Negative::SignBehind => text.strip_suffix('-'),
        };
        inner.map_or((text, false), |inner| (inner.trim(), true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(format: &str, text: &'static str) -> Option<(&'static str, bool)> {
        NumberMarks::around("1,234.56", format).expect("marks").strip(text)
    }

    #[test]
    fn marks_are_stripped_and_no_others() {
        assert_eq!(stripped("$1,234.56", "$5.00"), Some(("5.00", false)));
        assert_eq!(stripped("$1,234.56", "-$5.00"), Some(("5.00", true)));
        assert_eq!(stripped("$1,234.56", "$-5.00"), Some(("-5.00", false)));
        assert_eq!(stripped("USD 1,234.56", "USD5"), Some(("5", false)));
        assert_eq!(stripped("1,234.56 €", "5 €"), Some(("5", false)));
        assert_eq!(stripped("1,234.56-", "5-"), Some(("5", true)));
        for (format, text) in [
            ("$1,234.56", "€5"),
            ("$1,234.56", "5"),
            ("USD 1,234.56", "usd 5"),
            ("$1,234.56", "($5)"),
            ("($1,234.56)", "(-$5)"),
            ("($1,234.56)", "-($5)"),
        ] {
            assert_eq!(stripped(format, text), None, "{format}: {text}");
        }
    }

    #[test]
    fn parentheses_are_negative_where_the_format_shows_them() {
        for (format, text) in [("(1,234.56)", "(5)"), ("($1,234.56)", "($5)"), ("($1,234.56)", "$(5)")] {
            assert_eq!(stripped(format, text), Some(("5", true)), "{format}: {text}");
        }
        assert_eq!(stripped("(1,234.56)", "5"), Some(("5", false)));
    }

    #[test]
    fn what_is_no_mark_is_refused() {
        for format in ["1,234.567", "11,234.56", "1,234.56 %", "1,234.56.", "+1,234.56", "(1,234.56"] {
            assert_eq!(NumberMarks::around("1,234.56", format), None, "{format}");
        }
    }

    #[test]
    fn formats_show_what_they_were_made_of() {
        for format in ["$1,234.56", "USD 1,234.56", "1,234.56 kr", "($1,234.56)", "1,234.56-", "1,234.56 €-"]
        {
            let marks = NumberMarks::around("1,234.56", format).expect("marks");
            assert_eq!(marks.shown_around("1,234.56"), format);
        }
    }
}
