//! Columns of canonical tables: what they hold, and when a value must be there (domain 2.1).

use super::Table;

/// What a column holds, and how its text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// Text, NFC-normalised and trimmed.
    Text,
    /// Text about a person: it enters hashes only as a salted commitment (domain 2.23).
    PersonalText,
    /// The IANA name of a time zone.
    TimeZone,
    /// An ISO 4217 currency code.
    Currency,
    /// A civil date without zone.
    Date,
    /// A month, kept as its first day.
    Month,
    /// An instant; a bare date means midnight in the company's time zone (domain 2.7).
    Timestamp,
    /// An exact decimal with at most six places.
    Decimal,
    /// An exact decimal that must not be negative.
    Amount,
    /// A share: an exact decimal from 0 to 1, `pct` in domain 2.1.
    Share,
    /// A rate of exchange: an exact decimal above 0 with at most twelve places, because six leave
    /// too few digits of small rates.
    Rate,
    /// A whole number that must not be negative: seconds, or a place in an order.
    Count,
    /// `true` or `false`.
    Boolean,
    /// One of a closed list.
    Choice(&'static [&'static str]),
    /// The source's identifier of a row in another table.
    Reference(Table),
    /// The source's identifier of what a row is about; the named column of the row says whether
    /// that is an employee, a team, a territory or the company as a whole (domain 2.19).
    Subject(&'static str),
}

impl ColumnType {
    /// Decimal places that a number column keeps.
    pub(crate) const fn places(self) -> u32 {
        match self {
            ColumnType::Rate => 12,
            _ => 6,
        }
    }
}

/// When a value must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The mapping has to supply it and no row may leave it blank.
    Always,
    /// Where the mapping supplies it, no row may leave it blank.
    WhereMapped,
    /// It may be blank.
    Never,
}

/// A column of a canonical table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name, as in domain 2.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnType,
    /// Whether a row without it is rejected. A column that the mapping does not supply at all
    /// is absent and nothing is rejected for it, unless [`Need::Always`] (domain 2.1).
    pub need: Need,
}

/// A column that the mapping has to supply.
pub(super) const fn always(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, need: Need::Always }
}

/// A column that is never blank where the mapping supplies it.
pub(super) const fn filled(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, need: Need::WhereMapped }
}

/// A column that may be blank.
pub(super) const fn optional(name: &'static str, kind: ColumnType) -> Column {
    Column { name, kind, need: Need::Never }
}
