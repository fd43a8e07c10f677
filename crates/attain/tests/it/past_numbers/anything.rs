//! Whatever a delivery corrects: what it says beforehand is what the numbers then do.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{looked_at, past_of};
use crate::program::{Answer, Program};
use crate::small_company::Files;

const PEOPLE: [&str; 3] = ["anna", "ben", "cleo"];
const TEAMS: [&str; 2] = ["North", "South"];
const QUARTERS: &str = "2024-Q1,2024-Q2,2024-Q3,2024-Q4";
const METRICS: &str = "bookings,deals_won,deals_lost,opps_created";

/// A deal as a delivery tells of it; nothing where it does not.
#[derive(Clone, Debug)]
struct Deal {
    owner: usize,
    /// Days into 2024 on which it was created and closed.
    days: (u16, u16),
    stage: &'static str,
    amount: u32,
}

fn deals() -> impl Strategy<Value = Vec<Option<Deal>>> {
    let stage = prop_oneof![3 => Just("Won"), 2 => Just("Lost"), 1 => Just("Open")];
    let deal = (0usize..3, (0u16..180, 0u16..180), stage, 1u32..1_000).prop_map(
        |(owner, (created, later), stage, amount)| Deal {
            owner,
            days: (created, created + later),
            stage,
            amount,
        },
    );
    proptest::collection::vec(proptest::option::weighted(0.9, deal), 12)
}

/// The second delivery: most deals as they were.
fn corrected(first: &[Option<Deal>], second: Vec<Option<Deal>>, kept: &[u8]) -> Vec<Option<Deal>> {
    let deals = first.iter().zip(second).zip(kept);
    deals
        .map(|((one, other), kept)| match (kept % 4, one, other) {
            (0, _, other) => other,
            (1, Some(one), Some(other)) => Some(Deal { owner: other.owner, ..one.clone() }),
            (_, one, _) => one.clone(),
        })
        .collect()
}

fn write(files: &Files, deals: &[Option<Deal>], team_of_anna: usize) {
    let person = |name: &str, team: &str| format!("{name},{name},{team},2020-01-01,");
    let people = [person("anna", TEAMS[team_of_anna]), person("ben", "South"), person("cleo", "North")];
    files.people(&people.each_ref().map(String::as_str));
    let day = |days: u16| {
        let first = jiff::civil::date(2024, 1, 1);
        first.checked_add(jiff::Span::new().days(days)).expect("a day").to_string()
    };
    let lines: Vec<String> = deals
        .iter()
        .enumerate()
        .filter_map(|(number, deal)| {
            let Deal { owner, days: (created, closed), stage, amount } = deal.as_ref()?;
            let (owner, created, closed) = (PEOPLE[*owner], day(*created), day(*closed));
            Some(format!("D-{number},Deal {number},Acme,{owner},{created},{closed},{stage},{amount}"))
        })
        .collect();
    files.deals(&lines.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Values by member, period and metric.
type Values = BTreeMap<(String, String, String), Decimal>;

fn asked(program: &Program, by: &[&str], as_of: Option<&str>) -> Values {
    let mut arguments = vec!["query", "--metric", METRICS, "--period", QUARTERS, "--format", "csv"];
    arguments.extend(by);
    arguments.extend(as_of.into_iter().flat_map(|instant| ["--as-of", instant]));
    let answer = Answer::read(&program.prints(&arguments));
    answer.values.into_iter().filter_map(|(place, value)| Some((place, value.value?))).collect()
}

/// What the numbers really do, from one instant to now.
fn differences(program: &Program, by: &[&str], then: &str) -> Values {
    let (before, after) = (asked(program, by, Some(then)), asked(program, by, None));
    let places = before.keys().chain(after.keys()).cloned();
    let change = |place: &(String, String, String)| {
        after.get(place).copied().unwrap_or_default() - before.get(place).copied().unwrap_or_default()
    };
    let changes = places.map(|place| (change(&place), place));
    changes.filter(|(change, _)| !change.is_zero()).map(|(change, place)| (place, change)).collect()
}

/// What a level's numbers are said to do.
fn said(past: &serde_json::Value, level: &str) -> Values {
    let moves = past["moves"].as_array().expect("moves").iter().filter(|moved| moved["level"] == level);
    moves
        .map(|moved| {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            let member = match (level, moved["member"]["name"].as_str()) {
                ("company", _) => String::new(),
                (_, name) => name.unwrap_or("unassigned").to_owned(),
            };
            let change = moved["change"].to_string().parse().expect("a change");
            ((member, text(&moved["period"]), text(&moved["metric"])), change)
        })
        .collect()
}

fn summed(parts: &Values) -> Values {
    let mut whole = Values::new();
    for ((_, period, metric), change) in parts {
        *whole.entry((String::new(), period.clone(), metric.clone())).or_default() += change;
    }
    whole.retain(|_, change| !change.is_zero());
    whole
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, ..ProptestConfig::default() })]

    #[test]
    fn what_is_said_beforehand_is_what_numbers_do_and_a_restatement_comes_apart_without_trace(
        first in deals(),
        second in deals(),
        kept in proptest::collection::vec(any::<u8>(), 12),
        team in 0usize..2,
    ) {
        let (program, files) = (Program::new(), Files::new());
        write(&files, &first, 0);
        files.deliver(&program);
        let then = Timestamp::now().to_string();
        write(&files, &corrected(&first, second, &kept), team);
        let before = looked_at(&program, &files);
        files.deliver(&program);
        if before.is_null() {
            return Ok(());
        }
        prop_assert_eq!(&past_of(&program, "2"), &before);
        for (level, by) in [("rep", &["--by", "rep"][..]), ("region", &["--by", "region"]), ("company", &[])] {
            prop_assert_eq!(said(&before, level), differences(&program, by, &then), "{}", level);
            prop_assert_eq!(summed(&said(&before, level)), said(&before, "company"), "{} adds up", level);
        }
        if before["deals"].as_array().is_some_and(|deals| !deals.is_empty()) {
            let by = ["--by", "rep"];
            let as_it_was = asked(&program, &by, None);
            let restated = Timestamp::now().to_string();
            program.prints(&["restate", "2", "--reason", "agreed"]);
            let past = past_of(&program, "3");
            prop_assert_eq!(said(&past, "rep"), differences(&program, &by, &restated));
            prop_assert!(said(&past, "company").is_empty(), "what one has less, another has more");
            program.prints(&["restate", "take-back", "3", "--reason", "not agreed"]);
            prop_assert_eq!(asked(&program, &by, None), as_it_was);
        }
    }
}
