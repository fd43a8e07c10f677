//! Who asks, and what they may do.

use std::sync::Arc;

use attain_metrics::{Reach, Subject};
use attain_records::Actor;

use super::matrix::{self, Act, Extent, Object};
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
    /// As whom they look at pages, if as somebody else.
    pub(crate) viewing_as: Option<ViewedAs>,
}

/// Somebody whose pages another one looks at: laid out as theirs, without what the other may not read.
#[derive(Clone, Debug)]
pub(crate) struct ViewedAs {
    pub(crate) name: String,
    pub(crate) person: Option<String>,
    pub(crate) standing: Arc<Standing>,
}

impl SignedIn {
    /// How far they may do something, about whom: as somebody else no further than either.
    pub(crate) fn extent(&self, act: Act, object: Object) -> Option<Extent> {
        let own = self.standing.extent(act, object)?;
        match &self.viewing_as {
            None => Some(own),
            Some(other) => other.standing.extent(act, object).map(|theirs| theirs.min(own)),
        }
    }

    /// Whom of the roster pages are laid out for.
    pub(crate) fn shown_person(&self) -> Option<&str> {
        match &self.viewing_as {
            Some(other) => other.person.as_deref(),
            None => self.person.as_deref(),
        }
    }

    fn shown_standing(&self) -> &Standing {
        self.viewing_as.as_ref().map_or(&self.standing, |other| &other.standing)
    }

    fn may(&self, act: Act, object: Object) -> bool {
        let is_theirs = |standing: &Standing| standing.extent(act, object).is_some();
        match &self.viewing_as {
            None => (self.writes || act == Act::Read) && is_theirs(&self.standing),
            // Which values are shown the reach says; a page of them is laid out in any case.
            Some(other) => {
                act == Act::Read
                    && is_theirs(&other.standing)
                    && (object == Object::Values || is_theirs(&self.standing))
            }
        }
    }
}

impl Viewer {
    /// Whether they may do something to an object, whosoever's.
    pub(crate) fn may(&self, act: Act, object: Object) -> bool {
        match self {
            Viewer::Owner => true,
            Viewer::SignedIn(someone) => someone.may(act, object),
            Viewer::Nobody => false,
        }
    }

    /// How far pages are laid out: beyond it there are none.
    pub(crate) fn layout(&self) -> Reach {
        match self {
            Viewer::SignedIn(someone) => someone.shown_standing().reach().clone(),
            Viewer::Owner | Viewer::Nobody => self.reach(),
        }
    }

    /// How far they may see.
    pub(crate) fn reach(&self) -> Reach {
        match self {
            Viewer::Owner => Reach::Everything,
            Viewer::SignedIn(someone) => match &someone.viewing_as {
                None => someone.standing.reach().clone(),
                Some(other) => someone.standing.reach().within(other.standing.reach()),
            },
            Viewer::Nobody => Reach::Nothing,
        }
    }

    /// What an HR partner was assigned, of what pages are laid out for.
    pub(crate) fn population(&self) -> Reach {
        match self {
            Viewer::Owner => Reach::Everything,
            Viewer::SignedIn(someone) => match &someone.viewing_as {
                None => someone.standing.population().clone(),
                Some(other) => someone.standing.population().within(other.standing.population()),
            },
            Viewer::Nobody => Reach::Nothing,
        }
    }

    /// Whether pages are looked at as somebody else's.
    pub(crate) fn is_viewing_as(&self) -> bool {
        matches!(self, Viewer::SignedIn(someone) if someone.viewing_as.is_some())
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

    /// Whether a subject is the viewer themselves.
    pub(crate) fn is_about_themselves(&self, subject: &Subject) -> bool {
        match (self, subject) {
            (Viewer::SignedIn(someone), Subject::Rep(id)) => someone.person.as_ref() == Some(id),
            _ => false,
        }
    }
}
