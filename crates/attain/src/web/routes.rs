//! Pages and endpoints, each with the rule of who may come: there is no way to add one without.
//!
//! The rule is looked at before the handler runs. It says whether somebody has any business there;
//! whom a page is about, the handler looks up inside the reach of the one who asks.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt};

use super::Server;
use super::problem::PageError;
use crate::permissions::{Act, Object, Viewer};

/// Who may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Anybody, to sign in.
    Anyone,
    /// Whoever has signed in.
    SignedIn,
    /// Whoever has a role that may do this.
    May(Act, Object),
}

/// An address and method with its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guarded {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) rule: Rule,
}

/// Pages and endpoints with their rules.
pub(crate) struct Routes {
    pages: Router<Server>,
    api: OpenApiRouter<Server>,
    guarded: Vec<Guarded>,
}

impl Routes {
    pub(crate) fn new() -> Routes {
        Routes { pages: Router::new(), api: OpenApiRouter::new(), guarded: Vec::new() }
    }

    /// A page.
    pub(crate) fn get<H: Handler<T, Server>, T: 'static>(self, path: &str, rule: Rule, page: H) -> Routes {
        self.page(Method::GET, path, rule, get(page))
    }

    /// What a form sends.
    pub(crate) fn post<H: Handler<T, Server>, T: 'static>(self, path: &str, rule: Rule, act: H) -> Routes {
        self.page(Method::POST, path, rule, post(act))
    }

    /// What a form sends that may be larger than others.
    pub(crate) fn post_of_size<H: Handler<T, Server>, T: 'static>(
        self,
        path: &str,
        rule: Rule,
        limit: DefaultBodyLimit,
        act: H,
    ) -> Routes {
        self.page(Method::POST, path, rule, post(act).layer(limit))
    }

    fn page(mut self, method: Method, path: &str, rule: Rule, page: MethodRouter<Server>) -> Routes {
        self.guarded.push(Guarded { method, path: path.to_owned(), rule });
        let guard = middleware::from_fn(move |request, next| guard(rule, request, next));
        self.pages = self.pages.route(path, page.layer(guard));
        self
    }

    /// An endpoint, as `routes!` names it.
    pub(crate) fn api(self, rule: Rule, endpoint: UtoipaMethodRouter<Server>) -> Routes {
        self.endpoint(rule, endpoint)
    }

    /// An endpoint that takes as much as is sent.
    pub(crate) fn api_of_any_size(self, rule: Rule, endpoint: UtoipaMethodRouter<Server>) -> Routes {
        self.endpoint(rule, endpoint.layer(DefaultBodyLimit::disable()))
    }

    fn endpoint(mut self, rule: Rule, endpoint: UtoipaMethodRouter<Server>) -> Routes {
        for (path, item) in &endpoint.1.paths {
            let methods = [
                (Method::GET, item.get.is_some()),
                (Method::POST, item.post.is_some()),
                (Method::PUT, item.put.is_some()),
                (Method::PATCH, item.patch.is_some()),
                (Method::DELETE, item.delete.is_some()),
            ];
            let there = methods.into_iter().filter(|(_, there)| *there);
            self.guarded.extend(there.map(|(method, _)| Guarded { method, path: path.clone(), rule }));
        }
        let guard = middleware::from_fn(move |request, next| guard(rule, request, next));
        self.api = self.api.routes(endpoint.layer(guard));
        self
    }

    /// Those of another place too.
    pub(crate) fn merge(mut self, other: Routes) -> Routes {
        self.pages = self.pages.merge(other.pages);
        self.api = self.api.merge(other.api);
        self.guarded.extend(other.guarded);
        self
    }

    /// What is served, with the endpoints' description, and the rules of all of it.
    pub(crate) fn into_parts(
        self,
        head: utoipa::openapi::OpenApi,
    ) -> (Router<Server>, utoipa::openapi::OpenApi, Vec<Guarded>) {
        let (api, document) = OpenApiRouter::with_openapi(head).merge(self.api).split_for_parts();
        (self.pages.merge(api), document, self.guarded)
    }
}

impl Rule {
    fn admits(self, viewer: &Viewer) -> bool {
        match self {
            Rule::Anyone => true,
            Rule::SignedIn => !matches!(viewer, Viewer::Nobody),
            Rule::May(act, object) => viewer.may(act, object),
        }
    }
}

/// Lets in whom the rule admits. Others are asked to sign in, or told that there is nothing here.
async fn guard(rule: Rule, mut request: Request, next: Next) -> Response {
    let viewer = request.extensions().get::<Viewer>().cloned().unwrap_or(Viewer::Nobody);
    if !rule.admits(&viewer) {
        return match viewer {
            Viewer::Nobody => PageError::SignInNeeded,
            Viewer::Owner | Viewer::SignedIn(_) => PageError::Hidden,
        }
        .into_response();
    }
    // Who looks at pages as somebody else changes nothing until they are themselves again.
    let leaves = ["/view-as/end", "/sign-out"].contains(&request.uri().path());
    if viewer.is_viewing_as() && request.method() == Method::POST && !leaves {
        return PageError::Hidden.into_response();
    }
    if let Rule::May(act, object) = rule {
        request.extensions_mut().insert(viewer.acting(act, object));
    }
    next.run(request).await
}
