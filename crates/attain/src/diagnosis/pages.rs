//! The change of bookings as a sentence, as bars that lead from one period to the other, and as a table.

use attain_metrics::{Asker, Level, Period, Subject, Unit};
use attain_stats::decomposition::Noise;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::levers::{self, Lever, Nothing, Part, Why, named};
use super::reference::Against;
use super::{market, market_view};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{self, Step, Total, waterfall};
use crate::web::components::{number_path, scorecard_path};
use crate::web::extract::{Path, Query};
use crate::web::format::{figure, figure_with_unit, money, places};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// Which period is compared, and with what.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) period: Option<String>,
    pub(super) against: Option<String>,
}

impl Wanted {
    /// The period chosen, or the last quarter that is over.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        periods::chosen(asker, self.period.as_deref())
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
    let against = Against::named(wanted.against.as_deref())?;
    let why = levers::why(&asker, &subject, &period, against, &app.reach()).await?;
    let market = match against {
        Against::Before | Against::Year => {
            market::of(&asker, &subject, &why.reference.period, &period, &app.reach()).await?
        }
        Against::Peers => None,
    };
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Why" } } }
            div.head-line { h1 { @match against { Against::Peers => "Why bookings differ", _ => "Why bookings changed" } } span.meta { (why.reference.name) " to " (why.after.label()) @if why.is_to_date { ", as many working days of each" } } }
            p.finding { b { (sentence(&why, currency)) } " " (what_differs(&why)) }
        }
        (views::nav(app, &subject, &period, View::Why))
        (choice(&asker, &subject, &period, against))
        @if let Ok(parts) = &why.parts {
            figure { (bars(&why, parts, &subject)) }
            (table(&why, parts, currency))
            p.small.quiet { "Bookings are opportunities created × won per created × bookings per won, of the same period: a deal won may have been created before it. The change is divided among the three so that the order in which they changed does not matter (Shapley), and adds up to the cent. Opportunities are held against chance as counts, conversion as shares (Newcombe), deal size as amounts on the logarithmic scale." }
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

fn choice(asker: &Asker, subject: &Subject, period: &Period, against: Against) -> Markup {
    let has_peers = matches!(subject, Subject::Rep(_));
    let offered = Against::ALL.into_iter().filter(|one| has_peers || *one != Against::Peers);
    html! {
        form.filters id="period" method="get" action=(View::Why.action(subject)) {
            (periods::bounded_field(asker, period))
            div.field { label for="against" { "Against" } select id="against" name="against" { @for one in offered { option value=(one.name()) selected[one == against] { (one.words()) } } } }
            button.button type="submit" { "Show" }
        }
    }
}

/// The change and its parts in one sentence that can be cited, the largest part first.
pub(super) fn sentence(why: &Why, currency: &str) -> String {
    let parts = match &why.parts {
        Ok(parts) => parts,
        Err(Nothing::NoNumbers) => {
            return format!(
                "There are no bookings to compare in {} and {}.",
                why.reference.name,
                why.after.label()
            );
        }
        Err(Nothing::TooLarge) => {
            return "The numbers are too large to be taken apart to the cent.".to_owned();
        }
        Err(Nothing::NoneCreated) => {
            return "In one of the two periods something was won and nothing created: bookings are not the product of the levers then.".to_owned();
        }
    };
    let [before, after] = why.values;
    let change = after - before;
    let direction = match change {
        none if none.is_zero() => return format!("As much as {}: {}.", in_reference(why), listed(parts)),
        less if less.is_sign_negative() => "Down",
        _ => "Up",
    };
    format!(
        "{direction} {} on {}: {}.",
        figure_with_unit(change.abs(), Unit::Money, currency),
        why.reference.name,
        listed(parts)
    )
}

/// What it is as much as: a period has it in it.
fn in_reference(why: &Why) -> String {
    match why.reference.against {
        Against::Peers => why.reference.name.clone(),
        Against::Before | Against::Year => format!("in {}", why.reference.name),
    }
}

fn listed(parts: &[Part]) -> String {
    let mut parts: Vec<&Part> = parts.iter().collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.effect.abs()));
    let each: Vec<String> =
        parts.iter().map(|part| format!("{} {}", part.lever.name(), signed(part.effect))).collect();
    each.join(", ")
}

pub(super) fn signed(effect: Decimal) -> String {
    charts::signed(effect, &money)
}

/// What differs by more than chance, or that nothing does.
pub(super) fn what_differs(why: &Why) -> String {
    let Ok(parts) = &why.parts else { return String::new() };
    let names: Vec<&str> = named(parts).into_iter().map(Lever::name).collect();
    match names.as_slice() {
        [] => {
            let held = parts.iter().filter(|part| part.noise.is_some()).map(|part| part.lever.name());
            match held.collect::<Vec<_>>().as_slice() {
                [] => "No lever could be held against chance.".to_owned(),
                held => {
                    format!(
                        "Held against chance, {} differ by no more than it would make them.",
                        enumerated(held)
                    )
                }
            }
        }
        [one] => format!("What differs beyond chance: {one}."),
        several => format!("What differs beyond chance: {}.", enumerated(several)),
    }
}

/// Words as a sentence lists them.
fn enumerated(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A lever's value as people read it.
pub(super) fn value(lever: Lever, value: Option<Decimal>) -> String {
    match (lever, value) {
        (_, None) => "–".to_owned(),
        (Lever::Opportunities, Some(value)) => figure(value, Unit::Count),
        (Lever::Conversion, Some(value)) => format!("{} %", places(value * Decimal::ONE_HUNDRED, 1)),
        (Lever::DealSize, Some(value)) => figure(value.round_dp(2), Unit::Money),
    }
}

fn noise(part: &Part) -> &'static str {
    match part.noise {
        None => "not held against chance",
        Some(Noise::WithinNoise) => "within chance",
        Some(Noise::BeyondNoise) => "beyond chance",
    }
}

/// Bars from the one side to the other.
fn bars(why: &Why, parts: &[Part], subject: &Subject) -> Markup {
    let total = |label, value| Total { label, small: "bookings", value, path: None };
    let steps: Vec<Step> = parts
        .iter()
        .map(|part| Step {
            label: capital(part.lever.name()),
            small: format!("{} → {}", value(part.lever, part.values[0]), value(part.lever, part.values[1])),
            effect: part.effect,
            path: Some(number_path(subject, part.lever.metric(), &why.after, "numbers")),
            note: noise(part).to_owned(),
            class: match part.noise {
                Some(Noise::BeyondNoise) if part.effect < Decimal::ZERO => "below",
                Some(Noise::BeyondNoise) => "above",
                _ => "",
            },
        })
        .collect();
    waterfall(
        &total(&why.reference.name, why.values[0]),
        &steps,
        &total(why.after.label(), why.values[1]),
        &money,
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn table(why: &Why, parts: &[Part], currency: &str) -> Markup {
    html! {
        details.behind {
            summary { "Table behind the chart" }
            div.scroll tabindex="0" role="region" aria-label="Levers, table" {
                table.table {
                    caption.unseen { "Levers" }
                    thead { tr { th scope="col" { "Lever" } th.num scope="col" { (why.reference.name) } th.num scope="col" { (why.after.label()) } th.num scope="col" { "Effect, " (currency) } th scope="col" { "Chance" } } }
                    tbody { @for part in parts { tr { th scope="row" { (capital(part.lever.name())) } td.num { (value(part.lever, part.values[0])) } td.num { (value(part.lever, part.values[1])) } td.num { (signed(part.effect)) } td { (noise(part)) } } } }
                    tfoot { tr { th scope="row" { "Bookings" } td.num { (money(why.values[0])) } td.num { (money(why.values[1])) } td.num { (signed(why.values[1] - why.values[0])) } td {} } }
                }
            }
        }
    }
}
