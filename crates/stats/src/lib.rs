//! Fair reading of numbers: pure functions on plain values. No input or output, no people.

pub mod amount;
pub mod attainment;
pub mod bootstrap;
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
