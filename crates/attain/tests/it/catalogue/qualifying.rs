//! What must be known beside a value and does not follow from the rows that were counted (domain 5):
//! facts that are nobody's (E14), and who was hardly there (E19). Of what was signed and is old
//! (E10, E13) there are tests where the program is asked: they take time to pass.

use attain_metrics::{Code, Dimension, Subject, rank};

use super::examples::{Example, add_deal, add_team, has, is, value};
use super::fixture::sheet::{Sheets, row};
use super::office;

/// A hundred deals won in a quarter, some of nobody.
fn deals_of_nobody(nobody: usize) -> Sheets {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    for number in 0..100 {
        let owner = if number < nobody { "" } else { "anna" };
        add_deal(&mut sheets, &format!("o{number}"), owner, ("2026-01-05", "2026-02-10"), "won", "10");
    }
    sheets
}

#[tokio::test]
async fn a_value_says_which_share_of_its_facts_is_nobodys() {
    let example = Example::known_on(&deals_of_nobody(3), "2026-07-01").await;
    let bookings = example.number("bookings", "2026-Q1").await;
    is(&bookings, 1000.0);
    assert!(has(&bookings, "E14") && !has(&bookings, "E0"), "{}", bookings.codes_text());
    assert_eq!(bookings.unassigned.map(|share| share.to_string()).as_deref(), Some("0.03"));
    let rate = example.number("win_rate_count", "2026-Q1").await;
    assert!(has(&rate, "E14"), "{}", rate.codes_text());
    assert!(!has(&example.number("bookings", "2026-Q2").await, "E14"), "nothing happened then");
    for (name, number) in example.split("bookings", "rep", "2026-Q1").await {
        assert!(!has(&number, "E14"), "{name}: what is nobody's has a line of its own");
    }
    let one = Example::known_on(&deals_of_nobody(1), "2026-07-01").await;
    assert!(!has(&one.number("bookings", "2026-Q1").await, "E14"), "1 % is not above 1 %");
}

/// Who owns a deal but belongs to no team on the day is unassigned as well (T7).
#[tokio::test]
async fn a_person_without_a_team_on_the_day_is_nobody_of_the_organisation() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna"]);
    row!(sheets, Employee, id: "guest", display_name: "guest", role: "AE", hire_date: "2020-01-01");
    for (id, owner) in [("a", "anna"), ("b", "guest")] {
        add_deal(&mut sheets, id, owner, ("2026-01-05", "2026-02-10"), "won", "10");
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let bookings = example.number("bookings", "2026-Q1").await;
    assert_eq!(bookings.unassigned.map(|share| share.to_string()).as_deref(), Some("0.5"));
}

/// January to March 2026 has 64 working days, of which four fifths are 51.2.
#[tokio::test]
async fn who_was_hardly_there_has_a_value_and_no_rank() {
    let mut sheets = Sheets::default();
    row!(sheets, Team, id: "team", name: "team");
    for (person, hired, left) in [
        ("always", "2020-01-01", ""),
        ("came in time", "2026-01-19", ""),
        ("came late", "2026-01-20", ""),
        ("left", "2020-01-01", "2026-03-06"),
        ("on leave", "2020-01-01", ""),
        ("on holiday", "2020-01-01", ""),
    ] {
        row!(sheets, Employee, id: person, display_name: person, role: "AE", hire_date: hired, end_date: left);
        row!(sheets, TeamAssignment, id: person, employee_id: person, team_id: "team", is_primary: "true");
        add_deal(
            &mut sheets,
            &format!("deal of {person}"),
            person,
            ("2026-01-05", "2026-02-10"),
            "won",
            "10",
        );
    }
    for (person, from, to) in [
        ("on leave", "2026-02-16", "2026-03-20"),
        // Four times four working days: none is long enough to count.
        ("on holiday", "2026-02-02", "2026-02-06"),
        ("on holiday", "2026-02-09", "2026-02-13"),
        ("on holiday", "2026-03-02", "2026-03-06"),
        ("on holiday", "2026-03-09", "2026-03-13"),
    ] {
        row!(sheets, EmployeeAbsence, id: format!("{person}{from}"), employee_id: person, from: from, to: to, kind: "leave");
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let mut absent: Vec<String> = example
        .split("bookings", "rep", "2026-Q1")
        .await
        .into_iter()
        .filter(|(_, number)| has(number, "E19") && value(number) == Some(10.0))
        .map(|(name, _)| name)
        .collect();
    absent.sort();
    assert_eq!(absent, ["came late", "left", "on leave"]);
    let by = [Dimension::from_name("rep")];
    let question = office::question("bookings", Subject::Company, &by, &office::periods(["2026-Q1"]));
    let ranks = example.ranks(&question).await;
    assert_eq!(ranks.iter().filter(|(_, rank)| rank.is_some()).count(), 3);
    assert!(ranks.iter().all(|(name, rank)| rank.is_none() == absent.contains(name)), "{ranks:?}");
    assert!(!has(&example.number("bookings", "2026-Q1").await, "E19"), "a company is always there");
}

/// X5.1: without a value there is no place in any order, and a true 0 has one.
#[tokio::test]
async fn who_has_no_value_stands_in_no_order() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["ten", "unknown", "zero"]);
    add_deal(&mut sheets, "a", "ten", ("2026-01-05", "2026-02-10"), "won", "10");
    add_deal(&mut sheets, "b", "unknown", ("2026-01-05", "2026-02-10"), "won", "");
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let by = [Dimension::from_name("rep")];
    let question = office::question("bookings", Subject::Company, &by, &office::periods(["2026-Q1"]));
    let descending = example.ranks(&question).await;
    let mut ascending = descending.clone();
    let answer = example.answer(&question).await;
    let mut metric = example.metric("bookings");
    metric.direction = attain_metrics::Direction::Down;
    for (place, found) in ascending.iter_mut().zip(rank(&answer, &metric)) {
        place.1 = found;
    }
    let order = |ranks: &[(String, Option<usize>)]| {
        let mut ranks = ranks.to_vec();
        ranks.sort_by_key(|(_, rank)| rank.unwrap_or(usize::MAX));
        ranks.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(order(&descending), ["ten", "zero", "unknown"]);
    assert_eq!(order(&ascending), ["zero", "ten", "unknown"]);
    let unknown = example.of("bookings", "rep", "unknown", "2026-Q1").await;
    assert_eq!(unknown.reason(), Some(Code::NoData));
    assert_eq!(example.of("bookings", "rep", "zero", "2026-Q1").await.codes_text(), "E0");
}

/// Mona led Anna in January; since February both report to Nils. In today's organisation Mona leads
/// nobody and never did (T6).
#[tokio::test]
async fn in_todays_organisation_everybody_was_always_where_they_are_now() {
    let mut sheets = Sheets::default();
    add_team(&mut sheets, &["anna", "mona", "nils"]);
    for (person, manager, from, to) in [
        ("anna", "mona", "2020-01-01", "2026-02-01"),
        ("anna", "nils", "2026-02-01", ""),
        ("mona", "nils", "2026-02-01", ""),
    ] {
        row!(sheets, ManagerAssignment, id: format!("{person}-{manager}"), employee_id: person,
            manager_id: manager, valid_from: from, valid_to: to, kind: "line");
    }
    for (id, owner, closed, amount) in [
        ("a", "anna", "2026-01-10", "10"),
        ("b", "anna", "2026-03-10", "20"),
        ("c", "mona", "2026-01-15", "5"),
    ] {
        add_deal(&mut sheets, id, owner, ("2026-01-05", closed), "won", amount);
    }
    let example = Example::known_on(&sheets, "2026-07-01").await;
    let by_manager = async |example: &Example| {
        let split = example.split("bookings", "manager", "2026-Q1").await;
        split.iter().map(|(name, number)| (name.clone(), value(number))).collect::<Vec<_>>()
    };
    let known = |lines: &[(&str, f64)]| {
        lines.iter().map(|(name, value)| ((*name).to_owned(), Some(*value))).collect::<Vec<_>>()
    };
    assert_eq!(by_manager(&example).await, known(&[("mona", 15.0), ("nils", 20.0)]));
    let today = example.in_current_organisation();
    assert_eq!(by_manager(&today).await, known(&[("nils", 35.0)]));
    is(&today.number("bookings", "2026-Q1").await, 35.0);
}
