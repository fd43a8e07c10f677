//! A look at a subject: whether there is one, whether it is the asker's to see, and the note of it.

use attain_metrics::{Asker, Subject};

use crate::audit::seen;
use crate::web::App;
use crate::web::problem::PageError;

/// How deep somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// At values.
    Values,
    /// At the rows behind one.
    Rows,
}

/// The subject there is, and its name: of one who was merged into another, that other. What is not
/// there and what is not the asker's to see look the same. `what` tells the people concerned what
/// was looked at.
///
/// # Errors
/// When there is no such subject for the one who asks, or the look cannot be noted.
pub(crate) async fn at(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    depth: Depth,
    what: &str,
) -> Result<(Subject, String), PageError> {
    let (subject, name) = named(asker, subject)?;
    let is_inside = match depth {
        Depth::Values => app.viewer().layout().includes(&subject),
        Depth::Rows => app.reach().opens(&subject),
    };
    if !is_inside {
        return Err(PageError::Hidden);
    }
    seen::note(app, &subject, what).await?;
    Ok((subject, name))
}

fn named(asker: &Asker, subject: &Subject) -> Result<(Subject, String), PageError> {
    let Some(id) = subject.id() else { return Ok((Subject::Company, asker.company().name.clone())) };
    let member = asker.organisation().member(subject.level(), id).ok_or(PageError::NotFound)?;
    Ok((Subject::at(subject.level(), member.id), member.name))
}
