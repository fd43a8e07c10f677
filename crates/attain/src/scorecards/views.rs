//! The views of one subject: its numbers, why they changed, how they went over time, and how it stands
//! among others. Each has an address of its own.

use attain_metrics::{Period, Subject};
use maud::{Markup, html};

use crate::web::App;
use crate::web::components::scorecard_path;

/// A view of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum View {
    Numbers,
    Why,
    Trend,
    Pipeline,
    Compare,
    Circumstances,
    Score,
}

impl View {
    const ALL: [(View, &str); 7] = [
        (View::Numbers, "Numbers"),
        (View::Why, "Why"),
        (View::Trend, "Trend"),
        (View::Pipeline, "Pipeline"),
        (View::Compare, "Compare"),
        (View::Circumstances, "Circumstances"),
        (View::Score, "Score"),
    ];

    fn place(self) -> &'static str {
        match self {
            View::Numbers | View::Score => "scorecards",
            View::Why => "why",
            View::Trend => "trend",
            View::Pipeline => "pipeline",
            View::Compare => "compare",
            View::Circumstances => "circumstances",
        }
    }

    /// Its address for a subject; without the period where that has no end, for who asks why.
    pub(crate) fn path(self, subject: &Subject, period: &Period) -> String {
        if self == View::Numbers {
            return scorecard_path(subject, period);
        }
        format!("{}?period={period}", self.action(subject))
    }

    /// Its address for a subject, as a form sends what is chosen to.
    pub(crate) fn action(self, subject: &Subject) -> String {
        let within = if self == View::Score { "/score" } else { "" };
        match subject.id() {
            Some(id) => format!("/{}/{}/{id}{within}", self.place(), subject.level().name()),
            None => format!("/{}{within}", self.place()),
        }
    }

    /// Whether there is such a view of a subject for the one who asks. A product has no people; what
    /// compares people opens them, and has more than one of them or is about the one.
    fn is_for(self, app: &App, subject: &Subject, period: &Period) -> bool {
        match self {
            View::Numbers => true,
            View::Trend => true,
            _ if matches!(subject, Subject::Product(_)) => false,
            View::Why => period.from.is_some(),
            View::Pipeline => period.from.is_some() && app.reach().opens(subject),
            View::Compare | View::Circumstances | View::Score => app.reach().opens(subject),
        }
    }
}

/// The views there are, as tabs.
pub(crate) fn nav(app: &App, subject: &Subject, period: &Period, current: View) -> Markup {
    html! {
        nav.tabs aria-label="Views" {
            @for (view, name) in View::ALL.into_iter().filter(|(view, _)| view.is_for(app, subject, period)) {
                a href=(view.path(subject, period)) aria-current=[(view == current).then_some("page")] { (name) }
            }
        }
    }
}
