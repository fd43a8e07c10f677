//! What recurs: service subscriptions in terms of a year, which are renewed, changed or ended.

use jiff::ToSpan;
use jiff::civil::Date;

use super::accounts::{Account, Segment};
use super::chance::Chance;
use super::days::{History, TODAY};
use super::opportunities::Opportunity;
use super::people::{Person, Role};
use super::products::{Family, PRODUCTS};
use super::terms::Kind;
use super::territories::Territories;

const STREAM: u64 = 8;

/// Share of new customers that take a service subscription with their instrument.
const WITH_SERVICE: f64 = 0.35;

/// A year of a subscription.
pub(super) struct Term {
    pub(super) account: usize,
    pub(super) product: usize,
    /// Euros a month.
    pub(super) monthly_eur: i64,
    pub(super) from: Date,
    /// The day after the last.
    pub(super) to: Date,
}

/// Draws all terms: those of the installed base, which runs already when the history begins, and
/// those that come with new instruments.
pub(super) fn invent(
    (people, accounts): (&[Person], &[Account]),
    territories: &Territories,
    deals: &[Opportunity],
    history: &History,
    seed: u64,
) -> Vec<Term> {
    let mut chance = Chance::new(seed, STREAM);
    let mut terms = Vec::new();
    for territory in &territories.all {
        if people[territory.holders[0].person].role == Role::AccountManager {
            for account in &territory.accounts {
                let from = history.from.saturating_sub((1 + chance.below(12) as i64).months());
                let monthly = monthly_eur(accounts[*account].segment, &mut chance);
                renewed(*account, monthly, from, &mut terms, &mut chance);
            }
        }
    }
    for deal in deals.iter().filter(|deal| deal.is_won && deal.kind == Kind::New && deal.is_decided()) {
        if chance.happens(WITH_SERVICE) {
            let from = deal.close_date.first_of_month().saturating_add(2.months());
            let monthly = (deal.offer.amount_eur / 150).max(60) / 10 * 10;
            renewed(deal.account, monthly, from, &mut terms, &mut chance);
        }
    }
    terms.sort_by_key(|term| (term.from, term.account, term.monthly_eur));
    terms
}

fn monthly_eur(segment: Segment, chance: &mut Chance) -> i64 {
    let usual = match segment {
        Segment::Smb => 240.0,
        Segment::MidMarket => 720.0,
        Segment::Enterprise => 2_100.0,
    };
    (usual * chance.factor(0.35) / 10.0) as i64 * 10
}

/// One term after the other, until the customer ends it or today has come.
fn renewed(account: usize, monthly: i64, from: Date, terms: &mut Vec<Term>, chance: &mut Chance) {
    let services: Vec<usize> =
        (0..PRODUCTS.len()).filter(|position| PRODUCTS[*position].family == Family::Service).collect();
    let product = services[usize::from(monthly > 900)];
    let (mut from, mut monthly_eur) = (from, monthly);
    while from <= TODAY {
        let to = from.saturating_add(1.year());
        terms.push(Term { account, product, monthly_eur, from, to });
        if chance.happens(0.09) {
            return;
        }
        let change = chance.weigh(&[(0.12, 0.9), (0.45, 1.0), (0.28, 1.08), (0.15, 1.25)]);
        monthly_eur = (monthly_eur as f64 * change / 10.0) as i64 * 10;
        from = to;
    }
}
