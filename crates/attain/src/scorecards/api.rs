//! Scorecards and numbers as JSON: the same questions, the same answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use attain_metrics::{
    AccountRow, Asker, DealRow, Dimension, EventRow, Formula, Level, Metric, MissingDays, Number, Question,
    RateMode, Row, Rows, RowsColumn, RowsPage, Stale, Subject, TeamMode,
};
use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::card::{self, Card};
use super::look::{self, Depth};
use crate::audit::seen;
use crate::export::Exact;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Path, Query};
use crate::web::problem::{PageError, Problem};
use crate::web::routes::{Routes, Rule};

/// Rows an answer holds at most; `from` pages on.
const ROWS_MAX: usize = 1_000;

/// The endpoints of this place.
pub(super) fn routes() -> Routes {
    let reads = Rule::May(Act::Read, Object::Values);
    Routes::new().api(reads, routes!(scorecard)).api(reads, routes!(numbers)).api(reads, routes!(number))
}

/// A member of a dimension.
#[derive(Serialize, ToSchema)]
pub(crate) struct MemberOut {
    /// Dimension.
    dimension: String,
    /// Identifier; null is what belongs to nobody.
    id: Option<String>,
    /// Name.
    name: String,
}

/// A number with its proof.
#[derive(Serialize, ToSchema)]
pub(crate) struct NumberOut {
    /// Metric.
    metric: String,
    /// Its version.
    definition_version: u32,
    /// What it is split by.
    members: Vec<MemberOut>,
    /// Period.
    period: String,
    /// Value with all its digits; null when a code blocks it, never 0 instead.
    #[schema(value_type = Option<f64>)]
    value: Option<Exact>,
    /// Above the line, for ratios.
    #[schema(value_type = Option<f64>)]
    numerator: Option<Exact>,
    /// Below the line, for ratios.
    #[schema(value_type = Option<f64>)]
    denominator: Option<Exact>,
    /// Rows the value rests on.
    n: u64,
    /// Rows whose outcome is open.
    not_matured: u64,
    /// E0 to E19: what must be known beside the value, or why there is none.
    codes: Vec<&'static str>,
    /// The value that was signed before, where this one differs from it (E10).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    was: Option<Exact>,
    /// How old the facts are, where that must be known (E13).
    #[serde(skip_serializing_if = "Option::is_none")]
    stale: Option<StaleOut>,
    /// The share of the facts that counts for nobody, above 1 % (E14).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    unassigned_share: Option<Exact>,
    /// What the data lacks, where that is why there is no value.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// Snapshot the value was computed from.
    snapshot: i64,
    /// `current_org` where facts count in today's organisation instead of that of their day.
    #[serde(skip_serializing_if = "Option::is_none")]
    team_mode: Option<&'static str>,
    /// Rank among the members of the period, where one was asked for and is fair.
    #[serde(skip_serializing_if = "Option::is_none")]
    rank: Option<usize>,
}

/// How old the facts behind a number are.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaleOut {
    /// When the table that was imported longest ago was last imported, UTC.
    imported_at: String,
    /// Working days since then.
    #[schema(value_type = f64)]
    working_days: Exact,
    /// The working days of the period that are missing, source by source.
    missing: Vec<MissingDaysOut>,
}

/// Working days that the deliveries of a source have not reached.
#[derive(Serialize, ToSchema)]
pub(crate) struct MissingDaysOut {
    /// The source system.
    source: String,
    /// The table it would have told of.
    table: &'static str,
    /// The first working day that is missing.
    from: String,
    /// The last one.
    to: String,
    /// How many these are.
    #[schema(value_type = f64)]
    working_days: Exact,
}

impl From<&Stale> for StaleOut {
    fn from(stale: &Stale) -> StaleOut {
        StaleOut {
            imported_at: stale.imported_at.to_string(),
            working_days: Exact(stale.working_days),
            missing: stale.missing.iter().map(MissingDaysOut::from).collect(),
        }
    }
}

impl From<&MissingDays> for MissingDaysOut {
    fn from(missing: &MissingDays) -> MissingDaysOut {
        MissingDaysOut {
            source: missing.delivery.source.clone(),
            table: missing.delivery.table.name(),
            from: missing.from.to_string(),
            to: missing.to.to_string(),
            working_days: Exact(missing.working_days),
        }
    }
}

impl NumberOut {
    /// A number of an answer to a question.
    pub(crate) fn new(asker: &Asker, question: &Question, number: &Number, rank: Option<usize>) -> NumberOut {
        let members = question
            .by
            .iter()
            .zip(number.members.iter())
            .map(|(dimension, member)| MemberOut {
                dimension: dimension.name().to_owned(),
                id: member.as_ref().map(|member| member.id.clone()),
                name: member.as_ref().map_or_else(|| "unassigned".to_owned(), |member| member.name.clone()),
            })
            .collect();
        NumberOut {
            metric: number.metric.clone(),
            definition_version: number.definition_version,
            members,
            period: number.period.key().to_owned(),
            value: number.value.map(Exact),
            numerator: number.numerator.map(Exact),
            denominator: number.denominator.map(Exact),
            n: number.n,
            not_matured: number.not_matured,
            was: number.was.map(Exact),
            stale: number.stale.as_ref().map(StaleOut::from),
            unassigned_share: number.unassigned.map(Exact),
            missing: number.missing.clone(),
            codes: number.codes.iter().map(|code| code.code()).collect(),
            snapshot: asker.as_of().snapshot,
            team_mode: Some(asker.team_mode()).filter(|mode| *mode != TeamMode::AtEvent).map(TeamMode::name),
            rank,
        }
    }
}

/// A subject's numbers in a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct ScorecardOut {
    /// company, region, manager, rep or product.
    level: &'static str,
    /// Identifier; the company has none.
    id: Option<String>,
    /// Name.
    name: String,
    /// Period.
    period: String,
    /// The numbers, in the order of the page.
    numbers: Vec<NumberOut>,
}

impl ScorecardOut {
    /// A card as JSON.
    pub(crate) fn new(asker: &Asker, card: &Card) -> ScorecardOut {
        let question = Question {
            metrics: Vec::new(),
            subject: card.subject.clone(),
            by: Vec::new(),
            periods: Vec::new(),
            filter: None,
            rates: RateMode::default(),
        };
        ScorecardOut {
            level: card.subject.level().name(),
            id: card.subject.id().map(str::to_owned),
            name: card.name.clone(),
            period: card.period.key().to_owned(),
            numbers: card
                .lines
                .iter()
                .map(|line| NumberOut::new(asker, &question, &line.number, None))
                .collect(),
        }
    }
}

/// A row behind a number.
#[derive(Serialize, ToSchema)]
pub(super) struct RowOut {
    /// The source's identifier of the deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    deal: Option<String>,
    name: Option<String>,
    account: Option<String>,
    product: Option<String>,
    owner: Option<String>,
    stage: Option<String>,
    outcome: Option<String>,
    created_on: Option<String>,
    closed_on: Option<String>,
    cycle_days: Option<i32>,
    #[schema(value_type = Option<f64>)]
    value: Option<Exact>,
    /// Identifier, day and dimensions, for rows that are neither deals nor accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dimensions: BTreeMap<String, Option<String>>,
    /// Bought in the period before, for rows that are accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    bought_before: Option<bool>,
    /// Bought in the period, for rows that are accounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    bought_now: Option<bool>,
    /// When this version of the row became known, UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<String>,
    /// `observed`, or `reconstructed` from what was delivered after the period was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    knowledge: Option<&'static str>,
    /// Whether it stands above the line, or counts.
    numerator: bool,
    /// Whether it stands below the line.
    denominator: bool,
}

impl From<Row> for RowOut {
    fn from(row: Row) -> RowOut {
        match row {
            Row::Deal(deal) => RowOut::from_deal(deal),
            Row::Account(account) => RowOut::from_account(account),
            Row::Event(event) => RowOut::from_event(event),
        }
    }
}

impl RowOut {
    fn from_deal(deal: DealRow) -> RowOut {
        RowOut {
            deal: Some(deal.deal),
            name: deal.name,
            account: deal.account,
            product: deal.product,
            owner: deal.owner,
            stage: deal.stage,
            outcome: Some(deal.outcome),
            created_on: deal.created_on.map(|day| day.to_string()),
            closed_on: deal.closed_on.map(|day| day.to_string()),
            cycle_days: deal.cycle_days,
            value: deal.value.map(Exact),
            id: None,
            date: None,
            dimensions: BTreeMap::new(),
            bought_before: None,
            bought_now: None,
            recorded_at: deal.recorded.map(|recorded| recorded.at.to_string()),
            knowledge: deal.recorded.map(|recorded| recorded.knowledge.word()),
            numerator: deal.numerator,
            denominator: deal.denominator,
        }
    }

    fn from_event(event: EventRow) -> RowOut {
        RowOut {
            deal: None,
            name: None,
            account: None,
            product: None,
            owner: None,
            stage: None,
            outcome: None,
            created_on: None,
            closed_on: None,
            cycle_days: None,
            value: event.value.map(Exact),
            id: Some(event.id),
            date: event.date.map(|day| day.to_string()),
            dimensions: event.cells.into_iter().collect(),
            bought_before: None,
            bought_now: None,
            recorded_at: event.recorded.map(|recorded| recorded.at.to_string()),
            knowledge: event.recorded.map(|recorded| recorded.knowledge.word()),
            numerator: event.numerator,
            denominator: event.denominator,
        }
    }

    fn from_account(account: AccountRow) -> RowOut {
        RowOut {
            id: None,
            date: None,
            dimensions: BTreeMap::new(),
            deal: None,
            name: None,
            account: Some(account.account),
            product: None,
            owner: None,
            stage: None,
            outcome: None,
            created_on: None,
            closed_on: None,
            cycle_days: None,
            value: None,
            bought_before: Some(account.before),
            bought_now: Some(account.now),
            recorded_at: None,
            knowledge: None,
            numerator: account.numerator,
            denominator: account.denominator,
        }
    }
}

/// An opened number: value, formula, rows.
#[derive(Serialize, ToSchema)]
struct OpenedNumberOut {
    number: NumberOut,
    /// The formula with its values put in.
    formula: String,
    /// What it means.
    description: String,
    /// Rows that count.
    counted: usize,
    /// Rows above the line.
    numerators: usize,
    /// Rows below the line.
    denominators: usize,
    /// Rows the search leaves.
    matching: usize,
    /// A page of the rows, at most 1,000.
    rows: Vec<RowOut>,
}

/// Whom a request is about.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SubjectQuery {
    /// company (the default), region, manager, rep or product
    pub(crate) level: Option<String>,
    /// Identifier of the region, manager, rep or product
    pub(crate) id: Option<String>,
    /// Name, instead of the identifier
    pub(crate) name: Option<String>,
}

impl SubjectQuery {
    /// The subject there is.
    pub(crate) fn resolve(&self, asker: &Asker) -> Result<Subject, PageError> {
        let level_name = self.level.as_deref().unwrap_or("company");
        let level = Level::from_name(level_name).ok_or_else(|| {
            invalid(
                "level",
                format!("`{level_name}` is not a level; write company, region, manager, rep or product"),
            )
        })?;
        if level == Level::Company {
            return Ok(Subject::Company);
        }
        let wanted = self.id.as_deref().or(self.name.as_deref());
        let wanted =
            wanted.ok_or_else(|| invalid("id", format!("which {level_name}? Give its id or name")))?;
        match asker.organisation().find(level, wanted).as_slice() {
            [one] => Ok(Subject::at(level, one.id.clone())),
            [] => Err(PageError::NotFound),
            several => Err(invalid(
                "name",
                format!("{} {level_name}s are called `{wanted}`; give the id", several.len()),
            )),
        }
    }
}

/// In which organisation facts count.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TeamModeQuery {
    /// `at_event` (the default), the organisation of the day each fact happened, or `current_org`, today's
    team_mode: Option<String>,
}

impl TeamModeQuery {
    /// The asker that counts so.
    fn asker(&self, asker: Arc<Asker>) -> Result<Arc<Asker>, PageError> {
        let name = self.team_mode.as_deref().unwrap_or(TeamMode::AtEvent.name());
        match TeamMode::from_name(name) {
            Some(TeamMode::AtEvent) => Ok(asker),
            Some(TeamMode::CurrentOrg) => Ok(Arc::new(asker.in_current_organisation())),
            None => {
                let message = format!("`{name}` is no organisation; write at_event or current_org");
                Err(invalid("team_mode", message))
            }
        }
    }
}

/// One period.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeriodQuery {
    /// 2017-Q3, 2017-03, 2017-H1, 2017-W05, 2017 or all; by default the last quarter that is over
    period: Option<String>,
}

impl PeriodQuery {
    /// The period asked for.
    pub(crate) fn resolve(&self, asker: &Asker) -> Result<attain_metrics::Period, PageError> {
        match &self.period {
            Some(text) => Ok(asker.calendar().parse(text)?),
            None => Ok(card::default_period(asker)),
        }
    }
}

/// The scorecard of a subject
#[utoipa::path(get, path = "/api/v1/scorecards", params(SubjectQuery, PeriodQuery), responses((status = 200, body = ScorecardOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn scorecard(
    app: App,
    Query(subject): Query<SubjectQuery>,
    Query(period): Query<PeriodQuery>,
) -> Result<Json<ScorecardOut>, PageError> {
    let asker = app.asker().await?;
    let subject = subject.resolve(&asker)?;
    let period = period.resolve(&asker)?;
    let (subject, name) = look::at(&app, &asker, &subject, Depth::Values, "scorecard, by a program").await?;
    let card = card::read(&asker, subject, name, period, &app.reach()).await?;
    Ok(Json(ScorecardOut::new(&asker, &card)))
}

/// What is asked of many numbers.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NumbersQuery {
    /// Metrics, separated by commas
    metric: String,
    /// Dimensions to split by, separated by commas: region, manager, rep, product, or any of the rows (stage, type, segment)
    by: Option<String>,
    /// A condition rows must meet: `segment = 'SMB'`
    #[serde(rename = "where")]
    #[param(rename = "where")]
    filter: Option<String>,
    /// Periods, separated by commas; `week`, `month`, `quarter`, `half`, `year` for each there is
    period: Option<String>,
    /// Whether to add ranks
    #[serde(default)]
    rank: bool,
}

/// Numbers of metrics by dimensions and periods
#[utoipa::path(get, path = "/api/v1/numbers", params(NumbersQuery, SubjectQuery, TeamModeQuery), responses((status = 200, body = Vec<NumberOut>), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn numbers(
    app: App,
    Query(query): Query<NumbersQuery>,
    Query(subject): Query<SubjectQuery>,
    Query(team_mode): Query<TeamModeQuery>,
) -> Result<Json<Vec<NumberOut>>, PageError> {
    let asker = team_mode.asker(app.asker().await?)?;
    let question = Question {
        metrics: query.metric.split(',').map(|name| name.trim().to_owned()).collect(),
        subject: subject.resolve(&asker)?,
        by: query
            .by
            .iter()
            .flat_map(|names| names.split(','))
            .map(|name| Dimension::from_name(name.trim()))
            .collect(),
        periods: card::periods(&asker, query.period.as_deref().unwrap_or("all").split(','))?,
        filter: query.filter.filter(|condition| !condition.trim().is_empty()),
        rates: RateMode::default(),
    };
    if app.reach().includes(&question.subject) {
        seen::note(&app, &question.subject, "numbers, by a program").await?;
    }
    let answer = asker.ask(&question, &app.reach()).await?;
    let ranks = query.rank.then(|| card::ranks(&asker, &question, &answer));
    let numbers = answer.numbers.iter().enumerate().map(|(index, number)| {
        NumberOut::new(&asker, &question, number, ranks.as_ref().and_then(|ranks| ranks[index]))
    });
    Ok(Json(numbers.collect()))
}

/// Which rows of an opened number.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// Text that deal, account, owner or product must contain
    q: Option<String>,
    /// outcome, closed, created, deal, account, owner, product or amount; a minus sign before it reverses
    sort: Option<String>,
    /// Rows to pass over
    from: Option<usize>,
    /// Rows to return, at most 1,000
    limit: Option<usize>,
}

/// One number, opened: value, formula, rows
#[utoipa::path(get, path = "/api/v1/numbers/{metric}", params(("metric" = String, Path, description = "Identifier of the metric"), SubjectQuery, PeriodQuery, TeamModeQuery, RowsQuery), responses((status = 200, body = OpenedNumberOut), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn number(
    app: App,
    Path(id): Path<String>,
    Query(subject): Query<SubjectQuery>,
    Query(period): Query<PeriodQuery>,
    Query(team_mode): Query<TeamModeQuery>,
    Query(rows): Query<RowsQuery>,
) -> Result<Json<OpenedNumberOut>, PageError> {
    let asker = team_mode.asker(app.asker().await?)?;
    let metric = asker.catalogue().metric(&id).cloned().ok_or(PageError::NotFound)?;
    let (subject, period) = (subject.resolve(&asker)?, period.resolve(&asker)?);
    let what = format!("{} with its rows, by a program", metric.label);
    let (subject, _) = look::at(&app, &asker, &subject, Depth::Values, &what).await?;
    let number = card::one(&asker, &subject, &metric, &period, &app.reach()).await?;
    let (sort, descending) = sorting(rows.sort.as_deref())?;
    let page = RowsPage {
        search: rows.q,
        sort,
        descending,
        offset: rows.from.unwrap_or_default(),
        limit: Some(rows.limit.unwrap_or(ROWS_MAX).min(ROWS_MAX)),
    };
    let found: Rows = asker.rows(&metric.id, &subject, &period, &page, &app.reach()).await?;
    let question = Question {
        metrics: Vec::new(),
        subject,
        by: Vec::new(),
        periods: Vec::new(),
        filter: None,
        rates: RateMode::default(),
    };
    Ok(Json(OpenedNumberOut {
        formula: formula(&metric, &number),
        description: metric.description.clone(),
        number: NumberOut::new(&asker, &question, &number, None),
        counted: found.counted,
        numerators: found.numerators,
        denominators: found.denominators,
        matching: found.matching,
        rows: found.rows.into_iter().map(RowOut::from).collect(),
    }))
}

/// A formula with its values put in: `92 won ÷ 143 decided = 0.6433…`.
fn formula(metric: &Metric, number: &Number) -> String {
    let value = number.value.map_or_else(|| "–".to_owned(), |value| value.normalize().to_string());
    match (metric.formula(), number.numerator, number.denominator) {
        (Formula::Ratio(above, below), Some(numerator), Some(denominator)) => {
            format!(
                "{} {} ÷ {} {} = {value}",
                numerator.normalize(),
                above.term,
                denominator.normalize(),
                below.term
            )
        }
        (Formula::Median, ..) => format!("middle of {} = {value}", number.n),
        (Formula::Sum, ..) => format!("sum over {} = {value}", number.n),
        (Formula::Of(which), ..) => format!("{which} of {} = {value}", number.n),
        (Formula::Derived(expression, _), ..) => format!("{expression} = {value}"),
        _ => format!("count = {value}"),
    }
}

/// The column rows are sorted by, and whether the greatest come first.
fn sorting(sort: Option<&str>) -> Result<(RowsColumn, bool), PageError> {
    let Some(sort) = sort.filter(|sort| !sort.is_empty()) else { return Ok((RowsColumn::default(), false)) };
    let name = sort.strip_prefix('-').unwrap_or(sort);
    let column = RowsColumn::from_name(name).ok_or_else(|| {
        let known = RowsColumn::ALL.map(RowsColumn::name).join(", ");
        invalid("sort", format!("rows are not sorted by `{name}`; write {known}"))
    })?;
    Ok((column, sort.starts_with('-')))
}

fn invalid(field: &'static str, message: String) -> PageError {
    PageError::Invalid { field: field.into(), message }
}
