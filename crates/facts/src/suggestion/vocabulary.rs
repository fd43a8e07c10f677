//! What people call things: for each table, the words that exports use for its columns, in English
//! and German. A column's own name always counts and does not stand here.

use std::sync::LazyLock;

use super::names::Words;
use crate::canonical::Table;

/// How much a column of that name says about what the rows are.
const TELLING: f64 = 3.0;
const USUAL: f64 = 1.0;
/// Names that stand in files of every kind.
const COMMON: f64 = 0.4;

/// What a column can become in a table, and what it is called.
pub(super) struct Field {
    pub(super) target: &'static str,
    pub(super) weight: f64,
    pub(super) words: Vec<Words>,
}

/// The fields of a table, its columns in their order behind the key.
pub(super) fn fields(table: Table) -> &'static [Field] {
    static FIELDS: LazyLock<Vec<Vec<Field>>> =
        LazyLock::new(|| Table::ALL.iter().map(|table| all_fields(*table)).collect());
    let position = Table::ALL.iter().position(|known| *known == table).unwrap_or_default();
    &FIELDS[position]
}

/// Every word that a header is known by.
pub(super) fn all_words() -> &'static [&'static str] {
    static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
        let entries = ENTRIES.iter().flat_map(|(_, entries)| entries.iter());
        entries.flat_map(|(_, _, words)| words.split(", ")).collect()
    });
    &WORDS
}

/// Words in the names of files that say what their rows are.
pub(super) fn file_words(table: Table) -> &'static str {
    let found = FILES.iter().find(|(known, _)| *known == table);
    found.map_or("", |(_, words)| words)
}

/// Targets that a table has besides its own columns: what hangs on a person, and names in two parts.
pub(super) fn extra_targets(table: Table) -> &'static [&'static str] {
    match table {
        Table::Employee => &["manager_id", "team_id", "first_name", "last_name", "valid_from", "valid_to"],
        Table::Account => &["first_name", "last_name"],
        _ => &[],
    }
}

fn all_fields(table: Table) -> Vec<Field> {
    let own = table.columns().iter().map(|column| column.name);
    let targets = std::iter::once("key").chain(own).chain(extra_targets(table).iter().copied());
    targets.map(|target| field(table, target)).collect()
}

fn field(table: Table, target: &'static str) -> Field {
    let entries = ENTRIES.iter().filter(|(known, _)| *known == table).flat_map(|(_, entries)| entries.iter());
    let entry = entries.clone().find(|(known, ..)| *known == target);
    let (weight, written) = entry.map_or((USUAL, ""), |(_, weight, words)| (*weight, *words));
    let own_name = match target {
        "key" => table.id_column().unwrap_or("id"),
        name => name,
    };
    let mut words = vec![Words::of(own_name)];
    if let Some(short) = own_name.strip_suffix("_id").filter(|_| target != "key") {
        words.push(Words::of(short));
    }
    words.extend(written.split(", ").filter(|word| !word.is_empty()).map(Words::of));
    Field { target, weight, words }
}

/// Words in the names of files.
const FILES: &[(Table, &str)] = &[
    (Table::Team, "teams, team, offices, regions, departments, department, abteilungen, regionen"),
    (
        Table::Employee,
        "employees, employee, users, user, owners, people, staff, sales teams, sales team, reps, sellers, salespeople, sales person, hr list, roster, mitarbeiter, verkaeufer, vertriebsteam",
    ),
    (Table::EmployeeAbsence, "absences, leave, vacations, abwesenheiten, urlaub"),
    (
        Table::TeamAssignment,
        "team assignments, assignments, team members, employee department history, teamzuordnung",
    ),
    (Table::ManagerAssignment, "manager assignments, reporting lines"),
    (Table::Territory, "territories, territory, sales territory, gebiete"),
    (Table::TerritoryAssignment, "territory assignments, territory history, sales territory history"),
    (
        Table::Account,
        "accounts, account, customers, customer, companies, organizations, organisations, clients, kunden, firmen, stores",
    ),
    (Table::AccountOwner, "account owners, account owner history"),
    (Table::AccountTerritory, "account territories"),
    (Table::Product, "products, product, items, articles, price list, produkte, artikel, preisliste"),
    (Table::Lead, "leads, lead, interessenten"),
    (Table::LeadOwner, "lead owners, lead owner history"),
    (
        Table::Opportunity,
        "opportunities, opportunity, deals, deal, pipeline, sales pipeline, orders, sales order header, sales, verkaufschancen, chancen, auftraege, auftrag, geschaefte",
    ),
    (Table::OpportunityOwner, "opportunity owners, opportunity owner history, deal owners"),
    (Table::CreditSplit, "splits, opportunity splits, credit splits"),
    (Table::OpportunityStageHistory, "opportunity history, stage history, deal stage history"),
    (Table::OpportunityContact, "opportunity contacts, contact roles"),
    (
        Table::InvoiceLine,
        "invoice lines, invoice line, invoices, invoice, order lines, rechnungen, rechnungspositionen, umsaetze",
    ),
    (Table::Subscription, "subscriptions, subscription, mrr, abos"),
    (
        Table::Activity,
        "activities, activity, calls, tasks, events, meetings, engagements, aktivitaeten, termine",
    ),
    (Table::Target, "quotas, quota, targets, goals, quota history, ziele, zielwerte"),
    (Table::ForecastSubmission, "forecasts, forecast submissions, prognosen"),
    (Table::FxRate, "fx rates, exchange rates, rates, kurse, wechselkurse"),
    (Table::Contract, "contracts, vertraege"),
    (Table::CampaignCost, "campaign costs, marketing costs"),
    (Table::SellingCost, "selling costs, payroll, personnel costs"),
    (Table::SurveyResponse, "survey responses, surveys, nps, csat"),
    (Table::TrainingAssignment, "trainings, training, courses, schulungen"),
];

type Entry = (&'static str, f64, &'static str);

const ENTRIES: &[(Table, &[Entry])] = &[
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
                "manager, manager id, manager name, reports to, boss, supervisor, team lead, line manager, sales manager, vorgesetzter, vorgesetzte, fuehrungskraft, chef, leiter, teamleiter, vertriebsleiter",
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
        Table::Product,
        &[
            (
                "key",
                COMMON,
                "product id, product code, sku, article number, item number, item no, part number, id, artikelnummer, produktnummer",
            ),
            (
                "name",
                USUAL,
                "product, product name, item, item name, article, name, produkt, produktname, artikel, bezeichnung, ware",
            ),
            (
                "family",
                TELLING,
                "family, product family, series, category, product line, line, range, produktfamilie, serie, kategorie, produktlinie, baureihe, warengruppe",
            ),
            (
                "list_price",
                TELLING,
                "list price, sales price, price, unit price, suggested retail price, rrp, listenpreis, verkaufspreis, preis, einzelpreis",
            ),
            ("list_price_ccy", COMMON, "currency, currency iso code, waehrung"),
            ("recurring", TELLING, "recurring, is recurring, subscription, wiederkehrend"),
            ("margin_rate", TELLING, "margin, margin rate, gross margin, marge"),
        ],
    ),
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
        Table::Opportunity,
        &[
            (
                "key",
                USUAL,
                "deal id, deal ref, deal reference, deal number, deal no, opportunity id, opportunity number, opp id, order id, sales order id, id, record id, ref, reference, vorgangsnummer, vorgangs nr, vorgang, auftragsnummer, auftrags nr, auftrag, chancen id, verkaufschance id, projektnummer",
            ),
            (
                "name",
                USUAL,
                "deal name, opportunity name, deal, opportunity, title, subject, deal title, name, titel, verkaufschance",
            ),
            (
                "account_id",
                USUAL,
                "account, account id, account name, customer, customer id, customer name, client, company, company name, organization, organisation, buyer, associated company, kunde, kundennummer, kundenname, firma, debitor",
            ),
            (
                "owner_id",
                USUAL,
                "owner, owner id, rep, sales rep, sales agent, agent, seller, salesperson, sales person, sales person id, account executive, deal owner, opportunity owner, assigned to, sold by, employee, sales representative, verkaeufer, vertriebler, vertreter, betreuer, mitarbeiter, verantwortlich, zustaendig, aussendienst",
            ),
            (
                "product_id",
                USUAL,
                "product, product id, product name, item, article, sku, produkt, produktname, artikel, artikelnummer, ware",
            ),
            ("type", COMMON, "type, deal type, opportunity type, business type"),
            (
                "created_at",
                USUAL,
                "created, created at, created date, create date, creation date, opened, open date, started, start, start date, engage date, engaged, begun, added, add time, deal created, order date, erstellt, erstellt am, angelegt, angelegt am, beginn, begonnen, eroeffnet, anlagedatum, startdatum",
            ),
            (
                "stage",
                TELLING,
                "stage, stage name, deal stage, phase, step, pipeline stage, sales stage, status, state, stufe, verkaufsphase, vertriebsphase, zustand, stand",
            ),
            ("outcome", TELLING, "outcome, result, won lost, win loss, deal status, ergebnis, ausgang"),
            (
                "close_date",
                TELLING,
                "close date, closed, closed at, closed on, close, closing date, end date, ended, finished, decision date, abschluss, abschlussdatum, geschlossen, geschlossen am, ende, abgeschlossen, abgeschlossen am, expected close date",
            ),
            (
                "amount",
                TELLING,
                "amount, value, deal value, deal amount, revenue, close value, total, sum, volume, worth, sub total, net amount, betrag, wert, umsatz, auftragswert, summe, erloes, volumen, abschlusswert",
            ),
            (
                "amount_ccy",
                COMMON,
                "currency, currency code, currency iso code, currency of value, deal currency code, opportunity currency, amount currency, waehrung",
            ),
            ("list_amount", TELLING, "list amount, list value, listenwert"),
            (
                "lost_reason",
                TELLING,
                "lost reason, loss reason, closed lost reason, reason lost, verlustgrund, absagegrund",
            ),
            ("competitor", TELLING, "competitor, lost to, main competitor, wettbewerber, mitbewerber"),
            ("next_step_on", USUAL, "next step date, next activity date, next step on, naechster schritt am"),
            ("lead_id", USUAL, "lead, lead id"),
            ("product_family", USUAL, "product family, produktfamilie"),
            ("recurring_amount", TELLING, "recurring amount, mrr, arr, annual recurring revenue, acv"),
            (
                "probability",
                TELLING,
                "probability, win probability, likelihood, deal probability, chance, wahrscheinlichkeit",
            ),
            (
                "forecast_category",
                TELLING,
                "forecast category, forecast category name, forecast, prognosekategorie",
            ),
        ],
    ),
    (
        Table::OpportunityOwner,
        &[
            ("opportunity_id", USUAL, "deal, deal id, opportunity"),
            ("employee_id", USUAL, "owner, owner id, user id"),
            ("valid_from", USUAL, "valid from, from, since"),
            ("valid_to", USUAL, "valid to, until, to"),
        ],
    ),
    (
        Table::CreditSplit,
        &[
            ("opportunity_id", USUAL, "deal, deal id, opportunity"),
            ("employee_id", USUAL, "user id, split owner, split owner id, owner, person"),
            ("kind", USUAL, "split type, kind, type"),
            ("share", TELLING, "share, split, split percentage, percentage, anteil, prozent"),
        ],
    ),
    (
        Table::OpportunityStageHistory,
        &[
            ("key", COMMON, "opportunity history id, id"),
            ("opportunity_id", USUAL, "deal, deal id, opportunity"),
            ("seq", TELLING, "sequence, seq, step number, order"),
            ("from_stage", TELLING, "from stage, old stage, previous stage, old value"),
            ("to_stage", TELLING, "to stage, new stage, stage name, new value"),
            ("changed_at", TELLING, "changed at, change date, created date, last modified, changed on"),
            ("changed_by", USUAL, "changed by, created by, created by id, last modified by"),
            ("amount_at_change", USUAL, "amount, to amount"),
            ("close_date_at_change", USUAL, "close date, to close date"),
        ],
    ),
    (
        Table::OpportunityContact,
        &[
            ("opportunity_id", USUAL, "deal, deal id, opportunity"),
            ("contact_id", TELLING, "contact, contact id, ansprechpartner"),
            ("first_seen_at", USUAL, "first seen, created date"),
        ],
    ),
    (
        Table::InvoiceLine,
        &[
            (
                "key",
                USUAL,
                "line id, invoice line id, invoice number, invoice no, invoice id, id, rechnungsnummer, belegnummer, position",
            ),
            (
                "account_id",
                USUAL,
                "account, customer, customer id, client, company, kunde, kundennummer, debitor",
            ),
            ("opportunity_id", USUAL, "deal, deal id, opportunity, order id, auftrag"),
            ("product_id", USUAL, "product, item, article, sku, product2id, artikel, artikelnummer, produkt"),
            (
                "employee_id",
                USUAL,
                "rep, sales rep, seller, salesperson, user id, owner, employee, verkaeufer, vertreter",
            ),
            (
                "invoice_date",
                TELLING,
                "invoice date, invoiced, invoiced on, billing date, posting date, date, rechnungsdatum, belegdatum, buchungsdatum",
            ),
            ("service_from", TELLING, "service from, service start, leistung von"),
            ("service_to", TELLING, "service to, service end, leistung bis"),
            ("quantity", TELLING, "quantity, qty, units, pieces, menge, anzahl, stueck"),
            (
                "list_unit_price",
                USUAL,
                "list unit price, unit price, list price, price, einzelpreis, listenpreis",
            ),
            (
                "net_amount",
                TELLING,
                "net amount, net, line total, amount, total, net value, nettobetrag, netto, betrag, umsatz",
            ),
            ("net_amount_ccy", COMMON, "currency, currency iso code, waehrung"),
            ("kind", USUAL, "kind, type, line type, art"),
            ("paid_on", TELLING, "paid, paid on, paid date, payment date, bezahlt am, zahlungsdatum"),
        ],
    ),
    (
        Table::Subscription,
        &[
            ("key", COMMON, "subscription id, id"),
            ("account_id", USUAL, "account, customer, kunde"),
            ("product_id", USUAL, "product, plan, produkt"),
            ("mrr", TELLING, "mrr, monthly amount, monthly recurring revenue, monthly fee, monatsbetrag"),
            ("mrr_ccy", COMMON, "currency, currency iso code, waehrung"),
            ("valid_from", USUAL, "start date, from, start, valid from, beginn"),
            ("valid_to", USUAL, "end date, to, end, valid to, cancelled on, ende"),
        ],
    ),
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
    (
        Table::FxRate,
        &[
            ("rate_set", TELLING, "rate set, set, rate type, kursart"),
            ("from_ccy", TELLING, "from, from currency, currency, source currency, iso code, von"),
            ("to_ccy", TELLING, "to, to currency, target currency, nach"),
            ("rate_date", TELLING, "date, rate date, day, start date, datum"),
            ("rate", TELLING, "rate, exchange rate, conversion rate, kurs"),
        ],
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
        Table::CampaignCost,
        &[
            ("campaign", TELLING, "campaign, campaign name, kampagne"),
            ("month", USUAL, "month, date, monat"),
            ("amount", TELLING, "cost, costs, amount, spend, kosten"),
            ("ccy", COMMON, "currency, waehrung"),
        ],
    ),
    (
        Table::SellingCost,
        &[
            ("employee_id", COMMON, "user id, person, employee, rep, mitarbeiter"),
            ("month", USUAL, "month, monat"),
            ("pay", TELLING, "pay, salary, wages, gehalt"),
            ("expense", TELLING, "expense, expenses, travel, spesen"),
            ("ccy", COMMON, "currency, waehrung"),
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
