//! `attain import undo`: an import taken back as a unit.

use attain_facts::import::{self, Imported, Progress, Undo as Wanted};
use attain_records::Actor;

use super::import::{progress_bar, show, sweep};
use super::past::{of_prospect, print_past};
use super::table::{print_table, writeln_or_closed};
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::integrity::raising;

/// Undo an import: what it created goes, what it changed is as before, what it deleted is back
///
/// What was known until now stays known as of then. An undo is not undone: import the files again.
#[derive(clap::Args)]
#[command(after_help = "Example: attain import undo 7 --reason \"the file of another company\"")]
pub(super) struct Undo {
    /// Number of the import
    #[arg(value_name = "N")]
    import: i64,
    /// Why, for whoever reads the history
    #[arg(long, value_name = "WHY", default_value = "")]
    reason: String,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Undo {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open().await?;
        let clock = || Clock::Real.now();
        let wanted = Wanted { import: self.import, reason: &self.reason, clock: &clock };
        let bar = progress_bar();
        let shown = |progress: Progress<'_>| show(&bar, progress);
        if self.dry_run {
            let (undone, prospect) =
                import::preview_undo(&store, &Actor::local_owner(), &wanted, &shown).await?;
            let past = of_prospect(&store, prospect, &bar).await?;
            bar.finish_and_clear();
            print_changes(&undone)?;
            past.as_ref().map(print_past).transpose()?;
            return writeln_or_closed(&conclusion(self.import, &undone));
        }
        let undone = import::undo(&store, &Actor::local_owner(), &wanted, &shown).await;
        bar.finish_and_clear();
        let undone = undone?;
        raising::after_command(&store, Clock::Real.now()).await;
        print_changes(&undone)?;
        writeln_or_closed(&conclusion(self.import, &undone))?;
        sweep(&store).await;
        Ok(())
    }
}

fn print_changes(undone: &Imported) -> anyhow::Result<()> {
    if undone.report.tables.is_empty() {
        return Ok(());
    }
    let header = ["Table", "Gone", "As before", "Back"].map(String::from);
    let rows: Vec<Vec<String>> = undone
        .report
        .tables
        .iter()
        .map(|of| {
            let counts = [of.deleted, of.changed, of.created].map(|count| count.to_string());
            std::iter::once(of.table.to_string()).chain(counts).collect()
        })
        .collect();
    print_table(&header, &rows, 1)
}

fn conclusion(import: i64, undone: &Imported) -> String {
    let changes = match undone.report.changes() {
        1 => "1 change".to_owned(),
        changes => format!("{changes} changes"),
    };
    match undone.number {
        None => format!("Preview: undoing import {import} makes {changes}. Nothing was written"),
        Some(number) => {
            format!("Import {number} undoes import {import}: {changes}, snapshot {}", undone.snapshot)
        }
    }
}
