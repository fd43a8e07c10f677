//! Finding where a rising function reaches a level, however badly it behaves.

/// A distribution's function and its slope.
pub(crate) struct Rising<F, D> {
    /// The distribution function.
    pub(crate) cdf: F,
    /// Its density.
    pub(crate) density: D,
}

/// How often a step is taken at most. Halving alone reaches a double's precision in fewer.
const STEPS: usize = 400;

impl<F: Fn(f64) -> f64, D: Fn(f64) -> f64> Rising<F, D> {
    /// Where the function reaches `level` between `low` and `high`, from a guess: Newton's steps, and
    /// halves wherever one would leave the bracket.
    pub(crate) fn reaches(&self, level: f64, mut low: f64, mut high: f64, guess: f64) -> f64 {
        let mut x = if low < guess && guess < high { guess } else { low / 2.0 + high / 2.0 };
        for _ in 0..STEPS {
            let above = (self.cdf)(x) - level;
            if above == 0.0 {
                return x;
            }
            if above > 0.0 {
                high = x;
            } else {
                low = x;
            }
            let newton = x - above / (self.density)(x);
            let inside = low < newton && newton < high;
            let next = if inside { newton } else { low / 2.0 + high / 2.0 };
            let step = (next - x).abs();
            // Newton's next step would be about the square of this one.
            if inside && step <= 1e-9 * x.abs() || step <= 4.0 * f64::EPSILON * x.abs() {
                return next;
            }
            if next == low || next == high {
                return next;
            }
            x = next;
        }
        x
    }
}

/// An upper end at which a rising function has passed `level`, found by doubling.
pub(crate) fn beyond(cdf: impl Fn(f64) -> f64, level: f64, start: f64) -> f64 {
    let mut high = start;
    while cdf(high) < level && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    high
}
