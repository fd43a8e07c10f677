//! `attain user`: accounts from the command line, by whoever has the machine.

use anyhow::{anyhow, ensure};
use attain_metrics::Level;
use attain_records::Actor;
use jiff::Timestamp;

use super::open::asker;
use super::table::{Format, print_lines, writeln_or_closed};
use crate::config::DataDirectory;
use crate::people::account::{self, Email, NewAccount};
use crate::people::ticket::{self, Purpose};
use crate::permissions::role::Role;
use crate::permissions::standing::Given;

/// Make accounts, and list them
#[derive(clap::Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make an account and print the link by which its password is chosen
    Add(Add),
    /// Print a new link for somebody who cannot sign in any more
    Link(Link),
    /// List the accounts
    List(List),
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain user add ada@example.com --name 'Ada Lovelace' --role admin")]
struct Add {
    /// Address of mail, by which they sign in
    #[arg(value_parser = Email::read)]
    email: Email,
    /// Name that others see
    #[arg(long)]
    name: String,
    /// Whom of the roster they are, by identifier or name
    #[arg(long, value_name = "PERSON")]
    person: Option<String>,
    /// Role to give: hrbp, admin, ops, exec or auditor; may be repeated
    #[arg(long, value_parser = given_role)]
    role: Vec<Role>,
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain user link ada@example.com")]
struct Link {
    /// Address of mail of the account
    #[arg(value_parser = Email::read)]
    email: Email,
}

#[derive(clap::Args)]
#[command(after_help = "Example: attain user list --format csv")]
struct List {
    /// How to print them
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl User {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        match &self.command {
            Command::Add(add) => add.run(data).await,
            Command::Link(link) => link.run(data).await,
            Command::List(list) => list.run(data).await,
        }
    }
}

impl Add {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        ensure!(!self.name.trim().is_empty(), "give the name that others see with --name");
        let person = match &self.person {
            None => None,
            Some(named) => Some(person(data, named).await?),
        };
        let store = data.open().await?;
        let records = store.records();
        let taken = account::by_email(records.read(), &self.email).await?.is_some();
        ensure!(
            !taken,
            "{} has an account already; `attain user link` makes a new link for it",
            self.email.as_str()
        );
        let roles = self.role.iter().map(|role| Given { role: *role, population: None }).collect();
        let wanted = NewAccount { email: self.email.clone(), name: self.name.clone(), person, roles };
        let transaction = records.begin(&Actor::local_owner()).await?;
        let made = account::make(&transaction, &wanted, Timestamp::now()).await?;
        let secret =
            ticket::make(&transaction, Purpose::Password, Some(made.number), Timestamp::now()).await?;
        transaction.commit().await?;
        print_link(&made.name, secret.reveal())
    }
}

impl Link {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open_existing().await?;
        let known = account::by_email(store.records().read(), &self.email).await?;
        let known = known
            .ok_or_else(|| anyhow!("{} has no account; `attain user add` makes one", self.email.as_str()))?;
        let transaction = store.records().begin(&Actor::local_owner()).await?;
        let secret = ticket::make_noted(&transaction, known.number, Timestamp::now()).await?;
        transaction.commit().await?;
        print_link(&known.name, secret.reveal())
    }
}

impl List {
    async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open_existing().await?;
        let mut lines = Vec::new();
        for known in account::all(store.records(), &Actor::local_owner()).await? {
            let given = account::given(store.records(), known.number).await?;
            let roles: Vec<&str> = given.iter().map(|given| given.role.key()).collect();
            let (number, state) = (known.number.to_string(), known.state().to_owned());
            let person = known.person.unwrap_or_default();
            lines.push(vec![number, known.email, known.name, person, roles.join(" "), state]);
        }
        print_lines(self.format, &["number", "email", "name", "person", "roles", "state"], &lines)
    }
}

async fn person(data: &DataDirectory, named: &str) -> anyhow::Result<String> {
    let asker = asker(data, None).await?;
    match asker.organisation().find(Level::Rep, named).as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(anyhow!("the roster has nobody called `{named}`")),
        _ => Err(anyhow!("the roster has several called `{named}`; give the identifier")),
    }
}

fn print_link(name: &str, secret: &str) -> anyhow::Result<()> {
    eprintln!("{name} chooses a password at this address of your server; it works once, for three days:");
    writeln_or_closed(&format!("/welcome/{secret}"))
}

fn given_role(text: &str) -> Result<Role, String> {
    let given = Role::GIVEN.into_iter().find(|role| role.key() == text);
    given.ok_or_else(|| {
        "write hrbp, admin, ops, exec or auditor; other roles follow from the roster".to_owned()
    })
}
