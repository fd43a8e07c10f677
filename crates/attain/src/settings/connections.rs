//! Mail and the identity provider: whether they are set up, and whether they answer.

use maud::{Markup, html};

use crate::mail::{Letter, Mail};
use crate::people::identity_provider::IdentityProvider;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::components::with_code;

/// What a test came to.
pub(super) struct Tried {
    holds: bool,
    words: String,
}

impl Tried {
    pub(super) fn failed(words: impl Into<String>) -> Tried {
        Tried { holds: false, words: words.into() }
    }

    fn held(words: String) -> Tried {
        Tried { holds: true, words }
    }

    /// What is said of it, which a screen reader says at once where it failed.
    pub(super) fn notice(&self) -> Markup {
        html! { div.notice role=(if self.holds { "status" } else { "alert" }) { p { (self.words) } } }
    }
}

/// Sends a letter.
pub(super) async fn try_mail(mail: &Mail, to: &str) -> Tried {
    let sent = async {
        let text = "This is a test. Mail from Attain arrives.\n".to_owned();
        let letter =
            Letter { to: mail.address(to)?.into(), subject: "Mail from Attain arrives".to_owned(), text };
        mail.send(letter).await
    };
    match sent.await {
        Ok(()) => Tried::held(format!("The mail server took a letter to {to}.")),
        Err(error) => Tried::failed(format!("{error}.")),
    }
}

/// Asks the provider what it is.
pub(super) async fn try_provider(provider: &IdentityProvider) -> Tried {
    match provider.discover().await {
        Ok(found) => Tried::held(format!(
            "{} answers: people sign in at {}, and {}.",
            provider.name(),
            found.authorization,
            match found.keys {
                1 => "there is one key to check its word with".to_owned(),
                several => format!("there are {several} keys to check its word with"),
            }
        )),
        Err(error) => Tried::failed(format!("{error}.")),
    }
}

/// The two connections, each with its test.
pub(super) fn section(app: &App) -> Markup {
    let tries = app.may(Act::Write, Object::Settings);
    html! {
        section aria-labelledby="mail-title" {
            div.section-head { h2 id="mail-title" { "Mail" } }
            @match app.mail() {
                None => p.quiet { "Not set up: links to choose a password are shown to whoever makes them. " code { "mail-server" } " and " code { "mail-from" } " set it up." },
                Some(mail) => {
                    p { "Letters go by " code { (mail.server()) } " and are from " (mail.from()) "." @if let Some(to) = mail.audit_to() { " The head of the audit log is mailed daily to " (to) "." } }
                    @if tries { form method="post" action="/settings/mail/test" { button.button type="submit" { "Send me a test letter" } } }
                },
            }
        }
        section aria-labelledby="provider-title" {
            div.section-head { h2 id="provider-title" { "Identity provider" } }
            @match app.identity_provider() {
                None => p.quiet { "Not set up: people sign in with a password of their own. " code { "oidc-issuer" } " and " code { "oidc-client-id" } " set it up." },
                Some(provider) => {
                    p { "People sign in with " (provider.name()) " at " code { (provider.issuer()) } ". It sends them back to " code { (provider.back()) } ", which must be among the addresses it knows." }
                    p.small.quiet { (with_code(&provider.describe())) }
                    @if tries { form method="post" action="/settings/identity-provider/test" { button.button type="submit" { "Test the connection" } } }
                },
            }
        }
    }
}
