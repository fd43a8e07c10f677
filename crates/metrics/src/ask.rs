//! Questions and their answers: from definitions over plans to numbers with codes.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use attain_facts::store::Snapshot;
use datafusion::error::DataFusionError;
use datafusion::prelude::{DataFrame, SessionContext};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::answer::{Answer, AsOf, Code, Number};
use crate::calendar::{Calendar, Grain, Period};
use crate::credited::{Source, Wanted};
use crate::definition::{Aggregate, Aggregation, Attribution, Catalogue, Computation, Metric};
use crate::measure::{self, Cell, Groups};
use crate::organisation::{Dimension, Member, Organisation, Subject};
use crate::{credited, engine, retention};

/// Share of rows lacking a needed field above which a value carries E15 (domain 19).
const INCOMPLETE_SHARE: f64 = 0.05;

/// A question that cannot be answered at all. What merely has no value answers with a code.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// No such metric.
    #[error("there is no metric `{name}`; `attain metrics` lists them{}", suggestion(.nearest))]
    UnknownMetric {
        /// What was asked for.
        name: String,
        /// The name most like it.
        nearest: Option<String>,
    },
    /// A total has more digits than exact arithmetic keeps.
    #[error("a total has more than 28 significant digits; ask for a smaller period or scope")]
    TooLarge,
    /// The facts could not be read.
    #[error(
        "the facts could not be read: {0}; nothing was changed. Restore the data directory from a backup if this stays so"
    )]
    Engine(#[from] DataFusionError),
    /// The store could not name its files.
    #[error(transparent)]
    Store(#[from] attain_facts::store::StoreError),
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// How far an actor may see. Deny is the default: what is not inside is answered E11, never
/// narrowed in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Every subject.
    Everything,
    /// No subject.
    Nothing,
}

impl Reach {
    /// Whether a subject is inside.
    #[must_use]
    pub fn includes(self, _subject: &Subject) -> bool {
        self == Reach::Everything
    }
}

/// What is asked: metrics of a subject, split by dimensions, for periods.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// Identifiers of metrics.
    pub metrics: Vec<String>,
    /// Whom it is about.
    pub subject: Subject,
    /// What it is split by; empty for the subject as a whole.
    pub by: Vec<Dimension>,
    /// For which periods.
    pub periods: Vec<Period>,
}

/// Answers questions over one snapshot.
pub struct Asker {
    snapshot: Arc<Snapshot>,
    catalogue: Arc<Catalogue>,
    organisation: Organisation,
    context: SessionContext,
    opportunities: DataFrame,
    as_of: AsOf,
}

impl Asker {
    /// Opens a snapshot for questions asked at `now`.
    ///
    /// # Errors
    /// When the organisation cannot be read from the snapshot.
    pub async fn open(
        snapshot: Arc<Snapshot>,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Result<Asker, MetricsError> {
        let context = engine::session(&snapshot.company().time_zone, credited::fits_memory(&snapshot));
        let organisation = Organisation::read(&context, &snapshot).await?;
        let asked_on = snapshot.company().time_zone.to_datetime(now).date();
        let last_covered = snapshot.coverage().and_then(|(_, to)| to.yesterday().ok());
        let as_of = AsOf {
            snapshot: snapshot.number(),
            committed_at: snapshot.committed_at(),
            asked_on,
            date: last_covered.map_or(asked_on, |last| last.min(asked_on)),
        };
        let opportunities = credited::opportunities(&context, &snapshot, asked_on).await?;
        Ok(Asker { snapshot, catalogue, organisation, context, opportunities, as_of })
    }

    /// The organisation of the snapshot.
    #[must_use]
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// The definitions in force.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The snapshot that is asked.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The company's calendar.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        self.source().calendar()
    }

    /// What is known, and up to which day.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// Every period of a length that the facts touch, oldest first.
    #[must_use]
    pub fn periods(&self, grain: Grain) -> Vec<Period> {
        match self.snapshot.coverage() {
            Some((from, _)) => self.calendar().touching(from, day_after(self.as_of.date), grain),
            None => Vec::new(),
        }
    }

    /// Answers a question.
    ///
    /// # Errors
    /// When a metric is unknown or the facts cannot be read. A value that cannot be computed is
    /// no error: its number says why.
    pub async fn ask(&self, question: &Question, reach: &Reach) -> Result<Answer, MetricsError> {
        let metrics: Vec<&Arc<Metric>> =
            question.metrics.iter().map(|name| self.metric(name)).collect::<Result<_, _>>()?;
        let groups = if reach.includes(&question.subject) {
            self.groups(question, &metrics).await?
        } else {
            Groups::new()
        };
        let mut numbers = Vec::new();
        for key in self.keys(question, &groups, *reach) {
            let members: Vec<Option<Member>> = key
                .iter()
                .zip(&question.by)
                .map(|(id, dimension)| id.as_deref().map(|id| self.named(*dimension, id)))
                .collect();
            for (index, period) in question.periods.iter().enumerate() {
                let cells = groups.get(&(key.clone(), index));
                for metric in &metrics {
                    let worth = if reach.includes(&question.subject) {
                        self.worth(metric, period, cells)
                    } else {
                        Worth::blocked(Code::Suppressed)
                    };
                    numbers.push(self.number(metric, members.clone(), period, worth));
                }
            }
        }
        Ok(Answer { as_of: self.as_of, numbers })
    }

    pub(crate) fn metric(&self, name: &str) -> Result<&Arc<Metric>, MetricsError> {
        self.catalogue.metric(name).ok_or_else(|| MetricsError::UnknownMetric {
            name: name.to_owned(),
            nearest: nearest(name, self.catalogue.metrics().map(|metric| metric.id.as_str())),
        })
    }

    pub(crate) fn source(&self) -> Source<'_> {
        Source {
            context: &self.context,
            snapshot: &self.snapshot,
            organisation: &self.organisation,
            opportunities: &self.opportunities,
            as_of: self.as_of,
        }
    }

    /// Computes every leaf the metrics rest on. Periods of one length never overlap, so each
    /// length is computed by itself.
    async fn groups(&self, question: &Question, metrics: &[&Arc<Metric>]) -> Result<Groups, MetricsError> {
        let mut leaves = Leaves::default();
        for metric in metrics {
            leaves.add(metric);
        }
        let mut all = Groups::new();
        for (positions, periods) in by_grain(&question.periods) {
            let mut groups = Groups::new();
            for (attribution, aggregates) in &leaves.simple {
                let wanted = Wanted {
                    attribution: *attribution,
                    subject: &question.subject,
                    by: &question.by,
                    periods: &periods,
                };
                let aggregates: Vec<(&str, &Aggregate)> =
                    aggregates.iter().map(|(id, aggregate)| (*id, *aggregate)).collect();
                measure::compute(&self.source(), &wanted, &aggregates, &mut groups).await?;
            }
            if !leaves.retention.is_empty() {
                let wanted = Wanted {
                    attribution: Attribution::Close,
                    subject: &question.subject,
                    by: &question.by,
                    periods: &periods,
                };
                let outputs: Vec<(&str, retention::Output)> =
                    leaves.retention.iter().map(|(id, output)| (*id, *output)).collect();
                retention::compute(&self.source(), &wanted, &self.calendar(), &outputs, &mut groups).await?;
            }
            all.extend(
                groups.into_iter().map(|((members, index), cells)| ((members, positions[index]), cells)),
            );
        }
        Ok(all)
    }

    /// The combinations of members an answer has a line for: those of the organisation, whether
    /// or not anything happened, and those found in the rows.
    fn keys(&self, question: &Question, groups: &Groups, reach: Reach) -> Vec<Vec<Option<String>>> {
        if question.by.is_empty() {
            return vec![Vec::new()];
        }
        let mut keys: BTreeSet<Vec<Option<String>>> = groups
            .iter()
            .filter(|(_, cells)| cells.values().any(|cell| cell.rows > 0))
            .map(|((members, _), _)| members.clone())
            .collect();
        if let ([dimension], true) = (question.by.as_slice(), reach.includes(&question.subject))
            && let Some(level) = dimension.level()
        {
            for period in &question.periods {
                let members = self.organisation.members(level, &question.subject, period);
                keys.extend(members.into_iter().map(|member| vec![Some(member.id)]));
            }
        }
        let mut keys: Vec<Vec<Option<String>>> = keys.into_iter().collect();
        keys.sort_by_cached_key(|key| self.sorting(key, &question.by));
        keys
    }

    /// By name, unassigned last.
    fn sorting(&self, key: &[Option<String>], by: &[Dimension]) -> Vec<(bool, Option<Member>)> {
        key.iter()
            .zip(by)
            .map(|(id, dimension)| (id.is_none(), id.as_deref().map(|id| self.named(*dimension, id))))
            .collect()
    }

    fn named(&self, dimension: Dimension, id: &str) -> Member {
        dimension
            .level()
            .and_then(|level| self.organisation.member(level, id))
            .unwrap_or_else(|| Member { name: id.to_owned(), id: id.to_owned() })
    }

    fn number(&self, metric: &Metric, members: Vec<Option<Member>>, period: &Period, worth: Worth) -> Number {
        let mut codes = worth.codes;
        if worth.value.is_some() {
            if period.last_day().is_some_and(|last| last > self.as_of.date) {
                codes.insert(Code::PartialPeriod);
            }
            if metric.minimum_n.is_some_and(|minimum| worth.n < minimum) {
                codes.insert(Code::TooFew);
            }
        }
        if codes.is_empty() {
            codes.insert(Code::Ok);
        }
        Number {
            metric: metric.id.clone(),
            members,
            period: period.clone(),
            value: worth.value,
            numerator: worth.numerator,
            denominator: worth.denominator,
            n: worth.n,
            not_matured: worth.not_matured,
            codes,
            definition_version: metric.version,
        }
    }

    fn worth(&self, metric: &Metric, period: &Period, cells: Option<&HashMap<String, Cell>>) -> Worth {
        if !self.covers(period) {
            return Worth::blocked(Code::NoData);
        }
        let cell = cells.and_then(|cells| cells.get(&metric.id)).cloned().unwrap_or_default();
        let mut worth = match &metric.computation {
            Computation::Simple(aggregate) => simple(aggregate, &cell),
            Computation::BuyerRetention(_) => match self.calendar().previous(period) {
                None => Worth::blocked(Code::NotApplicable),
                Some(before) if !self.covers(&before) => Worth::blocked(Code::NoData),
                Some(_) => Worth::of(cell.value.unwrap_or_default(), cell.rows),
            },
            Computation::Ratio { numerator, denominator } => {
                ratio(self.worth(numerator, period, cells), self.worth(denominator, period, cells))
            }
        };
        if let Some(waiting) = &metric.not_matured {
            worth.not_matured = self.worth(waiting, period, cells).n;
            if worth.not_matured > 0 {
                worth.codes.insert(Code::Censored);
            }
        }
        worth
    }

    /// Whether the deliveries cover any of the period.
    fn covers(&self, period: &Period) -> bool {
        self.snapshot.coverage().is_some_and(|(from, to)| {
            period.from.is_none_or(|start| start < to) && period.to.is_none_or(|end| from < end)
        })
    }
}

/// A value, its parts and codes, before it becomes a number of a period.
struct Worth {
    value: Option<Decimal>,
    numerator: Option<Decimal>,
    denominator: Option<Decimal>,
    n: u64,
    not_matured: u64,
    codes: BTreeSet<Code>,
}

impl Worth {
    fn of(value: Decimal, n: u64) -> Worth {
        Worth {
            value: Some(value),
            numerator: None,
            denominator: None,
            n,
            not_matured: 0,
            codes: BTreeSet::new(),
        }
    }

    fn blocked(code: Code) -> Worth {
        Worth {
            value: None,
            numerator: None,
            denominator: None,
            n: 0,
            not_matured: 0,
            codes: BTreeSet::from([code]),
        }
    }
}

fn simple(aggregate: &Aggregate, cell: &Cell) -> Worth {
    let counts = matches!(aggregate.aggregation, Aggregation::Count | Aggregation::CountDistinct);
    let without_rate = cell.currency_missing;
    let lacking = (cell.rows - cell.present).saturating_sub(without_rate);
    let mut worth = match cell.value {
        Some(value) if counts => Worth::of(value, value.to_u64().unwrap_or(cell.rows)),
        None if counts => Worth::of(Decimal::ZERO, 0),
        Some(value) => Worth::of(value, cell.present),
        None if cell.rows > 0 && without_rate == cell.rows => Worth::blocked(Code::CurrencyMissing),
        None if cell.rows > 0 => Worth::blocked(Code::NoData),
        None if aggregate.aggregation == Aggregation::Median => Worth::blocked(Code::ZeroDenominator),
        None => Worth::of(Decimal::ZERO, 0),
    };
    if without_rate > 0 {
        worth.codes.insert(Code::CurrencyMissing);
    }
    if lacking as f64 > INCOMPLETE_SHARE * cell.rows as f64 {
        worth.codes.insert(Code::IncompleteRows);
    }
    worth
}

fn ratio(above: Worth, below: Worth) -> Worth {
    let mut codes = above.codes;
    codes.extend(&below.codes);
    let value = match (above.value, below.value) {
        (Some(_), Some(denominator)) if denominator.is_zero() => {
            codes.insert(Code::ZeroDenominator);
            None
        }
        (Some(numerator), Some(denominator)) => numerator.checked_div(denominator),
        _ => None,
    };
    Worth { value, numerator: above.value, denominator: below.value, n: below.n, not_matured: 0, codes }
}

/// The leaves metrics rest on, each once.
#[derive(Default)]
struct Leaves<'a> {
    simple: BTreeMap<Attribution, BTreeMap<&'a str, &'a Aggregate>>,
    retention: BTreeMap<&'a str, retention::Output>,
}

impl<'a> Leaves<'a> {
    fn add(&mut self, metric: &'a Metric) {
        match &metric.computation {
            Computation::Simple(aggregate) => {
                self.simple.entry(aggregate.attribution).or_default().insert(&metric.id, aggregate);
            }
            Computation::BuyerRetention(output) => {
                self.retention.insert(&metric.id, *output);
            }
            Computation::Ratio { numerator, denominator } => {
                self.add(numerator);
                self.add(denominator);
            }
        }
        if let Some(waiting) = &metric.not_matured {
            self.add(waiting);
        }
    }
}

/// Periods of each length, with their positions among all.
fn by_grain(periods: &[Period]) -> Vec<(Vec<usize>, Vec<Period>)> {
    let mut grains: BTreeMap<Grain, (Vec<usize>, Vec<Period>)> = BTreeMap::new();
    for (position, period) in periods.iter().enumerate() {
        let (positions, same_length) = grains.entry(period.grain).or_default();
        positions.push(position);
        same_length.push(period.clone());
    }
    grains.into_values().collect()
}

fn day_after(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// The candidate most like a name, if any is close.
fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}
