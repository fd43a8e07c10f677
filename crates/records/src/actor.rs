//! Who does something.

use std::fmt;

/// The one in whose name a record is read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    LocalOwner,
    Nobody,
    Account { number: i64, acting_as: Option<&'static str> },
}

impl Actor {
    /// The person at the machine: whoever may run the program on its data directory.
    #[must_use]
    pub fn local_owner() -> Actor {
        Actor(Kind::LocalOwner)
    }

    /// Somebody who has not signed in.
    #[must_use]
    pub fn nobody() -> Actor {
        Actor(Kind::Nobody)
    }

    /// A person with an account, and the role in which they act where one is needed for it.
    #[must_use]
    pub fn account(number: i64, acting_as: Option<&'static str>) -> Actor {
        Actor(Kind::Account { number, acting_as })
    }

    /// Whether this is the owner of the machine.
    #[must_use]
    pub fn is_local_owner(&self) -> bool {
        self.0 == Kind::LocalOwner
    }

    /// The number of the account, of one who has one.
    #[must_use]
    pub fn account_number(&self) -> Option<i64> {
        match self.0 {
            Kind::Account { number, .. } => Some(number),
            Kind::LocalOwner | Kind::Nobody => None,
        }
    }
}

/// The stable form the audit log keeps. Accounts are numbers there, so that a person's name can be
/// erased without breaking the chain (domain 2.23).
impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::LocalOwner => formatter.write_str("local owner"),
            Kind::Nobody => formatter.write_str("nobody"),
            Kind::Account { number, acting_as: None } => write!(formatter, "account {number}"),
            Kind::Account { number, acting_as: Some(role) } => {
                write!(formatter, "account {number} as {role}")
            }
        }
    }
}
