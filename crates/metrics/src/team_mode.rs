//! In which organisation facts count (T6): that of the day each happened, so that nobody's move
//! changes a closed period; or the present one, for comparing years as if everybody had always been
//! where they are now. A number of the second kind says so wherever it is shown.

use jiff::civil::Date;

use crate::organisation::{Belonging, Organisation};

/// In which organisation facts count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TeamMode {
    /// That of the day each happened.
    #[default]
    AtEvent,
    /// That of the day of asking.
    CurrentOrg,
}

impl TeamMode {
    /// The mode of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<TeamMode> {
        [TeamMode::AtEvent, TeamMode::CurrentOrg].into_iter().find(|mode| mode.name() == name)
    }

    /// The name used in questions.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            TeamMode::AtEvent => "at_event",
            TeamMode::CurrentOrg => "current_org",
        }
    }
}

impl Organisation {
    /// The organisation as if it had always been as on a day: who belongs nowhere then never did.
    pub(crate) fn as_on(&self, day: Date) -> Organisation {
        let always =
            |belonging: &Belonging| Belonging { valid_from: None, valid_to: None, ..belonging.clone() };
        let on_the_day = |belongings: &[Belonging]| -> Vec<Belonging> {
            belongings.iter().filter(|belonging| belonging.holds_on(day)).map(always).collect()
        };
        let mut organisation = self.clone();
        organisation.region_of = on_the_day(&self.region_of);
        organisation.led(&on_the_day(&self.reports));
        organisation
    }
}
