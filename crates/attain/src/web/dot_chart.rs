//! A distribution as dots, each somebody: near ones stack, so that all can be counted. They open in the table
//! beside it.

use maud::{Markup, html};

/// What is drawn, in shares of what is aimed at.
pub(crate) struct DotChart<'a> {
    /// What the picture says, in words.
    pub(crate) title: &'a str,
    pub(crate) dots: &'a [Dot],
    /// What is aimed at.
    pub(crate) line: f64,
    pub(crate) middle: Option<f64>,
}

/// One of them.
pub(crate) struct Dot {
    pub(crate) at: f64,
    /// Who and how much.
    pub(crate) words: String,
    /// Whether it is compared with the others; it is hollow otherwise.
    pub(crate) is_compared: bool,
}

/// So near, in per cent of the width, dots stack; so high each is.
const NEAR: f64 = 1.4;
const STEP: f64 = 11.0;
/// Room above for words, and below for the axis.
const ABOVE: f64 = 22.0;
const BELOW: f64 = 24.0;
const STEPS_OF_AXIS: f64 = 4.0;

/// Draws it, from nothing on the left; what is less than nothing lies at its edge, and its words say how much.
pub(crate) fn dot_chart(chart: &DotChart<'_>) -> Markup {
    let greatest = chart.dots.iter().map(|dot| dot.at).fold(chart.line * 1.25, f64::max);
    let end = (greatest * STEPS_OF_AXIS).ceil() / STEPS_OF_AXIS;
    let x = |share: f64| (share / end).clamp(0.0, 1.0) * 100.0;
    let placed = stacked(chart.dots, x);
    let highest = placed.iter().map(|(_, _, level)| *level).max().unwrap_or_default();
    let floor = ABOVE + STEP * (highest as f64 + 1.0);
    let height = floor + BELOW;
    html! {
        svg.dots role="img" height=(format!("{height:.0}")) {
            title { (chart.title) }
            line class="axis-line" x1="0" x2="100%" y1=(place(floor)) y2=(place(floor)) {}
            line class="target" x1=(percent(x(chart.line))) x2=(percent(x(chart.line))) y1=(place(ABOVE - 6.0)) y2=(place(floor)) {}
            text class="mid" x=(percent(x(chart.line))) y="10" { (whole(chart.line)) " %" }
            @if let Some(middle) = chart.middle { line class="median" x1=(percent(x(middle))) x2=(percent(x(middle))) y1=(place(ABOVE - 6.0)) y2=(place(floor)) {} }
            @for (dot, left, level) in &placed {
                circle class=(if dot.is_compared { "peer solid" } else { "peer" }) cx=(percent(*left)) cy=(place(floor - STEP * (*level as f64 + 0.5))) r="4" { title { (dot.words) } }
            }
            text x="0" y=(place(height - 6.0)) { "0" }
            text class="end" x="100%" y=(place(height - 6.0)) { (whole(end)) " %" }
        }
    }
}

/// Each dot with its place from the left and how many lie below it, from left to right.
fn stacked(dots: &[Dot], x: impl Fn(f64) -> f64) -> Vec<(&Dot, f64, usize)> {
    let mut order: Vec<&Dot> = dots.iter().collect();
    order.sort_by(|one, other| one.at.total_cmp(&other.at));
    let mut placed: Vec<(&Dot, f64, usize)> = Vec::new();
    for dot in order {
        let left = x(dot.at);
        let near =
            placed.iter().filter(|(_, other, _)| (left - other).abs() < NEAR).map(|(_, _, level)| *level);
        let taken: Vec<usize> = near.collect();
        let level = (0..).find(|level| !taken.contains(level)).unwrap_or_default();
        placed.push((dot, left, level));
    }
    placed
}

fn whole(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}

fn place(at: f64) -> String {
    format!("{at:.1}")
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(at: f64) -> Dot {
        Dot { at, words: format!("somebody: {at}"), is_compared: true }
    }

    #[test]
    fn near_dots_stack_and_far_ones_do_not() {
        let dots = [0.5, 0.501, 0.502, 1.2].map(dot);
        let levels: Vec<usize> =
            stacked(&dots, |share| share * 50.0).iter().map(|(_, _, level)| *level).collect();
        assert_eq!(levels, [0, 1, 2, 0]);
    }

    #[test]
    fn every_dot_lies_on_the_axis_whatever_is_attained() {
        let dots = [-0.2, 0.0, 7.3].map(dot);
        let drawn = dot_chart(&DotChart { title: "all", dots: &dots, line: 1.0, middle: None }).into_string();
        assert_eq!(drawn.matches("<circle").count(), 3);
        assert!(drawn.contains("cx=\"0.00%\"") && drawn.contains("750 %"), "{drawn}");
    }
}
