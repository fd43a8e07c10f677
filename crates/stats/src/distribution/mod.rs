//! Distributions: the handful that domain 6 and 7 name. Densities and distribution functions are
//! `statrs`'; what is ours is the ground around them: parameters that are checked once, counts so
//! large that the library's series would not end, and quantiles that always come back.

pub(crate) mod beta;
pub(crate) mod binomial;
pub(crate) mod gamma;
pub(crate) mod negative_binomial;
pub(crate) mod normal;
pub(crate) mod poisson_binomial;
#[cfg(test)]
mod reference;
mod solve;
pub(crate) mod students_t;

/// Whether a parameter is above 0 and of a size that arithmetic with it stays finite.
pub(crate) fn is_proper(parameter: f64) -> bool {
    (1e-300..=1e300).contains(&parameter)
}
