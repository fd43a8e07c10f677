//! A manager's people side by side, in the order of names, each by the card of their own role. Nobody is ranked.

use attain_metrics::{Asker, Level, Member, Period, Subject};
use futures::future::try_join_all;
use maud::{Markup, html};

use super::components::Held;
use super::pages::score_path;
use super::scored::{self, Outcome, Scored};
use super::version::Version;
use super::words::{coverage, nothing, percent, score, weight};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::problem::PageError;

/// One of them.
pub(super) struct Row {
    pub(super) member: Member,
    pub(super) outcome: Outcome,
}

/// Everybody whom the one who asks may open, by name: the same scores as on their own pages.
///
/// # Errors
/// When facts or records cannot be read.
pub(super) async fn rows(
    app: &App,
    asker: &Asker,
    versions: &[Version],
    subject: &Subject,
    period: &Period,
) -> Result<Vec<Row>, PageError> {
    let reach = app.reach();
    let members = asker.organisation().members(Level::Rep, subject, period).into_iter();
    let opened = members.filter(|member| reach.opens(&Subject::Rep(member.id.clone())));
    try_join_all(opened.map(async |member| {
        let person = Subject::Rep(member.id.clone());
        let outcome = scored::of(app, asker, versions, (&person, period), None).await?;
        Ok(Row { member, outcome })
    }))
    .await
}

/// A table for each card, and who has none.
pub(super) fn tables(rows: &[Row], period: &Period) -> Markup {
    let mut cards: Vec<&Version> = rows.iter().filter_map(scored_by).map(|scored| &scored.version).collect();
    cards.sort_by(|one, other| one.role.cmp(&other.role));
    cards.dedup_by_key(|version| version.number);
    let without: Vec<(&Member, String)> = rows
        .iter()
        .filter_map(|row| match &row.outcome {
            Outcome::Nothing(why) => Some((&row.member, nothing(why))),
            Outcome::Scored(_) => None,
        })
        .collect();
    html! {
        @for version in cards {
            section aria-label=(format!("People of the role {}", version.role)) {
                div.section-head { h2 { "People of the role " (version.role) } }
                p.small.quiet { "In the order of names. A score says how much of their own targets somebody reached; it does not say who is better." }
                (table(&of_card(rows, version), version, period))
            }
        }
        @if !without.is_empty() {
            section aria-labelledby="without-title" {
                div.section-head { h2 id="without-title" { "Without a card" } }
                ul.plain-list { @for (member, why) in &without { li { a href=(score_path(&Subject::Rep(member.id.clone()), period)) { (member.name) } " " span.small.quiet { (why) } } } }
            }
        }
    }
}

fn scored_by(row: &Row) -> Option<&Scored> {
    match &row.outcome {
        Outcome::Scored(scored) => Some(scored),
        Outcome::Nothing(_) => None,
    }
}

fn of_card<'r>(rows: &'r [Row], version: &Version) -> Vec<(&'r Member, &'r Scored)> {
    let scored = rows.iter().filter_map(|row| Some((&row.member, scored_by(row)?)));
    scored.filter(|(_, scored)| scored.version.number == version.number).collect()
}

fn table(people: &[(&Member, &Scored)], version: &Version, period: &Period) -> Markup {
    let components = people.first().map(|(_, scored)| scored.held.as_slice()).unwrap_or_default();
    html! {
        div.scroll tabindex="0" role="region" aria-label=(format!("Scores by the card of {}", version.role)) {
            table.table {
                caption.unseen { "People with their scores and what these are made of, in the order of names" }
                thead { tr {
                    th scope="col" { "Person" } th.num scope="col" { "Score" } th.num scope="col" { "On weight" }
                    @for held in components { th.num scope="col" { (held.label()) " " small.quiet { (weight(held)) } } }
                } }
                tbody { @for (member, scored) in people { (row(member, scored, period)) } }
            }
        }
    }
}

fn row(member: &Member, scored: &Scored, period: &Period) -> Markup {
    let person = Subject::Rep(member.id.clone());
    let path = score_path(&person, period);
    html! {
        tr {
            th scope="row" { a href=(path) { (member.name) } }
            td.num { a.n href=(path) { @match scored.composition.scorecard.score { Ok(value) => (score(value)), Err(_) => "–" } span.unseen { " score of " (member.name) } } }
            td.num { @match coverage(scored) { Some(coverage) => (coverage), None => "–" } }
            @for held in &scored.held { td.num { (cell(held, &person, period)) } }
        }
    }
}

/// An attainment, which opens as the number it is of, or why there is none.
fn cell(held: &Held, person: &Subject, period: &Period) -> Markup {
    let path = number_path(person, &held.of.metric, period, "numbers");
    html! {
        @match (&held.metric, &held.attainment) {
            (Some(_), Ok(share)) => a.n href=(path) { (percent(*share)) },
            (Some(_), Err(lack)) => { a.n.absent href=(path) { "–" span.unseen { " " (held.label()) } } " " span.why title=(lack.code()) { (lack.words()) } },
            (None, _) => "–",
        }
    }
}
