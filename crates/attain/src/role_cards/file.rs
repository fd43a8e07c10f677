//! Scores as a CSV file: a line for each component, of the subject first, then of each of a manager's people.

use attain_metrics::Subject;
use axum::response::Response;

use super::components::Held;
use super::composition::Counted;
use super::pages::{Found, Wanted, found, named};
use super::scored::{Outcome, Scored};
use super::words::nothing;
use crate::export::{csv_file, spreadsheet_number, spreadsheet_text};
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::problem::PageError;

const COLUMNS: [&str; 17] = [
    "level",
    "name",
    "period",
    "role",
    "card_version",
    "score",
    "coverage",
    "metric",
    "value",
    "target",
    "attainment",
    "counts_as",
    "weight",
    "counts_for",
    "adds",
    "code",
    "why_none",
];

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Response, PageError> {
    file(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    file(&app, &named(&level, id)?, &wanted).await
}

async fn file(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Response, PageError> {
    let Found { period, subject, name, outcome, people, .. } = found(app, subject, wanted).await?;
    let mut lines = of(subject.level().name(), &name, period.key(), &outcome);
    for row in &people {
        lines.extend(of("rep", &row.member.name, period.key(), &row.outcome));
    }
    csv_file(&format!("score-{}", period.key()), &COLUMNS, &lines)
}

/// The lines of one of them; where there is no score, one that says why.
fn of(level: &str, name: &str, period: &str, outcome: &Outcome) -> Vec<Vec<String>> {
    let who = [level.to_owned(), spreadsheet_text(name), period.to_owned()];
    let line = |cells: Vec<String>| who.iter().cloned().chain(cells).collect();
    match outcome {
        Outcome::Nothing(why) => {
            let empty = COLUMNS.len() - who.len() - 1;
            vec![line([vec![String::new(); empty], vec![nothing(why)]].concat())]
        }
        Outcome::Scored(scored) => {
            let components = scored.held.iter().zip(&scored.composition.parts);
            components.map(|(held, counted)| line([whole(scored), part(held, counted)].concat())).collect()
        }
    }
}

fn whole(scored: &Scored) -> Vec<String> {
    let scorecard = &scored.composition.scorecard;
    vec![
        spreadsheet_text(&scored.version.role),
        scored.version.number.to_string(),
        spreadsheet_number(scorecard.score.ok()),
        spreadsheet_number(scorecard.coverage.ok()),
    ]
}

fn part(held: &Held, counted: &Counted) -> Vec<String> {
    let lack = held.attainment.as_ref().err();
    vec![
        spreadsheet_text(&held.of.metric),
        spreadsheet_number(held.number.as_ref().and_then(|number| number.value)),
        spreadsheet_number(held.target.map(|target| target.value)),
        spreadsheet_number(held.attainment.as_ref().ok().copied()),
        spreadsheet_number(counted.score),
        spreadsheet_number(Some(held.of.weight)),
        spreadsheet_number(counted.share),
        spreadsheet_number(counted.adds),
        lack.map(|lack| lack.code().to_owned()).unwrap_or_default(),
        lack.map(|lack| spreadsheet_text(lack.words())).unwrap_or_default(),
    ]
}
