//! A subject's members side by side: people with their targets and what may be said of each among peers,
//! regions, managers and products as they are.

use attain_metrics::{Asker, Code, Dimension, Level, Metric, Period, Reach, Subject, Unit};
use attain_stats::ranking::Verdict;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::card::{Card, Comparison, ComparisonRow, Line};
use crate::comparison::verdicts::Verdicts;
use crate::comparison::{shape, verdict_words};
use crate::goals::targets::{Target, Targets};
use crate::web::components::{
    axis, axis_end, history, metric_name, number_path, scorecard_path, value_bar_with, value_link,
};
use crate::web::format::{figure, places, shown, unit_words};

/// What stands beside people's values.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) verdicts: Verdicts,
    pub(super) targets: Targets,
}

impl Marks {
    fn verdict(&self, person: &str, metric: &Metric) -> Option<(Verdict, u64)> {
        self.verdicts.get(&(person.to_owned(), metric.id.clone())).copied()
    }

    fn target(&self, subject: &Subject, metric: &Metric) -> Option<Target> {
        self.targets.get(&(subject.clone(), metric.id.clone())).copied()
    }

    /// How many comparisons there are, and who is clear by what, in a sentence.
    fn sentence(&self, comparison: &Comparison) -> Option<String> {
        let all = self.verdicts.len();
        if all == 0 {
            return None;
        }
        let clear = |wanted: Verdict| {
            let rows = comparison.rows.iter().filter_map(|row| row.member.as_ref());
            let those = rows.flat_map(|member| {
                let metrics = comparison.metrics.iter();
                metrics
                    .filter(move |metric| {
                        self.verdict(&member.id, metric).is_some_and(|(verdict, _)| verdict == wanted)
                    })
                    .map(move |metric| format!("{}’s {}", member.name, metric.label.to_lowercase()))
            });
            those.collect::<Vec<String>>()
        };
        let (above, below) = (clear(Verdict::ClearlyAbove), clear(Verdict::ClearlyBelow));
        let parts: Vec<String> = [(above, "above"), (below, "below")]
            .into_iter()
            .filter(|(names, _)| !names.is_empty())
            .map(|(names, side)| format!("{} {side}", names.join(", ")))
            .collect();
        Some(match parts.as_slice() {
            [] => {
                format!("Of {all} comparisons with peers none is clear: nobody can be told apart from them.")
            }
            parts => format!("Of {all} comparisons with peers, these are clear: {}.", parts.join("; ")),
        })
    }
}

/// Members side by side, in the order of names.
pub(super) fn members(
    asker: &Asker,
    card: &Card,
    comparison: &Comparison,
    marks: &Marks,
    reach: &Reach,
) -> Markup {
    let (title, column) = match comparison.dimension {
        Dimension::Region => ("Regions", "Region"),
        Dimension::Manager => ("Managers", "Manager"),
        Dimension::Rep => ("People", "Person"),
        Dimension::Product => ("Products", "Product"),
        Dimension::Named(_) => ("Groups", "Group"),
    };
    let currency = &asker.company().currency;
    let scales: Vec<Decimal> = comparison
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| {
            let numbers =
                comparison.rows.iter().filter_map(|row| row.lines.get(index)).map(|line| &line.number);
            axis(metric, numbers)
        })
        .collect();
    html! {
        section aria-label=(title) {
            div.section-head { h2 { (title) } }
            @if let Some(sentence) = marks.sentence(comparison) { p.quiet { (sentence) " " (key()) } }
            @if comparison.rows.is_empty() {
                p.quiet { "Nobody and nothing to list in " (card.period.label()) "." }
            } @else {
                table.grid role="table" {
                    caption.unseen { (title) " of " (card.name) ", " (card.period.label()) ", in the order of names" }
                    colgroup { col.who; col span=(comparison.metrics.len()); }
                    thead role="rowgroup" {
                        tr role="row" {
                            th scope="col" role="columnheader" { (column) span.unit { (comparison.rows.len()) " shown" } }
                            @for (metric, scale) in comparison.metrics.iter().zip(&scales) {
                                th scope="col" role="columnheader" {
                                    a href=(format!("/metrics/{}", metric.id)) { (metric_name(metric)) }
                                    span.unit { (unit_words(metric, currency)) }
                                    span.axis aria-hidden="true" { span { "0" } span { (axis_end(*scale, metric)) } }
                                }
                            }
                        }
                    }
                    tbody role="rowgroup" {
                        @for row in &comparison.rows { (member_row(card, comparison, row, &scales, (marks, reach))) }
                        (total_row(card, comparison, &scales, marks))
                    }
                }
            }
        }
    }
}

fn member_row(
    card: &Card,
    comparison: &Comparison,
    row: &ComparisonRow,
    scales: &[Decimal],
    (marks, reach): (&Marks, &Reach),
) -> Markup {
    let level = comparison.dimension.level().unwrap_or(Level::Company);
    let subject = row.member.as_ref().map(|member| Subject::at(level, member.id.clone()));
    let name = row.member.as_ref().map_or("Unassigned", |member| member.name.as_str());
    // A product inside a region is a question of its own; its page is about the whole company.
    let opens = card.subject == Subject::Company || level != Level::Product;
    html! {
        tr.unassigned[row.member.is_none()] role="row" {
            th scope="row" role="rowheader" {
                @match &subject {
                    Some(subject) if reach.includes(subject) => a href=(scorecard_path(subject, &card.period)) { (name) },
                    Some(_) => (name),
                    None => { (name) small { "no owner, or no team on the day" } },
                }
            }
            @for (line, scale) in row.lines.iter().zip(scales) {
                @let opened = subject.as_ref().filter(|subject| opens && reach.includes(subject));
                @let mark = Mark::of(marks, subject.as_ref(), line);
                (cell(line, *scale, opened, name, &card.period, mark))
            }
        }
    }
}

/// The subject itself: recomputed from its rows, never a mean of the lines above.
fn total_row(card: &Card, comparison: &Comparison, scales: &[Decimal], marks: &Marks) -> Markup {
    let lines =
        comparison.metrics.iter().filter_map(|metric| card.lines.iter().find(|line| line.metric == *metric));
    html! {
        tr.team role="row" {
            th scope="row" role="rowheader" { "Together" small { "from all rows, incl. unassigned" } }
            @for (line, scale) in lines.zip(scales) {
                (cell(line, *scale, Some(&card.subject), &card.name, &card.period, Mark::of(marks, Some(&card.subject), line)))
            }
        }
    }
}

/// What stands beside one value.
#[derive(Clone, Copy, Default)]
struct Mark {
    verdict: Option<Verdict>,
    target: Option<Target>,
}

impl Mark {
    fn of(marks: &Marks, subject: Option<&Subject>, line: &Line) -> Mark {
        let Some(subject) = subject else { return Mark::default() };
        let verdict = match subject {
            Subject::Rep(id) => marks.verdict(id, &line.metric),
            _ => None,
        };
        Mark {
            // A verdict is about the whole person; where the cell is a part of them it says nothing here.
            verdict: verdict.filter(|(_, n)| *n == line.number.n).map(|(verdict, _)| verdict),
            target: marks.target(subject, &line.metric),
        }
    }
}

fn cell(
    line: &Line,
    scale: Decimal,
    subject: Option<&Subject>,
    name: &str,
    period: &Period,
    mark: Mark,
) -> Markup {
    let metric = &line.metric;
    let path = subject.map(|subject| number_path(subject, &metric.id, period, "numbers"));
    let note = shown(&line.number, metric).note;
    html! {
        td role="cell" {
            span.metric { (metric.label) }
            div.cell {
                div.line {
                    (value_link(&line.number, metric, path.as_deref(), &format!("{name}, {}", metric.label)))
                    @match (mark.verdict, of_target(line, mark.target), note) {
                        (Some(verdict), ..) => (beside(verdict)),
                        (None, Some((share, words)), _) => span.why { (share) span.unseen { " " (words) } },
                        (None, None, Some(_)) if line.number.codes.contains(&Code::TooFew) => span.why { "too few" },
                        (None, None, Some(note)) => span.why { (note) },
                        (None, None, None) => {},
                    }
                }
                (value_bar_with(&line.number, metric, scale, mark.target.map(|target| target.value), false))
                (history(metric, &line.history, false))
            }
        }
    }
}

/// A verdict in a cell: its shape, and its word only where it is clear.
fn beside(verdict: Verdict) -> Markup {
    html! { @match verdict {
        Verdict::ClearlyAbove => span.verdict.above { (shape(verdict)) (verdict_words(verdict)) },
        Verdict::ClearlyBelow => span.verdict.below { (shape(verdict)) (verdict_words(verdict)) },
        Verdict::CannotBeToldApart => span.verdict.same { (shape(verdict)) span.unseen { (verdict_words(verdict)) } },
    } }
}

/// The share of a target that adds up over days; of others the target itself.
fn of_target(line: &Line, target: Option<Target>) -> Option<(String, &'static str)> {
    let target = target?;
    let attained = target.attained.or(line.number.value)?;
    Some(match line.metric.unit {
        Unit::Money | Unit::Count if line.metric.accumulates() => {
            let share = attained.checked_div(target.value)? * Decimal::ONE_HUNDRED;
            (format!("{} %", places(share, 1)), "of target")
        }
        unit => (format!("to {}", figure(target.value, unit)), "is the target"),
    })
}

/// How to read the marks.
fn key() -> Markup {
    html! { span.small { "Shapes stand for what may be said among peers: " (beside(Verdict::ClearlyAbove)) ", " span.verdict { (shape(Verdict::CannotBeToldApart)) "cannot be told apart" } ", " (beside(Verdict::ClearlyBelow)) "; above is better, for ↓ too. A tick on a bar is the target, beside it the share of it." } }
}
