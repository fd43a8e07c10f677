//! The files: one for each object of the CRM, under its own column names.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use csv::{QuoteStyle, WriterBuilder};
use jiff::civil::Date;

use super::Company;
use super::identifiers::{Object, identifier};
use super::names::{REGIONS, email};
use super::opportunities::Opportunity;
use super::people::{Person, Posting, Role};

/// The mapping that imports the files; a copy of it lies beside them.
const MAPPING: &str = include_str!("mapping.yaml");

/// Writes the company's export and returns the path of the mapping. Files of the same names that
/// hold something else are somebody's own: then nothing is written.
pub(super) fn write(company: &Company, directory: &Path) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(directory)
        .with_context(|| format!("could not create {}", directory.display()))?;
    let mut contents = vec![(directory.join("mapping.yaml"), MAPPING.as_bytes().to_vec())];
    for (name, rows) in files(company) {
        contents.push((directory.join(name), bytes(&rows)?));
    }
    for (path, content) in &contents {
        if std::fs::read(path).is_ok_and(|found| found != *content) {
            bail!("{} is there already and holds something else; choose another folder", path.display());
        }
    }
    for (path, content) in &contents {
        std::fs::write(path, content).with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(directory.join("mapping.yaml"))
}

/// A file's rows, the header first.
type Rows = Vec<Vec<String>>;

fn files(company: &Company) -> [(&'static str, Rows); 7] {
    [
        ("users.csv", users(&company.people)),
        ("teams.csv", teams()),
        ("assignments.csv", assignments(&company.people)),
        ("managers.csv", managers(&company.people)),
        ("accounts.csv", accounts(company)),
        ("products.csv", products(company)),
        ("opportunities.csv", opportunities(company)),
    ]
}

/// Every field in quotes, as the CRM's own loader writes them.
fn bytes(rows: &Rows) -> anyhow::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.into_inner()?)
}

fn with_header<const N: usize>(header: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Rows {
    std::iter::once(header.map(str::to_owned)).chain(rows).map(Vec::from).collect()
}

fn day(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

fn euros(amount: i64) -> String {
    format!("{amount}.00")
}

fn users(people: &[Person]) -> Rows {
    let row = |(position, person): (usize, &Person)| {
        [
            identifier(Object::User, position),
            person.name.to_owned(),
            email(person.name),
            person.role.name().to_owned(),
            person.level.to_owned(),
            person.hired_on.to_string(),
            day(person.left_on),
        ]
    };
    with_header(
        ["Id", "Name", "Email", "Role", "Level", "HireDate", "EndDate"],
        people.iter().enumerate().map(row),
    )
}

fn teams() -> Rows {
    with_header(["Team"], REGIONS.iter().map(|region| [region.name.to_owned()]))
}

/// Postings of everybody who has a manager.
fn assignments(people: &[Person]) -> Rows {
    let header = ["UserId", "Team", "ManagerId", "ValidFrom", "ValidTo"];
    let row = |(user, posting): (usize, &Posting)| {
        let manager = posting.manager?;
        let [user, team, from, to] = posted(user, posting);
        Some([user, team, identifier(Object::User, manager), from, to])
    };
    with_header(header, postings(people).filter_map(row))
}

/// Postings of the managers themselves, who have nobody above them in the CRM.
fn managers(people: &[Person]) -> Rows {
    let own = postings(people).filter(|(user, _)| people[*user].role == Role::Manager);
    with_header(["UserId", "Team", "ValidFrom", "ValidTo"], own.map(|(user, posting)| posted(user, posting)))
}

fn postings(people: &[Person]) -> impl Iterator<Item = (usize, &Posting)> {
    people
        .iter()
        .enumerate()
        .flat_map(|(user, person)| person.postings.iter().map(move |posting| (user, posting)))
}

fn posted(user: usize, posting: &Posting) -> [String; 4] {
    let team = REGIONS[posting.region].name.to_owned();
    [identifier(Object::User, user), team, posting.from.to_string(), day(posting.to)]
}

fn accounts(company: &Company) -> Rows {
    let header =
        ["Id", "Name", "Segment__c", "Industry", "Region__c", "BillingCountryCode", "NumberOfEmployees"];
    let rows = company.accounts.iter().enumerate().map(|(position, account)| {
        [
            identifier(Object::Account, position),
            account.name.clone(),
            account.segment.name().to_owned(),
            account.industry.to_owned(),
            REGIONS[account.region].name.to_owned(),
            account.country.to_owned(),
            account.employee_count.to_string(),
        ]
    });
    with_header(header, rows)
}

fn products(company: &Company) -> Rows {
    let header = ["Id", "Name", "Family", "ListPrice__c", "CurrencyIsoCode"];
    let rows = company.products.iter().enumerate().map(|(position, product)| {
        let (name, family) = (product.name.to_owned(), product.family.name().to_owned());
        [identifier(Object::Product, position), name, family, euros(product.list_price_eur), "EUR".to_owned()]
    });
    with_header(header, rows)
}

fn opportunities(company: &Company) -> Rows {
    let header = [
        "Id",
        "Name",
        "AccountId",
        "OwnerId",
        "StageName",
        "Amount",
        "ListAmount__c",
        "CurrencyIsoCode",
        "CloseDate",
        "CreatedDate",
        "Type",
        "Product2Id",
        "LossReason__c",
        "Competitor__c",
        "NextStepDate__c",
    ];
    let rows =
        company.opportunities.iter().enumerate().map(|(position, deal)| opportunity(company, position, deal));
    with_header(header, rows)
}

fn opportunity(company: &Company, position: usize, deal: &Opportunity) -> [String; 15] {
    let name =
        format!("{} - {}", company.accounts[deal.account].name, company.products[deal.offer.product].name);
    let price = |amount: i64| if deal.priced { euros(amount) } else { String::new() };
    let created = deal.creation_known.then(|| deal.created_at.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string());
    let competitor = deal.loss.as_ref().and_then(|loss| loss.competitor);
    [
        identifier(Object::Opportunity, position),
        name,
        identifier(Object::Account, deal.account),
        identifier(Object::User, deal.owner),
        deal.stage.name().to_owned(),
        price(deal.offer.amount_eur),
        price(deal.offer.list_amount_eur),
        "EUR".to_owned(),
        deal.close_date.to_string(),
        created.unwrap_or_default(),
        deal.kind.name().to_owned(),
        identifier(Object::Product, deal.offer.product),
        deal.loss.as_ref().map_or("", |loss| loss.reason).to_owned(),
        competitor.unwrap_or_default().to_owned(),
        day(deal.next_step_on),
    ]
}
