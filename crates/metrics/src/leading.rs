//! When somebody leads people, and whose team their own deals count in then.
//!
//! Deals a manager owns are part of their own team's roll-up (T4), so they stand under themselves for as long
//! as anybody reports to them. Before and after they are a seller like any other, in the team of whom they
//! report to: a promotion changes no closed period (T6). Rights over people are not here, but in
//! [`crate::reporting_lines`].

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::calendar::{DateRange, Period};
use crate::organisation::Belonging;

/// Who leads anybody, and when.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leading {
    /// In the order of time, apart from each other.
    terms: BTreeMap<String, Vec<DateRange>>,
}

impl Leading {
    /// As delivered reports say it.
    pub(crate) fn of(reports: &[Belonging]) -> Leading {
        let mut terms: BTreeMap<String, Vec<DateRange>> = BTreeMap::new();
        for report in reports.iter().filter(|report| !is_empty(report.valid_from, report.valid_to)) {
            let term = DateRange { from: report.valid_from, to: report.valid_to };
            terms.entry(report.to.clone()).or_default().push(term);
        }
        Leading { terms: terms.into_iter().map(|(leader, terms)| (leader, joined(terms))).collect() }
    }

    /// Everybody who ever leads.
    pub(crate) fn leaders(&self) -> impl Iterator<Item = &String> {
        self.terms.keys()
    }

    /// Whether somebody ever leads.
    pub(crate) fn ever(&self, person: &str) -> bool {
        self.terms.contains_key(person)
    }

    /// Whether somebody leads on a day; with none, without end.
    pub(crate) fn on(&self, person: &str, day: Option<Date>) -> bool {
        self.terms(person).iter().any(|term| day.map_or(term.to.is_none(), |day| term.contains(day)))
    }

    /// Whether somebody leads on any day of a period.
    pub(crate) fn during(&self, person: &str, period: &Period) -> bool {
        self.terms(person).iter().any(|term| {
            term.from.is_none_or(|from| period.to.is_none_or(|to| from < to))
                && term.to.is_none_or(|to| period.from.is_none_or(|from| from < to))
        })
    }

    /// In whose team everybody's deals count: in their own while they lead, else where they report to.
    pub(crate) fn placed(&self, reports: &[Belonging]) -> Vec<Belonging> {
        let reporting = reports.iter().flat_map(|report| {
            let apart = self.apart_from_leading(report);
            apart.map(|free| Belonging { valid_from: free.from, valid_to: free.to, ..report.clone() })
        });
        let leading = self.terms.iter().flat_map(|(leader, terms)| {
            terms.iter().map(|term| Belonging {
                employee: leader.clone(),
                to: leader.clone(),
                valid_from: term.from,
                valid_to: term.to,
                by_hand: false,
            })
        });
        reporting.chain(leading).collect()
    }

    /// The parts of a report in which whoever reports leads nobody.
    fn apart_from_leading(&self, report: &Belonging) -> impl Iterator<Item = DateRange> {
        let terms = self.terms(&report.employee);
        let begins = std::iter::once(report.valid_from).chain(terms.iter().map(|term| term.to));
        let ends = terms.iter().map(|term| term.from).chain([report.valid_to]);
        // Between two terms; before the first one that has no beginning, and after the last one that has no end,
        // there is nothing.
        begins.zip(ends).enumerate().filter_map(move |(gap, (begin, end))| {
            if (gap > 0 && begin.is_none()) || (gap < terms.len() && end.is_none()) {
                return None;
            }
            let from = begin.max(report.valid_from);
            let to = [end, report.valid_to].into_iter().flatten().min();
            (!is_empty(from, to)).then_some(DateRange { from, to })
        })
    }

    fn terms(&self, person: &str) -> &[DateRange] {
        self.terms.get(person).map_or(&[], Vec::as_slice)
    }
}

fn is_empty(from: Option<Date>, to: Option<Date>) -> bool {
    from.zip(to).is_some_and(|(from, to)| to <= from)
}

/// Ranges that touch or overlap, as one each.
fn joined(mut ranges: Vec<DateRange>) -> Vec<DateRange> {
    ranges.sort_by_key(|range| range.from);
    let mut apart: Vec<DateRange> = Vec::new();
    for range in ranges {
        match apart.last_mut() {
            Some(last) if last.to.is_none_or(|to| range.from.is_none_or(|from| from <= to)) => {
                last.to = last.to.zip(range.to).map(|(one, other)| one.max(other));
            }
            _ => apart.push(range),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn report(employee: &str, to: &str, from: Option<Date>, until: Option<Date>) -> Belonging {
        Belonging {
            employee: employee.into(),
            to: to.into(),
            valid_from: from,
            valid_to: until,
            by_hand: false,
        }
    }

    fn places(reports: &[Belonging], person: &str) -> Vec<(String, Option<Date>, Option<Date>)> {
        let mut placed = Leading::of(reports).placed(reports);
        placed.retain(|belonging| belonging.employee == person);
        placed.sort_by_key(|belonging| belonging.valid_from);
        placed.into_iter().map(|belonging| (belonging.to, belonging.valid_from, belonging.valid_to)).collect()
    }

    #[test]
    fn whoever_is_promoted_sells_in_their_leaders_team_until_then_and_after_they_step_back() {
        let (start, promoted, back) = (date(2024, 1, 1), date(2025, 4, 1), date(2026, 1, 1));
        let reports = [
            report("Ann", "Boss", Some(start), None),
            report("Bob", "Boss", Some(start), Some(promoted)),
            report("Bob", "Ann", Some(promoted), Some(back)),
            report("Bob", "Boss", Some(back), None),
        ];
        assert_eq!(
            places(&reports, "Ann"),
            [
                ("Boss".to_owned(), Some(start), Some(promoted)),
                ("Ann".to_owned(), Some(promoted), Some(back)),
                ("Boss".to_owned(), Some(back), None),
            ]
        );
        let leading = Leading::of(&reports);
        assert!(!leading.on("Ann", Some(date(2025, 3, 31))));
        assert!(leading.on("Ann", Some(promoted)));
        assert!(!leading.on("Ann", Some(back)));
        assert!(!leading.on("Ann", None) && leading.on("Boss", None));
    }

    #[test]
    fn a_leader_of_people_without_dates_always_stands_under_themselves() {
        let reports = [report("Bob", "Ann", None, None), report("Ann", "Boss", Some(date(2024, 1, 1)), None)];
        assert_eq!(places(&reports, "Ann"), [("Ann".to_owned(), None, None)]);
        assert!(Leading::of(&reports).on("Ann", Some(date(1990, 1, 1))));
    }

    #[test]
    fn an_assignment_of_no_days_makes_nobody_a_leader() {
        let day = date(2025, 4, 1);
        let reports =
            [report("Bob", "Ann", Some(day), Some(day)), report("Ann", "Boss", Some(date(2024, 1, 1)), None)];
        assert_eq!(places(&reports, "Ann"), [("Boss".to_owned(), Some(date(2024, 1, 1)), None)]);
        assert!(!Leading::of(&reports).ever("Ann"));
    }

    #[test]
    fn terms_that_touch_are_one() {
        let (first, second) = (date(2025, 1, 1), date(2025, 7, 1));
        let reports =
            [report("Bob", "Ann", Some(first), Some(second)), report("Cid", "Ann", Some(second), None)];
        assert_eq!(places(&reports, "Ann"), [("Ann".to_owned(), Some(first), None)]);
    }
}
