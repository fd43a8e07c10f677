//! What commands that ask numbers have in common: the snapshot, the subject, the periods.

use std::sync::Arc;

use anyhow::{Context, bail};
use attain_metrics::{Asker, Catalogue, Level, Subject};
use attain_records::Actor;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::config::DataDirectory;

/// Opens what was known, at an instant if one is given.
pub(super) async fn asker(data: &DataDirectory, as_of: Option<&str>) -> anyhow::Result<Asker> {
    let store = data.open().await?;
    let actor = Actor::local_owner();
    let nothing = || {
        format!(
            "nothing was imported into {} yet; run `attain import FILES --mapping MAPPING`, or `attain demo`",
            data.folder().display()
        )
    };
    let newest = store.newest(&actor).await?.with_context(nothing)?;
    let Some(as_of) = as_of else {
        return Ok(Asker::open(Arc::new(newest), Arc::new(Catalogue::shipped()?), Timestamp::now()).await?);
    };
    let instant = instant(&newest.company().time_zone, as_of)?;
    let snapshot = store
        .as_known_at(&actor, instant)
        .await?
        .with_context(|| format!("nothing was known yet at {instant}"))?;
    Ok(Asker::open(Arc::new(snapshot), Arc::new(Catalogue::shipped()?), instant).await?)
}

/// An instant as written, or the end of a day in the company's time zone.
fn instant(time_zone: &TimeZone, text: &str) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    // `Date` would read an instant without its zone as well, and forget the time.
    let day = Date::strptime("%Y-%m-%d", text).with_context(|| {
        format!("`{text}` is neither a day (2026-03-31) nor an instant (2026-03-31T18:00:00Z)")
    })?;
    let midnight = time_zone.to_timestamp(day.tomorrow()?.at(0, 0, 0, 0))?;
    Ok(midnight.checked_sub(jiff::SignedDuration::from_micros(1))?)
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
            return Ok((Subject::Company, asker.snapshot().company().name.clone()));
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
