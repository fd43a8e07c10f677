//! Who does something.

use std::fmt;

/// The one in whose name a record is read or written. Until people can sign in there is only the
/// owner of the machine Attain runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    LocalOwner,
}

impl Actor {
    /// The person at the machine: whoever may run the program on its data directory.
    #[must_use]
    pub fn local_owner() -> Actor {
        Actor(Kind::LocalOwner)
    }

    /// Whether this is the owner of the machine.
    #[must_use]
    pub fn is_local_owner(&self) -> bool {
        self.0 == Kind::LocalOwner
    }
}

/// The stable form the audit log keeps.
impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::LocalOwner => formatter.write_str("local owner"),
        }
    }
}
