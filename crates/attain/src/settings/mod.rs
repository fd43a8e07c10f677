//! How the server is set up, for whoever runs it: what is in force and from where, what the company's
//! deliveries say of it, and whether mail and the identity provider answer.
//!
//! Settings are read where they are used ([`crate::config`]); here they are shown and tried.

mod company;
mod connections;
mod pages;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Settings), Rule::May(Act::Write, Object::Settings));
    Routes::new()
        .get("/settings", reads, pages::shown)
        .post("/settings/mail/test", writes, pages::mail_tried)
        .post("/settings/identity-provider/test", writes, pages::provider_tried)
}
