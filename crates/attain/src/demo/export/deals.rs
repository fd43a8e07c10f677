//! Deals as they stood, their moves from stage to stage, who shares their credit, and what was
//! invoiced for them.

use jiff::civil::Date;

use super::super::Company;
use super::super::days::instant;
use super::super::identifiers::{Object, identifier};
use super::super::invoices;
use super::super::moves::Course;
use super::super::moves::Stage;
use super::super::opportunities::Opportunity;
use super::super::products::PRODUCTS;
use super::super::splits;
use super::sheet::{Outbox, day, day_once_come, euros};

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    write_opportunities(company, outbox)?;
    write_history(company, outbox)?;
    write_splits(company, outbox)?;
    write_invoices(company, outbox)
}

const OPPORTUNITY: [&str; 18] = [
    "Id",
    "Name",
    "AccountId",
    "OwnerId",
    "StageName",
    "Probability",
    "ForecastCategoryName",
    "Amount",
    "ListAmount__c",
    "CurrencyIsoCode",
    "CloseDate",
    "CreatedDate",
    "Type",
    "Product2Id",
    "Lead__c",
    "LossReason__c",
    "Competitor__c",
    "NextStepDate__c",
];

fn write_opportunities(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet = outbox.changes("opportunities.csv", OPPORTUNITY);
    for (position, (deal, course)) in company.opportunities.iter().zip(&company.courses).enumerate() {
        sheet.add(course.changes(deal), |today| opportunity(company, position, (deal, course), today))?;
    }
    sheet.finish()
}

/// A deal as the CRM has it on a day.
fn opportunity(
    company: &Company,
    position: usize,
    (deal, course): (&Opportunity, &Course),
    today: Date,
) -> [String; 18] {
    let last = course.on(today);
    let list_amount = last.amount_eur.map(|_| deal.offer.list_amount_eur);
    let close_date = if last.stage.is_closed() { deal.close_date } else { course.expected_on(today, deal) };
    let created = if deal.creation_known { instant(deal.created_at) } else { String::new() };
    let (reason, competitor) = match last.stage {
        Stage::Lost => (deal.loss.reason, deal.loss.competitor.unwrap_or_default()),
        _ => ("", ""),
    };
    let price = |amount: Option<i64>| amount.map(euros).unwrap_or_default();
    [
        identifier(Object::Opportunity, position),
        format!("{} - {}", company.accounts[deal.account].name, PRODUCTS[deal.offer.product].name),
        identifier(Object::Account, deal.account),
        identifier(Object::User, deal.owner_on(today)),
        last.stage.name().to_owned(),
        last.stage.probability_percent().to_string(),
        last.stage.forecast_category().to_owned(),
        price(last.amount_eur),
        price(list_amount),
        "EUR".to_owned(),
        close_date.to_string(),
        created,
        deal.kind.name().to_owned(),
        identifier(Object::Product, deal.offer.product),
        deal.lead.map(|lead| identifier(Object::Lead, lead)).unwrap_or_default(),
        reason.to_owned(),
        competitor.to_owned(),
        day(course.next_step_on(today)),
    ]
}

fn write_history(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header = [
        "OpportunityId",
        "Sequence",
        "OldStage",
        "NewStage",
        "CreatedDate",
        "CreatedById",
        "Amount",
        "CloseDate",
    ];
    let mut sheet = outbox.changes("opportunity_history.csv", header);
    for (position, (deal, course)) in company.opportunities.iter().zip(&company.courses).enumerate() {
        let mut before = "";
        for (number, made) in course.moves.iter().enumerate() {
            let moved_on = made.at.date();
            let row = [
                identifier(Object::Opportunity, position),
                number.to_string(),
                before.to_owned(),
                made.stage.name().to_owned(),
                instant(made.at),
                identifier(Object::User, deal.owner_on(moved_on)),
                made.amount_eur.map(euros).unwrap_or_default(),
                made.expected.to_string(),
            ];
            sheet.add_once(moved_on, row)?;
            before = made.stage.name();
        }
    }
    sheet.finish()
}

fn write_splits(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let mut sheet =
        outbox.changes("opportunity_splits.csv", ["OpportunityId", "UserId", "SplitType", "SplitPercentage"]);
    for split in splits::invent(&company.people, &company.opportunities, company.seed) {
        let row = [
            identifier(Object::Opportunity, split.deal),
            identifier(Object::User, split.person),
            if split.is_primary { "Revenue" } else { "Overlay" }.to_owned(),
            split.percent.to_string(),
        ];
        sheet.add_once(company.opportunities[split.deal].entered_on(), row)?;
    }
    sheet.finish()
}

fn write_invoices(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let header = [
        "LineId",
        "AccountId",
        "OpportunityId",
        "Product2Id",
        "UserId",
        "InvoiceDate",
        "Kind",
        "Quantity",
        "ListUnitPrice",
        "NetAmount",
        "CurrencyIsoCode",
        "PaidDate",
    ];
    let mut sheet = outbox.changes("invoice_lines.csv", header);
    let lines = invoices::invent(&company.opportunities, company.seed);
    for (position, line) in lines.iter().enumerate() {
        let deal = &company.opportunities[line.deal];
        let changed_on = [Some(line.invoiced_on), line.paid_on];
        sheet.add(changed_on.into_iter().flatten(), |today| {
            [
                identifier(Object::Invoice, position),
                identifier(Object::Account, deal.account),
                identifier(Object::Opportunity, line.deal),
                identifier(Object::Product, deal.offer.product),
                identifier(Object::User, deal.closer()),
                line.invoiced_on.to_string(),
                line.kind.to_owned(),
                "1".to_owned(),
                euros(deal.offer.list_amount_eur),
                euros(line.net_eur),
                "EUR".to_owned(),
                day_once_come(line.paid_on, today),
            ]
        })?;
    }
    sheet.finish()
}
