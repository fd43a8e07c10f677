//! `attain config`: how a server would be set up that is started here and now.

use super::serve::Serve;
use super::table::{Format, print_lines};
use crate::config::in_force::Setting;

/// Print the settings in force, and where each comes from
#[derive(clap::Args)]
#[command(
    after_help = "Flags come before the environment, the environment before attain.toml, that before defaults.\nExample: attain config --format csv"
)]
pub(super) struct Config {
    // Given here, a flag shows what it would do there.
    #[command(flatten)]
    _serve: Serve,
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Config {
    pub(super) fn run(&self, settings: &[Setting]) -> anyhow::Result<()> {
        let line = |setting: &Setting| {
            vec![setting.name.clone(), setting.value.clone().unwrap_or_default(), setting.source.to_string()]
        };
        let lines: Vec<Vec<String>> = settings.iter().map(line).collect();
        print_lines(self.format, &["setting", "value", "from"], &lines)
    }
}
