//! The command line: results on standard output, progress and errors on standard error; exit
//! code 0 done, 1 failed, 2 wrong usage.

mod audit;
mod demo;
mod difference;
mod doctor;
mod identity;
mod import;
mod key;
mod mapping;
mod metrics;
mod open;
mod past;
mod permissions;
mod quality;
mod query;
mod reconcile;
mod restate;
mod scorecard;
mod serve;
mod sign;
mod table;
mod undo;
mod user;
mod verify;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::config::DataDirectory;

/// How long a thread that reads files waits for the next.
const IDLE: Duration = Duration::from_millis(100);

/// Sales performance reviews you can defend
#[derive(Parser)]
#[command(name = "attain", version, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    data: DataDirectory,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start with a fictional company and open its scorecards in the browser
    Demo(demo::Demo),
    /// Import the files a mapping describes, undo an import, or see what it did to past numbers
    Import(import::Import),
    /// Start a mapping from the files themselves
    Mapping(mapping::MappingCommand),
    /// Merge people, teams, accounts and the like that are one and the same
    Identity(identity::Identity),
    /// Let closed deals that changed hands count for their new owner
    Restate(restate::Restate),
    /// Ask metrics by dimensions and periods
    Query(query::Query),
    /// Show which rows make a number another one than it was
    Difference(difference::Difference),
    /// Show which deals make a report of the CRM another number than Attain's
    Reconcile(reconcile::Reconcile),
    /// Show what is wrong with the facts, and the rows
    Quality(quality::QualityCommand),
    /// Show the scorecard of a person, a team or the company
    Scorecard(scorecard::Scorecard),
    /// List the metrics, or show one definition
    Metrics(metrics::Metrics),
    /// Sign a number: a small file that anybody can check
    Sign(sign::Sign),
    /// Check a receipt, offline
    Verify(verify::Verify),
    /// Print the fingerprint of the key that signs numbers
    Key(key::Key),
    /// Make accounts, and list them
    User(user::User),
    /// Check that everything that is kept is whole
    Doctor(doctor::Doctor),
    /// Check the audit log, or print it
    Audit(audit::AuditCommand),
    /// Print who may come to which page and endpoint
    Permissions(permissions::Permissions),
    /// Serve pages and API on this machine
    Serve(serve::Serve),
}

/// Parses the arguments and runs the command.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let log = tracing_subscriber::EnvFilter::try_from_env("ATTAIN_LOG").unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt()
        .with_env_filter(log)
        .with_ansi(std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_writer(std::io::stderr)
        .init();
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::from(error)),
    };
    match runtime.block_on(dispatch(arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Threads that read files keep the memory they used while they wait for more to read, so that they wait
/// for a moment only (`bench/README.md`).
fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().thread_keep_alive(IDLE).build()
}

async fn dispatch(arguments: Arguments) -> anyhow::Result<()> {
    let data = arguments.data;
    match arguments.command {
        Command::Demo(demo) => demo.run(&data).await,
        Command::Import(import) => import.run(&data).await,
        Command::Mapping(mapping) => mapping.run(&data).await,
        Command::Identity(identity) => identity.run(&data).await,
        Command::Restate(restate) => restate.run(&data).await,
        Command::Query(query) => query.run(&data).await,
        Command::Difference(difference) => difference.run(&data).await,
        Command::Reconcile(reconcile) => reconcile.run(&data).await,
        Command::Quality(quality) => quality.run(&data).await,
        Command::Scorecard(scorecard) => scorecard.run(&data).await,
        Command::Metrics(metrics) => metrics.run(&data).await,
        Command::Sign(sign) => sign.run(&data).await,
        Command::Verify(verify) => verify.run(&data).await,
        Command::Key(key) => key.run(&data).await,
        Command::User(user) => user.run(&data).await,
        Command::Doctor(doctor) => doctor.run(&data).await,
        Command::Audit(audit) => audit.run(&data).await,
        Command::Permissions(permissions) => permissions.run(),
        Command::Serve(serve) => serve.run(&data).await,
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let mut message = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        // Many messages name their cause themselves.
        if !message.contains(&cause) {
            message = format!("{message}: {cause}");
        }
    }
    eprintln!("error: {message}");
    ExitCode::FAILURE
}
