//! The waterfall: bars that lead from one total to another, each part beginning where the one before
//! ended.

use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// One of the two totals.
pub(crate) struct Total<'a> {
    pub(crate) label: &'a str,
    /// What it is a total of.
    pub(crate) small: &'a str,
    pub(crate) value: Decimal,
    /// Where it opens.
    pub(crate) path: Option<String>,
}

/// A part of the way.
pub(crate) struct Step {
    pub(crate) label: String,
    pub(crate) small: String,
    pub(crate) effect: Decimal,
    /// Where it opens.
    pub(crate) path: Option<String>,
    /// What stands at its right.
    pub(crate) note: String,
    /// "above" or "below" where it is beyond chance.
    pub(crate) class: &'static str,
}

/// Draws totals and parts.
pub(crate) fn waterfall(
    before: &Total<'_>,
    steps: &[Step],
    after: &Total<'_>,
    written: &dyn Fn(Decimal) -> String,
) -> Markup {
    let mut totals = vec![before.value];
    for step in steps {
        totals.push(totals.last().copied().unwrap_or_default() + step.effect);
    }
    let greatest = totals.iter().copied().max().unwrap_or_default().max(Decimal::ONE);
    let at = |total: Decimal| {
        let share = total.checked_div(greatest).and_then(|share| share.to_f64()).unwrap_or_default();
        // The greatest leaves room for the end of its bar.
        share.clamp(0.0, 1.0) * 96.0
    };
    let whole = |total: &Total<'_>, joins: bool| {
        let place = at(total.value);
        html! {
            li {
                span { @match &total.path { Some(path) => a href=(path) { (total.label) }, None => (total.label) } small { (total.small) } }
                span.plot { (bar("total", &format!("{}: {}", total.label, written(total.value)), (0.0, place), joins.then_some(place))) }
                span.num { b { (written(total.value)) } }
                span.note {}
            }
        }
    };
    html! {
        ol.waterfall {
            (whole(before, true))
            @for (step, ends) in steps.iter().zip(totals.windows(2)) {
                @let (from, to) = (at(ends[0].min(ends[1])), at(ends[0].max(ends[1])));
                li {
                    span { @match &step.path { Some(path) => a href=(path) { (step.label) }, None => (step.label) } small { (step.small) } }
                    span.plot { (bar(step.class, &format!("{}: {}", step.label, signed(step.effect, written)), (from, to), Some(at(ends[1])))) }
                    span.num { (signed(step.effect, written)) }
                    span.note { (step.note) }
                }
            }
            (whole(after, false))
        }
    }
}

/// A change with its sign.
pub(crate) fn signed(effect: Decimal, written: &dyn Fn(Decimal) -> String) -> String {
    let figure = written(effect);
    if effect > Decimal::ZERO { format!("+{figure}") } else { figure }
}

fn bar(class: &str, title: &str, (from, to): (f64, f64), join: Option<f64>) -> Markup {
    html! {
        svg role="img" {
            title { (title) }
            line class="zero" x1="0" x2="0" y1="0" y2="100%" {}
            rect class=(format!("bar {class}")) x=(format!("{from:.2}%")) y="25%" width=(format!("{:.2}%", (to - from).max(0.2))) height="50%" {}
            @if let Some(at) = join { line class="join" x1=(format!("{at:.2}%")) x2=(format!("{at:.2}%")) y1="75%" y2="125%" {} }
        }
    }
}
