//! Which method to foretell by: the one that was least off before (domain 6.7).

use super::accuracy::{Pair, wape};

/// A method, the simpler ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// [`super::linear`].
    Linear,
    /// [`super::seasonal`].
    Seasonal,
    /// [`super::counts`].
    GammaPoisson,
    /// [`super::pipeline_count`] and [`super::pipeline_value`].
    Pipeline,
}

/// The method with the lowest WAPE over the last six periods at the same point of each (the latest last;
/// earlier pairs are left out), with that WAPE. Of equally good ones the simpler; methods without a past
/// that tells are not chosen.
#[must_use]
pub fn best_method(past: &[(Method, Vec<Pair>)]) -> Option<(Method, f64)> {
    const PERIODS: usize = 6;
    let judged = past.iter().filter_map(|(method, pairs)| {
        let error = wape(&pairs[pairs.len().saturating_sub(PERIODS)..]).ok()?;
        Some((*method, error))
    });
    judged
        .min_by(|(method, error), (other, other_error)| error.total_cmp(other_error).then(method.cmp(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_method_that_was_least_off_is_chosen() {
        let past = |off: f64| vec![(100.0, 100.0 + off); 6];
        let all = [
            (Method::Pipeline, past(10.0)),
            (Method::Seasonal, past(-10.0)),
            (Method::Linear, past(30.0)),
            (Method::GammaPoisson, vec![]),
        ];
        assert_eq!(best_method(&all), Some((Method::Seasonal, 0.1)), "the simpler of two as good");
        assert_eq!(best_method(&[]), None);
    }

    #[test]
    fn only_the_last_six_periods_count() {
        let mut improved = vec![(100.0, 900.0)];
        improved.extend(vec![(100.0, 100.0); 6]);
        assert_eq!(best_method(&[(Method::Linear, improved)]), Some((Method::Linear, 0.0)));
    }
}
