//! The chart marks of the visual language, as SVG: each has words, follows the theme, and never
//! draws an absent value. Horizontal positions are percentages, so that strokes keep their width.

mod control;
mod dots;
mod funnel;
mod plot;
mod waterfall;

pub(crate) use control::{ControlChart, ControlPoint, control_chart};
pub(crate) use dots::{Dot, Dots, OwnDot, dots};
pub(crate) use funnel::{FunnelPoint, funnel};
use maud::{Markup, html};
pub(crate) use waterfall::{Step, Total, signed, waterfall};

/// A bar from zero with its interval.
pub(crate) struct Bullet<'a> {
    /// What the picture says, in words.
    pub(crate) title: &'a str,
    /// Share of the axis the value takes.
    pub(crate) value: f64,
    /// Whether it goes on beyond the axis.
    pub(crate) over: bool,
    /// Shares of the axis where the 95 % interval starts and ends.
    pub(crate) interval: Option<(f64, f64)>,
    /// Share of the axis where the target stands.
    pub(crate) target: Option<f64>,
    /// The taller one of single-subject tables.
    pub(crate) wide: bool,
}

/// A bullet graph.
pub(crate) fn bullet(bullet: &Bullet<'_>) -> Markup {
    let height = if bullet.wide { 18 } else { 14 };
    let middle = height / 2;
    let bar = if bullet.wide { 8 } else { 6 };
    html! {
        svg class=(if bullet.wide { "bullet wide" } else { "bullet" }) role="img" {
            title { (bullet.title) }
            line class="base" x1="0" x2="0" y1="1" y2=(height - 1) {}
            rect class="bar" y=(middle - bar / 2) width=(percent(bullet.value)) height=(bar) {}
            @if bullet.over {
                line class="cut" x1="94%" x2="93%" y1="1" y2=(height - 1) {}
                line class="cut" x1="97%" x2="96%" y1="1" y2=(height - 1) {}
            }
            @if let Some((from, to)) = bullet.interval {
                line class="whisker" x1=(percent(from)) x2=(percent(to)) y1=(middle) y2=(middle) {}
                line class="whisker" x1=(percent(from)) x2=(percent(from)) y1=(middle - 4) y2=(middle + 4) {}
                @if to < 1.0 {
                    line class="whisker" x1=(percent(to)) x2=(percent(to)) y1=(middle - 4) y2=(middle + 4) {}
                }
            }
            @if let Some(target) = bullet.target {
                line class="target" x1=(percent(target)) x2=(percent(target)) y1="0" y2=(height) {}
            }
        }
    }
}

/// A history on its own scale; a period without a value is a gap.
pub(crate) fn sparkline(title: &str, values: &[Option<f64>], big: bool) -> Markup {
    let (width, height) = if big { (72.0, 20.0) } else { (40.0, 14.0) };
    let known = || values.iter().flatten().copied();
    let (least, greatest) =
        known().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, g), v| (l.min(v), g.max(v)));
    let step = (width - 5.0) / (values.len().max(2) - 1) as f64;
    let spread = greatest - least;
    let position = |index: usize, value: f64| {
        let share = if spread > 0.0 { (value - least) / spread } else { 0.5 };
        (1.0 + index as f64 * step, height - 2.5 - share * (height - 5.0))
    };
    let mut path = String::new();
    let mut drawing = false;
    for (index, value) in values.iter().enumerate() {
        if let Some(value) = value {
            let (x, y) = position(index, *value);
            path.push_str(&format!("{}{x:.1} {y:.1}", if drawing { "L" } else { "M" }));
        }
        drawing = value.is_some();
    }
    let last = values.last().copied().flatten().map(|value| position(values.len() - 1, value));
    html! {
        @if known().next().is_some() {
            svg class=(if big { "spark big" } else { "spark" }) viewBox=(format!("0 0 {width} {height}")) role="img" {
                title { (title) }
                path d=(path) {}
                @if let Some((x, y)) = last {
                    circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="2" {}
                }
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_value_is_a_gap_and_never_a_zero() {
        let drawn = sparkline("history", &[Some(1.0), None, Some(3.0), Some(2.0)], false).into_string();
        assert_eq!(drawn.matches('M').count(), 2, "{drawn}");
        assert_eq!(drawn.matches('L').count(), 1, "{drawn}");
        assert_eq!(sparkline("history", &[None, None], false).into_string(), "");
    }

    #[test]
    fn an_interval_that_leaves_the_axis_has_no_end_cap() {
        let wide = |to| {
            bullet(&Bullet {
                title: "",
                value: 0.5,
                over: false,
                interval: Some((0.2, to)),
                target: None,
                wide: false,
            })
            .into_string()
        };
        assert_eq!(wide(0.9).matches("whisker").count(), 3);
        assert_eq!(wide(1.4).matches("whisker").count(), 2);
    }
}
