//! The form of the next version of a role's card.

use attain_metrics::{Asker, Grain};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use super::card::{METRICS_MAX, WAYS, Weighted, way_name};
use super::roles;
use super::version::Version;
use super::writing::{self, Sent, SentComponent};
use crate::web::App;
use crate::web::components::path_segment;
use crate::web::extract::{Form, Path};
use crate::web::problem::PageError;

/// Adds a version. The fields of a component come in rows: `metric` begins one.
pub(super) async fn changed(
    app: App,
    Path(role): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let sent = read(role, fields);
    match writing::add(&app, &sent).await? {
        Ok(_) => Ok(Redirect::to(&role_path(&sent.role)).into_response()),
        Err(wrong) => {
            let again = roles::page_of(&app, &sent.role, Some((&sent, &wrong.message))).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// The address of a role's card.
pub(super) fn role_path(role: &str) -> String {
    format!("/scorecards/roles/{}", path_segment(role))
}

fn read(role: String, fields: Vec<(String, String)>) -> Sent {
    let mut sent = Sent { role, ..Sent::default() };
    for (name, value) in fields {
        let last = sent.components.last_mut();
        match (name.as_str(), last) {
            ("metric", _) => {
                sent.components.push(SentComponent { metric: value, ..SentComponent::default() });
            }
            ("weight", Some(last)) => last.weight = value,
            ("floor", Some(last)) => last.floor = value,
            ("cap", Some(last)) => last.cap = value,
            ("from", _) => sent.from = value,
            ("when_missing", _) => sent.when_missing = value,
            ("reason", _) => sent.reason = value,
            ("after", _) => sent.after = value.parse().ok(),
            _ => {}
        }
    }
    let is_empty = |one: &SentComponent| {
        [&one.metric, &one.weight, &one.floor, &one.cap].into_iter().all(|text| text.trim().is_empty())
    };
    sent.components.retain(|one| !is_empty(one));
    sent
}

/// The form, with what the newest version says, or what was sent and refused.
pub(super) fn form(
    asker: &Asker,
    role: &str,
    newest: Option<&Version>,
    refused: Option<(&Sent, &str)>,
) -> Markup {
    let as_it_is = Sent {
        from: first_day(asker, newest.is_some()),
        when_missing: newest.map_or("", |version| way_name(version.card.when_missing())).to_owned(),
        components: newest
            .map(|version| version.card.components().iter().map(sent).collect())
            .unwrap_or_default(),
        ..Sent::default()
    };
    let shown = refused.map_or(&as_it_is, |(sent, _)| sent);
    let metrics: Vec<(String, String)> =
        roles::eligible(asker).into_iter().map(|metric| (metric.id.clone(), metric.label.clone())).collect();
    html! {
        form.editor method="post" action=(role_path(role)) {
            h2 { @if newest.is_some() { "Change the card" } @else { "Write the card" } }
            p.small.quiet { "At most five metrics, each with a counter-metric beside it; weights add up to 100 %. Floor and cap limit what an attainment counts as, in percent of the target; the attainment itself stays as it is. A period is scored by the card in force on its last day." }
            @if let Some((_, problem)) = refused { p.problem role="alert" { (problem) } }
            input type="hidden" name="after" value=(newest.map_or(0, |version| version.number));
            @for place in 0..METRICS_MAX { (line(place, shown.components.get(place), &metrics)) }
            div.field { label for="when-missing" { "Where a component is missing" } select id="when-missing" name="when_missing" {
                @for (_, name, words) in WAYS { option value=(name) selected[shown.when_missing == name] { (words) } }
            } }
            div.field { label for="from" { "From" } input id="from" type="date" name="from" required value=(shown.from); }
            div.field { label for="reason" { "Why" } input id="reason" name="reason" required value=(shown.reason); }
            div.actions { button.button.primary type="submit" { "Save the card" } }
        }
    }
}

fn line(place: usize, shown: Option<&SentComponent>, metrics: &[(String, String)]) -> Markup {
    let number = place + 1;
    let text = |of: fn(&SentComponent) -> &String| shown.map(of).cloned().unwrap_or_default();
    let chosen = text(|one| &one.metric);
    html! {
        fieldset.weights {
            legend.unseen { "Metric " (number) }
            div.field { label for=(format!("metric-{number}")) { "Metric" } select id=(format!("metric-{number}")) name="metric" {
                option value="" { "–" }
                @if !chosen.is_empty() && !metrics.iter().any(|(id, _)| *id == chosen) { option value=(chosen) selected { (chosen) } }
                @for (id, label) in metrics { option value=(id) selected[*id == chosen] { (label) } }
            } }
            div.field { label for=(format!("weight-{number}")) { "Weight, %" } input id=(format!("weight-{number}")) name="weight" inputmode="decimal" value=(text(|one| &one.weight)); }
            div.field { label for=(format!("floor-{number}")) { "Floor, %" } input id=(format!("floor-{number}")) name="floor" inputmode="decimal" value=(text(|one| &one.floor)); }
            div.field { label for=(format!("cap-{number}")) { "Cap, %" } input id=(format!("cap-{number}")) name="cap" inputmode="decimal" value=(text(|one| &one.cap)); }
        }
    }
}

fn sent(one: &Weighted) -> SentComponent {
    let text = |value: Option<rust_decimal::Decimal>| value.map(|value| value.normalize().to_string());
    SentComponent {
        metric: one.metric.clone(),
        weight: one.weight.normalize().to_string(),
        floor: text(one.floor).unwrap_or_default(),
        cap: text(one.cap).unwrap_or_default(),
    }
}

/// The day a version is likely to begin: the first of the quarter under way, of a change that of the next.
fn first_day(asker: &Asker, is_change: bool) -> String {
    let today = asker.as_of().asked_on;
    let here = [Grain::Quarter, Grain::Month]
        .into_iter()
        .find_map(|grain| asker.calendar().containing(today, grain));
    let first = here.and_then(|here| if is_change { here.to } else { here.from });
    first.unwrap_or(today).to_string()
}
