//! The web: pages made on the server, useful before any script has run, and the API beside them.
//!
//! Every answer carries a strict content policy; nothing is fetched from any other host.

mod assets;
pub(crate) mod charts;
pub(crate) mod components;
pub(crate) mod cookie;
pub(crate) mod course_chart;
pub(crate) mod dot_chart;
pub(crate) mod extract;
pub(crate) mod format;
pub(crate) mod layout;
pub(crate) mod periods;
pub(crate) mod problem;
mod reference;
pub(crate) mod routes;
mod same_origin;
pub(crate) mod site;
pub(crate) mod visitor;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use attain_facts::store::Store;
use attain_metrics::{Asker, Catalogue, Reach};
use attain_records::{Actor, Records};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;
use tokio::sync::Mutex;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::audit::seen::Looks;
use crate::clock::Clock;
use crate::config::in_force::Setting;
use crate::data::uploads::Uploads;
use crate::data::watched::Watched;
use crate::definitions::Definitions;
use crate::mail::Mail;
use crate::people::identity_provider::IdentityProvider;
use crate::permissions::{Act, Object, Viewer};
use crate::receipts::key::KeyFile;
use crate::receipts::publishing::publish;
use crate::{
    audit, circumstances, comparison, data, definitions, diagnosis, goals, home, integrity, people, receipts,
    reconciliation, role_cards, scorecards, settings, trend,
};
use problem::PageError;
use routes::{Guarded, Routes};
use site::Site;
use visitor::Standings;

const CONTENT_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// What all requests share; cheap to clone.
#[derive(Clone)]
pub(crate) struct Server {
    store: Store,
    key: KeyFile,
    clock: Clock,
    definitions: Definitions,
    uploads: Uploads,
    watched: Watched,
    set_up: Arc<SetUp>,
    /// Whether the company is made up, and whoever looks may be anybody in it.
    demo: bool,
    opened: Arc<Mutex<Option<Opened>>>,
    standings: Arc<Mutex<Standings>>,
    looks: Arc<Looks>,
    /// Once somebody has an account there is no way back to none.
    has_accounts: Arc<AtomicBool>,
}

/// How the server is set up.
#[derive(Default)]
pub(crate) struct SetUp {
    pub(crate) site: Site,
    pub(crate) mail: Option<Mail>,
    pub(crate) identity_provider: Option<IdentityProvider>,
    /// The settings in force, to be shown.
    pub(crate) settings: Vec<Setting>,
}

/// What one request needs: the server, and the one who asks.
#[derive(Clone)]
pub(crate) struct App {
    server: Server,
    viewer: Viewer,
    actor: Actor,
    /// The snapshot a page that only reads was opened with.
    asker: Option<Arc<Asker>>,
}

/// The newest snapshot, opened after the import and the change of definitions of those numbers.
struct Opened {
    import: i64,
    change: i64,
    /// The newest receipt it was told of.
    receipt: i64,
    asker: Arc<Asker>,
}

impl Server {
    pub(crate) fn new(
        store: Store,
        key: KeyFile,
        clock: Clock,
        uploads: Uploads,
        watched: Watched,
        set_up: SetUp,
    ) -> Server {
        let definitions = Definitions::new(store.records().clone());
        let demo = matches!(clock, Clock::Fixed(_));
        let (opened, standings, looks, has_accounts) = Default::default();
        Server {
            store,
            key,
            clock,
            definitions,
            uploads,
            watched,
            set_up: Arc::new(set_up),
            demo,
            opened,
            standings,
            looks,
            has_accounts,
        }
    }

    /// The same for what the server does by itself, as its owner told it to.
    pub(crate) fn as_owner(&self) -> App {
        App { server: self.clone(), viewer: Viewer::Owner, actor: Actor::local_owner(), asker: None }
    }

    fn records(&self) -> &Records {
        self.store.records()
    }

    /// The newest snapshot, opened once and again when an import, a change of definitions or a new day comes.
    async fn asker(&self) -> Result<Arc<Asker>, PageError> {
        let actor = Actor::local_owner();
        let import = self.store.newest_import(&actor).await?;
        let change = self.definitions.newest(&actor).await?;
        let now = self.clock.now();
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
        let receipt = publish(self.store.records(), &actor, &Reach::Everything, &asker, held.receipt).await?;
        *opened = Some(Opened { receipt, ..held });
        Ok(asker)
    }
}

impl App {
    /// Files on their way to an import.
    pub(crate) fn uploads(&self) -> &Uploads {
        &self.server.uploads
    }

    /// Folders whose files are imported at set times.
    pub(crate) fn watched(&self) -> &Watched {
        &self.server.watched
    }

    /// The facts.
    pub(crate) fn store(&self) -> &Store {
        &self.server.store
    }

    /// The records.
    pub(crate) fn records(&self) -> &Records {
        self.server.records()
    }

    /// The key numbers are signed with.
    pub(crate) fn key(&self) -> &KeyFile {
        &self.server.key
    }

    /// The present, as pages and questions see it.
    pub(crate) fn now(&self) -> Timestamp {
        self.server.clock.now()
    }

    /// Where people reach the server.
    pub(crate) fn site(&self) -> &Site {
        &self.server.set_up.site
    }

    /// What sends letters, where mail is set up.
    pub(crate) fn mail(&self) -> Option<&Mail> {
        self.server.set_up.mail.as_ref()
    }

    /// Where people sign in as they do elsewhere in the company, where that is set up.
    pub(crate) fn identity_provider(&self) -> Option<&IdentityProvider> {
        self.server.set_up.identity_provider.as_ref()
    }

    /// The settings in force.
    pub(crate) fn settings(&self) -> &[Setting] {
        &self.server.set_up.settings
    }

    /// Looks of the last minutes.
    pub(crate) fn looks(&self) -> &Looks {
        &self.server.looks
    }

    /// Whether the company is made up.
    pub(crate) fn is_demo(&self) -> bool {
        self.server.demo
    }

    /// What the metrics mean, by date.
    pub(crate) fn definitions(&self) -> &Definitions {
        &self.server.definitions
    }

    /// The definitions in force today.
    pub(crate) async fn catalogue(&self) -> Result<Arc<Catalogue>, PageError> {
        let editions = self.definitions().now(&self.actor()).await?;
        let today = match self.asker().await {
            Ok(asker) => asker.as_of().asked_on,
            Err(PageError::NothingImported) => TimeZone::UTC.to_datetime(self.now()).date(),
            Err(failed) => return Err(failed),
        };
        Ok(Arc::clone(editions.on(today)))
    }

    /// The one who asks.
    pub(crate) fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// In whose name records are read and written.
    pub(crate) fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// How far the one who asks may see.
    pub(crate) fn reach(&self) -> Reach {
        self.viewer.reach()
    }

    /// Whether the one who asks may do something to an object, so that only then it is offered.
    pub(crate) fn may(&self, act: Act, object: Object) -> bool {
        self.viewer.may(act, object)
    }

    /// The newest snapshot.
    pub(crate) async fn asker(&self) -> Result<Arc<Asker>, PageError> {
        match &self.asker {
            Some(asker) => Ok(Arc::clone(asker)),
            None => self.server.asker().await,
        }
    }

    /// What was known at an instant, if anything was.
    pub(crate) async fn asker_at(&self, instant: Timestamp) -> Result<Option<Asker>, PageError> {
        let actor = self.actor();
        let Some(snapshot) = self.store().as_known_at(&actor, instant).await? else { return Ok(None) };
        let editions = self.definitions().known_at(&actor, instant).await?;
        Ok(Some(Asker::known_at(Arc::new(snapshot), editions, instant).await?))
    }
}

/// Listens on an address of this machine; a busy port gives way to the next free one when
/// `or_next` says so.
pub(crate) async fn listen(address: SocketAddr, or_next: bool) -> anyhow::Result<TcpListener> {
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
pub(crate) async fn serve(listener: TcpListener, server: Server) -> anyhow::Result<()> {
    let uploads = server.uploads.clone();
    let ending = async move {
        asked_to_end().await;
        uploads.stop_all();
    };
    let service = router(server).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, service).with_graceful_shutdown(ending).await?)
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
pub(crate) fn router(server: Server) -> Router {
    let kept_to_tls = server.set_up.site.is_secure().then(|| HeaderValue::from_static("max-age=31536000"));
    let (guarded, document, _) = routes().into_parts(document_head());
    let (reference, _, _) = reference::routes(document).into_parts(document_head());
    guarded
        .merge(reference)
        .fallback(|| async { PageError::NotFound })
        .method_not_allowed_fallback(|| async { PageError::WrongMethod })
        .layer(middleware::from_fn(same_origin::only))
        .layer(middleware::from_fn_with_state(server.clone(), visitor::identify))
        .merge(assets::router())
        .layer(middleware::from_fn_with_state(server.clone(), explain))
        .layer(middleware::from_fn_with_state(server.clone(), local_only))
        .layer(SetResponseHeaderLayer::if_not_present(header::CONTENT_SECURITY_POLICY, CONTENT_POLICY))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ))
        // What somebody saw is theirs: no proxy keeps it, and after signing out it is asked for again.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-cache"),
        ))
        .layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, kept_to_tls))
        .layer(CompressionLayer::new())
        .with_state(server)
}

/// Every page and endpoint with the rule of who may come, in the order of their addresses.
pub(crate) fn rules() -> Vec<Guarded> {
    let (_, document, mut guarded) = routes().into_parts(document_head());
    guarded.extend(reference::routes(document).into_parts(document_head()).2);
    guarded.sort_by(|one, other| (&one.path, one.method.as_str()).cmp(&(&other.path, other.method.as_str())));
    guarded
}

/// The places of the product.
fn routes() -> Routes {
    Routes::new()
        .merge(home::routes())
        .merge(scorecards::routes())
        .merge(goals::routes())
        .merge(integrity::routes())
        .merge(role_cards::routes())
        .merge(comparison::routes())
        .merge(trend::routes())
        .merge(circumstances::routes())
        .merge(diagnosis::routes())
        .merge(definitions::routes())
        .merge(data::routes())
        .merge(receipts::routes())
        .merge(reconciliation::routes())
        .merge(people::routes())
        .merge(audit::routes())
        .merge(settings::routes())
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
async fn explain(State(server): State<Server>, request: Request, next: Next) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let path = uri.path();
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<Arc<PageError>>() else { return response };
    let viewer = response.extensions_mut().remove::<Viewer>().unwrap_or(Viewer::Nobody);
    if matches!(*error, PageError::Hidden) {
        audit::security::looked_where_not_allowed(server.records(), &viewer, &method, path).await;
    }
    if path.starts_with("/api/") {
        return problem::problem_details(&error, path);
    }
    if matches!(*error, PageError::SignInNeeded) {
        let next = if method == Method::GET { uri.path_and_query().map(PathAndQuery::as_str) } else { None };
        return Redirect::to(&people::sign_in_path(next)).into_response();
    }
    let actor = viewer.actor();
    let mut page =
        layout::error_page(&App { server, viewer, actor, asker: None }, &error).await.into_response();
    page.headers_mut().extend(error.headers());
    page
}

/// A page of another site that got its name resolved to this machine must not read anything where no
/// sign-in stands between.
async fn local_only(State(server): State<Server>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let local = name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    if local || !server.is_owners().await.unwrap_or(true) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this server answers only on this machine\n").into_response()
    }
}
