//! Examples about customers: retention, recurring revenue, invoices, surveys.

use super::{Example, is};
use crate::catalogue::fixture::sheet::{Sheets, row};

fn add_account(sheets: &mut Sheets, account: &str) {
    row!(sheets, Account, id: account, name: account, created_at: "2025-01-01");
}

fn subscribe(sheets: &mut Sheets, account: &str, mrr: &str, from: &str, to: &str) {
    row!(sheets, Subscription, id: format!("{account}{from}"), account_id: account, mrr: mrr, mrr_ccy: "EUR",
        valid_from: from, valid_to: to);
}

/// X4.4: eight of ten stay; of three that came one left again.
#[tokio::test]
async fn a_customer_won_and_lost_inside_the_period_lowers_textbook_retention_only() {
    let mut sheets = Sheets::default();
    for (account, from, to) in ["a", "b", "c", "d", "e", "f", "g", "h"]
        .map(|account| (account, "2025-01-15", ""))
        .into_iter()
        .chain([("i", "2025-01-15", "2026-02-15"), ("j", "2025-01-15", "2026-03-15")])
        .chain([("k", "2026-01-20", ""), ("l", "2026-02-20", ""), ("m", "2026-01-10", "2026-03-10")])
    {
        add_account(&mut sheets, account);
        subscribe(&mut sheets, account, "100", from, to);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("retention_set", "2026-Q1").await, 0.8);
    is(&example.number("retention_textbook", "2026-Q1").await, 0.7);
    is(&example.number("logo_churn", "2026-Q1").await, 0.2);
}

/// X4.5: who comes back was acquired too. Left out, the three would make it 110 %.
#[tokio::test]
async fn former_customers_who_come_back_are_acquired() {
    let mut sheets = Sheets::default();
    for number in 0..25 {
        let account = format!("a{number:02}");
        add_account(&mut sheets, &account);
        match number {
            0..19 => subscribe(&mut sheets, &account, "100", "2025-01-15", ""),
            19 => subscribe(&mut sheets, &account, "100", "2025-01-15", "2026-02-15"),
            20..22 => subscribe(&mut sheets, &account, "100", "2026-02-01", ""),
            _ => {
                subscribe(&mut sheets, &account, "100", "2025-01-15", "2025-06-15");
                subscribe(&mut sheets, &account, "100", "2026-02-15", "");
            }
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("retention_set", "2026-Q1").await, 0.95);
    // 19 + 2 + 3 customers at the end, 5 acquired.
    is(&example.number("retention_textbook", "2026-Q1").await, 0.95);
}

/// X4.6: growth of some customers does not hide the loss of others.
#[tokio::test]
async fn recurring_revenue_is_retained_gross_and_net() {
    let mut sheets = Sheets::default();
    for (account, opening, ending) in
        [("a", "100", "150"), ("b", "200", "120"), ("c", "300", ""), ("d", "50", "50"), ("e", "", "400")]
    {
        add_account(&mut sheets, account);
        if !opening.is_empty() {
            subscribe(&mut sheets, account, opening, "2025-01-15", "2026-02-15");
        }
        if !ending.is_empty() {
            subscribe(&mut sheets, account, ending, "2026-02-15", "");
        }
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("grr", "2026-Q1").await, 270.0 / 650.0);
    is(&example.number("nrr", "2026-Q1").await, 320.0 / 650.0);
    is(&example.number("expansion_rate", "2026-Q1").await, 50.0 / 650.0);
    is(&example.number("arr", "2026-Q1").await, 8640.0);
    is(&example.number("logo_churn", "2026-Q1").await, 0.25);
}

/// X4.14: an account that nets to nothing is no customer of the quarter.
#[tokio::test]
async fn revenue_is_divided_by_accounts_that_net_to_something() {
    let mut sheets = Sheets::default();
    for account in ["a", "b", "c"] {
        add_account(&mut sheets, account);
    }
    for (number, (account, amount)) in
        [("a", "500.00"), ("a", "-100.00"), ("b", "250.00"), ("c", "80.00"), ("c", "-80.00")]
            .into_iter()
            .enumerate()
    {
        let is_credit = amount.starts_with('-');
        row!(sheets, InvoiceLine, id: number, account_id: account, invoice_date: "2026-02-10",
            quantity: if is_credit { "-1" } else { "1" }, net_amount: amount, net_amount_ccy: "EUR",
            kind: if is_credit { "credit" } else { "new" });
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    is(&example.number("revenue", "2026-Q1").await, 650.0);
    is(&example.number("revenue_per_customer", "2026-Q1").await, 325.0);
}

/// X4.16: promoters less detractors.
#[tokio::test]
async fn net_promoters_are_those_of_all_who_answered() {
    let mut sheets = Sheets::default();
    add_account(&mut sheets, "a");
    for (number, score) in [10, 9, 9, 8, 7, 6, 3, 10].into_iter().enumerate() {
        row!(sheets, SurveyResponse, id: number, account_id: "a", kind: "nps", score: score, responded_at: "2026-02-10");
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let nps = example.number("nps", "2026-Q1").await;
    is(&nps, 25.0);
    assert_eq!(nps.n, 8);
}
