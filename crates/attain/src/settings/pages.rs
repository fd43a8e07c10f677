//! The page of all settings.

use maud::{Markup, html};

use super::{company, connections};
use crate::config::in_force::Setting;
use crate::people::account;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

pub(super) async fn shown(app: App) -> Result<Markup, PageError> {
    whole(&app, None).await
}

/// Sends a letter to the one who asks.
pub(super) async fn mail_tried(app: App) -> Result<Markup, PageError> {
    let mail = app.mail().ok_or(PageError::NotFound)?;
    let number = app.actor().account_number();
    let account = match number {
        Some(number) => account::by_number(app.records(), number).await?,
        None => None,
    };
    let said = match account {
        Some(account) => connections::try_mail(mail, &account.email).await,
        None => connections::Tried::failed(
            "There is nobody to send a letter to: sign in with an account of your own.",
        ),
    };
    whole(&app, Some(said)).await
}

/// Asks the identity provider what it is.
pub(super) async fn provider_tried(app: App) -> Result<Markup, PageError> {
    let provider = app.identity_provider().ok_or(PageError::NotFound)?;
    let said = connections::try_provider(provider).await;
    whole(&app, Some(said)).await
}

async fn whole(app: &App, tried: Option<connections::Tried>) -> Result<Markup, PageError> {
    let asker = match app.asker().await {
        Ok(asker) => Some(asker),
        Err(PageError::NothingImported) => None,
        Err(failed) => return Err(failed),
    };
    let company = match &asker {
        Some(asker) => company::section(asker).await?,
        None => {
            html! { section { div.section-head { h2 { "The company" } } p.quiet { "Calendar, currency and time zone come with the first import." } } }
        }
    };
    let main = html! {
        div.head {
            h1 { "Settings" }
            p.finding { "A flag comes before the environment, the environment before " code { "attain.toml" } ", that before defaults. They change where they stand, and hold from the next start." }
        }
        @if let Some(tried) = &tried { (tried.notice()) }
        @if app.may(Act::Write, Object::GoalTemplates) {
            p.actions { a.button href="/goals/templates" { "Goal templates" } a.button href="/goals/reliefs" { "Reliefs" } }
        }
        (company)
        (connections::section(app))
        (in_force(app.settings()))
    };
    Ok(page(&Page {
        app,
        title: "Settings",
        place: Some(Place::Settings),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

fn in_force(settings: &[Setting]) -> Markup {
    html! {
        section aria-labelledby="settings-title" {
            div.section-head { h2 id="settings-title" { "In force" } span.meta { "as " code { "attain config" } " prints it" } }
            @if settings.is_empty() { p.quiet { "The demo is set up by itself." } } @else {
                div.scroll tabindex="0" role="region" aria-label="Settings in force" {
                    table.table {
                        caption.unseen { "Settings in force" }
                        thead { tr { th scope="col" { "Setting" } th scope="col" { "Value" } th scope="col" { "From" } } }
                        tbody {
                            @for setting in settings {
                                tr {
                                    th scope="row" { code { (setting.name) } small { (setting.about) } }
                                    td { @match &setting.value { Some(value) => (value), None => span.quiet { "not set" } } }
                                    td.nowrap { (setting.source) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
