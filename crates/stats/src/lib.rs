//! Fair reading of numbers: pure functions on plain values. No input or output, no people, no clock; where
//! chance is needed its seed is an argument, so the same question has the same answer years later.
//!
//! The rooms, in the order a number passes through them:
//!
//! - **Targets** (domain 6): [`attainment`], [`cascade`], [`ramp`], [`pace`], [`scorecard`], [`stretch`], in
//!   decimals throughout; [`forecast`] of what the end of a period may bring.
//! - **How sure** (7.1–7.4): [`Proportion`], [`newcombe`], [`amount`], [`bootstrap`], [`count`], and how much
//!   is enough to say anything ([`minimum`]).
//! - **Compared fairly** (7.5–7.10): [`shrinkage`] makes posteriors, [`ranking`] makes rank distributions of
//!   them, [`significance`] and [`multiplicity`] keep chance from being mistaken for merit, [`standing`] puts
//!   them together into one of three verdicts, [`expectation`] allows for circumstances.
//! - **Over time and in a picture** (7.11–7.13): [`control_chart`], [`funnel`], [`integrity`].
//! - **Why** (8): [`decomposition`] into effects that add up, to the cent.
//! - **Next year** (9): [`planning`].
//!
//! What does not exist says why ([`Undefined`]) and is never zero. Distributions are `statrs`', kept behind
//! a private room that has an answer for counts of any size.

pub mod amount;
pub mod attainment;
pub mod bootstrap;
pub mod cascade;
pub mod chance;
pub mod control_chart;
pub mod count;
pub mod decomposition;
mod distribution;
mod exact;
pub mod expectation;
pub mod forecast;
pub mod funnel;
pub mod integrity;
mod interval;
pub mod minimum;
pub mod multiplicity;
pub mod order;
pub mod pace;
pub mod planning;
mod probability;
mod proportion;
pub mod ramp;
pub mod ranking;
mod sample;
pub mod scorecard;
pub mod shrinkage;
pub mod significance;
pub mod standing;
pub mod stretch;
mod undefined;

pub use distribution::poisson_binomial::PoissonBinomial;
pub use interval::{Confidence, Estimate, Interval};
pub use probability::Probability;
pub use proportion::{Proportion, newcombe, wilson};
pub use sample::Sample;
pub use undefined::Undefined;
