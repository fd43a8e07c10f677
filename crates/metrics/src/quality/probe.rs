//! A check applied to one table: which of its rows fail, counted by the engine and listed page by
//! page from the same plan, so that the count is that of the list.

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::store::schema::SOURCE_SYSTEM;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::when;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::check::Check;
use super::ground::Ground;
use crate::ask::MetricsError;
use crate::engine::collect;
use crate::plan::column;

/// The column in which rows that belong together name one another: the other's identifier in the
/// source.
pub(super) const OTHER: &str = "quality_other";
/// The other's id in Attain, where they can be merged.
pub(super) const OTHER_ID: &str = "quality_other_id";

/// Rows found, of how many looked at, by source.
pub(super) type BySource = BTreeMap<String, (u64, u64)>;

/// What probes found.
pub(super) struct Counted {
    /// In the order of the probes.
    pub(super) by_probe: Vec<BySource>,
    /// The rows each source has of each table.
    pub(super) totals: BTreeMap<String, BTreeMap<Table, u64>>,
}

/// A check applied to one table.
pub(super) struct Probe {
    pub(super) check: &'static Check,
    pub(super) table: Table,
    /// What tells it from other probes of the check in the table: a column or a date, mostly.
    pub(super) part: Option<String>,
    /// What is wrong with each row.
    pub(super) wrong: String,
    /// The columns that show it, each with what it is called.
    pub(super) shown: Vec<(String, String)>,
    /// The columns whose metrics suffer; none for all of the table.
    pub(super) costs: Vec<String>,
    pub(super) test: Test,
}

/// How failing rows are found.
pub(super) enum Test {
    /// Those among the rows of the table that meet a condition.
    Rows(Among),
    /// Those among other rows that do.
    Of(DataFrame, Among),
    /// These rows, among all of the table.
    Found(DataFrame),
    /// Days without rows.
    Days(Vec<MissedDay>),
}

/// A condition, among rows to which it applies.
pub(super) struct Among {
    pub(super) applies: Expr,
    pub(super) fails: Expr,
}

/// A day on which a source has no rows of a table.
#[derive(Clone, Debug)]
pub(super) struct MissedDay {
    pub(super) source: String,
    pub(super) day: Date,
    /// Rows that the same weekday around it had, on average.
    pub(super) usual: Decimal,
    /// Days of the source that were looked at.
    pub(super) of: u64,
}

impl Among {
    /// A condition that applies to every row.
    pub(super) fn all(fails: Expr) -> Among {
        Among { applies: lit(true), fails }
    }

    fn found(&self) -> Expr {
        self.applies.clone().and(self.fails.clone())
    }

    fn aggregates(&self, position: usize) -> Result<[Expr; 2], MetricsError> {
        let counted =
            |condition: Expr| -> Result<Expr, MetricsError> { Ok(count(when(condition, lit(1_i64)).end()?)) };
        Ok([
            counted(self.found())?.alias(format!("found_{position}")),
            counted(self.applies.clone())?.alias(format!("of_{position}")),
        ])
    }
}

impl Probe {
    /// A check of rows of a table, shown by the columns that are looked at.
    pub(super) fn rows(
        check: &'static Check,
        table: Table,
        columns: &[&str],
        wrong: impl Into<String>,
        among: Among,
    ) -> Probe {
        Probe {
            check,
            table,
            part: None,
            wrong: wrong.into(),
            shown: columns.iter().map(|name| (name.replace('_', " "), (*name).to_owned())).collect(),
            costs: columns.iter().map(|name| (*name).to_owned()).collect(),
            test: Test::Rows(among),
        }
    }

    /// The same, told from others of the check by a part of the table.
    pub(super) fn part(mut self, part: &str) -> Probe {
        self.part = Some(part.to_owned());
        self
    }

    /// Its name among all of a source: `empty:opportunity.amount`.
    pub(super) fn key(&self) -> String {
        match &self.part {
            Some(part) => format!("{}:{}.{part}", self.check.name, self.table),
            None => format!("{}:{}", self.check.name, self.table),
        }
    }

    /// The rows that fail; nothing where it finds days.
    pub(super) async fn found(&self, ground: &Ground<'_>) -> Result<Option<DataFrame>, MetricsError> {
        Ok(match &self.test {
            Test::Rows(among) => Some(ground.rows(self.table).await?.filter(among.found())?),
            Test::Of(rows, among) => Some(rows.clone().filter(among.found())?),
            Test::Found(rows) => Some(rows.clone()),
            Test::Days(_) => None,
        })
    }
}

/// What every probe finds, by source.
pub(super) async fn counted(ground: &Ground<'_>, probes: &[Probe]) -> Result<Counted, MetricsError> {
    let mut counted =
        Counted { by_probe: probes.iter().map(|_| BySource::new()).collect(), totals: BTreeMap::new() };
    for table in ground.tables() {
        count_conditions(ground, table, probes, &mut counted).await?;
    }
    for (position, probe) in probes.iter().enumerate() {
        counted.by_probe[position].extend(count_others(probe, &counted.totals).await?);
    }
    Ok(counted)
}

/// Counts the rows of a table, and all conditions on them in the same pass.
async fn count_conditions(
    ground: &Ground<'_>,
    table: Table,
    probes: &[Probe],
    counted: &mut Counted,
) -> Result<(), MetricsError> {
    let mut conditions = Vec::new();
    let mut aggregates = vec![count(lit(1_i64)).alias("all_rows")];
    for (position, probe) in probes.iter().enumerate().filter(|(_, probe)| probe.table == table) {
        if let Test::Rows(among) = &probe.test {
            aggregates.extend(among.aggregates(position)?);
            conditions.push(position);
        }
    }
    let rows = ground.rows(table).await?.aggregate(vec![column(SOURCE_SYSTEM)], aggregates)?;
    for row in collect(rows).await?.rows() {
        let source = row.text(SOURCE_SYSTEM).unwrap_or_default();
        for position in &conditions {
            let counts = (row.count(&format!("found_{position}")), row.count(&format!("of_{position}")));
            counted.by_probe[*position].insert(source.clone(), counts);
        }
        counted.totals.entry(source).or_default().insert(table, row.count("all_rows"));
    }
    Ok(())
}

/// Counts what is no condition on the rows of a table.
async fn count_others(
    probe: &Probe,
    totals: &BTreeMap<String, BTreeMap<Table, u64>>,
) -> Result<BySource, MetricsError> {
    let by_source = || vec![column(SOURCE_SYSTEM)];
    let mut counts = BySource::new();
    match &probe.test {
        Test::Rows(_) => {}
        Test::Of(rows, among) => {
            let rows = rows.clone().aggregate(by_source(), among.aggregates(0)?.to_vec())?;
            for row in collect(rows).await?.rows() {
                let source = row.text(SOURCE_SYSTEM).unwrap_or_default();
                counts.insert(source, (row.count("found_0"), row.count("of_0")));
            }
        }
        Test::Found(rows) => {
            let of = totals.iter().filter_map(|(source, tables)| Some((source, tables.get(&probe.table)?)));
            counts.extend(of.map(|(source, rows)| (source.clone(), (0, *rows))));
            let rows = rows.clone().aggregate(by_source(), vec![count(lit(1_i64)).alias("found")])?;
            for row in collect(rows).await?.rows() {
                let source = row.text(SOURCE_SYSTEM).unwrap_or_default();
                counts.entry(source).or_default().0 = row.count("found");
            }
        }
        Test::Days(days) => {
            for day in days {
                counts.entry(day.source.clone()).or_insert((0, day.of)).0 += 1;
            }
        }
    }
    Ok(counts)
}
