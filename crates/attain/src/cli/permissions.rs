//! `attain permissions`: who may come to which page and endpoint, as the server decides it.

use super::table::{Format, print_lines};
use crate::permissions::matrix::{Extent, extent};
use crate::permissions::role::Role;
use crate::web::routes::Rule;
use crate::web::rules;

/// Print every page and endpoint with the roles that may come there
#[derive(clap::Args)]
#[command(after_help = "Example: attain permissions --format csv")]
pub(super) struct Permissions {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Permissions {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let header: Vec<&str> =
            ["method", "path"].into_iter().chain(["anyone"]).chain(Role::ALL.map(Role::key)).collect();
        let lines: Vec<Vec<String>> = rules()
            .into_iter()
            .map(|guarded| {
                let cells = Role::ALL.map(|role| cell(guarded.rule, role).to_owned());
                let anyone = if guarded.rule == Rule::Anyone { "yes" } else { "-" };
                [guarded.method.to_string(), guarded.path, anyone.to_owned()]
                    .into_iter()
                    .chain(cells)
                    .collect()
            })
            .collect();
        print_lines(self.format, &header, &lines)
    }
}

/// Whose a role finds there; nothing where it may not come.
fn cell(rule: Rule, role: Role) -> &'static str {
    let Rule::May(act, object) = rule else { return "yes" };
    match extent(role, act, object) {
        None => "-",
        Some(Extent::Aggregate) => "aggregates",
        Some(Extent::Own) => "own",
        Some(Extent::Team) => "team",
        Some(Extent::Organisation) => "organisation",
        Some(Extent::Population) => "population",
        Some(Extent::Settings) => "settings",
        Some(Extent::All) => "all",
    }
}
