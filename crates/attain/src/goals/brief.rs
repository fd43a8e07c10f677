//! The goals of a person in short, as their scorecard begins: a line each for the period shown and the one
//! under way, and what waits for them to act.

use attain_metrics::{Asker, Period, Subject};
use maud::{Markup, html};

use super::choosing::Wanted;
use super::entries::{Entry, Standing, entries};
use super::party::Party;
use super::version::State;
use super::words::{attained, pace_words, state_words};
use crate::permissions::{Act, Object};
use crate::scorecards::views::View;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::format::figure;
use crate::web::problem::PageError;

/// As many lines and things to do as a glance takes in.
const SHOWN: usize = 6;

/// The section; nothing where there is no goal.
///
/// # Errors
/// When the facts or records cannot be read.
pub(crate) async fn section(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    name: &str,
    period: &Period,
) -> Result<Markup, PageError> {
    if !app.may(Act::Read, Object::Targets) || !app.reach().opens(subject) {
        return Ok(html! {});
    }
    let here = Wanted::default().period(asker)?;
    let mut shown = entries(app, asker, subject, name, period).await?;
    if here != *period {
        shown.extend(entries(app, asker, subject, name, &here).await?);
    }
    let waiting: Vec<&Entry> = shown.iter().filter(|entry| waits(app, entry)).collect();
    Ok(html! {
        @if !shown.is_empty() {
            section aria-labelledby="goals-title" {
                div.section-head { h2 id="goals-title" { "Goals" } a href=(format!("/goals/{}/{}", subject.level().name(), subject.id().unwrap_or_default())) { "All goals" } }
                @for entry in waiting.iter().take(3) { @if let Standing::Agreed { number, .. } = entry.standing { p.notice { a href=(format!("/goal/{number}")) { (entry.line.metric.label) ", " (entry.line.period.label()) } " is proposed and waits for you." } } }
                div.scroll tabindex="0" role="region" aria-label="Goals in short" {
                    table.table.goals {
                        caption.unseen { "Goals in short" }
                        thead { tr { th scope="col" { "Goal" } th scope="col" { "Period" } th scope="col" { "Attained" } th.num scope="col" { "Target" } th scope="col" { "Pace" } th.num scope="col" { "Days left" } } }
                        tbody { @for entry in shown.iter().take(SHOWN) { (row(entry, subject)) } }
                    }
                }
            }
        }
    })
}

/// Whether a goal is proposed, and not yet agreed to by the one who looks.
fn waits(app: &App, entry: &Entry) -> bool {
    let is_proposed = matches!(&entry.standing, Standing::Agreed { state: State::Proposed, .. });
    is_proposed
        && Party::of(app.viewer(), &entry.subject) == Some(Party::Subject)
        && app.may(Act::Write, Object::Targets)
}

fn row(entry: &Entry, subject: &Subject) -> Markup {
    let line = &entry.line;
    html! {
        tr {
            th scope="row" { a href=(path(entry, subject)) { (line.metric.label) } }
            td { (line.period.label()) @if let Standing::Agreed { state, .. } = &entry.standing { small.quiet { " " (state_words(state)) } } }
            td { (attained(line)) }
            td.num { @match line.target { Some(target) => (figure(target, line.metric.unit)), None => "–" } }
            td.small { (pace_words(line)) }
            td.num { (line.days_left.normalize()) }
        }
    }
}

/// Where a goal leads: one of bookings to why they changed, any other to its number.
fn path(entry: &Entry, subject: &Subject) -> String {
    let (metric, period) = (entry.line.metric.id.as_str(), &entry.line.period);
    match metric {
        "bookings" | "credited_bookings" => View::Why.path(subject, period),
        _ => number_path(subject, metric, period, "numbers"),
    }
}
