//! Goals: what a person or a team is to reach in a period, by a metric, and how far they are.
//!
//! [`version`] holds the rules of agreeing on one (domain 6.9), [`store`] keeps what was agreed, [`party`]
//! says who may do what to it; [`line`] computes one goal as one line, [`entries`] reads those of a subject and its
//! people, [`targets`] what many are to reach; [`pages`] shows the goals of a person or a team, [`brief`] those of a
//! person in short, [`agreement`] one goal with its versions, [`quota`] one that was delivered, [`api`] the same as
//! JSON, in [`words`] they share; [`choosing`] and [`below`] say of when and at whose place. [`grid`] has everybody
//! below a leader side by side, [`cascade`] holds targets against those below them. [`outlook`] says where they will
//! end, [`planning`] whether they can be reached and are spread sensibly. [`template`] proposes goals to everybody of
//! a role at once, [`relief`] takes a part off one for some days. A goal lives outside reviews: these cite the
//! version that was in force.

mod agreement;
mod api;
mod below;
pub(crate) mod brief;
mod cascade;
mod choosing;
mod entries;
mod grid;
mod line;
mod outlook;
mod pages;
mod party;
mod planning;
mod quota;
mod relief;
mod store;
pub(crate) mod targets;
mod template;
mod version;
mod words;

pub(crate) use entries::CREDITED;
pub(crate) use party::Party;
pub(crate) use store::{Proposal, agree, by_number, propose};

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Targets), Rule::May(Act::Write, Object::Targets));
    Routes::new()
        .merge(api::routes())
        .merge(cascade::routes())
        .merge(grid::routes())
        .merge(relief::routes())
        .merge(template::routes())
        .merge(planning::routes())
        .get("/goals", reads, pages::start)
        .get("/goals/{level}/{id}", reads, pages::shown)
        .post("/goals/{level}/{id}", writes, agreement::propose)
        .get("/goals/{level}/{id}/{metric}", reads, quota::shown)
        .get("/goal/{number}", reads, agreement::shown)
        .post("/goal/{number}/acknowledge", writes, agreement::acknowledge)
        .post("/goal/{number}/decline", writes, agreement::decline)
        .post("/goal/{number}/withdraw", writes, agreement::withdraw)
        .post("/goal/{number}/change", writes, agreement::change)
}
