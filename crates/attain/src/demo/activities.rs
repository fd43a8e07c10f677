//! What sellers did: calls, mails and meetings around leads, deals and accounts.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};

use super::Company;
use super::chance::Chance;
use super::days::{TODAY, days_between, moment, working_day_from, working_days};
use super::leads::Lead;
use super::opportunities::Opportunity;
use super::people::Role;
use super::truths::burst;

/// Streams of chance: of leads, of deals, and one for each account manager.
const LEAD_STREAM: u64 = 6;
const DEAL_STREAM: u64 = 7;
const CARE_STREAMS: u64 = 20_000;

/// Days between two activities on the same deal, on average.
const DEAL_RHYTHM_DAYS: f64 = 4.8;

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Call,
    Email,
    Meeting,
    Demo,
    Visit,
    Message,
    Other,
}

impl Act {
    pub(super) fn name(self) -> &'static str {
        match self {
            Act::Call => "Call",
            Act::Email => "Email",
            Act::Meeting => "Meeting",
            Act::Demo => "Demo",
            Act::Visit => "Visit",
            Act::Message => "Message",
            Act::Other => "Other",
        }
    }
}

/// What an activity is about; positions in the company's lists.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct About {
    pub(super) lead: Option<usize>,
    pub(super) account: Option<usize>,
    pub(super) deal: Option<usize>,
}

/// One piece of work.
pub(super) struct Activity {
    pub(super) person: usize,
    pub(super) act: Act,
    pub(super) is_inbound: bool,
    pub(super) at: DateTime,
    pub(super) duration_s: Option<i64>,
    /// Seconds that the seller talked.
    pub(super) talk_s: Option<i64>,
    pub(super) outcome: &'static str,
    pub(super) about: About,
    pub(super) logged_at: DateTime,
    /// Number of the mail thread.
    pub(super) thread: Option<usize>,
}

/// Tells of every activity, one after the other: there are many.
pub(super) fn each(
    company: &Company,
    tell: &mut dyn FnMut(Activity) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut work = Work { chance: Chance::new(company.seed, LEAD_STREAM), threads: 0, tell };
    for (position, lead) in company.leads.iter().enumerate() {
        work.on_lead(position, lead)?;
    }
    work.chance = Chance::new(company.seed, DEAL_STREAM);
    for (position, deal) in company.opportunities.iter().enumerate() {
        work.on_deal(position, deal)?;
    }
    for territory in &company.territories.all {
        let keeper = territory.holders[0].person;
        if company.people[keeper].role == Role::AccountManager {
            work.chance = Chance::new(company.seed, CARE_STREAMS + keeper as u64);
            for day in working_days(company.history.from, TODAY) {
                if company.people[keeper].works_on(day) && work.chance.happens(0.5) {
                    work.care(keeper, &territory.accounts, day)?;
                }
            }
        }
    }
    if let Some(burst) = company.influence.is_planted().then(|| burst::calls(company)).flatten() {
        burst.into_iter().try_for_each(tell)?;
    }
    Ok(())
}

/// When something is entered: at once, or on one of the next days.
fn logged(at: DateTime, chance: &mut Chance) -> DateTime {
    if chance.happens(0.85) {
        return at.saturating_add((1 + chance.below(15) as i64).minutes());
    }
    let day = at.date().saturating_add((1 + chance.below(3) as i64).days());
    moment(working_day_from(day), chance)
}

/// Work under way: its chance, and how many mail threads there were.
struct Work<'a> {
    chance: Chance,
    threads: usize,
    tell: &'a mut dyn FnMut(Activity) -> anyhow::Result<()>,
}

impl Work<'_> {
    /// Touches of a lead until it ends or is given up.
    fn on_lead(&mut self, position: usize, lead: &Lead) -> anyhow::Result<()> {
        let about = About { lead: Some(position), ..About::default() };
        let Some(first) = lead.touched_at else { return Ok(()) };
        let until = lead.end.map_or(TODAY, |(at, _)| at.date());
        let mut at = first;
        for _ in 0..2 + self.chance.below(6) {
            if at.date() > until {
                break;
            }
            let act = self.chance.weigh(&[(0.55, Act::Call), (0.4, Act::Email), (0.05, Act::Message)]);
            self.act(lead.owner, act, at, about)?;
            let day = working_day_from(at.date().saturating_add((1 + self.chance.below(4) as i64).days()));
            at = moment(day, &mut self.chance);
        }
        Ok(())
    }

    /// Work on a deal from its creation to its decision.
    fn on_deal(&mut self, position: usize, deal: &Opportunity) -> anyhow::Result<()> {
        let about = About { account: Some(deal.account), deal: Some(position), ..About::default() };
        let until = deal.close_date.min(TODAY);
        // Long deals are not worked on every week.
        let days = f64::from(days_between(deal.created_on(), deal.close_date));
        let rhythm = DEAL_RHYTHM_DAYS * (1.0 + days / 240.0);
        let mut day = deal.created_on();
        while day <= until {
            let act = self.chance.weigh(&[
                (0.36, Act::Call),
                (0.34, Act::Email),
                (0.12, Act::Meeting),
                (0.05, Act::Demo),
                (0.04, Act::Visit),
                (0.05, Act::Message),
                (0.04, Act::Other),
            ]);
            let at = moment(day, &mut self.chance).max(deal.created_at.saturating_add(2.minutes()));
            self.act(deal.owner_on(day), act, at, about)?;
            let pause = (1.0 + self.chance.between(0.0, 2.0) * (rhythm - 1.0)) as i64;
            day = working_day_from(day.saturating_add(pause.max(1).days()));
        }
        Ok(())
    }

    /// An account manager looks after somebody.
    fn care(&mut self, keeper: usize, accounts: &[usize], day: Date) -> anyhow::Result<()> {
        let about = About { account: Some(*self.chance.pick(accounts)), ..About::default() };
        let act = self.chance.weigh(&[(0.6, Act::Call), (0.25, Act::Visit), (0.15, Act::Meeting)]);
        let at = moment(day, &mut self.chance);
        self.act(keeper, act, at, about)
    }

    fn act(&mut self, person: usize, act: Act, at: DateTime, about: About) -> anyhow::Result<()> {
        let chance = &mut self.chance;
        let (outcome, duration_s) = match act {
            Act::Call if chance.happens(0.42) => ("Connected", Some(120 + chance.below(1_500) as i64)),
            Act::Call => ("No answer", Some(5 + chance.below(35) as i64)),
            Act::Email => (chance.weigh(&[(0.97, ""), (0.03, "Bounced")]), None),
            Act::Meeting | Act::Demo | Act::Visit => (
                chance.weigh(&[(0.8, "Held"), (0.08, "No show"), (0.09, "Cancelled"), (0.03, "")]),
                Some(1_800 + chance.below(4) as i64 * 900),
            ),
            Act::Message | Act::Other => ("", None),
        };
        let talk_s = duration_s
            .filter(|_| act == Act::Call && outcome == "Connected")
            .map(|duration| (duration as f64 * chance.between(0.35, 0.75)) as i64);
        let logged_at = logged(at, chance);
        let thread = (act == Act::Email).then(|| {
            self.threads += 1;
            self.threads
        });
        let is_answered = act == Act::Email && outcome.is_empty() && self.chance.happens(0.28);
        self.log(Activity {
            person,
            act,
            is_inbound: false,
            at,
            duration_s,
            talk_s,
            outcome,
            about,
            logged_at,
            thread,
        })?;
        if is_answered {
            self.answer(person, at, about, thread)?;
        }
        Ok(())
    }

    /// A customer answers a mail some days later.
    fn answer(
        &mut self,
        person: usize,
        at: DateTime,
        about: About,
        thread: Option<usize>,
    ) -> anyhow::Result<()> {
        let day = working_day_from(at.date().saturating_add((1 + self.chance.below(6) as i64).days()));
        let at = moment(day, &mut self.chance);
        let (act, is_inbound, outcome) = (Act::Email, true, "Replied");
        self.log(Activity {
            person,
            act,
            is_inbound,
            at,
            duration_s: None,
            talk_s: None,
            outcome,
            about,
            logged_at: at.saturating_add(1.minute()),
            thread,
        })
    }

    /// What is logged after today is not known yet.
    fn log(&mut self, activity: Activity) -> anyhow::Result<()> {
        if activity.logged_at.date() <= TODAY { (self.tell)(activity) } else { Ok(()) }
    }
}
