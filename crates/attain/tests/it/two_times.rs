//! When it happened, and when it became known: what was known at an instant never changes.

use attain_testing::Postgres;
use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::program::{Answer, Program, Value};
use crate::small_company::{DEALS, Files, MAPPING};

/// Tells a story on SQLite and on PostgreSQL.
pub(crate) fn on_both(story: fn(&Program, &Files)) {
    story(&Program::new(), &Files::new());
    if let Some(server) = Postgres::shared() {
        story(&Program::on_postgres(server.create_database()), &Files::new());
    }
}

/// What a query prints as CSV, as known at an instant or now.
fn ask(program: &Program, arguments: &[&str], as_of: Option<Timestamp>) -> Answer {
    let as_of = as_of.map(|instant| instant.to_string());
    let mut all = vec!["query", "--format", "csv"];
    all.extend(arguments);
    all.extend(as_of.iter().flat_map(|instant| ["--as-of", instant]));
    Answer::read(&program.prints(&all))
}

/// The company's number of a period.
fn known(program: &Program, metric: &str, period: &str, as_of: Option<Timestamp>) -> Value {
    ask(program, &["--metric", metric, "--period", period], as_of).get("", period, metric).clone()
}

/// Bookings of all time in euros.
pub(crate) fn bookings(program: &Program, as_of: Option<Timestamp>) -> Option<i64> {
    known(program, "bookings", "all", as_of).value.map(|value| value.try_into().expect("whole euros"))
}

/// The last line of an import's report.
fn conclusion(report: &str) -> &str {
    report.lines().last().expect("a conclusion")
}

#[test]
fn a_corrected_amount_changes_today_and_not_what_was_known_before() {
    on_both(|program, files| {
        let mut instants = Vec::new();
        for amount in [100, 150, 125] {
            let corrected = DEALS[0].replace(",100", &format!(",{amount}"));
            files.deals(&[&corrected, DEALS[1], DEALS[2], DEALS[3]]);
            files.deliver(program);
            instants.push(Timestamp::now());
        }
        let then: Vec<_> = instants.iter().map(|instant| bookings(program, Some(*instant))).collect();
        assert_eq!(then, [Some(700), Some(750), Some(725)]);
        assert_eq!(bookings(program, None), Some(725));
    });
}

#[test]
fn a_scorecard_of_an_earlier_instant_has_the_figures_of_then() {
    on_both(|program, files| {
        files.deliver(program);
        let before = Timestamp::now().to_string();
        files.deals(&[&DEALS[0].replace(",100", ",1100"), DEALS[1], DEALS[2], DEALS[3]]);
        files.deliver(program);
        let bookings = |arguments: &[&str]| {
            let mut all = vec!["scorecard", "--rep", "Anna", "--period", "2024-Q1", "--format", "csv"];
            all.extend(arguments);
            let card = program.prints(&all);
            card.lines().find(|line| line.starts_with("bookings,")).expect("bookings").to_owned()
        };
        assert_eq!(bookings(&["--as-of", &before]), "bookings,EUR,300,,,2,E0");
        assert_eq!(bookings(&[]), "bookings,EUR,1300,,,2,E0");
    });
}

#[test]
fn a_row_missing_from_a_full_delivery_is_gone_now_and_was_there_before() {
    on_both(|program, files| {
        files.deliver(program);
        let before = Timestamp::now();
        files.deals(&DEALS[1..]);
        let report = files.deliver(program);
        assert!(conclusion(&report).contains("1 changes (0 created, 0 changed, 1 deleted)"), "{report}");
        assert_eq!((bookings(program, None), bookings(program, Some(before))), (Some(600), Some(700)));
        assert_eq!(known(program, "deals_won", "all", None).n, 2);
        assert_eq!(known(program, "deals_won", "all", Some(before)).n, 3);
    });
}

#[test]
fn a_row_that_is_delivered_again_comes_back() {
    on_both(|program, files| {
        files.deliver(program);
        files.deals(&DEALS[1..]);
        files.deliver(program);
        let between = Timestamp::now();
        files.deals(&DEALS);
        let report = files.deliver(program);
        assert!(conclusion(&report).contains("1 changes (1 created, 0 changed, 0 deleted)"), "{report}");
        assert_eq!((bookings(program, None), bookings(program, Some(between))), (Some(700), Some(600)));
    });
}

#[test]
fn a_delta_says_nothing_by_what_it_leaves_out() {
    on_both(|program, files| {
        files.deliver(program);
        files.map(&MAPPING.replace("file: deals.csv\n    mode: full", "file: deals.csv\n    mode: delta"));
        let before = Timestamp::now();
        files.deals(&["D-5,Fifth,Dune,anna,2024-06-01,2024-07-01,Won,1000"]);
        let report = files.deliver_only(program, "deals.csv");
        assert!(conclusion(&report).contains("(2 created, 0 changed, 0 deleted)"), "deal, account: {report}");
        assert_eq!((bookings(program, None), bookings(program, Some(before))), (Some(1700), Some(700)));
        files.deals(&[&DEALS[0].replace(",100", ",110")]);
        files.deliver_only(program, "deals.csv");
        assert_eq!(bookings(program, None), Some(1710));
    });
}

#[test]
fn the_same_delivery_again_changes_nothing_in_whatever_order() {
    on_both(|program, files| {
        files.deliver(program);
        let again = files.deliver(program);
        assert!(
            conclusion(&again).contains("Import 2: 0 changes") && again.contains("(snapshot 1)"),
            "{again}"
        );
        // Other rows first, other columns first: still the same rows.
        let turned = |row: &&str| row.rsplit(',').collect::<Vec<_>>().join(",");
        let rows: Vec<String> = DEALS.iter().rev().map(turned).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        files.write("deals.csv", "amount,stage,closed,created,owner,account,title,deal", &rows);
        let turned = files.deliver(program);
        assert!(
            conclusion(&turned).contains("Import 3: 0 changes") && turned.contains("(snapshot 1)"),
            "{turned}"
        );
        assert_eq!(bookings(program, None), Some(700));
    });
}

/// Invariant I6: full deliveries one after the other leave what the last one alone would have.
#[test]
fn the_newest_full_delivery_is_all_that_counts() {
    on_both(|program, files| {
        files.deliver(program);
        files.people(&["anna,Anna,South,2020-01-01,", "cleo,Cleo,North,2024-02-01,"]);
        files.deals(&[
            "D-1,First,Acme,anna,2024-01-10,2024-02-10,Won,150",
            "D-6,Sixth,Echo,anna,2024-01-10,2024-06-01,Lost,10",
        ]);
        files.deliver(program);
        let alone = Program::new();
        files.deliver(&alone);
        for by in ["region", "rep"] {
            let question = [
                "--metric",
                "bookings,deals_won,win_rate_count,opps_created",
                "--by",
                by,
                "--period",
                "2024-Q1,all",
            ];
            let [both, last] = [program, &alone].map(|program| ask(program, &question, None).values);
            assert_eq!(both, last, "by {by}");
        }
    });
}

/// A deal that is handed over after it closed stays with who closed it (domain T2, planted truth
/// P5): the first owner seen holds from the beginning, a later one from the delivery that shows it.
#[test]
fn a_closed_deal_that_changes_hands_later_stays_where_it_was() {
    on_both(|program, files| {
        files.deliver(program);
        let by_rep = ["--metric", "bookings,deals_won", "--by", "rep", "--period", "2024-Q1,all"];
        let before = ask(program, &by_rep, None).values;
        files.map(&MAPPING.replace("file: deals.csv\n    mode: full", "file: deals.csv\n    mode: delta"));
        files.deals(&[&DEALS[0].replace(",anna,", ",ben,")]);
        let report = files.deliver_only(program, "deals.csv");
        assert!(conclusion(&report).contains("1 changed"), "{report}");
        assert_eq!(ask(program, &by_rep, None).values, before);
    });
}

/// A result counts for the team of the day, so a move takes nothing along (domain T5, T6).
#[test]
fn results_stay_with_the_team_a_person_left() {
    on_both(|program, files| {
        files.deliver(program);
        let before = Timestamp::now();
        let by_region = |as_of| {
            let answer = ask(
                program,
                &["--metric", "bookings", "--by", "region", "--period", "2024-Q1,2024-Q2"],
                as_of,
            );
            ["North", "South"].map(|region| {
                ["2024-Q1", "2024-Q2"].map(|quarter| answer.get(region, quarter, "bookings").value)
            })
        };
        files.people(&[
            "anna,Anna,North,2020-01-01,2024-02-10",
            "anna,Anna,South,2024-02-10,",
            "ben,Ben,South,2020-01-01,",
        ]);
        files.deliver(program);
        let euros =
            |amounts: [[i64; 2]; 2]| amounts.map(|pair| pair.map(|amount| Some(Decimal::from(amount))));
        assert_eq!(by_region(None), euros([[100, 0], [200, 400]]), "won before and after 10 February");
        assert_eq!(by_region(Some(before)), euros([[300, 0], [0, 400]]), "as known before the move");
    });
}

/// Invariant I9. Nothing new in the rows, but more of the time is covered: that was not known then.
#[test]
fn what_a_later_delivery_covers_was_not_known_before() {
    on_both(|program, files| {
        files.map(&MAPPING.replace("to: 2025-01-01", "to: 2024-07-01"));
        files.deliver(program);
        let before = Timestamp::now();
        let then = known(program, "bookings", "2024-Q4", None);
        assert_eq!((then.value, then.codes.as_str()), (None, "E1"));
        files.map(MAPPING);
        files.deliver(program);
        let now = known(program, "bookings", "2024-Q4", None);
        assert_eq!((now.value, now.codes.as_str()), (Some(Decimal::ZERO), "E0"));
        assert_eq!(known(program, "bookings", "2024-Q4", Some(before)), then);
    });
}

#[test]
fn before_the_first_delivery_nothing_was_known_and_it_says_so() {
    on_both(|program, files| {
        let ask = |when: &str| program.refuses(&["query", "--metric", "bookings", "--as-of", when]);
        for when in ["2020-01-01", "2020-01-01T00:00:00Z"] {
            assert!(ask(when).contains("attain import FILES --mapping MAPPING"), "{}", ask(when));
        }
        files.deliver(program);
        for when in ["2020-01-01", "2020-01-01T12:00:00+01:00"] {
            assert!(ask(when).contains("nothing was known yet at 20"), "{}", ask(when));
        }
        let card = program.refuses(&["scorecard", "--as-of", "2020-01-01"]);
        assert!(card.contains("nothing was known yet"), "{card}");
        for when in ["last week", "2024-03-31T09:00", "2024-02-30"] {
            let unreadable = ask(when);
            assert!(
                unreadable.contains(&format!("`{when}` is neither a day (2026-03-31) nor an instant")),
                "{unreadable}"
            );
        }
    });
}

/// A day means its end in the company's own time zone.
#[test]
fn as_of_a_day_means_its_end() {
    on_both(|program, files| {
        files.deliver(program);
        let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("a time zone");
        let today = zone.to_datetime(Timestamp::now()).date();
        let yesterday = today.yesterday().expect("a day").to_string();
        let answer = Answer::read(&program.prints(&[
            "query",
            "--metric",
            "bookings",
            "--format",
            "csv",
            "--as-of",
            &today.to_string(),
        ]));
        assert_eq!(answer.get("", "all", "bookings").value, Some(Decimal::from(700)));
        let refused = program.refuses(&["query", "--metric", "bookings", "--as-of", &yesterday]);
        assert!(refused.contains("nothing was known yet"), "{refused}");
    });
}
