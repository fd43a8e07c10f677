//! The command line: results on standard output, progress and errors on standard error; exit
//! code 0 done, 1 failed, 2 wrong usage.

mod audit;
mod config;
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

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::runtime::{Builder, Runtime};

use crate::config::DataDirectory;
use crate::config::file::ConfigFile;
use crate::config::in_force::{Setting, in_force, is_setting, name};

/// How long a thread that reads files waits for the next.
const IDLE: Duration = Duration::from_millis(100);

/// Sales performance reviews you can defend
#[derive(Parser)]
#[command(name = "attain", version, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    data: DataDirectory,
    // Read before the other arguments, whose defaults it changes.
    /// Configuration file [default: attain.toml, where there is one]
    #[arg(long = "config", env = "ATTAIN_CONFIG", value_name = "FILE", global = true)]
    _config: Option<PathBuf>,
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
    /// Print the settings in force, and where each comes from
    Config(config::Config),
    /// Serve pages and API on this machine
    Serve(serve::Serve),
}

/// Parses the arguments and runs the command.
pub(crate) fn run() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().collect();
    let file = match ConfigFile::find(&given, &settings()) {
        Ok(file) => file,
        Err(error) => {
            failed(&error);
            return ExitCode::from(2);
        }
    };
    let (arguments, settings) = match arguments(given, &file) {
        Ok(read) => read,
        Err(error) => error.exit(),
    };
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
    match runtime.block_on(dispatch(arguments, settings)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// The commands that a configuration file sets up: the server's, and the one that shows how.
const SET_UP: [&str; 2] = ["serve", "config"];

/// The names of all settings.
fn settings() -> BTreeSet<String> {
    let program = Arguments::command();
    let serve = program.find_subcommand(SET_UP[0]).into_iter().flat_map(clap::Command::get_arguments);
    program.get_arguments().chain(serve).filter(|argument| is_setting(argument)).map(name).collect()
}

/// The arguments with the file's values as their defaults, and the settings in force.
fn arguments(given: Vec<OsString>, file: &ConfigFile) -> Result<(Arguments, Vec<Setting>), clap::Error> {
    let mut program = defaults(Arguments::command(), file);
    for set_up in SET_UP {
        program = program.mut_subcommand(set_up, |command| defaults(command, file));
    }
    let matches = program.try_get_matches_from_mut(given)?;
    let asked = matches.subcommand();
    let settings = asked.and_then(|(name, of)| Some(in_force(program.find_subcommand(name)?, of, file)));
    let arguments = Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut program))?;
    Ok((arguments, settings.unwrap_or_default()))
}

/// A command whose arguments have the file's values where they are not given.
fn defaults(command: clap::Command, file: &ConfigFile) -> clap::Command {
    let named = |argument: &clap::Arg| Some((argument.get_id().clone(), file.get(&name(argument))?.to_vec()));
    let settings = command.get_arguments().filter(|argument| is_setting(argument));
    let values: Vec<_> = settings.filter_map(named).collect();
    values.into_iter().fold(command, |command, (id, values)| {
        command.mut_arg(id, |argument| {
            let is_secret = argument.is_hide_env_values_set();
            argument.default_values(values).hide_default_value(is_secret)
        })
    })
}

/// Threads that read files keep the memory they used while they wait for more to read, so that they wait
/// for a moment only (`bench/README.md`).
fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().thread_keep_alive(IDLE).build()
}

async fn dispatch(arguments: Arguments, settings: Vec<Setting>) -> anyhow::Result<()> {
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
        Command::Config(config) => config.run(&settings),
        Command::Serve(serve) => serve.run(&data, settings).await,
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
