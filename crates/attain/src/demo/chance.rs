//! Chance that falls the same way everywhere.
//!
//! Only additions, multiplications and comparisons, which every platform rounds alike; the
//! logarithms and exponentials of mathematical libraries differ in the last bit.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A stream of chance.
pub(super) struct Chance {
    generator: ChaCha8Rng,
}

impl Chance {
    /// The stream of that number. Streams of one seed are independent of each other, so that more
    /// draws for one thing change nothing about another.
    pub(super) fn new(seed: u64, stream: u64) -> Chance {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Chance { generator }
    }

    /// A number from 0 up to but excluding 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something of that probability happens.
    pub(super) fn happens(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A number between two bounds.
    pub(super) fn between(&mut self, least: f64, greatest: f64) -> f64 {
        least + self.share() * (greatest - least)
    }

    /// A whole number from 0 up to but excluding `count`, which must be positive.
    pub(super) fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    /// One of several, all equally likely; there must be at least one.
    pub(super) fn pick<'a, T>(&mut self, among: &'a [T]) -> &'a T {
        &among[self.below(among.len())]
    }

    /// One of several by weight; the last has whatever the others leave.
    pub(super) fn weigh<T: Copy>(&mut self, among: &[(f64, T)]) -> T {
        let total: f64 = among.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.share() * total;
        for (weight, candidate) in among {
            if rest < *weight {
                return *candidate;
            }
            rest -= weight;
        }
        among[among.len() - 1].1
    }

    /// A factor around 1: its logarithm is normal with that standard deviation, its median is 1.
    pub(super) fn factor(&mut self, deviation: f64) -> f64 {
        exponential(self.normal() * deviation)
    }

    /// All of them in another order (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }

    /// Standard normal, near enough: twelve uniforms have variance 1.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// e to the power of `exponent`, as compound interest; good to 1 % for exponents up to 4.
fn exponential(exponent: f64) -> f64 {
    let mut power = 1.0 + exponent / 1024.0;
    for _ in 0..10 {
        power *= power;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factors_have_their_median_and_their_spread() {
        let mut chance = Chance::new(7, 1);
        let mut factors: Vec<f64> = (0..20_001).map(|_| chance.factor(0.5)).collect();
        factors.sort_by(f64::total_cmp);
        assert!((factors[10_000] - 1.0).abs() < 0.02, "median {}", factors[10_000]);
        let upper_sigma = factors[16_827];
        assert!((upper_sigma - 1.649).abs() < 0.05, "one deviation up {upper_sigma}");
    }

    #[test]
    fn weights_decide_how_often() {
        let mut chance = Chance::new(7, 1);
        let rare = (0..10_000).filter(|_| chance.weigh(&[(1.0, true), (3.0, false)])).count();
        assert!((2_400..2_600).contains(&rare), "{rare}");
    }
}
