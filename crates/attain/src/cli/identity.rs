//! `attain identity`: two of the sources are one and the same, or are not after all.

use attain_facts::canonical::Table;
use attain_facts::merge::{Merge, merge};
use attain_records::Actor;
use jiff::Timestamp;

use super::table::writeln_or_closed;
use crate::config::DataDirectory;

/// Merge people, teams, territories, accounts or products that are one and the same
#[derive(clap::Args)]
#[command(after_help = "Examples:
  attain identity merge employee \"A. Snelling\" \"Anna Snelling\" --reason \"one person in two systems\"
  attain identity unmerge employee person-17")]
pub(super) struct Identity {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Merge ONE into OTHER: numbers count both as OTHER from now on, and as of before they do not
    Merge {
        #[command(flatten)]
        named: Named,
        /// The one that is kept
        other: String,
        #[command(flatten)]
        why: Why,
    },
    /// Take a merge apart
    Unmerge {
        #[command(flatten)]
        named: Named,
        #[command(flatten)]
        why: Why,
    },
}

#[derive(clap::Args)]
struct Named {
    /// employee, team, territory, account or product
    #[arg(value_parser = table)]
    table: Table,
    /// Its id, its key in the source, or its name
    one: String,
}

#[derive(clap::Args)]
struct Why {
    /// Why, for whoever reads the history
    #[arg(long, value_name = "WHY", default_value = "")]
    reason: String,
}

fn table(name: &str) -> Result<Table, String> {
    Table::from_name(name).ok_or_else(|| format!("there is no table `{name}`"))
}

impl Identity {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let (named, into, why) = match &self.action {
            Action::Merge { named, other, why } => (named, Some(other.as_str()), why),
            Action::Unmerge { named, why } => (named, None, why),
        };
        let store = data.open().await?;
        let wanted =
            Merge { table: named.table, one: &named.one, into, reason: &why.reason, now: Timestamp::now() };
        let (number, merged) = merge(&store, &Actor::local_owner(), &wanted).await?;
        writeln_or_closed(&match merged.into {
            Some(into) => format!("Import {number}: {} is merged into {into}", merged.id),
            None => format!("Import {number}: {} is of its own again", merged.id),
        })
    }
}
