//! Every truth, computed from the files with the means of a spreadsheet, and missing in the company
//! without them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, date};

use super::super::days::{days_between, next_quarter};
use super::super::tests::reading::{
    DEMO, Export, NULL, Row, amount, bookings, closed_in, day, is_decided, is_won,
};
use super::{EIGHTH, FIFTH, SEVENTH, SIXTH, YEAR_END};

/// What somebody decided in a range of days.
fn decided_by(export: &Export, user: &str, from: Date, to: Date) -> Vec<Row> {
    let decided = export.decided();
    closed_in(&decided, from, to).filter(|row| row["OwnerId"] == user).cloned().collect()
}

/// Bookings of the account executives of fiscal year 2026, the highest first, with the deals decided.
fn ranked(export: &Export) -> Vec<(String, f64, usize)> {
    let decided = export.decided();
    let mut totals: Vec<(String, f64, usize)> = export
        .of_role("Account Executive")
        .iter()
        .map(|user| {
            let own: Vec<&Row> =
                closed_in(&decided, FIFTH, YEAR_END).filter(|row| row["OwnerId"] == user["Id"]).collect();
            (user["Id"].clone(), bookings(own.iter().copied()), own.len())
        })
        .collect();
    totals.sort_by(|one, other| other.1.total_cmp(&one.1));
    totals
}

/// What the account executives' deals of a year were decided under, with their amount if won.
fn strata(export: &Export) -> Vec<(String, (String, String), f64)> {
    let segments = export.segments();
    let families: BTreeMap<String, String> = export
        .everything("products.csv")
        .into_iter()
        .map(|row| (row["Id"].clone(), row["Family"].clone()))
        .collect();
    let executives: BTreeSet<String> =
        export.of_role("Account Executive").iter().map(|row| row["Id"].clone()).collect();
    let decided = export.decided();
    closed_in(&decided, FIFTH, YEAR_END)
        .filter(|row| executives.contains(&row["OwnerId"]))
        .map(|row| {
            let stratum = (segments[&row["AccountId"]].clone(), families[&row["Product2Id"]].clone());
            (row["OwnerId"].clone(), stratum, if is_won(row) { amount(row) } else { 0.0 })
        })
        .collect()
}

/// Observed bookings over those expected from the circumstances of the deals (domain 7.9), and the
/// half-width of an interval of 95 %.
fn observed_over_expected(export: &Export, user: &str) -> (f64, f64) {
    let all = strata(export);
    let mut worth: BTreeMap<&(String, String), (f64, f64)> = BTreeMap::new();
    for (_, stratum, value) in &all {
        let (count, total) = worth.entry(stratum).or_default();
        *count += 1.0;
        *total += value;
    }
    let own: Vec<_> = all.iter().filter(|(owner, _, _)| owner == user).collect();
    let expected: f64 = own.iter().map(|(_, stratum, _)| worth[stratum].1 / worth[stratum].0).sum();
    let observed: f64 = own.iter().map(|(_, _, value)| value).sum();
    let mean = observed / own.len() as f64;
    let variance: f64 = own.iter().map(|(_, _, value)| (value - mean) * (value - mean)).sum();
    (observed / expected, 1.96 * variance.sqrt() / expected)
}

#[test]
fn p1_the_first_by_bookings_is_where_anybody_would_be() {
    let first = DEMO.user("R01");
    assert_eq!(ranked(&DEMO)[0].0, first);
    let (ratio, half_width) = observed_over_expected(&DEMO, &first);
    assert!((ratio - 1.0).abs() < 0.15 && half_width > 0.2, "{ratio} ± {half_width}");
    let is_throughout = |row: &Row, user: &str| {
        row["UserId"] == user && row["ValidTo"].is_empty() && day(&row["ValidFrom"]) <= FIFTH
    };
    let potential = |user: &str| -> f64 {
        let held = DEMO.everything("territory_users.csv");
        let held: BTreeSet<&String> =
            held.iter().filter(|row| is_throughout(row, user)).map(|row| &row["TerritoryId"]).collect();
        let territories = DEMO.everything("territories.csv");
        let own = territories.iter().filter(|row| held.contains(&row["Id"]));
        own.map(|row| row["Potential"].parse::<f64>().expect("a number")).sum()
    };
    let executives = DEMO.of_role("Account Executive");
    let others = executives.iter().filter(|user| user["Id"] != first);
    let most = others.map(|user| potential(&user["Id"])).fold(0.0, f64::max);
    assert!(potential(&first) > 1.5 * most, "{} against {most}", potential(&first));
}

#[test]
fn p2_the_third_by_bookings_has_six_deals() {
    let ranked = ranked(&DEMO);
    assert_eq!(ranked.len(), 24);
    assert_eq!((&ranked[2].0, ranked[2].2), (&DEMO.user("R02"), 6));
}

#[test]
fn p3_the_fall_is_all_conversion() {
    let user = DEMO.user("R03");
    let created_in = |from: Date| {
        let current = DEMO.current("opportunities.csv");
        let in_quarter = |row: &&Row| (from..next_quarter(from)).contains(&day(&row["CreatedDate"]));
        let own = current.iter().filter(|row| row["OwnerId"] == user && !row["CreatedDate"].is_empty());
        own.filter(in_quarter).count()
    };
    let [before, after] = [SEVENTH, EIGHTH].map(|from| {
        let own = decided_by(&DEMO, &user, from, next_quarter(from));
        let won = own.iter().filter(|row| is_won(row)).count();
        (own.len(), won, bookings(&own), created_in(from))
    });
    assert_eq!((before.1, after.1), (7, 5));
    assert_eq!((before.2, after.2), (144_200.0, 103_000.0), "41,200 less, and the same on average");
    assert_eq!((before.0, before.3), (after.0, after.3), "as many decided, and as many created");
}

/// Bookings of the sixth quarter against the fifth, of some deals.
fn sixth_over_fifth(export: &Export, counts: impl Fn(&Row) -> bool) -> f64 {
    let decided: Vec<Row> = export.decided().into_iter().filter(|row| counts(row)).collect();
    bookings(closed_in(&decided, SIXTH, SEVENTH)) / bookings(closed_in(&decided, FIFTH, SIXTH))
}

#[test]
fn p4_the_whole_segment_fell_by_18_percent_and_the_seller_by_17() {
    let segments = DEMO.segments();
    let is_mid_market = |row: &Row| segments[&row["AccountId"]] == "Mid-market";
    let segment = sixth_over_fifth(&DEMO, is_mid_market);
    assert!((segment - 0.82).abs() < 0.0005, "{segment}");
    let user = DEMO.user("R04");
    let seller = sixth_over_fifth(&DEMO, |row| row["OwnerId"] == user);
    assert!((seller - 0.83).abs() < 0.0005, "{seller}");
    let elsewhere = DEMO.decided().into_iter().filter(|row| row["OwnerId"] == user && !is_mid_market(row));
    let in_both = elsewhere.filter(|row| (FIFTH..SEVENTH).contains(&day(&row["CloseDate"]))).count();
    assert_eq!(in_both, 0, "the seller sells to nobody else");
    let segments = NULL.segments();
    let null = sixth_over_fifth(&NULL, |row| segments[&row["AccountId"]] == "Mid-market");
    assert!((null - 0.82).abs() > 0.01, "{null}");
}

/// Decided deals whose owner is another one after a day, with both owners.
fn reowned(export: &Export, on: Date) -> Vec<(Row, Row)> {
    let before = export.as_of(on.saturating_sub(1.day()), "opportunities.csv");
    let after = export.as_of(on, "opportunities.csv");
    let pairs = before.into_iter().map(|(id, row)| (row, after[&id].clone()));
    pairs.filter(|(before, after)| is_decided(before) && before["OwnerId"] != after["OwnerId"]).collect()
}

#[test]
fn p5_eleven_closed_deals_were_given_away_after_their_quarter() {
    let on = date(2025, 11, 14);
    let given = reowned(&DEMO, on);
    assert_eq!(given.len(), 11);
    let (from, to) = (DEMO.user("R05"), DEMO.user("R06"));
    for (before, after) in given {
        assert_eq!((&before["OwnerId"], &after["OwnerId"]), (&from, &to));
        assert!((FIFTH..SIXTH).contains(&day(&before["CloseDate"])), "{before:?}");
        assert_eq!(before["Amount"], after["Amount"]);
    }
    assert!(reowned(&NULL, on).is_empty());
}

/// The most calls that somebody made on a day within nine minutes.
fn most_calls_in_nine_minutes(export: &Export) -> (String, usize) {
    let mut calls: BTreeMap<(String, String), Vec<DateTime>> = BTreeMap::new();
    for row in export.events("activities.csv").iter().filter(|row| row["Type"] == "Call") {
        let at: DateTime = row["ActivityDateTime"][..19].parse().expect("an instant");
        calls.entry((row["OwnerId"].clone(), at.date().to_string())).or_default().push(at);
    }
    let densest = |mut at: Vec<DateTime>| {
        at.sort_unstable();
        let within = |from: &DateTime| {
            let until = from.saturating_add(9.minutes());
            at.iter().filter(|one| (*from..until).contains(*one)).count()
        };
        at.iter().map(within).max().unwrap_or(0)
    };
    let all = calls.into_iter().map(|((owner, _), at)| (owner, densest(at)));
    all.max_by_key(|(_, count)| *count).expect("calls")
}

#[test]
fn p7_140_calls_were_logged_within_nine_minutes() {
    let (owner, count) = most_calls_in_nine_minutes(&DEMO);
    assert_eq!(owner, DEMO.user("R07"));
    assert!((140..145).contains(&count), "{count}");
    let (_, null) = most_calls_in_nine_minutes(&NULL);
    assert!(null < 10, "{null}");
}

/// Account executives of R09's region and seniority, R09 included.
fn peers() -> Vec<Row> {
    let user = DEMO.user("R09");
    let teams: BTreeMap<String, String> = DEMO
        .everything("assignments.csv")
        .into_iter()
        .map(|row| (row["UserId"].clone(), row["Team"].clone()))
        .collect();
    let executives = DEMO.of_role("Account Executive");
    let level = executives.iter().find(|row| row["Id"] == user).expect("R09")["Level"].clone();
    let is_peer = |row: &Row| row["Level"] == level && teams[&row["Id"]] == teams[&user];
    executives.into_iter().filter(is_peer).collect()
}

#[test]
fn p10_nobody_ever_won_2_4_times_the_best_quarter_of_r09() {
    let mut windows = Vec::new();
    let mut cycles = Vec::new();
    for peer in peers() {
        let hired_on = day(&peer["HireDate"]);
        let quarters = date(2024, 7, 1).series(3.months()).take_while(|from| *from < YEAR_END);
        for from in quarters.filter(|from| hired_on <= *from) {
            let own = decided_by(&DEMO, &peer["Id"], from, next_quarter(from));
            windows.push((peer["Id"].clone(), bookings(&own)));
            let won = own.iter().filter(|row| is_won(row) && !row["CreatedDate"].is_empty());
            cycles.extend(won.map(|row| days_between(day(&row["CreatedDate"]), day(&row["CloseDate"]))));
        }
    }
    assert_eq!(windows.len(), 31);
    let best = |of: &dyn Fn(&str) -> bool| {
        windows.iter().filter(|(owner, _)| of(owner)).map(|(_, total)| *total).fold(0.0, f64::max)
    };
    let own = best(&|owner| owner == DEMO.user("R09"));
    assert!(best(&|_| true) < 2.4 * own, "{} against 2.4 times {own}", best(&|_| true));
    cycles.sort_unstable();
    assert_eq!(cycles[(cycles.len() - 1) / 2], 94);
}

#[test]
fn p11_two_peers_have_lower_results_than_r09() {
    let results: Vec<(String, f64)> = peers()
        .into_iter()
        .map(|peer| (peer["Id"].clone(), bookings(&decided_by(&DEMO, &peer["Id"], EIGHTH, YEAR_END))))
        .collect();
    let own = results.iter().find(|(owner, _)| *owner == DEMO.user("R09")).expect("R09").1;
    assert_eq!(results.iter().filter(|(_, total)| *total < own).count(), 2, "{results:?}");
    assert!(results.iter().any(|(_, total)| *total > own), "{results:?}");
}
