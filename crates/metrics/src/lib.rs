//! Metrics: what a number means, and every number with its proof.
//!
//! A [`Catalogue`] of definitions (YAML files in the vocabulary of dbt's semantic layer) is
//! asked a [`Question`]; the answer is a list of [`Number`]s, each with value or reason,
//! numerator, denominator, n, period and definition version. Opening a number asks the same
//! question for rows; a [`receipt`] is a number signed together with its rows. Definitions become
//! logical plans of the engine over a snapshot of facts; no SQL text is pasted together. Who may
//! ask what is not decided here: the caller hands in a [`Reach`].

pub mod anonymity;
mod answer;
mod arithmetic;
mod ask;
mod builtin;
mod calendar;
mod conversion;
mod credited;
mod definition;
mod difference;
mod engine;
mod evidence;
mod explain;
mod folder;
mod groups;
mod integrity;
mod leading;
mod measure;
mod observations;
mod open_deals;
mod organisation;
mod percentile;
mod plan;
mod potential;
mod qualified;
mod quality;
mod rank;
pub mod receipt;
mod reconciliation;
mod recorded;
mod reporting_lines;
mod restatement;
mod retention;
mod rows;
mod subject;
mod tables;
mod team_mode;
mod worth;

pub use answer::{Answer, AsOf, Code, Codes, Input, Number};
pub use ask::{Asker, Counting, MetricsError, Question, Reach};
pub use calendar::{
    Applicable, Calendar, DateRange, DatedTarget, Grain, Period, PeriodDays, PeriodError, Proration,
    TargetVersion, WorkingDays, tenure_months,
};
pub use credited::{NewestRate, RateMode};
pub use definition::{
    Attribution, Catalogue, Change as DefinitionChange, CounterMetric, DefinitionError, Direction, Editions,
    Formula, Metric, NewVersion, RowsOf, Unit, ValidLevel, Versions,
};
pub use difference::{Change, Difference, DifferingRow, Kind, ROWS_LISTED, RowKey, Tally, difference};
pub use evidence::{Evidence, EvidenceRow, RowName};
pub use folder::{Folder, FolderError};
pub use integrity::{DecidedDeal, LoggedActivity, Push, PushedDeal};
pub use observations::Observation;
pub use open_deals::{DealsEnded, OpenDeal};
pub use organisation::{Organisation, Person};
pub use qualified::{MissingDays, SourceDelivery, Stale};
pub use quality::{
    CHECKS, Check, Deliveries, Finding, FoundPage, FoundRow, FoundRows, NotSupplied, Quality, Severity,
    SourceQuality,
};
pub use rank::rank;
pub use reconciliation::{
    DifferingDeal, Reason as ReconciliationReason, Reconciliation, ReportedDeal, reconcilable, reconciliation,
};
pub use recorded::{CLOSING_DAYS, Knowledge, Recorded};
pub use reporting_lines::ReportingLines;
pub use restatement::{
    Move, Movement, Moves, PastRows, ReassignedDeal, Reassignment, by_person, closed_periods, credit_of,
    moves, past_rows, reassigned, recredited,
};
pub use rows::{
    AccountRow, DealRow, EventRow, NEARLY_DAYS, Nearly, NearlyRow, Row, Rows, RowsColumn, RowsPage,
};
pub use subject::{Dimension, Level, Member, Subject};
pub use tables::{Coverage, Tables};
pub use team_mode::TeamMode;
