//! The quality of the facts: what in the deliveries of each source hurts numbers, with the rows.
//!
//! [`check`] lists what is looked for. Each check is applied to the tables it concerns as a [`probe`]:
//! a plan of the engine that finds the failing rows, by which they are both counted and listed.
//! [`completeness`], [`references`], [`duplicates`], [`dates`], [`people`], [`amounts`] and [`holes`]
//! make the probes; [`ground`] is what they stand on, in bounded memory. Here the findings are put
//! together by source, those that hurt numbers most first. Nothing is hidden: a source in which
//! nothing was found is there too, with what was looked for.

mod amounts;
mod check;
mod completeness;
mod dates;
mod duplicates;
mod ground;
mod holes;
mod people;
mod probe;
mod references;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attain_facts::canonical::Table;
use jiff::Timestamp;
use rust_decimal::Decimal;

pub use check::{CHECKS, Check, Severity};
use ground::Ground;
use probe::{Probe, counted};
pub use rows::{FoundPage, FoundRow, FoundRows};

use crate::answer::AsOf;
use crate::ask::{Asker, MetricsError, Reach};
use crate::qualified::MissingDays;

/// A number of rows.
type Found = u64;

/// Share of unassigned rows above which numbers say so (domain 19, `unassigned_flag`).
const UNASSIGNED_FLAG: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// Share of rows without a needed field above which numbers say so (E15).
const INCOMPLETE_FLAG: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// What is wrong with the facts.
#[derive(Clone, Debug)]
pub struct Quality {
    /// What was known.
    pub as_of: AsOf,
    /// Source by source, in the order of their names.
    pub sources: Vec<SourceQuality>,
}

/// What is wrong with what one source delivered.
#[derive(Clone, Debug)]
pub struct SourceQuality {
    /// The source system.
    pub source: String,
    /// When it delivered.
    pub deliveries: Deliveries,
    /// The tables it has rows of, with how many.
    pub tables: Vec<(Table, u64)>,
    /// What was found, what hurts numbers most first.
    pub findings: Vec<Finding>,
    /// Needed columns that its mapping does not fill, table by table.
    pub not_supplied: Vec<NotSupplied>,
    /// How many checks of its tables found nothing.
    pub passed: usize,
}

/// When a source delivered.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// How many deliveries there were.
    pub count: usize,
    /// The last one.
    pub last_at: Option<Timestamp>,
    /// Days that usually lie between two, where there are enough to tell.
    pub usual_days: Option<i32>,
    /// Working days since, that are missing in its tables of events.
    pub missing: Vec<MissingDays>,
}

/// What one check found in a table of a source.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its name among those of the source, as addresses and programs have it.
    pub key: String,
    /// The check.
    pub check: &'static Check,
    /// The table.
    pub table: Table,
    /// The column or date that it is about, where there are several.
    pub part: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// Rows found, or days.
    pub found: u64,
    /// Of how many that were looked at.
    pub of: u64,
    /// The names of the metrics that suffer.
    pub metrics: Vec<String>,
}

impl Finding {
    /// The share of what was looked at that was found.
    #[must_use]
    pub fn share(&self) -> Decimal {
        Decimal::from(self.found).checked_div(Decimal::from(self.of)).unwrap_or_default()
    }

    /// What orders findings of one severity: the share, times how many metrics suffer.
    fn hurt(&self) -> Decimal {
        self.share() * Decimal::from(self.metrics.len())
    }
}

/// Needed columns of a table that a source does not supply.
#[derive(Clone, Debug)]
pub struct NotSupplied {
    /// The table.
    pub table: Table,
    /// A column, and the names of the metrics that need it.
    pub columns: Vec<(&'static str, Vec<String>)>,
}

impl Asker {
    /// What is wrong with the facts. Outside the reach nothing is told. What was found once is found
    /// again, so it is kept.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn quality(&self, reach: &Reach) -> Result<Arc<Quality>, MetricsError> {
        if *reach != Reach::Everything {
            return Ok(Arc::new(Quality { as_of: self.as_of(), sources: Vec::new() }));
        }
        if let Some(known) = self.known_quality().get() {
            return Ok(Arc::clone(known));
        }
        let ground = Ground::new(self)?;
        let probes = probes(&ground).await?;
        let found = counted(&ground, &probes).await?;
        let mut sources: BTreeMap<String, SourceQuality> =
            self.deliveries_by_source().into_iter().map(|source| (source.source.clone(), source)).collect();
        for (source, rows) in found.totals {
            if let Some(quality) = sources.get_mut(&source) {
                quality.tables = rows.into_iter().collect();
            }
        }
        for (probe, counts) in probes.iter().zip(found.by_probe) {
            for (source, (found, of)) in counts {
                let Some(quality) = sources.get_mut(&source) else { continue };
                match found {
                    0 => quality.passed += usize::from(of > 0),
                    _ if is_not_supplied(&ground, &source, probe) => {}
                    _ => quality.findings.push(finding(&ground, probe, found, of)),
                }
            }
        }
        for quality in sources.values_mut() {
            quality.not_supplied = not_supplied(&ground, quality);
            quality.findings.sort_by_key(|finding| {
                let most_first = std::cmp::Reverse((finding.severity, finding.hurt(), finding.found));
                (most_first, finding.key.clone())
            });
        }
        let quality = Quality { as_of: self.as_of(), sources: sources.into_values().collect() };
        Ok(Arc::clone(self.known_quality().get_or_init(|| Arc::new(quality))))
    }

    /// The rows of a finding; `None` where a source has none of that name.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn quality_rows(
        &self,
        source: &str,
        key: &str,
        page: FoundPage,
        reach: &Reach,
    ) -> Result<Option<(Finding, FoundRows)>, MetricsError> {
        let quality = self.quality(reach).await?;
        let of_source = quality.sources.iter().filter(|quality| quality.source == source);
        let Some(finding) = of_source.flat_map(|of| &of.findings).find(|finding| finding.key == key) else {
            return Ok(None);
        };
        let ground = Ground::new(self)?;
        let probes = probes(&ground).await?;
        let Some(probe) = probes.iter().find(|probe| probe.key() == key) else { return Ok(None) };
        let rows = rows::listed(&ground, probe, source, page).await?;
        Ok(Some((finding.clone(), rows)))
    }

    /// The sources with when they delivered, and nothing found yet.
    fn deliveries_by_source(&self) -> Vec<SourceQuality> {
        let silent: Vec<MissingDays> = Table::ALL.into_iter().flat_map(|table| self.silent(table)).collect();
        let of = |(source, instants): (String, Vec<Timestamp>)| SourceQuality {
            deliveries: Deliveries {
                count: instants.len(),
                last_at: instants.last().copied(),
                usual_days: self.usual_days(&instants),
                missing: silent.iter().filter(|days| days.delivery.source == source).cloned().collect(),
            },
            source,
            tables: Vec::new(),
            findings: Vec::new(),
            not_supplied: Vec::new(),
            passed: 0,
        };
        self.tables().delivery_instants().into_iter().map(of).collect()
    }

    /// The middle distance between days of delivery, of three distances or more.
    fn usual_days(&self, instants: &[Timestamp]) -> Option<i32> {
        let time_zone = &self.company().time_zone;
        let days: BTreeSet<_> = instants.iter().map(|at| time_zone.to_datetime(*at).date()).collect();
        let days: Vec<_> = days.into_iter().collect();
        let mut distances: Vec<i32> = days
            .windows(2)
            .filter_map(|pair| pair[0].until(pair[1]).ok())
            .map(|distance| distance.get_days())
            .collect();
        distances.sort_unstable();
        (distances.len() >= 3).then(|| distances[distances.len() / 2])
    }
}

/// Every check of every table it concerns.
async fn probes(ground: &Ground<'_>) -> Result<Vec<Probe>, MetricsError> {
    let mut probes = completeness::probes(ground);
    probes.extend(references::probes(ground).await?);
    probes.extend(people::probes(ground).await?);
    probes.extend(duplicates::probes(ground).await?);
    probes.extend(dates::probes(ground).await?);
    probes.extend(amounts::probes(ground).await?);
    probes.extend(holes::probes(ground).await?);
    Ok(probes)
}

/// Whether a probe finds empty cells where the source does not supply the column at all.
fn is_not_supplied(ground: &Ground<'_>, source: &str, probe: &Probe) -> bool {
    let column = probe.part.as_deref().filter(|_| probe.check.name == check::EMPTY.name);
    column.is_some_and(|column| !ground.supplies_from(source, probe.table, column))
}

fn not_supplied(ground: &Ground<'_>, quality: &SourceQuality) -> Vec<NotSupplied> {
    let of_table = |(table, _): &(Table, u64)| {
        let columns = completeness::not_supplied(ground, &quality.source, *table).into_iter();
        let with_metrics = |name: &'static str| (name, ground.metrics_of(*table, &[name.to_owned()]));
        NotSupplied { table: *table, columns: columns.map(with_metrics).collect() }
    };
    let tables = quality.tables.iter().map(of_table);
    tables.filter(|table| !table.columns.is_empty()).collect()
}

fn finding(ground: &Ground<'_>, probe: &Probe, found: u64, of: u64) -> Finding {
    let mut finding = Finding {
        key: probe.key(),
        check: probe.check,
        table: probe.table,
        part: probe.part.clone(),
        severity: probe.check.severity,
        found,
        of,
        metrics: ground.metrics_of(probe.table, &probe.costs),
    };
    let flagged_above = match probe.check.name {
        name if name == check::UNASSIGNED.name => Some(UNASSIGNED_FLAG),
        name if name == check::EMPTY.name => Some(INCOMPLETE_FLAG),
        _ => None,
    };
    if flagged_above.is_some_and(|flag| finding.share() > flag) {
        finding.severity = Severity::High;
    }
    finding
}
