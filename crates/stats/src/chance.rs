//! Chance that can be repeated: SplitMix64 (Steele, Lea & Flood 2014, domain 7.3). The seed is an
//! argument, so the same question has the same answer years later.

/// A sequence of 64-bit numbers that follows from its seed alone.
#[derive(Clone, Debug)]
pub struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// The sequence of a seed; 42 is the default of domain 19.
    #[must_use]
    pub fn new(seed: u64) -> SplitMix64 {
        SplitMix64 { state: seed }
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `count` places, `⌊r·n / 2^64⌋`; 0 where there are none.
    pub fn index(&mut self, count: usize) -> usize {
        ((u128::from(self.next_u64()) * count as u128) >> 64) as usize
    }

    /// A number from 0 up to, not including, 1.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// domain_examples X7.4.
    #[test]
    fn a_seed_has_its_sequence() {
        assert_eq!(SplitMix64::new(1_234_567).next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(SplitMix64::new(42).next_u64(), 13_679_457_532_755_275_413);
    }

    #[test]
    fn nothing_to_choose_from_is_no_accident() {
        assert_eq!(SplitMix64::new(42).index(0), 0);
    }
}
