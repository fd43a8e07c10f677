//! Whom or what a number is about, and by what it is split.

use serde::Serialize;

/// A level of the organisation that has scorecards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Everyone.
    Company,
    /// A root team.
    Region,
    /// The people of one manager.
    Manager,
    /// One seller.
    Rep,
    /// One product.
    Product,
}

impl Level {
    /// The name used in questions and addresses.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::Company => "company",
            Level::Region => "region",
            Level::Manager => "manager",
            Level::Rep => "rep",
            Level::Product => "product",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Level> {
        [Level::Company, Level::Region, Level::Manager, Level::Rep, Level::Product]
            .into_iter()
            .find(|level| level.name() == name)
    }
}

/// What a question can be split by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// The region (root team) on the credit date.
    Region,
    /// The line manager on the credit date.
    Manager,
    /// The person it counts for.
    Rep,
    /// The product.
    Product,
    /// Any other dimension of the rows, or of what they are about: `stage`, `account__segment`.
    Named(String),
}

impl Dimension {
    /// The name used in questions.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Dimension::Region => "region",
            Dimension::Manager => "manager",
            Dimension::Rep => "rep",
            Dimension::Product => "product",
            Dimension::Named(name) => name,
        }
    }

    /// The dimension of that name. Whether rows have it is known once a metric is asked.
    #[must_use]
    pub fn from_name(name: &str) -> Dimension {
        let organisation = [Dimension::Region, Dimension::Manager, Dimension::Rep, Dimension::Product];
        let known = organisation.into_iter().find(|dimension| dimension.name() == name);
        known.unwrap_or_else(|| Dimension::Named(name.to_owned()))
    }

    /// The level whose members the dimension lists, so that members without rows appear too.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        match self {
            Dimension::Region => Some(Level::Region),
            Dimension::Manager => Some(Level::Manager),
            Dimension::Rep => Some(Level::Rep),
            Dimension::Product => Some(Level::Product),
            Dimension::Named(_) => None,
        }
    }
}

/// Someone or something a number can be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Member {
    /// Name for people; it comes first so that members sort by it.
    pub name: String,
    /// Identifier.
    pub id: String,
}

/// Whom or what a question is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Everyone, unassigned rows included.
    Company,
    /// One region.
    Region(String),
    /// The people of one manager.
    Manager(String),
    /// One seller.
    Rep(String),
    /// One product.
    Product(String),
}

impl Subject {
    /// The subject at a level; the company needs no identifier.
    #[must_use]
    pub fn at(level: Level, id: String) -> Subject {
        match level {
            Level::Company => Subject::Company,
            Level::Region => Subject::Region(id),
            Level::Manager => Subject::Manager(id),
            Level::Rep => Subject::Rep(id),
            Level::Product => Subject::Product(id),
        }
    }

    /// Its level.
    #[must_use]
    pub fn level(&self) -> Level {
        match self {
            Subject::Company => Level::Company,
            Subject::Region(_) => Level::Region,
            Subject::Manager(_) => Level::Manager,
            Subject::Rep(_) => Level::Rep,
            Subject::Product(_) => Level::Product,
        }
    }

    /// Its identifier; the company has none.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        match self {
            Subject::Company => None,
            Subject::Region(id) | Subject::Manager(id) | Subject::Rep(id) | Subject::Product(id) => Some(id),
        }
    }
}
