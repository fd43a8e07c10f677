//! The movement of pipeline as a sentence and bars, each of which opens.

use attain_metrics::{Asker, Period, Subject};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::pages::{Wanted, named_subject};
use super::pipeline::{self, Movement, Part};
use super::words::signed;
use crate::scorecards::look::{self, Depth};
use crate::scorecards::views::{self, View};
use crate::web::App;
use crate::web::charts::{Step, Total, waterfall};
use crate::web::components::{number_path, scorecard_path};
use crate::web::extract::{Path, Query};
use crate::web::format::{date, money, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::periods;
use crate::web::problem::PageError;

pub(super) async fn company(app: App, Query(wanted): Query<Wanted>) -> Result<Markup, PageError> {
    whole_page(&app, &Subject::Company, &wanted).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
) -> Result<Markup, PageError> {
    whole_page(&app, &named_subject(&level, Some(id))?, &wanted).await
}

async fn whole_page(app: &App, subject: &Subject, wanted: &Wanted) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let period = wanted.period(&asker)?;
    let (subject, name) = look::at(app, &asker, subject, Depth::Rows, "movement of pipeline").await?;
    let movement = pipeline::of(&asker, &subject, &period, &app.reach()).await?;
    let currency = &asker.company().currency;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href=(scorecard_path(&subject, &period)) { (name) } } li aria-current="page" { "Pipeline" } } }
            div.head-line { h1 { "How open pipeline moved" } span.meta { (period.label()) } }
            p.finding { (sentence(&movement, currency)) }
        }
        (views::nav(app, &subject, &period, View::Pipeline))
        form.filters id="period" method="get" action=(View::Pipeline.action(&subject)) {
            (periods::bounded_field(&asker, &period))
            button.button type="submit" { "Show" }
        }
        figure { (bars(&asker, &movement, &subject, &period)) }
        (table(&movement, currency))
        p.small.quiet { "Every deal that was open at either end of the period goes one way; the parts add up to the difference. Deals that were created and closed within it came and went at the value they closed with. Values and owners are those known now, of each day. Deals whose expected month of closing was put off count as " a href=(number_path(&subject, "pushes", &period, "numbers")) { "postponements" } "." }
    };
    let title = format!("How the pipeline of {name} moved, {}", period.label());
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

/// What happened, in a sentence that can be cited.
pub(super) fn sentence(movement: &Movement, currency: &str) -> String {
    let change = movement.after.1 - movement.before.1;
    let said: Vec<String> = Part::ALL
        .into_iter()
        .filter(|part| movement.part(*part).0 > 0)
        .map(|part| format!("{} {}", words(part).to_lowercase(), signed(movement.part(part).1)))
        .collect();
    let how = if said.is_empty() { "nothing moved".to_owned() } else { said.join(", ") };
    match change {
        none if none.is_zero() => format!(
            "Open pipeline is worth as much as before, {} {currency}: {how}.",
            money(movement.after.1)
        ),
        _ => format!(
            "Open pipeline went from {} to {} {currency}: {how}.",
            money(movement.before.1),
            money(movement.after.1)
        ),
    }
}

fn words(part: Part) -> &'static str {
    match part {
        Part::Created => "Created",
        Part::Won => "Won",
        Part::Lost => "Lost",
        Part::Changed => "Amounts changed",
        Part::Came => "Came from others or was reopened",
        Part::Left => "Went to others or out of the data",
    }
}

/// The number whose rows a part is, where there is one.
fn metric(part: Part) -> Option<&'static str> {
    match part {
        Part::Created => Some("opps_created"),
        Part::Won => Some("bookings"),
        Part::Lost => Some("deals_lost"),
        Part::Changed | Part::Came | Part::Left => None,
    }
}

fn deals(count: usize) -> String {
    match count {
        1 => "1 deal".to_owned(),
        count => format!("{} deals", whole(count.into())),
    }
}

fn bars(asker: &Asker, movement: &Movement, subject: &Subject, period: &Period) -> Markup {
    let before = asker.calendar().previous(period);
    let ends = |day: Option<jiff::civil::Date>| match day {
        Some(day) => format!("Open on {}", date(day.min(asker.as_of().date))),
        None => "Open".to_owned(),
    };
    let (first, last) = (ends(before.as_ref().and_then(Period::last_day)), ends(period.last_day()));
    let open = |label, (count, value): (usize, Decimal), small, period: Option<&Period>| Total {
        label,
        small,
        value,
        path: period
            .filter(|_| count > 0)
            .map(|period| number_path(subject, "open_pipeline", period, "numbers")),
    };
    let (count_before, count_after) = (deals(movement.before.0), deals(movement.after.0));
    let steps: Vec<Step> = Part::ALL
        .into_iter()
        .filter(|part| movement.part(*part).0 > 0)
        .map(|part| Step {
            label: words(part).to_owned(),
            small: deals(movement.part(part).0),
            effect: movement.part(part).1,
            path: metric(part).map(|metric| number_path(subject, metric, period, "numbers")),
            note: String::new(),
            class: "",
        })
        .collect();
    waterfall(
        &open(&first, movement.before, &count_before, before.as_ref()),
        &steps,
        &open(&last, movement.after, &count_after, Some(period)),
        &money,
    )
}

fn table(movement: &Movement, currency: &str) -> Markup {
    html! {
        details.behind {
            summary { "Table behind the chart" }
            div.scroll tabindex="0" role="region" aria-label="Movement of pipeline, table" {
                table.table {
                    caption.unseen { "Movement of pipeline" }
                    thead { tr { th scope="col" { "Part" } th.num scope="col" { "Deals" } th.num scope="col" { "Effect, " (currency) } } }
                    tbody {
                        tr { th scope="row" { "Open before" } td.num { (movement.before.0) } td.num { (money(movement.before.1)) } }
                        @for part in Part::ALL { tr { th scope="row" { (words(part)) } td.num { (movement.part(part).0) } td.num { (signed(movement.part(part).1)) } } }
                    }
                    tfoot { tr { th scope="row" { "Open after" } td.num { (movement.after.0) } td.num { (money(movement.after.1)) } } }
                }
            }
        }
    }
}
