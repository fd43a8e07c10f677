//! The funnel: shares against how many trials they rest on, between the limits that chance alone
//! hardly passes (Spiegelhalter 2005, domain 7.12).

use attain_stats::funnel::{FunnelLimits, Position};
use attain_stats::ranking::Verdict;
use attain_stats::{Probability, Proportion};
use maud::{Markup, html};

use super::plot::{Axis, HEIGHT, WIDTH, along, level, mark, path, point, triangle};

/// One share.
pub(crate) struct FunnelPoint {
    pub(crate) share: Proportion,
    /// Whose, and what it says, in words.
    pub(crate) spoken: String,
    /// Where its number opens.
    pub(crate) path: String,
    /// What may be said; colour is for what is clear alone.
    pub(crate) verdict: Option<Verdict>,
}

/// Draws shares around that of all peers; nothing where that is none.
pub(crate) fn funnel(title: &str, group: f64, points: &[FunnelPoint]) -> Markup {
    let Some(group) = Probability::new(group) else { return html! {} };
    let most = points.iter().map(|one| one.share.trials()).max().unwrap_or(1).max(1);
    let x = |trials: u64| along(trials as f64 / most as f64);
    let shares = points.iter().filter_map(|one| one.share.share().ok());
    let axis = Axis::holding(shares.chain([group.value() * 2.0]).map(|share| (share * 100.0).min(100.0)));
    let steps: Vec<u64> = (1..=60).map(|step| (most * step).div_ceil(60)).collect();
    let line = |bound: &dyn Fn(&FunnelLimits) -> u64| {
        path(steps.iter().map(|trials| {
            let share = bound(&FunnelLimits::of(group, *trials)) as f64 / *trials as f64;
            Some((x(*trials), axis.y(share * 100.0)))
        }))
    };
    html! {
        div.scroll tabindex="0" role="region" aria-label="Chart, scrolls sideways on a narrow screen" {
            svg.xmr.funnel width=(WIDTH) height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="group" aria-label=(title) {
                (axis.drawn(&|value| format!("{value:.0}")))
                path class="limit outer" d=(line(&|limits| *limits.ninety_nine_eight.end())) {}
                path class="limit" d=(line(&|limits| *limits.ninety_five.end())) {}
                path class="limit" d=(line(&|limits| *limits.ninety_five.start())) {}
                path class="limit outer" d=(line(&|limits| *limits.ninety_nine_eight.start())) {}
                (level("mean", axis.y(group.value() * 100.0), &format!("all {:.1} %", group.value() * 100.0)))
                @for one in points {
                    @if let Ok(share) = one.share.share() {
                        @let position = (x(one.share.trials()), axis.y(share * 100.0));
                        (mark(&one.spoken, &one.path, position, &shape(group, one, position)))
                    }
                }
                @for mark in 1..=4u64 {
                    @let trials = most * mark / 4;
                    text class="mid" x=(format!("{:.1}", x(trials))) y="243" { (trials) }
                }
                text class="mid" x=(format!("{:.1}", along(0.5))) y="257" { "how many it rests on" }
            }
        }
    }
}

fn shape(group: Probability, one: &FunnelPoint, position: (f64, f64)) -> Markup {
    let is_above = one.share.share().is_ok_and(|share| share > group.value());
    let class = match one.verdict {
        Some(Verdict::ClearlyAbove) => "good",
        Some(Verdict::ClearlyBelow) => "",
        _ => "near",
    };
    match FunnelLimits::position(group, one.share) {
        Position::Inside => point(position),
        Position::BeyondNinetyFive | Position::BeyondNinetyNineEight => triangle(position, is_above, class),
    }
}
