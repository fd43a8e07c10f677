//! Which effects may be spoken of: those whose factor differs beyond noise (domain 8.6).

use crate::interval::Interval;

/// Whether the 95 % interval of a factor's difference (Newcombe's, a log-normal or a Poisson one) leaves
/// room for no difference at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// It does.
    WithinNoise,
    /// It does not.
    BeyondNoise,
}

impl Noise {
    /// What the interval of a difference says; without one nothing is beyond noise.
    #[must_use]
    pub fn of(difference: Option<Interval>) -> Noise {
        match difference {
            Some(interval) if interval.low > 0.0 || interval.high < 0.0 => Noise::BeyondNoise,
            _ => Noise::WithinNoise,
        }
    }
}

/// The places of the effects that advice may name: at most the two largest that are beyond noise, the
/// larger first.
#[must_use]
pub fn worth_naming(effects: &[(f64, Noise)]) -> Vec<usize> {
    let beyond = effects
        .iter()
        .enumerate()
        .filter(|(_, (effect, noise))| *noise == Noise::BeyondNoise && !effect.is_nan() && *effect != 0.0);
    let mut places: Vec<usize> = beyond.map(|(place, _)| place).collect();
    places.sort_by(|one, other| effects[*other].0.abs().total_cmp(&effects[*one].0.abs()));
    places.truncate(2);
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_that_may_be_none_is_noise() {
        let of = |low, high| Noise::of(Some(Interval { low, high }));
        assert_eq!(of(-0.1, 0.3), Noise::WithinNoise);
        assert_eq!(of(0.0, 0.3), Noise::WithinNoise);
        assert_eq!(of(0.1, 0.3), Noise::BeyondNoise);
        assert_eq!(of(-0.3, -0.1), Noise::BeyondNoise);
        assert_eq!(Noise::of(None), Noise::WithinNoise);
    }

    #[test]
    fn advice_names_two_at_most() {
        let effects = [
            (900.0, Noise::WithinNoise),
            (100.0, Noise::BeyondNoise),
            (-300.0, Noise::BeyondNoise),
            (200.0, Noise::BeyondNoise),
        ];
        assert_eq!(worth_naming(&effects), vec![2, 3]);
        assert!(worth_naming(&effects[..1]).is_empty());
    }
}
