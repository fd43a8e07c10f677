//! The course of a period as a picture: what is done by now, what should be, the target, and where it will end.

use attain_stats::Interval;
use maud::{Markup, html};

/// What is drawn, in the units of what is measured.
pub(crate) struct CourseChart<'a> {
    /// What the picture says, in words.
    pub(crate) title: &'a str,
    /// Added up to the end of each day that has gone by.
    pub(crate) done: &'a [f64],
    /// How many days the period has.
    pub(crate) days: usize,
    pub(crate) target: Option<f64>,
    /// What should be done by the end of each day, by the season of earlier periods.
    pub(crate) season: &'a [f64],
    /// The likely end, with its 80 % and 95 % intervals.
    pub(crate) end: Option<(f64, Interval, Interval)>,
    /// What stands beside the target, at the first and at the last day.
    pub(crate) labels: [&'a str; 3],
}

/// Height of the picture, and where its plot begins and ends.
const HEIGHT: f64 = 240.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = 214.0;
/// Where the last day stands, and where the end is drawn, in per cent of the width.
const LAST_DAY: f64 = 88.0;
const END: f64 = 94.0;

/// Draws it: days from left to right, amounts from the bottom up.
pub(crate) fn course_chart(chart: &CourseChart<'_>) -> Markup {
    let scale = Scale::of(chart);
    let [target_label, first_label, last_label] = chart.labels;
    html! {
        svg.course role="img" height=(HEIGHT) {
            title { (chart.title) }
            line class="axis-line" x1="0" x2="100%" y1=(at(scale.y(0.0))) y2=(at(scale.y(0.0))) {}
            // A picture in the picture: its days are as wide as there is room, and its lines keep their width.
            svg x="0" y="0" width=(percent(LAST_DAY)) height=(HEIGHT) viewBox=(format!("0 0 {} {HEIGHT}", chart.days.max(1))) preserveAspectRatio="none" aria-hidden="true" {
                @if let Some(target) = chart.target {
                    path class="expected" vector-effect="non-scaling-stroke" d=(format!("M0 {}L{} {}", at(scale.y(0.0)), chart.days.max(1), at(scale.y(target)))) {}
                    @if !chart.season.is_empty() { path class="season" vector-effect="non-scaling-stroke" d=(path(&scale, chart.season)) {} }
                }
                @if !chart.done.is_empty() { path class="done" vector-effect="non-scaling-stroke" d=(path(&scale, chart.done)) {} }
            }
            @if let Some(target) = chart.target {
                line class="target" x1="0" x2="100%" y1=(at(scale.y(target))) y2=(at(scale.y(target))) {}
                text x="0" y=(at((scale.y(target) - 5.0).max(10.0))) { (target_label) }
            }
            @if let Some((point, eighty, ninety_five)) = chart.end { (end(&scale, point, eighty, ninety_five)) }
            text x="0" y=(at(HEIGHT - 8.0)) { (first_label) }
            text class="end" x=(percent(LAST_DAY)) y=(at(HEIGHT - 8.0)) { (last_label) }
        }
    }
}

/// The likely end as a dot, with a thick line for 80 % and a thin one with caps for 95 %.
fn end(scale: &Scale, point: f64, eighty: Interval, ninety_five: Interval) -> Markup {
    let whisker = |from: f64, to: f64, class: &str| {
        html! { line class=(class) x1=(percent(END)) x2=(percent(END)) y1=(at(scale.y(from))) y2=(at(scale.y(to))) {} }
    };
    // What leaves the axis has no cap there.
    let caps = [ninety_five.low, ninety_five.high].into_iter().filter(|value| scale.holds(*value));
    html! {
        (whisker(ninety_five.low, ninety_five.high, "whisker"))
        @for cap in caps {
            line class="whisker" x1=(percent(END - 1.0)) x2=(percent(END + 1.0)) y1=(at(scale.y(cap))) y2=(at(scale.y(cap))) {}
        }
        (whisker(eighty.low, eighty.high, "whisker eighty"))
        circle class="self" cx=(percent(END)) cy=(at(scale.y(point))) r="5" {}
    }
}

/// From amounts to heights.
struct Scale {
    least: f64,
    greatest: f64,
}

impl Scale {
    /// Holds everything but the ends of a 95 % interval: one far out would press all else flat.
    fn of(chart: &CourseChart<'_>) -> Scale {
        let ends = chart.end.iter().flat_map(|(point, eighty, _)| [*point, eighty.low, eighty.high]);
        let all =
            chart.done.iter().copied().chain(chart.target).chain(ends).filter(|value| value.is_finite());
        let (least, greatest) =
            all.fold((0.0f64, 0.0f64), |(least, greatest), value| (least.min(value), greatest.max(value)));
        let greatest = if greatest > least { greatest + (greatest - least) * 0.05 } else { least + 1.0 };
        Scale { least, greatest }
    }

    fn holds(&self, value: f64) -> bool {
        self.least <= value && value <= self.greatest
    }

    fn y(&self, value: f64) -> f64 {
        let share = (value.clamp(self.least, self.greatest) - self.least) / (self.greatest - self.least);
        BOTTOM - share * (BOTTOM - TOP)
    }
}

/// A line that begins at nothing, through what is there at the end of each day.
fn path(scale: &Scale, amounts: &[f64]) -> String {
    let mut path = format!("M0 {}", at(scale.y(0.0)));
    for (day, amount) in amounts.iter().enumerate() {
        path.push_str(&format!("L{} {}", day + 1, at(scale.y(*amount))));
    }
    path
}

fn at(place: f64) -> String {
    format!("{place:.1}")
}

fn percent(place: f64) -> String {
    format!("{place:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(end: Option<(f64, Interval, Interval)>) -> String {
        let chart = CourseChart {
            title: "so far",
            done: &[10.0, 30.0],
            days: 4,
            target: Some(100.0),
            season: &[],
            end,
            labels: ["target 100", "1 Jan", "4 Jan"],
        };
        course_chart(&chart).into_string()
    }

    #[test]
    fn days_to_come_have_no_line() {
        let drawn = chart(None);
        let done =
            drawn.split("class=\"done\"").nth(1).and_then(|rest| rest.split('>').next()).expect("a line");
        assert_eq!(done.matches('L').count(), 2, "{done}");
        assert!(!drawn.contains("whisker") && drawn.contains("target 100"), "{drawn}");
    }

    #[test]
    fn what_leaves_the_axis_has_no_cap() {
        let end = |high| Some((90.0, Interval { low: 70.0, high: 110.0 }, Interval { low: 60.0, high }));
        assert_eq!(chart(end(112.0)).matches("whisker").count(), 4);
        assert_eq!(chart(end(400.0)).matches("whisker").count(), 3);
        assert!(!chart(end(f64::INFINITY)).contains("inf"), "and no number that is none");
    }

    #[test]
    fn nothing_at_all_is_drawn_without_dividing_by_it() {
        let chart = CourseChart {
            title: "",
            done: &[],
            days: 0,
            target: None,
            season: &[],
            end: None,
            labels: ["", "", ""],
        };
        assert!(!course_chart(&chart).into_string().contains("NaN"));
    }
}
