//! Taking facts in, as an operations admin meets it: mappings, deliveries, what is kept of them and
//! what is said about them when they are wrong.

mod across_rows;
mod attributes;
mod deliveries;
mod formats;
mod guide;
mod mapping;
mod office;
mod tables;
