//! What a finding found, row by row: which row of the source it is, what is wrong with it, and the
//! import that brought it.

use attain_facts::canonical::Table;
use attain_facts::store::schema::{RECORDED, SOURCE_ID, SOURCE_SYSTEM};
use datafusion::prelude::{DataFrame, lit};
use jiff::civil::Date;

use super::Found;
use super::ground::Ground;
use super::probe::{MissedDay, OTHER_ID, Probe, Test};
use crate::ask::MetricsError;
use crate::engine::{Cells, collect};
use crate::plan::column;
use crate::subject::Level;

/// A row that a check found, or a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundRow {
    /// Its identifier in the source; a day without rows has none.
    pub row: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The day without rows.
    pub day: Option<Date>,
    /// What is wrong.
    pub wrong: String,
    /// The cells that show it, by what they are called.
    pub shown: Vec<(String, String)>,
    /// The import that brought this version of it.
    pub import: Option<i64>,
    /// Its own id and the id of the one that it may be the same as, where they can be merged.
    pub same_as: Option<(String, String)>,
}

/// Rows of a finding, those of one page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundRows {
    /// The rows in the order of their identifiers.
    pub rows: Vec<FoundRow>,
    /// All there are.
    pub found: u64,
}

/// Which rows of a finding are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoundPage {
    /// Rows before the first.
    pub from: usize,
    /// At most so many; nothing for all.
    pub limit: Option<usize>,
}

/// The rows that a probe finds in a source.
pub(super) async fn listed(
    ground: &Ground<'_>,
    probe: &Probe,
    source: &str,
    page: FoundPage,
) -> Result<FoundRows, MetricsError> {
    let Some(rows) = probe.found(ground).await? else { return Ok(days(probe, source, page)) };
    let rows = rows.filter(column(SOURCE_SYSTEM).eq(lit(source)))?;
    let found = rows.clone().count().await? as u64;
    let sorted = rows.sort(vec![column(SOURCE_ID).sort(true, false)])?.limit(page.from, page.limit)?;
    let sorted = with_shown(probe, sorted)?;
    let collected = collect(sorted).await?;
    Ok(FoundRows { rows: collected.rows().map(|row| found_row(ground, probe, &row)).collect(), found })
}

/// The columns a row is shown by, and no others.
fn with_shown(probe: &Probe, rows: DataFrame) -> Result<DataFrame, MetricsError> {
    let mut wanted = vec![SOURCE_ID, RECORDED, OTHER_ID];
    wanted.extend(name_of(probe.table));
    wanted.extend(probe.table.id_column());
    wanted.extend(probe.shown.iter().map(|(_, name)| name.as_str()));
    let there = rows.schema().fields().iter().map(|field| field.name().as_str());
    let kept = there.filter(|name| wanted.contains(name)).map(column).collect::<Vec<_>>();
    Ok(rows.select(kept)?)
}

fn name_of(table: Table) -> Option<&'static str> {
    ["name", "display_name"].into_iter().find(|name| table.column(name).is_some())
}

fn found_row(ground: &Ground<'_>, probe: &Probe, row: &Cells<'_>) -> FoundRow {
    let name_of_person = |id: String| {
        let member = ground.asker.organisation().member(Level::Rep, &id);
        member.map_or(id, |member| member.name)
    };
    let cell = |(called, name): &(String, String)| Some((called.clone(), name_of_person(row.shown(name)?)));
    let id = probe.table.id_column().and_then(|id| row.text(id));
    FoundRow {
        row: row.text(SOURCE_ID),
        name: name_of(probe.table).and_then(|name| row.text(name)),
        day: None,
        wrong: probe.wrong.clone(),
        shown: probe.shown.iter().filter_map(cell).collect(),
        import: row.integer(RECORDED).and_then(|snapshot| ground.asker.tables().import_of(snapshot)),
        same_as: id.zip(row.text(OTHER_ID)).filter(|_| can_be_merged(probe.table)),
    }
}

/// Whether rows of a table can be merged (domain 2.5).
fn can_be_merged(table: Table) -> bool {
    matches!(table, Table::Employee | Table::Team | Table::Territory | Table::Account | Table::Product)
}

fn days(probe: &Probe, source: &str, page: FoundPage) -> FoundRows {
    let Test::Days(days) = &probe.test else { return FoundRows::default() };
    let of_source: Vec<&MissedDay> = days.iter().filter(|day| day.source == source).collect();
    let row = |day: &&MissedDay| FoundRow {
        row: None,
        name: None,
        day: Some(day.day),
        wrong: probe.wrong.clone(),
        shown: vec![("usual on this weekday".into(), day.usual.round_dp(1).normalize().to_string())],
        import: None,
        same_as: None,
    };
    let shown = of_source.iter().skip(page.from).take(page.limit.unwrap_or(usize::MAX));
    FoundRows { rows: shown.map(row).collect(), found: of_source.len() as Found }
}
