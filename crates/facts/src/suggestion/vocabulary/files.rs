//! Words in the names of files that say what their rows are.

use crate::canonical::Table;

pub(super) const FILES: &[(Table, &str)] = &[
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
    (
        Table::Target,
        "quotas, quota, targets, goals, quota history, sales person quota history, ziele, zielwerte",
    ),
    (Table::ForecastSubmission, "forecasts, forecast submissions, prognosen"),
    (Table::FxRate, "fx rates, exchange rates, rates, kurse, wechselkurse"),
    (Table::Contract, "contracts, vertraege"),
    (Table::CampaignCost, "campaign costs, marketing costs"),
    (Table::SellingCost, "selling costs, payroll, personnel costs"),
    (Table::SurveyResponse, "survey responses, surveys, nps, csat"),
    (Table::TrainingAssignment, "trainings, training, courses, schulungen"),
];
