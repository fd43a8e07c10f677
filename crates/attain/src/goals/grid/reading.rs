//! What everybody on a grid is to reach and has: one question and one look into the records for all of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use attain_metrics::{Asker, Dimension, Metric, Number, Period, Question, RateMode, Reach, Subject};
use rust_decimal::Decimal;

use super::asked::Asked;
use super::table::{self, Cell, Column, Row, Sum};
use super::whom::{Somebody, Whom};
use crate::goals::entries::{CREDITED, QUOTA, Standing, counted, held, of_quota};
use crate::goals::line::Term;
use crate::goals::store::{self, Goal};
use crate::goals::targets::{self, Origin};
use crate::goals::version::State;
use crate::scorecards::card;
use crate::web::App;
use crate::web::problem::PageError;

/// Periods side by side where one metric is looked at.
const PERIODS: usize = 4;

/// A grid that was asked for.
pub(super) struct Grid {
    pub(super) asker: Arc<Asker>,
    pub(super) period: Period,
    pub(super) whom: Whom,
    /// Whether the columns are periods of one metric.
    pub(super) by_period: bool,
    pub(super) columns: Vec<Column>,
    /// All of them, in the order asked for.
    pub(super) rows: Vec<Row>,
    pub(super) sums: Vec<Sum>,
    /// What whoever the grid is of is to reach by each column, where the sum can be held against it.
    pub(super) own: Vec<Option<Own>>,
}

/// The target of a leader's team, or of the company.
#[derive(Clone, Copy)]
pub(super) struct Own {
    pub(super) target: Decimal,
    pub(super) origin: Origin,
}

impl Grid {
    /// # Errors
    /// `Hidden` for who leads nobody; `Invalid` for a metric there is none of.
    pub(super) async fn of(app: &App, asked: &Asked) -> Result<Grid, PageError> {
        let asker = app.asker().await?;
        let period = asked.period(&asker)?;
        let mut whom = Whom::of(app, &asker, asked, &period).await?;
        let found = Found::of(app, &asker, asked, &period, &whom).await?;
        let mut columns = found.columns(&asker, asked);
        let mut rows = Vec::new();
        for somebody in std::mem::take(&mut whom.members) {
            let row = found.row(&asker, &columns, somebody).await?;
            rows.extend(row);
        }
        if asked.metric().is_none() {
            drop_empty(&mut columns, &mut rows);
        }
        let sums: Vec<Sum> =
            columns.iter().enumerate().map(|(at, column)| Sum::of(&rows, at, column)).collect();
        let own = own(app, &asker, &whom, asked, (&columns, &found.terms)).await?;
        let by_period = asked.metric().is_some();
        table::sort(&mut rows, asked.order(&columns, by_period));
        Ok(Grid { period, whom, by_period, columns, rows, sums, own, asker })
    }
}

/// Leaves out metrics by which nobody has a target.
fn drop_empty(columns: &mut Vec<Column>, rows: &mut [Row]) {
    let used: Vec<bool> =
        (0..columns.len()).map(|at| rows.iter().any(|row| row.cells[at].is_held())).collect();
    let mut kept = used.iter();
    columns.retain(|_| kept.next().copied().unwrap_or_default());
    for row in rows {
        let mut kept = used.iter();
        row.cells.retain(|_| kept.next().copied().unwrap_or_default());
    }
}

/// Goals and numbers of everybody, as they were read.
struct Found {
    terms: Vec<Term>,
    /// By whom and by which metric, in each period.
    goals: Vec<HashMap<(Subject, String), Agreed>>,
    /// The metrics of the question.
    metrics: Vec<String>,
    /// The numbers of each, by period and metric.
    numbers: HashMap<Subject, Vec<Number>>,
    reach: Reach,
}

struct Agreed {
    goal: Goal,
    metric: Arc<Metric>,
    state: State,
}

impl Found {
    async fn of(
        app: &App,
        asker: &Asker,
        asked: &Asked,
        period: &Period,
        whom: &Whom,
    ) -> Result<Found, PageError> {
        let (periods, wanted) = wanted(asker, asked, period)?;
        let shown: BTreeSet<&Subject> = whom.members.iter().map(|somebody| &somebody.subject).collect();
        let terms: Vec<Term> = periods.iter().map(|period| Term::of(asker, period)).collect();
        let mut goals: Vec<HashMap<(Subject, String), Agreed>> =
            terms.iter().map(|_| HashMap::new()).collect();
        let (reach, mut metrics) = (app.reach(), BTreeSet::new());
        for goal in store::of_periods(app.records().read(), &app.actor(), asker, &periods).await? {
            // A goal is more than an aggregate, which a team may be no more than.
            let is_shown = shown.contains(&goal.subject) && reach.opens(&goal.subject);
            let Some(at) = periods.iter().position(|period| period.key() == goal.period) else { continue };
            if !is_shown || wanted.as_ref().is_some_and(|metric| *metric != goal.metric) {
                continue;
            }
            let Some((metric, state)) = counted(asker, &goal, &terms[at]) else { continue };
            metrics.insert(metric.id.clone());
            goals[at].insert((goal.subject.clone(), metric.id.clone()), Agreed { goal, metric, state });
        }
        metrics.extend(wanted.clone());
        let catalogue = asker.catalogue_for(period);
        let has_quotas = wanted.as_deref().is_none_or(|metric| metric == CREDITED);
        if has_quotas && [QUOTA, CREDITED].iter().all(|metric| catalogue.metric(metric).is_some()) {
            metrics.extend([QUOTA, CREDITED].map(str::to_owned));
        }
        let metrics: Vec<String> = metrics.into_iter().collect();
        let by = if asked.is_of_teams() { Dimension::Manager } else { Dimension::Rep };
        let numbers = numbers(asker, &reach, by, &metrics, periods).await?;
        Ok(Found { terms, goals, metrics, numbers, reach })
    }

    /// The columns, in the order of the catalogue or of time.
    fn columns(&self, asker: &Asker, asked: &Asked) -> Vec<Column> {
        let of_term = |term: &Term| -> Vec<Column> {
            let catalogue = asker.catalogue_for(&term.period);
            let chosen = catalogue.metrics().filter(|metric| match asked.metric() {
                Some(id) => metric.id == id,
                None => metric.id != QUOTA && self.metrics.contains(&metric.id),
            });
            chosen.map(|metric| Column { metric: Arc::clone(metric), period: term.period.clone() }).collect()
        };
        self.terms.iter().flat_map(of_term).collect()
    }

    /// Somebody's row; who sells nothing of their own has one only where they have a target.
    async fn row(
        &self,
        asker: &Asker,
        columns: &[Column],
        somebody: Somebody,
    ) -> Result<Option<Row>, PageError> {
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            cells.push(self.cell(asker, column, &somebody.subject).await?);
        }
        let Somebody { subject, name, role, leader, sells } = somebody;
        let is_shown = sells || cells.iter().any(Cell::is_held);
        Ok(is_shown.then_some(Row { subject, name, role, leader, cells }))
    }

    /// What is held against a number: a goal before a quota.
    async fn cell(&self, asker: &Asker, column: &Column, subject: &Subject) -> Result<Cell, PageError> {
        let Some(at) = self.terms.iter().position(|term| term.period == column.period) else {
            return Ok(Cell::NoTarget(None));
        };
        let (term, metric) = (&self.terms[at], &column.metric);
        let number = self.number(subject, at, &metric.id);
        if let Some(agreed) = self.goals[at].get(&(subject.clone(), metric.id.clone())) {
            let number = match number {
                Some(number) => number.clone(),
                // Of who has no rows, and is none of those whom answers list all the same.
                None => card::one(asker, subject, metric, &term.period, &self.reach).await?,
            };
            let Agreed { goal, metric, state } = agreed;
            let line = term.line(metric, number, held(asker, term, goal, metric));
            let standing = Standing::Agreed { number: goal.number, state: state.clone() };
            return Ok(Cell::Held { line: Box::new(line), standing });
        }
        let quota = self.number(subject, at, QUOTA).filter(|_| metric.id == CREDITED);
        let line = quota
            .zip(number)
            .and_then(|(quota, credited)| of_quota(asker, term, subject, (metric, quota, credited)));
        Ok(match line {
            Some(line) => Cell::Held { line: Box::new(line), standing: Standing::Delivered },
            None => Cell::NoTarget(number.cloned().map(Box::new)),
        })
    }

    fn number(&self, subject: &Subject, period: usize, metric: &str) -> Option<&Number> {
        let place = self.metrics.iter().position(|known| known == metric)?;
        self.numbers.get(subject)?.get(period * self.metrics.len() + place)
    }
}

/// The periods, and the one metric where one is looked at over several.
fn wanted(asker: &Asker, asked: &Asked, period: &Period) -> Result<(Vec<Period>, Option<String>), PageError> {
    let Some(id) = asked.metric() else { return Ok((vec![period.clone()], None)) };
    let has_it = |period: &Period| asker.catalogue_for(period).metric(id).is_some();
    if !has_it(period) || id == QUOTA {
        let message = format!("`{id}` is no metric that goals are held against, such as bookings.");
        return Err(PageError::Invalid { field: "metric".into(), message });
    }
    let mut periods = asker.calendar().trail(period, PERIODS);
    periods.retain(has_it);
    Ok((periods, Some(id.to_owned())))
}

/// The numbers of everybody, by period and metric. The company as a whole is not every leader's to see, so who
/// shows them looks at each in its place; who sees it as an aggregate alone asks for no more than that.
async fn numbers(
    asker: &Asker,
    reach: &Reach,
    by: Dimension,
    metrics: &[String],
    periods: Vec<Period>,
) -> Result<HashMap<Subject, Vec<Number>>, PageError> {
    let (of_each, level) = (periods.len() * metrics.len(), by.level());
    if of_each == 0 {
        return Ok(HashMap::new());
    }
    let question = Question {
        metrics: metrics.to_vec(),
        subject: Subject::Company,
        by: vec![by],
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    let is_aggregate = reach.includes(&Subject::Company) && !reach.opens(&Subject::Company);
    let reach = if is_aggregate { reach.clone() } else { Reach::Everything };
    let mut rest = asker.ask(&question, &reach).await?.numbers.into_iter().peekable();
    let mut numbers = HashMap::new();
    while rest.peek().is_some() {
        let of_one: Vec<Number> = rest.by_ref().take(of_each).collect();
        let member = of_one.first().and_then(|number| number.members.first().cloned().flatten());
        if let (Some(member), Some(level)) = (member, level) {
            numbers.insert(Subject::at(level, member.id.clone()), of_one);
        }
    }
    Ok(numbers)
}

/// What the whole of the rows is to reach, column by column; nothing where they are a part of whom that is for.
async fn own(
    app: &App,
    asker: &Asker,
    whom: &Whom,
    asked: &Asked,
    (columns, terms): (&[Column], &[Term]),
) -> Result<Vec<Option<Own>>, PageError> {
    let nothing = || columns.iter().map(|_| None).collect();
    // Teams below others are parts of these: the cascade holds each against what is right below it.
    let adds_up_twice = asked.is_of_teams() && whom.has_leaders_below && whom.place != Subject::Company;
    if whom.is_narrowed || whom.hidden > 0 || adds_up_twice {
        return Ok(nothing());
    }
    let mut own: Vec<Option<Own>> = nothing();
    for term in terms {
        let targets = targets::of_whole(app, asker, &whom.place, &term.period).await?;
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.period == term.period) {
            let target = targets.get(&column.metric.id).filter(|_| column.metric.accumulates());
            // A leader's quota is that of who reports to them, and not of those below these.
            let is_theirs = |origin: Origin| match origin {
                Origin::Quota => {
                    column.metric.id == CREDITED
                        && !(whom.has_leaders_below && whom.place != Subject::Company)
                }
                Origin::Goal(_) | Origin::AddedUp(_) => true,
            };
            let target = target.filter(|target| is_theirs(target.origin));
            own[at] = target.map(|target| Own { target: target.value, origin: target.origin });
        }
    }
    Ok(own)
}
