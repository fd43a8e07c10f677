//! What exports call the columns of people and how they are organised.

use super::{COMMON, Entry, TELLING, USUAL};
use crate::canonical::Table;

pub(super) const ENTRIES: &[(Table, &[Entry])] = &[
    (
        Table::Team,
        &[
            (
                "key",
                COMMON,
                "team, team id, id, record id, office, region, regional office, department, department id, abteilung",
            ),
            ("name", COMMON, "team, team name, name, office, regional office, department, region, abteilung"),
            (
                "parent_team_id",
                TELLING,
                "parent team, parent, parent department, uebergeordnetes team, obergruppe",
            ),
        ],
    ),
    (
        Table::Employee,
        &[
            (
                "key",
                COMMON,
                "id, user id, employee id, employee number, personnel number, sales person id, person id, owner id, user, business entity id, personalnummer, mitarbeiternummer",
            ),
            (
                "display_name",
                USUAL,
                "name, full name, display name, user name, employee, employee name, rep, rep name, sales rep, sales agent, agent, seller, salesperson, sales person, sales representative, account executive, person, owner, owner name, mitarbeiter, verkaeufer, vertriebler, vertreter, aussendienst, aussendienstler, berater, mitarbeiterin",
            ),
            ("first_name", USUAL, "first name, given name, forename, vorname"),
            ("last_name", USUAL, "last name, surname, family name, nachname"),
            ("email", COMMON, "email, e mail, email address, mail, e mail adresse"),
            ("role", USUAL, "role, job title, title, position, function, job, rolle, funktion, stelle"),
            ("level", USUAL, "level, grade, seniority, stufe"),
            (
                "hire_date",
                TELLING,
                "hire date, hired, hired on, start date, joined, employment start, entry date, eintrittsdatum, eintritt, eingestellt am",
            ),
            ("role_start_date", TELLING, "role start, in role since, role start date"),
            (
                "end_date",
                USUAL,
                "end date, leave date, left, termination date, terminated, exit date, austrittsdatum, austritt",
            ),
            ("time_zone", USUAL, "time zone, timezone, tz, time zone sid key, zeitzone"),
            ("fte", TELLING, "fte, full time equivalent, workload, pensum, beschaeftigungsgrad"),
            (
                "manager_id",
                TELLING,
                "manager, manager id, manager name, manager email, manager e mail, supervisor email, reports to, boss, supervisor, team lead, line manager, sales manager, vorgesetzter, vorgesetzte, fuehrungskraft, vorgesetzter e mail, chef, leiter, teamleiter, vertriebsleiter",
            ),
            ("valid_from", COMMON, "valid from, member since, gueltig ab"),
            ("valid_to", COMMON, "valid to, valid until, gueltig bis"),
            (
                "team_id",
                TELLING,
                "team, team id, team name, regional office, office, region, department, branch, group, main team, sales team, abteilung, niederlassung, buero, standort, gruppe",
            ),
        ],
    ),
    (
        Table::EmployeeAbsence,
        &[
            ("employee_id", COMMON, "user id, person, employee, name, owner, mitarbeiter"),
            ("from", USUAL, "from, start, first day, start date, von, beginn"),
            ("to", USUAL, "to, end, last day, end date, bis, ende"),
            ("kind", USUAL, "kind, type, reason, absence type, leave type, art, grund"),
        ],
    ),
    (
        Table::TeamAssignment,
        &[
            ("employee_id", COMMON, "user id, person, employee, name, mitarbeiter"),
            ("team_id", USUAL, "team, department, office, region, abteilung"),
            ("valid_from", USUAL, "valid from, from, start date, since, von, seit"),
            ("valid_to", USUAL, "valid to, until, to, end date, bis"),
        ],
    ),
    (
        Table::ManagerAssignment,
        &[
            ("employee_id", COMMON, "user id, person, employee, name, mitarbeiter"),
            ("manager_id", USUAL, "manager, reports to, boss, supervisor, vorgesetzter"),
            ("valid_from", USUAL, "valid from, from, start date, since, von, seit"),
            ("valid_to", USUAL, "valid to, until, to, end date, bis"),
        ],
    ),
    (
        Table::TrainingAssignment,
        &[
            ("employee_id", COMMON, "user id, person, employee, mitarbeiter"),
            ("course", TELLING, "course, training, course name, kurs, schulung"),
            ("assigned_on", TELLING, "assigned, assigned on, assigned date, zugewiesen am"),
            ("due_on", TELLING, "due, due on, due date, faellig am"),
            ("completed_on", TELLING, "completed, completed on, completed date, abgeschlossen am"),
        ],
    ),
];
