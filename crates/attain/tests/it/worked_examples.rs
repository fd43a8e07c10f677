//! Every worked example of the domain's sections 2 to 5 is a test somewhere: which one stands here.

use std::path::Path;

use serde_json::Value;

/// Example, file of the test below `crates/`, name of the test.
const TESTED: &[(&str, &str, &str)] = &[
    (
        "X2.1",
        "facts/tests/it/deliveries.rs",
        "a_corrected_and_deleted_amount_is_known_as_it_was_at_each_instant",
    ),
    ("X2.2", "facts/src/rows/table.rs", "a_row_without_an_identifier_is_known_by_its_key_columns"),
    ("X3.1", "metrics/src/calendar/tests.rs", "a_year_from_april_has_its_own_quarters_and_halves"),
    ("X3.2", "metrics/src/calendar/tests.rs", "a_year_named_by_its_start_keeps_january_in_the_year_before"),
    ("X3.3", "metrics/src/calendar/tests.rs", "a_retail_year_has_a_53rd_week_when_its_saturday_asks_for_one"),
    ("X3.4", "metrics/src/calendar/tests.rs", "the_53rd_week_belongs_to_the_last_month_and_quarter"),
    ("X3.5", "metrics/src/calendar/tests.rs", "a_year_of_weeks_may_end_on_the_last_saturday_of_a_month"),
    (
        "X3.6",
        "metrics/src/calendar/tests.rs",
        "iso_weeks_at_the_turn_of_the_year_belong_to_the_year_of_their_thursday",
    ),
    (
        "X3.7",
        "metrics/src/calendar/proration.rs",
        "a_hire_within_the_quarter_has_the_quota_of_the_working_days_left",
    ),
    ("X3.7", "metrics/src/calendar/working_days.rs", "holidays_do_not_count_and_half_days_count_half"),
    ("X3.8", "metrics/src/calendar/proration.rs", "a_long_leave_prorates_and_a_short_absence_does_not"),
    (
        "X3.9",
        "metrics/src/calendar/proration.rs",
        "a_target_raised_within_the_quarter_counts_by_working_days",
    ),
    ("X3.10", "attain/tests/it/catalogue/examples/credit.rs", "splits_add_up_to_the_deal_to_the_cent"),
    (
        "X3.11",
        "attain/tests/it/catalogue/examples/credit.rs",
        "amounts_are_converted_at_the_rate_of_their_day_and_rounded_one_by_one",
    ),
    ("X3.12", "attain/src/web/format.rs", "figures_are_rounded_half_to_even"),
    ("X3.12", "metrics/src/calendar/proration.rs", "cents_are_rounded_half_even"),
    (
        "X3.13",
        "attain/tests/it/catalogue/examples/credit.rs",
        "growth_at_one_plan_rate_leaves_currencies_out",
    ),
    ("X3.14", "metrics/src/engine.rs", "an_evening_signature_counts_on_the_companys_own_day"),
    (
        "X3.15",
        "attain/tests/it/catalogue/examples/credit.rs",
        "a_teams_win_rate_is_not_the_mean_of_its_members",
    ),
    (
        "X3.16",
        "attain/tests/it/catalogue/examples/credit.rs",
        "a_deal_stays_with_the_owner_and_team_of_its_day",
    ),
    (
        "X3.17",
        "metrics/src/calendar/tenure.rs",
        "tenure_is_counted_in_whole_months_up_to_the_end_of_shorter_ones",
    ),
    (
        "X4.1",
        "attain/tests/it/catalogue/examples/deals.rs",
        "a_deal_without_amount_is_won_but_worth_nothing_known",
    ),
    (
        "X4.2",
        "attain/tests/it/catalogue/examples/deals.rs",
        "a_win_rate_by_close_and_one_by_creation_are_two_questions",
    ),
    (
        "X4.3",
        "attain/tests/it/catalogue/examples/conversion.rs",
        "a_sale_converts_the_latest_start_of_its_window",
    ),
    (
        "X4.4",
        "attain/tests/it/catalogue/examples/customers.rs",
        "a_customer_won_and_lost_inside_the_period_lowers_textbook_retention_only",
    ),
    (
        "X4.5",
        "attain/tests/it/catalogue/examples/customers.rs",
        "former_customers_who_come_back_are_acquired",
    ),
    (
        "X4.6",
        "attain/tests/it/catalogue/examples/customers.rs",
        "recurring_revenue_is_retained_gross_and_net",
    ),
    (
        "X4.7",
        "attain/tests/it/catalogue/examples/deals.rs",
        "coverage_needs_a_target_and_something_left_to_sell",
    ),
    ("X4.8", "attain/tests/it/catalogue/examples/deals.rs", "velocity_is_four_factors"),
    ("X4.9", "attain/tests/it/catalogue/examples/deals.rs", "a_cycle_is_counted_in_civil_days"),
    ("X4.10", "attain/tests/it/catalogue/examples/people.rs", "forecasts_are_judged_where_they_were_made"),
    (
        "X4.11",
        "attain/tests/it/catalogue/examples/people.rs",
        "the_median_first_touch_counts_those_who_still_wait",
    ),
    ("X4.12", "attain/tests/it/catalogue/examples/deals.rs", "a_discount_is_known_where_both_amounts_are"),
    (
        "X4.13",
        "attain/tests/it/catalogue/examples/deals.rs",
        "a_stage_converts_what_reached_a_later_one_of_what_is_decided",
    ),
    (
        "X4.14",
        "attain/tests/it/catalogue/examples/customers.rs",
        "revenue_is_divided_by_accounts_that_net_to_something",
    ),
    (
        "X4.15",
        "attain/tests/it/catalogue/examples/people.rs",
        "leads_are_divided_by_the_working_days_of_those_who_brought_them",
    ),
    (
        "X4.16",
        "attain/tests/it/catalogue/examples/customers.rs",
        "net_promoters_are_those_of_all_who_answered",
    ),
    (
        "X4.17",
        "attain/tests/it/catalogue/examples/people.rs",
        "ramp_time_is_the_month_whose_last_three_reach_four_fifths",
    ),
    (
        "X4.18",
        "attain/tests/it/catalogue/examples/deals.rs",
        "slippage_is_what_changed_in_the_last_thirty_days",
    ),
    ("X5.1", "attain/tests/it/catalogue/plain_files.rs", "a_mean_is_over_what_has_a_value"),
    ("X5.1", "attain/tests/it/catalogue/qualifying.rs", "who_has_no_value_stands_in_no_order"),
];

/// Sections of the domain whose examples are tests.
const SECTIONS: [&str; 4] = ["2", "3", "4", "5"];

#[test]
fn the_tests_of_the_worked_examples_are_there() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (example, file, test) in TESTED {
        let text =
            std::fs::read_to_string(crates.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let before = text.split(&format!("fn {test}(")).next().filter(|before| before.len() < text.len());
        let before = before.unwrap_or_else(|| panic!("{example}: there is no test `{test}` in {file}"));
        let head: Vec<&str> =
            before.trim_end().lines().rev().take_while(|line| !line.trim().is_empty()).collect();
        let is_test = head.iter().any(|line| line.contains("#[test]") || line.contains("#[tokio::test"));
        let names_it = head.iter().any(|line| names(line, example));
        assert!(is_test && names_it, "{example}: `{test}` in {file} is no test that names it");
    }
}

/// Whether a comment names an example, and not one whose number only begins like it.
fn names(line: &str, example: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
    line.trim().starts_with("///") && line.split(example).skip(1).any(ends)
}

#[test]
fn no_worked_example_is_without_a_test() {
    let Some(file) = attain_testing::specification("domain_examples.json") else { return };
    let text = std::fs::read_to_string(file).expect("the examples");
    let examples: Value = serde_json::from_str(&text).expect("JSON");
    let examples = examples["examples"].as_array().expect("examples");
    let told = |example: &&Value| {
        let section = example["section"].as_str().expect("a section");
        SECTIONS.iter().any(|of| section.split(['.', ' ']).next() == Some(of))
    };
    let ids: Vec<&str> = examples.iter().filter(told).filter_map(|example| example["id"].as_str()).collect();
    assert!(ids.len() > 30, "{ids:?}");
    let untested: Vec<&&str> =
        ids.iter().filter(|id| !TESTED.iter().any(|(example, _, _)| example == *id)).collect();
    assert!(untested.is_empty(), "no test is named for {untested:?}");
}
