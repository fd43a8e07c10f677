//! P10: nobody in R09's role and team ever won 2.4 times their best quarter, in 31 quarters that
//! compare, and the middle deal they won took 94 days: a plan over 60 days that asks for that much
//! is out of reach.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::super::days::{days_between, is_working_day, next_quarter};
use super::super::opportunities::Opportunity;
use super::super::people::{Person, position};
use super::YEAR_END;
use super::hand::{decided, won};
use super::untreated::TEAM;

/// The quarters that are looked at begin here.
const FROM: Date = date(2024, 7, 1);

/// Days from creation to signature of the middle one of their won deals.
pub(in super::super) const MEDIAN_DAYS: i32 = 94;

pub(super) fn plant(people: &[Person], deals: &mut [Opportunity]) {
    let team = TEAM.iter().filter_map(|name| position(people, name));
    let own: Vec<usize> = team
        .flat_map(|person| windows(&people[person]).map(move |from| (person, from)))
        .flat_map(|(person, from)| won(deals, &decided(deals, person, from, next_quarter(from))))
        .collect();
    let by = MEDIAN_DAYS - median(deals, &own);
    for position in &own {
        let days = cycle(&deals[*position]) + by;
        begin(&mut deals[*position], days.max(5));
    }
    // Days off keep some from the very day; those nearest to it are put there until it is the middle.
    let mut nearest = own.clone();
    nearest.sort_by_key(|position| ((cycle(&deals[*position]) - MEDIAN_DAYS).abs(), *position));
    for position in nearest {
        if median(deals, &own) == MEDIAN_DAYS {
            break;
        }
        if is_working_day(created_for(&deals[position], MEDIAN_DAYS)) {
            begin(&mut deals[position], MEDIAN_DAYS);
        }
    }
}

/// First days of the quarters that somebody worked in from beginning to end.
pub(in super::super) fn windows(person: &Person) -> impl Iterator<Item = Date> + use<> {
    let hired_on = person.hired_on;
    FROM.series(3.months()).take_while(|from| *from < YEAR_END).filter(move |from| hired_on <= *from)
}

fn cycle(deal: &Opportunity) -> i32 {
    days_between(deal.created_on(), deal.close_date)
}

fn created_for(deal: &Opportunity, days: i32) -> Date {
    deal.close_date.saturating_sub(i64::from(days).days())
}

/// Lets a deal begin that many days before it closed, or on the working day before that.
fn begin(deal: &mut Opportunity, days: i32) {
    let mut day = created_for(deal, days);
    while !is_working_day(day) {
        day = day.saturating_sub(1.day());
    }
    deal.creation_known = true;
    deal.created_at = day.to_datetime(deal.created_at.time());
}

/// The middle number of days; of two the lower.
fn median(deals: &[Opportunity], among: &[usize]) -> i32 {
    let mut days: Vec<i32> = among.iter().map(|position| cycle(&deals[*position])).collect();
    days.sort_unstable();
    days.get(days.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}
