//! How far whoever asks may see: which subjects as values, and which of them down to their rows.
//!
//! Who may see what follows from roles and reporting lines, which are not known here; the caller
//! hands in what came out of them. Whoever sees a subject's values alone sees aggregates about
//! people, and those pass [`crate::anonymity`].

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::subject::{Dimension, Level, Subject};

/// How far an actor may see. Deny is the default: what is not inside is answered E11, never
/// narrowed in silence.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every subject.
    Everything,
    /// No subject.
    Nothing,
    /// Some subjects.
    Part(Arc<Part>),
}

/// The subjects that a reach is made of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Part {
    opened: BTreeSet<Subject>,
    aggregated: BTreeSet<Subject>,
}

/// Parts of the same size are rare enough to be told apart by comparing them.
impl Hash for Part {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.opened.len(), self.aggregated.len(), self.opened.first()).hash(state);
    }
}

impl Reach {
    /// The reach over subjects down to their rows, and over others as aggregates only.
    #[must_use]
    pub fn over(
        opened: impl IntoIterator<Item = Subject>,
        aggregated: impl IntoIterator<Item = Subject>,
    ) -> Reach {
        let opened: BTreeSet<Subject> = opened.into_iter().collect();
        let aggregated = aggregated.into_iter().filter(|subject| !opened.contains(subject)).collect();
        let part = Part { opened, aggregated };
        if part.opened.is_empty() && part.aggregated.is_empty() {
            return Reach::Nothing;
        }
        Reach::Part(Arc::new(part))
    }

    /// What lies inside both.
    #[must_use]
    pub fn within(&self, other: &Reach) -> Reach {
        let (parts, bounds) = match (self, other) {
            (Reach::Everything, bounds) => return bounds.clone(),
            (parts, Reach::Everything) => return parts.clone(),
            both => both,
        };
        let inside: Vec<&Subject> = parts.subjects().filter(|subject| bounds.includes(subject)).collect();
        let opened = inside.iter().filter(|subject| parts.opens(subject) && bounds.opens(subject));
        Reach::over(opened.map(|subject| (*subject).clone()), inside.iter().map(|subject| (*subject).clone()))
    }

    /// Whether values of a subject may be seen.
    #[must_use]
    pub fn includes(&self, subject: &Subject) -> bool {
        self.opens(subject) || self.aggregates(subject)
    }

    /// Whether the rows of a subject may be seen too.
    #[must_use]
    pub fn opens(&self, subject: &Subject) -> bool {
        match self {
            Reach::Everything => true,
            Reach::Nothing => false,
            Reach::Part(part) => part.opened.contains(subject),
        }
    }

    /// The subjects inside, where they can be told one by one.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        let part = if let Reach::Part(part) = self { Some(part) } else { None };
        part.into_iter().flat_map(|part| part.opened.iter().chain(&part.aggregated))
    }

    /// Whether of a subject nothing may be seen but aggregates.
    pub(crate) fn aggregates(&self, subject: &Subject) -> bool {
        matches!(self, Reach::Part(part) if part.aggregated.contains(subject))
    }

    /// Whether a member of a split may be seen. Who has the rows of the whole has those of its
    /// products and other parts too; the people and groups among them are subjects of their own.
    pub(crate) fn includes_member(&self, dimension: &Dimension, id: Option<&str>) -> bool {
        match (dimension.level(), id) {
            (Some(level @ (Level::Region | Level::Manager | Level::Rep)), Some(id)) => {
                self.includes(&Subject::at(level, id.to_owned()))
            }
            _ => true,
        }
    }
}
