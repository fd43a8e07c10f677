//! The one exact text of a typed value.

use rust_decimal::Decimal;

/// A number as spreadsheets mean it: the fifteen digits that they show, not the binary fraction
/// nearest to them.
pub(super) fn number_text(number: f64) -> String {
    let rounded = format!("{number:.14e}");
    match Decimal::from_scientific(&rounded) {
        Ok(decimal) => decimal.normalize().to_string(),
        Err(_) => number.to_string(),
    }
}

/// A number of JSON or of a database, written without an exponent.
pub(super) fn plain_number(text: &str) -> String {
    match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text)
            .map_or_else(|_| text.to_owned(), |decimal| decimal.normalize().to_string()),
        false => text.to_owned(),
    }
}

/// A moment on a wall clock, or a day if it is midnight.
pub(super) fn date_time_text(
    (year, month, day, hour, minute, second, milli): (u16, u8, u8, u8, u8, u8, u16),
) -> String {
    match (hour, minute, second, milli) {
        (0, 0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        (_, _, _, 0) => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_digits_that_spreadsheets_show() {
        let texts = [0.1 + 0.2, 1234.5, 1e15, -0.07, 100.0, 4.35 * 100.0].map(number_text);
        assert_eq!(texts, ["0.3", "1234.5", "1000000000000000", "-0.07", "100", "435"]);
        assert_eq!(["1.5e3", "12.50", "1E-2"].map(plain_number), ["1500", "12.50", "0.01"]);
    }

    #[test]
    fn midnight_is_a_day() {
        assert_eq!(date_time_text((2024, 11, 3, 0, 0, 0, 0)), "2024-11-03");
        assert_eq!(date_time_text((2024, 11, 3, 9, 30, 0, 0)), "2024-11-03T09:30:00");
    }
}
