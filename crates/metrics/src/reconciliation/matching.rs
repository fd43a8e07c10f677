//! Which deal a line of a report means: by identifier, else by name and whatever else it says.

use std::collections::HashMap;

use super::ReportedDeal;
use super::known::KnownDeal;

/// Characters of a Salesforce identifier that decide; three more only check them.
const SALESFORCE_CHARS: usize = 15;
const SALESFORCE_CHECKED_CHARS: usize = 18;

/// What a line means: the position of a deal, none, or how many it could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Deal(usize),
    Nothing,
    Several(usize),
}

/// Finds the deals of lines.
pub(super) struct Matcher<'k> {
    known: &'k [KnownDeal],
    by_id: HashMap<&'k str, Vec<usize>>,
    by_name: HashMap<String, Vec<usize>>,
}

impl<'k> Matcher<'k> {
    pub(super) fn new(known: &'k [KnownDeal]) -> Matcher<'k> {
        let (mut by_id, mut by_name) = (HashMap::<_, Vec<usize>>::new(), HashMap::<_, Vec<usize>>::new());
        for (position, deal) in known.iter().enumerate() {
            by_id.entry(bare(&deal.key.source_id)).or_default().push(position);
            if let Some(name) = &deal.name {
                by_name.entry(folded(name)).or_default().push(position);
            }
        }
        Matcher { known, by_id, by_name }
    }

    pub(super) fn meant(&self, line: &ReportedDeal) -> Meant {
        let candidates = match (&line.id, &line.name) {
            (Some(id), _) => self.by_id.get(bare(id)),
            (None, Some(name)) => self.by_name.get(&folded(name)),
            (None, None) => None,
        };
        let mut left: Vec<usize> = candidates.cloned().unwrap_or_default();
        let narrowing: [&dyn Fn(&KnownDeal) -> bool; 4] = [
            &|deal| same(line.account.as_deref(), deal.account.as_deref()),
            &|deal| line.closed_on == deal.closed_on,
            &|deal| line.amount == deal.amount,
            &|deal| same(line.owner.as_deref(), deal.owner.as_deref()),
        ];
        for holds in narrowing {
            if left.len() > 1 {
                let narrowed: Vec<usize> =
                    left.iter().copied().filter(|position| holds(&self.known[*position])).collect();
                left = if narrowed.is_empty() { left } else { narrowed };
            }
        }
        match left.as_slice() {
            [] => Meant::Nothing,
            [one] => Meant::Deal(*one),
            several => Meant::Several(several.len()),
        }
    }
}

/// An identifier as two exports write it alike.
pub(super) fn bare(id: &str) -> &str {
    let is_salesforce =
        id.len() == SALESFORCE_CHECKED_CHARS && id.bytes().all(|letter| letter.is_ascii_alphanumeric());
    if is_salesforce { &id[..SALESFORCE_CHARS] } else { id }
}

/// A name without regard to letter case and surplus spaces.
pub(super) fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether both say the same, letter case and spaces aside; who says nothing does not object.
pub(super) fn same(reported: Option<&str>, known: Option<&str>) -> bool {
    match (reported, known) {
        (Some(reported), Some(known)) => folded(reported) == folded(known),
        (None, _) => true,
        (Some(_), None) => false,
    }
}
