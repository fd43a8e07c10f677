//! Decomposition: why a number differs from another, factor by factor or stratum by stratum (domain 8).
//! Every way of taking it apart adds up to the difference, to the cent where money is shown
//! ([`apportion`]), and says of each part whether it is within noise.

mod apportion;
mod kitagawa;
mod levers;
mod lmdi;
mod noise;
mod shapley;
mod shift_share;

pub use apportion::apportion;
pub use kitagawa::{MixAndRate, Share, kitagawa, rate_interval};
pub use levers::{Decomposition, Factor, Levers};
pub use lmdi::{lmdi, lmdi_of_segments};
pub use noise::{Noise, worth_naming};
pub use shapley::shapley;
pub use shift_share::{Growth, Segment, SegmentSpread, own_interval, segment_growth, shift_share};
