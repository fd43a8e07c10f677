//! The card of a role: at most five metrics by which people of a role are reviewed, each with a weight and beside
//! the one that keeps it honest (features B9, domain 6.6); and the score that comes of it.
//!
//! [`card`] has the rules of a card, [`version`] which one holds on a day, [`store`] keeps them, [`writing`] takes
//! a new one in; [`roles`] shows the cards, with the [`form`] of the next version. [`components`] holds what
//! somebody attained against their targets; [`composition`] makes a score of it, [`counter`] says when a metric
//! got better at the cost of its counter-metric, [`scored`] puts them together for a person, a team, a region or
//! the company, [`team`] for a manager's people side by side. [`pages`] and [`table`] show it, in [`words`];
//! [`file`] has it as CSV, [`api`] all of it as JSON. Nobody is put in order by a score, and no score is kept: it is made of numbers
//! that open, whenever somebody looks.

mod api;
mod card;
mod components;
mod composition;
mod counter;
mod file;
mod form;
mod pages;
mod roles;
mod scored;
mod store;
mod table;
mod team;
mod version;
mod words;
mod writing;

pub(crate) use card::{RoleCard, Weighted};
pub(crate) use pages::section;
pub(crate) use store::{New, add};

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages and endpoints of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Definitions);
    let writes = Rule::May(Act::Write, Object::Definitions);
    let values = Rule::May(Act::Read, Object::Values);
    Routes::new()
        .merge(api::routes())
        .get("/scorecards/roles", reads, roles::list)
        .get("/scorecards/roles/{role}", reads, roles::shown)
        .post("/scorecards/roles/{role}", writes, form::changed)
        .get("/scorecards/score", values, pages::company)
        .get("/scorecards/{level}/{id}/score", values, pages::subject)
        .get("/scorecards/score.csv", values, file::company)
        .get("/scorecards/{level}/{id}/score.csv", values, file::subject)
}
