//! At whose place the goals of many are looked at, and as of which day people stand below each other there.

use attain_metrics::{Asker, Period, Subject};
use jiff::civil::Date;

use crate::permissions::Viewer;
use crate::web::App;
use crate::web::problem::PageError;

/// The company for who may see it, otherwise the team that somebody leads.
///
/// # Errors
/// `Hidden` for who is nobody of the roster.
pub(super) fn top(app: &App) -> Result<Subject, PageError> {
    match app.viewer() {
        viewer if viewer.layout().includes(&Subject::Company) => Ok(Subject::Company),
        Viewer::SignedIn(someone) => {
            Ok(Subject::Manager(someone.shown_person().ok_or(PageError::Hidden)?.to_owned()))
        }
        Viewer::Owner | Viewer::Nobody => Err(PageError::Hidden),
    }
}

/// Today in a period under way; the nearest day of any other.
pub(super) fn day_of(asker: &Asker, period: &Period) -> Date {
    let today = asker.as_of().asked_on;
    period.last_day().map_or(today, |last| last.min(today)).max(period.from.unwrap_or(today))
}
