//! The numbers of closed periods that move, before and after: of people, of teams, of the company.

use attain_metrics::{Level, Member, Move, Movement, Subject};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Past;
use super::page::{SHOWN, more};
use crate::web::components::number_path;
use crate::web::format::whole;

/// Numbers that move: of the company, of teams, of people.
pub(super) fn numbers(past: &Past, title: &str, base: Option<&str>) -> Markup {
    let moves = &past.moves;
    html! {
        section aria-labelledby="moves-title" {
            div.section-head { h2 id="moves-title" { (title) } span.meta { "periods that are over; money in " (past.currency) } }
            @if moves.is_empty() {
                p { "No number of a period that is over moves." }
            } @else {
                (movements(past, "People", &moved(Level::Rep, &moves.people), true))
                (movements(past, "Teams", &moved(Level::Region, &moves.teams), false))
                (movements(past, "The company", &moves.company.iter().map(|movement| (Whose::Company, movement)).collect::<Vec<_>>(), false))
                p.small.quiet { "People and the unassigned rest add up to the company’s change." @if moves.company.is_empty() { " The company’s own numbers stay: what one has less, others have more." } }
                (more(moves.people.len().max(moves.teams.len()), base.map(|base| format!("{base}/numbers.csv")).as_deref()))
            }
        }
    }
}

/// Whose a number is.
#[derive(Clone, Copy)]
enum Whose<'m> {
    Company,
    /// A person's or a team's; of none, the unassigned rest.
    Member(Level, Option<&'m Member>),
}

impl Whose<'_> {
    /// The subject whose number can be opened.
    fn subject(self) -> Option<Subject> {
        match self {
            Whose::Company => Some(Subject::Company),
            Whose::Member(level, member) => Some(Subject::at(level, member?.id.clone())),
        }
    }
}

/// Whose, and what moved.
type Moved<'m> = (Whose<'m>, &'m Movement);

fn moved(level: Level, moves: &[Move]) -> Vec<Moved<'_>> {
    moves.iter().map(|moved| (Whose::Member(level, moved.member.as_ref()), &moved.movement)).collect()
}

fn movements(past: &Past, title: &str, moves: &[Moved<'_>], open: bool) -> Markup {
    html! {
        @if !moves.is_empty() {
            details.behind open[open] {
                summary { (title) ": " (whole(moves.len().into())) @if moves.len() == 1 { " number" } @else { " numbers" } }
                div.scroll tabindex="0" role="region" aria-label={ "Numbers of " (title) } {
                    table.table.tight {
                        caption.unseen { (title) ": numbers of closed periods that move, the greatest change of each metric first" }
                        thead { tr {
                            @if moves.iter().any(|(whose, _)| matches!(whose, Whose::Member(..))) { th scope="col" { "Whose" } }
                            th scope="col" { "Metric" } th scope="col" { "Period" } th.num scope="col" { "Before" } th.num scope="col" { "After" } th.num scope="col" { "Change" }
                        } }
                        tbody { @for (whose, movement) in moves.iter().take(SHOWN) { (movement_row(past, *whose, movement)) } }
                    }
                }
            }
        }
    }
}

fn movement_row(past: &Past, whose: Whose<'_>, movement: &Movement) -> Markup {
    let Movement { metric, period, before, after } = movement;
    let value =
        |value: &Option<Decimal>| value.map_or_else(|| "–".to_owned(), |value| past.figure(metric, value));
    let change = past.signed(metric, movement.change());
    // The sheet of the number, with the rows between before and now.
    let opened = past.before_at.zip(whose.subject()).map(|(then, subject)| {
        format!("{}&show=then&then={then}#rows", number_path(&subject, metric, period, "numbers"))
    });
    html! {
        tr {
            @if let Whose::Member(_, member) = whose { th scope="row" { (member.map_or("unassigned", |member| member.name.as_str())) } }
            td { (past.label(metric)) }
            td.nowrap { (period.label()) }
            td.num { (value(before)) }
            td.num { (value(after)) }
            td.num { @match opened { Some(path) => a.n.open href=(path) { (change) span.unseen { ", the rows between then and now" } }, None => (change) } }
        }
    }
}
