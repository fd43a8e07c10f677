//! The configuration file. Its settings are named like the flags, so that there is one list of them:
//! `listen = "…"`, or `server = "…"` under `[mail]` for `--mail-server`.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use toml::{Table, Value};

/// The file that is read where none is named, in the folder the program is started in.
const NAME: &str = "attain.toml";

/// What a configuration file says: the values of each setting, as a flag would give them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConfigFile {
    path: PathBuf,
    values: BTreeMap<String, Vec<String>>,
}

impl ConfigFile {
    /// Reads the file that arguments or environment name, or the usual one where it is there.
    ///
    /// # Errors
    /// When it cannot be read, is no TOML, or has a setting that is not among `known`.
    pub(crate) fn find(arguments: &[OsString], known: &BTreeSet<String>) -> anyhow::Result<ConfigFile> {
        let path = match named(arguments).or_else(|| std::env::var_os("ATTAIN_CONFIG")) {
            Some(path) => PathBuf::from(path),
            None if Path::new(NAME).is_file() => PathBuf::from(NAME),
            None => return Ok(ConfigFile::default()),
        };
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("could not read the configuration file {}", path.display()))?;
        let values = read(&text, known).with_context(|| path.display().to_string())?;
        Ok(ConfigFile { path, values })
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The values of a setting, if it is in the file.
    pub(crate) fn get(&self, name: &str) -> Option<&[String]> {
        self.values.get(name).map(Vec::as_slice)
    }
}

/// The file that `--config` names. Looked for before the arguments are parsed, because it changes their
/// defaults.
fn named(arguments: &[OsString]) -> Option<OsString> {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--") => return None,
            Some("--config") => return arguments.next().cloned(),
            Some(other) => {
                if let Some(path) = other.strip_prefix("--config=") {
                    return Some(path.into());
                }
            }
            None => {}
        }
    }
    None
}

fn read(text: &str, known: &BTreeSet<String>) -> anyhow::Result<BTreeMap<String, Vec<String>>> {
    let table: Table = toml::from_str(text)?;
    let mut values = BTreeMap::new();
    flatten(&table, "", &mut values)?;
    if let Some(unknown) = values.keys().find(|name| !known.contains(*name)) {
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        bail!("there is no setting `{unknown}`; the settings are {}", known.join(", "));
    }
    Ok(values)
}

/// Tables within tables become one name, their keys joined by hyphens.
fn flatten(table: &Table, prefix: &str, values: &mut BTreeMap<String, Vec<String>>) -> anyhow::Result<()> {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.replace('_', "-"));
        match value {
            Value::Table(inner) => flatten(inner, &format!("{name}-"), values)?,
            Value::Array(several) => {
                let texts: Option<Vec<String>> = several.iter().map(text).collect();
                values.insert(name.clone(), texts.with_context(|| unfit(&name))?);
            }
            one => {
                values.insert(name.clone(), vec![text(one).with_context(|| unfit(&name))?]);
            }
        }
    }
    Ok(())
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn unfit(name: &str) -> String {
    format!("`{name}` takes a text, a whole number, true or false, or a list of these")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> BTreeSet<String> {
        ["listen", "mail-server", "trusted-proxy", "watch-every", "oidc-create-accounts"]
            .map(String::from)
            .into()
    }

    #[test]
    fn settings_are_named_like_the_flags_alone_or_in_tables() {
        let text = "listen = '0.0.0.0:80'\ntrusted_proxy = ['10.0.0.1', '10.0.0.2']\nwatch-every = 5\n[mail]\nserver = 'smtp://localhost'\n[oidc]\ncreate-accounts = true";
        let values = read(text, &known()).expect("settings");
        let get = |name: &str| values[name].iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(get("listen"), ["0.0.0.0:80"]);
        assert_eq!(get("trusted-proxy"), ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(get("watch-every"), ["5"]);
        assert_eq!(get("mail-server"), ["smtp://localhost"]);
        assert_eq!(get("oidc-create-accounts"), ["true"]);
    }

    #[test]
    fn what_is_no_setting_is_refused_by_name() {
        let refusal = |text: &str| format!("{:#}", read(text, &known()).expect_err("no settings"));
        assert!(refusal("lisen = '0.0.0.0:80'").contains("no setting `lisen`"));
        assert!(refusal("listen = 1.5").contains("`listen` takes a text"));
        assert!(refusal("listen = ").contains("line 1"));
    }

    #[test]
    fn the_file_is_found_before_the_arguments_are_parsed() {
        let of = |words: &[&str]| named(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(of(&["attain", "serve", "--config", "a.toml"]), Some("a.toml".into()));
        assert_eq!(of(&["attain", "--config=b.toml", "serve"]), Some("b.toml".into()));
        assert_eq!(of(&["attain", "query", "--", "--config", "a.toml"]), None);
        assert_eq!(of(&["attain", "serve"]), None);
    }
}
