//! What is said between this server and the provider. Everything that comes back is checked here:
//! signature, issuer, audience, time, nonce, and that the access token belongs to the identity.

use std::time::Duration;

use futures::future::BoxFuture;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AsyncHttpClient, AuthenticationFlow, AuthorizationCode, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attempt::Attempt;
use super::claims::Told;
use super::settings::Policy;

/// How long the provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of one answer that are read: keys and claims are small.
const ANSWER_AT_MOST: usize = 1 << 20;

/// The company's identity provider.
#[derive(Clone)]
pub(crate) struct IdentityProvider {
    /// What people call it.
    name: String,
    issuer: IssuerUrl,
    client: (ClientId, Option<ClientSecret>),
    /// Where it sends people back to.
    back: RedirectUrl,
    pub(super) policy: Policy,
    http: Http,
}

/// Why the provider let nobody in; the reason is for whoever runs the server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It did not answer, or not as a provider does.
    #[error("the identity provider {issuer} did not answer as it should: {reason}")]
    Answer { issuer: String, reason: String },
    /// What it said does not hold.
    #[error("what the identity provider {issuer} said does not hold: {reason}")]
    Untrue { issuer: String, reason: String },
}

/// What the provider says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Discovered {
    /// Where people sign in.
    pub(crate) authorization: String,
    /// Keys that its tokens are checked with.
    pub(crate) keys: usize,
}

/// Claims beyond the standard ones: the company's own.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Others(Map<String, Value>);

impl AdditionalClaims for Others {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Others,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

/// This server, as the provider's client.
type Party = Client<
    Others,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl IdentityProvider {
    /// A provider; nothing is asked of it yet, so that the server starts without it.
    pub(super) fn new(
        name: String,
        issuer: IssuerUrl,
        client: (ClientId, Option<ClientSecret>),
        back: RedirectUrl,
        policy: Policy,
    ) -> anyhow::Result<IdentityProvider> {
        // The second installation finds the first, which is the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Followed redirects would lead this server to wherever an answer says.
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(IdentityProvider { name, issuer, client, back, policy, http: Http(http) })
    }

    /// What people call it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its address.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where it sends people back to.
    pub(crate) fn back(&self) -> &str {
        &self.back
    }

    /// What is done with what it says, in words.
    pub(crate) fn describe(&self) -> String {
        let policy = &self.policy;
        let made = match (&policy.person_claim, policy.create_accounts) {
            (_, false) => "who has no account is not let in".to_owned(),
            (None, true) => "who has no account gets one".to_owned(),
            (Some(claim), true) => {
                format!("who has no account gets one, as the person of the roster that `{claim}` names")
            }
        };
        let verified = match policy.unverified_email {
            true => "whether or not the provider calls it verified",
            false => "where the provider calls it verified",
        };
        format!("An account is found by the address in `{}`, {verified}; {made}.", policy.email_claim)
    }

    /// Asks the provider what it is, as a test of the connection.
    ///
    /// # Errors
    /// When it does not answer as a provider does.
    pub(crate) async fn discover(&self) -> Result<Discovered, ProviderError> {
        let known = self.metadata().await?;
        Ok(Discovered {
            authorization: known.authorization_endpoint().to_string(),
            keys: known.jwks().keys().len(),
        })
    }

    /// Where to send a browser, and what to keep until it comes back.
    pub(super) async fn begin(&self, next: Option<String>) -> Result<(String, Attempt), ProviderError> {
        let party = self.party().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = party
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let attempt = Attempt {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next,
        };
        Ok((url.into(), attempt))
    }

    /// Exchanges the code a browser came back with for who it is.
    ///
    /// # Errors
    /// When the provider does not take the code, or what it says does not hold.
    pub(super) async fn finish(&self, attempt: &Attempt, code: String) -> Result<Told, ProviderError> {
        let party = self.party().await?;
        let exchange =
            party.exchange_code(AuthorizationCode::new(code)).map_err(|error| self.amiss(&error))?;
        let verifier = PkceCodeVerifier::new(attempt.verifier.clone());
        let tokens: Tokens = exchange
            .set_pkce_verifier(verifier)
            .request_async(&self.http)
            .await
            .map_err(|error| self.amiss(&error))?;
        let identity = tokens.id_token();
        let identity = identity.ok_or_else(|| self.untrue("there is no identity among its tokens"))?;
        let check = party.id_token_verifier();
        let claims = identity.claims(&check, &Nonce::new(attempt.nonce.clone()));
        let claims = claims.map_err(|error| self.untrue(&words(&error)))?;
        if let Some(expected) = claims.access_token_hash() {
            let signed = (identity.signing_alg(), identity.signing_key(&check));
            let (Ok(algorithm), Ok(key)) = signed else {
                return Err(self.untrue("its key cannot be found"));
            };
            let found = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if found.as_ref() != Ok(expected) {
                return Err(self.untrue("the access token is not the one of the identity"));
            }
        }
        let mut told = object(claims);
        if self.policy.claims().any(|claim| !told.contains_key(claim))
            && let Ok(asked) = party.user_info(tokens.access_token().clone(), Some(claims.subject().clone()))
        {
            let more: Result<UserInfoClaims<Others, CoreGenderClaim>, _> =
                asked.request_async(&self.http).await;
            let more = object(&more.map_err(|error| self.amiss(&error))?);
            // What is signed comes first.
            // Whether an address is verified is said of the one that stands beside it.
            let same_address = told.get("email").is_none_or(|email| more.get("email") == Some(email));
            for (claim, value) in more {
                if claim != "email_verified" || same_address {
                    told.entry(claim).or_insert(value);
                }
            }
        }
        Ok(Told::read(claims.issuer(), claims.subject(), &told, &self.policy))
    }

    async fn party(&self) -> Result<Party, ProviderError> {
        let (id, secret) = self.client.clone();
        let party = Client::from_provider_metadata(self.metadata().await?, id, secret);
        Ok(party.set_redirect_uri(self.back.clone()))
    }

    /// Asked for at every sign-in: it is small, and keys change.
    async fn metadata(&self) -> Result<CoreProviderMetadata, ProviderError> {
        let known = CoreProviderMetadata::discover_async(self.issuer.clone(), &self.http).await;
        known.map_err(|error| self.amiss(&error))
    }

    fn amiss(&self, error: &dyn std::error::Error) -> ProviderError {
        ProviderError::Answer { issuer: self.issuer.to_string(), reason: words(error) }
    }

    fn untrue(&self, reason: &str) -> ProviderError {
        ProviderError::Untrue { issuer: self.issuer.to_string(), reason: reason.to_owned() }
    }
}

impl Policy {
    /// The claims that are looked for.
    fn claims(&self) -> impl Iterator<Item = &str> {
        [self.email_claim.as_str(), "email_verified", self.name_claim.as_str()]
            .into_iter()
            .chain(self.person_claim.as_deref())
    }
}

/// Why a request came to nothing.
#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error(transparent)]
    Failed(#[from] reqwest::Error),
    #[error("the answer is longer than {ANSWER_AT_MOST} bytes")]
    TooLong,
}

/// What asks the provider.
#[derive(Clone)]
struct Http(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = HttpError;
    type Future = BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

impl Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut reply = self.0.execute(request.try_into()?).await?;
        let mut answer = HttpResponse::new(Vec::new());
        *answer.status_mut() = reply.status();
        *answer.headers_mut() = std::mem::take(reply.headers_mut());
        while let Some(chunk) = reply.chunk().await? {
            if answer.body().len() + chunk.len() > ANSWER_AT_MOST {
                return Err(HttpError::TooLong);
            }
            answer.body_mut().extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}

fn object(claims: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(claims) {
        Ok(Value::Object(claims)) => claims,
        // Claims are an object, by their type.
        _ => Map::new(),
    }
}

/// An error with its causes, which say what happened.
fn words(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = inner.source();
    }
    words
}
