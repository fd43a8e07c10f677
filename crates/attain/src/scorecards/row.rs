//! What is shown of a row in few words, whatever kind of row it is.

use attain_metrics::{DealRow, EventRow, Period, Row};
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::web::format::{date_within, money};

/// The day a row counts for, the name people know it by, its identifier, and its value.
pub(crate) fn day_name_and_value(row: &Row) -> (Option<Date>, Option<&str>, &str, Option<Decimal>) {
    match row {
        Row::Deal(DealRow { closed_on, account, owner, deal, value, .. }) => {
            (*closed_on, account.as_deref().or(owner.as_deref()), deal, *value)
        }
        Row::Event(EventRow { date, id, value, .. }) => (*date, None, id, *value),
        Row::Account(account) => (None, None, &account.account, None),
    }
}

/// The day, or a dash.
pub(crate) fn day_words(day: Option<Date>, period: &Period) -> String {
    day.map_or_else(|| "–".to_owned(), |day| date_within(day, period))
}

/// The value, or a dash.
pub(crate) fn value_words(value: Option<Decimal>) -> String {
    value.map_or_else(|| "–".to_owned(), money)
}
