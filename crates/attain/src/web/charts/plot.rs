//! The ground that charts of fixed size stand on: an axis of values at the left with round marks, and
//! room for labels below and to the right.

use maud::{Markup, html};

/// Width and height of the whole picture, as the visual language has it.
pub(super) const WIDTH: f64 = 700.0;
pub(super) const HEIGHT: f64 = 260.0;

/// Where marks are drawn.
const LEFT: f64 = 48.0;
const RIGHT: f64 = 590.0;
const TOP: f64 = 10.0;
pub(super) const BOTTOM: f64 = 226.0;

/// Values from one figure to another, laid out from the bottom to the top.
pub(super) struct Axis {
    from: f64,
    to: f64,
    step: f64,
}

impl Axis {
    /// An axis with about four round marks that holds all values; from zero where none is below.
    pub(super) fn holding(values: impl Iterator<Item = f64>) -> Axis {
        let (mut least, mut greatest) = (0.0_f64, 0.0_f64);
        for value in values.filter(|value| value.is_finite()) {
            least = least.min(value);
            greatest = greatest.max(value);
        }
        let spread = if greatest > least { greatest - least } else { 1.0 };
        let rough = spread / 4.0;
        let power = 10.0_f64.powf(rough.log10().floor());
        let step =
            [1.0, 2.0, 2.5, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
        let step = step.unwrap_or(rough);
        let to = if greatest > least { (greatest / step).ceil() * step } else { 1.0 };
        Axis { from: (least / step).floor() * step, to, step }
    }

    /// How far from the top a value stands.
    pub(super) fn y(&self, value: f64) -> f64 {
        let share = (value - self.from) / (self.to - self.from);
        BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
    }

    /// The marks, each a line with its figure.
    pub(super) fn drawn(&self, written: &dyn Fn(f64) -> String) -> Markup {
        let count = ((self.to - self.from) / self.step).round().clamp(1.0, 12.0) as usize;
        html! {
            @for mark in 0..=count {
                @let value = self.from + self.step * mark as f64;
                @let y = format!("{:.1}", self.y(value));
                line class=(if mark == 0 { "axis-line" } else { "grid-line" }) x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
                text class="end" x=(LEFT - 6.0) y=(format!("{:.1}", self.y(value) + 4.0)) { (written(value)) }
            }
        }
    }
}

/// Where the first and last of so many marks that stand equally far apart are, and all between them.
pub(super) fn column(place: usize, count: usize) -> f64 {
    let pitch = (RIGHT - LEFT) / count.max(1) as f64;
    LEFT + pitch * (place as f64 + 0.5)
}

/// Where a share of the width is.
pub(super) fn along(share: f64) -> f64 {
    LEFT + 12.0 + share.clamp(0.0, 1.0) * (RIGHT - LEFT - 24.0)
}

/// A line through points, broken where one is missing.
pub(super) fn path(points: impl Iterator<Item = Option<(f64, f64)>>) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for point in points {
        if let Some((x, y)) = point {
            path.push_str(&format!("{}{x:.1} {y:.1}", if drawing { "L" } else { "M" }));
        }
        drawing = point.is_some();
    }
    path
}

/// A horizontal line over the whole width with its name at the right.
pub(super) fn level(class: &str, y: f64, name: &str) -> Markup {
    let at = format!("{y:.1}");
    html! {
        line class=(class) x1=(LEFT) x2=(RIGHT) y1=(at) y2=(at) {}
        text x=(RIGHT + 6.0) y=(format!("{:.1}", y + 4.0)) { (name) }
    }
}

/// A mark that says what it stands for, and leads there.
pub(super) fn mark(spoken: &str, path: &str, (x, y): (f64, f64), shape: &Markup) -> Markup {
    html! {
        a href=(path) aria-label=(spoken) {
            rect class="hit" x=(format!("{:.1}", x - 13.0)) y=(format!("{:.1}", y - 13.0)) width="26" height="26" {}
            (shape)
            title { (spoken) }
        }
    }
}

/// The point of an ordinary value.
pub(super) fn point((x, y): (f64, f64)) -> Markup {
    html! { circle class="pt" cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3" {} }
}

/// The triangle of one that lies outside, pointing the way it does.
pub(super) fn triangle((x, y): (f64, f64), is_above: bool, class: &str) -> Markup {
    let path = match is_above {
        true => format!("M{x:.1} {:.1}l-6.5 11h13z", y - 6.0),
        false => format!("M{x:.1} {:.1}l-6.5 -11h13z", y + 6.0),
    };
    html! { path class=(format!("pt out {class}")) d=(path) {} }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_round_marks_and_holds_everything() {
        let written = |values: &[f64]| {
            let axis = Axis::holding(values.iter().copied());
            (axis.from, axis.to, axis.step)
        };
        assert_eq!(written(&[3.0, 61.0]), (0.0, 80.0, 20.0));
        assert_eq!(written(&[-30.0, 70.0]), (-50.0, 75.0, 25.0));
        assert_eq!(written(&[0.0, 0.0]), (0.0, 1.0, 0.25));
        assert_eq!(written(&[f64::NAN]).1, 1.0);
    }

    #[test]
    fn a_missing_point_breaks_the_line() {
        let drawn = path([Some((0.0, 0.0)), None, Some((1.0, 1.0)), Some((2.0, 2.0))].into_iter());
        assert_eq!((drawn.matches('M').count(), drawn.matches('L').count()), (2, 1));
    }
}
