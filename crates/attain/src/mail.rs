//! Mail: letters to people, by the company's own mail server.
//!
//! Only links and fingerprints travel so, never a number of a person. What a letter says stands with the
//! page that sends it.

use std::time::Duration;

use anyhow::{anyhow, bail};
use lettre::message::{Mailbox, header::ContentType};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;
use reqwest::Url;

/// How long the mail server may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The mail server, as it is set up.
#[derive(Clone, Default, clap::Args)]
pub(crate) struct MailSettings {
    /// Mail server, e.g. smtps://attain@mail.example.com, or smtp://… where TLS is begun by STARTTLS
    #[arg(long = "mail-server", env = "ATTAIN_MAIL_SERVER", value_name = "URL", value_parser = read_server)]
    server: Option<Url>,
    /// Password of the user at the mail server; better in the environment than as a flag
    #[arg(
        long = "mail-password",
        env = "ATTAIN_MAIL_PASSWORD",
        value_name = "PASSWORD",
        hide_env_values = true
    )]
    password: Option<String>,
    /// Who letters are from, e.g. 'Attain <attain@example.com>'
    #[arg(long = "mail-from", env = "ATTAIN_MAIL_FROM", value_name = "ADDRESS")]
    from: Option<Mailbox>,
    /// Who is told the audit log's head every day, so that nobody can write a new past
    #[arg(long = "mail-audit-to", env = "ATTAIN_MAIL_AUDIT_TO", value_name = "ADDRESS")]
    audit_to: Option<Mailbox>,
}

/// Sends letters.
#[derive(Clone)]
pub(crate) struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    from: Mailbox,
    audit_to: Option<Mailbox>,
}

/// A letter.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) to: Mailbox,
    pub(crate) subject: String,
    pub(crate) text: String,
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the mail server {server} did not take the letter: {reason}")]
pub(crate) struct MailError {
    server: String,
    reason: String,
}

impl MailSettings {
    /// What sends letters, where a mail server is set up.
    ///
    /// # Errors
    /// When the settings say too little, or what cannot be.
    pub(crate) fn mail(&self) -> anyhow::Result<Option<Mail>> {
        let Some(server) = &self.server else {
            if self.from.is_some() || self.password.is_some() || self.audit_to.is_some() {
                bail!("mail is half set up: name the server with --mail-server");
            }
            return Ok(None);
        };
        let from = self.from.clone();
        let from = from.ok_or_else(|| anyhow!("say who letters are from with --mail-from"))?;
        let (transport, server) = (self.transport(server)?, server.to_string());
        Ok(Some(Mail { transport, server, from, audit_to: self.audit_to.clone() }))
    }

    fn transport(&self, server: &Url) -> anyhow::Result<AsyncSmtpTransport<Tokio1Executor>> {
        let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let builder = match server.scheme() {
            "smtps" => AsyncSmtpTransport::<Tokio1Executor>::relay(host)?,
            // On the machine itself nobody is on the way who could read it.
            _ if is_loopback(server) => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
            _ => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host)?,
        };
        let builder = match server.port() {
            Some(port) => builder.port(port),
            None => builder,
        };
        let user = percent_decode_str(server.username()).decode_utf8()?;
        let builder = match (&*user, &self.password) {
            ("", None) => builder,
            ("", Some(_)) => bail!("there is a password for mail, and no user in --mail-server"),
            (user, password) => {
                let password = password.clone();
                let password = password.ok_or_else(|| {
                    anyhow!("give the password of `{user}` at the mail server in ATTAIN_MAIL_PASSWORD")
                })?;
                builder.credentials(Credentials::new(user.to_owned(), password))
            }
        };
        Ok(builder.timeout(Some(PATIENCE)).build())
    }
}

impl Mail {
    /// Hands a letter to the mail server.
    ///
    /// # Errors
    /// When it is not taken.
    pub(crate) async fn send(&self, letter: Letter) -> Result<(), MailError> {
        let message = Message::builder()
            .from(self.from.clone())
            .to(letter.to)
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .map_err(|error| self.failed(&error))?;
        self.transport.send(message).await.map_err(|error| self.failed(&error))?;
        Ok(())
    }

    /// The server letters go by.
    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Who letters are from.
    pub(crate) fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Who is told the audit log's head every day.
    pub(crate) fn audit_to(&self) -> Option<&Mailbox> {
        self.audit_to.as_ref()
    }

    /// Reads an address that was typed.
    ///
    /// # Errors
    /// When it is none that mail can be sent to.
    pub(crate) fn address(&self, text: &str) -> Result<Address, MailError> {
        text.parse().map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &dyn std::error::Error) -> MailError {
        let mut reason = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !reason.contains(&words) {
                reason = format!("{reason}: {words}");
            }
            cause = inner.source();
        }
        MailError { server: self.server.clone(), reason }
    }
}

fn is_loopback(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_server(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("{error}; write it as smtps://mail.example.com"))?;
    if !["smtp", "smtps"].contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err("write it as smtps://mail.example.com or smtp://mail.example.com".to_owned());
    }
    if url.password().is_some() {
        return Err("leave the password out of it; ATTAIN_MAIL_PASSWORD takes it".to_owned());
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_a_scheme_and_a_host_and_never_a_password() {
        for right in
            ["smtps://attain@mail.example.com", "smtp://mail.example.com:2525", "smtp://127.0.0.1:25"]
        {
            assert!(read_server(right).is_ok(), "{right}");
        }
        for wrong in [
            "mail.example.com",
            "https://mail.example.com",
            "smtp://",
            "smtps://attain:secret@mail.example.com",
        ] {
            assert!(read_server(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn mail_that_is_half_set_up_says_what_is_missing() {
        let settings = |server: &str, from: Option<&str>, password: Option<&str>| MailSettings {
            server: Some(read_server(server).expect("a server")),
            from: from.map(|from| from.parse().expect("an address")),
            password: password.map(str::to_owned),
            audit_to: None,
        };
        let refusal = |settings: MailSettings| settings.mail().err().expect("too little").to_string();
        let from = Some("Attain <attain@example.com>");
        assert!(refusal(settings("smtps://mail.example.com", None, None)).contains("--mail-from"));
        assert!(refusal(settings("smtps://a@mail.example.com", from, None)).contains("ATTAIN_MAIL_PASSWORD"));
        assert!(refusal(settings("smtps://mail.example.com", from, Some("x"))).contains("no user"));
        assert!(
            MailSettings { from: from.and_then(|from| from.parse().ok()), ..MailSettings::default() }
                .mail()
                .is_err()
        );
        assert!(MailSettings::default().mail().expect("nothing is fine").is_none());
    }
}
