//! Templates: one choice of goals for everybody of a role (features A3–A5).
//!
//! [`choice`] reads what is chosen: role, metric (within the [`budget`] of the role), period, and how each target
//! comes about. [`gathering`] looks up
//! what must be known of everybody it could be for; [`draft`] makes the goals of it, or says why somebody is
//! left out. A [`preview`] shows the draft ([`pages`], in [`words`]); committing it proposes a version of a goal to each of
//! them in one transaction, under one number ([`store`], [`committed`]). An undo takes back what nobody has
//! acknowledged yet ([`undo`]). Leaders use templates for the people they lead, as their own proposals;
//! operations and admins for everybody, where both sides have yet to agree.

mod api;
pub(super) mod budget;
mod choice;
mod committed;
mod draft;
mod gathering;
mod pages;
mod preview;
mod store;
mod undo;
mod words;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of templates.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::GoalTemplates);
    let writes = Rule::May(Act::Write, Object::GoalTemplates);
    Routes::new()
        .merge(api::routes())
        .get("/goals/templates", reads, committed::list)
        .get("/goals/templates/new", writes, pages::new)
        .post("/goals/templates", writes, pages::commit)
        .get("/goals/templates/{number}", reads, committed::shown)
        .post("/goals/templates/{number}/undo", writes, committed::undo)
}
