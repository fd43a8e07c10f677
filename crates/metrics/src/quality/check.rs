//! The checks there are, as data: what each looks for, what it costs, how much that matters. What an
//! import rejects, as deals that closed before they were created, is not looked for again.

use crate::answer::Code;

/// How much a finding matters to numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth a look; numbers need not be wrong.
    Low,
    /// Numbers may be wrong.
    Medium,
    /// Numbers are wrong, or rest on less than they should.
    High,
}

impl Severity {
    /// The name used in files and by programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }

    /// What it means.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Severity::Low => "worth a look",
            Severity::Medium => "numbers may be wrong",
            Severity::High => "numbers suffer",
        }
    }
}

/// Something that is looked for in the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Check {
    /// The name used in addresses and by programs.
    pub name: &'static str,
    /// What it finds, for a heading.
    pub title: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// What it costs.
    pub costs: &'static str,
    /// How much it matters, where nothing makes it more or less.
    pub severity: Severity,
    /// The code that numbers carry for it.
    pub code: Option<Code>,
}

/// Every check, in the order of the guide.
pub const CHECKS: [&Check; 17] = [
    &EMPTY,
    &MISSING_REFERENCE,
    &UNKNOWN_PERSON,
    &NOT_EMPLOYED,
    &UNASSIGNED,
    &SAME_DEAL,
    &SAME_NAME,
    &SAME_EMAIL,
    &CLOSED_OTHERWISE,
    &MOVED_BEFORE_CREATED,
    &IN_THE_FUTURE,
    &IMPOSSIBLE_YEAR,
    &ENDS_BEFORE_START,
    &NOT_POSITIVE,
    &OUTLYING,
    &HOLES,
    &SILENT_DAYS,
];

pub(super) const EMPTY: Check = Check {
    name: "empty",
    title: "Empty cells",
    meaning: "A column that metrics need is empty in rows that ought to have it.",
    costs: "Such rows are left out wherever the column is asked for.",
    severity: Severity::Low,
    code: Some(Code::IncompleteRows),
};

pub(super) const MISSING_REFERENCE: Check = Check {
    name: "missing_reference",
    title: "References that lead nowhere",
    meaning: "A row refers to something that was deleted, undone, or never came.",
    costs: "Its number cannot be split or narrowed by what is missing.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const UNKNOWN_PERSON: Check = Check {
    name: "unknown_person",
    title: "People unknown to the roster",
    meaning: "A row names a person whom no list of people has.",
    costs: "It counts for nobody on scorecards of people and teams.",
    severity: Severity::High,
    code: Some(Code::UnassignedPart),
};

pub(super) const NOT_EMPLOYED: Check = Check {
    name: "not_employed",
    title: "Credit outside of employment",
    meaning: "A row counts for somebody on a day before they began or after they left.",
    costs: "It counts in a team that the person did not belong to, or in none.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const UNASSIGNED: Check = Check {
    name: "unassigned",
    title: "Rows that are nobody’s",
    meaning: "A row counts for no person, or for one without a team on its day.",
    costs: "Teams and people add up to less than the company; above 1 % numbers say so.",
    severity: Severity::Low,
    code: Some(Code::UnassignedPart),
};

pub(super) const SAME_DEAL: Check = Check {
    name: "same_deal",
    title: "Deals that look like one",
    meaning: "Two deals have the same account, product, amount, close date and owner.",
    costs: "If they are one deal, it is counted twice.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const SAME_NAME: Check = Check {
    name: "same_name",
    title: "The same name twice",
    meaning: "Two accounts or people have the same name, letter case and punctuation aside.",
    costs: "If they are one, customers and people are counted twice and their numbers are split.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const SAME_EMAIL: Check = Check {
    name: "same_email",
    title: "The same e-mail address twice",
    meaning: "Two people have the same e-mail address.",
    costs: "If they are one person, their numbers are split in two.",
    severity: Severity::High,
    code: None,
};

pub(super) const CLOSED_OTHERWISE: Check = Check {
    name: "closed_otherwise",
    title: "Close date and stage history disagree",
    meaning: "A closed deal’s last stage change is more than a day away from its close date.",
    costs: "The close date wins; if it is the wrong one, the deal counts in the wrong period.",
    severity: Severity::Low,
    code: None,
};

pub(super) const MOVED_BEFORE_CREATED: Check = Check {
    name: "moved_before_created",
    title: "Moved before created",
    meaning: "A deal changed its stage on a day before it was created.",
    costs: "Times in stages and conversions between them are wrong.",
    severity: Severity::Low,
    code: None,
};

pub(super) const IN_THE_FUTURE: Check = Check {
    name: "in_the_future",
    title: "Happened after it was imported",
    meaning: "A row tells of something on a day after the one on which it was imported.",
    costs: "It counts in a period that had not come.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const IMPOSSIBLE_YEAR: Check = Check {
    name: "impossible_year",
    title: "Impossible years",
    meaning: "A date lies before 1990 or after 2100.",
    costs: "The row counts in a period that nobody looks at.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const ENDS_BEFORE_START: Check = Check {
    name: "ends_before_start",
    title: "Ends before it starts",
    meaning: "Something ends on a day before the one on which it starts.",
    costs: "It never holds, so that nothing counts by it.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const NOT_POSITIVE: Check = Check {
    name: "not_positive",
    title: "Won for nothing",
    meaning: "A won deal has an amount of zero or less.",
    costs: "It counts as won and adds nothing to money, or takes from it.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const OUTLYING: Check = Check {
    name: "outlying",
    title: "Far out of the usual",
    meaning: "A figure is so much greater or smaller than the others of its source and currency that a slip is likely.",
    costs: "One such row can move sums, means and shares more than all others.",
    severity: Severity::Medium,
    code: None,
};

pub(super) const HOLES: Check = Check {
    name: "holes",
    title: "Days without rows",
    meaning: "A working day has no rows, while the same weekday of the weeks around it had ten or more.",
    costs: "What happened on that day is counted nowhere.",
    severity: Severity::High,
    code: None,
};

pub(super) const SILENT_DAYS: Check = Check {
    name: "silent_days",
    title: "Days on which nothing happened",
    meaning: "A working day has no rows in any table that usually has some: a day off that the company’s calendar does not list, or a delivery that never came.",
    costs: "Working days and paces count it as worked; if it was worked, its rows are missing.",
    severity: Severity::Low,
    code: None,
};
