//! People who sign in: accounts and roles, passwords, second factors, sessions and one-time links.
//!
//! [`account`] keeps who there is and which roles an admin gave them; [`session`] whose browser a
//! request comes from; [`ticket`] the links that work once; [`token`] programs that act in
//! somebody's name; [`throttle`] how often somebody may try.
//! [`identity_provider`] is the company's own sign-in, [`forgotten`] the way back in, [`letters`] what is
//! mailed.
//! [`delegation`] is who stands in for whom, [`view_as`] looking at pages as somebody else sees them.
//! [`sign_in`], [`welcome`], [`own`], [`away`], [`tokens`], [`accounts`] and [`directory`] are
//! their pages, [`by_hand`] changes who reports to whom, [`personas`] the demo's,
//! [`parts`] the tabs between them. What a role may do is
//! [`crate::permissions`]' to say.

pub(crate) mod account;
mod accounts;
mod away;
mod by_hand;
pub(crate) mod delegation;
mod directory;
mod forgotten;
pub(crate) mod identity_provider;
mod letters;
pub(crate) mod names;
mod own;
pub(crate) mod parts;
mod password;
mod personas;
mod second_factor;
pub(crate) mod secret;
pub(crate) mod session;
mod sign_in;
mod throttle;
pub(crate) mod ticket;
pub(crate) mod token;
mod tokens;
mod view_as;
mod welcome;

pub(crate) use sign_in::path as sign_in_path;

use crate::permissions::{Act, Object};
use crate::web::routes::{Routes, Rule};

/// The pages of this place.
pub(crate) fn routes() -> Routes {
    let (reads, writes) = (Rule::May(Act::Read, Object::Accounts), Rule::May(Act::Write, Object::Accounts));
    Routes::new()
        .get("/people", Rule::May(Act::Read, Object::Organisation), directory::shown)
        .post("/people/changes", Rule::May(Act::Write, Object::Organisation), by_hand::changed)
        .get("/sign-in", Rule::Anyone, sign_in::shown)
        .post("/sign-in", Rule::Anyone, sign_in::submitted)
        .get("/sign-in/forgotten", Rule::Anyone, forgotten::shown)
        .post("/sign-in/forgotten", Rule::Anyone, forgotten::submitted)
        .get("/sign-in/provider", Rule::Anyone, identity_provider::pages::begin)
        .get("/sign-in/provider/back", Rule::Anyone, identity_provider::pages::back)
        .post("/sign-in/code", Rule::Anyone, sign_in::code_submitted)
        .post("/sign-out", Rule::SignedIn, sign_in::out)
        .get("/welcome/{ticket}", Rule::Anyone, welcome::shown)
        .post("/welcome/{ticket}", Rule::Anyone, welcome::submitted)
        .get("/account", Rule::SignedIn, own::shown)
        .post("/account/password", Rule::SignedIn, own::password)
        .post("/account/second-factor", Rule::SignedIn, own::second_factor)
        .post("/account/second-factor/off", Rule::SignedIn, own::second_factor_off)
        .post("/account/away", Rule::SignedIn, away::own)
        .post("/account/away/end", Rule::SignedIn, away::own_ended)
        .get("/account/tokens", Rule::SignedIn, tokens::list)
        .post("/account/tokens", Rule::SignedIn, tokens::make)
        .post("/account/tokens/end", Rule::SignedIn, tokens::end)
        .post("/account/sessions/end", Rule::SignedIn, own::end_session)
        .get("/demo/people", Rule::Anyone, personas::shown)
        .post("/demo/people", Rule::Anyone, personas::chosen)
        .get("/people/accounts", reads, accounts::list)
        .post("/people/accounts", writes, accounts::invite)
        .get("/people/accounts/{number}", reads, accounts::shown)
        .post("/people/accounts/{number}/roles", writes, accounts::give)
        .post("/people/accounts/{number}/roles/end", writes, accounts::take)
        .post("/people/accounts/{number}/away", writes, away::of_account)
        .post("/people/accounts/{number}/away/end", writes, away::of_account_ended)
        .post("/people/accounts/{number}/view", reads, view_as::begin)
        .post("/view-as/end", Rule::SignedIn, view_as::end)
        .post("/people/accounts/{number}/person", writes, accounts::person_set)
        .post("/people/accounts/{number}/link", writes, accounts::link)
        .post("/people/accounts/{number}/open", writes, accounts::open)
}
