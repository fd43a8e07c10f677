//! Records: the transactional ground under everything Attain keeps.
//!
//! A [`Records`] is one database, SQLite or PostgreSQL, reached through one code path. Every
//! change is made in a [`WriteTransaction`] begun by an [`Actor`], and carries its [`audit`]
//! entry in the same transaction. [`jobs`] are work to be done later, enqueued with the change
//! that asks for it. What the rows mean to the business is not known here.
//!
//! Rules, each from a measured trap: instants are whole microseconds since the epoch in columns
//! named `…_us`; there are no decimal columns; every writing transaction is immediate; SQLite is
//! read through connections that cannot write, so that a page never waits for a writer.

mod actor;
pub mod audit;
mod connection;
mod error;
mod instant;
pub mod jobs;
mod migration;

pub use actor::Actor;
pub use connection::{Records, WriteTransaction, sqlite_url};
pub use error::RecordsError;
pub use instant::{from_micros, to_micros};
pub use migration::{Migrator, migrations};
