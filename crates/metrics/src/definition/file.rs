//! What stands in a definition file: the vocabulary of dbt's semantic layer.
//!
//! Shapes only: nothing here knows whether a name exists. Texts that can be wrong keep their
//! place, so that a refusal names line and column.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::Spanned;

use super::{Attribution, DefinitionError, Direction, Level, Unit};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefinitionFile {
    #[serde(default)]
    pub(super) semantic_models: Vec<SemanticModelFile>,
    #[serde(default)]
    pub(super) metrics: Vec<MetricFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SemanticModelFile {
    pub(super) name: Spanned<String>,
    #[expect(dead_code, reason = "for readers of the file")]
    pub(super) description: Option<String>,
    pub(super) model: Spanned<String>,
    #[serde(default)]
    pub(super) defaults: DefaultsFile,
    #[serde(default)]
    pub(super) entities: Vec<EntityFile>,
    #[serde(default)]
    pub(super) dimensions: Vec<DimensionFile>,
    #[serde(default)]
    pub(super) measures: Vec<MeasureFile>,
    #[serde(default)]
    pub(super) meta: ModelMetaFile,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultsFile {
    pub(super) agg_time_dimension: Option<String>,
}

/// For how long a row holds, so that the state at an instant can be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModelMetaFile {
    pub(super) holds: Option<HoldsFile>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HoldsFile {
    pub(super) from: Spanned<String>,
    pub(super) to: Spanned<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntityFile {
    pub(super) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) kind: EntityKind,
    pub(super) expr: Option<Spanned<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EntityKind {
    Primary,
    Unique,
    Natural,
    Foreign,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DimensionFile {
    pub(super) name: Spanned<String>,
    #[serde(rename = "type")]
    pub(super) kind: DimensionKind,
    pub(super) label: Option<String>,
    #[expect(dead_code, reason = "for readers of the file")]
    pub(super) description: Option<String>,
    pub(super) expr: Option<Spanned<String>>,
    #[expect(dead_code, reason = "periods are asked in the company's calendar")]
    pub(super) type_params: Option<TimeParamsFile>,
    #[serde(default)]
    pub(super) meta: DimensionMetaFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum DimensionKind {
    Categorical,
    Time,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "part of the format; read to be checked")]
pub(super) struct TimeParamsFile {
    time_granularity: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DimensionMetaFile {
    pub(super) attribution: Option<Attribution>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MeasureFile {
    pub(super) name: Spanned<String>,
    #[expect(dead_code, reason = "for readers of the file")]
    pub(super) label: Option<String>,
    #[expect(dead_code, reason = "for readers of the file")]
    pub(super) description: Option<String>,
    pub(super) agg: Spanned<AggregationFile>,
    pub(super) agg_params: Option<AggregationParamsFile>,
    pub(super) expr: Option<Spanned<String>>,
    pub(super) agg_time_dimension: Option<Spanned<String>>,
}

/// How rows are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AggregationFile {
    Count,
    CountDistinct,
    Sum,
    SumBoolean,
    Average,
    Min,
    Max,
    Median,
    Percentile,
}

/// Which percentile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AggregationParamsFile {
    pub(super) percentile: Option<Spanned<f64>>,
    #[serde(default)]
    pub(super) use_discrete_percentile: bool,
    /// Permission to be inexact, which is not made use of.
    #[serde(default)]
    #[expect(dead_code, reason = "part of the format; percentiles are always exact")]
    pub(super) use_approximate_percentile: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricFile {
    pub(super) name: Spanned<String>,
    pub(super) label: Option<String>,
    pub(super) description: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Spanned<MetricType>,
    pub(super) type_params: TypeParamsFile,
    pub(super) filter: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) meta: MetaFile,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum MetricType {
    Simple,
    Ratio,
    Derived,
    Cumulative,
    Conversion,
    Builtin,
}

/// Which of them a metric needs depends on its type.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TypeParamsFile {
    pub(super) measure: Option<InputFile>,
    pub(super) numerator: Option<InputFile>,
    pub(super) denominator: Option<InputFile>,
    pub(super) expr: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) metrics: Vec<InputFile>,
    pub(super) window: Option<Spanned<String>>,
    pub(super) grain_to_date: Option<Spanned<String>>,
    pub(super) cumulative_type_params: Option<CumulativeFile>,
    pub(super) conversion_type_params: Option<ConversionFile>,
    /// The thing a builtin plan adds up by, or how long those wait who were not served.
    pub(super) entity: Option<Spanned<String>>,
    pub(super) until: Option<Spanned<String>>,
    pub(super) plan: Option<Spanned<String>>,
    pub(super) output: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CumulativeFile {
    pub(super) window: Option<Spanned<String>>,
    pub(super) grain_to_date: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversionFile {
    pub(super) entity: Spanned<String>,
    pub(super) base_measure: InputFile,
    pub(super) conversion_measure: InputFile,
    pub(super) window: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) calculation: CalculationFile,
    #[serde(default)]
    pub(super) constant_properties: Vec<ConstantPropertyFile>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CalculationFile {
    #[default]
    ConversionRate,
    Conversions,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConstantPropertyFile {
    pub(super) base_property: Spanned<String>,
    pub(super) conversion_property: Spanned<String>,
}

/// A measure or metric another is made of: its name alone, or with a filter of its own.
#[derive(Debug)]
pub(super) struct InputFile {
    pub(super) name: Spanned<String>,
    pub(super) filter: Option<Spanned<String>>,
    pub(super) alias: Option<Spanned<String>>,
    pub(super) offset_window: Option<Spanned<String>>,
    pub(super) offset_to_grain: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InputDetails {
    name: Spanned<String>,
    filter: Option<Spanned<String>>,
    alias: Option<Spanned<String>>,
    offset_window: Option<Spanned<String>>,
    offset_to_grain: Option<Spanned<String>>,
}

impl<'de> Deserialize<'de> for InputFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InputFile, D::Error> {
        let spanned = Spanned::<InputShape>::deserialize(deserializer)?;
        let place = (spanned.referenced, spanned.defined);
        Ok(match spanned.value {
            InputShape::Name(name) => InputFile {
                name: Spanned { value: name, referenced: place.0, defined: place.1 },
                filter: None,
                alias: None,
                offset_window: None,
                offset_to_grain: None,
            },
            InputShape::Details(details) => InputFile {
                name: details.name,
                filter: details.filter,
                alias: details.alias,
                offset_window: details.offset_window,
                offset_to_grain: details.offset_to_grain,
            },
        })
    }
}

enum InputShape {
    Name(String),
    Details(Box<InputDetails>),
}

impl<'de> Deserialize<'de> for InputShape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InputShape, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = InputShape;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a name, or `name:` with `filter:`, `alias:` or an offset")
            }

            fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<InputShape, E> {
                if name.is_empty() {
                    return Err(E::custom("a name is expected here"));
                }
                Ok(InputShape::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<InputShape, A::Error> {
                InputDetails::deserialize(MapAccessDeserializer::new(map))
                    .map(|details| InputShape::Details(Box::new(details)))
                    .map_err(A::Error::custom)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

/// What a review needs to know about a metric.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct MetaFile {
    pub(super) version: Option<u32>,
    pub(super) unit: Option<Unit>,
    pub(super) direction: Option<Direction>,
    pub(super) levels: Option<Vec<Level>>,
    /// The range a band metric should lie in.
    pub(super) band: Option<[f64; 2]>,
    /// Whether a ratio is the share of a set that is part of it.
    pub(super) proportion: bool,
    pub(super) of: Option<String>,
    pub(super) term: Option<String>,
    pub(super) minimum_n: Option<u64>,
    pub(super) minimum_n_rank: Option<u64>,
    pub(super) not_matured: Option<Spanned<String>>,
    /// Days after which a row's outcome counts as settled.
    pub(super) matures_after_days: Option<u32>,
    /// Counts rows whose history starts after it could have (E8).
    pub(super) left_truncated: Option<Spanned<String>>,
    /// Counts targets that apply to a part of the period (E12).
    pub(super) prorated: Option<Spanned<String>>,
    /// Whether what stands below the line must not be negative (E17).
    pub(super) positive_base: bool,
    /// The input whose n a derived metric rests on.
    pub(super) rests_on: Option<Spanned<String>>,
    pub(super) conversions: ConversionsFile,
    /// The dimension a share is split by: its whole is that of all members together.
    pub(super) share_of: Option<String>,
    pub(super) ranked: Option<bool>,
    pub(super) counter_metric: Option<Spanned<String>>,
    pub(super) gaming: Option<String>,
    pub(super) undefined: Option<String>,
}

/// Whether a base event counts once however often it converted (domain 4.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConversionsFile {
    #[default]
    FirstOnly,
    All,
}

pub(super) fn parse(file: &str, text: &str) -> Result<DefinitionFile, DefinitionError> {
    serde_saphyr::from_str(text)
        .map_err(|error| DefinitionError::Unreadable { file: file.to_owned(), message: error.to_string() })
}

/// The lines of a file that define a metric, as its readers wrote them: the list entry around its
/// name, up to the next line that is not deeper than the entry's dash.
pub(super) fn text_of(text: &str, name: &Spanned<String>) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let named = usize::try_from(name.referenced.line()).unwrap_or_default().min(lines.len());
    let depth = |line: &str| line.len() - line.trim_start().len();
    let opens = |line: &&str| line.trim_start().starts_with("- ");
    let Some(start) = lines[..named].iter().rposition(opens) else { return String::new() };
    let dash = depth(lines[start]);
    let inside = |line: &&&str| line.trim().is_empty() || depth(line) > dash;
    let rest = lines[start + 1..].iter().take_while(inside);
    let entry = std::iter::once(&lines[start]).chain(rest).map(|line| line.get(dash..).unwrap_or_default());
    entry.collect::<Vec<_>>().join("\n").trim_end().to_owned()
}
