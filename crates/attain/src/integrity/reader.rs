//! Who reads a question about a person. Whom it was asked reads it always; others read it answered, by
//! the matrix: who manages the person today, the HR partner of their part of the company, an auditor.

use attain_metrics::Subject;

use crate::permissions::matrix::{Extent, extent};
use crate::permissions::standing::Standing;
use crate::permissions::{Act, Object, Viewer};

/// What somebody is to questions about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// The person: reads every question and answers it.
    Asked,
    /// Reads what was answered.
    OfAnswers,
}

impl Reader {
    /// What the one who asks is, if anything. Nothing of one's own is read by looking as somebody else,
    /// and nothing of theirs that one may not read oneself.
    pub(super) fn of(viewer: &Viewer, person: &str) -> Option<Reader> {
        match viewer {
            Viewer::Owner => Some(Reader::OfAnswers),
            Viewer::Nobody => None,
            Viewer::SignedIn(someone) => match &someone.viewing_as {
                None if someone.person.as_deref() == Some(person) => Some(Reader::Asked),
                None => reads_answers(&someone.standing, person).then_some(Reader::OfAnswers),
                Some(other) => {
                    let theirs =
                        other.person.as_deref() == Some(person) || reads_answers(&other.standing, person);
                    (theirs && reads_answers(&someone.standing, person)).then_some(Reader::OfAnswers)
                }
            },
        }
    }
}

/// Whether one of the roles of somebody lets them read answers of another person.
fn reads_answers(standing: &Standing, person: &str) -> bool {
    standing.roles().any(|role| match extent(role, Act::Read, Object::IntegrityQuestions) {
        Some(Extent::All) => true,
        Some(Extent::Team) => standing.manages(person),
        Some(Extent::Population) => standing.population().opens(&Subject::Rep(person.to_owned())),
        _ => false,
    })
}

/// The person whose own questions the one who asks reads.
pub(super) fn own(viewer: &Viewer) -> Option<&str> {
    match viewer {
        Viewer::SignedIn(someone) if someone.viewing_as.is_none() => someone.person.as_deref(),
        _ => None,
    }
}
