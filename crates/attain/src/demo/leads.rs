//! The leads: where they came from, who worked them, and which became deals.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::days::{History, TODAY, moment, season, working_day_from, working_days};
use super::names::{CAMPAIGNS, REGIONS};
use super::opportunities::Opportunity;
use super::people::{Person, Role};
use super::terms::Kind;

/// Streams of chance, one for each development representative.
const STREAMS: u64 = 10_000;
/// The stream that says which deals came from a lead.
const ORIGIN_STREAM: u64 = 5;

/// Share of an account executive's new deals that came from a lead.
const FROM_LEADS: f64 = 0.6;

/// Leads a development representative gets on an average day that come to nothing.
const IN_VAIN_PER_DAY: f64 = 0.78;

/// How a lead ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// As the deal at a position.
    Converted(usize),
    /// For a reason.
    Disqualified(&'static str),
    /// Put aside for later.
    Recycled,
}

/// A possible customer's interest.
pub(super) struct Lead {
    /// Position of the development representative.
    pub(super) owner: usize,
    pub(super) created_at: DateTime,
    /// Position in the list of campaigns.
    pub(super) campaign: usize,
    pub(super) region: usize,
    pub(super) segment: Segment,
    pub(super) touched_at: Option<DateTime>,
    pub(super) marketing_qualified_at: Option<DateTime>,
    pub(super) sales_qualified_at: Option<DateTime>,
    pub(super) end: Option<(DateTime, End)>,
}

impl Lead {
    /// The days on which something about the lead changes.
    pub(super) fn changes(&self) -> impl Iterator<Item = Date> + '_ {
        let end = self.end.map(|(at, _)| at);
        let instants = [
            Some(self.created_at),
            self.touched_at,
            self.marketing_qualified_at,
            self.sales_qualified_at,
            end,
        ];
        instants.into_iter().flatten().map(DateTime::date)
    }

    /// How it ended, as known on a day.
    pub(super) fn end_on(&self, day: Date) -> Option<(DateTime, End)> {
        self.end.filter(|(at, _)| at.date() <= day)
    }

    /// Its status as the CRM says on a day.
    pub(super) fn status_on(&self, day: Date) -> &'static str {
        let had = |at: Option<DateTime>| at.is_some_and(|at| at.date() <= day);
        match self.end_on(day) {
            Some((_, End::Converted(_))) => "Converted",
            Some((_, End::Disqualified(_))) => "Disqualified",
            Some((_, End::Recycled)) => "Recycled",
            None if had(self.sales_qualified_at) => "Qualified",
            None if had(self.touched_at) => "Working",
            None => "New",
        }
    }
}

/// Draws the leads, in order of creation, and tells the deals which they came from.
pub(super) fn invent(
    people: &[Person],
    accounts: &[Account],
    deals: &mut [Opportunity],
    history: &History,
    seed: u64,
) -> Vec<Lead> {
    let mut leads = Vec::new();
    let mut chance = Chance::new(seed, ORIGIN_STREAM);
    for (position, deal) in deals.iter().enumerate() {
        let from_lead = deal.kind == Kind::New
            && people[deal.owner].role == Role::AccountExecutive
            && chance.happens(FROM_LEADS);
        if from_lead {
            leads.extend(converted(position, deal, people, &accounts[deal.account], &mut chance));
        }
    }
    for owner in (0..people.len()).filter(|owner| people[*owner].role == Role::SalesDevelopment) {
        let mut chance = Chance::new(seed, STREAMS + owner as u64);
        for day in working_days(history.from, TODAY) {
            if people[owner].works_on(day) && chance.happens(IN_VAIN_PER_DAY * season(day)) {
                leads.push(in_vain(owner, people[owner].region_on(day), day, &mut chance));
            }
        }
    }
    leads.sort_by_key(|lead| (lead.created_at, lead.owner));
    for (number, lead) in leads.iter().enumerate() {
        if let Some((_, End::Converted(deal))) = lead.end {
            deals[deal].lead = Some(number);
        }
    }
    leads
}

/// The lead that a deal came from, if somebody in its region could have worked it.
fn converted(
    position: usize,
    deal: &Opportunity,
    people: &[Person],
    account: &Account,
    chance: &mut Chance,
) -> Option<Lead> {
    let day = working_day_from(deal.created_on().saturating_sub((6 + chance.below(20) as i64).days()));
    let worked_there = |person: &Person| {
        person.role == Role::SalesDevelopment
            && person.works_on(day)
            && person.region_on(day) == account.region
    };
    let candidates: Vec<usize> = (0..people.len()).filter(|one| worked_there(&people[*one])).collect();
    let owner = *candidates.get(chance.below(candidates.len().max(1)))?;
    let created_at = moment(day, chance);
    let touched_at = touched(created_at, chance).filter(|at| *at < deal.created_at).unwrap_or(created_at);
    // Qualified between the first touch and the deal.
    let qualified_at = created_at.max(touched_at.saturating_add(30.minutes()));
    let qualified_at = if qualified_at < deal.created_at { qualified_at } else { touched_at };
    Some(Lead {
        owner,
        created_at,
        campaign: chance.below(CAMPAIGNS.len()),
        region: account.region,
        segment: account.segment,
        touched_at: Some(touched_at),
        marketing_qualified_at: Some(touched_at),
        sales_qualified_at: Some(qualified_at),
        end: Some((deal.created_at, End::Converted(position))),
    })
}

/// A lead that becomes no deal.
fn in_vain(owner: usize, region: usize, day: Date, chance: &mut Chance) -> Lead {
    let created_at = moment(day, chance);
    let touched_at = touched(created_at, chance).filter(|_| !chance.happens(0.04));
    let later = |days: usize, chance: &mut Chance| {
        let day = working_day_from(day.saturating_add((5 + chance.below(days) as i64).days()));
        Some(moment(day, chance)).filter(|at| at.date() <= TODAY)
    };
    let is_qualified = touched_at.is_some() && chance.happens(0.12);
    let reason =
        *chance.pick(&["No budget", "Too small", "Wrong person", "No answer", "Competitor in place"]);
    let end =
        chance.weigh(&[(0.62, Some(End::Disqualified(reason))), (0.2, Some(End::Recycled)), (0.18, None)]);
    let sales_qualified_at = if is_qualified { later(12, chance) } else { None };
    let ended_at = later(40, chance).map(|at| at.max(sales_qualified_at.unwrap_or(at)));
    Lead {
        owner,
        created_at,
        campaign: chance.below(CAMPAIGNS.len()),
        region: region.min(REGIONS.len() - 1),
        segment: chance.weigh(&[
            (0.5, Segment::Smb),
            (0.36, Segment::MidMarket),
            (0.14, Segment::Enterprise),
        ]),
        touched_at,
        marketing_qualified_at: touched_at.filter(|_| chance.happens(0.55)),
        sales_qualified_at,
        end: ended_at.zip(end.filter(|_| touched_at.is_some())),
    }
}

/// When somebody first answers; after today it has not happened yet.
fn touched(created_at: DateTime, chance: &mut Chance) -> Option<DateTime> {
    let days_later = chance.weigh(&[(0.55, 0), (0.35, 1), (0.10, 3)]);
    let at = match days_later {
        0 => created_at.saturating_add((3 + chance.below(52) as i64).minutes()),
        days => {
            let day =
                working_day_from(created_at.date().saturating_add((days + chance.below(2) as i64).days()));
            moment(day, chance)
        }
    };
    (at.date() <= TODAY).then_some(at)
}
