//! Taking facts in, as an operations admin meets it: mappings, deliveries, what is kept of them and
//! what is said about them when they are wrong.

mod across_rows;
mod adventureworks;
mod attributes;
mod chinook;
mod deliveries;
mod expressions;
mod formats;
mod generated;
mod guide;
mod lookups;
mod mapping;
mod merges;
mod office;
mod order;
mod ready_mappings;
mod reconciling;
mod suggestion;
mod suggestion_exports;
mod tables;
mod totals;
mod undo;
