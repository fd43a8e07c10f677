//! A metric in words, down to the rows it is taken from.

use crate::definition::{Aggregate, Aggregation, Computation, Metric, Span, When};

/// Writes a metric and what it is made of, each level further in.
pub(crate) fn metric(metric: &Metric, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    let meaning = match &metric.computation {
        Computation::Simple { aggregate, span } => leaf(aggregate, *span),
        Computation::Ratio { numerator, denominator } => format!("{} ÷ {}", numerator.id, denominator.id),
        Computation::Derived { .. } => metric.expression.clone().unwrap_or_default(),
        Computation::Conversion(conversion, _) => {
            let window = conversion.window_days.map_or("ever".to_owned(), |days| format!("in {days} days"));
            format!(
                "rows of {} that are followed {window} by a row of {}",
                conversion.base.model.relation, conversion.conversion.model.relation
            )
        }
        Computation::Builtin(builtin) => {
            format!("a plan in code ({:?}) over the {}", builtin.plan, leaf(&builtin.aggregate, Span::Period))
        }
        Computation::NotKept(what) => format!("nothing: it rests on {what}"),
        Computation::BuyerRetention(purchases, output) => {
            format!("accounts in {} ({output:?})", purchases.purchases.model.relation)
        }
    };
    text.push_str(&format!("{indent}{} = {meaning}\n", metric.id));
    for input in metric.inputs() {
        self::metric(input, depth + 1, text);
    }
}

fn leaf(aggregate: &Aggregate, span: Span) -> String {
    let what = match aggregate.aggregation {
        Aggregation::Count => "number of rows".to_owned(),
        Aggregation::CountDistinct => format!("distinct {}", aggregate.expr),
        Aggregation::Sum => format!("sum of {}", aggregate.expr),
        Aggregation::SumBoolean => format!("rows with {}", aggregate.expr),
        Aggregation::Average => format!("mean of {}", aggregate.expr),
        Aggregation::Min => format!("least {}", aggregate.expr),
        Aggregation::Max => format!("greatest {}", aggregate.expr),
        Aggregation::Median => format!("median of {}", aggregate.expr),
        Aggregation::Percentile(percentile) => format!("{} of {}", percentile.words(), aggregate.expr),
    };
    let filter = aggregate.filter.as_ref().map_or(String::new(), |filter| format!(" where {filter}"));
    let when = match &aggregate.when {
        When::Dated { name, .. } => format!("by {name}"),
        When::Snapshot => "as it stood at the end of the period".to_owned(),
    };
    let span = match span {
        Span::Period => String::new(),
        Span::Trailing(count, grain) => format!(", over {count} {}s", grain.name()),
        Span::TrailingDays(count) => format!(", over {count} days"),
        Span::ToDate(grain) => format!(", since the start of the {}", grain.name()),
        Span::SinceEver => ", since ever".to_owned(),
    };
    format!("{what} in {}{filter}, {when}{span}", aggregate.model.relation)
}
