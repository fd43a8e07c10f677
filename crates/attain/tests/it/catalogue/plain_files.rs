//! Definitions in dbt's format over plain files, without a data directory.

use std::sync::Arc;

use attain_facts::calendar::{FiscalCalendar, Month, WorkCalendar};
use attain_facts::company::Company;
use attain_metrics::{Asker, Catalogue, Dimension, Folder, Number, Subject, Tables};
use jiff::tz::TimeZone;

use super::examples::{has, is};
use super::office;

/// Definitions over CSV files, asked at an instant.
pub(crate) async fn asker(definitions: &str, files: &[(&str, &str)], known: &str) -> Asker {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, rows) in files {
        std::fs::write(folder.path().join(format!("{name}.csv")), rows).expect("written");
    }
    // The asker reads the files whenever it is asked.
    let tables = Folder::open(&folder.keep()).await.expect("a folder of tables");
    let catalogue = Catalogue::read([("definitions.yaml", definitions)], &|name| tables.schema(name))
        .unwrap_or_else(|error| panic!("{error}"));
    let company = Company {
        name: "Example".to_owned(),
        time_zone: TimeZone::UTC,
        currency: "EUR".to_owned(),
        calendar: FiscalCalendar::starting_in(Month::JANUARY),
        work_calendar: WorkCalendar::default(),
    };
    Asker::over(Arc::new(tables), company, Arc::new(catalogue), known.parse().expect("an instant"))
}

/// One number of a period.
pub(crate) async fn number(asker: &Asker, metric: &str, period: &str) -> Number {
    let question = office::question(metric, Subject::Company, &[], &office::periods([period]));
    office::numbers(asker, &question).await.into_iter().next().expect("one number")
}

const DEFINITIONS: &str = "
semantic_models:
  - name: sales
    model: ref('sales')
    defaults: { agg_time_dimension: day }
    entities:
      - { name: sale, type: primary, expr: id }
      - { name: customer, type: foreign, expr: who }
    dimensions:
      - { name: day, type: time, type_params: { time_granularity: day } }
      - { name: tier, type: categorical }
    measures:
      - { name: sales, agg: count, expr: id }
      - { name: amount, agg: sum, expr: amount }
      - { name: mean, agg: average, expr: amount }
      - { name: p40, agg: percentile, expr: amount, agg_params: { percentile: 0.4 } }
      - { name: p90, agg: percentile, expr: amount, agg_params: { percentile: 0.9, use_discrete_percentile: true } }
      - { name: buyers, agg: count_distinct, expr: who }
  - name: visits
    model: ref('visits')
    defaults: { agg_time_dimension: day }
    entities:
      - { name: visit, type: primary, expr: id }
      - { name: customer, type: foreign, expr: who }
    dimensions:
      - { name: day, type: time, type_params: { time_granularity: day } }
      - { name: tier, type: categorical }
    measures: [{ name: visits, agg: count, expr: id }]
metrics:
  - { name: sales, type: simple, type_params: { measure: sales }, meta: { counter_metric: amount } }
  - { name: amount, type: simple, type_params: { measure: amount }, meta: { counter_metric: sales } }
  - { name: mean, type: simple, type_params: { measure: mean }, meta: { counter_metric: sales } }
  - { name: p40, type: simple, type_params: { measure: p40 }, meta: { counter_metric: sales } }
  - { name: p90, type: simple, type_params: { measure: p90 }, meta: { counter_metric: sales } }
  - name: p40_of_gold
    type: simple
    type_params: { measure: p40 }
    filter: tier = 'gold'
    meta: { counter_metric: sales }
  - name: each
    type: derived
    type_params: { expr: amount / sales, metrics: [amount, sales] }
    meta: { counter_metric: sales }
  - name: each_of_gold
    type: derived
    type_params: { expr: each * 1, metrics: [{ name: each, filter: tier = 'gold' }] }
    meta: { counter_metric: sales }
  - name: bought
    type: conversion
    type_params:
      conversion_type_params: { entity: customer, base_measure: visits, conversion_measure: sales, window: 7 days }
    meta: { counter_metric: sales }
  - name: bought_of_gold
    type: derived
    type_params: { expr: bought * 1, metrics: [{ name: bought, filter: tier = 'gold' }] }
    meta: { counter_metric: sales }
  - name: largest
    type: builtin
    type_params: { plan: per_thing_v1, measure: amount, entity: customer, output: largest }
    meta: { counter_metric: sales }
  - name: largest_of_gold
    type: derived
    type_params: { expr: largest * 1, metrics: [{ name: largest, filter: tier = 'gold' }] }
    meta: { counter_metric: sales }
  - name: again
    type: builtin
    type_params: { plan: buyer_retention_v1, measure: buyers, output: retained }
    meta: { counter_metric: sales }
  - name: again_of_gold
    type: ratio
    type_params: { numerator: { name: again, filter: tier = 'gold' }, denominator: again }
    meta: { counter_metric: sales }
";

/// Customer C has visits of both tiers: the sale belongs to the later, which is none of gold.
const VISITS: &str = "id,who,day,tier
v1,A,2026-04-10,gold
v2,B,2026-04-10,gold
v3,C,2026-04-10,gold
v4,C,2026-04-12,plain
v5,D,2026-04-10,plain
";

const SALES: &str = "id,who,day,tier,amount
s1,A,2026-04-11,gold,15
s2,A,2026-05-02,gold,20
s3,C,2026-04-13,plain,35
s4,D,2026-05-20,plain,40
s5,E,2026-06-01,gold,50
s6,A,2026-02-01,gold,1
s7,D,2026-02-01,plain,2
";

async fn company() -> Asker {
    asker(DEFINITIONS, &[("visits", VISITS), ("sales", SALES)], "2026-07-12T12:00:00Z").await
}

/// The figures are those of R's `quantile` (types 7 and 1) over the same amounts.
#[tokio::test]
async fn a_percentile_is_exact_and_follows_the_filter() {
    let asker = company().await;
    for (metric, value, n) in [("p40", 29.0, 5), ("p90", 50.0, 5), ("p40_of_gold", 19.0, 3)] {
        let number = number(&asker, metric, "2026-Q2").await;
        is(&number, value);
        assert_eq!(number.n, n, "{metric}");
    }
    let nothing = number(&asker, "p40", "2025-Q1").await;
    assert_eq!((nothing.value, nothing.codes_text().as_str()), (None, "E3"), "no rows have no percentile");
    let tiers = [Dimension::from_name("tier")];
    let question = office::question("p40", Subject::Company, &tiers, &office::periods(["2026-Q2"]));
    let split = office::numbers(&asker, &question).await;
    let values: Vec<String> = split.iter().filter_map(|number| Some(number.value?.to_string())).collect();
    assert_eq!(values, ["19", "37"], "gold 15, 20, 50; plain 35, 40");
}

#[tokio::test]
async fn whatever_a_metric_is_made_of_is_narrowed_with_it() {
    let asker = company().await;
    for (metric, whole, narrowed) in [
        ("each", 160.0 / 5.0, 85.0 / 3.0),
        // Of five visits A's first and C's second led to a sale; of the three of gold only A's.
        ("bought", 2.0 / 5.0, 1.0 / 3.0),
        ("largest", 50.0, 50.0),
    ] {
        is(&number(&asker, metric, "2026-Q2").await, whole);
        is(&number(&asker, &format!("{metric}_of_gold"), "2026-Q2").await, narrowed);
    }
    // A and D bought in the quarter before and again, A of gold.
    is(&number(&asker, "again", "2026-Q2").await, 2.0);
    is(&number(&asker, "again_of_gold", "2026-Q2").await, 0.5);
}

/// X5.1: what has no value is left out of a mean, and the mean says over how many it is.
#[tokio::test]
async fn a_mean_is_over_what_has_a_value() {
    let sales =
        "id,who,day,tier,amount\ns1,A,2026-04-11,gold,10\ns2,B,2026-04-11,gold,\ns3,C,2026-04-11,gold,0\n";
    let asker = asker(DEFINITIONS, &[("visits", VISITS), ("sales", sales)], "2026-07-12T12:00:00Z").await;
    let mean = number(&asker, "mean", "2026-Q2").await;
    is(&mean, 5.0);
    assert_eq!(mean.n, 2);
    assert!(has(&mean, "E15"), "one of three lacks it: {}", mean.codes_text());
}
