//! What forms of goals send, read: a target as people type it, from which day, and why.

use attain_metrics::{Asker, Period};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Deserialize;

use crate::web::format::date;

/// Letters of a reason at most.
pub(in crate::goals) const REASON_MAX: usize = 2_000;
/// No target is larger.
const TARGET_MAX: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0);

/// What the form of a proposal sends.
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::goals) struct Proposed {
    #[serde(default)]
    pub(super) metric: String,
    #[serde(default)]
    pub(super) period: String,
    pub(super) value: String,
    #[serde(default)]
    pub(super) from: String,
    #[serde(default)]
    pub(super) reason: String,
}

/// A number as people type it, with commas between thousands.
pub(in crate::goals) fn number(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split(',').collect();
    let is_grouped = groups.len() == 1
        || (groups[0] != "0" && groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let value: Decimal =
        text.replace(',', "").parse().ok().filter(|_| is_grouped && !fraction.contains(','))?;
    (value.abs() <= TARGET_MAX && value.normalize().scale() <= 6).then_some(value)
}

/// Target and first day.
pub(super) fn amounts(asker: &Asker, sent: &Proposed, period: &Period) -> Result<(Decimal, Date), String> {
    let value = number(&sent.value).ok_or_else(|| {
        format!(
            "`{}` is no number; write it like 120000 or 0.25, with at most fifteen digits and six decimals.",
            sent.value
        )
    })?;
    if value <= Decimal::ZERO {
        return Err("A target is more than zero.".to_owned());
    }
    let (Some(first), Some(last)) = (period.from, period.last_day()) else {
        return Err("A goal has a period with a first and a last day.".to_owned());
    };
    if last < asker.as_of().asked_on {
        return Err("That period is over; goals are agreed on before.".to_owned());
    }
    let from = match sent.from.trim() {
        "" => first,
        text => text.parse().map_err(|_| format!("`{text}` is no date; write it like 2026-03-31."))?,
    };
    if from < first || from > last {
        return Err(format!("The first day lies outside the period, {} to {}.", date(first), date(last)));
    }
    if sent.reason.trim().is_empty() || sent.reason.chars().count() > REASON_MAX {
        return Err(format!(
            "Say why, in at most {REASON_MAX} letters: whoever reads it later has only that."
        ));
    }
    Ok((value, from))
}
