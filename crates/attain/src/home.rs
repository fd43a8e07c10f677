//! Where somebody begins: at what is theirs to see.

use attain_metrics::Subject;
use axum::response::Redirect;

use crate::permissions::{Act, Object, Viewer};
use crate::web::App;
use crate::web::routes::{Routes, Rule};

pub(crate) fn routes() -> Routes {
    Routes::new().get("/", Rule::SignedIn, start)
}

async fn start(app: App) -> Redirect {
    Redirect::to(&path(app.viewer()))
}

/// The page at which somebody begins.
pub(crate) fn path(viewer: &Viewer) -> String {
    if let Some(own) = own_scorecard(viewer) {
        return own;
    }
    let places = [
        (Object::Imports, "/data/imports"),
        (Object::Accounts, "/people/accounts"),
        (Object::Organisation, "/people"),
    ];
    let of_use = places.into_iter().find(|(object, _)| viewer.may(Act::Read, *object));
    of_use.map_or("/account", |(_, path)| path).to_owned()
}

/// The scorecard of the most that is somebody's to see: the company, their team, or themselves.
pub(crate) fn own_scorecard(viewer: &Viewer) -> Option<String> {
    let reach = viewer.layout();
    if reach.includes(&Subject::Company) {
        return Some("/scorecards".to_owned());
    }
    let Viewer::SignedIn(someone) = viewer else { return None };
    if let Some(person) = someone.shown_person() {
        let own = [Subject::Manager(person.to_owned()), Subject::Rep(person.to_owned())];
        let seen = own.into_iter().find(|subject| reach.includes(subject));
        return seen.map(|subject| format!("/scorecards/{}/{person}", subject.level().name()));
    }
    let group =
        reach.subjects().find(|subject| matches!(subject, Subject::Region(_) | Subject::Manager(_)))?;
    Some(format!("/scorecards/{}/{}", group.level().name(), group.id()?))
}
