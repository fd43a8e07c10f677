//! Which period goals are looked at: the quarter under way unless an address says otherwise, and the ones to come
//! among those to choose from.

use attain_metrics::{Asker, Grain, Period};
use maud::{Markup, html};
use serde::Deserialize;

use crate::scorecards::offered;
use crate::web::problem::PageError;

/// Which period.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) period: Option<String>,
}

impl Wanted {
    /// The period chosen, or the quarter under way.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        if let Some(text) = self.period.as_deref().filter(|text| !text.is_empty()) {
            return Ok(asker.calendar().parse(text)?);
        }
        let grains = [Grain::Quarter, Grain::Month, Grain::Year];
        let today = asker.as_of().asked_on;
        let here = grains.into_iter().find_map(|grain| asker.calendar().containing(today, grain));
        Ok(here.unwrap_or_else(|| asker.calendar().all()))
    }
}

/// The form that chooses another period of a page.
pub(super) fn periods(asker: &Asker, path: &str, period: &Period) -> Markup {
    html! {
        form.filters method="get" action=(path) {
            (field(asker, period))
            button.button type="submit" { "Show" }
        }
    }
}

/// The field of a form that chooses a period.
pub(super) fn field(asker: &Asker, period: &Period) -> Markup {
    html! {
        div.field { label for="period" { "Period" } select id="period" name="period" {
            @for (group, periods) in choices(asker, period) { optgroup label=(group) { @for one in periods { option value=(one.key()) selected[one == *period] { (one.label()) } } } }
        } }
    }
}

/// The periods to choose from, the one under way and the next among them: goals are about what is to come.
pub(super) fn choices(asker: &Asker, shown: &Period) -> Vec<(&'static str, Vec<Period>)> {
    let today = asker.as_of().asked_on;
    let mut choices = offered(asker);
    choices.retain(|(_, periods)| periods.iter().any(|period| period.from.is_some()));
    for (_, periods) in &mut choices {
        let grain = periods.first().map(|period| period.grain);
        let here = grain.and_then(|grain| asker.calendar().containing(today, grain));
        let next = here.as_ref().and_then(|here| asker.calendar().next(here));
        for period in here.into_iter().chain(next) {
            if !periods.contains(&period) {
                periods.insert(0, period);
            }
        }
        if grain == Some(shown.grain) && !periods.contains(shown) {
            periods.insert(0, shown.clone());
        }
    }
    choices
}
