//! `attain import`: a delivery becomes facts, with progress and a report that adds up.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use attain_facts::database::Database;
use attain_facts::import::{
    self, Delivery, FileReport, ImportError, ImportReport, Imported, Progress, sweep_if_due,
};
use attain_facts::mapping::Mapping;
use attain_facts::store::{Store, StoreError};
use attain_records::Actor;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;

use super::past::{Past, of_prospect, print_past};
use super::serve::make_key_at_first_start;
use super::table::{Format, print_csv, print_table, writeln_or_closed};
use super::undo::Undo;
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::data::mappings::store::keep;
use crate::data::past::Past as PastNumbers;
use crate::data::past::api::PastOut;
use crate::data::sample::SampleOut;
use crate::integrity::raising;
use crate::web::format::money;

/// Import the files a mapping describes, all of them or nothing
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  attain import ~/export --mapping mapping.yaml --dry-run
  export-deals | attain import - --as deals.csv --mapping mapping.yaml
  attain import postgres://reader@crm.example/crm --mapping mapping.yaml
  attain import undo 7 --reason \"the file of another company\"")]
pub(super) struct Import {
    #[command(flatten)]
    files: Option<Files>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    Undo(Undo),
    Past(Past),
}

impl Import {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match (&self.action, &self.files) {
            (Some(Action::Undo(undo)), _) => undo.run(data).await,
            (Some(Action::Past(past)), _) => past.run(data).await,
            (None, Some(files)) => files.run(data).await,
            (None, None) => bail!("say which files to import, and with which mapping"),
        }
    }
}

/// The files of a delivery.
#[derive(clap::Args)]
struct Files {
    /// The delivered files, the one folder or zip archive they lie in, - for standard input, or a
    /// database that is read only: sqlite:FILE, postgres://USER@HOST/NAME
    #[arg(required = true, value_name = "FILES|DIR|-|DATABASE")]
    inputs: Vec<PathBuf>,
    /// Which file of the mapping standard input is, if it names several
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// The mapping file
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,
    /// Show what would happen and write nothing
    #[arg(long)]
    dry_run: bool,
    /// How the report is written; CSV has a row per file
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// An import as programs read it.
#[derive(Serialize)]
struct ImportedOut<'a> {
    /// Its number; null if it was only tried.
    number: Option<i64>,
    snapshot: i64,
    report: &'a ImportReport,
    /// The first rows of each table as they would be; none once they are.
    samples: Vec<SampleOut>,
    /// What would become of past numbers; null once it is imported, and where nothing changes.
    past: Option<PastOut>,
}

impl Files {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let mapping = Mapping::read(&self.mapping).map_err(ImportError::from)?;
        let store = data.open().await?;
        let saved = self.saved(&mapping, data).await?;
        let inputs = saved.as_ref().map_or(self.inputs.as_slice(), |saved| saved.inputs.as_slice());
        let rejects = data.rejects(Timestamp::now());
        let delivered = match self.dry_run {
            true => look(&store, &mapping, inputs).await?,
            false => deliver(&store, &mapping, inputs, &rejects, Clock::Real).await.map(|done| (done, None)),
        };
        match delivered {
            Ok((imported, past)) => {
                self.print(&imported, past.as_ref())?;
                if !self.dry_run {
                    make_key_at_first_start(&store, &data.key()).await;
                    sweep(&store).await;
                }
                Ok(())
            }
            Err(error) => {
                if let ImportError::TooManyRejects { report, .. } = &error {
                    print_report(report)?;
                }
                Err(error.into())
            }
        }
    }
}

impl Files {
    fn print(&self, imported: &Imported, past: Option<&PastNumbers>) -> anyhow::Result<()> {
        match self.format {
            Format::Table => {
                print_report(&imported.report)?;
                past.map(print_past).transpose()?;
                writeln_or_closed(&conclusion(imported))
            }
            Format::Csv => print_csv(&TALLY.map(String::from), &tallies(&imported.report)),
            Format::Json => {
                let Imported { number, snapshot, report, samples } = imported;
                let samples = samples.iter().map(SampleOut::from).collect();
                let past = past.map(PastOut::from);
                let out = ImportedOut { number: *number, snapshot: *snapshot, report, samples, past };
                writeln_or_closed(&serde_json::to_string_pretty(&out)?)
            }
        }
    }

    /// A delivery that does not lie in files: a database, or what comes in on standard input.
    async fn saved(&self, mapping: &Mapping, data: &DataDirectory) -> anyhow::Result<Option<Saved>> {
        let databases = self.inputs.iter().filter_map(|input| Database::parse(input.to_str()?));
        match databases.collect::<Result<Vec<_>, _>>()?.as_slice() {
            [] => self.standard_input(mapping, data),
            [database] if self.inputs.len() == 1 => {
                let saved = Saved::folder(data.folder(), "database")?;
                database.deliver(mapping, &saved.folder).await?;
                Ok(Some(saved))
            }
            _ => bail!("a database is a delivery of its own; give its address alone"),
        }
    }

    /// What comes in on standard input, if that is the delivery.
    fn standard_input(&self, mapping: &Mapping, data: &DataDirectory) -> anyhow::Result<Option<Saved>> {
        let is_standard_input = |input: &PathBuf| input == Path::new("-");
        if !self.inputs.iter().any(is_standard_input) {
            return match self.name {
                Some(_) => bail!("--as goes with - for standard input; files are recognised by their names"),
                None => Ok(None),
            };
        }
        if self.inputs.len() > 1 {
            bail!("standard input is one file of a delivery; give - alone, or save it and give all files");
        }
        let names = mapping.file_names();
        let name = match (&self.name, names.as_slice()) {
            (Some(name), _) if names.iter().any(|known| known.eq_ignore_ascii_case(name)) => name,
            (None, [only]) => *only,
            (Some(name), _) => bail!(
                "the mapping has no file `{name}`; it names: {}. Nothing was imported",
                names.join(", ")
            ),
            (None, _) => bail!(
                "say with --as which file standard input is; the mapping names: {}. Nothing was imported",
                names.join(", ")
            ),
        };
        Saved::standard_input(data.folder(), name).map(Some)
    }
}

/// A delivery that does not lie in files, saved while it is imported: a file is read more than once.
struct Saved {
    folder: PathBuf,
    inputs: [PathBuf; 1],
}

impl Saved {
    /// An empty folder, which is delivered once it holds the files.
    fn folder(data: &Path, name: &str) -> anyhow::Result<Saved> {
        let folder = data.join(format!("{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("could not create {}", folder.display()))?;
        Ok(Saved { inputs: [folder.clone()], folder })
    }

    fn standard_input(data: &Path, name: &str) -> anyhow::Result<Saved> {
        let mut saved = Saved::folder(data, "standard-input")?;
        saved.inputs = [saved.folder.join(name)];
        let file = &saved.inputs[0];
        let mut target =
            File::create(file).with_context(|| format!("could not create {}", file.display()))?;
        io::copy(&mut io::stdin().lock(), &mut target)
            .with_context(|| format!("could not save standard input in {}", file.display()))?;
        Ok(saved)
    }
}

impl Drop for Saved {
    fn drop(&mut self) {
        // What cannot be removed stays; nothing refers to it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Removes files that earlier imports replaced: where nobody serves, nobody else does.
pub(super) async fn sweep(store: &Store) {
    let worker = format!("import {}", std::process::id());
    if let Err(error) = sweep_if_due(store, &Actor::local_owner(), &worker, Timestamp::now()).await {
        tracing::warn!(%error, "replaced files could not be removed; the next import tries again");
    }
}

/// Imports a delivery with a progress bar on standard error. It is known from `clock`'s present on.
pub(super) async fn deliver(
    store: &Store,
    mapping: &Mapping,
    inputs: &[PathBuf],
    rejects_folder: &Path,
    clock: Clock,
) -> Result<Imported, ImportError> {
    let actor = Actor::local_owner();
    keep(store.records(), &actor, clock.now(), mapping).await.map_err(StoreError::from)?;
    let bar = progress_bar();
    let rejects_folder = Some(rejects_folder);
    let delivery = Delivery { mapping, inputs, left_out: &[], rejects_folder, clock: &|| clock.now() };
    let mut new_salt = rand::random::<[u8; 16]>;
    let imported = import::import(store, &actor, &delivery, &mut new_salt, &|progress| {
        show(&bar, progress);
        ControlFlow::Continue(())
    })
    .await;
    bar.finish_and_clear();
    if imported.is_ok() {
        raising::after_command(store, clock.now()).await;
    }
    imported
}

/// Looks at a delivery with a progress bar on standard error: what an import would do, and what would
/// become of past numbers where there are some that could move.
async fn look(
    store: &Store,
    mapping: &Mapping,
    inputs: &[PathBuf],
) -> anyhow::Result<Result<(Imported, Option<PastNumbers>), ImportError>> {
    let actor = Actor::local_owner();
    let bar = progress_bar();
    let clock = || Clock::Real.now();
    let delivery = Delivery { mapping, inputs, left_out: &[], rejects_folder: None, clock: &clock };
    let mut new_salt = rand::random::<[u8; 16]>;
    let looked = import::preview(store, &actor, &delivery, &mut new_salt, &|progress| {
        show(&bar, progress);
        ControlFlow::Continue(())
    })
    .await;
    let (imported, prospect) = match looked {
        Ok(looked) => looked,
        Err(error) => {
            bar.finish_and_clear();
            return Ok(Err(error));
        }
    };
    let past = of_prospect(store, prospect, &bar).await?;
    bar.finish_and_clear();
    Ok(Ok((imported, past)))
}

/// A progress bar on standard error.
pub(super) fn progress_bar() -> ProgressBar {
    // The template is fixed and valid; a plain bar is as good.
    let style = ProgressStyle::with_template("{msg:32} {wide_bar} {percent:>3} %")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

pub(super) fn show(bar: &ProgressBar, progress: Progress) {
    match progress {
        Progress::Meeting { file, bytes, bytes_total } => {
            advance(bar, format!("Looking through {file}"), bytes, bytes_total);
        }
        Progress::Reading { file, bytes, bytes_total } => {
            advance(bar, format!("Reading {file}"), bytes, bytes_total);
        }
        Progress::Comparing(table) => bar.set_message(format!("Comparing {table}")),
        Progress::Writing(table) => bar.set_message(format!("Writing {table}")),
    }
}

fn advance(bar: &ProgressBar, message: String, bytes: u64, bytes_total: u64) {
    bar.set_length(bytes_total);
    bar.set_position(bytes);
    bar.set_message(message);
}

/// The heads of [`tallies`].
const TALLY: [&str; 6] = ["File", "Read", "Accepted", "Unchanged", "Filtered", "Rejected"];

/// What became of the rows of each file.
fn tallies(report: &ImportReport) -> Vec<Vec<String>> {
    let tally = |file: &FileReport| {
        let rows = file.rows;
        let counts = [rows.read, rows.accepted, rows.unchanged, rows.filtered, rows.rejected];
        std::iter::once(file.name.clone()).chain(counts.map(|count| count.to_string())).collect()
    };
    report.files.iter().map(tally).collect()
}

fn print_report(report: &ImportReport) -> anyhow::Result<()> {
    print_table(&TALLY.map(String::from), &tallies(report), 1)?;
    for file in &report.files {
        writeln_or_closed(&format!("{}: {}", file.name, file.format))?;
    }
    for file in &report.files {
        for row in &file.rejected {
            let column = row.column.as_ref().map(|column| format!(", {column}")).unwrap_or_default();
            let value = row.value.as_ref().map(|value| format!(" `{value}`")).unwrap_or_default();
            writeln_or_closed(&format!("{}, {}{column}:{value} {}", file.name, row.place(), row.reason))?;
        }
        let hidden = file.rows.rejected.saturating_sub(file.rejected.len() as u64);
        if hidden > 0 {
            writeln_or_closed(&format!("{}: {hidden} more rejected rows", file.name))?;
        }
        if let Some(path) = &file.rejects_file {
            writeln_or_closed(&format!(
                "Rejected rows, to be corrected and imported again: {}",
                path.display()
            ))?;
        }
    }
    for table in &report.tables {
        for total in &table.totals {
            let (column, currency) = (&total.column, total.currency.as_deref().unwrap_or("no currency"));
            let (before, after) = (money(total.before), money(total.after));
            writeln_or_closed(&format!(
                "{}.{column} in {currency}: {before} before, {after} after",
                table.table
            ))?;
        }
    }
    for note in &report.notes {
        writeln_or_closed(&format!("Note: {note}"))?;
    }
    if !report.not_mapped.is_empty() {
        writeln_or_closed(&format!("Not in the mapping, not read: {}", report.not_mapped.join(", ")))?;
    }
    Ok(())
}

fn conclusion(imported: &Imported) -> String {
    let tables = &imported.report.tables;
    let sum = |count: fn(&import::TableReport) -> u64| tables.iter().map(count).sum::<u64>();
    let changes = format!(
        "{} created, {} changed, {} deleted",
        sum(|table| table.created),
        sum(|table| table.changed),
        sum(|table| table.deleted)
    );
    match (imported.number, imported.report.changes()) {
        (None, total) => format!("Preview: {total} changes ({changes}). Nothing was written"),
        (Some(number), 0) => format!(
            "Import {number}: 0 changes; everything was known already (snapshot {})",
            imported.snapshot
        ),
        (Some(number), total) => {
            format!("Import {number}: {total} changes ({changes}), snapshot {}", imported.snapshot)
        }
    }
}
