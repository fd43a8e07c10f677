//! The matrix of domain 15.2, for the objects there are: who may do what, to whose.
//!
//! It is written once and reads like the table. Every page and endpoint names an object and an act,
//! and is closed to whoever has no grant; how far a grant goes becomes a reach over subjects
//! ([`super::standing`]).

use std::sync::LazyLock;

use super::role::Role;

/// What the matrix speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Object {
    /// What brings data in and looks it through: imports, mappings, quality, reconciliation.
    Imports,
    /// Values of metrics with their rows; to sign one is to write.
    Values,
    /// What people and teams are to reach; to propose or acknowledge one is to write.
    Targets,
    /// Goals for everybody of a role at once.
    GoalTemplates,
    /// What is taken off a target for some days; to ask for one or decide on it is to write.
    Reliefs,
    /// Questions about a pattern in somebody's rows, as far as they may be read; to answer one is to write.
    IntegrityQuestions,
    /// Metric definitions and calendars.
    Definitions,
    /// Who belongs where.
    Organisation,
    /// Accounts, their roles and tokens.
    Accounts,
    /// How the server is set up.
    Settings,
    /// Refused sign-ins and looks at what one may not see.
    SecurityEvents,
    /// Who did and saw what.
    AuditLog,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Read,
    Write,
}

/// Whose objects a grant is about, from the nearest to the furthest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Extent {
    /// About oneself.
    Own,
    /// Of current direct reports.
    Team,
    /// Of everybody, but as aggregates only.
    Aggregate,
    /// Of everybody below.
    Organisation,
    /// Of the part of the company that was assigned.
    Population,
    /// About how things are set up: accounts, roles, definitions.
    Settings,
    /// Of everybody.
    All,
}

/// `R` read, `W` write, `A` aggregates only, `-` nothing; then whose, everybody's where nothing
/// is said. `ops` stands beside the columns of domain 15.2 because its grants are told in words there.
const MATRIX: &str = "
object               rep     manager  skip    hrbp    admin  ops  exec  auditor
imports              -       -        -       -       -      RW   -     R
values               RW own  RW team  RW org  RW pop  -      RW   A     R
targets              RW own  RW team  RW org  R pop   -      R    A     R
goal_templates       -       RW team  RW org  -       RW     RW   -     R
reliefs              R own   RW team  RW org  R pop   RW set  -   -     R
integrity_questions  RW own  R team   -       R pop   -      -    -     R
definitions          R       R        R       R       RW     RW   R     R
organisation         R       R        R       R       RW     RW   R     R
accounts             -       -        -       -       RW     -    -     R
settings             -       -        -       -       RW     -    -     R
security_events      -       -        -       -       R      -    -     R
audit_log            R own   R own    -       R pop   R set  -    -     R
";

/// What a role may do to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grant {
    object: Object,
    role: Role,
    act: Act,
    extent: Extent,
}

static GRANTS: LazyLock<Vec<Grant>> = LazyLock::new(|| read(MATRIX));

/// The role among those given by which somebody may do something to an object: the one that reaches
/// furthest.
pub(crate) fn acting_as(roles: impl IntoIterator<Item = Role>, act: Act, object: Object) -> Option<Role> {
    let able = roles.into_iter().filter_map(|role| Some((extent(role, act, object)?, role)));
    able.max_by_key(|(extent, _)| *extent).map(|(_, role)| role)
}

/// Whose objects a role may do something to, if anybody's.
pub(crate) fn extent(role: Role, act: Act, object: Object) -> Option<Extent> {
    let found = GRANTS.iter().find(|grant| (grant.role, grant.act, grant.object) == (role, act, object));
    found.map(|grant| grant.extent)
}

fn read(matrix: &str) -> Vec<Grant> {
    let mut grants = Vec::new();
    for line in matrix.trim().lines().skip(1) {
        let mut cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
        let object = cells.next().and_then(Object::from_key).expect("a row begins with an object");
        for (role, cell) in Role::ALL.into_iter().zip(cells) {
            let (acts, whose) = cell.split_once(' ').unwrap_or((cell, ""));
            let extent = match (acts, whose) {
                ("A", _) => Extent::Aggregate,
                (_, "own") => Extent::Own,
                (_, "team") => Extent::Team,
                (_, "org") => Extent::Organisation,
                (_, "pop") => Extent::Population,
                (_, "set") => Extent::Settings,
                _ => Extent::All,
            };
            let acts = acts.chars().filter_map(|act| match act {
                'R' | 'A' => Some(Act::Read),
                'W' => Some(Act::Write),
                _ => None,
            });
            grants.extend(acts.map(|act| Grant { object, role, act, extent }));
        }
    }
    grants
}

impl Object {
    const ALL: [(Object, &str); 12] = [
        (Object::Imports, "imports"),
        (Object::Values, "values"),
        (Object::Targets, "targets"),
        (Object::GoalTemplates, "goal_templates"),
        (Object::Reliefs, "reliefs"),
        (Object::IntegrityQuestions, "integrity_questions"),
        (Object::Definitions, "definitions"),
        (Object::Organisation, "organisation"),
        (Object::Accounts, "accounts"),
        (Object::Settings, "settings"),
        (Object::SecurityEvents, "security_events"),
        (Object::AuditLog, "audit_log"),
    ];

    fn from_key(key: &str) -> Option<Object> {
        Object::ALL.into_iter().find(|(_, name)| *name == key).map(|(object, _)| object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Domain 15.2, the rows of "KPI values", "integrity question", "metric definitions" and "settings".
    #[test]
    fn the_matrix_says_what_the_domain_says() {
        let values = Role::ALL.map(|role| extent(role, Act::Read, Object::Values));
        let expected = [
            Some(Extent::Own),
            Some(Extent::Team),
            Some(Extent::Organisation),
            Some(Extent::Population),
            None,
            Some(Extent::All),
            Some(Extent::Aggregate),
            Some(Extent::All),
        ];
        assert_eq!(values, expected);
        let reads = Role::ALL.map(|role| extent(role, Act::Read, Object::IntegrityQuestions));
        let (team, population) = (Some(Extent::Team), Some(Extent::Population));
        assert_eq!(reads, [Some(Extent::Own), team, None, population, None, None, None, Some(Extent::All)]);
        let answers = Role::ALL.map(|role| extent(role, Act::Write, Object::IntegrityQuestions).is_some());
        assert_eq!(answers, [true, false, false, false, false, false, false, false]);
        let defines = Role::ALL.map(|role| extent(role, Act::Write, Object::Definitions).is_some());
        assert_eq!(defines, [false, false, false, false, true, true, false, false]);
        let sets = Role::ALL.map(|role| extent(role, Act::Write, Object::Settings).is_some());
        assert_eq!(sets, [false, false, false, false, true, false, false, false]);
    }

    #[test]
    fn every_object_has_a_cell_for_every_role() {
        let rows: Vec<&str> = MATRIX.trim().lines().collect();
        assert_eq!(rows.len(), 1 + Object::ALL.len());
        for row in rows {
            let cells = row.split("  ").filter(|cell| !cell.trim().is_empty()).count();
            assert_eq!(cells, 1 + Role::ALL.len(), "{row}");
        }
    }

    #[test]
    fn an_auditor_changes_nothing_and_an_admin_reads_no_numbers() {
        for (object, name) in Object::ALL {
            assert_eq!(extent(Role::Auditor, Act::Write, object), None, "{name}");
        }
        for object in [Object::Values, Object::Imports] {
            assert_eq!(extent(Role::Admin, Act::Read, object), None);
        }
    }
}
