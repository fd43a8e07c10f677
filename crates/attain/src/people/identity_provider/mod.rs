//! Signing in at the company's identity provider, by OpenID Connect (authorization code with PKCE).
//!
//! [`settings`] says which provider; [`exchange`] talks to it; [`attempt`] keeps what a browser has
//! begun, until it comes back; [`claims`] reads who the provider says it is, and [`arrival`] finds the
//! account of that, or makes one; [`pages`] are the way there and back.

mod arrival;
mod attempt;
mod claims;
mod exchange;
pub(super) mod pages;
mod settings;

pub(super) use arrival::is_linked;
pub(crate) use exchange::IdentityProvider;
pub(crate) use settings::OidcSettings;
