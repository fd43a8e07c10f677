//! A version of a card as somebody sends it, read, checked and saved, with its audit entry, in one transaction.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::card::{RoleCard, Weighted, Wrong, way_named};
use super::store::{self, New};
use super::version::may_begin;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::problem::PageError;

/// Letters of a reason at most.
const REASON_MAX: usize = 2_000;

/// More than any attainment is worth saying, in percent.
const PERCENT_MAX: Decimal = Decimal::ONE_THOUSAND;

/// A version as it is sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = RoleCardIn)]
pub(super) struct Sent {
    /// The role it is for.
    pub(super) role: String,
    /// First day it holds: 2026-10-01.
    pub(super) from: String,
    /// What becomes of a component that is missing: renormalise (the default), neutral or exclude_subject.
    pub(super) when_missing: String,
    /// At most five metrics whose weights add up to 100 %.
    pub(super) components: Vec<SentComponent>,
    /// Why.
    pub(super) reason: String,
    /// The newest version of the role's card when this one was written; 0 if there was none. Refused where
    /// somebody else was faster; not looked at unless given.
    pub(super) after: Option<i64>,
}

/// A component as it is sent.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default)]
#[schema(as = RoleCardComponentIn)]
pub(super) struct SentComponent {
    /// Identifier of the metric.
    pub(super) metric: String,
    /// Its weight, in percent: 40.
    pub(super) weight: String,
    /// The least its attainment counts as, in percent.
    pub(super) floor: String,
    /// The most its attainment counts as, in percent.
    pub(super) cap: String,
}

/// Saves a version. Returns its number, or what is wrong with it first.
///
/// # Errors
/// When facts or records cannot be read or written.
pub(super) async fn add(app: &App, sent: &Sent) -> Result<Result<i64, Wrong>, PageError> {
    let asker = app.asker().await?;
    let today = asker.as_of().asked_on;
    let (card, from) = match read(sent) {
        Ok(read) => read,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let catalogue = app.catalogue().await?;
    let card = match card.checked(&catalogue) {
        Ok(card) => card,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let role = sent.role.trim();
    let is_there = asker.organisation().people().any(|(_, person)| person.role.as_deref() == Some(role));
    let actor = app.viewer().acting(Act::Write, Object::Definitions);
    let transaction = app.records().begin(&actor).await?;
    store::alone(&transaction).await?;
    let versions = store::all(transaction.connection(), &actor).await?;
    let newest = versions.iter().find(|version| version.role == role).map_or(0, |version| version.number);
    if !is_there && newest == 0 {
        return Ok(Err(Wrong::new("role", format!("Nobody has the role `{role}`."))));
    }
    if sent.after.is_some_and(|after| after != newest) {
        let message = "Somebody else changed this card while you wrote. Nothing was saved, and what you wrote stands here still: look at the newest version, then save again.";
        return Ok(Err(Wrong::new("after", message)));
    }
    if let Err(wrong) = may_begin(&versions, role, from, today) {
        return Ok(Err(wrong));
    }
    let new = New { role, from, card: &card, reason: sent.reason.trim() };
    let number = store::add(&transaction, &new, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Ok(number))
}

/// The card that was sent, and its first day.
fn read(sent: &Sent) -> Result<(RoleCard, Date), Wrong> {
    let components: Result<Vec<Weighted>, Wrong> = sent.components.iter().map(component).collect();
    let card = RoleCard::new(components?, way_named(&sent.when_missing)?)?;
    let from =
        sent.from.trim().parse().map_err(|_| {
            Wrong::new("from", format!("`{}` is no day; write 2026-10-01.", sent.from.trim()))
        })?;
    let reason = sent.reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_MAX {
        let message = format!(
            "Say why, in at most {REASON_MAX} letters: who reads a score years later has nothing else to go by."
        );
        return Err(Wrong { field: "reason", message });
    }
    Ok((card, from))
}

fn component(sent: &SentComponent) -> Result<Weighted, Wrong> {
    let metric = sent.metric.trim();
    if metric.is_empty() {
        return Err(Wrong::new(
            "metric",
            "A weight stands there without its metric. Choose one, or leave the line empty.",
        ));
    }
    let weight = percent(&sent.weight)
        .ok()
        .flatten()
        .ok_or_else(|| Wrong::new("weight", format!("Say how much `{metric}` weighs, in percent: 40.")))?;
    let bound = |field: &'static str, text: &str| {
        percent(text).map_err(|()| {
            let message =
                format!("The {field} of `{metric}` is a percentage of the target, such as 80; leave it empty for none.");
            Wrong { field, message }
        })
    };
    Ok(Weighted {
        metric: metric.to_owned(),
        weight,
        floor: bound("floor", &sent.floor)?,
        cap: bound("cap", &sent.cap)?,
    })
}

/// A percentage with two decimals at most; none of nothing.
fn percent(text: &str) -> Result<Option<Decimal>, ()> {
    let text = text.trim().trim_end_matches('%').trim_end();
    if text.is_empty() {
        return Ok(None);
    }
    let value: Decimal = text.parse().map_err(|_| ())?;
    (value.abs() <= PERCENT_MAX && value.normalize().scale() <= 2).then_some(Some(value)).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_or_refused_with_a_sentence() {
        let line = |metric: &str, weight: &str, cap: &str| SentComponent {
            metric: metric.to_owned(),
            weight: weight.to_owned(),
            cap: cap.to_owned(),
            ..SentComponent::default()
        };
        let sent = |components: Vec<SentComponent>| Sent {
            role: "AE".to_owned(),
            from: "2026-10-01".to_owned(),
            reason: "plan of the year".to_owned(),
            components,
            ..Sent::default()
        };
        let (card, from) =
            read(&sent(vec![line("bookings", "62.5 %", "120"), line("deals_won", "37.5", "")]))
                .expect("a card");
        assert_eq!(from.to_string(), "2026-10-01");
        assert_eq!(card.components()[0].cap, Some(Decimal::from(120)));
        let field = |sent: &Sent| read(sent).expect_err("refused").field;
        assert_eq!(field(&sent(vec![line("", "100", "")])), "metric");
        assert_eq!(field(&sent(vec![line("bookings", "much", "")])), "weight");
        assert_eq!(field(&sent(vec![line("bookings", "", "")])), "weight");
        assert_eq!(field(&sent(vec![line("bookings", "100", "no end")])), "cap");
        let good = sent(vec![line("bookings", "100", "")]);
        assert_eq!(field(&Sent { from: "October".to_owned(), ..good.clone() }), "from");
        assert_eq!(field(&Sent { reason: " ".to_owned(), ..good.clone() }), "reason");
        assert_eq!(field(&Sent { when_missing: "zero".to_owned(), ..good }), "when_missing");
    }
}
