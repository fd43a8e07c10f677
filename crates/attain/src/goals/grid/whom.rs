//! The rows of a grid: everybody who sells below a leader, or the teams there, as far as the one who asks may see.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use attain_metrics::{Asker, Level, Member, Period, Reach, Subject};

use super::asked::Asked;
use crate::goals::below::{day_of, top};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::problem::PageError;

/// Who is shown, and whom there is to choose from.
pub(super) struct Whom {
    /// At whose place it is.
    pub(super) place: Subject,
    pub(super) place_name: String,
    pub(super) members: Vec<Somebody>,
    /// Whether they are a part of whom the place holds, so that its own target is no measure for their sum.
    pub(super) is_narrowed: bool,
    /// So many are there whom the one who asks may not open.
    pub(super) hidden: usize,
    pub(super) roles: BTreeSet<String>,
    pub(super) regions: BTreeSet<Member>,
    pub(super) leaders: Vec<Member>,
    /// Whether some of those below lead others.
    pub(super) has_leaders_below: bool,
}

/// One of them.
pub(super) struct Somebody {
    pub(super) subject: Subject,
    pub(super) name: String,
    pub(super) role: Option<String>,
    pub(super) leader: Option<Member>,
    /// Whether they are a row without a target too: who leads others is one only where there is a target.
    pub(super) sells: bool,
}

impl Whom {
    /// Finds them, and notes the look.
    ///
    /// # Errors
    /// `Hidden` for who leads nobody, and for a leader who is not theirs to see.
    pub(super) async fn of(
        app: &App,
        asker: &Asker,
        asked: &Asked,
        period: &Period,
    ) -> Result<Whom, PageError> {
        let top = top(app)?;
        look::at(app, asker, &top, Depth::Values, "the grid of goals").await?;
        let place = asked.leader().map_or(top.clone(), |leader| Subject::Manager(leader.to_owned()));
        let (place, place_name) = look::at(app, asker, &place, Depth::Values, "the grid of goals").await?;
        let found = Found::of(asker, &top, period);
        let inside = found.inside(&place);
        let level = if asked.is_of_teams() { Level::Manager } else { Level::Rep };
        let mut all = found.members(asker, level, period);
        all.retain(|somebody| inside(somebody.subject.id().unwrap_or_default()));
        if let (Level::Manager, Some(own)) = (level, place.id()) {
            all.retain(|somebody| somebody.subject.id() != Some(own));
        }
        let reach = app.reach();
        let sees = |somebody: &Somebody| is_seen(&reach, &somebody.subject);
        let hidden = all.iter().filter(|somebody| somebody.sells && !sees(somebody)).count();
        all.retain(sees);
        let roles = all.iter().filter_map(|somebody| somebody.role.clone()).collect();
        let region = |somebody: &Somebody| found.regions.get(somebody.subject.id().unwrap_or_default());
        let regions = all.iter().filter_map(region).cloned().collect();
        let (of_role, of_region, called) =
            (asked.role(), asked.region(), asked.name().map(str::to_lowercase));
        let before = all.len();
        all.retain(|somebody| {
            of_role.is_none_or(|role| somebody.role.as_deref() == Some(role))
                && of_region.is_none_or(|id| region(somebody).is_some_and(|region| region.id == id))
                && called.as_ref().is_none_or(|part| somebody.name.to_lowercase().contains(part))
        });
        let is_narrowed = all.len() < before;
        let mut leaders = found.leaders.clone();
        let has_leaders_below =
            leaders.iter().any(|leader| Some(leader.id.as_str()) != place.id() && inside(&leader.id));
        leaders.retain(|leader| is_seen(&reach, &Subject::Manager(leader.id.clone())));
        Ok(Whom {
            place,
            place_name,
            members: all,
            is_narrowed,
            hidden,
            roles,
            regions,
            leaders,
            has_leaders_below,
        })
    }
}

/// A person's goals are for who may open the person; a team's quota may be an aggregate.
fn is_seen(reach: &Reach, subject: &Subject) -> bool {
    match subject {
        Subject::Manager(_) => reach.includes(subject),
        _ => reach.opens(subject),
    }
}

/// The organisation of the day, turned so that each is found by whom it is about.
struct Found {
    /// Everybody below each leader there is at the top, and the leader.
    below: BTreeMap<String, BTreeSet<String>>,
    leaders: Vec<Member>,
    leader_of: HashMap<String, Member>,
    regions: HashMap<String, Member>,
}

impl Found {
    fn of(asker: &Asker, top: &Subject, period: &Period) -> Found {
        let organisation = asker.organisation();
        let lines = organisation.lines_on(day_of(asker, period));
        let under: Option<BTreeSet<&str>> =
            top.id().map(|id| lines.below(id).into_iter().chain([id]).collect());
        let is_under = |id: &str| under.as_ref().is_none_or(|under| under.contains(id));
        let mut found = Found {
            below: BTreeMap::new(),
            leaders: Vec::new(),
            leader_of: HashMap::new(),
            regions: HashMap::new(),
        };
        for (leader, team) in lines.teams().filter(|(leader, _)| is_under(leader)) {
            let Some(member) = organisation.member(Level::Manager, leader) else { continue };
            found.leader_of.extend(team.iter().map(|person| (person.clone(), member.clone())));
            let below = lines.below(leader).into_iter().chain([leader]).map(str::to_owned).collect();
            found.below.insert(leader.to_owned(), below);
            found.leaders.push(member);
        }
        found.leaders.sort();
        for (region, people) in lines.regions() {
            let Some(member) = organisation.member(Level::Region, region) else { continue };
            found.regions.extend(people.iter().map(|person| (person.clone(), member.clone())));
        }
        found
    }

    /// Whether somebody is at a place.
    fn inside<'f>(&'f self, place: &Subject) -> impl Fn(&str) -> bool + 'f {
        let below = place.id().map(|id| self.below.get(id));
        move |person| below.is_none_or(|below| below.is_some_and(|below| below.contains(person)))
    }

    /// Everybody there is at a level.
    fn members(&self, asker: &Asker, level: Level, period: &Period) -> Vec<Somebody> {
        let organisation = asker.organisation();
        let somebody = |member: Member, sells: bool| Somebody {
            subject: Subject::at(level, member.id.clone()),
            name: member.name,
            role: organisation.person(&member.id).and_then(|person| person.role.clone()),
            leader: self.leader_of.get(&member.id).cloned(),
            sells,
        };
        let leaders = organisation.members(Level::Manager, &Subject::Company, period).into_iter();
        let people = match level {
            Level::Rep => organisation.members(Level::Rep, &Subject::Company, period),
            _ => Vec::new(),
        };
        let is_team = level == Level::Manager;
        let sellers: BTreeSet<&str> = people.iter().map(|member| member.id.as_str()).collect();
        // Who ceased to lead meanwhile is a seller as well.
        let leaders: Vec<Member> = leaders.filter(|leader| !sellers.contains(leader.id.as_str())).collect();
        let people = people.into_iter().map(|member| somebody(member, true));
        people.chain(leaders.into_iter().map(|member| somebody(member, is_team))).collect()
    }
}
