//! What a scorecard shows: which metrics, of whom, with how much history.

use std::sync::Arc;

use attain_metrics::{
    Answer, Asker, Dimension, Grain, Level, Member, Metric, MetricsError, Number, Period, PeriodError,
    Question, RateMode, Reach, Subject, WorkingDays, rank,
};
use futures::future::{try_join, try_join_all};

/// Periods of a sparkline.
const HISTORY: usize = 8;

/// The metrics of one subject, results first, then what leads to them.
pub(crate) const SUBJECT_METRICS: [&str; 14] = [
    "bookings",
    "win_rate_count",
    "deals_won",
    "avg_deal_size",
    "median_deal_size",
    "cycle_time_median",
    "customers",
    "bookings_per_customer",
    "buyer_retention",
    "opps_created",
    "win_rate_cohort_all",
    "win_rate_cohort_decided",
    "open_deals",
    "open_pipeline",
];

/// The metrics by which members are shown side by side.
pub(crate) const MEMBER_METRICS: [&str; 7] = [
    "bookings",
    "opps_created",
    "win_rate_count",
    "avg_deal_size",
    "customers",
    "buyer_retention",
    "cycle_time_median",
];

/// One subject's numbers in a period.
pub(crate) struct Card {
    pub(crate) subject: Subject,
    pub(crate) name: String,
    pub(crate) period: Period,
    pub(crate) lines: Vec<Line>,
}

/// One metric with its history.
pub(crate) struct Line {
    pub(crate) metric: Arc<Metric>,
    pub(crate) number: Number,
    /// The number of the period before, if the calendar has one; where this period is under way, of
    /// as many working days.
    pub(crate) previous: Option<Number>,
    /// Up to eight periods, oldest first, this one last.
    pub(crate) history: Vec<Number>,
}

/// Members side by side.
pub(crate) struct Comparison {
    pub(crate) dimension: Dimension,
    pub(crate) metrics: Vec<Arc<Metric>>,
    pub(crate) rows: Vec<ComparisonRow>,
}

/// A member's numbers; no member is the unassigned rest.
pub(crate) struct ComparisonRow {
    pub(crate) member: Option<Arc<Member>>,
    pub(crate) lines: Vec<Line>,
}

/// Asks one subject's numbers.
pub(crate) async fn read(
    asker: &Asker,
    subject: Subject,
    name: String,
    period: Period,
    reach: &Reach,
) -> Result<Card, MetricsError> {
    let periods = asker.calendar().trail(&period, HISTORY);
    let question = Question {
        metrics: names(&SUBJECT_METRICS),
        subject,
        by: Vec::new(),
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let mut lines = member_lines(&metrics(asker, &SUBJECT_METRICS), &answer.numbers);
    if is_under_way(asker, &period) {
        let before = before_to_date(asker, &period);
        let question = Question { periods: before.into_iter().collect(), ..question.clone() };
        let answer = asker.ask(&question, reach).await?;
        for line in &mut lines {
            line.previous = answer.numbers.iter().find(|number| number.metric == line.metric.id).cloned();
        }
    }
    Ok(Card { subject: question.subject, name, period, lines })
}

/// Asks one subject's numbers and those of its members side by side, all at once.
pub(crate) async fn read_with_members(
    asker: &Asker,
    subject: Subject,
    name: String,
    period: Period,
    reach: &Reach,
) -> Result<(Card, Vec<Comparison>), MetricsError> {
    let splits = splits(subject.level()).iter();
    let comparisons = splits.map(|dimension| compare(asker, &subject, dimension.clone(), &period, reach));
    let card = read(asker, subject.clone(), name, period.clone(), reach);
    try_join(card, try_join_all(comparisons)).await
}

/// Whether what is known of a period is not the whole of it.
pub(crate) fn is_under_way(asker: &Asker, period: &Period) -> bool {
    period.last_day().is_some_and(|last| last > asker.as_of().date)
}

/// The period before one that is under way, up to the day by which as many working days of it had
/// gone by (domain 3.2, 3.4).
pub(crate) fn before_to_date(asker: &Asker, period: &Period) -> Option<Period> {
    let before = asker.calendar().previous(period)?;
    let working_days = WorkingDays::of(asker.company());
    Some(before.through(working_days.same_elapsed(period, &before, asker.as_of().date)?))
}

/// Asks one number.
pub(crate) async fn one(
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
    reach: &Reach,
) -> Result<Number, MetricsError> {
    let question = Question {
        metrics: vec![metric.id.clone()],
        subject: subject.clone(),
        by: Vec::new(),
        periods: vec![period.clone()],
        filter: None,
        rates: RateMode::default(),
    };
    let mut answer = asker.ask(&question, reach).await?;
    // An answer that is not split has one number per metric and period.
    Ok(answer.numbers.remove(0))
}

/// Asks the numbers of a subject's members.
async fn compare(
    asker: &Asker,
    subject: &Subject,
    dimension: Dimension,
    period: &Period,
    reach: &Reach,
) -> Result<Comparison, MetricsError> {
    let periods = asker.calendar().trail(period, HISTORY);
    let question = Question {
        metrics: names(&MEMBER_METRICS),
        subject: subject.clone(),
        by: vec![dimension.clone()],
        periods,
        filter: None,
        rates: RateMode::default(),
    };
    let answer = asker.ask(&question, reach).await?;
    let metrics = metrics(asker, &MEMBER_METRICS);
    let of_period = dimension.level().map(|level| asker.organisation().members(level, subject, period));
    // Of each member an answer has every metric in every period, the period shown last.
    let of_each_member = question.periods.len() * metrics.len();
    let rows = answer
        .numbers
        .chunks(of_each_member)
        .filter_map(|numbers| {
            let member = numbers.first()?.members.first().cloned().flatten();
            let belongs = match (&member, &of_period) {
                (Some(member), Some(of_period)) => of_period.contains(member),
                _ => true,
            };
            let in_period = &numbers[of_each_member - metrics.len()..];
            let shown = belongs || in_period.iter().any(|number| number.n > 0);
            shown.then(|| ComparisonRow { member, lines: member_lines(&metrics, numbers) })
        })
        .collect();
    Ok(Comparison { dimension, metrics, rows })
}

/// One line per metric, from a member's numbers by period and metric.
fn member_lines(metrics: &[Arc<Metric>], numbers: &[Number]) -> Vec<Line> {
    let of_metric = |index: usize| numbers.iter().skip(index).step_by(metrics.len()).cloned().collect();
    let lines = metrics.iter().enumerate().map(|(index, metric)| (metric, of_metric(index)));
    lines.filter_map(|(metric, history)| line(Arc::clone(metric), history)).collect()
}

/// What a subject is split by on its page.
fn splits(level: Level) -> &'static [Dimension] {
    match level {
        Level::Company => &[Dimension::Region, Dimension::Product],
        Level::Region => &[Dimension::Manager, Dimension::Product],
        Level::Manager => &[Dimension::Rep],
        Level::Rep | Level::Product => &[],
    }
}

/// The last quarter that is over, or the one under way if none is; a calendar without quarters has
/// months or years in their place.
pub(crate) fn default_period(asker: &Asker) -> Period {
    let grains = [Grain::Quarter, Grain::Month, Grain::Half, Grain::Year].into_iter();
    let periods = grains.map(|grain| asker.periods(grain)).find(|periods| !periods.is_empty());
    let periods = periods.unwrap_or_default();
    let over = |period: &&Period| period.last_day().is_some_and(|last| last <= asker.as_of().date);
    let whole = periods.iter().rev().find(over).or(periods.last());
    whole.cloned().unwrap_or_else(|| asker.calendar().all())
}

fn line(metric: Arc<Metric>, history: Vec<Number>) -> Option<Line> {
    let number = history.last()?.clone();
    let previous = history.iter().rev().nth(1).cloned();
    Some(Line { metric, number, previous, history })
}

fn metrics(asker: &Asker, ids: &[&str]) -> Vec<Arc<Metric>> {
    ids.iter().filter_map(|id| asker.catalogue().metric(id).cloned()).collect()
}

fn names(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// The periods that names stand for: single ones, or every week, month, quarter, half or year there is.
pub(crate) fn periods<'n>(
    asker: &Asker,
    names: impl Iterator<Item = &'n str>,
) -> Result<Vec<Period>, PeriodError> {
    let calendar = asker.calendar();
    let grains = calendar.grains();
    let mut periods: Vec<Period> = Vec::new();
    for name in names {
        let named = match Grain::from_name(name).filter(|grain| grains.contains(grain)) {
            Some(grain) => asker.periods(grain),
            None => vec![calendar.parse(name)?],
        };
        for period in named {
            if !periods.contains(&period) {
                periods.push(period);
            }
        }
    }
    Ok(periods)
}

/// Ranks of every number of an answer, each among those of its own metric and period.
pub(crate) fn ranks(asker: &Asker, question: &Question, answer: &Answer) -> Vec<Option<usize>> {
    let mut ranks = vec![None; answer.numbers.len()];
    for metric in question.metrics.iter().filter_map(|name| asker.catalogue().metric(name)) {
        for (place, found) in ranks.iter_mut().zip(rank(answer, metric)) {
            *place = place.or(found);
        }
    }
    ranks
}
