//! `attain serve`: pages and API on this machine.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::ensure;
use attain_facts::import::sweep_if_due;
use attain_facts::store::Store;
use attain_records::Actor;
use jiff::Timestamp;
use jiff::civil::Time;

use super::table::writeln_or_closed;
use crate::audit::mailing::mail_head_if_due;
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::config::in_force::Setting;
use crate::data::uploads::Uploads;
use crate::data::watched::{Schedule, Watched, watch};
use crate::mail::MailSettings;
use crate::people::identity_provider::OidcSettings;
use crate::people::{account, ticket};
use crate::receipts::key::{KeyFile, announce};
use crate::web::site::Site;
use crate::web::{self, App, Server, SetUp};

/// How often the server looks for jobs that are due.
const JOBS_EVERY: Duration = Duration::from_secs(60);

/// MiB that one upload may have, unless another limit is asked for.
pub(super) const UPLOAD_LIMIT_MIB: u64 = 2_048;

/// Serve pages and API on this machine
#[derive(clap::Args)]
#[command(after_help = "Example: attain serve --listen 127.0.0.1:9000")]
pub(super) struct Serve {
    #[command(flatten)]
    site: Site,
    #[command(flatten)]
    mail: MailSettings,
    #[command(flatten)]
    oidc: OidcSettings,
    /// Address of this machine to listen on; beyond it only once somebody has an account
    #[arg(long, env = "ATTAIN_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// MiB that one upload may have
    #[arg(long, env = "ATTAIN_UPLOAD_LIMIT", default_value_t = UPLOAD_LIMIT_MIB, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    upload_limit: u64,
    /// A folder whose files are imported by the saved mappings as they come in; may be repeated
    #[arg(long, env = "ATTAIN_WATCH", value_name = "DIR", value_delimiter = ',')]
    watch: Vec<PathBuf>,
    /// Minutes between two looks at watched folders
    #[arg(long, env = "ATTAIN_WATCH_EVERY", default_value_t = 15, value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(1..=1440))]
    watch_every: u16,
    /// Look at watched folders once a day at this time of the machine's clock instead, e.g. 06:00
    #[arg(long, env = "ATTAIN_WATCH_AT", value_name = "HH:MM", conflicts_with = "watch_every")]
    watch_at: Option<Time>,
}

impl Serve {
    pub(super) async fn run(&self, data: &DataDirectory, settings: Vec<Setting>) -> anyhow::Result<()> {
        // Refuse a wrong folder or setting before anything is created.
        let is_given = |name: &str| settings.iter().any(|setting| setting.name == name && setting.is_given());
        // Of the two the one that was said later, in the order in which settings come before each other.
        let daily = self.watch_at.filter(|_| is_given("watch-at") || !is_given("watch-every"));
        let schedule = daily.map_or(Schedule::EveryMinutes(self.watch_every), Schedule::DailyAt);
        let set_up = SetUp {
            site: self.site.clone(),
            mail: self.mail.mail()?,
            identity_provider: self.oidc.provider(&self.site)?,
            settings,
        };
        let watched = Watched::new(&self.watch, schedule)?;
        if !self.listen.ip().is_loopback() {
            reachable_from_elsewhere(data, self.listen, &self.site).await?;
        }
        let listener = web::listen(self.listen, false).await?;
        let store = data.open().await?;
        let uploads = Uploads::new(data.folder(), self.upload_limit << 20);
        let server = Server::new(store, data.key(), Clock::Real, uploads, watched, set_up);
        announce_and_serve(listener, server).await
    }
}

/// Other machines are let in only where sign-in stands between.
async fn reachable_from_elsewhere(
    data: &DataDirectory,
    listen: SocketAddr,
    site: &Site,
) -> anyhow::Result<()> {
    let has_accounts = data.is_there() && account::any(data.open().await?.records()).await?;
    ensure!(
        has_accounts,
        "{listen} can be reached from other machines, and nobody has an account yet; make one with `attain user add`, or listen on 127.0.0.1 and use an SSH tunnel from elsewhere"
    );
    if !site.is_secure() {
        eprintln!(
            "Without TLS whoever is on the way can read what is sent, passwords too. Put a proxy with TLS before {listen} and start with --address https://…, or keep to a network you trust."
        );
    }
    Ok(())
}

/// Prints the address and serves until interrupted.
pub(super) async fn announce_and_serve(
    listener: tokio::net::TcpListener,
    server: Server,
) -> anyhow::Result<()> {
    // Before anybody can send anything, and by more than a file system's clock lags behind.
    let begun = SystemTime::now() - Duration::from_secs(1);
    let app = server.as_owner();
    make_key_at_first_start(app.store(), app.key()).await;
    let address = listener.local_addr()?;
    writeln_or_closed(&format!("Open http://{address} (Ctrl C stops)"))?;
    if !app.is_demo() && !account::any(app.records()).await? {
        let first = ticket::first_admin(app.records(), Timestamp::now()).await?;
        writeln_or_closed(&format!(
            "Nobody has an account: whoever uses this machine sees everything. The first account is made at\nhttp://{address}/welcome/{} (works once, for a day)",
            first.reveal()
        ))?;
    }
    tokio::spawn(work_off_jobs(app.clone(), begun));
    watch(&app);
    web::serve(listener, server).await
}

/// Numbers are computed and shown without a key as well; only signing waits for it.
pub(super) async fn make_key_at_first_start(store: &Store, key: &KeyFile) {
    match key.ready(store, &Actor::local_owner(), rand::random()).await {
        Ok((signer, true)) => announce(&signer.fingerprint()),
        Ok((_, false)) => {}
        Err(error) => tracing::warn!("{error}"),
    }
}

async fn work_off_jobs(app: App, begun: SystemTime) {
    let worker = format!("server {}", std::process::id());
    let mut every = tokio::time::interval(JOBS_EVERY);
    loop {
        every.tick().await;
        app.uploads().sweep(begun);
        if let Err(error) = sweep_if_due(app.store(), &Actor::local_owner(), &worker, Timestamp::now()).await
        {
            tracing::warn!(%error, "a job could not be worked off; it will be tried again");
        }
        if let Some(mail) = app.mail()
            && let Err(error) = mail_head_if_due(app.records(), mail, Timestamp::now()).await
        {
            tracing::warn!(%error, "the head of the audit log was not mailed; it will be tried again");
        }
    }
}
