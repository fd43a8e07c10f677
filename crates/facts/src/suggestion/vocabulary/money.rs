//! What exports call the columns of what is invoiced, recurs and costs.

use super::{COMMON, Entry, TELLING, USUAL};
use crate::canonical::Table;

pub(super) const ENTRIES: &[(Table, &[Entry])] = &[
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
            (
                "product_id",
                USUAL,
                "product, item, article, sku, stock code, material, product2id, artikel, artikelnummer, produkt",
            ),
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
                "net amount, net, line total, line amount, sales, sales amount, revenue, amount, total, net value, nettobetrag, netto, betrag, umsatz",
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
];
