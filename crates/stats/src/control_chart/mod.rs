//! Change over time: XmR charts (Wheeler, *Understanding Variation*, domain 7.11). "Improved" and
//! "declined" may be said only with a signal; everything else is what the process always does. Limits
//! come from a baseline and stay until a person records a reason to compute them anew, so they are made
//! once ([`Limits::of`] the [`baseline`]), kept, and points are held against them ([`signals`]).

mod limits;
mod signals;

pub use limits::{Firmness, Limits, Scale, baseline};
pub use signals::{ANY_FALSE_ALARM_SHARE, Rule, Side, Signal, signals};

/// Whether a value exceeds a limit by more than the last bits of a mean, which differ where nothing does.
fn strictly_above(value: f64, limit: f64) -> bool {
    value - limit > 1e-12 * value.abs().max(limit.abs())
}
