//! The XmR chart: values over time between the limits of what they usually are (domain 7.11).

use attain_stats::control_chart::Side;
use maud::{Markup, html};

use super::plot::{Axis, BOTTOM, HEIGHT, WIDTH, column, level, mark, path, point, triangle};

/// What one period shows.
pub(crate) struct ControlPoint {
    /// Its name below the axis.
    pub(crate) label: String,
    /// A longer name below that, where it begins.
    pub(crate) group: Option<String>,
    pub(crate) value: Option<f64>,
    /// What it says, in words.
    pub(crate) spoken: String,
    /// Where its number opens.
    pub(crate) path: String,
    /// The side on which it stands out, if it does.
    pub(crate) stands_out: Option<Side>,
}

/// A chart of a process.
pub(crate) struct ControlChart<'a> {
    /// What the picture says, in words.
    pub(crate) title: &'a str,
    pub(crate) points: &'a [ControlPoint],
    pub(crate) mean: f64,
    pub(crate) upper: Option<f64>,
    pub(crate) lower: Option<f64>,
    /// How many of the first points the limits rest on.
    pub(crate) baseline: usize,
    /// Whether more is better, so that colour can say which side is which; none where neither is.
    pub(crate) better_above: Option<bool>,
    /// How values are written.
    pub(crate) written: &'a dyn Fn(f64) -> String,
}

/// Draws it.
pub(crate) fn control_chart(chart: &ControlChart<'_>) -> Markup {
    let count = chart.points.len();
    let limits = [Some(chart.mean), chart.upper, chart.lower].into_iter().flatten();
    let axis = Axis::holding(chart.points.iter().filter_map(|point| point.value).chain(limits));
    let at = |place: usize| chart.points[place].value.map(|value| (column(place, count), axis.y(value)));
    let half = (column(1, count) - column(0, count)) / 2.0;
    let baseline_end = column(chart.baseline.saturating_sub(1), count) + half;
    // Where there are many, every other name would run into its neighbour.
    let every = count.div_ceil(18).max(1);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Chart, scrolls sideways on a narrow screen" {
            svg.xmr width=(WIDTH) height=(HEIGHT) viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="group" aria-label=(chart.title) {
                rect class="baseline" x=(format!("{:.1}", column(0, count) - half)) y="6" width=(format!("{:.1}", (baseline_end - column(0, count) + half).max(0.0))) height=(BOTTOM - 6.0) {}
                (axis.drawn(chart.written))
                @if let Some(upper) = chart.upper { (level("limit", axis.y(upper), &format!("upper {}", (chart.written)(upper)))) }
                (level("mean", axis.y(chart.mean), &format!("mean {}", (chart.written)(chart.mean))))
                @if let Some(lower) = chart.lower { (level("limit", axis.y(lower), &format!("lower {}", (chart.written)(lower)))) }
                path class="run" d=(path((0..count).map(at))) {}
                @for (place, one) in chart.points.iter().enumerate() {
                    @if let Some(position) = at(place) { (mark(&one.spoken, &one.path, position, &shape(one, position, chart.better_above))) }
                    @if place % every == 0 { text class="mid" x=(format!("{:.1}", column(place, count))) y="243" { (one.label) } }
                    @if let Some(group) = &one.group { text class="mid" x=(format!("{:.1}", column(place, count))) y="257" { (group) } }
                }
            }
        }
    }
}

fn shape(one: &ControlPoint, position: (f64, f64), better_above: Option<bool>) -> Markup {
    match one.stands_out {
        None => point(position),
        Some(side) => {
            let is_above = side == Side::Above;
            let class = match better_above {
                Some(better) if better == is_above => "good",
                _ => "",
            };
            triangle(position, is_above, class)
        }
    }
}
