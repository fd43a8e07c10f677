//! Who has an account: inviting people, giving roles, closing accounts.

use std::collections::BTreeSet;

use attain_metrics::{Asker, Level, Subject};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use serde::Deserialize;

use super::account::{self, Account, Change, Email, GivenRole, NewAccount};
use super::away;
use super::identity_provider;
use super::letters;
use super::parts::{Part, tabs};
use super::secret::Secret;
use super::session;
use super::sign_in::notice;
use super::ticket;
use crate::permissions::role::Role;
use crate::permissions::standing::Given;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::extract::{Form, Path};
use crate::web::format::instant;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What the form of a new account sends.
#[derive(Default, Deserialize)]
pub(super) struct Invited {
    name: String,
    email: String,
    #[serde(default)]
    person: String,
    #[serde(default)]
    role: String,
}

/// What the form of a role sends.
#[derive(Deserialize)]
pub(super) struct GivenHere {
    role: String,
    #[serde(default)]
    region: String,
}

/// Whom of the roster somebody is.
#[derive(Deserialize)]
pub(super) struct PersonSent {
    person: String,
}

/// Which role ends.
#[derive(Deserialize)]
pub(super) struct Ended {
    number: i64,
}

/// Whether somebody may sign in from now on.
#[derive(Deserialize)]
pub(super) struct Open {
    open: bool,
}

pub(super) async fn list(app: App) -> Result<Markup, PageError> {
    whole(&app, &Invited::default(), None).await
}

pub(super) async fn invite(app: App, Form(sent): Form<Invited>) -> Result<Response, PageError> {
    let wanted = match wanted(&app, &sent).await? {
        Ok(wanted) => wanted,
        Err(problem) => {
            let again = whole(&app, &sent, Some(&problem)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
        }
    };
    let transaction = app.records().begin(&app.actor()).await?;
    let account = account::make(&transaction, &wanted, Timestamp::now()).await?;
    transaction.commit().await?;
    linked(&app, account.number, "The account was made.").await
}

/// What a new account is made of, or why it cannot be made.
async fn wanted(app: &App, sent: &Invited) -> Result<Result<NewAccount, String>, PageError> {
    if sent.name.trim().is_empty() {
        return Ok(Err("Say the person's name.".to_owned()));
    }
    let email = match Email::read(&sent.email) {
        Ok(email) => email,
        Err(problem) => return Ok(Err(format!("{problem}."))),
    };
    if account::by_email(app.records().read(), &email).await?.is_some() {
        return Ok(Err(format!("`{}` has an account already.", email.as_str())));
    }
    let person = match in_roster(app, &sent.person).await? {
        Ok(person) => person,
        Err(problem) => return Ok(Err(problem)),
    };
    if let Some(person) = &person
        && let Some(other) = account::of_person(app.records().read(), person).await?
    {
        return Ok(Err(format!("{} has an account already, as {}.", other.name, other.email)));
    }
    let role = Role::GIVEN.into_iter().find(|role| role.key() == sent.role);
    let roles = role.map(|role| Given { role, population: None });
    let name = sent.name.trim().to_owned();
    Ok(Ok(NewAccount { email, name, person, roles: roles.into_iter().collect() }))
}

/// Whom of the roster was named, if anybody, or why that is nobody.
async fn in_roster(app: &App, named: &str) -> Result<Result<Option<String>, String>, PageError> {
    let named = named.trim();
    if named.is_empty() {
        return Ok(Ok(None));
    }
    let found = match app.asker().await {
        Ok(asker) => asker.organisation().find(Level::Rep, named),
        Err(PageError::NothingImported) => Vec::new(),
        Err(failed) => return Err(failed),
    };
    Ok(match found.as_slice() {
        [one] => Ok(Some(one.id.clone())),
        [] => Err(format!("The roster has nobody called `{named}`.")),
        _ => Err(format!("The roster has several called `{named}`; give the identifier instead.")),
    })
}

pub(super) async fn shown(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    one(&app, number, None, None).await
}

pub(super) async fn give(
    app: App,
    Path(number): Path<i64>,
    headers: HeaderMap,
    Form(sent): Form<GivenHere>,
) -> Result<Response, PageError> {
    found(&app, number).await?;
    let role = Role::GIVEN.into_iter().find(|role| role.key() == sent.role);
    let role = role.ok_or_else(|| PageError::Invalid {
        field: "role".into(),
        message: "There is no such role to give.".to_owned(),
    })?;
    let region = Some(sent.region).filter(|region| role == Role::HrPartner && !region.is_empty());
    let given = Given { role, population: region.map(|region| BTreeSet::from([region])) };
    if account::given(app.records(), number).await?.contains(&given) {
        return Ok(refused(one(&app, number, Some("They have that role already."), None).await?));
    }
    let transaction = app.records().begin(&app.actor()).await?;
    let renewed =
        session::renew(&transaction, number, session::shown(&headers, app.site().is_secure()).as_ref())
            .await?;
    account::give(&transaction, number, &given, Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(changed(&app, number, renewed.as_ref()))
}

pub(super) async fn take(
    app: App,
    Path(number): Path<i64>,
    headers: HeaderMap,
    Form(sent): Form<Ended>,
) -> Result<Response, PageError> {
    found(&app, number).await?;
    let transaction = app.records().begin(&app.actor()).await?;
    let renewed =
        session::renew(&transaction, number, session::shown(&headers, app.site().is_secure()).as_ref())
            .await?;
    if !account::take(&transaction, number, sent.number, Timestamp::now()).await? {
        drop(transaction);
        let words = "The role stays: it has ended before, or nobody else is an admin, and then nobody could make accounts.";
        return Ok(refused(one(&app, number, Some(words), None).await?));
    }
    transaction.commit().await?;
    Ok(changed(&app, number, renewed.as_ref()))
}

/// Back to the account, with a new session where it is one's own that changed.
fn changed(app: &App, number: i64, renewed: Option<&Secret>) -> Response {
    let cookie =
        renewed.map(|secret| [(header::SET_COOKIE, session::handed(secret, app.site().is_secure()))]);
    (cookie, Redirect::to(&path(number))).into_response()
}

/// Says whom of the roster somebody is, or that they are nobody of it.
pub(super) async fn person_set(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<PersonSent>,
) -> Result<Response, PageError> {
    found(&app, number).await?;
    let person = match in_roster(&app, &sent.person).await? {
        Ok(person) => person,
        Err(problem) => return Ok(refused(one(&app, number, Some(&problem), None).await?)),
    };
    let transaction = app.records().begin(&app.actor()).await?;
    account::alone(&transaction).await?;
    let taken = match &person {
        Some(id) => account::of_person(transaction.connection(), id).await?,
        None => None,
    };
    if let Some(other) = taken.filter(|other| other.number != number) {
        drop(transaction);
        let words = format!("{} has an account as that person already.", other.name);
        return Ok(refused(one(&app, number, Some(&words), None).await?));
    }
    session::end_others(&transaction, number, None).await?;
    account::change(&transaction, number, Change::Person(person), Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(number)).into_response())
}

/// A link by which somebody chooses a password; the one before it works no longer.
pub(super) async fn link(app: App, Path(number): Path<i64>) -> Result<Response, PageError> {
    found(&app, number).await?;
    linked(&app, number, "The password they have now works until the link is used.").await
}

pub(super) async fn open(
    app: App,
    Path(number): Path<i64>,
    Form(sent): Form<Open>,
) -> Result<Response, PageError> {
    found(&app, number).await?;
    let transaction = app.records().begin(&app.actor()).await?;
    if !sent.open && !account::another_admin(transaction.connection(), number).await? {
        drop(transaction);
        let words = "The account stays open: nobody else is an admin, and then nobody could make accounts.";
        return Ok(refused(one(&app, number, Some(words), None).await?));
    }
    if !sent.open {
        session::end_others(&transaction, number, None).await?;
    }
    account::change(&transaction, number, Change::Open(sent.open), Timestamp::now()).await?;
    transaction.commit().await?;
    Ok(Redirect::to(&path(number)).into_response())
}

fn refused(page: Markup) -> Response {
    (StatusCode::CONFLICT, page).into_response()
}

/// Makes a link to choose a password by, and mails it; where mail is not set up or does not take it, the
/// link is shown to be handed on.
async fn linked(app: &App, number: i64, said: &str) -> Result<Response, PageError> {
    let account = found(app, number).await?;
    let transaction = app.records().begin(&app.actor()).await?;
    let secret = ticket::make_noted(&transaction, number, Timestamp::now()).await?;
    transaction.commit().await?;
    let link = app.site().link(&format!("/welcome/{}", secret.reveal()));
    let sent = match app.mail() {
        Some(mail) => Some(letters::welcome(mail, &account, &link).await),
        None => None,
    };
    let notice = match sent {
        Some(Ok(())) => {
            html! { div.notice role="status" { p { b { (said) } " A link to choose a password was mailed to " (account.email) ". It works once, for three days." } } }
        }
        Some(Err(error)) => {
            html! { (notice(Some(&format!("{error}. The link was not mailed.")))) (link_notice(said, &link, &account)) }
        }
        None => link_notice(said, &link, &account),
    };
    Ok(one(app, number, None, Some(notice)).await?.into_response())
}

async fn found(app: &App, number: i64) -> Result<Account, PageError> {
    account::by_number(app.records(), number).await?.ok_or(PageError::NotFound)
}

fn path(number: i64) -> String {
    format!("/people/accounts/{number}")
}

async fn whole(app: &App, sent: &Invited, problem: Option<&str>) -> Result<Markup, PageError> {
    let asker = app.asker().await.ok();
    let accounts = account::all(app.records(), &app.actor()).await?;
    let mut roles = Vec::new();
    for account in &accounts {
        roles.push(account::roles(app.records(), account.number).await?);
    }
    let writes = app.may(Act::Write, Object::Accounts);
    let main = html! {
        div.head {
            h1 { "People" }
            p.finding { b { @match accounts.len() { 1 => "One account.", several => { (several) " accounts." } } } " What people of the roster see follows from who reports to whom; other roles are given here." }
        }
        (tabs(app, Part::Accounts))
        (notice(problem))
        @if accounts.is_empty() { p.quiet { "Nobody has an account yet." } } @else { (table(&accounts, &roles, asker.as_deref())) }
        @if writes { (invitation(sent)) }
    };
    framed(app, asker.as_deref(), "Accounts", main)
}

fn table(accounts: &[Account], roles: &[Vec<GivenRole>], asker: Option<&Asker>) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Accounts" {
            table.table {
                caption.unseen { "Accounts, by name" }
                thead { tr { th scope="col" { "Name" } th scope="col" { "Address" } th scope="col" { "In the roster" } th scope="col" { "Roles given" } th scope="col" { "Second factor" } th scope="col" { "State" } } }
                tbody {
                    @for (account, roles) in accounts.iter().zip(roles) {
                        tr {
                            th scope="row" { a href=(path(account.number)) { (account.name) } }
                            td { (account.email) }
                            td { (person(account, asker)) }
                            td { @for (at, role) in roles.iter().enumerate() { @if at > 0 { ", " } (role.given.role) } }
                            td { @if account.has_second_factor() { "on" } @else { span.quiet { "off" } } }
                            td { (account.state()) }
                        }
                    }
                }
            }
        }
    }
}

fn person(account: &Account, asker: Option<&Asker>) -> String {
    let Some(id) = &account.person else { return "–".to_owned() };
    let known = asker.and_then(|asker| asker.organisation().person(id));
    known.map_or_else(|| id.clone(), |known| known.name.clone())
}

fn invitation(sent: &Invited) -> Markup {
    html! {
        section aria-labelledby="invite-title" {
            div.section-head { h2 id="invite-title" { "Invite somebody" } }
            form.editor method="post" action="/people/accounts" {
                div.fields {
                    div.field { label for="name" { "Name" } input id="name" name="name" value=(sent.name) required maxlength="200" autocomplete="off"; }
                    div.field { label for="email" { "Address of mail" } input id="email" type="email" name="email" value=(sent.email) required maxlength="254" autocomplete="off"; }
                    div.field { label for="person" { "In the roster, by name or identifier" } input id="person" name="person" value=(sent.person) maxlength="200" autocomplete="off"; }
                    div.field {
                        label for="role" { "Role beside that" }
                        select id="role" name="role" {
                            option value="" { "none" }
                            @for role in Role::GIVEN { option value=(role.key()) selected[role.key() == sent.role] { (role) } }
                        }
                    }
                }
                p.actions { button.button.primary type="submit" { "Make the account" } }
            }
        }
    }
}

async fn one(
    app: &App,
    number: i64,
    problem: Option<&str>,
    said: Option<Markup>,
) -> Result<Markup, PageError> {
    let account = found(app, number).await?;
    let roles = account::roles(app.records(), number).await?;
    let asker = app.asker().await.ok();
    let zone = asker.as_ref().map_or(TimeZone::UTC, |asker| asker.company().time_zone.clone());
    let writes = app.may(Act::Write, Object::Accounts);
    let is_linked = identity_provider::is_linked(app.records(), number).await?;
    let away = match (&asker, &account.person) {
        (Some(asker), Some(person)) => {
            away::section(app, asker, person, &format!("{}/away", path(number)), writes).await?
        }
        _ => html! {},
    };
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/people/accounts" { "Accounts" } } li aria-current="page" { (account.name) } } }
            div.head-line { h1 { (account.name) } span.meta { (account.email) ", " (account.state()) } }
            p.finding { "Made on " (instant(account.created_at, &zone)) ". In the roster: " (person(&account, asker.as_deref())) "." @if is_linked { " Signs in at the identity provider." } }
        }
        (notice(problem))
        @if let Some(said) = said { (said) }
        (roles_section(&account, &roles, &zone, asker.as_deref(), writes))
        (away)
        @if account.is_open {
            section aria-labelledby="view-title" {
                div.section-head { h2 id="view-title" { "Their pages" } }
                form method="post" action=(format!("{}/view", path(account.number))) { button.button type="submit" { "See pages as they do" } }
            }
        }
        @if writes { (acts(&account)) }
    };
    framed(app, asker.as_deref(), &account.name, main)
}

fn link_notice(said: &str, link: &str, account: &Account) -> Markup {
    html! {
        div.notice role="status" {
            p { b { (said) } " Hand this link to " (account.name) "; by it they choose their password. It works once, for three days, and is not shown again." }
            p { code.link { (link) } }
            @if link.starts_with('/') { p.small { "Put the address of this server before it, or start the server with --address and it stands there by itself." } }
        }
    }
}

fn roles_section(
    account: &Account,
    roles: &[GivenRole],
    zone: &TimeZone,
    asker: Option<&Asker>,
    writes: bool,
) -> Markup {
    let region = |id: &str| {
        let member = asker.and_then(|asker| asker.organisation().member(Level::Region, id));
        member.map_or_else(|| id.to_owned(), |member| member.name)
    };
    let regions = asker
        .map(|asker| asker.organisation().members(Level::Region, &Subject::Company, &asker.calendar().all()));
    html! {
        section aria-labelledby="roles-title" {
            div.section-head { h2 id="roles-title" { "Roles given" } }
            @if roles.is_empty() { p.quiet { "None. A person of the roster sees their own numbers, and a manager those of their people, without any." } }
            @else {
                table.table {
                    caption.unseen { "Roles given" }
                    thead { tr { th scope="col" { "Role" } th scope="col" { "About" } th scope="col" { "Since" } th scope="col" { span.unseen { "End" } } } }
                    tbody {
                        @for role in roles {
                            tr {
                                th scope="row" { (role.given.role) small { (role.given.role.meaning()) } }
                                td { @match &role.given.population { None => "the whole company", Some(ids) => (ids.iter().map(|id| region(id)).collect::<Vec<_>>().join(", ")) } }
                                td { (instant(role.given_at, zone)) }
                                td { @if writes { form method="post" action=(format!("{}/roles/end", path(account.number))) { input type="hidden" name="number" value=(role.number); button.button type="submit" aria-label=(format!("End the role {}", role.given.role)) { "End" } } } }
                            }
                        }
                    }
                }
            }
            @if writes {
                form.filters method="post" action=(format!("{}/roles", path(account.number))) {
                    div.field { label for="role" { "Role" } select id="role" name="role" { @for role in Role::GIVEN { option value=(role.key()) { (role) } } } }
                    @if let Some(regions) = regions.filter(|regions| !regions.is_empty()) {
                        div.field { label for="region" { "About (HR partner)" } select id="region" name="region" { option value="" { "the whole company" } @for region in regions { option value=(region.id) { (region.name) } } } }
                    }
                    button.button type="submit" { "Give the role" }
                }
            }
        }
    }
}

fn acts(account: &Account) -> Markup {
    html! {
        section aria-labelledby="acts-title" {
            div.section-head { h2 id="acts-title" { "Access" } }
            div.actions {
                @if account.is_open {
                    form method="post" action=(format!("{}/link", path(account.number))) { button.button type="submit" { "Make a link to choose a password" } }
                    form method="post" action=(format!("{}/open", path(account.number))) { input type="hidden" name="open" value="false"; button.button type="submit" { "Close the account" } }
                } @else {
                    form method="post" action=(format!("{}/open", path(account.number))) { input type="hidden" name="open" value="true"; button.button type="submit" { "Open the account again" } }
                }
            }
            form.filters method="post" action=(format!("{}/person", path(account.number))) {
                div.field { label for="person" { "In the roster, by name or identifier" } input id="person" name="person" value=(account.person.as_deref().unwrap_or_default()) maxlength="200" autocomplete="off"; }
                button.button type="submit" { "This is whom they are" }
            }
            p.small.quiet { "Closing signs them out at once. What they did stays in the log under their name." }
        }
    }
}

fn framed(app: &App, asker: Option<&Asker>, title: &str, main: Markup) -> Result<Markup, PageError> {
    Ok(page(&Page { app, title, place: Some(Place::People), period: None, asker, main, sheet: None }))
}
