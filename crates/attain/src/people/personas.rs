//! Only in the demo: the company's people, to be any of them with one click. The demo listens on this
//! machine alone, and its data are made up; elsewhere this page does not exist.

use std::collections::BTreeSet;

use attain_metrics::Asker;
use attain_records::Actor;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;

use super::account::{self, Email, NewAccount};
use super::delegation;
use super::session;
use crate::home;
use crate::permissions::role::Role;
use crate::permissions::standing::{Given, Standing};
use crate::permissions::{SignedIn, Viewer};
use crate::web::App;
use crate::web::extract::Form;
use crate::web::layout::{Page, page};
use crate::web::problem::PageError;

/// Whom to be; nobody in particular is the owner of the machine.
#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    person: String,
}

/// The roles that go with a title of the made-up company, beside those that follow from its roster.
fn given(title: Option<&str>) -> BTreeSet<Given> {
    let roles: &[Role] = match title {
        Some("HR Partner") => &[Role::HrPartner],
        Some("Chief Revenue Officer") => &[Role::Executive],
        Some("Sales Operations") => &[Role::Operations, Role::Admin],
        _ => &[],
    };
    roles.iter().map(|role| Given { role: *role, population: None }).collect()
}

pub(super) async fn shown(app: App) -> Result<Markup, PageError> {
    if !app.is_demo() {
        return Err(PageError::NotFound);
    }
    let asker = app.asker().await?;
    let day = asker.as_of().asked_on;
    let mut people: Vec<_> =
        asker.organisation().people().filter(|(_, person)| person.is_there_on(day)).collect();
    // Who leads comes first, then by what they do.
    people.sort_by_key(|(id, person)| (!asker.organisation().is_manager(id), &person.role, &person.name));
    let main = html! {
        div.head {
            h1 { "Be somebody else" }
            p.finding { b { "In the demo you may be anybody of the company." } " What each sees follows from their place in it. Whoever looks at somebody's numbers is on record there." }
        }
        form method="post" action="/demo/people" {
            p.actions { button.button type="submit" name="person" value="" { "The owner of the machine, who sees everything" } }
            div.scroll tabindex="0" role="region" aria-label="People" {
                table.table {
                    caption.unseen { "Everybody, who leads first" }
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Title" } th scope="col" { "Sees" } } }
                    tbody {
                        @for (id, person) in people {
                            tr {
                                th scope="row" { button.button type="submit" name="person" value=(id) { (person.name) } }
                                td { (person.role.as_deref().unwrap_or("–")) }
                                td.quiet { (sees(&asker, id, person.role.as_deref())) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page(&Page {
        app: &app,
        title: "Be somebody else",
        place: None,
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

fn sees(asker: &Asker, id: &str, title: Option<&str>) -> String {
    let standing =
        Standing::on(asker.organisation(), asker.as_of().asked_on, Some(id), &BTreeSet::new(), &given(title));
    let meanings: Vec<&str> = standing.roles().map(Role::meaning).collect();
    meanings.join("; ")
}

pub(super) async fn chosen(
    app: App,
    headers: HeaderMap,
    Form(chosen): Form<Chosen>,
) -> Result<Response, PageError> {
    if !app.is_demo() {
        return Err(PageError::NotFound);
    }
    let now = Timestamp::now();
    let transaction = app.records().begin(&Actor::local_owner()).await?;
    if let (Some(number), Some(secret)) =
        (app.viewer().actor().account_number(), session::shown(&headers, app.site().is_secure()))
    {
        session::end(&transaction, number, &secret.hash(), now).await?;
    }
    if chosen.person.is_empty() {
        transaction.commit().await?;
        return Ok(([(header::SET_COOKIE, session::taken_back(false))], Redirect::to("/")).into_response());
    }
    let asker = app.asker().await?;
    let person = asker.organisation().person(&chosen.person).ok_or(PageError::NotFound)?;
    let email = Email::read(&format!("{}@demo.example", chosen.person)).map_err(PageError::Refused)?;
    let roles = given(person.role.as_deref());
    let known = account::by_email(app.records().read(), &email).await?;
    let number = match known {
        Some(known) => known.number,
        None => {
            let (name, person) = (person.name.clone(), Some(chosen.person.clone()));
            let wanted = NewAccount { email, name, person, roles: roles.clone() };
            account::make(&transaction, &wanted, now).await?.number
        }
    };
    let secret = session::begin(&transaction, number, "this machine", &headers, now).await?;
    transaction.commit().await?;
    let day = asker.as_of().asked_on;
    let away = delegation::stands_in_for(app.records(), &chosen.person, day).await?;
    let standing = Standing::on(asker.organisation(), day, Some(&chosen.person), &away, &roles);
    let someone = SignedIn {
        account: number,
        name: person.name.clone(),
        person: Some(chosen.person),
        standing: standing.into(),
        writes: true,
        viewing_as: None,
    };
    let start = home::path(&Viewer::SignedIn(someone.into()));
    Ok(([(header::SET_COOKIE, session::handed(&secret, false))], Redirect::to(&start)).into_response())
}
