//! Changes come from Attain's own pages or from programs, never from a page of another site that
//! the browser happens to show (cross-site request forgery).

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::problem::PageError;

/// Refuses what another site asks to be changed.
pub(super) async fn only(request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if reads || is_own(request.headers()) {
        return next.run(request).await;
    }
    PageError::OtherSite.into_response()
}

/// Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin` alone;
/// programs say neither. Another port of this machine counts as another site.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    let host = text(header::HOST.as_str()).unwrap_or_default();
    match text(header::ORIGIN.as_str()) {
        None => true,
        Some(origin) => ["http://", "https://"]
            .into_iter()
            .filter_map(|scheme| origin.strip_prefix(scheme))
            .any(|from| from.eq_ignore_ascii_case(host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_own_pages_and_programs_change_anything() {
        let own = |pairs: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            headers.insert("host", HeaderValue::from_static("localhost:8080"));
            for (name, value) in pairs {
                headers.insert(*name, HeaderValue::from_static(value));
            }
            is_own(&headers)
        };
        assert!(own(&[]));
        assert!(own(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:8080")]));
        assert!(own(&[("origin", "https://localhost:8080")]));
        for site in ["cross-site", "same-site", ""] {
            assert!(!own(&[("sec-fetch-site", site), ("origin", "http://localhost:8080")]), "{site}");
        }
        for origin in ["null", "http://attain.example", "http://localhost:3000", "localhost:8080", ""] {
            assert!(!own(&[("origin", origin)]), "{origin}");
        }
    }
}
