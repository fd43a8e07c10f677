//! Questions as JSON.

use attain_metrics::Subject;
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::opened::{self, AnswerError, Opened};
use super::pages::LATE;
use super::pattern::OccasionRow;
use super::question::State;
use super::reader::Reader;
use super::store;
use crate::audit::seen;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Body, Path};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::IntegrityQuestions);
    let answers = Rule::May(Act::Write, Object::IntegrityQuestions);
    Routes::new().api(reads, routes!(questions)).api(reads, routes!(rows)).api(answers, routes!(answer))
}

/// A question about a pattern in somebody's rows.
#[derive(Serialize, ToSchema)]
struct QuestionOut {
    /// Its number.
    number: i64,
    /// Identifier of whom it was asked.
    person: String,
    /// Their name.
    name: String,
    /// burst, same_day, pushed or heaped.
    pattern: &'static str,
    /// The pattern with its figures.
    sentence: String,
    /// How many rows it is about.
    rows: i64,
    /// Snapshot whose rows these are.
    snapshot: i64,
    /// The day it was asked.
    asked_on: String,
    /// asked, answered, expired or withdrawn; others than the person read what was answered alone.
    state: &'static str,
    /// The last day on which it may be answered; null once it was, or was withdrawn.
    until: Option<String>,
    /// The answer.
    answer: Option<String>,
    /// The day of the answer.
    answered_on: Option<String>,
}

impl From<Opened> for QuestionOut {
    fn from(opened: Opened) -> QuestionOut {
        let state = opened.state.word();
        let (until, answer, answered_on) = match opened.state {
            State::Open { until } | State::Expired { after: until } => (Some(until.to_string()), None, None),
            State::Answered { answer, on } => (None, Some(answer), Some(on.to_string())),
            State::Withdrawn { .. } => (None, None, None),
        };
        let question = opened.question;
        QuestionOut {
            number: question.number,
            person: question.person,
            name: opened.name,
            pattern: question.pattern.key(),
            sentence: question.sentence,
            rows: question.rows,
            snapshot: question.snapshot,
            asked_on: question.asked_on.to_string(),
            state,
            until,
            answer,
            answered_on,
        }
    }
}

/// A row that a question is about, as it was known when it was asked.
#[derive(Serialize, ToSchema)]
struct QuestionRowOut {
    /// The question, for who reads answers of others; whom it was asked has it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
    /// The answer, beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// The source system.
    source_system: String,
    /// Its identifier there.
    source_id: String,
    /// What people call it.
    name: Option<String>,
    /// The day it happened.
    day: String,
    /// What of it makes the pattern.
    what: String,
}

impl QuestionRowOut {
    fn of(row: OccasionRow, told: Option<[&str; 2]>) -> QuestionRowOut {
        QuestionRowOut {
            question: told.map(|[question, _]| question.to_owned()),
            answer: told.map(|[_, answer]| answer.to_owned()),
            source_system: row.key.source_system,
            source_id: row.key.source_id,
            name: row.name,
            day: row.day.to_string(),
            what: row.what,
        }
    }
}

/// An answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AnswerIn {
    /// What happened, in words.
    answer: String,
}

/// Questions to whoever asks, and what others answered as far as they may read it
#[utoipa::path(get, path = "/api/v1/integrity-questions", responses((status = 200, body = Vec<QuestionOut>), (status = 404, body = Problem)))]
async fn questions(app: App) -> Result<Json<Vec<QuestionOut>>, PageError> {
    let asker = app.asker().await?;
    let mut questions = opened::own_ones(&app, &asker).await?;
    questions.extend(opened::answered_by_others(&app, &asker).await?);
    for opened in questions.iter().filter(|opened| opened.reader == Reader::OfAnswers) {
        let subject = Subject::Rep(opened.question.person.clone());
        seen::note(&app, &subject, "answered questions, by the API").await?;
    }
    Ok(Json(questions.into_iter().map(QuestionOut::from).collect()))
}

/// The rows that a question is about
#[utoipa::path(get, path = "/api/v1/integrity-questions/{number}/rows", params(("number" = i64, Path, description = "Its number")), responses((status = 200, body = Vec<QuestionRowOut>), (status = 404, body = Problem)))]
async fn rows(app: App, Path(number): Path<i64>) -> Result<Json<Vec<QuestionRowOut>>, PageError> {
    let opened = opened::one(&app, number).await?;
    let rows = store::rows(app.records().read(), &app.actor(), opened.question.number, None).await?;
    Ok(Json(rows.into_iter().map(|row| QuestionRowOut::of(row, opened.told())).collect()))
}

/// Answers a question; only whom it was asked can
#[utoipa::path(post, path = "/api/v1/integrity-questions/{number}/answer", params(("number" = i64, Path, description = "Its number")), request_body = AnswerIn, responses((status = 200, body = QuestionOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn answer(
    app: App,
    Path(number): Path<i64>,
    Body(sent): Body<AnswerIn>,
) -> Result<Json<QuestionOut>, PageError> {
    let opened = opened::one(&app, number).await?;
    opened::keep(&app, &opened, &sent.answer).await.map_err(|error| match error {
        AnswerError::Wrong(message) => PageError::Invalid { field: "answer".into(), message },
        AnswerError::Late => PageError::Refused(LATE.to_owned()),
        AnswerError::Page(error) => error,
    })?;
    Ok(Json(QuestionOut::from(opened::one(&app, number).await?)))
}
