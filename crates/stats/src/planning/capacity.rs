//! Capacity: what the people there are can be expected to bring (domain 9.3). Money stays decimal.

use rust_decimal::Decimal;

use crate::exact::{multiply, subtract, sum};
use crate::undefined::Undefined;

/// What one of them can be expected to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The target of somebody beyond ramp.
    pub full_target: Decimal,
    /// The share of it that ramp asks for ([`crate::ramp`]).
    pub ramp: Decimal,
    /// The share expected to be lost because somebody leaves.
    pub attrition: Decimal,
    /// How much of a target is usually attained.
    pub expected_attainment: Decimal,
}

/// The capacity, `Σ full target × ramp × (1 − attrition) × expected attainment`. The gap to a plan is the
/// plan less it.
///
/// # Errors
/// `Contradictory` where ramp or attrition is no share of one; `NotFinite` where it is too large to be
/// held.
pub fn capacity(members: &[Member]) -> Result<Decimal, Undefined> {
    sum(members.iter().map(expected).collect::<Result<Vec<Decimal>, Undefined>>()?)
}

fn expected(member: &Member) -> Result<Decimal, Undefined> {
    let shares = [member.ramp, member.attrition];
    if shares.iter().any(|share| !(Decimal::ZERO..=Decimal::ONE).contains(share)) {
        return Err(Undefined::Contradictory);
    }
    let staying = subtract(Decimal::ONE, member.attrition)?;
    let ramped = multiply(member.full_target, member.ramp)?;
    multiply(multiply(ramped, staying)?, member.expected_attainment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(full_target: i64, ramp: &str, attrition: &str, expected_attainment: &str) -> Member {
        let of = |text: &str| text.parse().expect("a decimal");
        Member {
            full_target: Decimal::from(full_target),
            ramp: of(ramp),
            attrition: of(attrition),
            expected_attainment: of(expected_attainment),
        }
    }

    #[test]
    fn two_people_are_not_two_targets() {
        let people = [member(400_000, "1", "0.1", "0.9"), member(400_000, "0.5", "0", "0.8")];
        assert_eq!(capacity(&people), Ok(Decimal::from(484_000)));
        assert_eq!(capacity(&[]), Ok(Decimal::ZERO));
    }

    #[test]
    fn shares_are_shares() {
        assert_eq!(capacity(&[member(1, "1.1", "0", "1")]), Err(Undefined::Contradictory));
        assert_eq!(capacity(&[member(1, "1", "-0.1", "1")]), Err(Undefined::Contradictory));
        let huge = Member { full_target: Decimal::MAX, ..member(1, "1", "0", "1") };
        assert_eq!(capacity(&[huge, huge]), Err(Undefined::NotFinite));
    }
}
