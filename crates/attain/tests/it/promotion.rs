//! A seller who begins to lead others: no closed period changes by it (T6), and from then on what they sell is
//! their own team's (T4).

use crate::company_of_many::{PEOPLE, files, managers};
use crate::program::{Answer, Program};
use crate::two_times::on_both;

/// Bookings of 2024's first quarters by person or manager.
fn bookings(program: &Program, by: &str) -> Answer {
    let periods = "2024-Q1,2024-Q2,2024-Q3";
    let arguments = ["query", "--format", "csv", "--metric", "bookings", "--by", by, "--period", periods];
    Answer::read(&program.prints(&arguments))
}

#[test]
fn a_promotion_changes_no_closed_period() {
    on_both(|program, _| {
        let files = files();
        files.deals(&[
            "D-1,First,Acme,anna,2024-01-10,2024-02-01,Won,100",
            "D-2,Second,Bolt,anna,2024-01-20,2024-05-15,Won,200",
            "D-3,Third,Acme,ben,2024-03-01,2024-05-01,Won,400",
        ]);
        files.deliver(program);
        let team =
            |by_manager: &Answer, name: &str, quarter: &str| by_manager.get(name, quarter, "bookings").value;
        let before = bookings(program, "manager");
        assert_eq!(team(&before, "Dora", "2024-Q1"), Some(100.into()));
        assert_eq!(team(&before, "Dora", "2024-Q2"), Some(600.into()));

        // On 1 April Anna begins to lead Ben.
        let led = PEOPLE.iter().filter(|[id, .., manager]| !manager.is_empty() && *id != "ben");
        let mut rows: Vec<String> =
            led.map(|[id, .., manager]| format!("{id},{manager},2020-01-01,")).collect();
        rows.push("ben,dora,2020-01-01,2024-04-01".into());
        rows.push("ben,anna,2024-04-01,".into());
        managers(&files, &rows);
        files.deliver(program);

        let after = bookings(program, "manager");
        assert_eq!(team(&after, "Dora", "2024-Q1"), Some(100.into()), "sold before she led");
        assert_eq!(team(&after, "Anna", "2024-Q2"), Some(600.into()), "hers and Ben's");
        assert_eq!(team(&after, "Dora", "2024-Q2"), Some(0.into()));

        let by_person = bookings(program, "rep");
        assert_eq!(by_person.get("Anna", "2024-Q1", "bookings").value, Some(100.into()));
        let is_listed = |quarter: &str| {
            let arguments =
                ["query", "--format", "csv", "--metric", "bookings", "--by", "rep", "--period", quarter];
            Answer::read(&program.prints(&arguments)).values.keys().any(|(name, ..)| name == "Anna")
        };
        assert!(is_listed("2023-Q4"), "a seller then, with or without a deal");
        assert!(!is_listed("2024-Q3"), "a leader, listed only where she sold");
    });
}
