//! Attain: sales performance reviews you can defend. One binary, its commands in [`cli`].

// An answer's future holds the engine's syntax trees, which are nested deeper than the usual limit.
#![recursion_limit = "256"]

mod as_of;
mod audit;
mod circumstances;
mod cli;
mod clock;
mod comparison;
mod config;
mod data;
mod definitions;
mod demo;
mod diagnosis;
mod export;
mod goals;
mod home;
mod integrity;
mod mail;
mod migration;
mod people;
mod permissions;
mod receipts;
mod reconciliation;
mod role_cards;
mod scorecards;
mod settings;
mod trend;
mod web;

use std::process::ExitCode;

/// Rows are read in one thread and freed in another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
