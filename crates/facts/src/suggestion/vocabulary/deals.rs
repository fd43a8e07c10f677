//! What exports call the columns of what is sold, and deals.

use super::{COMMON, Entry, TELLING, USUAL};
use crate::canonical::Table;

pub(super) const ENTRIES: &[(Table, &[Entry])] = &[
    (
        Table::Product,
        &[
            (
                "key",
                COMMON,
                "product id, product code, sku, stock code, material number, article number, item number, item no, part number, id, artikelnummer, produktnummer",
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
                "deal name, opportunity name, deal, opportunity, title, subject, topic, betreff, deal title, name, titel, verkaufschance",
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
                "close date, closed, closed at, closed on, close, closing date, end date, ended, finished, decision date, abschluss, abschlussdatum, geschlossen, geschlossen am, ende, abgeschlossen, abgeschlossen am, expected close date, est close date, estimated close date, actual close date",
            ),
            (
                "amount",
                TELLING,
                "amount, value, deal value, deal amount, opportunity amount, revenue, close value, total, sum, volume, worth, sub total, net amount, est revenue, estimated revenue, actual revenue, betrag, wert, umsatz, auftragswert, summe, erloes, volumen, abschlusswert",
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
];
