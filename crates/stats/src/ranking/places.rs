//! The places on the scale at which a peer set is looked at, the same for everybody: quantiles of each,
//! equally probable in the middle and closer together toward the ends. They stand where people do, so that
//! from one to the next nobody's probability changes by much.

use super::Posterior;

/// How many equally probable nodes everybody has (domain 19, `rank_nodes`).
const NODES: usize = 2000;
/// How many places there are about, beside those at the ends: fewer than everybody's nodes where these are
/// many, for then they stand closer together than anybody needs them.
const PLACES: usize = 4000;
/// How many nodes at either end of everybody together are places: there people's probabilities bend most.
const ENDS: usize = 500;
/// A probability beyond the first and last node, which lie at half of a two-thousandth.
const BEYOND: f64 = 0.499 / NODES as f64;
/// How far a probability between two exact ones may be off before the next one is computed exactly.
const OFF: f64 = 1e-7;

/// Places in rising order, with the probability of each subject to lie below each.
pub(super) struct Places {
    subjects: usize,
    /// Place by place.
    below: Vec<f64>,
}

impl Places {
    pub(super) fn of(peers: &[Posterior]) -> Places {
        let mut places: Vec<f64> = Vec::new();
        for (subject, posterior) in peers.iter().enumerate() {
            places.extend(nodes(posterior, subject, peers.len()));
        }
        places.sort_by(f64::total_cmp);
        places.dedup();
        let mut below = vec![0.0; places.len() * peers.len()];
        for (subject, posterior) in peers.iter().enumerate() {
            let cumulative = self::below(&places, posterior);
            for (row, probability) in below.chunks_exact_mut(peers.len()).zip(cumulative) {
                row[subject] = probability;
            }
        }
        Places { subjects: peers.len(), below }
    }

    pub(super) fn subjects(&self) -> usize {
        self.subjects
    }

    pub(super) fn count(&self) -> usize {
        self.below.len().checked_div(self.subjects).unwrap_or(0)
    }

    /// The probability of each subject to lie below a place.
    pub(super) fn below(&self, place: usize) -> &[f64] {
        &self.below[place * self.subjects..][..self.subjects]
    }

    /// How much of each subject a place stands for, together one: half of what lies between it and the places
    /// on either side.
    pub(super) fn weights(&self, place: usize) -> impl Iterator<Item = f64> {
        let own = self.below(place);
        let before = place.checked_sub(1).map(|before| self.below(before));
        let after = (place + 1 < self.count()).then(|| self.below(place + 1));
        (0..self.subjects).map(move |subject| {
            let low = before.map_or(0.0, |before| nodes_below(before[subject]));
            let high = after.map_or(1.0, |after| nodes_below(after[subject]));
            let at = nodes_below(own[subject]);
            shared(low, at).1 + shared(at, high).0
        })
    }
}

/// How the nodes between two neighbouring places are shared: half each, but beyond the first node and the last
/// nothing stands for any.
fn shared(low: f64, high: f64) -> (f64, f64) {
    let between = high - low;
    match (low > 0.0, high < 1.0) {
        (true, false) => (between, 0.0),
        (false, true) => (0.0, between),
        _ => (between / 2.0, between / 2.0),
    }
}

/// The share of a subject's nodes below a place, from the probability below it. By the midpoint rule there are
/// none beyond the first node and the last, and each of these stands for a whole two-thousandth.
fn nodes_below(below: f64) -> f64 {
    match below {
        below if below < BEYOND => 0.0,
        below if below > 1.0 - BEYOND => 1.0,
        below => below.clamp(1.0 / NODES as f64, 1.0 - 1.0 / NODES as f64),
    }
}

/// The nodes of one of so many subjects that are places, quantiles at `(m − ½)/2000`, each looked for where
/// the slope at the one before says.
fn nodes(posterior: &Posterior, subject: usize, subjects: usize) -> Vec<f64> {
    let apart = (subjects * NODES).div_ceil(PLACES);
    let ends = (ENDS / subjects).max(1);
    let is_place = |node: &usize| node % apart == subject % apart || !(ends..NODES - ends).contains(node);
    let level = |node: usize| (node as f64 + 0.5) / NODES as f64;
    let (mut at, mut reached) = (posterior.mean(), None);
    let quantile = |node: usize| {
        let further = reached.map_or(0.0, |reached| level(node) - reached);
        at = posterior.quantile_from(level(node), at + further / posterior.density(at));
        reached = Some(level(node));
        at
    };
    (0..NODES).filter(is_place).map(quantile).collect()
}

/// The probability below each of some places in rising order.
pub(super) fn below(places: &[f64], posterior: &Posterior) -> Vec<f64> {
    Cumulative::over(places, posterior).below
}

/// The probability below each place, exact at as many as it takes. Between those it follows the cubic through
/// both with their densities, where that was right about the one in the middle.
struct Cumulative<'a> {
    places: &'a [f64],
    posterior: &'a Posterior,
    below: Vec<f64>,
}

/// A place by its number, with the probability below it and the density there.
#[derive(Clone, Copy)]
struct Knot {
    place: usize,
    below: f64,
    density: f64,
}

impl<'a> Cumulative<'a> {
    fn over(places: &'a [f64], posterior: &'a Posterior) -> Cumulative<'a> {
        let mut cumulative = Cumulative { places, posterior, below: vec![0.0; places.len()] };
        if let Some(last) = places.len().checked_sub(1) {
            let (first, last) = (cumulative.exactly(0), cumulative.exactly(last));
            cumulative.between(first, last);
        }
        cumulative
    }

    fn exactly(&mut self, place: usize) -> Knot {
        let at = self.places[place];
        let knot = Knot { place, below: self.posterior.cdf(at), density: self.posterior.density(at) };
        self.below[place] = knot.below;
        knot
    }

    fn between(&mut self, from: Knot, to: Knot) {
        if to.place - from.place < 2 {
            return;
        }
        let half = usize::midpoint(from.place, to.place);
        let (expected, slope) = self.cubic(from, to, half);
        let middle = self.exactly(half);
        let width = self.places[to.place] - self.places[from.place];
        // Of a symmetric distribution the cubic is right in the very middle whatever its slope there.
        let is_right =
            (expected - middle.below).abs() <= OFF && (slope - middle.density).abs() * width <= OFF;
        for (from, to) in [(from, middle), (middle, to)] {
            if !is_right {
                self.between(from, to);
                continue;
            }
            for place in from.place + 1..to.place {
                // Far out, where a distribution function is almost level, rounding lets it fall.
                let (low, high) = (from.below.min(to.below), from.below.max(to.below));
                self.below[place] = self.cubic(from, to, place).0.clamp(low, high);
            }
        }
    }

    /// Value and slope of the cubic through two knots at a place between.
    fn cubic(&self, from: Knot, to: Knot, place: usize) -> (f64, f64) {
        let [start, end, at] = [from.place, to.place, place].map(|place| self.places[place]);
        let width = end - start;
        let (done, left) = ((at - start) / width, (end - at) / width);
        let rise = to.below - from.below;
        let value = from.below
            + rise * done * done * (3.0 - 2.0 * done)
            + width * done * left * (from.density * left - to.density * done);
        let slope = 6.0 * rise / width * done * left
            + from.density * left * (left - 2.0 * done)
            + to.density * done * (done - 2.0 * left);
        (value, slope)
    }
}
