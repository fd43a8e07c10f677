//! What the files leave open and nobody may guess.

use serde::{Deserialize, Serialize};

/// A question to whoever knows the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// Where the answer belongs: [`super::Choices::answer`] notes it there.
    pub place: Place,
    /// The question, as a sentence.
    pub text: String,
    /// The answers that make sense. None: a text of the asked one's own.
    pub answers: Vec<Answer>,
    /// Whether the mapping is none before it is answered. What other questions are about is left out
    /// of the mapping until then.
    pub is_needed: bool,
}

/// An answer that makes sense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What to note.
    pub value: String,
    /// What it means, for people.
    pub label: String,
}

impl Answer {
    pub(super) fn new(value: impl Into<String>, label: impl Into<String>) -> Answer {
        Answer { value: value.into(), label: label.into() }
    }

    /// An answer that says what it means.
    pub(super) fn plain(value: &str) -> Answer {
        Answer::new(value, value)
    }
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Place {
    /// What stands between the fields of a file.
    Delimiter {
        /// The file.
        file: String,
    },
    /// What the text of a file is written in.
    Encoding {
        /// The file.
        file: String,
    },
    /// Which sheet of a workbook is read.
    Sheet {
        /// The file.
        file: String,
    },
    /// What a row of a file is: the name of a table, or anything else for nothing that is taken.
    Subject {
        /// The file.
        file: String,
    },
    /// Which column of a file becomes a target.
    Column {
        /// The file.
        file: String,
        /// The target.
        target: String,
    },
    /// How the dates or numbers of a column are written.
    Format {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// What a value of a column means.
    Value {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The value.
        value: String,
    },
    /// What holds for every row of a file.
    Constant {
        /// The file.
        file: String,
        /// The target.
        target: String,
    },
}

impl Place {
    /// The file that the question is about.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Place::Delimiter { file }
            | Place::Encoding { file }
            | Place::Sheet { file }
            | Place::Subject { file }
            | Place::Column { file, .. }
            | Place::Format { file, .. }
            | Place::Value { file, .. }
            | Place::Constant { file, .. } => file,
        }
    }
}
