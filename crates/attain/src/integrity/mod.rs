//! Questions to a person about a pattern in their own rows (domain 7.13): 140 calls within nine minutes,
//! a deal created and closed on one day. A question is no verdict: it goes to the person first, and
//! nobody else ever reads it unless they answered.
//!
//! [`pattern`] says what is asked about, [`question`] what becomes of a question, both pure. After each
//! import [`raising`] looks the newest facts through and asks; [`stretch`] says which months and quarters
//! are over, [`store`] keeps what was asked, [`reader`] says who reads what. [`opened`] finds what one may read, and takes their answer; [`pages`] and [`api`]
//! show it.
//!
//! A question is asked; answered it stays with its answer, unanswered it expires after twenty working
//! days. Whose it is reads it in every state; their manager of today, the HR partner of their part of the
//! company and an auditor read it answered. One row is asked about once for each pattern.

mod api;
mod opened;
mod pages;
mod pattern;
mod question;
pub(crate) mod raising;
mod reader;
mod store;
mod stretch;

pub(crate) use pages::needing;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::IntegrityQuestions);
    let answers = Rule::May(Act::Write, Object::IntegrityQuestions);
    Routes::new()
        .merge(api::routes())
        .get("/questions", reads, pages::list)
        .get("/questions/{number}", reads, pages::shown)
        .get("/questions/{number}/rows.csv", reads, pages::rows_file)
        .post("/questions/{number}/answer", answers, pages::answered)
}
