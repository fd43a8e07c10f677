//! Who did and saw what: the log as people read it.
//!
//! Acts write their entries themselves, in their own transactions. Here are looks at somebody's
//! numbers ([`seen`]), looks at what one may not see ([`security`]), the daily letter with the head ([`mailing`]), and
//! the pages of all of it.

pub(crate) mod mailing;
mod pages;
pub(crate) mod security;
pub(crate) mod seen;

pub(crate) use pages::reads_log;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages of this place.
pub(crate) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::AuditLog);
    Routes::new()
        .get("/audit", reads, pages::log)
        .get("/audit/security", Rule::May(Act::Read, Object::SecurityEvents), pages::security)
        .get("/audit/seen", Rule::SignedIn, pages::seen)
}
