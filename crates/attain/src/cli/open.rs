//! What commands that ask numbers have in common: the snapshot, the subject, the periods.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use attain_facts::calendar::{FiscalCalendar, Month, WorkCalendar};
use attain_facts::company::Company;
use attain_metrics::{Asker, Catalogue, Folder, Level, Subject, Tables};
use attain_records::Actor;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::as_of::instant;
use crate::audit::seen;
use crate::config::DataDirectory;
use crate::definitions::Definitions;
use crate::permissions::Viewer;
use crate::receipts::publishing::publish;

/// Notes a look at a subject of the data directory, before it is shown: people see that whoever has the
/// machine looked, too.
pub(super) async fn looked(data: &DataDirectory, subject: &Subject, what: &str) -> anyhow::Result<()> {
    let store = data.open_existing().await?;
    Ok(seen::note_of_owner(store.records(), subject, what).await?)
}

/// Opens what was known, at an instant if one is given.
pub(super) async fn asker(data: &DataDirectory, as_of: Option<&str>) -> anyhow::Result<Asker> {
    let store = data.open().await?;
    let definitions = Definitions::new(store.records().clone());
    let actor = Actor::local_owner();
    let nothing = || {
        format!(
            "nothing was imported into {} yet; run `attain import FILES --mapping MAPPING`, or `attain demo`",
            data.folder().display()
        )
    };
    let newest = store.newest(&actor).await?.with_context(nothing)?;
    let Some(as_of) = as_of else {
        let editions = definitions.now(&actor).await?;
        let asker = Asker::open(Arc::new(newest), editions, Timestamp::now()).await?;
        publish(store.records(), &actor, &Viewer::Owner.reach(), &asker, 0).await?;
        return Ok(asker);
    };
    let instant = instant(&newest.company().time_zone, as_of)?;
    let snapshot = store
        .as_known_at(&actor, instant)
        .await?
        .with_context(|| format!("nothing was known yet at {instant}"))?;
    let editions = definitions.known_at(&actor, instant).await?;
    Ok(Asker::known_at(Arc::new(snapshot), editions, instant).await?)
}

/// Definitions and tables that stand for themselves, without a data directory.
#[derive(Debug, clap::Args)]
pub(super) struct FolderArguments {
    /// Folder of definition files (.yaml, .yml); asks them instead of a data directory
    #[arg(long, value_name = "DIR", requires = "tables")]
    definitions: Option<PathBuf>,
    /// Folder of .csv and .parquet files, each a table of its name
    #[arg(long, value_name = "DIR", requires = "definitions")]
    tables: Option<PathBuf>,
    /// Time zone that decides the date of an instant, with --tables
    #[arg(long, value_name = "ZONE", default_value = "UTC", requires = "tables")]
    time_zone: String,
    /// First month of the fiscal year, with --tables
    #[arg(long, value_name = "MONTH", default_value = "1", requires = "tables")]
    first_month: Month,
}

impl FolderArguments {
    /// Opens the folders, if they were named.
    pub(super) async fn asker(&self) -> anyhow::Result<Option<Asker>> {
        let (Some(definitions), Some(tables)) = (&self.definitions, &self.tables) else { return Ok(None) };
        let folder = Folder::open(tables).await?;
        let catalogue = self.catalogue(definitions, &folder)?;
        let company = Company {
            name: tables.display().to_string(),
            time_zone: TimeZone::get(&self.time_zone)
                .with_context(|| format!("there is no time zone `{}`", self.time_zone))?,
            currency: String::new(),
            calendar: FiscalCalendar::starting_in(self.first_month),
            work_calendar: WorkCalendar::default(),
        };
        Ok(Some(Asker::over(Arc::new(folder), company, Arc::new(catalogue), Timestamp::now())))
    }

    fn catalogue(&self, definitions: &Path, folder: &Folder) -> anyhow::Result<Catalogue> {
        let unreadable = || format!("could not read the folder {}", definitions.display());
        let mut files = Vec::new();
        for entry in std::fs::read_dir(definitions).with_context(unreadable)? {
            let path = entry.with_context(unreadable)?.path();
            if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
                let text = std::fs::read_to_string(&path)
                    .with_context(|| format!("could not read {}", path.display()))?;
                files.push((path.display().to_string(), text));
            }
        }
        if files.is_empty() {
            bail!("{} holds no .yaml and no .yml file", definitions.display());
        }
        files.sort();
        let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        Ok(Catalogue::read(files, &|name| folder.schema(name))?)
    }
}

/// Whom a question is about.
#[derive(Debug, Default, clap::Args)]
#[group(multiple = false)]
pub(super) struct SubjectArguments {
    /// One seller, by name
    #[arg(long, value_name = "NAME")]
    rep: Option<String>,
    /// The people of one manager, by the manager's name
    #[arg(long, value_name = "NAME")]
    manager: Option<String>,
    /// One region, by name
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// One product, by name
    #[arg(long, value_name = "NAME")]
    product: Option<String>,
    /// The whole company (the default)
    #[arg(long)]
    company: bool,
}

impl SubjectArguments {
    /// The subject and its name.
    pub(super) fn resolve(&self, asker: &Asker) -> anyhow::Result<(Subject, String)> {
        let named = [
            (Level::Rep, &self.rep),
            (Level::Manager, &self.manager),
            (Level::Region, &self.region),
            (Level::Product, &self.product),
        ];
        let Some((level, name)) = named.into_iter().find_map(|(level, name)| Some((level, name.as_deref()?)))
        else {
            return Ok((Subject::Company, asker.company().name.clone()));
        };
        let found = asker.organisation().find(level, name);
        match found.as_slice() {
            [one] => Ok((Subject::at(level, one.id.clone()), one.name.clone())),
            [] => {
                let known = asker.organisation().members(level, &Subject::Company, &asker.calendar().all());
                let names: Vec<&str> = known.iter().take(12).map(|member| member.name.as_str()).collect();
                bail!(
                    "there is no {} called `{name}`; there are for example: {}",
                    level.name(),
                    names.join(", ")
                )
            }
            several => {
                let ids: Vec<&str> = several.iter().map(|member| member.id.as_str()).collect();
                bail!(
                    "{} {}s are called `{name}`; name one by its id: {}",
                    several.len(),
                    level.name(),
                    ids.join(", ")
                )
            }
        }
    }
}
