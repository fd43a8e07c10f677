//! The tabs of a number sheet: the rows that count, those that nearly do, those that differ from what was
//! known before, and of a person where peers lie. Each has an address, so that none needs a script.

use attain_metrics::{Metric, Nearly, Subject};
use jiff::civil::Date;
use maud::{Markup, html};

use super::card::Card;
use crate::web::components::number_path;
use crate::web::format::whole;
use crate::web::problem::PageError;

/// Which rows of a number the sheet shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Counted,
    Nearly,
    ThenAndNow,
    Peers,
}

impl Shown {
    const ALL: [Shown; 4] = [Shown::Counted, Shown::Nearly, Shown::ThenAndNow, Shown::Peers];

    /// The name used in addresses.
    pub(super) fn name(self) -> &'static str {
        match self {
            Shown::Counted => "counted",
            Shown::Nearly => "nearly",
            Shown::ThenAndNow => "then",
            Shown::Peers => "peers",
        }
    }

    /// The rows an address names; those that count unless it does.
    pub(super) fn chosen(name: Option<&str>) -> Result<Shown, PageError> {
        let name = name.filter(|name| !name.is_empty()).unwrap_or(Shown::Counted.name());
        Shown::ALL.into_iter().find(|shown| shown.name() == name).ok_or_else(|| PageError::Invalid {
            field: "show".into(),
            message: format!("there are no rows called `{name}`; write counted, nearly, then or peers"),
        })
    }
}

/// The address of *then and now*: of a period that is over, what was known on its last day.
pub(super) fn then_path(path: &str, last_day: Option<Date>) -> String {
    let then = last_day.map(|day| format!("&then={day}")).unwrap_or_default();
    format!("{path}&show={}{then}", Shown::ThenAndNow.name())
}

/// The tabs with their counts. A number that counts no rows by conditions has none that nearly do.
pub(super) fn nav(
    card: &Card,
    metric: &Metric,
    shown: Shown,
    counted: usize,
    nearly: Option<&Nearly>,
    last_day: Option<Date>,
) -> Markup {
    let path = number_path(&card.subject, &metric.id, &card.period, "numbers");
    let tab = |of: Shown, words: &str, count: Option<usize>| {
        let address = match of {
            _ if of == shown => "#rows".to_owned(),
            Shown::Counted => format!("{path}#rows"),
            Shown::ThenAndNow => format!("{}#rows", then_path(&path, last_day)),
            _ => format!("{path}&show={}#rows", of.name()),
        };
        html! {
            a href=(address) aria-current=[(of == shown).then_some("true")] {
                (words) @if let Some(count) = count { " " span.count { (whole(count.into())) } }
            }
        }
    };
    html! {
        nav.tabs aria-label="Rows" {
            (tab(Shown::Counted, "Counted", Some(counted)))
            @if let Some(nearly) = nearly { (tab(Shown::Nearly, "Nearly counted", Some(nearly.total))) }
            (tab(Shown::ThenAndNow, "Then and now", None))
            @if matches!(card.subject, Subject::Rep(_)) { (tab(Shown::Peers, "Compared with peers", None)) }
        }
    }
}
