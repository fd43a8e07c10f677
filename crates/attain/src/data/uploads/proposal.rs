//! What is proposed for the files of an upload, and how answers change it. The proposal itself is
//! `attain_facts::suggestion`; the text it comes to is the mapping of the upload.

use attain_facts::calendar::{FiscalCalendar, Month};
use attain_facts::canonical::AttributeType;
use attain_facts::company::Company;
use attain_facts::mapping::Mode;
use attain_facts::suggestion::{
    Choices, ColumnChoices, Head, Known, Place, Samples, Subject, Suggestion, SuggestionError, Writing,
    WrongHead,
};
use attain_facts::value::normalise;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::constants;
use super::upload::{FormDraft, HeadFields, Upload};
use crate::web::App;
use crate::web::problem::PageError;

/// The source that is proposed before anybody named one.
const SOURCE: &str = "crm";

/// Names a field of the form; what it is about is written into its name, for files and columns may
/// be called anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FieldName {
    /// What a row of a file is.
    Subject(String),
    /// Whether what a file lacks is gone.
    Mode(String),
    /// What a column of a file becomes.
    Target(String, String),
    /// What a field of the company's own holds that a column of a file becomes.
    Kind(String, String),
    /// How the dates or numbers in a column of a file are written.
    Format(String, String),
    /// What a value in a column of a file means.
    Meaning(String, String, String),
    /// What stands in a target in every row of a file.
    Constant(String, String),
    /// A target that is to have the same in every row of a file, and what.
    NewConstant(String),
    NewConstantText(String),
    /// The answer to a question.
    Answer(Place),
}

/// What a field of the company's own can hold.
pub(super) const KINDS: [AttributeType; 3] =
    [AttributeType::Text, AttributeType::Number, AttributeType::Date];

/// What a file can be, as the mapping writes it and for people.
pub(super) const MODES: [(Mode, &str, &str); 3] = [
    (Mode::Full, "full", "everything: what it no longer has is gone"),
    (Mode::Delta, "delta", "what is new or changed: what it lacks stays"),
    (Mode::Append, "append", "events that never change: they are only added"),
];

impl FieldName {
    /// As the form has it.
    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A form nobody filled in yet.
pub(super) async fn begin(app: &App) -> Result<FormDraft, PageError> {
    let newest = app.store().imports(&app.actor(), 1).await?;
    let source = newest.first().map_or(SOURCE, |import| import.source_system.as_str());
    let system = TimeZone::system();
    let time_zone = system.iana_name().filter(|name| *name != "Etc/UTC").unwrap_or("UTC").to_owned();
    let head =
        HeadFields { source: source.to_owned(), time_zone, first_month: "1".into(), ..HeadFields::default() };
    Ok(FormDraft { head, choices: Choices::default() })
}

/// The company whose facts are there already.
pub(super) async fn known_company(app: &App) -> Result<Option<Company>, PageError> {
    Ok(app.store().newest(&app.actor()).await?.map(|snapshot| snapshot.company().clone()))
}

/// What is proposed after the answers so far. Reads the first rows of the files.
pub(super) async fn propose(
    app: &App,
    upload: &Upload,
    form: &FormDraft,
) -> Result<Result<Suggestion, SuggestionError>, PageError> {
    let known = Known::of(app.store(), form.head.source.trim()).await?;
    let (files, scratch, choices) = (upload.files(), upload.scratch(), form.choices.clone());
    let reading = tokio::task::spawn_blocking(move || {
        std::fs::create_dir_all(&scratch)
            .map_err(|cause| SuggestionError::Io { path: scratch.clone(), cause })?;
        let samples = Samples::read(&files, &scratch, &choices)?;
        Ok(Suggestion::of(&samples, &known, &choices))
    });
    reading.await.map_err(|error| PageError::Internal(error.to_string()))
}

/// Notes what was sent, where it differs from what was proposed: what somebody left alone may still
/// be proposed otherwise after another answer.
///
/// # Errors
/// Says what means nothing; the rest is noted.
pub(super) fn note(
    form: &mut FormDraft,
    proposed: &Suggestion,
    sent: &[(String, String)],
) -> Result<(), String> {
    for (field, value) in sent {
        let head = &mut form.head;
        match field.as_str() {
            "source" => head.source.clone_from(value),
            "company" => head.company.clone_from(value),
            "time_zone" => head.time_zone.clone_from(value),
            "currency" => head.currency.clone_from(value),
            "first_month" => head.first_month.clone_from(value),
            named => {
                if let Ok(named) = serde_json::from_str(named) {
                    note_choice(&mut form.choices, proposed, named, value);
                }
            }
        }
    }
    constants::note(&mut form.choices, proposed, sent)
}

fn note_choice(choices: &mut Choices, proposed: &Suggestion, field: FieldName, value: &str) {
    let file_called = |name: &str| proposed.files.iter().find(|file| file.name == name);
    let column_called = |file: &str, column: &str| {
        file_called(file).and_then(|file| file.columns.iter().find(|known| known.name == column))
    };
    match field {
        FieldName::Answer(place) if !value.is_empty() => choices.answer(&place, value),
        FieldName::Answer(_) => {}
        FieldName::Subject(file) => {
            let was = file_called(&file).and_then(|file| file.subject).map_or("none", |table| table.name());
            if was != value {
                // Columns that were chosen for other rows mean nothing for these.
                let chosen = choices.files.entry(file.clone()).or_default();
                chosen.columns.clear();
                chosen.constants.clear();
                choices.answer(&Place::Subject { file }, value);
            }
        }
        FieldName::Mode(file) => {
            let was = file_called(&file).map(|file| file.mode);
            let chosen = MODES.into_iter().find(|(_, word, _)| *word == value).map(|(mode, ..)| mode);
            if chosen.is_some() && chosen != was {
                choices.files.entry(file).or_default().mode = chosen;
            }
        }
        FieldName::Target(file, column) => {
            let is_new = column_called(&file, &column).is_some_and(|known| known.target.to_string() != value);
            if let (true, Ok(target)) = (is_new, value.parse()) {
                let chosen = choices.files.entry(file).or_default().columns.entry(column).or_default();
                // What was said of how it is written was said of what it was.
                *chosen = ColumnChoices { target: Some(target), ..ColumnChoices::default() };
            }
        }
        FieldName::Kind(file, column) => {
            let was = column_called(&file, &column).and_then(|known| known.kind);
            let kind = KINDS.into_iter().find(|kind| kind.to_string() == value);
            if was.is_some() && kind != was {
                let chosen = choices.files.entry(file).or_default().columns.entry(column).or_default();
                (chosen.kind, chosen.format) = (kind, None);
            }
        }
        FieldName::Format(file, column) => {
            let writing = column_called(&file, &column).and_then(|known| known.writing.as_ref());
            if let Some(Writing::Format { taken, .. }) = writing
                && taken != value
            {
                choices.answer(&Place::Format { file, column }, value);
            }
        }
        FieldName::Meaning(file, column, meant) => {
            let writing = column_called(&file, &column).and_then(|known| known.writing.as_ref());
            let Some(Writing::Words { values, list, .. }) = writing else { return };
            let was = values.iter().find(|(known, ..)| *known == meant).map(|(.., was)| was.as_deref());
            let is_new = was.is_some_and(|was| was.unwrap_or_default() != value);
            if is_new && list.is_empty() && (value == meant || value.trim().is_empty()) {
                // It becomes nothing else any more.
                let chosen = choices.files.entry(file).or_default().columns.entry(column).or_default();
                chosen.values.remove(&meant);
            } else if is_new && !value.is_empty() {
                choices.answer(&Place::Value { file, column, value: meant }, value);
            }
        }
        // They belong together: `constants` notes them.
        FieldName::Constant(..) | FieldName::NewConstant(_) | FieldName::NewConstantText(_) => {}
    }
}

/// Whether nothing of a file is to be taken, as somebody chose it.
pub(super) fn is_left_out(choices: &Choices, file: &str) -> bool {
    choices.files.get(file).is_some_and(|chosen| chosen.subject == Some(Subject::Nothing))
}

/// Whose files they are, or what is missing for that.
pub(super) fn head(fields: &HeadFields, known: Option<Company>) -> Result<Head, String> {
    if let Some(company) = known {
        let source = normalise(&fields.source).ok_or_else(|| WrongHead::Blank("source").to_string())?;
        return Ok(Head { source, company });
    }
    let currency = fields.currency.trim().to_uppercase();
    let mut head = Head::new(&fields.source, &fields.company, fields.time_zone.trim(), &currency)
        .map_err(|wrong| wrong.to_string())?;
    let month: Month = fields.first_month.trim().parse()?;
    head.company.calendar = FiscalCalendar::starting_in(month);
    Ok(head)
}
