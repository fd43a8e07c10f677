//! Conversion over plain files, with definitions in dbt's format (domain 4.10).

use super::is;
use crate::catalogue::plain_files;

const DEFINITIONS: &str = "
semantic_models:
  - name: starts
    model: ref('starts')
    defaults: { agg_time_dimension: day }
    entities:
      - { name: start, type: primary, expr: id }
      - { name: customer, type: foreign, expr: who }
    dimensions: [{ name: day, type: time, type_params: { time_granularity: day } }]
    measures: [{ name: starts, agg: count, expr: id }]
  - name: sales
    model: ref('sales')
    defaults: { agg_time_dimension: day }
    entities:
      - { name: sale, type: primary, expr: id }
      - { name: customer, type: foreign, expr: who }
    dimensions: [{ name: day, type: time, type_params: { time_granularity: day } }]
    measures: [{ name: sales, agg: count, expr: id }]
metrics:
  - name: starts_counted
    type: simple
    type_params: { measure: starts }
    meta: { counter_metric: rate_first_only }
  - name: rate_first_only
    type: conversion
    type_params:
      conversion_type_params:
        { entity: customer, base_measure: starts, conversion_measure: sales, window: 7 days }
    meta: { conversions: first_only, counter_metric: starts_counted }
  - name: rate_all
    type: conversion
    type_params:
      conversion_type_params:
        { entity: customer, base_measure: starts, conversion_measure: sales, window: 7 days }
    meta: { conversions: all, counter_metric: starts_counted }
";

const STARTS: &str = "id,who,day
b1,A,2026-05-01
b2,A,2026-05-10
b3,B,2026-05-03
b4,C,2026-05-20
b5,D,2026-06-10
";

const SALES: &str = "id,who,day
c1,A,2026-05-12
c2,A,2026-05-16
c3,B,2026-05-10
c4,C,2026-05-26
c5,E,2026-05-05
";

/// X4.3: sales link to the latest start of the same customer less than seven days before; a start
/// whose seven days are not over is left out.
#[tokio::test]
async fn a_sale_converts_the_latest_start_of_its_window() {
    let files = [("starts", STARTS), ("sales", SALES)];
    let asker = plain_files::asker(DEFINITIONS, &files, "2026-06-12T12:00:00Z").await;
    let first_only = plain_files::number(&asker, "rate_first_only", "2026-Q2").await;
    is(&first_only, 0.5);
    assert_eq!((first_only.not_matured, first_only.codes_text().contains("E9")), (1, true));
    is(&plain_files::number(&asker, "rate_all", "2026-Q2").await, 0.75);
}
