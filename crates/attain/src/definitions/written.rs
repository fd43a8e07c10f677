//! A metric as a form has it, and as its file has it: the same object, read and written both ways.
//! What a form has no field for (windows, conversion, builtin plans, comments) is changed as text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A definition that a form can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) description: String,
    pub(crate) formula: WrittenFormula,
    pub(crate) filter: String,
    pub(crate) unit: String,
    pub(crate) direction: String,
    pub(crate) undefined: String,
    pub(crate) counter_metric: String,
    pub(crate) gaming: String,
    /// What else is said of it under `meta`; a form keeps it as it is.
    pub(crate) further: BTreeMap<String, Value>,
}

/// How the value comes about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WrittenFormula {
    /// A measure of rows.
    Rows { measure: String },
    /// One metric over another.
    Ratio { numerator: String, denominator: String },
    /// Arithmetic over metrics, which are written by their names.
    Arithmetic { expression: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    metrics: Vec<MetricFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricFile {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    label: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(rename = "type")]
    kind: String,
    type_params: ParametersFile,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    filter: String,
    meta: MetaFile,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParametersFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    measure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numerator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denominator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expr: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct MetaFile {
    unit: String,
    direction: String,
    undefined: String,
    counter_metric: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    gaming: String,
    #[serde(flatten)]
    further: BTreeMap<String, Value>,
}

impl Written {
    /// The one definition of a file, if a form can hold all that it says.
    pub(crate) fn read(text: &str) -> Option<Written> {
        let comments = text.lines().any(|line| line.trim_start().starts_with('#') || line.contains(" #"));
        let mut file: File = serde_saphyr::from_str(text).ok().filter(|_| !comments)?;
        let metric = file.metrics.pop().filter(|_| file.metrics.is_empty())?;
        let silent = metric.meta.unit.is_empty() || metric.meta.direction.is_empty();
        // A form says both, so it would say more than the file does.
        if silent {
            return None;
        }
        let mut further = metric.meta.further;
        // Versions are counted by Attain.
        further.remove("version");
        Some(Written {
            formula: formula(&metric.kind, metric.type_params)?,
            name: metric.name,
            label: metric.label,
            description: metric.description,
            filter: metric.filter,
            unit: metric.meta.unit,
            direction: metric.meta.direction,
            undefined: metric.meta.undefined,
            counter_metric: metric.meta.counter_metric,
            gaming: metric.meta.gaming,
            further,
        })
    }

    /// The definition as a file.
    pub(crate) fn text(&self) -> String {
        let (kind, type_params) = match self.formula.clone() {
            WrittenFormula::Rows { measure } => {
                ("simple", ParametersFile { measure: Some(measure), ..ParametersFile::default() })
            }
            WrittenFormula::Ratio { numerator, denominator } => (
                "ratio",
                ParametersFile {
                    numerator: Some(numerator),
                    denominator: Some(denominator),
                    ..ParametersFile::default()
                },
            ),
            WrittenFormula::Arithmetic { expression } => {
                let metrics = names_in(&expression);
                ("derived", ParametersFile { expr: Some(expression), metrics, ..ParametersFile::default() })
            }
        };
        let file = File {
            metrics: vec![MetricFile {
                name: self.name.clone(),
                label: self.label.clone(),
                description: self.description.clone(),
                kind: kind.to_owned(),
                type_params,
                filter: self.filter.clone(),
                meta: MetaFile {
                    unit: self.unit.clone(),
                    direction: self.direction.clone(),
                    undefined: self.undefined.clone(),
                    counter_metric: self.counter_metric.clone(),
                    gaming: self.gaming.clone(),
                    further: self.further.clone(),
                },
            }],
        };
        // Texts and lists of texts have a form in YAML whatever they say.
        serde_saphyr::to_string(&file).unwrap_or_default()
    }
}

fn formula(kind: &str, parameters: ParametersFile) -> Option<WrittenFormula> {
    let ParametersFile { measure, numerator, denominator, expr, metrics } = parameters;
    match (kind, measure, numerator, denominator, expr) {
        ("simple", Some(measure), None, None, None) => Some(WrittenFormula::Rows { measure }),
        ("ratio", None, Some(numerator), Some(denominator), None) => {
            Some(WrittenFormula::Ratio { numerator, denominator })
        }
        ("derived", None, None, None, Some(expression)) if metrics == names_in(&expression) => {
            Some(WrittenFormula::Arithmetic { expression })
        }
        _ => None,
    }
}

/// The names in an expression, each once, in their order.
fn names_in(expression: &str) -> Vec<String> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut names: Vec<String> = Vec::new();
    for word in expression.split(|letter| !is_part(letter)) {
        let is_name = word.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if is_name && !names.iter().any(|name| name == word) {
            names.push(word.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(formula: WrittenFormula, filter: &str) -> Written {
        Written {
            name: "big_deals".into(),
            label: "Big deals: won".into(),
            description: "# not a comment".into(),
            formula,
            filter: filter.into(),
            unit: "count".into(),
            direction: "up".into(),
            undefined: "never".into(),
            counter_metric: "none: it's a \"test\"".into(),
            gaming: String::new(),
            further: BTreeMap::new(),
        }
    }

    fn read(text: &str) -> File {
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    }

    #[test]
    fn what_a_form_says_stands_in_the_file_whatever_signs_it_has() {
        let filter = "value > 10000 and name <> ': \"x\" # {y}'\n";
        let text = written(WrittenFormula::Rows { measure: "closed".into() }, filter).text();
        let file = read(&text);
        let metric = &file.metrics[0];
        assert_eq!((metric.filter.as_str(), metric.description.as_str()), (filter, "# not a comment"));
        assert_eq!((metric.kind.as_str(), metric.type_params.measure.as_deref()), ("simple", Some("closed")));
        assert_eq!(metric.meta.counter_metric, "none: it's a \"test\"");
    }

    #[test]
    fn arithmetic_names_its_metrics() {
        let expression = "(bookings - net_revenue) / bookings * 100";
        let text = written(WrittenFormula::Arithmetic { expression: expression.into() }, "").text();
        let file = read(&text);
        assert_eq!(file.metrics[0].type_params.metrics, ["bookings", "net_revenue"]);
        assert!(!text.contains("filter"), "{text}");
    }

    #[test]
    fn what_a_form_wrote_it_reads_again() {
        let formulas = [
            WrittenFormula::Rows { measure: "closed".into() },
            WrittenFormula::Ratio { numerator: "deals_won".into(), denominator: "deals_decided".into() },
            WrittenFormula::Arithmetic { expression: "bookings / working_days".into() },
        ];
        for formula in formulas {
            let further = BTreeMap::from([("minimum_n".to_owned(), Value::from(5))]);
            let written =
                Written { further, description: "won by us".into(), ..written(formula, "value > 1") };
            assert_eq!(Written::read(&written.text()), Some(written));
        }
    }

    #[test]
    fn what_a_form_would_lose_is_left_to_the_text() {
        let metric = |kind: &str, rest: &str| {
            format!(
                "metrics:\n- name: a\n  type: {kind}\n  type_params: {{ {rest} }}\n  meta: {{ unit: count, direction: up, version: 3 }}\n"
            )
        };
        let simple = metric("simple", "measure: closed");
        let read = Written::read(&simple).expect("a form holds it");
        assert!(read.further.is_empty(), "the version is Attain's to count: {read:?}");
        let lost = [
            metric("cumulative", "measure: closed, window: 3 months"),
            metric("simple", "measure: { name: closed, filter: value > 5 }"),
            metric("derived", "expr: a - b, metrics: [a, { name: a, offset_window: 1 year, alias: b }]"),
            format!("{simple}  # agreed in May\n"),
            simple.replace("direction: up, ", ""),
            format!("{simple}{}", simple.trim_start_matches("metrics:\n")),
        ];
        for text in lost {
            assert_eq!(Written::read(&text), None, "{text}");
        }
    }
}
