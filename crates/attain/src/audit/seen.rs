//! Who looked at whose numbers (features K2): each look by somebody else is an entry of the log, which
//! the people concerned may read and nobody can clear.

use std::collections::HashMap;

use attain_metrics::{Organisation, Subject};
use attain_records::{Actor, Records, RecordsError, audit};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::Mutex;

use crate::people::account;
use crate::permissions::Viewer;
use crate::web::App;

/// What a look is called in the log.
pub(super) const LOOK: &str = "look";

/// Opening the same page again within this time is the same look.
const SAME_LOOK: SignedDuration = SignedDuration::from_mins(5);
/// Looks that are remembered at most; then all are forgotten and noted anew.
const REMEMBERED: usize = 10_000;

/// Looks of the last minutes: who, at whom, at what.
pub(crate) type Looks = Mutex<HashMap<(String, String, String), Timestamp>>;

/// Notes that the one who asks looks at a subject, on which page, in which file or by which
/// endpoint; what one sees of oneself is no such look. It is noted before anything is shown, so that
/// nothing is seen unnoted. The owner of the machine, before anybody has an account, has nobody to
/// tell.
///
/// # Errors
/// When the records cannot be written.
pub(crate) async fn note(app: &App, subject: &Subject, what: &str) -> Result<(), RecordsError> {
    if !matches!(app.viewer(), Viewer::SignedIn(_)) || app.viewer().is_about_themselves(subject) {
        return Ok(());
    }
    let now = Timestamp::now();
    let look = (app.actor().to_string(), about(subject), what.to_owned());
    let mut looks = app.looks().lock().await;
    if looks.get(&look).is_some_and(|noted| now.duration_since(*noted) < SAME_LOOK) {
        return Ok(());
    }
    let transaction = app.records().begin(&app.actor()).await?;
    audit::append(&transaction, now, LOOK, &look.1, &json!({ "what": what })).await?;
    transaction.commit().await?;
    if looks.len() >= REMEMBERED {
        looks.clear();
    }
    looks.insert(look, now);
    Ok(())
}

/// Notes that whoever has the machine looks at a subject on the command line, once there is anybody to
/// tell.
///
/// # Errors
/// When the records cannot be read or written.
pub(crate) async fn note_of_owner(
    records: &Records,
    subject: &Subject,
    what: &str,
) -> Result<(), RecordsError> {
    if !account::any(records).await? {
        return Ok(());
    }
    let transaction = records.begin(&Actor::local_owner()).await?;
    audit::append(&transaction, Timestamp::now(), LOOK, &about(subject), &json!({ "what": what })).await?;
    transaction.commit().await
}

/// What the log calls a subject.
pub(crate) fn about(subject: &Subject) -> String {
    match (subject, subject.id()) {
        (Subject::Rep(_), Some(id)) => format!("person {id}"),
        (_, Some(id)) => format!("{} {id}", subject.level().name()),
        (_, None) => subject.level().name().to_owned(),
    }
}

/// What the log calls a person, and the groups in which they are seen with others on a day.
pub(super) fn concerning(organisation: &Organisation, person: &str, day: Date) -> Vec<String> {
    let manager = organisation.manager_on(person, day).map(|manager| Subject::Manager(manager.id));
    let team = organisation.is_manager(person).then(|| Subject::Manager(person.to_owned()));
    let region = organisation.region_on(person, day).map(|region| Subject::Region(region.id));
    let subjects = [Some(Subject::Rep(person.to_owned())), team, manager, region, Some(Subject::Company)];
    subjects.iter().flatten().map(about).collect()
}
