//! Facts that are nobody's (T7, E14): of the rows a number's tables have in its scope and period,
//! how many count for no person, or for one without a team on that day. What is split by people
//! shows them as a line of its own instead.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::functions_aggregate::expr_fn::count;
use datafusion::prelude::{Expr, lit};
use rust_decimal::Decimal;

use crate::answer::Number;
use crate::ask::{Asker, MetricsError, Question, leaf_models};
use crate::credited::RateMode;
use crate::definition::{Metric, Model, Span, When};
use crate::engine::collect;
use crate::plan::{Needed, PERIOD, Wanted, base_table, by_column, column};
use crate::subject::{Dimension, Level, Subject};
use crate::worth::by_grain;

/// Share above which a number says so (domain 19, `unassigned_flag`).
const FLAGGED_ABOVE: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// Members, and the position of the period.
type GroupKey = (Vec<Option<String>>, usize);

/// Rows, and those that are somebody's.
type Counted = (u64, u64);

/// Whether rows of a model, dated by one of its dates, count for nobody at all: where none do, no
/// question about them need look.
pub(crate) type Nobodys = HashMap<(String, String), bool>;

/// What is nobody's, by the name of model and date, for each group of an answer.
#[derive(Default)]
pub(super) struct Unassigned {
    periods: Vec<crate::calendar::Period>,
    shares: HashMap<(String, String), HashMap<GroupKey, Counted>>,
}

impl Unassigned {
    /// The share of a number's facts that is nobody's, where it must be known: the greatest of
    /// those of its tables.
    pub(super) fn of(&self, metric: &Metric, number: &Number) -> Option<Decimal> {
        let position = self.periods.iter().position(|period| *period == number.period)?;
        let members: Vec<Option<String>> =
            number.members.iter().map(|member| member.as_ref().map(|member| member.id.clone())).collect();
        let group = (members, position);
        let shares = leaf_models(metric).into_iter().filter_map(|(model, when)| {
            let (rows, assigned) =
                self.shares.get(&(model.name.clone(), when.name().to_owned()))?.get(&group)?;
            Decimal::from(rows - assigned).checked_div(Decimal::from(*rows))
        });
        shares.max().filter(|share| *share > FLAGGED_ABOVE).map(|share| share.normalize())
    }
}

impl Asker {
    /// Counts what is nobody's in the scope of a question, for each table its metrics rest on.
    pub(super) async fn unassigned(
        &self,
        question: &Question,
        metrics: &[&Arc<Metric>],
    ) -> Result<Unassigned, MetricsError> {
        let people = [Level::Region, Level::Manager, Level::Rep];
        let by_people = question.by.iter().any(|by| by.level().is_some_and(|level| people.contains(&level)));
        let of_everyone = matches!(question.subject, Subject::Company | Subject::Product(_));
        let mut unassigned = Unassigned { periods: question.periods.clone(), ..Unassigned::default() };
        if by_people || !of_everyone {
            return Ok(unassigned);
        }
        for (model, when) in metrics.iter().flat_map(|metric| leaf_models(metric)) {
            let name = (model.name.clone(), when.name().to_owned());
            if !unassigned.shares.contains_key(&name)
                && self.tells_of_people(model, question)
                && self.has_nobodys(model, when).await?
            {
                unassigned.shares.insert(name, self.somebodys(model, when, question).await?);
            }
        }
        Ok(unassigned)
    }

    async fn has_nobodys(&self, model: &Model, when: &When) -> Result<bool, MetricsError> {
        let name = (model.name.clone(), when.name().to_owned());
        if let Some(known) = self.nobodys().get(&name) {
            return Ok(*known);
        }
        let ever = Question {
            metrics: Vec::new(),
            subject: Subject::Company,
            by: Vec::new(),
            periods: vec![self.calendar().all()],
            filter: None,
            rates: RateMode::default(),
        };
        let counted = self.somebodys(model, when, &ever).await?;
        let found = counted.values().any(|(rows, somebodys)| rows > somebodys);
        self.nobodys().insert(name, found);
        Ok(found)
    }

    /// Whether rows of a model are facts that ought to be somebody's, and can be asked this way.
    fn tells_of_people(&self, model: &Model, question: &Question) -> bool {
        let source = self.source();
        let table = attain_facts::canonical::Table::from_name(base_table(&model.relation));
        table.is_some_and(|table| table.has_events())
            && crate::credited::View::named(&model.relation).is_some_and(|view| !view.is_made_of_periods())
            && question.by.iter().chain([&self.assignment()]).all(|by| source.splits(model, by).is_ok())
            && question.subject.dimension().is_none_or(|by| source.splits(model, &by).is_ok())
    }

    /// What somebody's rows have: a team, where there are teams.
    pub(crate) fn assignment(&self) -> Dimension {
        match self.organisation().region_of.is_empty() {
            true => Dimension::Rep,
            false => Dimension::Region,
        }
    }

    async fn somebodys(
        &self,
        model: &Model,
        when: &When,
        question: &Question,
    ) -> Result<HashMap<GroupKey, Counted>, MetricsError> {
        let mut by = question.by.clone();
        by.push(self.assignment());
        let mut found = HashMap::new();
        for (positions, periods) in by_grain(&question.periods) {
            let wanted = Wanted {
                subject: &question.subject,
                by: &by,
                periods: &periods,
                filter: question.filter.as_deref(),
                rates: &question.rates,
            };
            let source = self.source();
            let rows = source.rows_with(model, when, Span::Period, &wanted, &[], &Needed::by([])).await?;
            let mut group_by: Vec<Expr> = (0..question.by.len()).map(|at| column(&by_column(at))).collect();
            group_by.push(column(PERIOD));
            let somebodys = count(column(&by_column(question.by.len()))).alias("somebodys");
            let counted = rows.aggregate(group_by, vec![count(lit(1)).alias("all"), somebodys])?;
            for row in collect(counted).await?.rows() {
                let members = (0..question.by.len()).map(|at| row.text(&by_column(at))).collect();
                let period =
                    row.integer32(PERIOD).and_then(|at| usize::try_from(at).ok()).unwrap_or_default();
                found.insert((members, positions[period]), (row.count("all"), row.count("somebodys")));
            }
        }
        Ok(found)
    }
}
