//! Texts of filters and `expr`, parsed by the engine's own parser; only scalar, side-effect-free
//! expressions over the view's columns pass (domain 4.12).

use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result as EngineResult};
use datafusion::prelude::{Expr, SessionContext};

/// Functions that look at nothing but their arguments.
const ALLOWED_FUNCTIONS: &[&str] = &["abs", "coalesce", "lower", "nullif", "upper", "trim", "btrim"];

/// Parses an expression over the columns of `schema`.
pub(super) fn parse(text: &str, schema: &DFSchema) -> Result<Expr, String> {
    let context = SessionContext::new();
    let expression = context.parse_sql_expr(text, schema).map_err(|error| readable(&error))?;
    expression
        .apply(|part| allowed(part).map(|()| TreeNodeRecursion::Continue))
        .map_err(|error| readable(&error))?;
    Ok(expression)
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
