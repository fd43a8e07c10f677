//! How the program is set up: flags come before the environment (`ATTAIN_…`), the environment before
//! the configuration file, and that before defaults.
//!
//! [`data`] says where facts and records are kept, [`file`] reads `attain.toml`, and [`in_force`] lists
//! what holds and where each value comes from. What each setting means stands where it is used: with the
//! place of the product that has it.

mod data;
pub(crate) mod file;
pub(crate) mod in_force;

pub(crate) use data::DataDirectory;
