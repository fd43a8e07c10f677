use super::*;
use datafusion::arrow::datatypes::{DataType, Field, Schema};

const MODELS: &str = r"semantic_models:
  - name: orders
    model: ref('orders')
    defaults: { agg_time_dimension: ordered_on }
    entities:
      - { name: order, type: primary, expr: order_id }
      - { name: customer, type: foreign, expr: customer_id }
    dimensions:
      - { name: ordered_on, type: time, type_params: { time_granularity: day } }
      - { name: status, type: categorical }
    measures:
      - { name: orders, agg: count, expr: order_id }
      - { name: order_total, agg: sum, expr: total }
  - name: customers
    model: source('crm', 'customers')
    entities:
      - { name: customer, type: primary, expr: customer_id }
    dimensions:
      - { name: tier, type: categorical }
metrics:
";

fn tables(name: &str) -> Option<datafusion::arrow::datatypes::SchemaRef> {
    let text = |name: &str| Field::new(name, DataType::Utf8, true);
    let fields = match name {
        "orders" => vec![
            text("order_id"),
            text("customer_id"),
            text("status"),
            Field::new("total", DataType::Decimal128(28, 6), true),
            Field::new("ordered_on", DataType::Date32, true),
        ],
        "customers" => vec![text("customer_id"), text("tier")],
        _ => return None,
    };
    Some(Arc::new(Schema::new(fields)))
}

fn read(metrics: &str) -> Result<Catalogue, DefinitionError> {
    let text = format!("{MODELS}{metrics}");
    Catalogue::read([("m.yaml", text.as_str())], &tables)
}

fn refusal(metrics: &str) -> String {
    read(metrics).expect_err("refused").to_string()
}

fn simple(name: &str, more: &str) -> String {
    format!(
        "  - name: {name}\n    type: simple\n    type_params: {{ measure: orders }}\n{more}    meta: {{ counter_metric: {name} }}\n"
    )
}

#[test]
fn the_shipped_catalogue_reads() {
    let catalogue = Catalogue::shipped().expect("shipped definitions are right");
    let win_rate = catalogue.metric("win_rate_count").expect("defined");
    assert!(win_rate.source_text.starts_with("- name: win_rate_count"), "{}", win_rate.source_text);
    assert!(
        matches!(win_rate.formula(), Formula::Ratio(won, decided) if won.term == "won" && decided.term == "decided")
    );
}

#[test]
fn a_filter_that_cannot_be_right_is_refused_with_its_place() {
    let filtered = |filter: &str| refusal(&simple("a", &format!("    filter: \"{filter}\"\n")));
    let unknown = filtered("colour = 'red'");
    assert!(unknown.starts_with("m.yaml:24:13: metric `a`: `colour = 'red'`"), "{unknown}");
    assert!(filtered("random() > 0.5").contains("random"));
    assert!(filtered("status in (select 1)").contains("status in"));
    assert!(filtered("count(status) > 1").contains("count"));
    assert!(filtered("status = 'a'; drop table orders").contains("drop table"));
    assert!(filtered("{{ Metric('a') }} > 1").contains("Dimension('name')"));
    assert!(filtered("status = ").contains("status ="));
}

#[test]
fn names_that_lead_nowhere_are_refused_with_the_nearest_that_do() {
    let misspelt = simple("a", "").replace("measure: orders", "measure: ordres");
    assert!(refusal(&misspelt).contains("there is no measure `ordres`; did you mean `orders`?"));
    let uncountered = simple("a", "").replace("counter_metric: a", "counter_metric: b");
    assert!(refusal(&uncountered).contains("counter-metric `b` does not exist"));
    let unsaid = simple("a", "").replace("    meta: { counter_metric: a }\n", "");
    assert!(refusal(&unsaid).contains("names no counter-metric"));
    let unknown_key = simple("a", "    colour: red\n");
    assert!(refusal(&unknown_key).contains("colour"));
    let models = MODELS.replace("metrics:\n", "");
    let table = models.replace("ref('orders')", "ref('invoices')");
    let absent = Catalogue::read([("m.yaml", table.as_str())], &tables).expect_err("refused").to_string();
    assert!(
        absent.starts_with("m.yaml:3:12: semantic model `orders`: there is no table `invoices`"),
        "{absent}"
    );
}

#[test]
fn a_metric_that_is_made_of_itself_is_refused() {
    let ratio = |name: &str, above: &str, below: &str| {
        format!(
            "  - name: {name}\n    type: ratio\n    type_params: {{ numerator: {above}, denominator: {below} }}\n    meta: {{ counter_metric: {name} }}\n"
        )
    };
    let circle = [simple("a", ""), ratio("b", "a", "c"), ratio("c", "b", "a")].concat();
    let refused = refusal(&circle);
    assert!(refused.contains("it is made of itself: b → c → b"), "{refused}");
}

#[test]
fn definitions_may_stand_in_any_order_and_look_along_their_entities() {
    let metrics = [
        "  - name: share\n    type: ratio\n    type_params: { numerator: { name: a, filter: \"{{ Dimension('customer__tier') }} = 'gold'\" }, denominator: a }\n    meta: { counter_metric: a }\n".to_owned(),
        simple("a", "    filter: \"{{ Dimension('order__status') }} = 'paid' and customer__tier <> 'none'\"\n"),
    ];
    let catalogue = read(&metrics.concat()).expect("read");
    let Computation::Ratio { numerator, .. } = &catalogue.metric("share").expect("defined").computation
    else {
        panic!("a ratio");
    };
    let Computation::Simple { aggregate, .. } = &numerator.computation else { panic!("a simple metric") };
    assert_eq!(aggregate.joined, ["customer__tier", "customer__tier"]);
}

#[test]
fn a_sum_of_words_and_a_date_that_is_none_are_refused() {
    let words = MODELS.replace("agg: sum, expr: total", "agg: sum, expr: status");
    let sum = "  - name: a\n    type: simple\n    type_params: { measure: order_total }\n    meta: { counter_metric: a }\n";
    let text = format!("{words}{sum}");
    let refused = Catalogue::read([("m.yaml", text.as_str())], &tables).expect_err("refused").to_string();
    assert!(refused.contains("Sum does not fit values of type Utf8"), "{refused}");
    let models = MODELS.replace("metrics:\n", "");
    let undated = models.replace("agg_time_dimension: ordered_on", "agg_time_dimension: status");
    let refused = Catalogue::read([("m.yaml", undated.as_str())], &tables).expect_err("refused").to_string();
    assert!(refused.contains("`status` is not a time dimension of `orders`"), "{refused}");
}

#[test]
fn derived_metrics_are_arithmetic_and_nothing_else() {
    let derived = |expr: &str| {
        let derived = format!(
            "  - name: d\n    type: derived\n    type_params: {{ expr: \"{expr}\", metrics: [a, {{ name: a, alias: before, offset_window: 1 quarter }}] }}\n    meta: {{ counter_metric: a }}\n"
        );
        read(&[simple("a", ""), derived].concat())
    };
    assert!(derived("(a - before) / before").is_ok());
    let refused = derived("a > before").expect_err("refused").to_string();
    assert!(refused.contains("is not arithmetic over metrics"), "{refused}");
    let refused = derived("a - later").expect_err("refused").to_string();
    assert!(refused.contains("later"), "{refused}");
}

#[test]
fn a_percentile_says_which_and_nothing_else_has_one() {
    let with = |agg: &str| {
        let models = MODELS.replace("agg: sum, expr: total", &format!("expr: total, {agg}"));
        let metric = "  - name: a\n    type: simple\n    type_params: { measure: order_total }\n    meta: { counter_metric: a }\n";
        let text = format!("{models}{metric}");
        Catalogue::read([("m.yaml", text.as_str())], &tables).map_err(|error| error.to_string())
    };
    let given = |params: &str| with(&format!("agg: percentile, agg_params: {{ {params} }}"));
    for params in ["percentile: 0.9", "percentile: 0", "percentile: 1, use_discrete_percentile: true"] {
        assert!(given(params).is_ok(), "{params}");
    }
    assert!(given("percentile: 0.9, use_approximate_percentile: true").is_ok(), "permission to be inexact");
    for (params, says) in [
        ("percentile: 1.5", "`1.5` is no percentile; write one from 0 to 1"),
        ("percentile: .nan", "is no percentile"),
        ("use_discrete_percentile: true", "write which"),
        ("percentile: 0.9, colour: red", "colour"),
    ] {
        let refused = given(params).expect_err(params);
        assert!(refused.contains(says), "{refused}");
    }
    let refused = with("agg: percentile").expect_err("says not which");
    assert!(refused.contains("write which: `agg_params: { percentile: 0.9 }`"), "{refused}");
    let refused = with("agg: sum, agg_params: { percentile: 0.9 }").expect_err("a sum has none");
    assert!(refused.contains("only `agg: percentile` has a percentile"), "{refused}");
}

#[test]
fn an_input_is_narrowed_by_what_its_rows_have_and_refused_by_what_they_have_not() {
    let narrowed = |filter: &str| {
        let derived = "  - name: d\n    type: derived\n    type_params: { expr: \"a * 2\", metrics: [a] }\n    meta: { counter_metric: a }\n";
        let ratio = format!(
            "  - name: r\n    type: ratio\n    type_params: {{ numerator: {{ name: d, filter: \"{filter}\" }}, denominator: a }}\n    meta: {{ counter_metric: a }}\n"
        );
        read(&[simple("a", ""), derived.to_owned(), ratio].concat())
    };
    let catalogue = narrowed("status = 'paid'").expect("narrowed");
    let metric = catalogue.metric("r").expect("defined");
    let Computation::Ratio { numerator, .. } = &metric.computation else { panic!("a ratio") };
    let Computation::Derived { inputs, .. } = &numerator.computation else { panic!("a derived metric") };
    let Computation::Simple { aggregate, .. } = &inputs[0].metric.computation else { panic!("a simple one") };
    assert!(aggregate.filter.is_some(), "the filter reaches the rows");
    let refused = narrowed("colour = 'red'").expect_err("refused").to_string();
    assert!(refused.contains("cannot narrow `a`, which counts rows of `orders`"), "{refused}");
}
