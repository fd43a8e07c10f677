//! Texts of filters and `expr`, parsed by the engine's own parser; only scalar, side-effect-free
//! expressions over one row pass (domain 4.12).
//!
//! Templates as dbt writes them (`{{ Dimension('account__segment') }}`) are read as the name
//! they hold.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::logical_expr::ExprSchemable;
use datafusion::prelude::{Expr, SessionContext};

use super::model::Model;
use crate::plan::{AS_OF_DATE, BOUNDS, CREDIT_DATE};

/// Functions that look at nothing but their arguments.
const ALLOWED_FUNCTIONS: &[&str] = &[
    "abs",
    "btrim",
    "coalesce",
    "concat",
    "date_part",
    "date_trunc",
    "greatest",
    "least",
    "length",
    "lower",
    "nullif",
    "round",
    "starts_with",
    "substr",
    "trim",
    "upper",
];

/// Made once: it knows every function, which takes longer than parsing.
static PARSER: LazyLock<SessionContext> = LazyLock::new(SessionContext::new);

/// Deeper than any definition people write, and shallow enough for the parser's stack.
const LONGEST_TEXT: usize = 4_000;

/// What expressions over a model may look at beside its own columns and dimensions.
#[derive(Debug, Default)]
pub(crate) struct Reachable {
    /// Dimensions along entities, as `entity__dimension`.
    pub(crate) joined: BTreeMap<String, DataType>,
    /// The company's own fields, by name.
    pub(crate) attributes: BTreeMap<String, DataType>,
}

/// The column of a field of the company's own.
pub(crate) fn attribute_column(name: &str) -> Expr {
    Expr::Column(Column::from_name(format!("attributes.{name}")))
}

/// An expression, and which columns of other models it looks at.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(crate) expr: Expr,
    /// As `entity__dimension`.
    pub(crate) joined: Vec<String>,
}

/// Parses an expression over the columns of a table.
pub(crate) fn parse(text: &str, schema: &Schema) -> Result<Expr, String> {
    let schema = DFSchema::try_from(schema.clone()).map_err(|error| readable(&error))?;
    parse_over(text, &schema)
}

/// Parses an expression over a model: its columns, its dimensions and entities, and dimensions of
/// the models its entities lead to.
pub(crate) fn parse_over_model(text: &str, model: &Model, reachable: &Reachable) -> Result<Parsed, String> {
    let joinable = &reachable.joined;
    let text = without_templates(text, model)?;
    let own = DFSchema::try_from(model.schema.as_ref().clone()).map_err(|error| readable(&error))?;
    let mut fields: Vec<Field> = model.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    let mut named: BTreeMap<&str, &Expr> = BTreeMap::new();
    let dimensions = model.dimensions.iter().map(|(name, dimension)| (name, &dimension.expr));
    let entities = model.entities.iter().map(|(name, entity)| (name, &entity.expr));
    for (name, expr) in dimensions.chain(entities) {
        if model.schema.field_with_name(name).is_err() && !named.contains_key(name.as_str()) {
            let kind = expr.get_type(&own).map_err(|error| readable(&error))?;
            fields.push(Field::new(name, kind, true));
            named.insert(name, expr);
        }
    }
    fields.extend(joinable.iter().map(|(name, kind)| Field::new(name, kind.clone(), true)));
    for day in [CREDIT_DATE, AS_OF_DATE].into_iter().chain(BOUNDS) {
        fields.push(Field::new(day, DataType::Date32, true));
    }
    let attributes: BTreeMap<&str, Expr> =
        reachable.attributes.keys().map(|name| (name.as_str(), attribute_column(name))).collect();
    for (name, kind) in &reachable.attributes {
        if !fields.iter().any(|field| field.name() == name) {
            fields.push(Field::new(name, kind.clone(), true));
        }
    }
    named.extend(attributes.iter().map(|(name, expr)| (*name, expr)));
    let schema = DFSchema::try_from(Schema::new(fields)).map_err(|error| readable(&error))?;
    let parsed = parse_over(&text, &schema)?;
    let joined = parsed
        .column_refs()
        .iter()
        .filter(|column| joinable.contains_key(&column.name) || BOUNDS.contains(&column.name.as_str()))
        .map(|column| column.name.clone())
        .collect();
    let expr = parsed
        .transform(|part| {
            Ok(match &part {
                Expr::Column(column) => match named.get(column.name.as_str()) {
                    Some(expr) => Transformed::yes((*expr).clone()),
                    None => Transformed::no(part),
                },
                _ => Transformed::no(part),
            })
        })
        .map_err(|error| readable(&error))?
        .data;
    Ok(Parsed { expr, joined })
}

fn parse_over(text: &str, schema: &DFSchema) -> Result<Expr, String> {
    if text.len() > LONGEST_TEXT {
        return Err(format!("longer than {LONGEST_TEXT} characters"));
    }
    let expression = PARSER.parse_sql_expr(text, schema).map_err(|error| readable(&error))?;
    expression
        .apply(|part| allowed(part).map(|()| TreeNodeRecursion::Continue))
        .map_err(|error| readable(&error))?;
    expression.get_type(schema).map_err(|error| readable(&error))?;
    Ok(expression)
}

/// Replaces `{{ Dimension('a__b') }}` and its like by the name inside.
fn without_templates(text: &str, model: &Model) -> Result<String, String> {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (template, after) = after.split_once("}}").ok_or("`{{` without `}}`")?;
        plain.push_str(before);
        plain.push_str(template_name(template, model)?);
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

fn template_name<'t>(template: &'t str, model: &Model) -> Result<&'t str, String> {
    let refused = || {
        format!(
            "`{{{{{template}}}}}` is not read; write Dimension('name'), TimeDimension('name', 'day') or Entity('name')"
        )
    };
    let (kind, arguments) = template.trim().split_once('(').ok_or_else(refused)?;
    if !matches!(kind.trim(), "Dimension" | "TimeDimension" | "Entity") {
        return Err(refused());
    }
    let name = arguments.split(['\'', '"']).nth(1).ok_or_else(refused)?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || !plain {
        return Err(refused());
    }
    // A model's own dimension may be written with its primary entity before it.
    let own = model.primary().and_then(|entity| name.strip_prefix(entity)?.strip_prefix("__"));
    Ok(own.unwrap_or(name))
}

fn allowed(part: &Expr) -> EngineResult<()> {
    let refused = |what: String| Err(DataFusionError::Plan(what));
    match part {
        Expr::Column(_)
        | Expr::Literal(..)
        | Expr::BinaryExpr(_)
        | Expr::Like(_)
        | Expr::Not(_)
        | Expr::IsNotNull(_)
        | Expr::IsNull(_)
        | Expr::IsTrue(_)
        | Expr::IsFalse(_)
        | Expr::Negative(_)
        | Expr::Between(_)
        | Expr::Case(_)
        | Expr::Cast(_)
        | Expr::InList(_) => Ok(()),
        Expr::ScalarFunction(call) if ALLOWED_FUNCTIONS.contains(&call.name()) => Ok(()),
        Expr::ScalarFunction(call) => refused(format!(
            "the function `{}` is not allowed; these are: {}",
            call.name(),
            ALLOWED_FUNCTIONS.join(", ")
        )),
        other => refused(format!("`{other}` is not a plain expression over one row")),
    }
}

fn readable(error: &DataFusionError) -> String {
    error.strip_backtrace().lines().next().unwrap_or_default().to_owned()
}
