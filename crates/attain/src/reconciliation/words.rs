//! The reasons of differences in words.

use attain_metrics::ReconciliationReason as Reason;
use jiff::civil::Date;

use crate::web::format::{date, money};

/// Why a deal differs, as a clause: `the report dates it 2 Feb 2024, Attain 5 Apr 2024`.
pub(crate) fn why(reason: &Reason) -> String {
    let text = |told: &Option<String>| told.clone().unwrap_or_else(|| "nothing".to_owned());
    let day = |told: &Option<Date>| told.map_or_else(|| "no day".to_owned(), date);
    match reason {
        Reason::NotDelivered => "no delivery ever told about it".to_owned(),
        Reason::Ambiguous(deals) => {
            format!("{deals} deals could be meant: export the report with their identifiers")
        }
        Reason::Deleted => "deleted: a later delivery no longer had it".to_owned(),
        Reason::NotReported => "counted here, missing in the report".to_owned(),
        Reason::Duplicate(2) => "listed twice in the report".to_owned(),
        Reason::Duplicate(lines) => format!("listed {lines} times in the report"),
        Reason::Date(None, known) => format!("it counts for another day: {}", day(known)),
        Reason::Date(told, known) => format!("close date: {} in the report, {} here", day(told), day(known)),
        Reason::Owner(None, known) => format!("it counts for somebody else: {}", text(known)),
        Reason::Owner(told, known) => format!("owner: {} in the report, {} here", text(told), text(known)),
        Reason::Stage(None, known) => format!("its stage here is {}, which does not count", text(known)),
        Reason::Stage(told, known) => format!("stage: {} in the report, {} here", text(told), text(known)),
        Reason::Currency(told, known) => {
            format!("currency: {} in the report, {} here", text(told), text(known))
        }
        Reason::Amount(told, known) => {
            let amount = |told: &Option<rust_decimal::Decimal>| told.map_or_else(|| "none".to_owned(), money);
            format!("amount: {} in the report, {} here", amount(told), amount(known))
        }
        Reason::Share => "shared: only a part of it is counted here".to_owned(),
        Reason::Condition => "it does not meet a condition of the metric".to_owned(),
    }
}
