//! What is in force: each setting with its value and where that comes from.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::file::ConfigFile;

/// A setting as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name: that of the flag, without hyphens before it.
    pub(crate) name: String,
    /// What it says; secrets only that they are there.
    pub(crate) value: Option<String>,
    pub(crate) source: Source,
    /// What it is for.
    pub(crate) about: String,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Flag,
    /// The environment's variable of this name.
    Environment(String),
    /// The configuration file at this path.
    File(String),
    Default,
}

/// The settings of a command by name, as its arguments were read.
pub(crate) fn in_force(command: &Command, matches: &ArgMatches, file: &ConfigFile) -> Vec<Setting> {
    let settings = command.get_arguments().filter(|argument| is_setting(argument));
    let mut settings: Vec<Setting> = settings.map(|argument| setting(argument, matches, file)).collect();
    settings.sort_by(|one, other| one.name.cmp(&other.name));
    settings
}

/// Whether an argument is a setting, which has a variable of the environment as well, and not a question
/// of the moment. The configuration file is where settings stand, and none of them.
pub(crate) fn is_setting(argument: &Arg) -> bool {
    argument.get_env().is_some() && argument.get_long() != Some("config")
}

/// The name of a setting.
pub(crate) fn name(argument: &Arg) -> String {
    argument.get_long().unwrap_or_default().to_owned()
}

fn setting(argument: &Arg, matches: &ArgMatches, file: &ConfigFile) -> Setting {
    let (id, name) = (argument.get_id().as_str(), name(argument));
    let values: Vec<String> =
        matches.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned()).collect();
    let value = match argument.is_hide_env_values_set() {
        _ if values.is_empty() => None,
        true => Some("set, not shown".to_owned()),
        false => Some(values.join(", ")),
    };
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => Source::Flag,
        Some(ValueSource::EnvVariable) => {
            Source::Environment(argument.get_env().unwrap_or_default().to_string_lossy().into_owned())
        }
        _ if file.get(&name).is_some() => Source::File(file.path().display().to_string()),
        _ => Source::Default,
    };
    let about = argument.get_help().map(ToString::to_string).unwrap_or_default();
    Setting { name, value, source, about }
}

impl Setting {
    /// Whether somebody said it just now, by a flag or in the environment.
    pub(crate) fn is_given(&self) -> bool {
        matches!(self.source, Source::Flag | Source::Environment(_))
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Source::Flag => formatter.write_str("flag"),
            Source::Environment(variable) => write!(formatter, "environment, {variable}"),
            Source::File(path) => formatter.write_str(path),
            Source::Default => formatter.write_str("default"),
        }
    }
}
