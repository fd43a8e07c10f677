//! Many comparisons at once: of twenty people who are alike, one looks different (domain 7.10).

use crate::probability::Probability;

/// The q-value of each p-value of a family, in the order they came (Benjamini & Hochberg 1995):
/// `q_(i) = min_{j ≥ i} min(1, m·p_(j)/j)`. A family is all subjects of one peer set, one metric and one
/// period, whoever looks; flagging `q ≤ 0.10` keeps the expected share of false flags to 10 %.
#[must_use]
pub fn benjamini_hochberg(p_values: &[Probability]) -> Vec<Probability> {
    let count = p_values.len() as f64;
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|one, other| p_values[*one].value().total_cmp(&p_values[*other].value()));
    let mut q_values = vec![Probability::ONE; p_values.len()];
    let mut least = 1.0f64;
    for (place, index) in order.iter().enumerate().rev() {
        let p_value = p_values[*index].value();
        // Rounding must not make an adjusted value less than what it adjusts.
        least = least.min((count * p_value / (place as f64 + 1.0)).max(p_value));
        q_values[*index] = Probability::computed(least);
    }
    q_values
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(values: &[f64]) -> Vec<Probability> {
        values.iter().map(|value| Probability::new(*value).expect("a probability")).collect()
    }

    /// domain_examples X7.16.
    #[test]
    fn ten_comparisons_agree_with_the_worked_example() {
        let p_values = of(&[0.001, 0.008, 0.039, 0.041, 0.042, 0.062, 0.074, 0.205, 0.212, 0.216]);
        let expected =
            [0.01, 0.04, 0.084, 0.084, 0.084, 0.1033333333333, 0.1057142857143, 0.216, 0.216, 0.216];
        for (got, expected) in benjamini_hochberg(&p_values).iter().zip(expected) {
            assert!((got.value() - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn no_comparison_has_no_q_value() {
        assert!(benjamini_hochberg(&[]).is_empty());
        assert_eq!(benjamini_hochberg(&of(&[0.03])), of(&[0.03]));
    }

    proptest! {
        /// Invariant I16.
        #[test]
        fn q_values_follow_their_p_values(values in prop::collection::vec(0.0f64..=1.0, 0..40), turn in 0usize..40) {
            let q_values = benjamini_hochberg(&of(&values));
            for (p, q) in values.iter().zip(&q_values) {
                prop_assert!(*p <= q.value() && q.value() <= 1.0);
                for (other, higher) in values.iter().zip(&q_values) {
                    prop_assert!(p > other || q <= higher);
                }
            }
            let mut turned = values.clone();
            let by = turn.min(values.len());
            turned.rotate_left(by);
            let mut expected = q_values;
            expected.rotate_left(by);
            prop_assert_eq!(benjamini_hochberg(&of(&turned)), expected);
        }
    }
}
