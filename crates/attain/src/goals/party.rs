//! The two who agree on a goal: the one it is about, and who leads them. Nobody is both.

use attain_metrics::Subject;

use crate::permissions::Viewer;

/// Which of the two somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Party {
    /// The person, or whose team it is.
    Subject,
    /// Who leads them, at any distance.
    Leader,
}

impl Party {
    /// Which party the one who asks is to goals of a subject, if any. The owner of the machine, before
    /// anybody has an account, stands for whoever leads.
    pub(super) fn of(viewer: &Viewer, subject: &Subject) -> Option<Party> {
        let (Subject::Rep(id) | Subject::Manager(id)) = subject else { return None };
        match viewer {
            Viewer::Owner => Some(Party::Leader),
            Viewer::SignedIn(someone) if someone.viewing_as.is_some() => None,
            Viewer::SignedIn(someone) if someone.person.as_ref() == Some(id) => Some(Party::Subject),
            Viewer::SignedIn(someone) => someone.standing.leads(id).then_some(Party::Leader),
            Viewer::Nobody => None,
        }
    }
}
