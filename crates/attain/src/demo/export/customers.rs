//! Accounts, what is sold, what recurs, and what customers say.

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::Company;
use super::super::accounts::Account;
use super::super::days::instant;
use super::super::identifiers::{Object, identifier};
use super::super::names::REGIONS;
use super::super::products::{Family, PRODUCTS, Product};
use super::super::subscriptions;
use super::sheet::{Outbox, euros};

/// Days before the end of a subscription on which it is due for renewal.
const RENEWAL_DAYS_BEFORE: i64 = 60;

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    outbox.everything(
        "accounts.csv",
        [
            "Id",
            "Name",
            "Segment__c",
            "Industry",
            "Region__c",
            "BillingCountryCode",
            "NumberOfEmployees",
            "OwnerId",
        ],
        |today| accounts(company, today),
    )?;
    outbox.everything("account_territories.csv", ["AccountId", "TerritoryId"], |_| {
        account_territories(company)
    })?;
    outbox.everything(
        "products.csv",
        ["Id", "Name", "Family", "Recurring", "ListPrice__c", "CurrencyIsoCode"],
        |_| products(),
    )?;
    write_subscriptions(company, outbox)
}

fn accounts(company: &Company, today: Date) -> Vec<[String; 8]> {
    let mut owners = vec![String::new(); company.accounts.len()];
    for territory in &company.territories.all {
        if let Some(holder) = territory.holder_on(today) {
            territory.accounts.iter().for_each(|account| owners[*account] = identifier(Object::User, holder));
        }
    }
    let row = |((position, account), owner): ((usize, &Account), String)| {
        [
            identifier(Object::Account, position),
            account.name.clone(),
            account.segment.name().to_owned(),
            account.industry.to_owned(),
            REGIONS[account.region].name.to_owned(),
            account.country.to_owned(),
            account.employee_count.to_string(),
            owner,
        ]
    };
    company.accounts.iter().enumerate().zip(owners).map(row).collect()
}

fn account_territories(company: &Company) -> Vec<[String; 2]> {
    let all = company.territories.all.iter().enumerate();
    all.flat_map(|(position, territory)| {
        let accounts = territory.accounts.iter();
        accounts.map(move |account| {
            [identifier(Object::Account, *account), identifier(Object::Territory, position)]
        })
    })
    .collect()
}

fn products() -> Vec<[String; 6]> {
    let row = |(position, product): (usize, &Product)| {
        [
            identifier(Object::Product, position),
            product.name.to_owned(),
            product.family.name().to_owned(),
            (product.family == Family::Service).to_string(),
            euros(product.list_price_eur),
            "EUR".to_owned(),
        ]
    };
    PRODUCTS.iter().enumerate().map(row).collect()
}

fn write_subscriptions(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header = [
        "Id",
        "AccountId",
        "Product2Id",
        "MonthlyAmount",
        "CurrencyIsoCode",
        "StartDate",
        "EndDate",
        "RenewalDate",
    ];
    let mut sheet = outbox.changes("subscriptions.csv", header);
    let terms = subscriptions::invent(
        (&company.people, &company.accounts),
        &company.territories,
        &company.opportunities,
        &company.history,
        company.seed,
    );
    for (position, term) in terms.iter().enumerate() {
        let row = [
            identifier(Object::Subscription, position),
            identifier(Object::Account, term.account),
            identifier(Object::Product, term.product),
            euros(term.monthly_eur),
            "EUR".to_owned(),
            term.from.to_string(),
            term.to.to_string(),
            term.to.saturating_sub(RENEWAL_DAYS_BEFORE.days()).to_string(),
        ];
        sheet.add_once(term.from, row)?;
    }
    sheet.finish()
}

/// Answers to surveys.
pub(super) fn write_answers(
    answers: &[super::super::staff::Answer],
    outbox: &Outbox<'_>,
) -> anyhow::Result<()> {
    let header = ["ResponseId", "AccountId", "UserId", "Survey", "Score", "RespondedAt"];
    let mut sheet = outbox.changes("survey_responses.csv", header);
    for (number, answer) in answers.iter().enumerate() {
        let row = [
            format!("S{:06}", number + 1),
            identifier(Object::Account, answer.account),
            identifier(Object::User, answer.person),
            answer.kind.to_owned(),
            answer.score.to_string(),
            instant(answer.at),
        ];
        sheet.add_once(answer.at.date(), row)?;
    }
    sheet.finish()
}
