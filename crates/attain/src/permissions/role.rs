//! The roles of domain 15.1.

use std::fmt;

/// What somebody is to others, or was made by an admin. Rights are the union of those of all roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// A person of the roster, about themselves.
    Rep,
    /// Whom people report to, about these and for as long as they do.
    Manager,
    /// Whose people have people, about everybody below.
    Skip,
    /// A partner of human resources, about a part of the company.
    HrPartner,
    /// Who runs the server: settings and accounts, never what is said about people.
    Admin,
    /// Who brings data in and defines metrics.
    Operations,
    /// Who leads, and sees aggregates.
    Executive,
    /// Who checks, and changes nothing.
    Auditor,
}

impl Role {
    /// Every role, in the order of the matrix's columns.
    pub(crate) const ALL: [Role; 8] = [
        Role::Rep,
        Role::Manager,
        Role::Skip,
        Role::HrPartner,
        Role::Admin,
        Role::Operations,
        Role::Executive,
        Role::Auditor,
    ];

    /// Those an admin gives; the others follow from the roster.
    pub(crate) const GIVEN: [Role; 5] =
        [Role::HrPartner, Role::Admin, Role::Operations, Role::Executive, Role::Auditor];

    /// The name in records, addresses and the audit log.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Role::Rep => "rep",
            Role::Manager => "manager",
            Role::Skip => "skip",
            Role::HrPartner => "hrbp",
            Role::Admin => "admin",
            Role::Operations => "ops",
            Role::Executive => "exec",
            Role::Auditor => "auditor",
        }
    }

    /// The role of that name.
    pub(crate) fn from_key(key: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.key() == key)
    }

    /// What having it means, in a few words.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Role::Rep => "sees their own numbers",
            Role::Manager => "sees the numbers of those who report to them",
            Role::Skip => "sees the numbers of everybody below them",
            Role::HrPartner => "sees the numbers of a part of the company",
            Role::Admin => "runs the server: accounts, settings, definitions; sees no numbers of people",
            Role::Operations => "brings data in, defines metrics, sees all numbers and rows",
            Role::Executive => "sees aggregates of five people or more",
            Role::Auditor => "sees everything, changes nothing",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Role::Rep => "Seller",
            Role::Manager => "Manager",
            Role::Skip => "Manager of managers",
            Role::HrPartner => "HR partner",
            Role::Admin => "Admin",
            Role::Operations => "Operations",
            Role::Executive => "Executive",
            Role::Auditor => "Auditor",
        })
    }
}
