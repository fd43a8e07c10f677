//! References that lead nowhere: to what was deleted, undone, or never came. Those to people are the
//! owners that the roster does not know.

use attain_facts::canonical::{ColumnType, Table};
use datafusion::common::JoinType;
use datafusion::prelude::DataFrame;

use super::check::{MISSING_REFERENCE, UNKNOWN_PERSON};
use super::ground::Ground;
use super::probe::{Probe, Test};
use crate::ask::MetricsError;
use crate::plan::column;

/// The name of the target's identifier beside the rows that refer to it.
const TARGET: &str = "quality_target";

pub(super) async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes = Vec::new();
    for table in ground.tables() {
        for referring in table.columns().iter().filter(|column| ground.supplies(table, column.name)) {
            let ColumnType::Reference(target) = referring.kind else { continue };
            let Some(found) = orphans(ground, table, referring.name, target).await? else { continue };
            let check = if target == Table::Employee { &UNKNOWN_PERSON } else { &MISSING_REFERENCE };
            let whom = referring.name.strip_suffix("_id").unwrap_or(referring.name).replace('_', " ");
            let costs = match target {
                Table::Employee => Vec::new(),
                _ => vec![referring.name.to_owned()],
            };
            probes.push(Probe {
                check,
                table,
                part: Some(referring.name.to_owned()),
                wrong: format!("its {whom} is not among the {}", target.plural()),
                shown: vec![(whom, referring.name.to_owned())],
                costs,
                test: Test::Found(found),
            });
        }
    }
    Ok(probes)
}

/// The rows whose reference no row of the target has.
async fn orphans(
    ground: &Ground<'_>,
    table: Table,
    name: &str,
    target: Table,
) -> Result<Option<DataFrame>, MetricsError> {
    let Some(id) = target.id_column() else { return Ok(None) };
    let known = ground.rows(target).await?.select(vec![column(id).alias(TARGET)])?;
    let referring = ground.rows(table).await?.filter(column(name).is_not_null())?;
    Ok(Some(referring.join_on(known, JoinType::LeftAnti, [column(name).eq(column(TARGET))])?))
}
