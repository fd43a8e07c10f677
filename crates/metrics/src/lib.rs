//! Metrics: what a number means, and every number with its proof.
//!
//! A [`Catalogue`] of definitions (YAML files in the vocabulary of dbt's semantic layer) is
//! asked a [`Question`]; the answer is a list of [`Number`]s, each with value or reason,
//! numerator, denominator, n, period and definition version. Opening a number asks the same
//! question for rows; a [`receipt`] is a number signed together with its rows. Definitions become
//! logical plans of the engine over a snapshot of facts; no SQL text is pasted together. Who may
//! ask what is not decided here: the caller hands in a [`Reach`].

mod answer;
mod ask;
mod calendar;
mod credited;
mod definition;
mod engine;
mod evidence;
mod measure;
mod organisation;
mod rank;
pub mod receipt;
mod retention;
mod rows;

pub use answer::{Answer, AsOf, Code, Number};
pub use ask::{Asker, MetricsError, Question, Reach};
pub use calendar::{Calendar, Grain, Period, PeriodError};
pub use definition::{Attribution, Catalogue, DefinitionError, Direction, Formula, Metric, Unit};
pub use evidence::{Evidence, EvidenceRow};
pub use organisation::{Dimension, Level, Member, Organisation, Person, Subject};
pub use rank::rank;
pub use rows::{AccountRow, DealRow, Row, Rows, RowsColumn, RowsPage};
