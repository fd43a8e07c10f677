//! The web: pages made on the server, useful before any script has run, and the API beside them.
//!
//! Every answer carries a strict content policy; nothing is fetched from any other host.

mod assets;
pub(crate) mod charts;
pub(crate) mod components;
pub(crate) mod extract;
pub(crate) mod format;
pub(crate) mod layout;
pub(crate) mod problem;
mod reference;
mod same_origin;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, bail};
use attain_facts::store::Store;
use attain_metrics::{Asker, Catalogue, Reach};
use attain_records::Actor;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;
use tokio::sync::Mutex;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::clock::Clock;
use crate::data::uploads::Uploads;
use crate::data::watched::Watched;
use crate::definitions::Definitions;
use crate::receipts::key::KeyFile;
use crate::receipts::publishing::publish;
use crate::{data, definitions, permissions, receipts, reconciliation, scorecards};
use problem::PageError;

const CONTENT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What every request needs; cheap to clone.
#[derive(Clone)]
pub(crate) struct App {
    store: Store,
    key: KeyFile,
    clock: Clock,
    definitions: Definitions,
    uploads: Uploads,
    watched: Watched,
    opened: Arc<Mutex<Option<Opened>>>,
}

/// The newest snapshot, opened after the import and the change of definitions of those numbers.
struct Opened {
    import: i64,
    change: i64,
    /// The newest receipt it was told of.
    receipt: i64,
    asker: Arc<Asker>,
}

impl App {
    pub(crate) fn new(store: Store, key: KeyFile, clock: Clock, uploads: Uploads, watched: Watched) -> App {
        let definitions = Definitions::new(store.records().clone());
        App { store, key, clock, definitions, uploads, watched, opened: Arc::default() }
    }

    /// Files on their way to an import.
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.uploads
    }

    /// Folders whose files are imported at set times.
    pub(crate) fn watched(&self) -> &Watched {
        &self.watched
    }

    /// The facts.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The key numbers are signed with.
    pub(crate) fn key(&self) -> &KeyFile {
        &self.key
    }

    /// The present, as pages and questions see it.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the metrics mean, by date.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.definitions
    }

    /// The definitions in force today.
    pub(crate) async fn catalogue(&self) -> Result<Arc<Catalogue>, PageError> {
        let editions = self.definitions.now(&self.actor()).await?;
        let today = match self.asker().await {
            Ok(asker) => asker.as_of().asked_on,
            Err(PageError::NothingImported) => TimeZone::UTC.to_datetime(self.now()).date(),
            Err(failed) => return Err(failed),
        };
        Ok(Arc::clone(editions.on(today)))
    }

    /// Who asks: until sign-in exists, the owner of the machine.
    pub(crate) fn actor(&self) -> Actor {
        Actor::local_owner()
    }

    /// How far the one who asks may see.
    pub(crate) fn reach(&self) -> Reach {
        permissions::reach(&self.actor())
    }

    /// The newest snapshot, opened once and again when an import, a change of definitions or a new day comes.
    pub(crate) async fn asker(&self) -> Result<Arc<Asker>, PageError> {
        let actor = self.actor();
        let import = self.store.newest_import(&actor).await?;
        let change = self.definitions.newest(&actor).await?;
        let now = self.now();
        let mut opened = self.opened.lock().await;
        let is_current = |held: &Opened| {
            let today = held.asker.company().time_zone.to_datetime(now).date();
            (held.import, held.change) == (import, change) && held.asker.as_of().asked_on == today
        };
        let held = match opened.take().filter(is_current) {
            Some(held) => held,
            None => {
                let snapshot = self.store.newest(&actor).await?.ok_or(PageError::NothingImported)?;
                let editions = self.definitions.now(&actor).await?;
                let asker = Arc::new(Asker::open(Arc::new(snapshot), editions, now).await?);
                Opened { import, change, receipt: 0, asker }
            }
        };
        let asker = Arc::clone(&held.asker);
        let receipt = publish(self.store.records(), &actor, &self.reach(), &asker, held.receipt).await?;
        *opened = Some(Opened { receipt, ..held });
        Ok(asker)
    }

    /// What was known at an instant, if anything was.
    pub(crate) async fn asker_at(&self, instant: Timestamp) -> Result<Option<Asker>, PageError> {
        let actor = self.actor();
        let Some(snapshot) = self.store.as_known_at(&actor, instant).await? else { return Ok(None) };
        let editions = self.definitions.known_at(&actor, instant).await?;
        Ok(Some(Asker::known_at(Arc::new(snapshot), editions, instant).await?))
    }
}

/// Listens on an address of this machine; a busy port gives way to the next free one when
/// `or_next` says so.
pub(crate) async fn listen(address: SocketAddr, or_next: bool) -> anyhow::Result<TcpListener> {
    if !address.ip().is_loopback() {
        bail!(
            "{address} can be reached from other machines, and there is no sign-in yet; listen on 127.0.0.1, and use an SSH tunnel from elsewhere"
        );
    }
    let last = if or_next { address.port().saturating_add(100) } else { address.port() };
    for port in address.port()..=last {
        if let Ok(listener) = TcpListener::bind((address.ip(), port)).await {
            return Ok(listener);
        }
    }
    TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {address}; choose another port with --listen"))
}

/// Serves until interrupted.
pub(crate) async fn serve(listener: TcpListener, app: App) -> anyhow::Result<()> {
    let uploads = app.uploads().clone();
    let ending = async move {
        asked_to_end().await;
        uploads.stop_all();
    };
    Ok(axum::serve(listener, router(app)).with_graceful_shutdown(ending).await?)
}

/// Waits for Ctrl C, or for the signal by which a system ends its services.
async fn asked_to_end() {
    // Without a signal handler the process ends by itself.
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(SignalKind::terminate()) {
        tokio::select! {
            () = interrupted => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    interrupted.await;
}

/// All pages, files and endpoints.
pub(crate) fn router(app: App) -> Router {
    let (api, document) = api();
    Router::new()
        .route("/", get(|| async { Redirect::to("/scorecards") }))
        .merge(scorecards::router())
        .merge(definitions::router())
        .merge(data::router())
        .merge(receipts::router())
        .merge(reconciliation::router())
        .merge(assets::router())
        .merge(api)
        .merge(reference::router(document))
        .fallback(|| async { PageError::NotFound })
        .method_not_allowed_fallback(|| async { PageError::WrongMethod })
        .layer(middleware::from_fn(same_origin::only))
        .layer(middleware::from_fn_with_state(app.clone(), explain))
        .layer(middleware::from_fn(local_only))
        .layer(SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ))
        .layer(CompressionLayer::new())
        .with_state(app)
}

fn api() -> (Router<App>, utoipa::openapi::OpenApi) {
    utoipa_axum::router::OpenApiRouter::with_openapi(document_head())
        .merge(scorecards::api_router())
        .merge(definitions::api_router())
        .merge(data::api_router())
        .merge(receipts::api_router())
        .merge(reconciliation::api_router())
        .split_for_parts()
}

fn document_head() -> utoipa::openapi::OpenApi {
    use utoipa::openapi::{InfoBuilder, OpenApiBuilder};
    let info = InfoBuilder::new()
        .title("Attain")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Numbers with their proof. Errors are problem details (RFC 9457)."))
        .build();
    OpenApiBuilder::new().info(info).build()
}

/// Errors become pages for people and problem details for programs.
async fn explain(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<Arc<PageError>>() {
        Some(error) if path.starts_with("/api/") => problem::problem_details(&error, &path),
        Some(error) => layout::error_page(&app, &error).await.into_response(),
        None => response,
    }
}

/// A page of another site that got its name resolved to this machine must not read anything.
async fn local_only(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if local {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this server answers only on this machine\n").into_response()
    }
}
