//! The accounts: as many in each region, of three segments.

use super::chance::Chance;
use super::names::{INDUSTRIES, NAME_ENDS, NAME_STARTS, REGIONS};

/// Accounts for each seller.
const PER_SELLER: f64 = 12.5;

/// A class of customers by size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment {
    Smb,
    MidMarket,
    Enterprise,
}

impl Segment {
    pub(super) fn name(self) -> &'static str {
        match self {
            Segment::Smb => "SMB",
            Segment::MidMarket => "Mid-market",
            Segment::Enterprise => "Enterprise",
        }
    }

    /// What such an account could buy in a year, in euros, about.
    pub(super) fn potential_eur(self) -> i64 {
        match self {
            Segment::Smb => 18_000,
            Segment::MidMarket => 52_000,
            Segment::Enterprise => 155_000,
        }
    }

    /// Staff of its smallest and its largest accounts.
    fn staff(self) -> (f64, f64) {
        match self {
            Segment::Smb => (12.0, 240.0),
            Segment::MidMarket => (250.0, 1_900.0),
            Segment::Enterprise => (2_000.0, 18_000.0),
        }
    }
}

/// A customer or prospect.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) segment: Segment,
    pub(super) industry: &'static str,
    /// Position in [`REGIONS`].
    pub(super) region: usize,
    pub(super) country: &'static str,
    pub(super) employee_count: i64,
}

/// Invents the accounts. No two have the same name: where the invented words are used up, a number
/// tells them apart.
pub(super) fn invent(sellers: usize, chance: &mut Chance) -> Vec<Account> {
    let count = (sellers as f64 * PER_SELLER) as usize;
    let mut words: Vec<String> = NAME_STARTS
        .iter()
        .flat_map(|start| NAME_ENDS.iter().map(move |end| format!("{start}{end}")))
        .collect();
    chance.shuffle(&mut words);
    (0..count)
        .map(|position| {
            let word = &words[position % words.len()];
            let word = match position / words.len() {
                0 => word.clone(),
                again => format!("{word} {}", again + 1),
            };
            account(&word, position % REGIONS.len(), chance)
        })
        .collect()
}

fn account(word: &str, region: usize, chance: &mut Chance) -> Account {
    let (industry, callings) = chance.pick(&INDUSTRIES);
    let calling = chance.pick(callings);
    let (country, legal_form) = chance.pick(REGIONS[region].countries);
    let segment =
        chance.weigh(&[(0.47, Segment::Smb), (0.35, Segment::MidMarket), (0.18, Segment::Enterprise)]);
    let (least, greatest) = segment.staff();
    // Most accounts of a segment are among its smaller ones.
    let employee_count = (least + (greatest - least) * chance.share() * chance.share()) as i64;
    Account {
        name: format!("{word} {calling} {legal_form}"),
        segment,
        industry,
        region,
        country,
        employee_count,
    }
}
