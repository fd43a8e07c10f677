//! P7: R07 logged 140 calls within nine minutes, three days before the demo's present: late enough that the question
//! this raises can still be answered.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::super::Company;
use super::super::activities::{About, Act, Activity};
use super::super::people::position;
use super::cast;

const DAY: Date = date(2026, 8, 18);
const CALLS: i64 = 140;
const SECONDS: i64 = 9 * 60;

pub(in super::super) fn calls(company: &Company) -> Option<Vec<Activity>> {
    let person = position(&company.people, cast::R07)?;
    let own: Vec<usize> = (0..company.leads.len())
        .filter(|lead| company.leads[*lead].owner == person && company.leads[*lead].created_at.date() < DAY)
        .collect();
    let call = |number: i64| {
        let at = DAY.at(15, 41, 0, 0).saturating_add((number * (SECONDS - 10) / CALLS).seconds());
        Activity {
            person,
            act: Act::Call,
            is_inbound: false,
            at,
            duration_s: Some(2),
            talk_s: None,
            outcome: "No answer",
            about: About {
                lead: own
                    .iter()
                    .rev()
                    .nth(usize::try_from(number).unwrap_or_default() % own.len().max(1))
                    .copied(),
                ..About::default()
            },
            logged_at: at.saturating_add(1.second()),
            thread: None,
        }
    };
    Some((0..CALLS).map(call).collect())
}
