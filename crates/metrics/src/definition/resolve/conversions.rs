//! Conversion metrics: two measures over one entity (domain 4.10).

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::metrics::attribution_of;
use super::windows::read_window;
use super::{Place, Resolver};
use crate::conversion::{Conversion, Part};
use crate::definition::file::{CalculationFile, ConversionFile, ConversionsFile, MetricFile};
use crate::definition::metric::{Computation, CounterMetric, Metric, Span, ValidLevel};
use crate::definition::model::Aggregate;
use crate::definition::{DefinitionError, Direction, Unit};

impl<'f> Resolver<'f> {
    pub(super) fn conversion(
        &mut self,
        place: Place<'_>,
        written: &'f MetricFile,
        given: &'f ConversionFile,
    ) -> Result<Computation, DefinitionError> {
        let base = self.aggregate(place, &given.base_measure, written.filter.as_ref())?;
        let conversion = self.aggregate(place, &given.conversion_measure, None)?;
        let entity = |aggregate: &Aggregate| {
            aggregate.model.entities.get(&given.entity.value).map(|entity| entity.expr.clone()).ok_or_else(
                || {
                    place.wrong(
                        &given.entity,
                        format!(
                            "the model `{}` has no entity `{}`",
                            aggregate.model.name, given.entity.value
                        ),
                    )
                },
            )
        };
        let window_days = match &given.window {
            None => None,
            Some(window) => match read_window(&window.value) {
                Some(Span::TrailingDays(days)) => Some(days),
                _ => return Err(place.wrong(window, "write the window in days, such as `30 days`".into())),
            },
        };
        let constant = given
            .constant_properties
            .iter()
            .map(|property| {
                let of = |aggregate: &Aggregate, at: &Spanned<String>| {
                    aggregate.model.own(&at.value).cloned().ok_or_else(|| {
                        place.wrong(at, format!("the model `{}` has no `{}`", aggregate.model.name, at.value))
                    })
                };
                Ok((of(&base, &property.base_property)?, of(&conversion, &property.conversion_property)?))
            })
            .collect::<Result<Vec<_>, DefinitionError>>()?;
        let row = |aggregate: &Aggregate| {
            let primary = aggregate.model.primary().and_then(|name| aggregate.model.own(name)).cloned();
            primary.ok_or_else(|| {
                let problem = format!("the model `{}` has no primary entity", aggregate.model.name);
                place.wrong(&written.name, problem)
            })
        };
        let plan = Arc::new(Conversion {
            entity: given.entity.value.clone(),
            base_row: row(&base)?,
            conversion_row: row(&conversion)?,
            name: written.name.value.clone(),
            base_entity: entity(&base)?,
            conversion_entity: entity(&conversion)?,
            asked: base.clone(),
            base,
            conversion,
            window_days,
            constant,
            every_conversion: written.meta.conversions == ConversionsFile::All,
        });
        let part = |part: Part| conversion_part(written, &plan, part);
        Ok(match given.calculation {
            CalculationFile::Conversions => Computation::Conversion(plan, Part::Converted),
            CalculationFile::ConversionRate => {
                Computation::Ratio { numerator: part(Part::Converted), denominator: part(Part::Base) }
            }
        })
    }
}

fn conversion_part(written: &MetricFile, plan: &Arc<Conversion>, part: Part) -> Arc<Metric> {
    let (suffix, term) = match part {
        Part::Converted => ("converted", "converted".to_owned()),
        Part::Base => ("base", written.meta.of.clone().unwrap_or_else(|| "counted".into())),
        Part::Waiting => ("waiting", "not decided yet".to_owned()),
    };
    let computation = Computation::Conversion(Arc::clone(plan), part);
    let not_matured = match part {
        Part::Base => Some(conversion_part(written, plan, Part::Waiting)),
        Part::Converted | Part::Waiting => None,
    };
    Arc::new(Metric {
        id: format!("{}[{suffix}]", written.name.value),
        label: term.clone(),
        description: String::new(),
        term,
        of: None,
        version: written.meta.version.unwrap_or(1),
        unit: Unit::Count,
        proportion: false,
        direction: Direction::None,
        levels: ValidLevel::ALL.to_vec(),
        band: None,
        attribution: attribution_of(&computation),
        minimum_n: None,
        minimum_n_rank: None,
        ranked: false,
        counter_metric: CounterMetric::Metric(written.name.value.clone()),
        gaming: String::new(),
        undefined: None,
        share_of: None,
        filter: None,
        expression: None,
        source_text: String::new(),
        section: String::new(),
        is_own: false,
        not_matured,
        left_truncated: None,
        prorated: None,
        positive_base: false,
        rests_on: None,
        computation,
    })
}
