//! The hash of a definition: of everything that decides a value, the definitions it is made of
//! included, and of nothing else. Rewording a description changes no hash.

use serde_json::{Map, Value};

use super::canonical;
use super::text::Hash;
use crate::definition::{Aggregate, Aggregation, Computation, Metric, Span};
use crate::retention::Output;

/// SHA-256 of the RFC 8785 text of a definition.
pub(super) fn hash(metric: &Metric) -> Hash {
    Hash::of(canonical::compact(&definition(metric, Counted::WithVersions)).as_bytes())
}

/// The same, whatever number its version has: what tells one meaning from another.
#[must_use]
pub fn meaning(metric: &Metric) -> Hash {
    Hash::of(canonical::compact(&definition(metric, Counted::MeaningOnly)).as_bytes())
}

/// Whether the numbers of versions are part of a definition's text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    WithVersions,
    MeaningOnly,
}

fn definition(metric: &Metric, counted: Counted) -> Value {
    let definition = |metric: &Metric| definition(metric, counted);
    let mut members = Map::new();
    let mut state = |name: &str, value: Value| {
        members.insert(name.to_owned(), value);
    };
    state("name", text(&metric.id));
    if counted == Counted::WithVersions {
        state("version", text(metric.version));
    }
    if let Some(filter) = &metric.filter {
        state("filter", text(filter));
    }
    if let Some(minimum) = metric.minimum_n {
        state("minimum_n", text(minimum));
    }
    if let Some(waiting) = &metric.not_matured {
        state("not_matured", definition(waiting));
    }
    match &metric.computation {
        Computation::Simple { aggregate, span } => {
            state("measure", measure(aggregate));
            if *span != Span::Period {
                state("window", text(format!("{span:?}")));
            }
        }
        Computation::Ratio { numerator, denominator } => {
            state("numerator", definition(numerator));
            state("denominator", definition(denominator));
        }
        Computation::Derived { inputs, .. } => {
            state("expr", text(metric.expression.as_deref().unwrap_or_default()));
            let inputs = inputs.iter().map(|input| {
                let offset = input.offset.map_or("none".to_owned(), |offset| format!("{offset:?}"));
                Value::Array(vec![text(&input.alias), text(offset), definition(&input.metric)])
            });
            state("inputs", Value::Array(inputs.collect()));
        }
        Computation::Conversion(conversion, part) => {
            state("part", text(format!("{part:?}")));
            state("entity", text(&conversion.entity));
            state("base", measure(&conversion.base));
            state("conversion", measure(&conversion.conversion));
            let days = conversion.window_days.map_or("none".to_owned(), |days| days.to_string());
            state("window_days", text(days));
            state("every_conversion", text(conversion.every_conversion));
        }
        Computation::BuyerRetention(purchases, output) => {
            state("plan", text("buyer_retention_v1"));
            state("output", text(retention_output(*output)));
            state("measure", measure(&purchases.purchases));
        }
        Computation::Builtin(builtin) => {
            state("plan", text(format!("{:?}", builtin.plan)));
            state("measure", measure(&builtin.aggregate));
        }
        Computation::NotKept(what) => state("not_kept", text(what)),
    }
    Value::Object(members)
}

fn text(value: impl ToString) -> Value {
    Value::String(value.to_string())
}

fn aggregation(aggregation: Aggregation) -> String {
    let name = match aggregation {
        Aggregation::Count => "count",
        Aggregation::CountDistinct => "count_distinct",
        Aggregation::Sum => "sum",
        Aggregation::SumBoolean => "sum_boolean",
        Aggregation::Average => "average",
        Aggregation::Min => "min",
        Aggregation::Max => "max",
        Aggregation::Median => "median",
        Aggregation::Percentile(percentile) => return percentile.words(),
    };
    name.to_owned()
}

/// What rows of which table are added up by which date.
fn measure(aggregate: &Aggregate) -> Value {
    let mut members = Map::new();
    let mut state = |name: &str, value: Value| members.insert(name.to_owned(), value);
    state("agg", text(aggregation(aggregate.aggregation)));
    state("expr", text(&aggregate.expr_text));
    state("table", text(&aggregate.model.relation));
    state("time_dimension", text(aggregate.when.name()));
    if let Some(filter) = &aggregate.filter_text {
        state("filter", text(filter));
    }
    Value::Object(members)
}

fn retention_output(output: Output) -> &'static str {
    match output {
        Output::Previous => "previous",
        Output::Retained => "retained",
        Output::New => "new",
        Output::Reactivated => "reactivated",
        Output::NotNew => "not_new",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Catalogue;

    const FILE: &str = "
semantic_models:
  - name: o
    model: opportunity_credited
    defaults: { agg_time_dimension: close_date }
    dimensions:
      - { name: close_date, type: time, expr: closed_date }
      - { name: created_date, type: time }
    measures:
      - { name: closed, agg: count, expr: opportunity_id }
metrics:
  - name: won
    label: Won
    description: Deals won.
    type: simple
    type_params: { measure: closed }
    filter: \"outcome = 'won'\"
    meta: { version: 1, unit: count, direction: up, counter_metric: won, gaming: none }
  - name: decided
    label: Decided
    description: Deals decided.
    type: simple
    type_params: { measure: closed }
    meta: { version: 1, unit: count, direction: up, counter_metric: won, gaming: none }
  - name: rate
    label: Rate
    description: Won of decided.
    type: ratio
    type_params: { numerator: won, denominator: decided }
    meta: { version: 1, unit: ratio, direction: up, counter_metric: won, gaming: none }
";

    fn hash_of_rate(change: [&str; 2]) -> Hash {
        let text = FILE.replace(change[0], change[1]);
        let catalogue =
            Catalogue::read([("m.yaml", text.as_str())], &crate::credited::schema_of).expect("reads");
        hash(catalogue.metric("rate").expect("defined"))
    }

    #[test]
    fn whatever_decides_a_value_changes_the_hash_of_what_is_made_of_it() {
        let hash = hash_of_rate(["", ""]);
        for change in [
            ["outcome = 'won'", "outcome = 'lost'"],
            ["agg_time_dimension: close_date", "agg_time_dimension: created_date"],
            ["agg: count", "agg: count_distinct"],
            ["expr: opportunity_id", "expr: account_id"],
            ["numerator: won", "numerator: decided"],
            ["version: 1, unit: ratio", "version: 2, unit: ratio"],
            ["version: 1, unit: count", "version: 1, minimum_n: 3, unit: count"],
        ] {
            assert_ne!(hash_of_rate(change), hash, "{change:?}");
        }
        for words in
            [["Deals won.", "Won deals."], ["gaming: none", "gaming: some"], ["label: Won", "label: W"]]
        {
            assert_eq!(hash_of_rate(words), hash, "{words:?}");
        }
    }
}
