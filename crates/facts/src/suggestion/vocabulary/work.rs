//! What exports call the columns of leads, activities, goals and forecasts.

use super::{COMMON, Entry, TELLING, USUAL};
use crate::canonical::Table;

pub(super) const ENTRIES: &[(Table, &[Entry])] = &[
    (
        Table::Lead,
        &[
            ("key", TELLING, "lead id, lead number, id, record id"),
            ("created_at", COMMON, "created, created date, create date, created at, erstellt am"),
            (
                "source",
                TELLING,
                "source, lead source, original source type, original source, quelle, herkunft",
            ),
            ("campaign", USUAL, "campaign, campaign id, kampagne"),
            ("owner_id", COMMON, "owner, lead owner, owner id, contact owner, verantwortlich"),
            ("status", USUAL, "status, lead status, lifecycle stage"),
            ("mql_at", TELLING, "mql date, marketing qualified date, became a marketing qualified lead date"),
            ("sql_at", TELLING, "sql date, sales qualified date, became a sales qualified lead date"),
            ("first_touch_at", TELLING, "first touch, first touch date, first contacted, first response"),
            (
                "converted_at",
                TELLING,
                "converted, converted date, conversion date, became an opportunity date, umgewandelt am",
            ),
            ("converted_opportunity_id", TELLING, "converted opportunity, converted opportunity id"),
            ("converted_account_id", TELLING, "converted account, converted account id"),
            ("disqualified_reason", TELLING, "disqualified reason, rejection reason"),
        ],
    ),
    (Table::LeadOwner, &[("employee_id", USUAL, "owner, owner id, user id")]),
    (
        Table::Activity,
        &[
            ("key", COMMON, "activity id, id, record id, task id, call id"),
            (
                "employee_id",
                USUAL,
                "owner, owner id, user id, assigned to, assigned, assigned to id, activity assigned to, rep, employee, person, mitarbeiter, verkaeufer",
            ),
            ("kind", USUAL, "kind, type, activity type, task subtype, art, aktivitaetsart"),
            ("direction", TELLING, "direction, call type, call direction, richtung"),
            (
                "occurred_at",
                TELLING,
                "occurred at, activity date, activity date time, date, start, start date time, due date, timestamp, when, datum, zeitpunkt",
            ),
            (
                "duration_s",
                TELLING,
                "duration, duration seconds, call duration, call duration in seconds, dauer",
            ),
            ("talk_s_employee", TELLING, "talk seconds, talk time, sprechzeit"),
            ("outcome", USUAL, "result, outcome, call result, call outcome, meeting outcome, ergebnis"),
            ("lead_id", USUAL, "lead, lead id"),
            ("account_id", COMMON, "account, customer, company, kunde"),
            ("opportunity_id", COMMON, "deal, deal id, opportunity, opportunity id"),
            ("logged_at", COMMON, "logged, logged at, created date, erfasst am"),
            ("thread_id", TELLING, "thread, thread id"),
        ],
    ),
    (
        Table::Target,
        &[
            ("key", COMMON, "quota id, forecasting quota id, target id, id"),
            ("kpi_id", USUAL, "metric, kpi, measure, kennzahl"),
            (
                "subject_id",
                USUAL,
                "person, employee, rep, user id, user, name, owner, quota owner id, sales person, salesperson, team, mitarbeiter, verkaeufer",
            ),
            ("subject_kind", USUAL, "subject kind, level, ebene"),
            (
                "period_id",
                TELLING,
                "period, quarter, month, fiscal quarter, fiscal period, start date, periode, quartal, monat, zeitraum",
            ),
            (
                "value",
                TELLING,
                "quota, target, goal, quota amount, target amount, target value, value, amount, ziel, zielwert, sollwert, soll, vorgabe",
            ),
            ("currency", COMMON, "currency, currency code, currency iso code, waehrung"),
            ("kind", COMMON, "kind, type, target type"),
            ("weight", USUAL, "weight, gewicht"),
            ("approved_by", USUAL, "approved by, approved by id, genehmigt von"),
            ("approved_at", USUAL, "approved, approved date, genehmigt am"),
        ],
    ),
    (
        Table::ForecastSubmission,
        &[
            ("employee_id", USUAL, "user id, person, rep, owner, mitarbeiter"),
            ("period_id", USUAL, "period, quarter, month, quartal"),
            ("value", USUAL, "amount, value, forecast, forecast amount, betrag"),
            ("category", TELLING, "category, forecast category, kategorie"),
            (
                "submitted_at",
                TELLING,
                "submitted, submitted at, submitted date, submission date, abgegeben am",
            ),
        ],
    ),
];
