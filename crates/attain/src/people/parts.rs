//! The parts of this place, as tabs: those that are of use to the one who looks.

use maud::{Markup, html};

use crate::audit::reads_log;
use crate::permissions::{Act, Object};
use crate::web::App;

/// A part of the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Organisation,
    Accounts,
    SecurityEvents,
    AuditLog,
}

/// The tabs, one of them the page that is shown.
pub(crate) fn tabs(app: &App, here: Part) -> Markup {
    let parts = [
        (Part::Organisation, "Organisation", "/people", app.may(Act::Read, Object::Organisation)),
        (Part::Accounts, "Accounts", "/people/accounts", app.may(Act::Read, Object::Accounts)),
        (
            Part::SecurityEvents,
            "Security events",
            "/audit/security",
            app.may(Act::Read, Object::SecurityEvents),
        ),
        (Part::AuditLog, "Audit log", "/audit", reads_log(app.viewer())),
    ];
    let offered: Vec<_> = parts.into_iter().filter(|(.., may)| *may).collect();
    html! {
        @if offered.len() > 1 {
            nav.tabs aria-label="People" {
                @for (part, name, path, _) in offered { a href=(path) aria-current=[(part == here).then_some("page")] { (name) } }
            }
        }
    }
}
