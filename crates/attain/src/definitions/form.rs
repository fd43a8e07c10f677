//! The fields of the page that writes a definition.

use attain_metrics::{Asker, Catalogue};
use maud::{Markup, html};

use super::editor::Fields;
use super::written::WrittenFormula;

/// What stands in the text field of a new metric.
pub(super) const EXAMPLE: &str = "\
metrics:
  - name: large_deals_won
    label: Large deals won
    description: Opportunities of 10,000 and more that were won, by close date.
    type: simple
    type_params: { measure: closed }
    filter: outcome = 'won' and value >= 10000
    meta:
      unit: count
      direction: up
      undefined: never; no deal is 0
      counter_metric: win_rate_count
      gaming: small deals bundled into one
";

const UNITS: [(&str, &str); 8] = [
    ("count", "a number of things"),
    ("money", "money"),
    ("ratio", "a share, in per cent"),
    ("number", "another number"),
    ("days", "days"),
    ("hours", "hours"),
    ("minutes", "minutes"),
    ("months", "months"),
];

const DIRECTIONS: [(&str, &str); 4] = [
    ("up", "higher is better"),
    ("down", "lower is better"),
    ("band", "best within a range"),
    ("none", "neither; it informs"),
];

/// What the metric is: as a form, or as the text of its file.
pub(super) fn definition(catalogue: &Catalogue, fields: &Fields) -> Markup {
    html! {
        @if fields.written_as == "text" {
            input type="hidden" name="written_as" value="text";
            div.field {
                label for="text" { "Definition, as a definition file has it" }
                textarea.written id="text" name="text" rows="14" spellcheck="false" aria-describedby="text-help" { (fields.text) }
                p.small.quiet id="text-help" { "Metrics it does not define stay as they are. Versions are counted by Attain. " a href="/definitions/new" { "A new metric by form" } }
            }
            (what_rows_there_are(catalogue))
        } @else {
            input type="hidden" name="written_as" value="form";
            (names(fields))
            (formula(catalogue, fields))
            (meaning(catalogue, fields))
            input type="hidden" name="further" value=(fields.further);
            p.small.quiet { "Windows, conversion and own semantic models are written as text. " a href=(as_text(catalogue, fields)) { "Write it as text" } }
        }
    }
}

/// Where the same is written as text, from what is in force today.
fn as_text(catalogue: &Catalogue, fields: &Fields) -> String {
    match catalogue.metric(&fields.name) {
        Some(metric) => format!("/metrics/{}/change?as=text", metric.id),
        None => "/definitions/new?as=text".to_owned(),
    }
}

fn names(fields: &Fields) -> Markup {
    html! {
        div.fields {
            (line("label", "Name", &fields.label, "Large deals won"))
            (line("name", "Short name, as questions write it", &fields.name, "large_deals_won"))
        }
        (line("description", "What it means, in a sentence", &fields.description, "Opportunities of 10,000 and more that were won, by close date."))
    }
}

fn formula(catalogue: &Catalogue, fields: &Fields) -> Markup {
    let kind = |value: &str, words: &str| {
        let checked = fields.formula == value || (fields.formula.is_empty() && value == "rows");
        html! { label { input type="radio" name="formula" value=(value) checked[checked]; " " (words) } }
    };
    html! {
        fieldset.formula-choice {
            legend { "How it is computed" }
            p.choices { (kind("rows", "Rows counted or added up")) (kind("ratio", "One metric ÷ another")) (kind("arithmetic", "Arithmetic over metrics")) }
            div.of-rows {
                div.fields {
                    div.field { label for="measure" { "Count or add up" }
                        select id="measure" name="measure" {
                            @for rows in catalogue.rows().filter(|rows| !rows.measures.is_empty()) {
                                optgroup label=(spaced(rows.model)) {
                                    @for measure in rows.measures { option value=(measure) selected[fields.measure == measure] { (spaced(measure)) } }
                                }
                            }
                        }
                    }
                    (line("filter", "Only where (leave empty for all)", &fields.filter, "outcome = 'won' and value >= 10000"))
                }
                (what_rows_there_are(catalogue))
            }
            div.of-ratio {
                div.fields { (metric_field(catalogue, "numerator", "Above the line", &fields.numerator)) (metric_field(catalogue, "denominator", "Below the line", &fields.denominator)) }
            }
            div.of-arithmetic { (line("expression", "Expression, with metrics by their short names", &fields.expression, "bookings / working_days")) }
        }
    }
}

/// Whether the form's lists hold what a formula names.
pub(super) fn offers(catalogue: &Catalogue, formula: &WrittenFormula) -> bool {
    match formula {
        WrittenFormula::Rows { measure } => {
            catalogue.rows().any(|rows| rows.measures.iter().any(|offered| offered == measure))
        }
        WrittenFormula::Ratio { numerator, denominator } => {
            [numerator, denominator].iter().all(|metric| catalogue.metric(metric).is_some())
        }
        WrittenFormula::Arithmetic { .. } => true,
    }
}

fn meaning(catalogue: &Catalogue, fields: &Fields) -> Markup {
    html! {
        div.fields {
            (choice("unit", "Measured in", &UNITS, &fields.unit))
            (choice("direction", "Which way is good", &DIRECTIONS, &fields.direction))
            (line("undefined", "When there is no value", &fields.undefined, "no deal was decided"))
        }
        div.fields {
            div.field { label for="counter_metric" { "Kept honest by: a metric’s short name, or “none: why”" }
                input id="counter_metric" type="text" name="counter_metric" value=(fields.counter_metric) list="metric-names" placeholder="win_rate_count";
                datalist id="metric-names" { @for metric in catalogue.metrics() { option value=(metric.id) { (metric.label) } } }
            }
            (line("gaming", "How it can be made to look better than the work", &fields.gaming, "small deals bundled into one"))
        }
    }
}

/// From when on it is in force, and why.
pub(super) fn when_and_why(asker: &Asker, fields: &Fields) -> Markup {
    html! {
        div.fields {
            div.field { label for="from" { "In force from" } input id="from" type="date" name="from" value=(fields.from) required; }
            (line("reason", "Why, for whoever compares the versions", &fields.reason, "agreed with the sales leaders"))
        }
        p.small.quiet { "Today is " (asker.as_of().asked_on) ". A period is measured by the version in force on its last day." }
    }
}

/// Names that measures and conditions can use, folded away.
fn what_rows_there_are(catalogue: &Catalogue) -> Markup {
    html! {
        details { summary { "What can be counted, and what conditions can name" }
            div.scroll tabindex="0" role="region" aria-label="Rows, measures and dimensions" {
                table.table.tight { caption.unseen { "Rows, their measures, and what conditions can name" } thead { tr { th scope="col" { "Rows" } th scope="col" { "Measures" } th scope="col" { "Conditions can name" } } }
                    tbody { @for rows in catalogue.rows() { tr { th scope="row" { (rows.model) } td.names { (rows.measures.join(", ")) } td.names { (rows.dimensions.join(", ")) } } } }
                }
            }
        }
    }
}

fn line(name: &str, words: &str, value: &str, example: &str) -> Markup {
    html! { div.field { label for=(name) { (words) } input id=(name) type="text" name=(name) value=(value) placeholder=(example); } }
}

fn choice(name: &str, words: &str, values: &[(&str, &str)], chosen: &str) -> Markup {
    html! {
        div.field { label for=(name) { (words) }
            select id=(name) name=(name) { @for (value, words) in values { option value=(value) selected[chosen == *value] { (words) } } }
        }
    }
}

fn metric_field(catalogue: &Catalogue, name: &str, words: &str, chosen: &str) -> Markup {
    html! {
        div.field { label for=(name) { (words) }
            select id=(name) name=(name) { @for metric in catalogue.metrics() { option value=(metric.id) selected[chosen == metric.id] { (metric.label) } } }
        }
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}
