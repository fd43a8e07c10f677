//! People and how they are organised (domain 2.8, 2.9, training of 2.22).

use super::ColumnType::{Boolean, Choice, Date, PersonalText, Reference, Share, Text, TimeZone};
use super::column::{always, filled, optional};
use super::definition::{Constraint, Definition, Identifier, PLAIN, VALIDITY, one_at_a_time};
use super::{Column, Table};

/// The person that a row is about.
pub(super) const EMPLOYEE_ID: Column = always("employee_id", Reference(Table::Employee));
/// First day on which a row holds; blank means always.
pub(super) const VALID_FROM: Column = optional("valid_from", Date);
/// Day after the last on which a row holds; blank means still.
pub(super) const VALID_TO: Column = optional("valid_to", Date);

pub(super) const TEAM: Definition = Definition {
    name: "team",
    meaning: "a group of people; one without a parent is a region",
    identifier: Identifier::Given { column: "team_id", prefix: "team" },
    columns: &[
        always("name", Text),
        optional("parent_team_id", Reference(Table::Team)),
        VALID_FROM,
        VALID_TO,
    ],
    range: VALIDITY,
    constraints: &[Constraint::Forest { parent: "parent_team_id" }],
    ..PLAIN
};

pub(super) const EMPLOYEE: Definition = Definition {
    name: "employee",
    meaning: "a person who sells or leads sellers; `end_date` is the last working day",
    identifier: Identifier::Given { column: "employee_id", prefix: "person" },
    columns: &[
        always("display_name", PersonalText),
        optional("email", PersonalText),
        filled("role", Text),
        optional("level", Text),
        optional("hire_date", Date),
        optional("role_start_date", Date),
        optional("end_date", Date),
        optional("time_zone", TimeZone),
        optional("work_calendar_id", Text),
        optional("fte", Share),
    ],
    ..PLAIN
};

pub(super) const EMPLOYEE_ATTR: Definition = Definition {
    name: "employee_attr",
    meaning: "the part of full time that a person works, where it changes",
    columns: &[EMPLOYEE_ID, filled("fte", Share), VALID_FROM, VALID_TO],
    range: VALIDITY,
    constraints: &[one_at_a_time(&["employee_id"])],
    ..PLAIN
};

pub(super) const EMPLOYEE_ABSENCE: Definition = Definition {
    name: "employee_absence",
    meaning: "leave of a person; `to` is the day after the last",
    columns: &[EMPLOYEE_ID, filled("from", Date), optional("to", Date), filled("kind", Text)],
    range: Some(("from", "to")),
    events: &["from"],
    ..PLAIN
};

pub(super) const TEAM_ASSIGNMENT: Definition = Definition {
    name: "team_assignment",
    meaning: "a person belongs to a team",
    columns: &[
        EMPLOYEE_ID,
        always("team_id", Reference(Table::Team)),
        VALID_FROM,
        VALID_TO,
        filled("is_primary", Boolean),
    ],
    range: VALIDITY,
    constraints: &[Constraint::AtMostOne {
        per: &["employee_id"],
        share: None,
        except: Some(("is_primary", "false")),
    }],
    ..PLAIN
};

pub(super) const MANAGER_ASSIGNMENT: Definition = Definition {
    name: "manager_assignment",
    meaning: "a person reports to a manager",
    columns: &[
        EMPLOYEE_ID,
        always("manager_id", Reference(Table::Employee)),
        VALID_FROM,
        VALID_TO,
        filled("kind", Choice(&["line", "dotted"])),
    ],
    range: VALIDITY,
    constraints: &[
        Constraint::AtMostOne { per: &["employee_id"], share: None, except: Some(("kind", "dotted")) },
        Constraint::Chain { member: "employee_id", leader: "manager_id", except: ("kind", "dotted") },
    ],
    ..PLAIN
};

pub(super) const TRAINING_ASSIGNMENT: Definition = Definition {
    name: "training_assignment",
    meaning: "a course that a person is to complete",
    columns: &[
        EMPLOYEE_ID,
        filled("course", Text),
        filled("assigned_on", Date),
        filled("due_on", Date),
        optional("completed_on", Date),
    ],
    events: &["assigned_on"],
    ..PLAIN
};
