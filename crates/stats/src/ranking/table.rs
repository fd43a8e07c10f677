//! A posterior read off at 2,000 equally probable places, so that a peer set is ranked with one
//! search per subject and place instead of one per pair of subjects and place.

use super::Posterior;

/// The number of places (domain 19, `rank_nodes`).
pub(super) const NODES: usize = 2000;

/// The probability below a place, `(m − ½)/2000`.
pub(super) fn level(node: usize) -> f64 {
    (node as f64 + 0.5) / NODES as f64
}

/// The quantiles of a posterior at every level, and its density there.
pub(super) struct Table<'a> {
    posterior: &'a Posterior,
    values: Vec<f64>,
    densities: Vec<f64>,
}

impl<'a> Table<'a> {
    pub(super) fn of(posterior: &'a Posterior) -> Table<'a> {
        let mut at = posterior.mean();
        let values: Vec<f64> = (0..NODES)
            .map(|node| {
                at = posterior.quantile_from(level(node), at);
                at
            })
            .collect();
        let densities = values.iter().map(|value| posterior.density(*value)).collect();
        Table { posterior, values, densities }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    /// The distribution function at rising places: between two quantiles by the cubic through both
    /// with the density for its slope, beyond them by the posterior itself.
    pub(super) fn below(&self, rising: &[f64]) -> Vec<f64> {
        let mut next = 0;
        rising
            .iter()
            .map(|value| {
                while next < NODES && self.values[next] <= *value {
                    next += 1;
                }
                if next == 0 || next == NODES {
                    self.posterior.cdf(*value)
                } else {
                    self.between(next, *value)
                }
            })
            .collect()
    }

    fn between(&self, next: usize, value: f64) -> f64 {
        let width = self.values[next] - self.values[next - 1];
        let part = (value - self.values[next - 1]) / width;
        let step = 1.0 / NODES as f64;
        let (left, right) = (self.densities[next - 1] * width, self.densities[next] * width);
        // A slope this steep would make the cubic turn round; a straight line is off by less than a step.
        let steep = |slope: f64| slope.is_nan() || slope > 3.0 * step;
        if steep(left) || steep(right) {
            return level(next - 1) + part * step;
        }
        let rest = 1.0 - part;
        let rise = part * part * (3.0 - 2.0 * part) * step;
        level(next - 1) + rise + part * rest * (rest * left - part * right)
    }
}
