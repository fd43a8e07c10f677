//! A quota as it was delivered, whole: its line, and where it will end. What was agreed on has a page of its own.

use attain_metrics::{Period, Subject};
use maud::{Markup, html};
use serde::Deserialize;

use super::choosing::Wanted;
use super::entries::{CREDITED, quotas};
use super::outlook;
use super::pages;
use super::words::{attained, pace_words};
use crate::scorecards::look::{self, Depth};
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::{Path, Query};
use crate::web::format::{days_of, figure_with_unit};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Of when, and a target whose chance somebody wants to know.
#[derive(Default, Deserialize)]
pub(super) struct Asked {
    period: Option<String>,
    value: Option<String>,
}

/// The address of a person's or a team's quota.
pub(super) fn path(subject: &Subject, period: &Period) -> Option<String> {
    let id = subject.id().filter(|_| matches!(subject, Subject::Rep(_) | Subject::Manager(_)))?;
    Some(format!("/goals/{}/{id}/{}?period={period}", subject.level().name(), CREDITED))
}

pub(super) async fn shown(
    app: App,
    Path((level, id, metric)): Path<(String, String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let subject = pages::subject(&level, id)?;
    let period = Wanted { period: asked.period }.period(&asker)?;
    let (subject, name) = look::at(&app, &asker, &subject, Depth::Values, "a quota").await?;
    if metric != CREDITED {
        return Err(PageError::NotFound);
    }
    let quota = quotas(&asker, &subject, None, &period, &app.reach()).await?.pop();
    let line = quota.ok_or(PageError::NotFound)?.line;
    let found = outlook::of_one(&asker, &subject, &line.metric, &period, &app.reach()).await?;
    let (subject_level, subject_id) = (subject.level().name(), subject.id().unwrap_or_default());
    let path = format!("/goals/{subject_level}/{subject_id}/{metric}");
    let all = format!("/goals/{subject_level}/{subject_id}?period={period}");
    let other_periods = format!("{all}#period");
    let outlook = outlook::Shown {
        asker: &asker,
        subject: &subject,
        line: &line,
        found: found.as_ref(),
        proposed: None,
        tried: asked.value.as_deref(),
        path: &path,
    };
    let currency = &asker.company().currency;
    let figure = |value| figure_with_unit(value, line.metric.unit, currency);
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li { a href=(all) { (name) } } li aria-current="page" { "Quota" } } }
            div.head-line { h1 { "Quota of " (name) } span.meta { (period.label()) @if let Some(days) = days_of(&period) { ", " (days) } } }
            p.finding {
                b {
                    @if let Some(value) = line.number.value { a href=(number_path(&subject, &line.metric.id, &period, "numbers")) { (figure(value)) } @if line.target.is_some() { " of " } @else { ": " } }
                    @if let Some(target) = line.target { (figure(target)) ", " }
                    (attained(&line)) "."
                }
                " " (pace_words(&line))
                @if line.is_prorated { " The quota is that of the days it applies." }
            }
        }
        (outlook::section(&outlook))
        p.small.quiet { "As it was delivered; whoever may deliver it changes it there." }
    };
    let title = format!("Quota of {name}, {}", period.label());
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((&period, &other_periods)),
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}
