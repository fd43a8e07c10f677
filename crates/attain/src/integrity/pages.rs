//! The questions of the one who looks and what others answered, one question with its rows, and what of
//! it stands where a person begins.

use attain_metrics::{Asker, Subject};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::opened::{self, AnswerError, Opened};
use super::pattern::OccasionRow;
use super::question::{ANSWER_MAX, State};
use super::reader::{Reader, own};
use super::store;
use crate::export::{csv_file, spreadsheet_text};
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::format::date;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Rows a page shows; the file has all of them.
const SHOWN: u64 = 200;

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Answered {
    answer: String,
}

pub(super) fn path(number: i64) -> String {
    format!("/questions/{number}")
}

/// What waits for an answer of the one who looks, on the scorecards at which people begin: the company's,
/// their team's, their own.
pub(crate) async fn needing(app: &App, subject: &Subject) -> Result<Markup, PageError> {
    let Some(person) = own(app.viewer()) else { return Ok(html! {}) };
    let begins_here = match subject {
        Subject::Company => true,
        Subject::Rep(id) | Subject::Manager(id) => id == person,
        Subject::Region(_) | Subject::Product(_) => false,
    };
    if !begins_here {
        return Ok(html! {});
    }
    let asker = app.asker().await?;
    let own = opened::own_ones(app, &asker).await?;
    let open = own.iter().filter_map(|opened| match opened.state {
        State::Open { until } => Some((opened, until)),
        _ => None,
    });
    let open: Vec<_> = open.collect();
    Ok(html! {
        @if !open.is_empty() {
            ul.needs aria-label="Needs you" {
                @for (opened, until) in open {
                    li { a href=(path(opened.question.number)) { "A question to you" } small { (opened.question.sentence) " Only you can read it; answer by " (date(until)) "." } }
                }
            }
        }
    })
}

/// The questions to the one who looks, and what others answered.
pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let own_ones = opened::own_ones(&app, &asker).await?;
    let others = opened::answered_by_others(&app, &asker).await?;
    let has_own = own(app.viewer()).is_some();
    let waiting = own_ones.iter().filter(|opened| matches!(opened.state, State::Open { .. })).count();
    let main = html! {
        div.head {
            h1 { "Questions" }
            p.finding {
                b {
                    @match (has_own, waiting) {
                        (false, _) => { "What people answered when a pattern in their records was asked about." },
                        (true, 0) => { "Nothing waits for your answer." },
                        (true, 1) => { "One question waits for your answer." },
                        (true, _) => { (waiting) " questions wait for your answer." },
                    }
                }
                " A question is about a pattern in somebody's rows, and no verdict. It goes to the person first; what is not answered nobody else ever reads."
            }
        }
        @if has_own {
            section aria-labelledby="own-title" {
                div.section-head { h2 id="own-title" { "To you" } }
                @if own_ones.is_empty() { p.quiet { "You were asked nothing yet. Each import is looked through for bursts of activities, deals created and closed on one day, closes put off again and again, and discounts heaped at the limit." } }
                @else { (own_list(&own_ones)) }
            }
        }
        @if !others.is_empty() || !has_own {
            section aria-labelledby="others-title" {
                div.section-head { h2 id="others-title" { "Answered by others" } }
                @if others.is_empty() { p.quiet { "Nobody whose answers you may read has answered a question." } }
                @else { (others_table(&others)) }
            }
        }
    };
    Ok(framed(&app, &asker, "Questions", main))
}

fn own_list(questions: &[Opened]) -> Markup {
    html! {
        ul.items {
            @for opened in questions {
                li {
                    div.who { a href=(path(opened.question.number)) { (opened.question.sentence) } small { (state_words(&opened.state)) } }
                    p { "Question " (opened.question.number) ", asked on " (date(opened.question.asked_on)) }
                }
            }
        }
    }
}

fn others_table(questions: &[Opened]) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Answered by others" {
            table.table {
                caption.unseen { "Answered by others, newest first" }
                thead { tr { th scope="col" { "Person" } th scope="col" { "Asked" } th scope="col" { "Answered" } } }
                tbody {
                    @for opened in questions {
                        tr {
                            th scope="row" { a href=(path(opened.question.number)) { (opened.name) ", question " (opened.question.number) } }
                            td { (date(opened.question.asked_on)) }
                            td { @if let State::Answered { on, .. } = &opened.state { (date(*on)) } }
                        }
                    }
                }
            }
        }
    }
}

fn state_words(state: &State) -> String {
    match state {
        State::Open { until } => format!("answer by {}", date(*until)),
        State::Answered { on, .. } => format!("answered on {}", date(*on)),
        State::Expired { after } => format!("expired after {}, seen by nobody", date(*after)),
        State::Withdrawn { on } => format!("withdrawn on {}: rows are gone; seen by nobody", date(*on)),
    }
}

pub(super) async fn shown(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    let opened = opened::one(&app, number).await?;
    whole(&app, &opened, None).await
}

/// Takes an answer, or says what is wrong with it and keeps what was typed.
pub(super) async fn answered(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Answered>,
) -> Result<Response, PageError> {
    let opened = opened::one(&app, number).await?;
    match opened::keep(&app, &opened, &sent.answer).await {
        Ok(()) => Ok(Redirect::to(&path(number)).into_response()),
        Err(AnswerError::Wrong(problem)) => {
            let again = whole(&app, &opened, Some((&sent.answer, &problem))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
        Err(AnswerError::Late) => {
            let opened = opened::one(&app, number).await?;
            Ok((StatusCode::CONFLICT, whole(&app, &opened, Some((&sent.answer, LATE))).await?)
                .into_response())
        }
        Err(AnswerError::Page(error)) => Err(error),
    }
}

/// What is said where an answer comes too late.
pub(super) const LATE: &str = "This question can no longer be answered. Nothing was changed.";

/// All rows of a question.
pub(super) async fn rows_file(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    let opened = opened::one(&app, number).await?;
    let rows = store::rows(app.records().read(), &app.actor(), number, None).await?;
    let record = |row: &OccasionRow| -> Vec<String> {
        let name = row.name.as_deref().unwrap_or_default();
        let day = row.day.to_string();
        let cells: [&str; 5] = [&row.key.source_system, &row.key.source_id, name, &day, &row.what];
        let told = opened.told().into_iter().flatten();
        told.chain(cells).map(spreadsheet_text).collect()
    };
    let records: Vec<Vec<String>> = rows.iter().map(record).collect();
    let told: &[&str] = if opened.told().is_some() { &["question", "answer"] } else { &[] };
    let columns = [told, &["source", "row", "name", "day", "what"]].concat();
    csv_file(&format!("question-{}", opened.question.number), &columns, &records)
}

async fn whole(app: &App, opened: &Opened, refused: Option<(&str, &str)>) -> Result<Markup, PageError> {
    let question = &opened.question;
    let rows = store::rows(app.records().read(), &app.actor(), question.number, Some(SHOWN)).await?;
    let title = match opened.reader {
        Reader::Asked => "A question to you".to_owned(),
        Reader::OfAnswers => format!("A question to {}", opened.name),
    };
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/questions" { "Questions" } } li aria-current="page" { "Question " (question.number) } } }
            div.head-line { h1 { (title) } span.meta { "Asked on " (date(question.asked_on)) ", " (state_words(&opened.state)) } }
            p.finding { b { (question.sentence) } " The rows below show it. " @if opened.reader == Reader::Asked { "There may be a good reason: a campaign, a list that was entered later, an order that came by itself. " } "This is a question, and no verdict." }
        }
        @if let Some((_, problem)) = refused { div.notice role="alert" { p { (problem) } } }
        (answer_section(opened, refused.map_or("", |(typed, _)| typed)))
        section aria-labelledby="rows-title" {
            div.section-head { h2 id="rows-title" { "The rows" } div.end { a href=(format!("{}/rows.csv", path(question.number))) { "All " (question.rows) " as CSV" } } }
            (rows_table(&rows))
            @if (rows.len() as i64) < question.rows { p.small.quiet { "The first " (rows.len()) " of " (question.rows) ", as they were known when the question was asked; the file has all of them." } }
            @else { p.small.quiet { "As they were known when the question was asked." } }
        }
    };
    Ok(framed(app, &opened.asker, &title, main))
}

fn answer_section(opened: &Opened, typed: &str) -> Markup {
    html! {
        section aria-labelledby="answer-title" {
            div.section-head { h2 id="answer-title" { @if opened.reader == Reader::Asked { "Your answer" } @else { "The answer" } } }
            @match &opened.state {
                State::Open { .. } => (form(opened, typed)),
                State::Answered { answer, .. } => {
                    @for line in answer.lines().filter(|line| !line.trim().is_empty()) { p { (line) } }
                    p.small.quiet { "It stays with the question: neither is shown without the other." }
                },
                State::Expired { .. } | State::Withdrawn { .. } => {
                    p.quiet { "Nobody but you has read this question, and nobody will: it is in no review. It can no longer be answered." }
                },
            }
        }
    }
}

fn form(opened: &Opened, typed: &str) -> Markup {
    let State::Open { until } = opened.state else { return html! {} };
    html! {
        form.editor method="post" action=(format!("{}/answer", path(opened.question.number))) {
            div.field {
                label for="answer" { "What happened here?" }
                textarea id="answer" name="answer" rows="5" required maxlength=(ANSWER_MAX) aria-describedby="readers" { (typed) }
            }
            p.small.quiet id="readers" {
                "Until you answer, only you can read this question. Then " (readers(opened)) " can read it, together with your answer. Without an answer by " (date(until)) " it expires: nobody else ever reads it, and it is in no review."
            }
            p.actions { button.button.primary type="submit" { "Answer" } }
        }
    }
}

/// Who reads an answer.
fn readers(opened: &Opened) -> String {
    let organisation = opened.asker.organisation();
    let manager = organisation.manager_on(&opened.question.person, opened.asker.as_of().asked_on);
    match manager {
        Some(manager) => format!(
            "{}, who manages you, the HR partner of your part of the company and auditors",
            manager.name
        ),
        None => "the HR partner of your part of the company and auditors".to_owned(),
    }
}

fn rows_table(rows: &[OccasionRow]) -> Markup {
    let named = rows.iter().any(|row| row.name.is_some());
    html! {
        div.scroll tabindex="0" role="region" aria-label="The rows" {
            table.table.tight {
                caption.unseen { "The rows, in order of time" }
                thead { tr { th scope="col" { "Row" } @if named { th scope="col" { "Name" } } th scope="col" { "Day" } th scope="col" { "What" } } }
                tbody {
                    @for row in rows {
                        tr {
                            th scope="row" { (row.key.source_id) " " small.quiet { (row.key.source_system) } }
                            @if named { td { (row.name.as_deref().unwrap_or("–")) } }
                            td { (date(row.day)) }
                            td { (row.what) }
                        }
                    }
                }
            }
        }
    }
}

fn framed(app: &App, asker: &Asker, title: &str, main: Markup) -> Markup {
    page(&Page {
        app,
        title,
        place: Some(Place::Questions),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}
