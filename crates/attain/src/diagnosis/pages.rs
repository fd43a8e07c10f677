//! The change of bookings as bars that lead from one side to the other, and as a table.

use attain_metrics::{Asker, Level, Period, Subject};
use attain_stats::decomposition::Noise;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::levers::{self, Found, Why};
use super::reference::Against;
use super::way::{BOOKINGS, CREDITED, Way};
use super::words::{self, capital, signed};
use super::{market, market_view, target};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{Step, Total, waterfall};
use crate::web::components::{number_path, scorecard_path};
use crate::web::extract::{Path, Query};
use crate::web::format::money;
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// Which period is compared, with what, and by which levers.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) period: Option<String>,
    pub(super) against: Option<String>,
    pub(super) by: Option<String>,
}

impl Wanted {
    /// The period chosen, or the last quarter that is over.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        periods::chosen(asker, self.period.as_deref())
    }

    /// What it is compared with, and by which levers.
    pub(super) fn comparison(&self) -> Result<(Against, Way), PageError> {
        Ok((Against::named(self.against.as_deref())?, Way::named(self.by.as_deref())?))
    }
}

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    whole(&app, &named_subject(&level, Some(id))?, &wanted).await
}

/// A subject whose bookings can be taken apart.
pub(super) fn named_subject(level: &str, id: Option<String>) -> Result<Subject, PageError> {
    match (Level::from_name(level), id) {
        (Some(Level::Company), None) => Ok(Subject::Company),
        (Some(level @ (Level::Region | Level::Manager | Level::Rep)), Some(id)) => Ok(Subject::at(level, id)),
        _ => Err(PageError::NotFound),
    }
}

async fn whole(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let period = wanted.period(&asker)?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Values, "why bookings changed").await?;
    let (against, way) = wanted.comparison()?;
    let why = levers::why(app, &asker, &subject, &period, (against, way)).await?;
    let market = match against {
        Against::Before | Against::Year => {
            market::of(&asker, &subject, &why.reference.period, &period, &app.reach()).await?
        }
        Against::Peers | Against::Target => None,
    };
    let choice = choice(app, &asker, (&subject, &period), (against, way)).await?;
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Why" } } }
            div.head-line { h1 { @match against { Against::Peers | Against::Target => "Why bookings differ", _ => "Why bookings changed" } } span.meta { (capital(&why.reference.name)) " to " (why.after.label()) @if why.is_to_date && matches!(against, Against::Before | Against::Year) { ", as many working days of each" } } }
            p.finding { b { (words::sentence(&why, currency)) } " " (words::what_differs(&why)) }
            @if let Some(plan) = why.reference.plan.as_ref().filter(|_| why.found.is_ok()) { p { (words::of_plan(plan, currency)) } }
        }
        (views::nav(app, &subject, &period, View::Why))
        (choice)
        @if let Ok(found) = &why.found {
            figure { (bars(&why, found, &subject)) }
            (table(&why, found, currency))
            p.small.quiet { (words::how(&why, found)) }
        }
        @if let Some(market) = &market { (market_view::section(market, &name, currency)) }
    };
    let title = format!("Why bookings of {name} changed, {}", period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Scorecards),
        period: Some((&period, "#period")),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// What to compare with, and by which levers: of each what there is for the subject.
async fn choice(
    app: &App,
    asker: &Asker,
    (subject, period): (&Subject, &Period),
    (against, way): (Against, Way),
) -> Result<Markup, PageError> {
    let has_peers = matches!(subject, Subject::Rep(_));
    let has_target = target::is_there(app, asker, subject, period).await?;
    let offered = Against::ALL.into_iter().filter(|one| match one {
        Against::Peers => has_peers,
        Against::Target => has_target || against == Against::Target,
        Against::Before | Against::Year => true,
    });
    let ways = Way::offered(asker, subject, period, &app.reach()).await?;
    Ok(html! {
        form.filters id="period" method="get" action=(View::Why.action(subject)) {
            (periods::bounded_field(asker, period))
            div.field { label for="against" { "Against" } select id="against" name="against" { @for one in offered { option value=(one.name()) selected[one == against] { (one.words()) } } } }
            @if ways.len() > 1 || way != Way::default() {
                div.field { label for="by" { "By" } select id="by" name="by" { @for one in Way::ALL.into_iter().filter(|one| ways.contains(one) || *one == way) { option value=(one.name()) selected[one == way] { (one.name()) } } } }
            }
            button.button type="submit" { "Show" }
        }
    })
}

/// Bars from the one side to the other.
fn bars(why: &Why, found: &Found, subject: &Subject) -> Markup {
    let is_credited = found.is_credited;
    let metric = if is_credited { CREDITED } else { BOOKINGS };
    let path = match (why.reference.against, is_credited) {
        (Against::Before | Against::Year, true) => {
            Some(number_path(subject, CREDITED, &why.reference.period, "numbers"))
        }
        _ => why.reference.path.clone(),
    };
    let total = |label, value, path| Total { label, small: words::of_bookings(is_credited), value, path };
    let steps: Vec<Step> = found
        .parts
        .iter()
        .map(|part| Step {
            label: capital(part.lever.name()),
            small: format!(
                "{} → {}",
                words::value(part.lever, part.values[0]),
                words::value(part.lever, part.values[1])
            ),
            effect: part.effect,
            path: Some(number_path(subject, part.lever.metric(), &why.after, "numbers")),
            note: words::noise(part).to_owned(),
            class: match part.noise {
                Some(Noise::BeyondNoise) if part.effect < Decimal::ZERO => "below",
                Some(Noise::BeyondNoise) => "above",
                _ => "",
            },
        })
        .collect();
    let own = Some(number_path(subject, metric, &why.after, "numbers"));
    let reference = capital(&why.reference.name);
    waterfall(
        &total(&reference, found.values[0], path),
        &steps,
        &total(why.after.label(), found.values[1], own),
        &money,
    )
}

fn table(why: &Why, found: &Found, currency: &str) -> Markup {
    let values = found.values;
    html! {
        details.behind {
            summary { "Table behind the chart" }
            div.scroll tabindex="0" role="region" aria-label="Levers, table" {
                table.table {
                    caption.unseen { "Levers" }
                    thead { tr { th scope="col" { "Lever" } th.num scope="col" { (capital(&why.reference.name)) } th.num scope="col" { (why.after.label()) } th.num scope="col" { "Effect, " (currency) } th scope="col" { "Chance" } } }
                    tbody { @for part in &found.parts { tr { th scope="row" { (capital(part.lever.name())) } td.num { (words::value(part.lever, part.values[0])) } td.num { (words::value(part.lever, part.values[1])) } td.num { (signed(part.effect)) } td { (words::noise(part)) } } } }
                    tfoot { tr { th scope="row" { (capital(words::of_bookings(found.is_credited))) } td.num { (money(values[0])) } td.num { (money(values[1])) } td.num { (signed(values[1] - values[0])) } td {} } }
                }
            }
        }
    }
}
