//! A mapping is proposed from the files themselves, with a reason for every column.
//!
//! [`samples`] looks at the first rows of a delivery; everything behind that is pure. [`footer`] takes out
//! lines that are no rows, [`wide`] makes rows of sheets with a column for each month, [`profile`] says
//! what the values of a column look like, [`currency`] what stands beside numbers, [`names`] and [`vocabulary`] what its name may mean.
//! [`subject`] finds what a row is and [`matching`] what each column becomes, [`keys`] which columns refer to
//! which, [`ready`] what exports of known systems have ([`salesforce_id`] their identifiers), [`meaning`] what single values such as `Closed Won` mean. [`planning`] makes a [`plan`] of it,
//! the tables that each file fills, [`making`] its parts for people, and [`written`] the text of a mapping.
//!
//! What the files leave open becomes a [`Question`] and is never guessed. What a person decides is
//! kept in [`Choices`]: the same files and choices make the same suggestion. By the same means a
//! [`report`] of another system is read, which is compared and not taken in.

mod choices;
mod currency;
mod footer;
mod head;
mod keys;
mod making;
mod matching;
mod meaning;
mod names;
mod period;
mod plan;
mod planning;
mod profile;
mod question;
mod ready;
mod report;
mod salesforce_id;
mod samples;
mod subject;
mod vocabulary;
mod wide;
mod written;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canonical::{AttributeType, Table};
use crate::mapping::{MadeFile, Mode};
pub use choices::{Choices, ColumnChoices, FileChoices, HeaderRow, NoTarget, Subject, Target};
pub use head::{Head, Known, WrongHead};
use plan::FilePlan;
pub use question::{Answer, Place, Question};
pub use report::{Report, ReportError, UnreadCell};
pub use samples::{Samples, SuggestionError};

/// A proposal for a mapping: what each file and column becomes and why, and what is to be answered.
///
/// ```no_run
/// # use attain_facts::suggestion::*;
/// # fn page(files: &[std::path::PathBuf], scratch: &std::path::Path, head: &Head) -> Result<(), SuggestionError> {
/// let mut choices = Choices::default();
/// let samples = Samples::read(files, scratch, &choices)?; // again after answers about a format
/// let suggestion = Suggestion::of(&samples, &Known::default(), &choices); // pure
/// for question in &suggestion.questions {
///     choices.answer(&question.place, &question.answers[0].value);
/// }
/// let suggestion = Suggestion::of(&samples, &Known::default(), &choices);
/// let text = suggestion.mapping_text(head); // pure; parses, unless a needed question is open
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Suggestion {
    /// The files that were read, in the order in which they were given.
    pub files: Vec<SuggestedFile>,
    /// The files that could not be read, and why.
    pub unread: Vec<UnreadFile>,
    /// What is to be answered, the needed first.
    pub questions: Vec<Question>,
    plans: Vec<FilePlan>,
}

/// A file and what it becomes.
#[derive(Clone, Debug, Serialize)]
pub struct SuggestedFile {
    /// The name that the mapping has for it.
    pub name: String,
    /// What it was read as: ``CSV, `;`, Windows-1252``.
    pub format: String,
    /// Rows that were looked at.
    pub rows_seen: usize,
    /// Whether these are all.
    pub is_whole: bool,
    /// The first rows, as they are.
    pub sample_rows: Vec<Vec<String>>,
    /// What a row of it is; `None` if nothing is taken of it.
    pub subject: Option<Table>,
    /// Why.
    pub reason: String,
    /// All tables that it fills.
    pub tables: Vec<Table>,
    /// Whether what it lacks is gone.
    pub mode: Mode,
    /// Its columns in their order.
    pub columns: Vec<SuggestedColumn>,
    /// What holds for every row, by target, as a person said.
    pub constants: BTreeMap<String, String>,
    /// What becomes of it other than column by column, in words.
    pub made: MadeFile,
}

/// A column of a file and what it becomes.
#[derive(Clone, Debug, Serialize)]
pub struct SuggestedColumn {
    /// Its name in the file.
    pub name: String,
    /// Some of its values.
    pub examples: Vec<String>,
    /// What it becomes.
    pub target: Target,
    /// How sure that is.
    pub confidence: Confidence,
    /// Why, for people: ``named like `close_date`; dates such as 2017-03-01``.
    pub reason: String,
    /// How its dates or numbers are written, where that has to be said.
    pub format: Option<String>,
    /// What its values become, where they are translated.
    pub values: BTreeMap<String, String>,
    /// What it holds, if it becomes a field of the company's own.
    pub kind: Option<AttributeType>,
    /// How its values are written, as far as that can be said.
    pub writing: Option<Writing>,
}

/// How the values of a column are written, and how else they could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Writing {
    /// Dates or numbers in a format.
    Format {
        /// The one that is taken.
        taken: String,
        /// Those that read the values.
        fit: Vec<Answer>,
        /// The others.
        others: Vec<Answer>,
    },
    /// Words that may become others.
    Words {
        /// What they say: `outcome`.
        target: String,
        /// What they may become; empty where that is any text.
        list: Vec<&'static str>,
        /// The values, the most frequent first, with how often each was seen and what it means; `None` if
        /// nobody knows.
        values: Vec<(String, usize, Option<String>)>,
    },
}

/// How sure a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Look at it.
    Unsure,
    /// Name or values say so.
    Likely,
    /// Name and values say so, or a person did.
    Sure,
}

/// A file that could not be read.
#[derive(Clone, Debug, Serialize)]
pub struct UnreadFile {
    /// Its name.
    pub name: String,
    /// Why, and what to do.
    pub problem: String,
}

impl SuggestedFile {
    /// Everything that its columns can become, the attributes of one's own aside.
    #[must_use]
    pub fn targets(&self) -> Vec<Target> {
        self.subject.map_or_else(Vec::new, targets)
    }
}

/// Everything that a column can become in files whose rows are of that table, attributes aside.
#[must_use]
pub fn targets(table: Table) -> Vec<Target> {
    let columns = table.columns().iter().map(|column| column.name);
    let columns = columns.chain(vocabulary::extra_targets(table).iter().copied());
    let columns = columns.map(|name| Target::Column(name.to_owned()));
    std::iter::once(Target::Key).chain(columns).chain([Target::None]).collect()
}

/// Why a text cannot stand in a column of a table in every row, as half a sentence: `is not an ISO 4217
/// currency code`. Nothing if it can.
#[must_use]
pub fn constant_problem(table: Table, target: &str, text: &str) -> Option<String> {
    let Some((_, column)) = table.column(target) else {
        return Some(format!("has no place: {table} has no column {target}"));
    };
    match profile::reading(column.kind, "").read(text) {
        Ok(Some(_)) => None,
        Ok(None) => Some("is blank".into()),
        Err(reason) => Some(reason.to_string()),
    }
}

impl Suggestion {
    /// Proposes a mapping for what was looked at, as far as `choices` leave it open.
    #[must_use]
    pub fn of(samples: &Samples, known: &Known, choices: &Choices) -> Suggestion {
        planning::suggestion(samples, known, choices)
    }

    /// The text of the mapping, with the reasons as comments. It parses, unless a question that is
    /// needed is open.
    #[must_use]
    pub fn mapping_text(&self, head: &Head) -> String {
        written::mapping_text(self, head)
    }

    /// Whether the mapping can be used: no needed question is open, and some file is taken.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.questions.iter().all(|question| !question.is_needed) && self.plans.iter().any(FilePlan::is_taken)
    }
}
