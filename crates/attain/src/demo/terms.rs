//! The terms of a deal: its type, its size, how long it takes and how likely it is won.

use super::accounts::Segment;
use super::chance::Chance;
use super::names::COMPETITORS;
use super::people::Role;
use super::products::{PRODUCTS, fitting};

/// What a deal is to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    New,
    Expansion,
    Renewal,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::New => "New Business",
            Kind::Expansion => "Expansion",
            Kind::Renewal => "Renewal",
        }
    }

    /// The type of a deal that somebody of a role opens.
    pub(super) fn of(role: Role, chance: &mut Chance) -> Kind {
        match role {
            Role::AccountManager => chance.weigh(&[(0.58, Kind::Expansion), (0.42, Kind::Renewal)]),
            Role::AccountExecutive => chance.weigh(&[(0.92, Kind::New), (0.08, Kind::Expansion)]),
            _ => Kind::New,
        }
    }

    /// Size and cycle against new business with the same segment.
    fn proportion(self) -> (f64, f64) {
        match self {
            Kind::New => (1.0, 1.0),
            Kind::Expansion => (0.5, 0.7),
            Kind::Renewal => (0.36, 0.55),
        }
    }
}

/// What is usual in a segment: median list amount in euros, median days to a decision, and
/// points of discount on top of the seller's own.
fn usual(segment: Segment) -> (f64, f64, f64) {
    match segment {
        Segment::Smb => (25_000.0, 32.0, 0.0),
        Segment::MidMarket => (65_000.0, 62.0, 0.01),
        Segment::Enterprise => (170_000.0, 108.0, 0.03),
    }
}

/// Probability that an average seller wins.
fn usual_win_rate(kind: Kind, segment: Segment) -> f64 {
    let (new, expansion, renewal) = match segment {
        Segment::Smb => (0.32, 0.47, 0.70),
        Segment::MidMarket => (0.26, 0.44, 0.69),
        Segment::Enterprise => (0.20, 0.38, 0.67),
    };
    match kind {
        Kind::New => new,
        Kind::Expansion => expansion,
        Kind::Renewal => renewal,
    }
}

/// What stays the same about a seller: factors against the average of the role.
pub(super) struct Habits {
    /// Deals opened.
    pub(super) volume: f64,
    /// Odds of winning.
    pub(super) odds: f64,
    /// Size of deals.
    pub(super) size: f64,
    /// Days to a decision.
    pub(super) pace: f64,
    /// Usual discount, as a share of the list amount.
    pub(super) discount: f64,
    /// Accounts of an account manager's book that buy again and again.
    pub(super) core: usize,
    /// How often an account executive sells inside of the own territory.
    pub(super) own: f64,
}

impl Habits {
    /// Those of the average seller, for a company in which nobody differs.
    pub(super) fn alike() -> Habits {
        Habits { volume: 1.0, odds: 1.0, size: 1.0, pace: 1.0, discount: 0.09, core: 10, own: 0.5 }
    }

    /// A seller's habits: people differ, but moderately.
    pub(super) fn invent(chance: &mut Chance) -> Habits {
        Habits {
            volume: chance.factor(0.16),
            odds: chance.factor(0.24),
            size: chance.factor(0.10),
            pace: chance.factor(0.12),
            discount: chance.between(0.05, 0.13),
            core: 7 + chance.below(6),
            own: 0.5,
        }
    }
}

/// Days from creation to decision.
pub(super) fn cycle_days(kind: Kind, segment: Segment, habits: &Habits, chance: &mut Chance) -> i64 {
    let (_, median, _) = usual(segment);
    let days = median * kind.proportion().1 * habits.pace * chance.factor(0.45);
    (days as i64).max(2)
}

/// Probability of a win, given all factors on the odds.
pub(super) fn win_probability(kind: Kind, segment: Segment, factor: f64) -> f64 {
    let usual = usual_win_rate(kind, segment);
    let odds = usual / (1.0 - usual) * factor;
    odds / (1.0 + odds)
}

/// What is offered at which price, in whole euros.
#[derive(Clone)]
pub(super) struct Offer {
    /// Position in the price list.
    pub(super) product: usize,
    pub(super) list_amount_eur: i64,
    pub(super) amount_eur: i64,
}

impl Offer {
    /// An offer of a size that is believable for seller, segment and type.
    pub(super) fn invent(
        kind: Kind,
        segment: Segment,
        role: Role,
        habits: &Habits,
        chance: &mut Chance,
    ) -> Offer {
        let (median, _, extra_discount) = usual(segment);
        let start = if role == Role::SalesDevelopment { 0.45 } else { 1.0 };
        let size = median * kind.proportion().0 * start * habits.size * chance.factor(0.52);
        let wanted = (size / 50.0) as i64 * 50;
        let product = fitting(wanted, kind == Kind::Renewal, chance);
        let list_amount_eur = wanted.max(PRODUCTS[product].list_price_eur);
        let discount = discount(habits.discount + extra_discount, chance);
        let amount_eur = tens(list_amount_eur as f64 * (1.0 - discount));
        Offer { product, list_amount_eur, amount_eur }
    }

    /// The same offer, larger or smaller by a factor.
    pub(super) fn resize(&mut self, factor: f64) {
        self.list_amount_eur = tens(self.list_amount_eur as f64 * factor);
        self.amount_eur = tens(self.amount_eur as f64 * factor).max(10);
    }

    /// The same offer for some euros more or less.
    pub(super) fn adjust(&mut self, euros: i64) {
        self.amount_eur += euros;
        self.list_amount_eur = self.list_amount_eur.max(self.amount_eur);
    }
}

/// Whole tens of euros, rounded down.
fn tens(amount_eur: f64) -> i64 {
    (amount_eur / 10.0) as i64 * 10
}

/// A share of the list amount; one offer in four is at list price.
fn discount(usual: f64, chance: &mut Chance) -> f64 {
    if chance.happens(0.25) { 0.0 } else { usual * chance.between(0.3, 1.9) }
}

/// Why a deal was lost.
#[derive(Clone)]
pub(super) struct Loss {
    pub(super) reason: &'static str,
    pub(super) competitor: Option<&'static str>,
}

impl Loss {
    pub(super) fn invent(chance: &mut Chance) -> Loss {
        let (reason, competitor_known) = chance.weigh(&[
            (0.28, ("Price", 0.45)),
            (0.24, ("Lost to competitor", 1.0)),
            (0.20, ("No budget", 0.0)),
            (0.18, ("No decision", 0.1)),
            (0.10, ("Timing", 0.05)),
        ]);
        let competitor = chance.happens(competitor_known).then(|| *chance.pick(&COMPETITORS));
        Loss { reason, competitor }
    }
}
