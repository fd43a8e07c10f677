//! Data: how it comes in, what was imported, when, by whom, and what became of every row; taking an
//! import back; and what is one and the same.
//!
//! Files come in through [`uploads`], in the browser or by the API, or through [`watched`] folders, and are
//! read by [`mappings`], which are saved with their versions. [`past`] is what becomes of numbers of periods
//! that are over. [`pages`] and [`api`] show the history; [`report`] is what an import did or would do,
//! [`sample`] rows as they would be; [`quality`] is what is wrong with the facts.

mod api;
pub(crate) mod mappings;
mod merged;
mod pages;
pub(crate) mod past;
pub(crate) mod quality;
mod report;
pub(crate) mod sample;
mod undo;
pub(crate) mod uploads;
pub(crate) mod watched;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Imports), Rule::May(Act::Write, Object::Imports));
    Routes::new()
        .get("/data/imports", reads, pages::history)
        .get("/data/merged", reads, merged::list)
        .post("/data/merged", writes, merged::submitted)
        .get("/data/imports/{number}", reads, pages::report)
        .get("/data/imports/{number}/undo", writes, undo::confirm)
        .post("/data/imports/{number}/undo", writes, undo::confirmed)
        .get("/data/imports/{number}/rejects/{file}", reads, pages::rejects)
        .get("/data/imports/{number}/past", reads, past::page::shown)
        .get("/data/imports/{number}/past/deals.csv", reads, past::files::deals)
        .get("/data/imports/{number}/past/numbers.csv", reads, past::files::numbers)
        .get("/data/imports/{number}/restatement", writes, past::restating::confirm)
        .post("/data/imports/{number}/restatement", writes, past::restating::confirmed)
        .post("/data/imports/{number}/take-back", writes, past::restating::taken_back)
        .merge(uploads::routes())
        .merge(mappings::routes())
        .merge(quality::routes())
        .merge(past::api::routes())
        .merge(api::routes())
}
