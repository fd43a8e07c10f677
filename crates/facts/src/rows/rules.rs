//! The rules of domain 2.7, 2.8, 2.14 and 2.16 that need nothing but the row itself.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::canonical::Table;
use crate::mapping::expression::Refusal;
use crate::mapping::{ColumnMapping, TableMapping};
use crate::reject::Reason;
use crate::value::Value;

/// A typed row, seen by the names of its columns.
struct Row<'r> {
    mapping: &'r TableMapping,
    values: &'r [Option<Value>],
}

/// Refuses a row whose values contradict each other.
pub(super) fn check(
    mapping: &TableMapping,
    values: &[Option<Value>],
    time_zone: &TimeZone,
) -> Result<(), Refusal> {
    let row = Row { mapping, values };
    row.check_range()?;
    match mapping.table {
        Table::Opportunity => row.check_deal(time_zone),
        Table::InvoiceLine => row.check_invoice_line(),
        Table::Employee | Table::EmployeeAttr => row.check_full_time(),
        Table::ManagerAssignment => row.check_manager(),
        _ => Ok(()),
    }
}

impl Row<'_> {
    /// What holds for a time ends after it starts.
    fn check_range(&self) -> Result<(), Refusal> {
        let Some((from, to)) = self.mapping.table.definition().range else { return Ok(()) };
        let is_empty = match (self.value(from), self.value(to)) {
            (Some(Value::Date(from)), Some(Value::Date(to))) => to <= from,
            (Some(Value::Timestamp(from)), Some(Value::Timestamp(to))) => to <= from,
            _ => false,
        };
        if is_empty { Err(self.refusal(to, Reason::EmptyRange { from })) } else { Ok(()) }
    }

    /// A closed deal says when it closed, and that is not before it was created.
    fn check_deal(&self, time_zone: &TimeZone) -> Result<(), Refusal> {
        if self.holds("outcome", "open") {
            return Ok(());
        }
        match (self.value("created_at"), self.value("close_date")) {
            (_, None) if self.maps("close_date") => {
                Err(self.refusal("close_date", Reason::ClosedWithoutDate))
            }
            (Some(Value::Timestamp(created)), Some(Value::Date(closed)))
                if *closed < time_zone.to_datetime(*created).date() =>
            {
                Err(self.refusal("close_date", Reason::ClosedBeforeCreated))
            }
            _ => Ok(()),
        }
    }

    /// Only what is credited has a quantity below zero.
    fn check_invoice_line(&self) -> Result<(), Refusal> {
        match self.value("quantity") {
            Some(Value::Decimal(quantity)) if *quantity < Decimal::ZERO && !self.holds("kind", "credit") => {
                Err(self.refusal("quantity", Reason::Negative))
            }
            _ => Ok(()),
        }
    }

    /// Somebody employed works some part of full time.
    fn check_full_time(&self) -> Result<(), Refusal> {
        match self.value("fte") {
            Some(Value::Decimal(part)) if part.is_zero() => Err(self.refusal("fte", Reason::NotPositive)),
            _ => Ok(()),
        }
    }

    /// Nobody is their own manager, whatever the line.
    fn check_manager(&self) -> Result<(), Refusal> {
        match self.value("manager_id") {
            Some(manager) if self.value("employee_id") == Some(manager) => {
                Err(self.refusal("manager_id", Reason::Circle { column: "manager_id" }))
            }
            _ => Ok(()),
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let (position, _) = self.mapping.table.column(name)?;
        self.values[position].as_ref()
    }

    fn holds(&self, name: &str, text: &str) -> bool {
        matches!(self.value(name), Some(Value::Text(found)) if found == text)
    }

    fn maps(&self, name: &str) -> bool {
        let column = self.mapping.table.column(name);
        column.is_some_and(|(position, _)| self.mapping.columns[position].is_some())
    }

    fn refusal(&self, name: &str, reason: Reason) -> Refusal {
        let mapped = self.mapping.table.column(name).and_then(|(at, _)| self.mapping.columns[at].as_ref());
        let source = mapped.and_then(ColumnMapping::source_column).map(str::to_owned);
        (source, self.value(name).map(Value::canonical_text), reason)
    }
}
