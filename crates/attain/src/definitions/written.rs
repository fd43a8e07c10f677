//! A metric as a form has it, and as its file has it: the same object, read and written both ways.
//! What a form has no field for (windows, conversion, builtin plans) is changed as text.

use serde::{Deserialize, Serialize};

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
}

impl Written {
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
                },
            }],
        };
        // Texts and lists of texts have a form in YAML whatever they say.
        serde_saphyr::to_string(&file).unwrap_or_default()
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
}
