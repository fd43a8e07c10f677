//! Whom and what a row belongs to: the person it counts for, their region and manager on the
//! credit date (T6), the model's own dimensions, and those its entities lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use attain_facts::value::days_from_date;
use datafusion::arrow::array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::JoinType;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::logical_expr::Cast;
use datafusion::prelude::{DataFrame, Expr, lit};
use jiff::civil::Date;

use super::{CREDIT_DATE, Source, Wanted, by_column, column, early};
use crate::ask::MetricsError;
use crate::credited::{CREDITED, View};
use crate::definition::Model;
use crate::definition::expression::{self, Reachable};
use crate::engine::collect;
use crate::organisation::Belonging;
use crate::subject::{Dimension, Subject};

/// The entity that is the person a row counts for.
const PERSON: &str = "rep";

/// Whether a row of a model is of the person it was credited to.
pub(super) fn is_of_credited(model: &Model) -> bool {
    model.entities.get(PERSON).is_some_and(|person| person.expr == column(CREDITED))
}

/// How rows of a model get the value of a dimension.
#[derive(Clone, Debug)]
pub(super) enum Way {
    /// An expression over the row.
    Own(Expr),
    /// The region or manager of the person on the credit date.
    Region(Expr),
    /// The line manager of the person on the credit date.
    Manager(Expr),
    /// A dimension of the model an entity leads to, as `entity__dimension`.
    Joined(String),
}

/// Finds the way from a model to a dimension.
pub(super) fn resolve(
    source: &Source<'_>,
    model: &Model,
    dimension: &Dimension,
) -> Result<Way, MetricsError> {
    let unknown = |ambiguous: Vec<String>| MetricsError::UnknownDimension {
        dimension: dimension.name().to_owned(),
        model: model.name.clone(),
        known: names(source, model),
        ambiguous,
    };
    let person = model.entities.get(PERSON).map(|entity| entity.expr.clone());
    let credited = View::named(&model.relation).is_some();
    match (dimension, person) {
        (Dimension::Region, Some(person)) if credited => return Ok(Way::Region(person)),
        (Dimension::Manager, Some(person)) if credited => return Ok(Way::Manager(person)),
        _ => {}
    }
    let name = dimension.name();
    if let Some(expr) = model.own(name) {
        return Ok(Way::Own(expr.clone()));
    }
    let reachable = reachable(source, model);
    if reachable.attributes.contains_key(name) {
        return Ok(Way::Own(expression::attribute_column(name)));
    }
    if reachable.joined.contains_key(name) {
        return Ok(Way::Joined(name.to_owned()));
    }
    let ending = format!("__{name}");
    let mut found: Vec<String> =
        reachable.joined.into_keys().filter(|joined| joined.ends_with(&ending)).collect();
    match found.len() {
        1 => Ok(Way::Joined(found.remove(0))),
        _ => Err(unknown(found)),
    }
}

/// What rows of a model can look at beside their own columns: dimensions along their entities, and
/// the company's own fields of both.
pub(crate) fn reachable(source: &Source<'_>, model: &Model) -> Reachable {
    let mut reachable =
        Reachable { joined: source.catalogue.joinable(model), attributes: attributes(source, model) };
    for (entity, own) in &model.entities {
        let others = source.catalogue.models().filter(|other| {
            !own.identifies && other.entities.get(entity).is_some_and(|entity| entity.identifies)
        });
        for other in others {
            let fields = attributes(source, other).into_iter();
            reachable.joined.extend(fields.map(|(name, kind)| (format!("{entity}__{name}"), kind)));
        }
    }
    reachable
}

/// The company's own fields of a model's table.
fn attributes(source: &Source<'_>, model: &Model) -> BTreeMap<String, DataType> {
    let Some(schema) = source.tables.schema(super::base_table(&model.relation)) else {
        return BTreeMap::new();
    };
    let fields = schema.fields().iter().filter_map(|field| {
        let name = field.name().strip_prefix("attributes.")?;
        Some((name.to_owned(), field.data_type().clone()))
    });
    fields.collect()
}

/// Everything rows of a model can be split by.
fn names(source: &Source<'_>, model: &Model) -> Vec<String> {
    let own = model.entities.keys().chain(model.dimensions.keys()).cloned();
    let organisation = ["region", "manager"].map(str::to_owned).into_iter();
    let organisation = organisation.filter(|_| model.entities.contains_key(PERSON));
    let reachable = reachable(source, model);
    let reached = reachable.attributes.into_keys().chain(reachable.joined.into_keys());
    own.chain(organisation).chain(reached).collect()
}

/// Adds what rows are split and filtered by, and keeps those of the subject.
pub(super) async fn placed(
    source: &Source<'_>,
    rows: DataFrame,
    model: &Model,
    wanted: &Wanted<'_>,
    joined: &[String],
) -> Result<DataFrame, MetricsError> {
    let mut joins: BTreeSet<String> = joined.iter().cloned().collect();
    let filter = match wanted.filter {
        Some(text) => {
            let parsed = expression::parse_over_model(text, model, &reachable(source, model))
                .map_err(|problem| MetricsError::Filter { text: text.to_owned(), problem })?;
            joins.extend(parsed.joined);
            Some(parsed.expr)
        }
        None => None,
    };
    let mut ways = Vec::new();
    for dimension in wanted.by {
        ways.push(resolve(source, model, dimension)?);
    }
    let subject = match wanted.subject.dimension() {
        Some(dimension) => Some(resolve(source, model, &dimension)?),
        None => None,
    };
    joins.extend(ways.iter().chain(&subject).filter_map(|way| match way {
        Way::Joined(name) => Some(name.clone()),
        Way::Own(_) | Way::Region(_) | Way::Manager(_) => None,
    }));
    // Who belonged there on a row's day is asked afterwards.
    let person = subject.as_ref().and_then(|way| person_of(way, wanted.subject));
    let mut rows = match person.zip(early::people(source, wanted.subject)) {
        Some((person, people)) => early::few(rows).filter(person.clone().in_list(people, false))?,
        None => rows,
    };
    if let Some(Way::Region(person)) = ways.iter().chain(&subject).find(|way| matches!(way, Way::Region(_))) {
        rows = belonging(source, rows, person, &source.organisation.region_of, "region_id")?;
    }
    if let Some(Way::Manager(person)) = ways.iter().chain(&subject).find(|way| matches!(way, Way::Manager(_)))
    {
        rows = belonging(source, rows, person, &source.organisation.manager_of, "manager_id")?;
    }
    for name in &joins {
        rows = join(source, rows, model, name).await?;
    }
    for (position, way) in ways.iter().enumerate() {
        rows = rows.with_column(&by_column(position), value(way))?;
    }
    if let (Some(way), Some(id)) = (&subject, wanted.subject.id()) {
        rows = rows.filter(text(value(way)).eq(lit(id)))?;
    }
    Ok(match filter {
        Some(filter) => rows.filter(filter)?,
        None => rows,
    })
}

/// The person a row counts for, where that decides whether it is the subject's.
fn person_of<'w>(way: &'w Way, subject: &Subject) -> Option<&'w Expr> {
    match (way, subject) {
        (Way::Region(person) | Way::Manager(person), _) | (Way::Own(person), Subject::Rep(_)) => Some(person),
        _ => None,
    }
}

fn value(way: &Way) -> Expr {
    match way {
        Way::Own(expr) => expr.clone(),
        Way::Region(_) => column("region_id"),
        Way::Manager(_) => column("manager_id"),
        Way::Joined(name) => column(name),
    }
}

/// A value as text.
pub(crate) fn text(expr: Expr) -> Expr {
    Expr::Cast(Cast::new(Box::new(expr), DataType::Utf8))
}

/// Adds a dimension of the model an entity leads to. What leads nowhere stays, without a value.
async fn join(
    source: &Source<'_>,
    rows: DataFrame,
    model: &Model,
    name: &str,
) -> Result<DataFrame, MetricsError> {
    let Some((entity, dimension)) = name.split_once("__") else { return Ok(rows) };
    let target = source.catalogue.models().find_map(|other| {
        let identified = other.entities.get(entity).filter(|entity| entity.identifies)?;
        let own = other.dimensions.get(dimension).map(|dimension| dimension.expr.clone());
        let field = || {
            attributes(source, other).contains_key(dimension).then(|| expression::attribute_column(dimension))
        };
        Some((other, identified.expr.clone(), own.or_else(field)?))
    });
    let (Some((other, identifier, dimension)), Some(own)) = (target, model.entities.get(entity)) else {
        return Ok(rows);
    };
    let key = format!("{name}__key");
    let other_rows = source.relation(&other.relation).await?;
    let other_rows = other_rows.select(vec![identifier.alias(&key), dimension.alias(name)])?;
    if attain_facts::canonical::Table::from_name(&other.relation).is_none() {
        refuse_duplicates(&other_rows, &key, other, entity).await?;
    }
    Ok(rows.join_on(other_rows, JoinType::Left, [own.expr.clone().eq(column(&key))])?)
}

/// A join along an entity that does not identify its rows would count rows twice.
async fn refuse_duplicates(
    rows: &DataFrame,
    key: &str,
    model: &Model,
    entity: &str,
) -> Result<(), MetricsError> {
    let twice = rows
        .clone()
        .filter(column(key).is_not_null())?
        .aggregate(vec![text(column(key)).alias("key")], vec![count(lit(1)).alias("times")])?
        .filter(column("times").gt(lit(1)))?
        .limit(0, Some(1))?;
    match collect(twice).await?.rows().next() {
        None => Ok(()),
        Some(row) => Err(MetricsError::NotUnique {
            entity: entity.to_owned(),
            relation: model.relation.clone(),
            value: row.text("key").unwrap_or_default(),
        }),
    }
}

/// Adds whom the person belonged to on the credit date (T6, at event).
fn belonging(
    source: &Source<'_>,
    rows: DataFrame,
    person: &Expr,
    belongings: &[Belonging],
    name: &str,
) -> Result<DataFrame, MetricsError> {
    let text = |pick: fn(&Belonging) -> &String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(belongings.iter().map(pick)))
    };
    let days = |pick: fn(&Belonging) -> Option<Date>, always: Date| -> ArrayRef {
        Arc::new(Date32Array::from_iter_values(
            belongings.iter().map(|b| days_from_date(pick(b).unwrap_or(always))),
        ))
    };
    let [employee, from, to] = ["employee", "from", "to"].map(|part| format!("{name}_{part}"));
    let table = RecordBatch::try_from_iter([
        (employee.as_str(), text(|b| &b.employee)),
        (name, text(|b| &b.to)),
        (from.as_str(), days(|b| b.valid_from, Date::MIN)),
        (to.as_str(), days(|b| b.valid_to, Date::MAX)),
    ])
    .map_err(datafusion::error::DataFusionError::from)?;
    let held = [
        person.clone().eq(column(&employee)),
        column(CREDIT_DATE).gt_eq(column(&from)),
        column(CREDIT_DATE).lt(column(&to)),
    ];
    Ok(rows.join_on(source.context.read_batch(table)?, JoinType::Left, held)?)
}

impl Subject {
    /// The dimension whose member it is; the company is none.
    pub(crate) fn dimension(&self) -> Option<Dimension> {
        match self {
            Subject::Company => None,
            Subject::Region(_) => Some(Dimension::Region),
            Subject::Manager(_) => Some(Dimension::Manager),
            Subject::Rep(_) => Some(Dimension::Rep),
            Subject::Product(_) => Some(Dimension::Product),
        }
    }
}
