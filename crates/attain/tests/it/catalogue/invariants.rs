//! What must not change a number, and between what it lies (domain 16): the made-up company as it
//! is and otherwise delivered (I7), with somebody more (I8), and at other rates (I22); rates that
//! are shares (I12).

use std::collections::BTreeMap;

use attain_facts::canonical::Table;
use attain_facts::merge::{Merge, merge};
use attain_metrics::{Dimension, Level, MetricsError, RateMode, Reach, Subject};
use attain_records::Actor;
use jiff::Timestamp;
use proptest::prelude::*;
use tokio::runtime::Runtime;

use super::examples::{Example, add_deal, add_team, value};
use super::fixture::plans::QUARTERS;
use super::fixture::sheet::{Chance, Sheets, row};
use super::fixture::{self, KNOWN};
use super::office::{self, Told};
use super::{Asker, Checked};

const TOLD: Told<'static> =
    Told { covers: ("2024-01-01", "2025-11-15"), known: KNOWN, working_days: office::WEEKDAYS };

/// Every number of a split, digit by digit: by metric, member and quarter.
type Numbers = BTreeMap<(String, String, String), String>;

/// All that can be split so, of every quarter.
async fn numbers(asker: &Asker, by: Option<&str>) -> Numbers {
    let by: Vec<Dimension> = by.map(Dimension::from_name).into_iter().collect();
    let periods = office::periods(QUARTERS.iter().map(|(key, _, _)| *key));
    let mut numbers = Numbers::new();
    for metric in asker.catalogue().metrics() {
        let question = office::question(&metric.id, Subject::Company, &by, &periods);
        let answer = match asker.ask(&question, &Reach::Everything).await {
            Err(MetricsError::UnknownDimension { .. }) => continue,
            answer => office::numbers_in(&metric.id, answer),
        };
        for number in answer {
            let member = number
                .members
                .first()
                .map_or("", |member| member.as_ref().map_or("unassigned", |member| member.name.as_str()));
            let key = (number.metric.clone(), member.to_owned(), number.period.key().to_owned());
            let exact = format!(
                "{:?} = {:?} / {:?}, n {}, waiting {}, [{}]",
                number.value.map(|value| value.normalize().to_string()),
                number.numerator.map(|value| value.normalize().to_string()),
                number.denominator.map(|value| value.normalize().to_string()),
                number.n,
                number.not_matured,
                number.codes_text()
            );
            numbers.insert(key, exact);
        }
    }
    numbers
}

fn differences(before: &Numbers, after: &Numbers) -> Vec<String> {
    let differing = before.iter().filter(|(key, number)| after.get(*key) != Some(number));
    differing.map(|(key, number)| format!("{key:?}: {number}\n    now {:?}", after.get(key))).collect()
}

/// The hashes of the rows behind the company's numbers of one quarter.
async fn row_hashes(asker: &Asker, metric: &str) -> Vec<String> {
    let period = office::periods(["2025-Q1"]).remove(0);
    let evidence = asker.evidence(metric, &Subject::Company, &period, &Reach::Everything).await;
    let mut hashes: Vec<String> =
        evidence.expect("evidence").rows.into_iter().map(|row| row.row_hash).collect();
    hashes.sort();
    hashes
}

/// Invariant I7: rows and columns in another order, and every table in three files.
#[test]
fn the_order_of_rows_and_columns_and_the_files_they_stand_in_change_nothing() {
    let checked = Checked::company();
    let folder = tempfile::tempdir().expect("a folder");
    let turned = fixture::company().turned(&mut Chance::seeded(11));
    checked.block_on(async {
        let again = office::open_in(&turned, &TOLD, folder.path(), 3).await;
        for by in [None, Some("rep")] {
            let before = numbers(&checked.asker, by).await;
            assert!(before.len() > 800, "{by:?}: {}", before.len());
            let after = numbers(&again, by).await;
            let differences = differences(&before, &after);
            assert!(
                differences.is_empty() && before.len() == after.len(),
                "{by:?}:\n{}",
                differences.join("\n")
            );
        }
        for metric in ["bookings", "credited_bookings", "calls_made", "revenue_per_customer"] {
            let before = row_hashes(&checked.asker, metric).await;
            assert!(!before.is_empty(), "{metric}");
            assert_eq!(before, row_hashes(&again, metric).await, "{metric}");
        }
    });
}

/// Invariant I21: merged, two count as the one they are; apart again, every number is as before.
#[test]
fn merging_makes_one_of_two_and_taking_apart_restores_every_number() {
    let checked = Checked::company();
    let folder = tempfile::tempdir().expect("a folder");
    let twice = [(Table::Employee, "ben"), (Table::Account, "a03"), (Table::Product, "base")];
    let named_twice =
        twice.iter().fold(fixture::company(), |sheets, (table, id)| sheets.named_twice(*table, id));
    let known: Timestamp = KNOWN.parse().expect("an instant");
    checked.block_on(async {
        let apart = office::open(&named_twice, &TOLD, folder.path()).await;
        let store = office::store_in(folder.path()).await;
        let change = async |into: bool| {
            for (table, id) in twice {
                let twin = format!("{id}-twin");
                let wanted = Merge { table, one: &twin, into: into.then_some(id), reason: "", now: known };
                merge(&store, &Actor::local_owner(), &wanted).await.unwrap_or_else(|error| panic!("{error}"));
            }
            office::asker(&store, known).await
        };
        let merged = change(true).await;
        let apart_again = change(false).await;
        for by in [None, Some("rep"), Some("product")] {
            let (one, two) = (numbers(&checked.asker, by).await, numbers(&apart, by).await);
            let unlike = differences(&one, &two).len();
            assert!(unlike > 0, "{by:?}: named twice, no number differs");
            for (before, after) in
                [(&one, &numbers(&merged, by).await), (&two, &numbers(&apart_again, by).await)]
            {
                let differences = differences(before, after);
                assert!(
                    differences.is_empty() && before.len() == after.len(),
                    "{by:?}:\n{}",
                    differences.join("\n")
                );
            }
        }
    });
}

/// Invariant I8: somebody in a region of their own, with accounts, deals and calls of their own,
/// changes nothing of others but what is weighted by the company's experience (4.4).
#[test]
fn an_unrelated_person_changes_nothing_of_others() {
    let checked = Checked::company();
    let folder = tempfile::tempdir().expect("a folder");
    let mut sheets = fixture::company();
    add_stranger(&mut sheets);
    checked.block_on(async {
        let after = office::open(&sheets, &TOLD, folder.path()).await;
        for (by, own) in [("rep", "stranger"), ("region", "abroad")] {
            let before = numbers(&checked.asker, Some(by)).await;
            let after = numbers(&after, Some(by)).await;
            assert!(after.contains_key(&("bookings".into(), own.into(), "2025-Q1".into())));
            let differences: Vec<String> = differences(&before, &after)
                .into_iter()
                .filter(|difference| !difference.starts_with("(\"weighted_pipeline\""))
                .collect();
            assert!(differences.is_empty(), "{by}:\n{}", differences.join("\n"));
        }
    });
}

fn add_stranger(sheets: &mut Sheets) {
    row!(sheets, Team, id: "abroad", name: "abroad");
    row!(sheets, Employee, id: "stranger", display_name: "stranger", role: "AE", hire_date: "2020-01-01");
    row!(sheets, TeamAssignment, id: "stranger", employee_id: "stranger", team_id: "abroad", is_primary: "true");
    row!(sheets, Account, id: "far", name: "far", owner_id: "stranger", created_at: "2023-05-05T09:00:00Z");
    let mut chance = Chance::seeded(5);
    for number in 0..60 {
        let month = chance.between(1, 10);
        let (outcome, id) = (chance.pick(&["won", "lost"]), format!("far-{number}"));
        row!(sheets, Opportunity, id: id, name: id, owner_id: "stranger", account_id: "far",
            created_at: format!("2025-0{month}-02T09:00:00Z"), stage: if outcome == "won" { "Won" } else { "Lost" },
            outcome: outcome, close_date: format!("2025-0{month}-20"),
            amount: chance.between(100, 90_000), amount_ccy: "EUR");
        row!(sheets, Activity, id: format!("far-{number}"), employee_id: "stranger", kind: "call", direction: "out",
            occurred_at: format!("2025-0{month}-03T09:00:00Z"), outcome: "connected", account_id: "far");
    }
}

/// Invariant I12: these are shares of a whole; what is kept and what is gained make what remains.
#[test]
fn rates_are_shares_and_net_retention_is_gross_retention_and_expansion() {
    let checked = Checked::company();
    let shares = [
        "win_rate_count",
        "win_rate_value",
        "win_rate_created",
        "win_rate_cohort_all",
        "win_rate_cohort_decided",
        "retention_set",
        "buyer_retention",
        "logo_churn",
        "grr",
        "lead_to_opp_rate",
        "lead_to_win_rate",
    ];
    let mut seen = 0;
    let levels = [None, Some(Level::Region), Some(Level::Manager), Some(Level::Rep)];
    for by in levels.map(|level| level.map(|level| Dimension::from_name(level.name()))) {
        let by: Vec<Dimension> = by.into_iter().collect();
        for metric in shares {
            for number in checked.ask(metric, &by) {
                let Some(share) = value(&number) else { continue };
                assert!(
                    (0.0..=1.0).contains(&share),
                    "{metric} {:?} {}: {share}",
                    number.members,
                    number.period
                );
                seen += 1;
            }
        }
        let [net, gross, gained] = ["nrr", "grr", "expansion_rate"].map(|metric| checked.ask(metric, &by));
        for ((net, gross), gained) in net.iter().zip(&gross).zip(&gained) {
            let (Some(net), Some(gross), Some(gained)) = (value(net), value(gross), value(gained)) else {
                assert_eq!((value(net), value(gross)), (None, None), "none of them has a base");
                continue;
            };
            assert!((net - gross - gained).abs() < 1e-9, "{net} is not {gross} + {gained}");
            seen += 1;
        }
    }
    assert!(seen > 500, "the company has next to nothing to see: {seen}");
}

/// Deals of two years in a foreign currency with a spot rate each and one plan rate.
fn abroad(deals: &[(bool, u32, u32)], spot_times: u32) -> Sheets {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for (number, (second_year, cents, rate)) in deals.iter().enumerate() {
        let year = if *second_year { 2026 } else { 2025 };
        let day = format!("{year}-{:02}-10", number % 6 + 1);
        row!(sheets, Opportunity, id: number, name: number, owner_id: "anna", created_at: format!("{year}-01-05"),
            stage: "won", outcome: "won", close_date: day, amount: format!("{}.{:02}", cents / 100, cents % 100),
            amount_ccy: "USD");
        row!(sheets, FxRate, id: format!("{number}-{day}"), rate_set: "spot", from_ccy: "USD", to_ccy: "EUR",
            rate_date: format!("{year}-{:02}-{:02}", number % 6 + 1, 3 + number / 6),
            rate: format!("{}.{:04}", rate * spot_times / 10_000, rate * spot_times % 10_000));
    }
    for closed in ["2025-06-20", "2026-06-20"] {
        add_deal(&mut sheets, closed, "anna", ("2025-01-05", closed), "won", "1000");
    }
    row!(sheets, FxRate, id: "plan", rate_set: "plan:2026", from_ccy: "USD", to_ccy: "EUR", rate_date: "2026-01-01",
        rate: "0.95");
    sheets
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// Invariant I22: whatever happens to the rates of the days, growth at one plan rate is the same.
    #[test]
    fn growth_at_one_plan_rate_knows_no_rates_of_the_day(
        deals in proptest::collection::vec((any::<bool>(), 1u32..10_000_000, 5_000u32..15_000), 1..18),
        times in 2u32..9,
    ) {
        let at_spot_and_plan = |sheets: &Sheets| Runtime::new().expect("a runtime").block_on(async {
            let example = Example::known_on(sheets, "2026-12-31").await;
            let plan = RateMode::Constant("2026".to_owned());
            let mut found = Vec::new();
            for period in ["2025", "2026"] {
                let spot = value(&example.number("bookings", period).await);
                let constant = example.number_at("bookings", period, plan.clone()).await;
                found.push((spot, constant.value, constant.codes_text()));
            }
            found
        });
        let (before, after) = (at_spot_and_plan(&abroad(&deals, 1)), at_spot_and_plan(&abroad(&deals, times)));
        for (before, after) in before.iter().zip(&after) {
            prop_assert_eq!((&before.1, &before.2), (&after.1, &after.2));
        }
        prop_assert!(before.iter().zip(&after).any(|(before, after)| before.0 != after.0), "the rates count at all");
    }
}
