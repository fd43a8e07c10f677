//! Dots on one axis: the values of a peer set, and one subject's among them with its interval.

use attain_stats::Interval;
use maud::{Markup, html};

/// One of the peers.
pub(crate) struct Dot {
    pub(crate) value: f64,
    /// Whether it rests on enough to be compared.
    pub(crate) is_comparable: bool,
    /// Whose it is and what it says; nothing where that is nobody's to know.
    pub(crate) spoken: Option<String>,
    /// Where it opens.
    pub(crate) path: Option<String>,
}

/// The subject among them.
pub(crate) struct OwnDot<'a> {
    pub(crate) value: f64,
    pub(crate) interval: Option<Interval>,
    pub(crate) name: &'a str,
}

/// Dots from zero to the end of an axis.
pub(crate) struct Dots<'a> {
    /// What the picture says, in words.
    pub(crate) title: &'a str,
    pub(crate) peers: &'a [Dot],
    pub(crate) own: Option<OwnDot<'a>>,
    /// What all have in common, if it is to be shown.
    pub(crate) centre: Option<f64>,
    /// How values are written.
    pub(crate) written: &'a dyn Fn(f64) -> String,
}

/// So many dots may stand on each other.
const STACKED: usize = 7;

/// Draws them.
pub(crate) fn dots(chart: &Dots<'_>) -> Markup {
    let own = chart
        .own
        .iter()
        .flat_map(|own| [Some(own.value), own.interval.map(|interval| interval.high)])
        .flatten();
    let greatest =
        chart.peers.iter().map(|dot| dot.value).chain(own).chain(chart.centre).fold(0.0_f64, f64::max);
    let end = round_end(greatest);
    let share = |value: f64| format!("{:.2}%", (value / end).clamp(0.0, 1.0) * 100.0);
    let ground = 22.0 + 11.0 * STACKED as f64 + 24.0;
    let heights = stacked(chart.peers, end);
    html! {
        svg.dots height=(ground + 20.0) role="group" aria-label=(chart.title) {
            @for mark in 0..=4u8 {
                @let value = end * f64::from(mark) / 4.0;
                @let class = match mark { 0 => "", 4 => "end", _ => "mid" };
                line class="grid-line" x1=(share(value)) x2=(share(value)) y1="16" y2=(ground) {}
                text class=(class) x=(share(value)) y=(ground + 15.0) { ((chart.written)(value)) }
            }
            line class="axis-line" x1="0" x2="100%" y1=(ground) y2=(ground) {}
            @if let Some(centre) = chart.centre {
                line class="target" x1=(share(centre)) x2=(share(centre)) y1="14" y2=(ground) {}
                text class="mid" x=(share(centre)) y="9" { "all " ((chart.written)(centre)) }
            }
            @for (dot, height) in chart.peers.iter().zip(heights) {
                @let circle = html! { circle class=(if dot.is_comparable { "peer solid" } else { "peer" }) cx=(share(dot.value)) cy=(ground - 36.0 - 11.0 * height as f64) r="4" { @if let Some(spoken) = &dot.spoken { title { (spoken) } } } };
                @match &dot.path { Some(path) => a href=(path) aria-label=(dot.spoken.clone().unwrap_or_default()) { (circle) }, None => (circle) }
            }
            @if let Some(own) = &chart.own {
                @let y = ground - 14.0;
                @if let Some(interval) = own.interval {
                    line class="whisker" x1=(share(interval.low)) x2=(share(interval.high)) y1=(y) y2=(y) {}
                    line class="whisker" x1=(share(interval.low)) x2=(share(interval.low)) y1=(y - 4.0) y2=(y + 4.0) {}
                    line class="whisker" x1=(share(interval.high)) x2=(share(interval.high)) y1=(y - 4.0) y2=(y + 4.0) {}
                }
                circle class="self" cx=(share(own.value)) cy=(y) r="6" { title { (own.name) ": " ((chart.written)(own.value)) } }
            }
        }
    }
}

/// How high each dot stands, so that near ones do not hide each other.
fn stacked(peers: &[Dot], end: f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..peers.len()).collect();
    order.sort_by(|one, other| peers[*one].value.total_cmp(&peers[*other].value));
    let mut heights = vec![0; peers.len()];
    let mut last: Vec<f64> = Vec::new();
    for place in order {
        let value = peers[place].value;
        // Two dots touch where they are nearer than a fiftieth of the axis.
        let free = last.iter().position(|last| value - last > end / 50.0);
        let height = free.unwrap_or(if last.len() < STACKED { last.len() } else { STACKED - 1 });
        if height == last.len() {
            last.push(value);
        } else {
            last[height] = value;
        }
        heights[place] = height;
    }
    heights
}

/// A round figure that holds a value.
fn round_end(greatest: f64) -> f64 {
    if !(greatest.is_finite() && greatest > 0.0) {
        return 1.0;
    }
    let power = 10.0_f64.powf(greatest.log10().floor());
    let rounds = [1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0].map(|factor| factor * power);
    rounds.into_iter().find(|round| *round >= greatest).unwrap_or(greatest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_that_would_hide_each_other_are_stacked() {
        let dot = |value| Dot { value, is_comparable: true, spoken: None, path: None };
        assert_eq!(stacked(&[dot(0.5), dot(0.5), dot(0.9), dot(0.505)], 1.0), [0, 1, 0, 2]);
        assert!(
            stacked(&(0..40).map(|_| dot(0.5)).collect::<Vec<_>>(), 1.0)
                .iter()
                .all(|height| *height < STACKED)
        );
    }

    #[test]
    fn the_end_of_the_axis_is_round() {
        assert_eq!([0.63, 1.0, 61.0, 0.0].map(round_end), [0.8, 1.0, 80.0, 1.0]);
    }
}
