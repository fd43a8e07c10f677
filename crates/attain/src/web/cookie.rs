//! Cookies: text that a browser keeps and shows again to this server alone. No script can read them,
//! and over TLS no other host can set them.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie by its two names: browsers let only a secure server set the second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cookie {
    pub(crate) plain: &'static str,
    pub(crate) secure: &'static str,
}

/// What a browser shows of it. Over TLS only the name counts that no other host could have set.
pub(crate) fn shown(cookie: Cookie, headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    let wanted = if is_secure { cookie.secure } else { cookie.plain };
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// The header that hands it to the browser for some time; a value of hexadecimal digits.
pub(crate) fn handed(cookie: Cookie, value: &str, lasts: Duration, is_secure: bool) -> HeaderValue {
    let (name, secure) = if is_secure { (cookie.secure, "; Secure") } else { (cookie.plain, "") };
    let seconds = lasts.as_secs();
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("hexadecimal digits and fixed text")
}

/// The header that takes it back.
pub(crate) fn taken_back(cookie: Cookie, is_secure: bool) -> HeaderValue {
    handed(cookie, "", Duration::ZERO, is_secure)
}
