//! Whose request this is: found once, from cookie or token, before anything else is looked at.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use attain_metrics::{Asker, Level};
use attain_records::{Actor, RecordsError, WriteTransaction};
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::future::try_join;
use jiff::Timestamp;
use jiff::civil::Date;

use super::problem::PageError;
use super::{App, Server};
use crate::people::{account, delegation, session, token};
use crate::permissions::standing::{Given, Standing};
use crate::permissions::{SignedIn, ViewedAs, Viewer};

/// What somebody's standing was computed from.
#[derive(PartialEq, Eq)]
pub(super) struct Ground {
    /// The snapshot, and the day.
    known_when: Option<(i64, Date)>,
    person: Option<String>,
    given: BTreeSet<Given>,
    stands_in_for: BTreeSet<String>,
}

/// The standing of each account, kept until what it rests on changes.
pub(super) type Standings = HashMap<i64, (Ground, Arc<Standing>)>;

/// Finds out who asks, and tells the handlers.
pub(super) async fn identify(State(server): State<Server>, mut request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let (viewer, asker) = match viewer(&server, request.headers(), is_api).await {
        Ok(found) => found,
        Err(error) => return error.into_response(),
    };
    request.extensions_mut().insert(viewer.clone());
    // A page that only reads is of one snapshot, and asks for it once.
    if let Some(asker) = asker.filter(|_| request.method() == Method::GET) {
        request.extensions_mut().insert(asker);
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(viewer);
    response
}

/// What was opened to find out who asks.
type Opened = Option<Arc<Asker>>;

async fn viewer(server: &Server, headers: &HeaderMap, is_api: bool) -> Result<(Viewer, Opened), PageError> {
    let now = Timestamp::now();
    if let Some(secret) = token::shown(headers).filter(|_| is_api) {
        // Whoever shows a token is asked by it alone.
        let Some(shown) = token::account(server.records(), &secret, now).await? else {
            return Ok((Viewer::Nobody, None));
        };
        let Some((someone, asker)) = someone(server, shown.account).await? else {
            return Ok((Viewer::Nobody, None));
        };
        if let Some(number) = shown.note {
            note(server, async |transaction| token::note(transaction, number, now).await).await;
        }
        let someone = SignedIn { writes: shown.writes, ..someone };
        return Ok((Viewer::SignedIn(Arc::new(someone)), asker));
    }
    if let Some(secret) = session::shown(headers, server.set_up.site.is_secure())
        && let Some(shown) = session::account(server.records(), &secret, now).await?
        && let Some((mut asking, asker)) = someone(server, shown.account).await?
    {
        if let Some(number) = shown.viewing_as {
            // Of an account that was closed meanwhile there is nothing to see, rather than all of one's own.
            asking.viewing_as = Some(match someone(server, number).await? {
                Some((other, _)) => {
                    ViewedAs { name: other.name, person: other.person, standing: other.standing }
                }
                None => ViewedAs {
                    name: "a closed account".to_owned(),
                    person: None,
                    standing: Arc::new(Standing::without_organisation(&BTreeSet::new())),
                },
            });
        }
        if shown.is_due {
            note(server, async |transaction| session::note(transaction, &secret, now).await).await;
        }
        return Ok((Viewer::SignedIn(Arc::new(asking)), asker));
    }
    match server.is_owners().await? {
        true => Ok((Viewer::Owner, None)),
        false => Ok((Viewer::Nobody, None)),
    }
}

/// A page is shown even where the time of last use cannot be noted.
async fn note(server: &Server, use_of: impl AsyncFnOnce(&WriteTransaction) -> Result<(), RecordsError>) {
    let noted = async {
        let transaction = server.records().begin(&Actor::nobody()).await?;
        use_of(&transaction).await?;
        transaction.commit().await
    };
    if let Err(error) = noted.await {
        tracing::warn!(%error, "the last use of a session or token was not noted");
    }
}

/// The account as it stands at this moment; none where it is closed.
async fn someone(server: &Server, number: i64) -> Result<Option<(SignedIn, Opened)>, PageError> {
    let (known, given) =
        try_join(account::by_number(server.records(), number), account::given(server.records(), number))
            .await?;
    let Some(known) = known.filter(|known| known.is_open) else { return Ok(None) };
    let asker = match server.asker().await {
        Ok(asker) => Some(asker),
        Err(PageError::NothingImported) => None,
        Err(failed) => return Err(failed),
    };
    // Who was merged into another is that other.
    let kept = |id: &String| Some(asker.as_ref()?.organisation().member(Level::Rep, id)?.id);
    let person = known.person.map(|id| kept(&id).unwrap_or(id));
    let known_when = asker.as_ref().map(|asker| (asker.as_of().snapshot, asker.as_of().asked_on));
    let stands_in_for = match (&asker, &person) {
        (Some(asker), Some(person)) => {
            delegation::stands_in_for(server.records(), person, asker.as_of().asked_on).await?
        }
        _ => BTreeSet::new(),
    };
    let ground = Ground { known_when, person: person.clone(), given, stands_in_for };
    let mut standings = server.standings.lock().await;
    let standing = match standings.get(&number).filter(|(of, _)| *of == ground) {
        Some((_, standing)) => Arc::clone(standing),
        None => {
            let standing = Arc::new(match &asker {
                Some(asker) => {
                    let day = asker.as_of().asked_on;
                    let (away, given) = (&ground.stands_in_for, &ground.given);
                    Standing::on(asker.organisation(), day, person.as_deref(), away, given)
                }
                None => Standing::without_organisation(&ground.given),
            });
            standings.insert(number, (ground, Arc::clone(&standing)));
            standing
        }
    };
    drop(standings);
    let name = known.name;
    let someone = SignedIn { account: number, name, person, standing, writes: true, viewing_as: None };
    Ok(Some((someone, asker)))
}

impl Server {
    /// Whether whoever uses this machine is its owner: for as long as nobody has an account, and in the
    /// demo.
    pub(super) async fn is_owners(&self) -> Result<bool, RecordsError> {
        if self.demo {
            return Ok(true);
        }
        if self.has_accounts.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let any = account::any(self.records()).await?;
        self.has_accounts.store(any, Ordering::Relaxed);
        Ok(!any)
    }
}

impl FromRequestParts<Server> for App {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<App, PageError> {
        // Whom nobody looked for is let in nowhere.
        let viewer = parts.extensions.get::<Viewer>().cloned().ok_or(PageError::Hidden)?;
        let actor = parts.extensions.get::<Actor>().cloned().unwrap_or_else(|| viewer.actor());
        let asker = parts.extensions.get::<Arc<Asker>>().cloned();
        Ok(App { server: server.clone(), viewer, actor, asker })
    }
}

/// Where a request comes from: the other end of the connection, or whom a trusted proxy names.
pub(crate) struct Address(pub(crate) String);

impl FromRequestParts<Server> for Address {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Address, PageError> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let address = match peer {
            Some(peer) if server.set_up.site.trusts(peer) => {
                forwarded_for(&parts.headers, server).unwrap_or(peer)
            }
            Some(peer) => peer,
            None => return Ok(Address("unknown".to_owned())),
        };
        Ok(Address(address.to_string()))
    }
}

/// The last address named that is not a trusted proxy's: those before it anybody may have written.
fn forwarded_for(headers: &HeaderMap, server: &Server) -> Option<IpAddr> {
    let named = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let addresses: Vec<IpAddr> =
        named.flat_map(|value| value.split(',')).filter_map(|part| part.trim().parse().ok()).collect();
    addresses.into_iter().rev().find(|address| !server.set_up.site.trusts(*address))
}
