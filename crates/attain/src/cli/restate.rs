//! `attain restate`: closed deals that changed hands count for their new owner, for a reason.

use anyhow::{Context, bail};
use attain_facts::restatement::take_back;
use attain_records::Actor;
use jiff::Timestamp;

use super::past::print_past;
use super::table::writeln_or_closed;
use crate::config::DataDirectory;
use crate::data::past::restating::{Chosen, proposed};
use crate::definitions::Definitions;

/// Restate the credit of closed deals that an import gave to others, or take that back
///
/// Without it a closed deal stays with whoever closed it. Numbers as of before do not change.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  attain restate 7 --dry-run
  attain restate 7 --from \"Anna Snelling\" --reason \"handover agreed in March\"
  attain restate take-back 9 --reason \"agreed for one deal only\"")]
pub(super) struct Restate {
    #[command(flatten)]
    deals: Option<Deals>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Take a restatement back: its deals count as they did before
    TakeBack(TakeBack),
}

/// Which deals, and why.
#[derive(clap::Args)]
struct Deals {
    /// Number of the import that gave the deals to others
    #[arg(required = true, value_name = "N")]
    import: i64,
    /// Only deals of one who owned them before, by name or id
    #[arg(long, value_name = "NAME", default_value = "")]
    from: String,
    /// Only deals of one who owns them now, by name or id
    #[arg(long, value_name = "NAME", default_value = "")]
    to: String,
    /// Only one deal, by its key in the source
    #[arg(long, value_name = "KEY", default_value = "")]
    deal: String,
    /// Why, for those whose numbers move
    #[arg(long, value_name = "WHY", required_unless_present = "dry_run", default_value = "")]
    reason: String,
    /// Show what would move and write nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(clap::Args)]
struct TakeBack {
    /// Number that the restatement has among the imports
    #[arg(value_name = "N")]
    import: i64,
    /// Why, for whoever reads the history
    #[arg(long, value_name = "WHY")]
    reason: String,
}

impl Restate {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match (&self.action, &self.deals) {
            (Some(Action::TakeBack(taking)), _) => taking.run(data).await,
            (None, Some(deals)) => deals.run(data).await,
            (None, None) => bail!("say which import gave the deals to others"),
        }
    }
}

impl Deals {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open().await?;
        let (actor, now) = (Actor::local_owner(), Timestamp::now());
        let definitions = Definitions::new(store.records().clone());
        let import = store.import(&actor, self.import).await?;
        let import = import.with_context(|| format!("there is no import {}", self.import))?;
        let chosen = Chosen { from: self.from.clone(), to: self.to.clone(), deal: self.deal.clone() };
        let proposed = proposed(&store, &definitions, &actor, &import, &chosen, now).await?;
        let deals = match proposed.deals() {
            1 => "1 deal".to_owned(),
            deals => format!("{deals} deals"),
        };
        if self.dry_run {
            print_past(&proposed.past)?;
            return writeln_or_closed(&format!("Preview: {deals} would be restated. Nothing was written"));
        }
        let number = proposed.restate(&store, &actor, &self.reason, now).await?;
        print_past(&proposed.past)?;
        writeln_or_closed(&format!("Import {number} restates the credit of {deals}"))
    }
}

impl TakeBack {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open().await?;
        let number =
            take_back(&store, &Actor::local_owner(), self.import, &self.reason, Timestamp::now()).await?;
        writeln_or_closed(&format!("Import {number} takes back the restatement of import {}", self.import))
    }
}
