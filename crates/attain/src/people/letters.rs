//! The letters this place sends: links to choose a password by.

use lettre::message::Mailbox;

use super::account::Account;
use crate::mail::{Letter, Mail, MailError};

/// What every letter ends with.
const END: &str = "Attain will never ask for your password by mail.";

/// The link to a new account, or to a new password.
///
/// # Errors
/// When the mail server does not take it.
pub(super) async fn welcome(mail: &Mail, account: &Account, link: &str) -> Result<(), MailError> {
    let text = format!(
        "Hello {},\n\nat this address you choose the password you sign in to Attain with:\n\n{link}\n\nIt works once, for three days.\n\n{END}\n",
        account.name
    );
    let to = Mailbox::new(Some(account.name.clone()), mail.address(&account.email)?);
    mail.send(Letter { to, subject: "Choose your password for Attain".to_owned(), text }).await
}

/// The same for somebody who asked for it, or for whom somebody else did.
///
/// # Errors
/// When the mail server does not take it.
pub(super) async fn forgotten(mail: &Mail, account: &Account, link: &str) -> Result<(), MailError> {
    let text = format!(
        "Hello {},\n\nsomebody, most likely you, asked for a new password for your account at Attain. At this address you choose it:\n\n{link}\n\nIt works once, for three days. If it was not you, nothing needs to be done: your password stays as it is.\n\n{END}\n",
        account.name
    );
    let to = Mailbox::new(Some(account.name.clone()), mail.address(&account.email)?);
    mail.send(Letter { to, subject: "A new password for Attain".to_owned(), text }).await
}
