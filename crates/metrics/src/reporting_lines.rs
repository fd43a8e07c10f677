//! Who reports to whom, and who is in which region, on one day: what rights over people rest on.
//!
//! A line holds from its first day to the day before its last (domain 2.9), so who was given another
//! manager is nobody's report of before from that midnight on. People who have left stay where they
//! were: the numbers of their time are still somebody's to explain.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::organisation::{Belonging, Organisation};

/// The organisation of one day.
#[derive(Clone, Debug, Default)]
pub struct ReportingLines {
    reports: BTreeMap<String, BTreeSet<String>>,
    regions: BTreeMap<String, BTreeSet<String>>,
}

impl ReportingLines {
    /// The people who report to a person.
    #[must_use]
    pub fn reports_of(&self, person: &str) -> Option<&BTreeSet<String>> {
        self.reports.get(person)
    }

    /// Everybody below a person, at any distance. Whom a circle leads back to is not below themselves.
    #[must_use]
    pub fn below<'l>(&'l self, person: &'l str) -> BTreeSet<&'l str> {
        let mut found = BTreeSet::new();
        let mut next = vec![person];
        while let Some(manager) = next.pop() {
            for report in self.reports.get(manager).into_iter().flatten() {
                if report != person && found.insert(report.as_str()) {
                    next.push(report);
                }
            }
        }
        found
    }

    /// Everybody who has people, with these.
    pub fn teams(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.reports.iter().map(|(manager, team)| (manager.as_str(), team))
    }

    /// The regions with the people in them.
    pub fn regions(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.regions.iter().map(|(region, people)| (region.as_str(), people))
    }
}

impl Organisation {
    /// The reporting lines of a day.
    #[must_use]
    pub fn lines_on(&self, day: Date) -> ReportingLines {
        ReportingLines { reports: grouped(&self.reports, day), regions: grouped(&self.region_of, day) }
    }
}

fn grouped(belongings: &[Belonging], day: Date) -> BTreeMap<String, BTreeSet<String>> {
    let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for belonging in belongings.iter().filter(|belonging| belonging.holds_on(day)) {
        if belonging.employee != belonging.to {
            groups.entry(belonging.to.clone()).or_default().insert(belonging.employee.clone());
        }
    }
    groups
}
