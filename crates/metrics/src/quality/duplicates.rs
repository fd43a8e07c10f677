//! What is likely there twice: deals alike in everything that makes a deal, accounts and people of one
//! name. Names are compared without letter case, punctuation and spaces; what is merged already is
//! one, and not found.

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_ID;
use datafusion::common::JoinType;
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_aggregate::expr_fn::{count, max, min};
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, Expr, lit};

use super::check::{Check, SAME_DEAL, SAME_EMAIL, SAME_NAME};
use super::ground::{Ground, folded};
use super::probe::{OTHER, OTHER_ID, Probe, Test};
use crate::ask::MetricsError;
use crate::plan::column;

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes = Vec::new();
    let deal = ["account_id", "owner_id", "amount", "close_date"];
    let identifying = deal.iter().all(|name| ground.supplies(Table::Opportunity, name));
    if identifying && ground.row_count(Table::Opportunity) > 0 {
        // Deals worth nothing are alike by nature.
        let rows = ground.rows(Table::Opportunity).await?.filter(column("amount").not_eq(lit(0_i64)))?;
        let mut keys = deal.map(column).to_vec();
        keys.push(coalesce(vec![column("product_id"), lit("")]));
        probes.push(Probe {
            check: &SAME_DEAL,
            table: Table::Opportunity,
            part: None,
            wrong: "account, product, amount, close date and owner are the same".into(),
            shown: vec![
                ("as of".into(), OTHER.into()),
                ("amount".into(), "amount".into()),
                ("close date".into(), "close_date".into()),
            ],
            costs: Vec::new(),
            test: Test::Found(alike(rows, keys, "opportunity_id")?),
        });
    }
    let named: [(&'static Check, Table, &str, &str); 3] = [
        (&SAME_NAME, Table::Account, "name", "name"),
        (&SAME_NAME, Table::Employee, "display_name", "name"),
        (&SAME_EMAIL, Table::Employee, "email", "e-mail address"),
    ];
    for (check, table, name, called) in named {
        if ground.row_count(table) == 0 || !ground.supplies(table, name) {
            continue;
        }
        let Some(id) = table.id_column() else { continue };
        let rows = ground.rows(table).await?;
        probes.push(Probe {
            check,
            table,
            part: None,
            wrong: format!("the {called} is the same"),
            shown: vec![("as of".into(), OTHER.into()), (called.into(), name.into())],
            costs: Vec::new(),
            test: Test::Found(alike(rows, vec![folded(column(name))], id)?),
        });
    }
    Ok(probes)
}

/// Rows that others have the same keys as, each with another of them. Nothing is alike without them.
fn alike(rows: DataFrame, keys: Vec<Expr>, id: &str) -> Result<DataFrame, MetricsError> {
    let key = |position: usize| format!("quality_key_{position}");
    let of = |position: usize| format!("quality_of_{position}");
    let columns: Vec<Expr> = rows.schema().fields().iter().map(|field| column(field.name())).collect();
    let mut keyed = rows;
    for (position, expr) in keys.iter().enumerate() {
        keyed = keyed.with_column(&key(position), expr.clone())?;
        keyed = keyed.filter(column(&key(position)).is_not_null())?;
    }
    let positions = 0..keys.len();
    let groups: Vec<Expr> = positions.clone().map(|at| column(&key(at)).alias(of(at))).collect();
    let ends = |name: &str| {
        [min(column(name)).alias(format!("{name}_first")), max(column(name)).alias(format!("{name}_last"))]
    };
    let mut aggregates = vec![count(lit(1_i64)).alias("quality_rows")];
    aggregates.extend(ends(SOURCE_ID));
    aggregates.extend(ends(id));
    let several =
        keyed.clone().aggregate(groups, aggregates)?.filter(column("quality_rows").gt(lit(1_i64)))?;
    let same = positions.map(|at| column(&key(at)).eq(column(&of(at))));
    let other = |name: &str| -> Result<Expr, MetricsError> {
        let (first, last) = (column(&format!("{name}_first")), column(&format!("{name}_last")));
        Ok(when(column(name).eq(first.clone()), last).otherwise(first)?)
    };
    let mut shown = columns;
    shown.push(other(SOURCE_ID)?.alias(OTHER));
    shown.push(other(id)?.alias(OTHER_ID));
    Ok(keyed.join_on(several, JoinType::Inner, same)?.select(shown)?)
}
