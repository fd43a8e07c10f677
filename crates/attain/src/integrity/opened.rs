//! A question as one who may read it opens it. Whoever may not finds nothing there.

use std::sync::Arc;

use attain_metrics::{Asker, Level, Subject, WorkingDays};
use attain_records::RecordsError;
use jiff::Timestamp;

use super::question::{Question, State, answer};
use super::reader::{Reader, own};
use super::store;
use crate::audit::seen;
use crate::web::App;
use crate::web::problem::PageError;

/// A question, with what it is to the one who reads it.
pub(super) struct Opened {
    pub(super) asker: Arc<Asker>,
    pub(super) question: Question,
    pub(super) state: State,
    /// The name of the person, who may have been merged into another since.
    pub(super) name: String,
    pub(super) reader: Reader,
}

impl Opened {
    /// Question and answer, for who reads answers of others: no row of it goes out without both.
    pub(super) fn told(&self) -> Option<[&str; 2]> {
        match (&self.reader, &self.state) {
            (Reader::OfAnswers, State::Answered { answer, .. }) => Some([&self.question.sentence, answer]),
            _ => None,
        }
    }
}

/// Why an answer was not taken.
pub(super) enum AnswerError {
    /// It says nothing, or too much.
    Wrong(String),
    /// The question can no longer be answered.
    Late,
    Page(PageError),
}

impl From<RecordsError> for AnswerError {
    fn from(error: RecordsError) -> AnswerError {
        AnswerError::Page(error.into())
    }
}

/// Opens one question. A look at an answer of somebody else is noted.
pub(super) async fn one(app: &App, number: i64) -> Result<Opened, PageError> {
    let asker = app.asker().await?;
    let question = store::by_number(app.records().read(), &app.actor(), number).await?;
    let opened = readable(app, &asker, question.ok_or(PageError::Hidden)?).ok_or(PageError::Hidden)?;
    if opened.reader == Reader::OfAnswers {
        let subject = Subject::Rep(opened.question.person.clone());
        seen::note(app, &subject, "an answered question").await?;
    }
    Ok(opened)
}

/// The questions to the one who asks, newest first.
pub(super) async fn own_ones(app: &App, asker: &Arc<Asker>) -> Result<Vec<Opened>, PageError> {
    let Some(person) = own(app.viewer()) else { return Ok(Vec::new()) };
    let ids = asker.organisation().ids_of(person);
    let asked = store::of_person(app.records().read(), &app.actor(), ids).await?;
    Ok(asked.into_iter().filter_map(|question| readable(app, asker, question)).collect())
}

/// What others answered, as far as the one who asks reads it, newest first.
pub(super) async fn answered_by_others(app: &App, asker: &Arc<Asker>) -> Result<Vec<Opened>, PageError> {
    let answered = store::answered(app.records().read(), &app.actor()).await?;
    let opened = answered.into_iter().filter_map(|question| readable(app, asker, question));
    Ok(opened.filter(|opened| opened.reader == Reader::OfAnswers).collect())
}

/// Keeps an answer of the person who was asked.
pub(super) async fn keep(app: &App, opened: &Opened, typed: &str) -> Result<(), AnswerError> {
    if opened.reader != Reader::Asked {
        return Err(AnswerError::Page(PageError::Hidden));
    }
    let answer = answer(typed).map_err(AnswerError::Wrong)?;
    let State::Open { .. } = opened.state else { return Err(AnswerError::Late) };
    let transaction = app.records().begin(&app.actor()).await?;
    store::alone(&transaction).await?;
    let now = store::by_number(transaction.connection(), &app.actor(), opened.question.number).await?;
    if now.is_none_or(|now| now.end.is_some()) {
        return Err(AnswerError::Late);
    }
    let when = (opened.asker.as_of().asked_on, Timestamp::now());
    store::answer(&transaction, &opened.question, answer, when).await?;
    transaction.commit().await?;
    Ok(())
}

fn readable(app: &App, asker: &Arc<Asker>, question: Question) -> Option<Opened> {
    let member = asker.organisation().member(Level::Rep, &question.person);
    let (person, name) = member.map_or_else(
        || (question.person.clone(), question.person.clone()),
        |member| (member.id, member.name),
    );
    let reader = Reader::of(app.viewer(), &person)?;
    let state = question.state(asker.as_of().asked_on, &WorkingDays::of(asker.company()));
    let is_readable = reader == Reader::Asked || matches!(state, State::Answered { .. });
    let question = Question { person, ..question };
    is_readable.then(|| Opened { asker: Arc::clone(asker), question, state, name, reader })
}
