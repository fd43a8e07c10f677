//! The second step: which column of which file becomes what, by form or as text; both write the same
//! mapping.

use attain_facts::company::Company;
use attain_facts::mapping::Mapping;
use attain_facts::suggestion::{Choices, Suggestion};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::proposal::{begin, head, known_company, note, propose};
use super::run::{Kind, Outcome, reads_nothing, start};
use super::sending::{sentence, unsaved};
use super::upload::{FormDraft, Upload, name};
use super::watching::shown_within;
use super::{form, made};
use crate::web::App;
use crate::web::components::with_code;
use crate::web::extract::{Form, Path};
use crate::web::format::whole;
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// What cannot be done yet, and the status that says so.
struct Refused(StatusCode, String);

fn not_yet(problem: impl ToString) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, problem.to_string())
}

/// The upload of that name, for who may import.
pub(super) fn opened(app: &App, id: &str) -> Result<Upload, PageError> {
    let actor = app.actor();
    app.uploads().open(&actor, id).ok_or(PageError::NotFound)
}

pub(super) async fn shown(app: App, Path(id): Path<String>) -> Result<Response, PageError> {
    let upload = opened(&app, &id)?;
    if let Some(number) = upload.draft.imported {
        return Ok(Redirect::to(&format!("/data/imports/{number}")).into_response());
    }
    Ok(step(&app, &upload, None).await?.into_response())
}

/// Saves what was written, and does what the button says.
pub(super) async fn submitted(
    app: App,
    Path(id): Path<String>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let mut upload = opened(&app, &id)?;
    let field = |name: &str| sent.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value);
    let written = match (field("written_as"), upload.draft.form.take()) {
        ("form", Some(form)) => write_by_form(&app, &mut upload, form, &sent).await?,
        _ => {
            write_as_text(&mut upload, field("text"));
            Ok(())
        }
    };
    let refused = match field("act") {
        "look" => match written {
            Ok(()) => look(&app, &upload).await,
            Err(refused) => Err(refused),
        },
        "text" => match written {
            // There is no text to go on with.
            Err(refused) if upload.draft.mapping.is_empty() => Err(refused),
            _ => {
                upload.draft.form = None;
                Ok(None)
            }
        },
        "propose" => {
            upload.draft.form = Some(begin(&app).await?);
            upload.draft.origin = None;
            Ok(None)
        }
        _ => Ok(None),
    };
    upload.save().map_err(unsaved)?;
    let Refused(status, problem) = match refused {
        Ok(address) => {
            let address = address.unwrap_or_else(|| format!("/data/uploads/{id}"));
            return Ok(Redirect::to(&address).into_response());
        }
        Err(refused) => refused,
    };
    Ok((status, step(&app, &upload, Some(&problem)).await?).into_response())
}

fn write_as_text(upload: &mut Upload, text: &str) {
    // Browsers send the ends of lines as two signs.
    let text = text.replace("\r\n", "\n");
    if text != upload.draft.mapping {
        upload.draft.mapping = text;
        upload.draft.origin = None;
    }
}

/// Notes the answers, and writes the mapping that they come to.
async fn write_by_form(
    app: &App,
    upload: &mut Upload,
    mut form: FormDraft,
    sent: &[(String, String)],
) -> Result<Result<(), Refused>, PageError> {
    let written = match propose(app, upload, &form).await? {
        Ok(proposed) => {
            let noted = note(&mut form, &proposed, sent).map_err(not_yet);
            let written = match propose(app, upload, &form).await? {
                Ok(proposed) => write(upload, &form, &proposed, known_company(app).await?),
                Err(error) => Err(not_yet(error)),
            };
            noted.and(written)
        }
        Err(error) => Err(not_yet(error)),
    };
    upload.draft.form = Some(form);
    Ok(written)
}

/// Writes what is proposed as far as it goes, and says what keeps it from being used.
fn write(
    upload: &mut Upload,
    form: &FormDraft,
    proposed: &Suggestion,
    known: Option<Company>,
) -> Result<(), Refused> {
    upload.draft.mapping.clear();
    let head = head(&form.head, known).map_err(not_yet)?;
    upload.draft.mapping = proposed.mapping_text(&head);
    match proposed.is_complete() {
        true => Ok(()),
        false => Err(not_yet("answer what is needed first")),
    }
}

/// Starts to look, and waits for it a moment: where it leads.
async fn look(app: &App, upload: &Upload) -> Result<Option<String>, Refused> {
    let mapping: Mapping = upload.mapping().map_err(not_yet)?;
    if let Some(problem) = reads_nothing(upload, &mapping) {
        return Err(not_yet(problem));
    }
    let run = start(app, upload, mapping, Kind::Look);
    let run = run.map_err(|busy| Refused(StatusCode::CONFLICT, busy.to_string()))?;
    Ok(Some(shown_within(upload, &run).await))
}

/// Leaves everything as it is.
pub(super) async fn discard(app: App, Path(id): Path<String>) -> Result<Redirect, PageError> {
    removed(&app, opened(&app, &id)?).await?;
    Ok(Redirect::to("/data/imports"))
}

/// Removes an upload, unless it is imported by now; what runs over it ends first.
pub(super) async fn removed(app: &App, upload: Upload) -> Result<(), PageError> {
    let runs = &app.uploads().runs;
    let mut imported = upload.draft.imported;
    if let Some(run) = runs.of(&upload.id) {
        run.stop();
        if let Outcome::Done { imported: done, .. } = run.ended().await {
            imported = imported.or(done.number);
        }
    }
    if let Some(number) = imported {
        return Err(PageError::Refused(format!("It is import {number} by now; nothing was removed.")));
    }
    runs.forget(&upload.id);
    upload.remove().map_err(unsaved)
}

/// The page of this step, with what keeps it from being looked at.
async fn step(app: &App, upload: &Upload, problem: Option<&str>) -> Result<Markup, PageError> {
    let asker = app.asker().await.ok();
    let address = format!("/data/uploads/{}", upload.id);
    let fields = match &upload.draft.form {
        Some(form) => by_form(app, upload, form).await?,
        None => as_text(upload, problem.is_some()),
    };
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href="/data/imports/new" { "Import files" } } li aria-current="page" { "Columns" } } }
            h1 { "What the columns are" }
            p.finding { @match &upload.draft.origin {
                Some(origin) => { b { "Read by " (origin) "." } " Look at what would happen; nothing is imported yet." }
                None => { b { "Nothing is imported yet." } " Say what the columns are, and look at what would happen." }
            } }
        }
        @if let Some(problem) = problem { div.notice role="alert" id="problem" { p { b { "This cannot be used yet. " } (with_code(&sentence(problem))) } } }
        form.editor.mapping method="post" action={ (address) "#problem" } {
            (fields)
        }
        form.leave method="post" action={ (address) "/discard" } { button.button.plain type="submit" { "Remove the files and leave" } }
    };
    Ok(page(&Page {
        app,
        title: "What the columns are",
        place: Some(Place::Data),
        period: None,
        asker: asker.as_deref(),
        main,
        sheet: None,
    }))
}

async fn by_form(app: &App, upload: &Upload, form: &FormDraft) -> Result<Markup, PageError> {
    let known = known_company(app).await?;
    Ok(match propose(app, upload, form).await? {
        Ok(proposed) => html! {
            (form::fields(form, &proposed, known.as_ref()))
            p.actions {
                (look_button())
                button.button type="submit" name="act" value="apply" formnovalidate { "Apply and stay" }
                button.button.plain type="submit" name="act" value="text" formnovalidate { "Write it as text" }
                @if form.choices != Choices::default() { button.button.plain type="submit" name="act" value="propose" formnovalidate { "Begin anew" } }
            }
        },
        Err(error) => html! {
            div.notice role="alert" { p { b { "Nothing can be proposed. " } (with_code(&sentence(&upload.without_path(&error.to_string())))) } }
            p.actions { button.button type="submit" name="act" value="text" { "Write it as text" } }
        },
    })
}

fn look_button() -> Markup {
    html! { button.button.primary type="submit" name="act" value="look" { "Look at what would happen" } }
}

fn as_text(upload: &Upload, is_refused: bool) -> Markup {
    let rows = upload.draft.mapping.lines().count().clamp(12, 40);
    let text = html! {
        div.field {
            label for="text" { "Mapping, as the command line takes it" }
            textarea.written id="text" name="text" rows=(rows) spellcheck="false" { (upload.draft.mapping) }
        }
    };
    html! {
        (files(upload))
        // What was chosen for these files already needs no reading.
        @if upload.draft.origin.is_some() && !is_refused { details.behind { summary { "The mapping" } (text) } } @else { (text) }
        (made::of_text(&upload.draft.mapping))
        p.actions { (look_button()) button.button.plain type="submit" name="act" value="propose" { "Propose one from the files" } }
    }
}

fn files(upload: &Upload) -> Markup {
    let mapping = upload.mapping().ok();
    html! {
        section aria-label="Files" {
            div.section-head { h2 { "Files" } }
            div.scroll tabindex="0" role="region" aria-label="Files" {
                table.table {
                    caption.unseen { "The files that were sent" }
                    thead { tr { th scope="col" { "File" } th.num scope="col" { "Bytes" } th scope="col" { "Mapping" } } }
                    tbody {
                        @for path in upload.files() {
                            tr {
                                th scope="row" { (name(&path)) }
                                td.num { (whole(path.metadata().map(|about| about.len()).unwrap_or_default().into())) }
                                td { @match &mapping { Some(mapping) if mapping.reads(&name(&path)) => "reads it", Some(_) => "does not read it", None => "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}
