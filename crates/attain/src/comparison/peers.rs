//! Who is compared with whom: the people of one role in the whole company, past their ramp, who were
//! there for most of the period (T20). The set is the same whoever looks and wherever they look from;
//! a page shows those of it whom its subject has.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use attain_metrics::{
    Asker, Code, Dimension, Level, Member, Metric, Number, Period, Question, RateMode, Reach, Subject,
    tenure_months,
};
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::measure::{Measure, WORKING_DAYS};
use crate::web::problem::PageError;

/// What those without a role of their own are called.
const NO_ROLE: &str = "without a role";

/// Months from the first day in the role until full results are expected of somebody: the default ramp (domain 6.4).
const RAMP_MONTHS: i32 = 4;

/// The people of a role.
pub(crate) struct PeerSet {
    /// The roles there are below the subject, and how many have each.
    pub(crate) roles: BTreeMap<String, usize>,
    /// The role whose people are peers.
    pub(crate) role: String,
    pub(crate) peers: Arc<Vec<Peer>>,
    own: Own,
}

impl PeerSet {
    /// Whether somebody is among the subject's people.
    pub(crate) fn is_of_subject(&self, peer: &Peer) -> bool {
        self.own.has(&peer.member.id)
    }
}

/// A subject's people.
enum Own {
    Everybody,
    These(HashSet<String>),
}

impl Own {
    fn of(asker: &Asker, subject: &Subject, period: &Period) -> Own {
        match subject {
            Subject::Company => Own::Everybody,
            Subject::Rep(id) => Own::These(HashSet::from([id.clone()])),
            _ => {
                let members = asker.organisation().members(Level::Rep, subject, period);
                Own::These(members.into_iter().map(|member| member.id).collect())
            }
        }
    }

    fn has(&self, person: &str) -> bool {
        match self {
            Own::Everybody => true,
            Own::These(people) => people.contains(person),
        }
    }
}

/// Everybody in the company who may be a peer, by role. It is the same for every subject, and kept for as long
/// as the facts are: a large company's is not asked for again for each of its teams.
struct Everybody {
    of_role: BTreeMap<String, Arc<Vec<Peer>>>,
}

/// One of them.
pub(crate) struct Peer {
    pub(crate) member: Arc<Member>,
    pub(crate) number: Number,
    /// Working days of the period on which they worked, for what is counted by day.
    pub(crate) days: Option<Decimal>,
    /// Why they are not compared whatever they did.
    pub(crate) left_out: Option<LeftOut>,
}

/// Why somebody is not compared, whatever they did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// There for less than four fifths of the period.
    HardlyThere,
    /// Still in the ramp when the period began; until when.
    Ramping(Date),
}

/// The people with a role, and what they did in a period.
///
/// # Errors
/// When nobody below the subject has the role named, or the facts cannot be read.
pub(super) async fn of(
    asker: &Asker,
    subject: &Subject,
    (metric, measure): (&Metric, Measure),
    period: &Period,
    role: Option<&str>,
) -> Result<PeerSet, PageError> {
    let name = format!("peers by {} version {} {measure:?}, {}", metric.id, metric.version, period.key());
    let everybody = asker.once(&name, everybody(asker, (metric, measure), period)).await?;
    let own = Own::of(asker, subject, period);
    let count = |peers: &Vec<Peer>| peers.iter().filter(|peer| own.has(&peer.member.id)).count();
    let counted = everybody.of_role.iter().map(|(role, peers)| (role.clone(), count(peers)));
    let roles: BTreeMap<String, usize> = counted.filter(|(_, count)| *count > 0).collect();
    let role = chosen(&roles, role)?;
    let peers = everybody.of_role.get(&role).cloned().unwrap_or_default();
    Ok(PeerSet { roles, role, peers, own })
}

async fn everybody(
    asker: &Asker,
    (metric, measure): (&Metric, Measure),
    period: &Period,
) -> Result<Everybody, PageError> {
    let mut metrics = vec![metric.id.clone()];
    if measure == Measure::Rate {
        metrics.push(WORKING_DAYS.to_owned());
    }
    let asked = metrics.len();
    let question = Question {
        metrics,
        subject: Subject::Company,
        by: vec![Dimension::Rep],
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    // One peer set, whoever looks: a verdict must not depend on that. Who may not be opened is counted, and
    // not shown.
    let answer = asker.ask(&question, &Reach::Everything).await?;
    let mut of_role: BTreeMap<String, Vec<Peer>> = BTreeMap::new();
    for numbers in answer.numbers.chunks(asked) {
        let [number, rest @ ..] = numbers else { continue };
        let Some(member) = number.members.first().cloned().flatten() else { continue };
        if !has_something(number) {
            continue;
        }
        let left_out = left_out(asker, &member, number, period);
        let days = rest.first().and_then(|days| days.value);
        let peers = of_role.entry(role_of(asker, &member)).or_default();
        peers.push(Peer { member, number: number.clone(), days, left_out });
    }
    Ok(Everybody { of_role: of_role.into_iter().map(|(role, peers)| (role, Arc::new(peers))).collect() })
}

/// The role named, or the most frequent.
fn chosen(roles: &BTreeMap<String, usize>, named: Option<&str>) -> Result<String, PageError> {
    match named.filter(|role| !role.is_empty()) {
        Some(named) if !roles.contains_key(named) => Err(PageError::Invalid {
            field: "role".into(),
            message: format!("nobody here has the role `{named}` in this period"),
        }),
        Some(named) => Ok(named.to_owned()),
        None => {
            let most = roles.iter().max_by_key(|(_, count)| **count);
            Ok(most.map(|(role, _)| role.clone()).unwrap_or_default())
        }
    }
}

/// The role somebody has.
pub(super) fn role_of(asker: &Asker, member: &Member) -> String {
    let person = asker.organisation().person(&member.id);
    person.and_then(|person| person.role.clone()).unwrap_or_else(|| NO_ROLE.to_owned())
}

/// Whether anything happened that could be compared: somebody without a single deal is no peer in
/// winning deals. Where events are counted, none is something.
fn has_something(number: &Number) -> bool {
    match (number.denominator, number.value) {
        (Some(below), _) => !below.is_zero(),
        (None, value) => value.is_some(),
    }
}

fn left_out(asker: &Asker, member: &Member, number: &Number, period: &Period) -> Option<LeftOut> {
    if number.codes.contains(&Code::NotComparable) {
        return Some(LeftOut::HardlyThere);
    }
    // Whoever began in the role later than that was another's peer before, or nobody's.
    let began = asker.organisation().person(&member.id).and_then(|person| person.role_started_on)?;
    let is_full = tenure_months(began, period.from?).is_some_and(|months| months >= RAMP_MONTHS);
    (!is_full).then(|| LeftOut::Ramping(began.saturating_add(RAMP_MONTHS.months())))
}
