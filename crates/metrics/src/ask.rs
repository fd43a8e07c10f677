//! Questions and their answers: from definitions over plans to numbers with codes.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use attain_facts::company::Company;
use attain_facts::store::Snapshot;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::{Answer, AsOf, Code, Number};
use crate::calendar::{Calendar, Grain, Period};
use crate::credited::RateMode;
use crate::definition::{Catalogue, Computation, Editions, Metric, Model, When};
use crate::engine;
use crate::groups::Groups;
use crate::measure::Leaves;
use crate::organisation::{Dimension, Member, Organisation, Subject};
use crate::plan::{Relations, Source, Wanted};
use crate::qualified::{Beside, Nobodys, Published};
use crate::receipt::Statement;
use crate::tables::{Coverage, Tables};
use crate::team_mode::TeamMode;
use crate::worth::{Counted, Worth, by_grain, needed};

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
    /// The rows of a metric cannot be split or narrowed by a dimension.
    #[error("`{dimension}` {}; rows of `{model}` can be split by {}", ambiguity(.ambiguous), .known.join(", "))]
    UnknownDimension {
        /// What was asked for.
        dimension: String,
        /// The semantic model whose rows are asked.
        model: String,
        /// What they can be split by.
        known: Vec<String>,
        /// What the name could mean, when it could mean several things.
        ambiguous: Vec<String>,
    },
    /// A condition cannot be read.
    #[error("the condition `{text}` cannot be used: {problem}")]
    Filter {
        /// The condition.
        text: String,
        /// What is wrong.
        problem: String,
    },
    /// No such table.
    #[error("there is no table `{0}`")]
    UnknownTable(String),
    /// A join would count rows several times.
    #[error(
        "`{relation}` has `{value}` more than once, so `{entity}` does not identify its rows; joining it would count rows twice"
    )]
    NotUnique {
        /// The entity joined along.
        entity: String,
        /// The table joined.
        relation: String,
        /// A value that stands for several rows.
        value: String,
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

fn ambiguity(ambiguous: &[String]) -> String {
    match ambiguous {
        [] => "is not known here".to_owned(),
        several => format!("could be {}: write which", several.join(" or ")),
    }
}

/// How far an actor may see. Deny is the default: what is not inside is answered E11, never
/// narrowed in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// A condition rows must meet beside those of the definitions: `segment = 'SMB'`.
    pub filter: Option<String>,
    /// Which rates money is converted at.
    pub rates: RateMode,
}

/// Answers that are kept at most; then all are forgotten.
const ANSWERS_KEPT: usize = 512;

/// Answers questions over one set of tables, as known at one instant.
#[derive(Clone)]
pub struct Asker {
    tables: Arc<dyn Tables>,
    company: Arc<Company>,
    editions: Arc<Editions>,
    /// The edition in force: today's, unless a period was named.
    catalogue: Arc<Catalogue>,
    organisation: Arc<Organisation>,
    context: SessionContext,
    relations: Arc<Relations>,
    answers: Arc<Mutex<HashMap<(Question, Reach), Answer>>>,
    as_of: AsOf,
    team_mode: TeamMode,
    /// Whether the question is asked of what is known now, not of the past.
    now: bool,
    published: Arc<RwLock<Published>>,
    nobodys: Arc<Mutex<Nobodys>>,
}

/// What one edition of the definitions measures of a question.
struct Measured {
    asker: Asker,
    /// Positions among the periods asked.
    asked: Vec<usize>,
    /// What was asked for, and whether it means something for the subject.
    metrics: Vec<(Arc<Metric>, bool)>,
    /// Its own among the periods that are computed.
    computed: Range<usize>,
}

impl Measured {
    /// What must be known beside its values.
    async fn beside(&self, question: &Question) -> Result<Beside, MetricsError> {
        let applying = self.metrics.iter().filter(|(_, applies)| *applies).map(|(metric, _)| metric);
        self.asker.beside(question, &self.asked, &applying.collect::<Vec<_>>()).await
    }

    /// Computes every leaf the metrics rest on, each length of periods by itself.
    async fn compute(
        &self,
        question: &Question,
        computed: &[Period],
        groups: &mut Groups,
    ) -> Result<(), MetricsError> {
        let mut leaves = Leaves::default();
        for (metric, _) in self.metrics.iter().filter(|(_, applies)| *applies) {
            leaves.add(metric);
        }
        for (positions, periods) in by_grain(&computed[self.computed.clone()]) {
            let positions: Vec<usize> =
                positions.into_iter().map(|position| self.computed.start + position).collect();
            let wanted = Wanted {
                subject: &question.subject,
                by: &question.by,
                periods: &periods,
                filter: question.filter.as_deref(),
                rates: &question.rates,
            };
            leaves.compute(&self.asker.source(), &wanted, &positions, groups).await?;
        }
        Ok(())
    }
}

impl Asker {
    /// Opens a snapshot for questions asked at `now`.
    ///
    /// # Errors
    /// When the organisation cannot be read from the snapshot.
    pub async fn open(
        snapshot: Arc<Snapshot>,
        editions: Arc<Editions>,
        now: Timestamp,
    ) -> Result<Asker, MetricsError> {
        let company = Arc::new(snapshot.company().clone());
        let small = snapshot.rows(attain_facts::canonical::Table::Opportunity) <= 250_000;
        let context = engine::session(&company.time_zone, small);
        let organisation = Arc::new(Organisation::read(&context, &snapshot).await?);
        let asked_on = company.time_zone.to_datetime(now).date();
        let last_covered = snapshot.coverage().and_then(|(_, to)| to.yesterday().ok());
        let as_of = AsOf {
            snapshot: snapshot.number(),
            committed_at: snapshot.committed_at(),
            asked_on,
            date: last_covered.map_or(asked_on, |last| last.min(asked_on)),
        };
        Ok(Asker {
            tables: snapshot,
            company,
            catalogue: Arc::clone(editions.on(asked_on)),
            editions,
            organisation,
            context,
            relations: Arc::default(),
            answers: Arc::default(),
            as_of,
            team_mode: TeamMode::default(),
            now: true,
            published: Arc::default(),
            nobodys: Arc::default(),
        })
    }

    /// Opens what was known at an instant of the past: nothing of it is stale.
    ///
    /// # Errors
    /// When the organisation cannot be read from the snapshot.
    pub async fn known_at(
        snapshot: Arc<Snapshot>,
        editions: Arc<Editions>,
        instant: Timestamp,
    ) -> Result<Asker, MetricsError> {
        Ok(Asker { now: false, ..Asker::open(snapshot, editions, instant).await? })
    }

    /// Tells what was signed, so that numbers which differ from it say so (E10).
    pub fn publish<'s>(&self, statements: impl Iterator<Item = &'s Statement>) {
        let mut published = self.published.write().unwrap_or_else(PoisonError::into_inner);
        statements.for_each(|statement| published.add(statement));
    }

    /// What is known of rows that count for nobody.
    pub(crate) fn nobodys(&self) -> MutexGuard<'_, Nobodys> {
        self.nobodys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn asked_now(&self) -> bool {
        self.now
    }

    /// Opens tables that stand for themselves, without a data directory: no organisation, no
    /// history, every day covered.
    #[must_use]
    pub fn over(
        tables: Arc<dyn Tables>,
        company: Company,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Asker {
        let asked_on = company.time_zone.to_datetime(now).date();
        Asker {
            context: engine::session(&company.time_zone, false),
            tables,
            company: Arc::new(company),
            editions: Arc::new(Editions::only(Arc::clone(&catalogue))),
            catalogue,
            organisation: Arc::default(),
            relations: Arc::default(),
            answers: Arc::default(),
            as_of: AsOf { snapshot: 0, committed_at: now, asked_on, date: asked_on },
            team_mode: TeamMode::default(),
            now: true,
            published: Arc::default(),
            nobodys: Arc::default(),
        }
    }

    /// The organisation of the snapshot.
    #[must_use]
    pub fn organisation(&self) -> &Organisation {
        &self.organisation
    }

    /// The definitions in force today.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The definitions a period is measured by.
    #[must_use]
    pub fn catalogue_for(&self, period: &Period) -> &Arc<Catalogue> {
        self.editions.of_period(period, self.as_of.asked_on)
    }

    /// The definitions there are, by date.
    #[must_use]
    pub fn editions(&self) -> &Editions {
        &self.editions
    }

    /// The same tables, asked with other definitions.
    #[must_use]
    pub fn with(&self, editions: Arc<Editions>) -> Asker {
        Asker {
            catalogue: Arc::clone(editions.on(self.as_of.asked_on)),
            editions,
            answers: Arc::default(),
            nobodys: Arc::default(),
            ..self.clone()
        }
    }

    /// The same tables, with every fact counted in today's organisation ([`TeamMode::CurrentOrg`]).
    #[must_use]
    pub fn in_current_organisation(&self) -> Asker {
        Asker {
            organisation: Arc::new(self.organisation.as_on(self.as_of.asked_on)),
            team_mode: TeamMode::CurrentOrg,
            answers: Arc::default(),
            // What was signed counts in the organisation of its day.
            published: Arc::default(),
            nobodys: Arc::default(),
            ..self.clone()
        }
    }

    /// In which organisation facts count.
    #[must_use]
    pub fn team_mode(&self) -> TeamMode {
        self.team_mode
    }

    /// The asker whose definitions in force are those a period is measured by.
    pub(crate) fn measuring(&self, period: &Period) -> Asker {
        Asker { catalogue: Arc::clone(self.catalogue_for(period)), ..self.clone() }
    }

    /// The company whose facts these are.
    #[must_use]
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The company's calendar.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        Calendar::of(&self.company)
    }

    /// What is known, and up to which day.
    #[must_use]
    pub fn as_of(&self) -> AsOf {
        self.as_of
    }

    /// The last day that deliveries told about deals.
    #[must_use]
    pub fn last_covered_day(&self) -> Option<Date> {
        match self.tables.coverage("opportunity") {
            Coverage::Days(_, to) => to.yesterday().ok(),
            Coverage::Nothing | Coverage::Always => None,
        }
    }

    /// Every period of a length that the facts touch, oldest first.
    #[must_use]
    pub fn periods(&self, grain: Grain) -> Vec<Period> {
        match self.tables.coverage("opportunity") {
            Coverage::Days(from, _) => self.calendar().touching(from, day_after(self.as_of.date), grain),
            Coverage::Nothing | Coverage::Always => Vec::new(),
        }
    }

    /// Answers a question. What is asked does not change, so an answer that was given is given
    /// again.
    ///
    /// # Errors
    /// When a metric or dimension is unknown or the facts cannot be read. A value that cannot be
    /// computed is no error: its number says why.
    pub async fn ask(&self, question: &Question, reach: &Reach) -> Result<Answer, MetricsError> {
        let mut answer = self.computed(question, reach).await?;
        let unit_of = |id: &str| self.catalogue.metric(id).map(|metric| metric.unit).unwrap_or_default();
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner);
        published.mark(question, &mut answer.numbers, &self.company.currency, unit_of);
        Ok(answer)
    }

    /// The answer, whatever was signed before.
    pub(crate) async fn computed(&self, question: &Question, reach: &Reach) -> Result<Answer, MetricsError> {
        let asked = (question.clone(), *reach);
        if let Some(given) = self.answers().get(&asked) {
            return Ok(given.clone());
        }
        // A type of its own: callers' compilers need not look through all the engine's futures.
        let answering: Pin<Box<dyn Future<Output = _> + Send + '_>> = Box::pin(self.counted(question, reach));
        let answer = answering.await?.answer();
        let mut answers = self.answers();
        if answers.len() >= ANSWERS_KEPT {
            answers.clear();
        }
        answers.insert(asked, answer.clone());
        Ok(answer)
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<(Question, Reach), Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what a question needs; its numbers are made one by one. For answers too large to keep.
    ///
    /// # Errors
    /// As [`Asker::ask`].
    pub async fn count(&self, question: &Question, reach: &Reach) -> Result<Counting<'_>, MetricsError> {
        let published = self.published.read().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Counting { published, ..self.counted(question, reach).await? })
    }

    async fn counted(&self, question: &Question, reach: &Reach) -> Result<Counting<'_>, MetricsError> {
        let reached = reach.includes(&question.subject);
        let mut computed = Vec::new();
        let mut measured = Vec::new();
        for (asker, asked) in self.by_edition(&question.periods) {
            measured.push(asker.needed(question, asked, &mut computed)?);
        }
        let mut groups = Groups::new(question.by.len(), computed.len());
        if reached {
            for measured in &measured {
                measured.compute(question, &computed, &mut groups).await?;
            }
        }
        let lines = self.lines(question, &mut groups, *reach);
        let mut beside = Vec::new();
        for measured in &measured {
            beside.push(if reached { measured.beside(question).await? } else { Beside::default() });
        }
        Ok(Counting {
            asker: self,
            question: question.clone(),
            calendar: self.calendar(),
            measured,
            computed,
            groups,
            lines,
            beside,
            reached,
            published: Published::default(),
        })
    }

    /// The askers of the editions that measure these periods, each with the positions of its own.
    fn by_edition(&self, periods: &[Period]) -> Vec<(Asker, Vec<usize>)> {
        let mut found: Vec<(Asker, Vec<usize>)> = Vec::new();
        for (position, period) in periods.iter().enumerate() {
            let edition = self.catalogue_for(period);
            match found.iter_mut().find(|(asker, _)| Arc::ptr_eq(&asker.catalogue, edition)) {
                Some((_, positions)) => positions.push(position),
                None => found.push((self.measuring(period), vec![position])),
            }
        }
        found
    }

    /// What has to be counted for some of a question's periods, as this asker's edition defines its
    /// metrics. The periods join those that are computed.
    fn needed(
        self,
        question: &Question,
        asked: Vec<usize>,
        computed: &mut Vec<Period>,
    ) -> Result<Measured, MetricsError> {
        let mut metrics = Vec::new();
        for name in &question.metrics {
            let metric = Arc::clone(self.metric(name)?);
            let applies = self.applies(&metric, question)?;
            metrics.push((metric, applies));
        }
        let calendar = self.calendar();
        let mut periods = Vec::new();
        for period in asked.iter().map(|position| &question.periods[*position]) {
            for (metric, _) in &metrics {
                needed(&calendar, metric, period, &mut periods);
            }
        }
        let first = computed.len();
        computed.extend(periods);
        Ok(Measured { asker: self, asked, metrics, computed: first..computed.len() })
    }

    /// How a question would be computed: what each metric is made of, and the engine's plans.
    ///
    /// # Errors
    /// When a metric or dimension is unknown or the facts cannot be read.
    pub async fn explain(&self, question: &Question) -> Result<String, MetricsError> {
        let mut text = String::new();
        for (asker, asked) in self.by_edition(&question.periods) {
            let periods = asked.into_iter().map(|position| question.periods[position].clone()).collect();
            text.push_str(&asker.plans(&Question { periods, ..question.clone() }).await?);
        }
        Ok(text)
    }

    async fn plans(&self, question: &Question) -> Result<String, MetricsError> {
        let mut text = String::new();
        let mut leaves = Leaves::default();
        for name in &question.metrics {
            let metric = self.metric(name)?;
            self.applies(metric, question)?;
            crate::explain::metric(metric, 0, &mut text);
            leaves.add(metric);
        }
        for (_, periods) in by_grain(&question.periods) {
            let wanted = Wanted {
                subject: &question.subject,
                by: &question.by,
                periods: &periods,
                filter: question.filter.as_deref(),
                rates: &question.rates,
            };
            for (names, plan) in leaves.plans(&self.source(), &wanted).await? {
                let plan = plan.into_optimized_plan()?;
                text.push_str(&format!("\n{}\n{}\n", names.join(", "), plan.display_indent()));
            }
        }
        Ok(text)
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
            tables: self.tables.as_ref(),
            catalogue: &self.catalogue,
            organisation: &self.organisation,
            company: &self.company,
            as_of: self.as_of,
            relations: &self.relations,
        }
    }

    /// Whether a metric means something for the subject and what it is split by. A question that
    /// splits by what no row has is refused; a subject its rows know nothing of is E2.
    pub(crate) fn applies(&self, metric: &Metric, question: &Question) -> Result<bool, MetricsError> {
        let levels = question.by.iter().filter_map(Dimension::level).chain([question.subject.level()]);
        for level in levels {
            if !metric.levels.iter().any(|valid| valid.holds_at(level)) && question.by.is_empty() {
                return Ok(false);
            }
        }
        let source = self.source();
        let mut applies = true;
        for model in models(metric) {
            for dimension in &question.by {
                source.splits(model, dimension)?;
            }
            if let Some(dimension) = question.subject.dimension() {
                applies &= source.splits(model, &dimension).is_ok();
            }
        }
        Ok(applies)
    }

    /// The lines of an answer: members of the organisation, whether or not anything happened, and
    /// combinations found in the rows; by name, unassigned last.
    fn lines(&self, question: &Question, groups: &mut Groups, reach: Reach) -> Vec<usize> {
        if question.by.is_empty() {
            return vec![0];
        }
        let mut shown: Vec<bool> = (0..groups.lines()).map(|line| groups.has_rows(line)).collect();
        if let ([dimension], true) = (question.by.as_slice(), reach.includes(&question.subject))
            && let Some(level) = dimension.level()
        {
            for period in &question.periods {
                for member in self.organisation.members(level, &question.subject, period) {
                    let line = groups.line([Some(member.id.as_str())].into_iter());
                    shown.resize(groups.lines(), false);
                    shown[line] = true;
                }
            }
        }
        let mut lines: Vec<usize> = (0..shown.len()).filter(|line| shown[*line]).collect();
        for (position, dimension) in question.by.iter().enumerate().rev() {
            lines = by_rank(&lines, &self.ranks(dimension, position, groups), |line| {
                groups.members(line)[position]
            });
        }
        lines
    }

    /// The place of each member of a dimension among all that were met.
    fn ranks(&self, dimension: &Dimension, position: usize, groups: &Groups) -> Vec<usize> {
        let members: Vec<Option<Member>> =
            groups.names(position).map(|id| id.map(|id| self.named(dimension, id))).collect();
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|number| (members[*number].is_none(), &members[*number]));
        let mut ranks = vec![0; members.len()];
        for (rank, number) in order.into_iter().enumerate() {
            ranks[number] = rank;
        }
        ranks
    }

    fn named(&self, dimension: &Dimension, id: &str) -> Member {
        dimension
            .level()
            .and_then(|level| self.organisation.member(level, id))
            .unwrap_or_else(|| Member { name: id.to_owned(), id: id.to_owned() })
    }

    fn number(
        &self,
        metric: &Metric,
        members: Arc<[Option<Arc<Member>>]>,
        period: &Period,
        worth: Worth,
    ) -> Number {
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
            inputs: worth.inputs,
            stale: None,
            unassigned: None,
            was: None,
            missing: worth.missing,
            codes,
            definition_version: metric.version,
        }
    }
}

/// An answer counted but not yet told: each number is made when it is reached, so that an answer of
/// millions never stands in memory as a whole.
pub struct Counting<'a> {
    asker: &'a Asker,
    question: Question,
    calendar: Calendar,
    measured: Vec<Measured>,
    computed: Vec<Period>,
    groups: Groups,
    lines: Vec<usize>,
    /// What must be known beside the values, for each edition measured.
    beside: Vec<Beside>,
    reached: bool,
    /// What was signed before; nothing where that does not matter.
    published: Published,
}

impl Counting<'_> {
    /// Hands out each number, in the order of an [`Answer`].
    ///
    /// # Errors
    /// What `take` returns; then no more are made.
    pub fn each<E>(&self, mut take: impl FnMut(Number) -> Result<(), E>) -> Result<(), E> {
        let named: Vec<Vec<Option<Arc<Member>>>> =
            self.question.by.iter().enumerate().map(|(position, by)| self.named(position, by)).collect();
        let counted: Vec<Counted<'_>> = self.measured.iter().map(|measured| self.counted(measured)).collect();
        let measured_by = self.measured_by();
        for line in &self.lines {
            let members = self.groups.members(*line).iter().zip(&named);
            let members: Arc<[Option<Arc<Member>>]> =
                members.map(|(number, named)| named[*number as usize].clone()).collect();
            for (asked, (period, by)) in self.question.periods.iter().zip(&measured_by).enumerate() {
                let Some((edition, position)) = *by else { continue };
                let comparable = self.asker.is_comparable(&self.question, &members, period);
                for (metric, applies) in &self.measured[edition].metrics {
                    let worth = match (self.reached, applies) {
                        (false, _) => Worth::blocked(Code::Suppressed),
                        (true, false) => Worth::blocked(Code::NotApplicable),
                        (true, true) => counted[edition].line(*line).worth(metric, position),
                    };
                    let mut number = self.asker.number(metric, Arc::clone(&members), period, worth);
                    self.beside[edition].add_to(&mut number, metric, asked, comparable);
                    self.mark(&mut number, metric);
                    take(number)?;
                }
            }
        }
        Ok(())
    }

    fn counted<'c>(&'c self, measured: &Measured) -> Counted<'c> {
        let tables = self.asker.tables.as_ref();
        Counted::new(
            tables,
            &self.calendar,
            &self.groups,
            &self.computed,
            measured.computed.clone(),
            &self.question.by,
        )
    }

    /// The edition that measures each period asked, and the period's position among those computed.
    fn measured_by(&self) -> Vec<Option<(usize, usize)>> {
        let mut measured_by = vec![None; self.question.periods.len()];
        for (edition, measured) in self.measured.iter().enumerate() {
            for asked in &measured.asked {
                let position = measured
                    .computed
                    .clone()
                    .find(|computed| self.computed[*computed] == self.question.periods[*asked]);
                measured_by[*asked] = position.map(|position| (edition, position));
            }
        }
        measured_by
    }

    /// Says so if a number differs from what was signed of it.
    fn mark(&self, number: &mut Number, metric: &Metric) {
        let currency = &self.asker.company.currency;
        self.published.mark(&self.question, std::slice::from_mut(number), currency, |_| metric.unit);
    }

    fn named(&self, position: usize, dimension: &Dimension) -> Vec<Option<Arc<Member>>> {
        let names = self.groups.names(position);
        names.map(|id| id.map(|id| Arc::new(self.asker.named(dimension, id)))).collect()
    }

    fn answer(&self) -> Answer {
        let mut numbers = Vec::new();
        let told: Result<(), std::convert::Infallible> = self.each(|number| {
            numbers.push(number);
            Ok(())
        });
        match told {
            Ok(()) => Answer { as_of: self.asker.as_of, numbers },
        }
    }
}

/// Lines by the rank of a member, those of the same rank in the order they have.
fn by_rank(lines: &[usize], ranks: &[usize], member: impl Fn(usize) -> u32) -> Vec<usize> {
    let rank = |line: usize| ranks[member(line) as usize];
    let mut starts = vec![0; ranks.len() + 1];
    for line in lines {
        starts[rank(*line) + 1] += 1;
    }
    for position in 1..starts.len() {
        starts[position] += starts[position - 1];
    }
    let mut sorted = vec![0; lines.len()];
    for line in lines {
        let place = &mut starts[rank(*line)];
        sorted[*place] = *line;
        *place += 1;
    }
    sorted
}

/// The models whose rows a metric rests on.
fn models(metric: &Metric) -> Vec<&Model> {
    let found: BTreeMap<&str, &Model> =
        leaf_models(metric).into_iter().map(|(model, _)| (model.name.as_str(), model)).collect();
    found.into_values().collect()
}

/// The models whose rows a metric rests on, with the date by which they count.
pub(crate) fn leaf_models(metric: &Metric) -> Vec<(&Model, &When)> {
    let aggregate = match &metric.computation {
        Computation::Simple { aggregate, .. } => Some(aggregate.as_ref()),
        Computation::Conversion(conversion, _) => Some(&conversion.base),
        Computation::BuyerRetention(purchases, _) => Some(&purchases.purchases),
        Computation::Builtin(builtin) => Some(&builtin.aggregate),
        Computation::Ratio { .. } | Computation::Derived { .. } | Computation::NotKept(_) => None,
    };
    let own = aggregate.map(|aggregate| (aggregate.model.as_ref(), &aggregate.when));
    own.into_iter().chain(metric.inputs().into_iter().flat_map(|input| leaf_models(input))).collect()
}

fn day_after(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

/// The candidate most like a name, if any is close.
pub(crate) fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<String> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate.to_owned())
}
