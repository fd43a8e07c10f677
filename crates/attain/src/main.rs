//! Attain: sales performance reviews you can defend. One binary, its commands in [`cli`].

mod as_of;
mod cli;
mod config;
mod data;
mod demo;
mod export;
mod migration;
mod permissions;
mod receipts;
mod scorecards;
mod web;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
