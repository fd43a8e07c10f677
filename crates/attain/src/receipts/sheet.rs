//! Receipts on the number sheet: those there are, and the way to one more.

use attain_metrics::receipt::Fingerprint;
use attain_metrics::{Asker, Metric, Number, Subject};
use maud::{Markup, html};

use super::pages::value_words;
use super::signing::seen;
use super::store::{self, About, Kept};
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::format::instant;
use crate::web::problem::PageError;

/// Receipts a sheet lists; the rest stands on their own page.
const SHOWN: u64 = 5;

/// What a sheet shows about signing.
pub(crate) struct Signed {
    receipts: Vec<Kept>,
    /// Whether the one who asks may sign.
    may_sign: bool,
    /// Absent where there is no key, and why.
    key: Result<Fingerprint, String>,
}

/// Reads what was signed of a number.
pub(crate) async fn read(app: &App, subject: &Subject, number: &Number) -> Result<Signed, PageError> {
    let about = about(subject, number);
    let receipts = store::about(app.store().records(), &app.actor(), &app.reach(), about, SHOWN).await?;
    let may_sign = app.may(Act::Write, Object::Values);
    Ok(Signed { receipts, may_sign, key: app.key().fingerprint().map_err(|error| error.to_string()) })
}

fn about<'a>(subject: &'a Subject, number: &'a Number) -> About<'a> {
    About {
        metric: &number.metric,
        level: subject.level().name(),
        id: subject.id(),
        period: number.period.key(),
    }
}

/// The part of the sheet.
pub(crate) fn part(
    asker: &Asker,
    metric: &Metric,
    subject: &Subject,
    number: &Number,
    signed: &Signed,
) -> Markup {
    let company = asker.company();
    html! {
        section.signing aria-labelledby="signing-title" {
            div.section-head {
                h3 id="signing-title" { "Receipts" }
                @if signed.receipts.len() as u64 == SHOWN { a href=(list_path(subject, number)) { "All of this number" } }
            }
            @if signed.receipts.is_empty() {
                p.small.quiet { "Signed, this number is frozen with its definition and its rows, as a small file that anybody can check." }
            } @else {
                ul {
                    @for kept in &signed.receipts {
                        li {
                            a href=(format!("/receipts/{}", kept.number)) { "Receipt " (kept.number) }
                            " " b { (value_words(kept, metric, &company.currency)) }
                            " " span.quiet { "signed " (instant(kept.signed_at, &company.time_zone)) }
                        }
                    }
                }
            }
            @if signed.may_sign { (sign_form(subject, number, &signed.key)) }
        }
    }
}

fn list_path(subject: &Subject, number: &Number) -> String {
    let mut parameters = vec![
        ("metric", number.metric.as_str()),
        ("period", number.period.key()),
        ("level", subject.level().name()),
    ];
    parameters.extend(subject.id().map(|id| ("id", id)));
    format!("/receipts?{}", serde_urlencoded::to_string(parameters).unwrap_or_default())
}

fn sign_form(subject: &Subject, number: &Number, key: &Result<Fingerprint, String>) -> Markup {
    html! {
        form method="post" action="/receipts" {
            input type="hidden" name="metric" value=(number.metric);
            input type="hidden" name="period" value=(number.period.key());
            input type="hidden" name="level" value=(subject.level().name());
            @if let Some(id) = subject.id() { input type="hidden" name="id" value=(id); }
            input type="hidden" name="seen" value=(seen(number));
            p.actions { button.button type="submit" { "Sign this number" } }
        }
        p.small.quiet.key-line {
            @match key {
                Ok(fingerprint) => { "Key " code { (fingerprint) } },
                Err(problem) => (problem),
            }
        }
    }
}
