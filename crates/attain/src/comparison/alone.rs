//! One person among their peers: what may be said, and where the others lie, without their names.

use attain_metrics::{Asker, Metric, Period, Subject};
use maud::{Markup, html};

use super::held::{Comparison, Found};
use super::measure::{self, Measure};
use super::pages::{Wanted, asked, comparison, metric_field};
use super::peers::{Peer, role_of};
use super::words::{compared, rests_on, rule, verdict_mark, verdict_words, why_not};
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{Dot, Dots, OwnDot, dots};
use crate::web::components::{number_path, scorecard_path};
use crate::web::format::{days_of, shown as shown_value, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

/// Fewer peers than these are not shown as dots: who has what could be guessed (domain 15.3).
const DOTS_MIN: usize = 5;

/// The page of a person.
pub(super) async fn shown(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let metric = asked(&asker, wanted.metric.as_deref())?;
    let period = periods::chosen(&asker, wanted.period.as_deref())?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Rows, "comparison with peers").await?;
    let id = subject.id().unwrap_or_default().to_owned();
    let role = role_of(&asker, &attain_metrics::Member { name: name.clone(), id: id.clone() });
    // Who did nothing has no peers yet; the role is theirs all the same.
    let comparison = comparison(&asker, &subject, metric, &period, None).await?;
    let own = comparison.peers.peers.iter().zip(comparison.found()).find(|(peer, _)| peer.member.id == id);
    let is_own = app.viewer().is_about_themselves(&subject);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Compare" } } }
            div.head-line { h1 { (name) ", compared with peers" } span.meta { (metric.label) ", " (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding { (sentence(own, &comparison, metric, is_own)) }
        }
        (views::nav(app, &subject, &period, View::Compare))
        form.filters id="period" method="get" action=(View::Compare.action(&subject)) {
            (metric_field(&asker, metric))
            (periods::field(&asker, &period))
            button.button type="submit" { "Compare" }
        }
        @if let Some((peer, found)) = own {
            (facts(peer, found, &comparison, metric))
            (picture(&name, peer, found, &comparison, metric))
        }
        @else { p.quiet { "There is nothing to compare: nothing was counted for " (if is_own { "you" } else { &name }) " in this period. Peers would be all people in the role “" (role) "”." } }
        (rule(&comparison, metric, 0))
    };
    let title = format!("{name} among peers, {}", metric.label);
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

/// The same as a part of a page about a number: by the number's own metric, or by the win rate where people
/// are not compared by that.
///
/// # Errors
/// When the facts cannot be read.
pub(crate) async fn panel(
    app: &App,
    asker: &Asker,
    subject: &Subject,
    metric: &Metric,
    period: &Period,
) -> Result<Markup, PageError> {
    let by = match measure::of(metric) {
        Some(_) => metric,
        None => asked(asker, None)?,
    };
    let comparison = comparison(asker, subject, by, period, None).await?;
    let own = comparison
        .peers
        .peers
        .iter()
        .zip(comparison.found())
        .find(|(peer, _)| subject.id() == Some(&peer.member.id));
    let path = format!("{}&metric={}", View::Compare.path(subject, period), by.id);
    Ok(html! {
        @if by != metric { p.small.quiet { "People are not compared by " (metric.label) "; by " (by.label) " they are." } }
        p { b { (sentence(own, &comparison, by, app.viewer().is_about_themselves(subject))) } }
        @if let Some((peer, found)) = own { (facts(peer, found, &comparison, by)) (picture(&peer.member.name, peer, found, &comparison, by)) }
        (rule(&comparison, by, 0))
        p.actions { a.button href=(path) { "Compare by another metric" } }
    })
}

/// What may be said, in a sentence that can be cited.
pub(super) fn sentence(
    own: Option<(&Peer, &Found)>,
    comparison: &Comparison,
    metric: &Metric,
    is_own: bool,
) -> String {
    let Some((peer, found)) = own else { return "There is nothing to compare.".to_owned() };
    let whose = if is_own { "Your".to_owned() } else { format!("{}’s", peer.member.name) };
    let label = metric.label.to_lowercase();
    let is_enough = found.rests_on >= least(comparison.measure);
    let value = found.compared.filter(|_| is_enough).map(|value| compared(value, comparison.measure, metric));
    let interval = found.interval.map(|interval| {
        let [low, high] =
            [interval.low, interval.high].map(|value| compared(value, comparison.measure, metric));
        format!(" (95 % interval {low} – {high})")
    });
    let peers = comparison.together().as_ref().map_or(0, |together| together.compared);
    match (found.verdict(), &found.standing) {
        (Some(verdict), _) => format!(
            "{whose} {label}, {}{}, {} among {peers} peers.",
            value.unwrap_or_default(),
            interval.unwrap_or_default(),
            match verdict_words(verdict) {
                words @ "cannot be told apart" => words.to_owned(),
                words => format!("is {words}"),
            }
        ),
        (None, Err(why)) => format!("{whose} {label}: {}.", why_not(*why)),
        (None, Ok(_)) => format!("{whose} {label} cannot be compared."),
    }
}

fn facts(peer: &Peer, found: &Found, comparison: &Comparison, metric: &Metric) -> Markup {
    let written = |value: f64| compared(value, comparison.measure, metric);
    let subject = Subject::Rep(peer.member.id.clone());
    let path = number_path(&subject, &metric.id, &peer.number.period, "numbers");
    let rests = rust_decimal::Decimal::try_from(found.rests_on).unwrap_or_default();
    let is_enough = found.rests_on >= least(comparison.measure);
    html! {
        dl.facts {
            dt { "Said" } dd { @match (found.verdict(), &found.standing) { (Some(verdict), _) => (verdict_mark(verdict)), (None, Err(why)) => (why_not(*why)), _ => "–" } }
            dt { "Value" } dd { a.n href=(path) { (shown_value(&peer.number, metric).text) } ", on " (whole(rests)) " " (rests_on(comparison.measure, metric)) }
            @if let (Some(value), false) = (found.compared.filter(|_| is_enough), comparison.measure == Measure::Share) { dt { @if comparison.measure == Measure::Rate { "Per working day" } @else { "Typical" } } dd { (written(value)) } }
            @if let Some(interval) = found.interval.filter(|_| is_enough) { dt { "95 % interval" } dd { (written(interval.low)) " – " (written(interval.high)) } }
            @if let Some(shrunken) = &found.shrunken { dt { "After shrinkage" } dd { (written(shrunken.value)) ", " (written(shrunken.interval.low)) " – " (written(shrunken.interval.high)) } }
            @if let Ok(together) = comparison.together() { dt { "All peers" } dd { (written(together.centre)) ", n " (together.compared) } }
        }
    }
}

/// The peers as dots without names: where they lie is everybody's to see, who is where is not.
fn picture(name: &str, own: &Peer, found: &Found, comparison: &Comparison, metric: &Metric) -> Markup {
    let peers: Vec<Dot> = comparison
        .peers
        .peers
        .iter()
        .zip(comparison.found())
        .filter(|(peer, found)| {
            peer.member.id != own.member.id && found.rests_on >= least(comparison.measure)
        })
        .filter_map(|(_, found)| {
            Some(Dot {
                value: found.compared?,
                is_comparable: found.standing.is_ok(),
                spoken: None,
                path: None,
            })
        })
        .collect();
    let Some(value) =
        found.compared.filter(|_| peers.len() >= DOTS_MIN && found.rests_on >= least(comparison.measure))
    else {
        return html! {};
    };
    let written = |value: f64| compared(value, comparison.measure, metric);
    let title = format!("{}: {} peers and {name} on one axis", metric.label, peers.len());
    html! {
        figure {
            figcaption { p { "Each dot is a peer, without a name; hollow ones rest on too little to be compared. The large one is " (name) ", with the 95 % interval." } }
            (dots(&Dots {
                title: &title,
                peers: &peers,
                own: Some(OwnDot { value, interval: found.interval, name }),
                centre: comparison.together().as_ref().ok().map(|together| together.centre),
                written: &written,
            }))
        }
    }
}

/// What a value must rest on to be shown at all (domain 7.2).
fn least(measure: Measure) -> f64 {
    match measure {
        Measure::Rate => 10.0,
        Measure::Share | Measure::Amount => 5.0,
    }
}
