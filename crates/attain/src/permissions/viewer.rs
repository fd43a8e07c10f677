//! Who asks, and what they may do.

use std::sync::Arc;

use attain_metrics::{Reach, Subject};
use attain_records::Actor;

use super::matrix::{self, Act, Object};
use super::role::Role;
use super::standing::Standing;

/// The one a page is made for, or an endpoint answers.
#[derive(Clone, Debug)]
pub(crate) enum Viewer {
    /// Who has the machine.
    Owner,
    /// Somebody with an account.
    SignedIn(Arc<SignedIn>),
    /// Anybody.
    Nobody,
}

/// Somebody with an account, as they stand at this moment.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) account: i64,
    pub(crate) name: String,
    /// Their identifier in the roster, where they are in it.
    pub(crate) person: Option<String>,
    pub(crate) standing: Arc<Standing>,
    /// Whether they may change anything here: a program may have been given a token that only reads.
    pub(crate) writes: bool,
}

impl Viewer {
    /// Whether they may do something to an object, whosoever's.
    pub(crate) fn may(&self, act: Act, object: Object) -> bool {
        match self {
            Viewer::Owner => true,
            Viewer::SignedIn(someone) => {
                (someone.writes || act == Act::Read)
                    && matrix::acting_as(someone.standing.roles(), act, object).is_some()
            }
            Viewer::Nobody => false,
        }
    }

    /// How far they may see.
    pub(crate) fn reach(&self) -> Reach {
        match self {
            Viewer::Owner => Reach::Everything,
            Viewer::SignedIn(someone) => someone.standing.reach().clone(),
            Viewer::Nobody => Reach::Nothing,
        }
    }

    /// In whose name records are read and written.
    pub(crate) fn actor(&self) -> Actor {
        match self {
            Viewer::Owner => Actor::local_owner(),
            Viewer::SignedIn(someone) => Actor::account(someone.account, None),
            Viewer::Nobody => Actor::nobody(),
        }
    }

    /// The same, in the role by which they may do it.
    pub(crate) fn acting(&self, act: Act, object: Object) -> Actor {
        match self {
            Viewer::SignedIn(someone) => {
                let role = matrix::acting_as(someone.standing.roles(), act, object);
                Actor::account(someone.account, role.map(Role::key))
            }
            Viewer::Owner | Viewer::Nobody => self.actor(),
        }
    }

    /// Whether a subject is the viewer themselves, or the team that is theirs.
    pub(crate) fn is_about_themselves(&self, subject: &Subject) -> bool {
        match (self, subject) {
            (Viewer::SignedIn(someone), Subject::Rep(id)) => someone.person.as_ref() == Some(id),
            _ => false,
        }
    }
}
