//! Questions and their answers: from definitions over plans to numbers with codes.
//!
//! [`question`] says what is asked, [`counting`] what has to be computed for it, [`lines`] whom an
//! answer is about; here is who answers.

mod counting;
mod error;
mod hidden;
mod lines;
mod memory;
mod question;
mod reach;

use std::collections::{BTreeMap, HashMap};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use attain_facts::company::Company;
use attain_facts::store::Snapshot;
use datafusion::prelude::SessionContext;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::answer::{Answer, AsOf};
use crate::calendar::{Calendar, Grain, Period};
use crate::credited::{NewestRate, newest_rates};
use crate::definition::{Catalogue, Computation, Editions, Metric, Model, When};
use crate::engine;
use crate::measure::Leaves;
use crate::organisation::Organisation;
use crate::plan::{Relations, Source, Wanted};
use crate::qualified::{Nobodys, Published};
use crate::quality::Quality;
use crate::receipt::Statement;
use crate::subject::Dimension;
use crate::tables::{Coverage, Tables};
use crate::team_mode::TeamMode;
use crate::worth::by_grain;

use memory::Memory;

pub use counting::Counting;
pub use error::MetricsError;
pub(crate) use error::nearest;
pub use question::Question;
pub use reach::Reach;

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
    memory: Memory,
    as_of: AsOf,
    team_mode: TeamMode,
    /// Whether the question is asked of what is known now, not of the past.
    now: bool,
    published: Arc<RwLock<Published>>,
    nobodys: Arc<Mutex<Nobodys>>,
    quality: Arc<OnceLock<Arc<Quality>>>,
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
            memory: Memory::default(),
            as_of,
            team_mode: TeamMode::default(),
            now: true,
            published: Arc::default(),
            nobodys: Arc::default(),
            quality: Arc::default(),
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

    /// The quality of the facts, once it was asked.
    pub(crate) fn known_quality(&self) -> &OnceLock<Arc<Quality>> {
        &self.quality
    }

    /// The tables that are asked.
    pub(crate) fn tables(&self) -> &Arc<dyn Tables> {
        &self.tables
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
            memory: Memory::default(),
            as_of: AsOf { snapshot: 0, committed_at: now, asked_on, date: asked_on },
            team_mode: TeamMode::default(),
            now: true,
            published: Arc::default(),
            nobodys: Arc::default(),
            quality: Arc::default(),
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
            memory: Memory::default(),
            nobodys: Arc::default(),
            quality: Arc::default(),
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
            memory: Memory::default(),
            // What was signed counts in the organisation of its day.
            published: Arc::default(),
            nobodys: Arc::default(),
            quality: Arc::default(),
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

    /// The first day that deliveries told about deals.
    #[must_use]
    pub fn first_covered_day(&self) -> Option<Date> {
        match self.tables.coverage("opportunity") {
            Coverage::Days(from, _) => Some(from),
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
        let asked = (question.clone(), reach.clone());
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

    /// The metric of that name in force.
    ///
    /// # Errors
    /// When there is none; the error names the one most like it.
    pub fn metric(&self, name: &str) -> Result<&Arc<Metric>, MetricsError> {
        self.catalogue.metric(name).ok_or_else(|| MetricsError::UnknownMetric {
            name: name.to_owned(),
            nearest: nearest(name, self.catalogue.metrics().map(|metric| metric.id.as_str())),
        })
    }

    /// The newest rate of every pair of currencies that was delivered.
    ///
    /// # Errors
    /// When the facts cannot be read.
    pub async fn newest_rates(&self) -> Result<Vec<NewestRate>, MetricsError> {
        newest_rates(&self.source()).await
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
