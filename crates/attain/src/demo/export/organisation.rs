//! People, teams, who belongs where, and who works which territory: lists of everything, whenever
//! something about them has changed.

use jiff::civil::Date;

use super::super::Company;
use super::super::identifiers::{Object, identifier};
use super::super::names::{REGIONS, email};
use super::super::people::{Person, Posting, Role};
use super::super::territories::Territory;
use super::sheet::{Outbox, day_once_come, euros};

pub(super) fn write(company: &Company, outbox: &Outbox<'_>) -> anyhow::Result<()> {
    let people = company.people.as_slice();
    outbox.everything(
        "users.csv",
        ["Id", "Name", "Email", "EmployeeNumber", "Role", "Level", "HireDate", "EndDate"],
        |today| users(people, today),
    )?;
    outbox.everything("teams.csv", ["Team"], |_| {
        REGIONS.iter().map(|region| [region.name.to_owned()]).collect()
    })?;
    outbox.everything(
        "assignments.csv",
        ["UserId", "Team", "ManagerId", "ValidFrom", "ValidTo"],
        |today| assignments(people, today),
    )?;
    outbox.everything("managers.csv", ["UserId", "Team", "ValidFrom", "ValidTo"], |today| {
        managers(people, today)
    })?;
    outbox.everything("territories.csv", ["Id", "Name", "Region", "Potential", "CurrencyIsoCode"], |_| {
        territories(company)
    })?;
    outbox.everything("territory_users.csv", ["TerritoryId", "UserId", "ValidFrom", "ValidTo"], |today| {
        holders(company, today)
    })
}

fn users(people: &[Person], today: Date) -> Vec<[String; 8]> {
    let known = people.iter().enumerate().filter(|(_, person)| person.hired_on <= today);
    let row = |(position, person): (usize, &Person)| {
        [
            identifier(Object::User, position),
            person.name.clone(),
            email(&person.name),
            person.number.clone(),
            person.role.name().to_owned(),
            person.level.to_owned(),
            person.hired_on.to_string(),
            day_once_come(person.left_on, today),
        ]
    };
    known.map(row).collect()
}

/// Postings of everybody who has a manager.
fn assignments(people: &[Person], today: Date) -> Vec<[String; 5]> {
    let led = postings(people, today).filter(|(user, _)| people[*user].role.sells());
    let row = |(user, posting): (usize, &Posting)| {
        let [user, team, from, to] = posted(user, posting, today);
        [user, team, identifier(Object::User, posting.manager), from, to]
    };
    led.map(row).collect()
}

/// Postings of the managers themselves, who have nobody above them in the CRM.
fn managers(people: &[Person], today: Date) -> Vec<[String; 4]> {
    let own = postings(people, today).filter(|(user, _)| people[*user].role == Role::Manager);
    own.map(|(user, posting)| posted(user, posting, today)).collect()
}

/// Postings that have begun.
fn postings(people: &[Person], today: Date) -> impl Iterator<Item = (usize, &Posting)> {
    let all = people.iter().enumerate();
    let all = all.flat_map(|(user, person)| person.postings.iter().map(move |posting| (user, posting)));
    all.filter(move |(_, posting)| posting.from <= today)
}

fn posted(user: usize, posting: &Posting, today: Date) -> [String; 4] {
    let team = REGIONS[posting.region].name.to_owned();
    [identifier(Object::User, user), team, posting.from.to_string(), day_once_come(posting.to, today)]
}

fn territories(company: &Company) -> Vec<[String; 5]> {
    let row = |(position, territory): (usize, &Territory)| {
        let region = REGIONS[territory.region].name;
        [
            identifier(Object::Territory, position),
            format!("{region} {}", territory.place),
            region.to_owned(),
            euros(territory.potential_eur(&company.accounts)),
            "EUR".to_owned(),
        ]
    };
    company.territories.all.iter().enumerate().map(row).collect()
}

fn holders(company: &Company, today: Date) -> Vec<[String; 4]> {
    let all = company.territories.all.iter().enumerate();
    let all =
        all.flat_map(|(position, territory)| territory.holders.iter().map(move |holder| (position, holder)));
    all.filter(|(_, holder)| holder.from <= today)
        .map(|(position, holder)| {
            [
                identifier(Object::Territory, position),
                identifier(Object::User, holder.person),
                holder.from.to_string(),
                day_once_come(holder.to, today),
            ]
        })
        .collect()
}
