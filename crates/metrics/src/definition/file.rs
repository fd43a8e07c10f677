//! What stands in a definition file: the vocabulary of dbt's semantic layer, as far as it is read.

use serde::Deserialize;

use super::{Aggregation, DefinitionError, Direction, Unit};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionFile {
    #[serde(default)]
    pub(super) semantic_models: Vec<SemanticModelFile>,
    #[serde(default)]
    pub(super) metrics: Vec<MetricFile>,
}

/// Entities and dimensions are read so that a misspelt one is refused; the planner knows the
/// credited view's columns itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "part of the format; read to be checked")]
pub(super) struct SemanticModelFile {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) model: String,
    pub(super) defaults: DefaultsFile,
    #[serde(default)]
    pub(super) entities: Vec<EntityFile>,
    #[serde(default)]
    pub(super) dimensions: Vec<DimensionFile>,
    pub(super) measures: Vec<MeasureFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultsFile {
    pub(super) agg_time_dimension: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "part of the format; read to be checked")]
pub(super) struct EntityFile {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    expr: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "part of the format; read to be checked")]
pub(super) struct DimensionFile {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    type_params: Option<TimeParamsFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "part of the format; read to be checked")]
pub(super) struct TimeParamsFile {
    time_granularity: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the description is for readers of the file")]
pub(super) struct MeasureFile {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) agg: Aggregation,
    pub(super) expr: String,
    pub(super) agg_time_dimension: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "MetricText")]
pub(super) struct MetricFile {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) description: String,
    pub(super) kind: MetricKind,
    pub(super) filter: Option<String>,
    pub(super) meta: MetaFile,
}

#[derive(Debug)]
pub(super) enum MetricKind {
    Simple { measure: String },
    Ratio { numerator: String, denominator: String },
    Builtin { plan: String, output: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricText {
    name: String,
    label: String,
    description: String,
    #[serde(rename = "type")]
    kind: String,
    type_params: TypeParamsFile,
    filter: Option<String>,
    meta: MetaFile,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeParamsFile {
    measure: Option<String>,
    numerator: Option<String>,
    denominator: Option<String>,
    plan: Option<String>,
    output: Option<String>,
}

/// What a review needs to know about a metric.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetaFile {
    pub(super) version: u32,
    pub(super) unit: Unit,
    pub(super) direction: Direction,
    #[serde(default)]
    pub(super) proportion: bool,
    pub(super) of: Option<String>,
    pub(super) term: Option<String>,
    pub(super) minimum_n: Option<u64>,
    pub(super) minimum_n_rank: Option<u64>,
    pub(super) not_matured: Option<String>,
    pub(super) counter_metric: String,
    pub(super) gaming: String,
}

impl TryFrom<MetricText> for MetricFile {
    type Error = String;

    fn try_from(text: MetricText) -> Result<MetricFile, String> {
        let params = text.type_params;
        let kind = match (text.kind.as_str(), params) {
            (
                "simple",
                TypeParamsFile {
                    measure: Some(measure),
                    numerator: None,
                    denominator: None,
                    plan: None,
                    output: None,
                },
            ) => MetricKind::Simple { measure },
            (
                "ratio",
                TypeParamsFile {
                    measure: None,
                    numerator: Some(numerator),
                    denominator: Some(denominator),
                    plan: None,
                    output: None,
                },
            ) => MetricKind::Ratio { numerator, denominator },
            (
                "builtin",
                TypeParamsFile {
                    measure: None,
                    numerator: None,
                    denominator: None,
                    plan: Some(plan),
                    output: Some(output),
                },
            ) => MetricKind::Builtin { plan, output },
            (kind, _) => {
                return Err(format!(
                    "metric `{}`: type `{kind}` with these type_params is not known; simple needs measure, ratio needs numerator and denominator, builtin needs plan and output",
                    text.name
                ));
            }
        };
        Ok(MetricFile {
            name: text.name,
            label: text.label,
            description: text.description,
            kind,
            filter: text.filter,
            meta: text.meta,
        })
    }
}

pub(super) fn parse(file: &str, text: &str) -> Result<DefinitionFile, DefinitionError> {
    serde_saphyr::from_str(text)
        .map_err(|error| DefinitionError::Unreadable { file: file.to_owned(), message: error.to_string() })
}

/// The lines of a file that define a metric, as its readers wrote them.
pub(super) fn text_of(text: &str, metric: &str) -> String {
    let start = format!("- name: {metric}");
    let lines = text.lines().skip_while(|line| line.trim() != start);
    let mut definition: Vec<&str> = Vec::new();
    for line in lines {
        let next_entry = line.trim_start().starts_with("- name:") || line.trim().is_empty();
        if next_entry && !definition.is_empty() {
            break;
        }
        definition.push(line.strip_prefix("  ").unwrap_or(line));
    }
    definition.join("\n")
}
