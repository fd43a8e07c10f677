//! Levers: the factors whose product is the number (domain 8.1), on the side of the reference and on
//! that of the subject, with what is undefined on a side filled in (domain 8.2).

use crate::undefined::{Undefined, finite};

/// Enumerating more factors than this would take too long (domain 8.3).
const FACTORS_MAX: usize = 6;

/// One factor on either side; none where it would be divided by nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    /// Side 0: target, peers, or the period before.
    pub reference: Option<f64>,
    /// Side 1.
    pub subject: Option<f64>,
}

/// One to six factors, defined on both sides.
#[derive(Clone, Debug, PartialEq)]
pub struct Levers {
    pub(super) reference: Vec<f64>,
    pub(super) subject: Vec<f64>,
    undefined: Vec<usize>,
}

/// A difference taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Decomposition {
    /// The number on the side of the reference, V⁰.
    pub reference: f64,
    /// The number on the side of the subject, V¹.
    pub subject: f64,
    /// What each factor contributes, in the order they came. Together: `V¹ − V⁰`.
    pub effects: Vec<f64>,
}

impl Levers {
    /// The factors of a product. One that is undefined on one side is set to its value on the other, so
    /// that its effect is 0 and the factor that went to zero carries the change.
    ///
    /// # Errors
    /// `TooFew` of none, `Contradictory` of more than six, `NotFinite` where one is no finite number or
    /// the product is too large to be held.
    pub fn new(factors: &[Factor]) -> Result<Levers, Undefined> {
        if factors.is_empty() {
            return Err(Undefined::TooFew);
        }
        if factors.len() > FACTORS_MAX {
            return Err(Undefined::Contradictory);
        }
        let either = |first: Option<f64>, second: Option<f64>| finite(first.or(second).unwrap_or(1.0));
        let side =
            |of: &dyn Fn(&Factor) -> Result<f64, Undefined>| factors.iter().map(of).collect::<Result<_, _>>();
        let levers = Levers {
            reference: side(&|factor| either(factor.reference, factor.subject))?,
            subject: side(&|factor| either(factor.subject, factor.reference))?,
            undefined: factors
                .iter()
                .enumerate()
                .filter(|(_, factor)| factor.reference.is_none() && factor.subject.is_none())
                .map(|(place, _)| place)
                .collect(),
        };
        finite(levers.reference_product())?;
        finite(levers.subject_product())?;
        Ok(levers)
    }

    /// The places of factors that are undefined on both sides: set to 1, and to be marked (E3).
    #[must_use]
    pub fn undefined(&self) -> &[usize] {
        &self.undefined
    }

    pub(super) fn reference_product(&self) -> f64 {
        self.reference.iter().product()
    }

    pub(super) fn subject_product(&self) -> f64 {
        self.subject.iter().product()
    }

    pub(super) fn decomposed(&self, effects: Vec<f64>) -> Result<Decomposition, Undefined> {
        let effects = effects.into_iter().map(finite).collect::<Result<Vec<f64>, Undefined>>()?;
        Ok(Decomposition { reference: self.reference_product(), subject: self.subject_product(), effects })
    }
}

#[cfg(test)]
pub(super) fn levers(reference: &[f64], subject: &[f64]) -> Levers {
    let factor =
        |(reference, subject): (&f64, &f64)| Factor { reference: Some(*reference), subject: Some(*subject) };
    let factors: Vec<Factor> = reference.iter().zip(subject).map(factor).collect();
    Levers::new(&factors).expect("one to six finite factors")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_undefined_on_one_side_did_not_change() {
        let factors = [
            Factor { reference: Some(3.0), subject: None },
            Factor { reference: None, subject: Some(4.0) },
            Factor { reference: None, subject: None },
        ];
        let levers = Levers::new(&factors).expect("defined");
        assert_eq!(
            (levers.reference.clone(), levers.subject.clone()),
            (vec![3.0, 4.0, 1.0], vec![3.0, 4.0, 1.0])
        );
        assert_eq!(levers.undefined(), [2]);
    }

    #[test]
    fn there_are_one_to_six_factors() {
        let one = Factor { reference: Some(2.0), subject: Some(3.0) };
        assert_eq!(Levers::new(&[]), Err(Undefined::TooFew));
        assert_eq!(Levers::new(&[one; 7]), Err(Undefined::Contradictory));
        assert!(Levers::new(&[one; 6]).is_ok());
        let broken = Factor { reference: Some(f64::NAN), ..one };
        assert_eq!(Levers::new(&[broken]), Err(Undefined::NotFinite));
        let huge = Factor { reference: Some(1e200), ..one };
        assert_eq!(Levers::new(&[huge, huge]), Err(Undefined::NotFinite));
    }
}
