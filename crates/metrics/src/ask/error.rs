//! Why a question cannot be answered at all.

use datafusion::error::DataFusionError;

/// A question that cannot be answered at all. What merely has no value answers with a code.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// No such metric.
    #[error("there is no metric `{name}`; `attain metrics` lists them{}", suggestion(.nearest))]
    UnknownMetric {
        /// What was asked for.
        name: String,
        /// The name most like it.
        nearest: Option<String>,
    },
    /// A report of deals cannot stand beside it.
    #[error("`{name}` does not add up over deals; a report of deals can be compared with {}", .known.join(", "))]
    NotOfDeals {
        /// What was asked for.
        name: String,
        /// Metrics that do.
        known: Vec<String>,
    },
    /// The rows of a metric cannot be split or narrowed by a dimension.
    #[error("`{dimension}` {}; rows of `{model}` can be split by {}", ambiguity(.ambiguous), .known.join(", "))]
    UnknownDimension {
        /// What was asked for.
        dimension: String,
        /// The semantic model whose rows are asked.
        model: String,
        /// What they can be split by.
        known: Vec<String>,
        /// What the name could mean, when it could mean several things.
        ambiguous: Vec<String>,
    },
    /// A condition cannot be read.
    #[error("the condition `{text}` cannot be used: {problem}")]
    Filter {
        /// The condition.
        text: String,
        /// What is wrong.
        problem: String,
    },
    /// No such table.
    #[error("there is no table `{0}`")]
    UnknownTable(String),
    /// A join would count rows several times.
    #[error(
        "`{relation}` has `{value}` more than once, so `{entity}` does not identify its rows; joining it would count rows twice"
    )]
    NotUnique {
        /// The entity joined along.
        entity: String,
        /// The table joined.
        relation: String,
        /// A value that stands for several rows.
        value: String,
    },
    /// A total has more digits than exact arithmetic keeps.
    #[error("a total has more than 28 significant digits; ask for a smaller period or scope")]
    TooLarge,
    /// The facts could not be read.
    #[error(
        "the facts could not be read: {0}; nothing was changed. Restore the data directory from a backup if this stays so"
    )]
    Engine(#[from] DataFusionError),
    /// The store could not name its files.
    #[error(transparent)]
    Store(#[from] attain_facts::store::StoreError),
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

fn ambiguity(ambiguous: &[String]) -> String {
    match ambiguous {
        [] => "is not known here".to_owned(),
        several => format!("could be {}: write which", several.join(" or ")),
    }
}

/// The candidate most like a name, if any is close.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}
