//! What was invoiced, what recurs, what it cost, and what currencies were worth (domain 2.16,
//! 2.17, 2.20, costs of 2.22).

use super::ColumnType::{Amount, Choice, Currency, Date, Decimal, Month, Rate, Reference, Text};
use super::Table;
use super::column::{always, filled, optional};
use super::customers::ACCOUNT_ID;
use super::definition::{Definition, Identifier, Layout, PLAIN, VALIDITY};
use super::people::{EMPLOYEE_ID, VALID_FROM, VALID_TO};

pub(super) const INVOICE_LINE: Definition = Definition {
    name: "invoice_line",
    meaning: "a line of an invoice or order; negative for credit notes, prices in `net_amount_ccy`",
    identifier: Identifier::Derived { column: "line_id", prefix: "line" },
    columns: &[
        ACCOUNT_ID,
        optional("opportunity_id", Reference(Table::Opportunity)),
        optional("product_id", Reference(Table::Product)),
        optional("employee_id", Reference(Table::Employee)),
        filled("invoice_date", Date),
        optional("service_from", Date),
        optional("service_to", Date),
        filled("quantity", Decimal),
        optional("list_unit_price", Decimal),
        filled("net_amount", Decimal),
        optional("net_amount_ccy", Currency),
        filled("kind", Choice(&["new", "renewal", "expansion", "one_off", "credit"])),
        optional("paid_on", Date),
    ],
    events: &["invoice_date"],
    layout: Layout::Monthly { of: "invoice_date", sorted_by: "account_id" },
    ..PLAIN
};

/// Several may hold for an account at once: its recurring revenue is their sum.
pub(super) const SUBSCRIPTION: Definition = Definition {
    name: "subscription",
    meaning: "recurring revenue of an account per month; several may hold at once",
    identifier: Identifier::Derived { column: "subscription_id", prefix: "subscription" },
    columns: &[
        ACCOUNT_ID,
        optional("product_id", Reference(Table::Product)),
        filled("mrr", Decimal),
        optional("mrr_ccy", Currency),
        VALID_FROM,
        VALID_TO,
    ],
    events: &["valid_from"],
    range: VALIDITY,
    ..PLAIN
};

pub(super) const FX_RATE: Definition = Definition {
    name: "fx_rate",
    meaning: "a rate of exchange on a day; sets are `spot`, `average:<period>` and `plan:<fiscal year>`",
    columns: &[
        always("rate_set", Text),
        always("from_ccy", Currency),
        always("to_ccy", Currency),
        always("rate_date", Date),
        always("rate", Rate),
    ],
    events: &["rate_date"],
    ..PLAIN
};

pub(super) const CAMPAIGN_COST: Definition = Definition {
    name: "campaign_cost",
    meaning: "what a campaign cost in a month",
    columns: &[
        filled("campaign", Text),
        filled("month", Month),
        filled("amount", Amount),
        optional("ccy", Currency),
    ],
    events: &["month"],
    ..PLAIN
};

pub(super) const SELLING_COST: Definition = Definition {
    name: "selling_cost",
    meaning: "what a person cost in a month",
    columns: &[
        EMPLOYEE_ID,
        filled("month", Month),
        filled("pay", Amount),
        filled("expense", Amount),
        optional("ccy", Currency),
    ],
    events: &["month"],
    ..PLAIN
};
