//! Which identity provider, and what is taken from what it says.

use anyhow::{anyhow, bail};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, RedirectUrl};
use reqwest::Url;

use super::exchange::IdentityProvider;
use crate::web::site::Site;

/// Where the provider sends people back to.
pub(super) const BACK: &str = "/sign-in/provider/back";

/// The identity provider, as it is set up.
#[derive(Clone, Default, clap::Args)]
pub(crate) struct OidcSettings {
    /// OpenID Connect provider at which people sign in, e.g. https://login.example.com
    #[arg(long = "oidc-issuer", env = "ATTAIN_OIDC_ISSUER", value_name = "URL", value_parser = read_issuer)]
    issuer: Option<IssuerUrl>,
    /// Identifier of this server at the provider
    #[arg(long = "oidc-client-id", env = "ATTAIN_OIDC_CLIENT_ID", value_name = "ID")]
    client_id: Option<String>,
    /// Secret of this server at the provider; better in the environment than as a flag
    #[arg(
        long = "oidc-client-secret",
        env = "ATTAIN_OIDC_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    client_secret: Option<String>,
    /// What people call the provider
    #[arg(long = "oidc-name", env = "ATTAIN_OIDC_NAME", value_name = "NAME", default_value = "your company")]
    name: String,
    /// Claim that holds somebody's address of mail
    #[arg(
        long = "oidc-email-claim",
        env = "ATTAIN_OIDC_EMAIL_CLAIM",
        value_name = "CLAIM",
        default_value = "email"
    )]
    email_claim: String,
    /// Claim that holds somebody's name
    #[arg(
        long = "oidc-name-claim",
        env = "ATTAIN_OIDC_NAME_CLAIM",
        value_name = "CLAIM",
        default_value = "name"
    )]
    name_claim: String,
    /// Claim that holds somebody's identifier in the roster, for accounts that are made at the first sign-in
    #[arg(long = "oidc-person-claim", env = "ATTAIN_OIDC_PERSON_CLAIM", value_name = "CLAIM")]
    person_claim: Option<String>,
    /// Make an account for whoever signs in at the provider and has none
    #[arg(long = "oidc-create-accounts", env = "ATTAIN_OIDC_CREATE_ACCOUNTS")]
    create_accounts: bool,
    /// Believe addresses the provider does not call verified: only where nobody can choose their own
    #[arg(long = "oidc-unverified-email", env = "ATTAIN_OIDC_UNVERIFIED_EMAIL")]
    unverified_email: bool,
}

/// Which claims are taken for what, and what follows from them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) email_claim: String,
    pub(super) name_claim: String,
    pub(super) person_claim: Option<String>,
    pub(super) create_accounts: bool,
    pub(super) unverified_email: bool,
}

impl OidcSettings {
    /// The provider, where one is set up.
    ///
    /// # Errors
    /// When the settings say too little.
    pub(crate) fn provider(&self, site: &Site) -> anyhow::Result<Option<IdentityProvider>> {
        let Some(issuer) = self.issuer.clone() else {
            if self.client_id.is_some() || self.client_secret.is_some() {
                bail!("the identity provider is half set up: name it with --oidc-issuer");
            }
            return Ok(None);
        };
        let id = self.client_id.clone();
        let id =
            id.ok_or_else(|| anyhow!("say with --oidc-client-id as what {} knows this server", *issuer))?;
        let back = site.link(BACK);
        if back.starts_with('/') {
            bail!("the identity provider sends people back to this server: say with --address where it is");
        }
        let policy = Policy {
            email_claim: self.email_claim.clone(),
            name_claim: self.name_claim.clone(),
            person_claim: self.person_claim.clone(),
            create_accounts: self.create_accounts,
            unverified_email: self.unverified_email,
        };
        let secret = self.client_secret.clone().map(ClientSecret::new);
        let client = (ClientId::new(id), secret);
        Ok(Some(IdentityProvider::new(self.name.clone(), issuer, client, RedirectUrl::new(back)?, policy)?))
    }
}

/// What the provider says is only as sure as the way to it.
fn read_issuer(text: &str) -> Result<IssuerUrl, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it as https://login.example.com"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if url.scheme() != "https" && !(url.scheme() == "http" && is_local) {
        return Err("write it as https://login.example.com; without TLS only on this machine".to_owned());
    }
    IssuerUrl::new(text.to_owned()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_reached_by_tls_or_on_this_machine() {
        for right in ["https://login.example.com/tenant/v2.0", "http://localhost:3000", "http://[::1]:3000"] {
            assert!(read_issuer(right).is_ok(), "{right}");
        }
        for wrong in ["login.example.com", "http://login.example.com", "ftp://localhost"] {
            assert!(read_issuer(wrong).is_err(), "{wrong}");
        }
    }
}
