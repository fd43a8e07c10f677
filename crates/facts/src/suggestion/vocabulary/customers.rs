//! What exports call the columns of customers and the parts of the market they lie in.

use super::{COMMON, Entry, TELLING, USUAL};
use crate::canonical::Table;

pub(super) const ENTRIES: &[(Table, &[Entry])] = &[
    (
        Table::Territory,
        &[
            ("key", USUAL, "territory id, territory, id, gebiet"),
            ("name", COMMON, "territory, territory name, name, gebiet, gebietsname"),
            ("region", COMMON, "region, group, area"),
            ("parent_id", USUAL, "parent territory, parent"),
            ("potential", TELLING, "potential, market potential, potenzial"),
            ("potential_ccy", COMMON, "currency, currency iso code, waehrung"),
        ],
    ),
    (
        Table::TerritoryAssignment,
        &[
            ("territory_id", USUAL, "territory, gebiet"),
            ("employee_id", COMMON, "user id, person, employee, sales person, mitarbeiter"),
            ("valid_from", USUAL, "valid from, from, start date, since, von, seit"),
            ("valid_to", USUAL, "valid to, until, to, end date, bis"),
            ("share", USUAL, "share, split, anteil"),
        ],
    ),
    (
        Table::Account,
        &[
            (
                "key",
                COMMON,
                "account id, customer id, company id, client id, organization id, customer number, customer no, account number, id, record id, kundennummer, kunden nr, debitor, debitorennummer",
            ),
            (
                "name",
                USUAL,
                "account, account name, customer, customer name, company, company name, client, client name, organization, organisation, organization name, name, kunde, kundenname, firma, firmenname",
            ),
            ("first_name", COMMON, "first name, vorname"),
            ("last_name", COMMON, "last name, nachname"),
            ("segment", TELLING, "segment, customer segment, tier, kundensegment"),
            (
                "industry",
                TELLING,
                "industry, sector, branch of industry, vertical, branche, wirtschaftszweig",
            ),
            ("region", COMMON, "region, area, gebiet"),
            (
                "country",
                TELLING,
                "country, billing country, country region, office location, headquarters, head office, hq, location, land, sitz, hauptsitz, standort",
            ),
            (
                "employee_count",
                TELLING,
                "employees, number of employees, headcount, staff, company size, mitarbeiter, mitarbeiterzahl, anzahl mitarbeiter, beschaeftigte",
            ),
            (
                "parent_account_id",
                TELLING,
                "parent, parent account, parent account id, parent company, parent id, subsidiary of, belongs to, group, holding, mutter, muttergesellschaft, mutterfirma, konzern, tochter von",
            ),
            (
                "owner_id",
                COMMON,
                "owner, account owner, company owner, owner id, account manager, support rep, support rep id, customer success manager, betreuer, kundenbetreuer, verantwortlich",
            ),
            (
                "created_at",
                COMMON,
                "created, created date, create date, created at, erstellt, erstellt am, angelegt am",
            ),
            (
                "became_customer_on",
                TELLING,
                "customer since, became a customer date, first order, kunde seit",
            ),
            ("currency", COMMON, "currency, waehrung"),
        ],
    ),
    (
        Table::AccountOwner,
        &[
            ("account_id", USUAL, "account, customer, kunde"),
            ("employee_id", USUAL, "owner, owner id, user id, betreuer"),
        ],
    ),
    (
        Table::AccountTerritory,
        &[("account_id", USUAL, "account, customer, kunde"), ("territory_id", USUAL, "territory, gebiet")],
    ),
    (
        Table::Contract,
        &[
            ("key", USUAL, "contract id, contract number, id, vertragsnummer"),
            ("account_id", USUAL, "account, customer, kunde"),
            ("product_id", COMMON, "product, produkt"),
            ("from", USUAL, "start date, start, from, contract start, vertragsbeginn, beginn"),
            ("to", USUAL, "end date, end, to, contract end, vertragsende, ende"),
            ("renewal_due_on", TELLING, "renewal date, renewal due, renewal, verlaengerung am"),
        ],
    ),
    (
        Table::SurveyResponse,
        &[
            ("key", COMMON, "response id, id"),
            ("account_id", USUAL, "account, customer, kunde"),
            ("employee_id", COMMON, "user id, rep, owner, employee"),
            ("kind", USUAL, "survey, survey type, kind, umfrage"),
            ("score", TELLING, "score, rating, answer, bewertung"),
            ("responded_at", TELLING, "responded at, responded, response date, answered, beantwortet am"),
        ],
    ),
];
