//! The number sheet: a value with its formula filled in, its definition, and the rows behind it.

pub(super) mod rows;

use std::sync::Arc;

use attain_metrics::anonymity::PEOPLE_NEEDED;
use attain_metrics::{
    Asker, Code, Formula, Input, Metric, Nearly, Number, Period, Rows, RowsColumn, RowsPage, SourceDelivery,
    Subject, TeamMode,
};
use jiff::civil::Date;
use maud::{Markup, html};
use serde::Deserialize;

use super::card::{self, Card};
use super::difference;
use super::look::{self, Depth};
use super::pages::{PeriodChoice, head, named_subject, numbers, period_form};
use super::tabs::{self, Shown};
use crate::comparison;
use crate::receipts::sheet::{self as receipts, Signed};
use crate::web::App;
use crate::web::components::{interval, number_path, scorecard_path};
use crate::web::extract::{Path, Query, form_urlencoded};
use crate::web::format::{
    code_words, date, days_of, delivered_words, figure, figure_with_unit, instant, organisation_words, shown,
    whole,
};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Rows of one page of the sheet.
const ROWS_SHOWN: usize = 50;

/// How the rows of a sheet are searched, sorted and paged; all of it is in the address.
#[derive(Deserialize)]
pub(super) struct RowsChoice {
    period: Option<String>,
    q: Option<String>,
    sort: Option<String>,
    from: Option<usize>,
    show: Option<String>,
    /// The day of what was known, for *then and now*.
    then: Option<String>,
    team_mode: Option<String>,
}

impl RowsChoice {
    /// The period chosen, or the last quarter that is over.
    pub(super) fn period(&self, asker: &Asker) -> Result<Period, PageError> {
        PeriodChoice::of(self.period.clone()).period(asker)
    }

    /// The organisation chosen in place of that of the day each fact happened.
    fn chosen_organisation(&self) -> Option<TeamMode> {
        let mode = self.team_mode.as_deref().and_then(TeamMode::from_name);
        mode.filter(|mode| *mode != TeamMode::AtEvent)
    }

    /// The asker whose facts count in the organisation chosen.
    pub(super) fn counting(&self, asker: Arc<Asker>) -> Arc<Asker> {
        match self.chosen_organisation() {
            Some(_) => Arc::new(asker.in_current_organisation()),
            None => asker,
        }
    }

    pub(super) fn page(&self, limit: Option<usize>) -> RowsPage {
        let sort = self.sort.as_deref().unwrap_or_default();
        let (name, descending) = match sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (sort, false),
        };
        RowsPage {
            search: self.q.clone(),
            sort: RowsColumn::from_name(name).unwrap_or_default(),
            descending,
            offset: self.from.unwrap_or_default(),
            limit,
        }
    }

    /// The same choice with another order or page, as the end of an address.
    fn address(&self, period: &Period, sort: Option<&str>, from: usize) -> String {
        let mut address = form_urlencoded(&[("period", period.key())]);
        if let Some(mode) = self.chosen_organisation() {
            address.push_str(&format!("&{}", form_urlencoded(&[("team_mode", mode.name())])));
        }
        if let Some(text) = self.q.as_deref().filter(|text| !text.is_empty()) {
            address.push_str(&format!("&{}", form_urlencoded(&[("q", text)])));
        }
        if let Some(sort) = sort.or(self.sort.as_deref()) {
            address.push_str(&format!("&{}", form_urlencoded(&[("sort", sort)])));
        }
        if from > 0 {
            address.push_str(&format!("&from={from}"));
        }
        address
    }
}

pub(super) async fn company(
    app: App,
    Path(metric): Path<String>,
    Query(choice): Query<RowsChoice>,
) -> Result<Markup, PageError> {
    show(&app, Subject::Company, &metric, &choice).await
}

pub(super) async fn subject(
    app: App,
    Path((level, id, metric)): Path<(String, String, String)>,
    Query(choice): Query<RowsChoice>,
) -> Result<Markup, PageError> {
    show(&app, named_subject(&level, id)?, &metric, &choice).await
}

/// An opened number, beside the scorecard it stands on.
struct Opened<'a> {
    asker: &'a Asker,
    card: &'a Card,
    metric: &'a Metric,
    number: &'a Number,
    rows: &'a Rows,
    signed: &'a Signed,
    choice: &'a RowsChoice,
    shown: Shown,
    /// Whether the one who asks may see the rows.
    has_rows: bool,
    nearly: Option<Nearly>,
    /// What is asked for a tab of its own, where that is the one that is open.
    panel: Option<Markup>,
}

impl Opened<'_> {
    /// The last day of the period, once it is over.
    fn last_day(&self) -> Option<Date> {
        self.card.period.last_day().filter(|last| *last <= self.asker.as_of().asked_on)
    }
}

async fn show(app: &App, subject: Subject, metric: &str, choice: &RowsChoice) -> Result<Markup, PageError> {
    let asker = choice.counting(app.asker().await?);
    let period = choice.period(&asker)?;
    let metric = asker.catalogue_for(&period).metric(metric).cloned().ok_or(PageError::NotFound)?;
    let what = format!("{} with its rows", metric.label);
    let (subject, name) = look::at(app, &asker, &subject, Depth::Values, &what).await?;
    let reach = app.reach();
    let shown_rows = choice.page(Some(ROWS_SHOWN));
    let (mut card, number, rows, nearly) = tokio::try_join!(
        card::read(&asker, subject.clone(), name, period.clone(), &reach),
        card::one(&asker, &subject, &metric, &period, &reach),
        asker.rows(&metric.id, &subject, &period, &shown_rows, &reach),
        asker.nearly(&metric.id, &subject, &period, None, &reach),
    )?;
    if !card.lines.iter().any(|line| line.metric == metric) {
        card.lines.push(card::Line {
            metric: metric.clone(),
            number: number.clone(),
            previous: None,
            history: vec![number.clone()],
        });
    }
    let signed = receipts::read(app, &card.subject, &number).await?;
    let shown = Shown::chosen(choice.show.as_deref())?;
    let panel = match shown {
        Shown::ThenAndNow => {
            Some(difference::panel(app, &asker, &card, &metric, choice.then.as_deref()).await?)
        }
        Shown::Peers => peers_panel(app, &asker, &card, &metric).await?,
        Shown::Counted | Shown::Nearly => None,
    };
    let opened = Opened {
        asker: &asker,
        card: &card,
        metric: &metric,
        number: &number,
        rows: &rows,
        signed: &signed,
        choice,
        shown,
        has_rows: reach.opens(&card.subject),
        nearly,
        panel,
    };
    let main = html! {
        (head(&asker, &card, &reach))
        (period_form(&asker, &card))
        (numbers(&asker, &card, Some(&metric)))
    };
    let title = format!("{}, {}, {}", metric.label, card.name, card.period.label());
    Ok(page(&Page {
        app,
        title: &title,
        place: Some(Place::Scorecards),
        period: Some((&card.period, "#period")),
        asker: Some(&asker),
        main,
        sheet: Some(sheet(&opened)),
    }))
}

/// Where a person's peers lie, for who may open the person.
async fn peers_panel(
    app: &App,
    asker: &Asker,
    card: &Card,
    metric: &Metric,
) -> Result<Option<Markup>, PageError> {
    if !matches!(card.subject, Subject::Rep(_)) || !app.reach().opens(&card.subject) {
        return Ok(None);
    }
    comparison::panel(app, asker, &card.subject, metric, &card.period).await.map(Some)
}

fn sheet(opened: &Opened<'_>) -> Markup {
    let card = opened.card;
    html! {
        aside.sheet aria-labelledby="sheet-title" {
            header {
                div {
                    h2 id="sheet-title" { (opened.metric.label) }
                    p { (card.name) ", " (card.period.label()) @if let Some(days) = days_of(&card.period) { " (" (days) ")" } }
                }
                a.button.plain href=(scorecard_path(&card.subject, &card.period)) {
                    svg viewBox="0 0 14 14" aria-hidden="true" { path d="m2 2 10 10M12 2 2 12" {} }
                    span.unseen { "Close, back to the scorecard" }
                }
            }
            div.body {
                (figure_line(opened))
                (formula(opened))
                (facts(opened))
                @if opened.asker.team_mode() == TeamMode::AtEvent && opened.has_rows {
                    (receipts::part(opened.asker, opened.metric, &opened.card.subject, opened.number, opened.signed))
                }
                @if opened.has_rows { (rows::section(opened)) }
                @else { p.small.quiet id="rows" { "You see this as an aggregate of at least " (PEOPLE_NEEDED) " people; the rows behind it are not yours to see." } }
            }
        }
    }
}

fn figure_line(opened: &Opened<'_>) -> Markup {
    let (number, metric) = (opened.number, opened.metric);
    let shown = shown(number, metric);
    let currency = &opened.asker.company().currency;
    let figure = match number.value.filter(|_| shown.drawn) {
        Some(value) => figure_with_unit(value, metric.unit, currency),
        None => shown.text.clone(),
    };
    let previous =
        opened.card.lines.iter().find(|line| *line.metric == *metric).and_then(|line| line.previous.as_ref());
    html! {
        div.figure-line {
            span.big { (figure) }
            p {
                @if let Some(note) = &shown.note { b { (note) } ". " }
                @if let Some(interval) = interval(number, metric) {
                    "95 % interval " b { (format!("{:.1} – {:.1}", interval.low * 100.0, interval.high * 100.0)) } ". "
                }
                @if let Some(previous) = previous { (previous.period.label()) ": " b { (self::shown(previous, metric).text) } }
            }
        }
    }
}

/// The formula with its values put in; each part leads to the rows.
fn formula(opened: &Opened<'_>) -> Markup {
    let (number, metric) = (opened.number, opened.metric);
    let currency = &opened.asker.company().currency;
    let result = match number.value {
        Some(value) => figure_with_unit(value, metric.unit, currency),
        None => format!("– ({})", shown(number, metric).note.unwrap_or_default()),
    };
    html! {
        div.formula role="group" aria-label=(spoken_formula(opened, &result)) {
            @match (metric.formula(), number.numerator, number.denominator) {
                (Formula::Ratio(above, below), Some(numerator), Some(denominator)) => {
                    (part(above, &figure(numerator, above.unit)))
                    span.op { "÷" }
                    (part(below, &figure(denominator, below.unit)))
                },
                (Formula::Ratio(above, below), _, _) => {
                    (part(above, "–")) span.op { "÷" } (part(below, "–"))
                },
                (Formula::Count, _, _) => { span.part { small { (metric.term) } a href="#rows" { "count of " (whole(opened.rows.numerators.into())) } } },
                (Formula::Sum, _, _) => { span.part { small { (metric.term) } a href="#rows" { "sum over " (number.n) } } },
                (Formula::Median, _, _) => { span.part { small { (metric.term) } a href="#rows" { "middle of " (number.n) } } },
                (Formula::Of(which), _, _) => { span.part { small { (metric.term) } a href="#rows" { (which) " of " (number.n) } } },
                (Formula::Derived(expression, _), _, _) => {
                    code { (expression) }
                    @for input in &number.inputs { (input_part(opened, input)) }
                },
            }
            span.op { "=" }
            output { (result) }
        }
    }
}

/// An input of a derived number, with its value; it opens as a number of its own.
fn input_part(opened: &Opened<'_>, input: &Input) -> Markup {
    let metric = opened.asker.catalogue().metric(&input.metric);
    let value = match (input.value, metric) {
        (Some(value), Some(metric)) => figure(value, metric.unit),
        (Some(value), None) => value.normalize().to_string(),
        (None, _) => "–".to_owned(),
    };
    let period = input.period.as_ref().unwrap_or(&opened.card.period);
    html! {
        span.part {
            small { (input.alias) }
            @match metric {
                Some(metric) => a href=(number_path(&opened.card.subject, &metric.id, period, "numbers")) { (value) },
                None => (value),
            }
        }
    }
}

fn part(metric: &Metric, value: &str) -> Markup {
    html! { span.part { small { (metric.term) } a href="#rows" { (value) } } }
}

fn spoken_formula(opened: &Opened<'_>, result: &str) -> String {
    match (opened.metric.formula(), opened.number.numerator, opened.number.denominator) {
        (Formula::Ratio(above, below), Some(numerator), Some(denominator)) => format!(
            "{} {} divided by {} {} equals {result}",
            figure(numerator, above.unit),
            above.term,
            figure(denominator, below.unit),
            below.term
        ),
        _ => format!("{} over {} rows equals {result}", opened.metric.term, opened.number.n),
    }
}

fn facts(opened: &Opened<'_>) -> Markup {
    let (metric, number, asker) = (opened.metric, opened.number, opened.asker);
    let as_of = asker.as_of();
    let time_zone = &asker.company().time_zone;
    let codes: Vec<String> = number
        .codes
        .iter()
        .map(|code| format!("{} {}", code.code(), code_words(code, number, metric)))
        .collect();
    html! {
        dl.facts {
            dt { "Definition" }
            dd { (metric.description) " " a href=(format!("/metrics/{}", metric.id)) { "Version " (metric.version) } (earlier_versions(opened)) }
            dt { "Counts for" } dd { (metric.attribution.words()) }
            @if let Some(filter) = &metric.filter { dt { "Filter" } dd { code { (filter) } } }
            dt { "Rests on" } dd { "n " (whole(number.n.into())) @if number.not_matured > 0 { ", " (whole(number.not_matured.into())) " not decided yet" } }
            dt { "Codes" } dd { (codes.join(", ")) @if comes_from_the_data(number) { ". " a href="/data/quality" { "Data quality" } } }
            @if matches!(opened.card.subject, Subject::Region(_) | Subject::Manager(_)) { (organisation_facts(opened)) }
            dt { "Beside it" } dd {
                @match asker.catalogue().metric(metric.counter_metric.text()) {
                    Some(counter) => a href=(number_path(&opened.card.subject, &counter.id, &opened.card.period, "numbers")) { (counter.label) },
                    None => (metric.counter_metric.text()),
                }
                @if !metric.gaming.is_empty() { ", against: " (metric.gaming) }
            }
            @if let Some(delivered) = delivered(opened) { dt { "From" } dd { (delivered) } }
            dt { "As of" } dd { (instant(as_of.committed_at, time_zone)) " (snapshot " (as_of.snapshot) "), facts to " (date(as_of.date)) ". " a href=(format!("{}#rows", tabs::then_path(&number_path(&opened.card.subject, &metric.id, &opened.card.period, "numbers"), opened.last_day()))) { "Another day" } }
        }
    }
}

/// Whether what must be known beside a number is about the facts as they were delivered.
fn comes_from_the_data(number: &Number) -> bool {
    [Code::Stale, Code::UnassignedPart, Code::IncompleteRows].iter().any(|code| number.codes.contains(code))
}

/// When what the number rests on was delivered; nothing where its tables stand for themselves.
fn delivered(opened: &Opened<'_>) -> Option<String> {
    let deliveries = opened.asker.deliveries_of(opened.metric);
    let words = |delivery: &SourceDelivery| {
        format!("{} as delivered on {}", delivered_words(delivery), date(delivery.delivered_on))
    };
    (!deliveries.is_empty()).then(|| deliveries.iter().map(words).collect::<Vec<_>>().join(", "))
}

/// Says so where periods of the history were measured by another version.
fn earlier_versions(opened: &Opened<'_>) -> Markup {
    let line = opened.card.lines.iter().find(|line| *line.metric == *opened.metric);
    let history = line.map(|line| line.history.as_slice()).unwrap_or_default();
    let other = history.iter().rev().find(|number| number.definition_version != opened.metric.version);
    html! {
        @if let Some(other) = other { "; " (other.period.label()) " and before by version " (other.definition_version) }
    }
}

/// Whose facts these are: of those who were there on the day, or who are there today (T6).
fn organisation_facts(opened: &Opened<'_>) -> Markup {
    let sheet = number_path(&opened.card.subject, &opened.metric.id, &opened.card.period, "numbers");
    html! {
        dt { "Organisation" }
        dd {
            @match organisation_words(opened.asker) {
                None => {
                    "of the day each fact happened. "
                    a href=(format!("{sheet}&team_mode={}", TeamMode::CurrentOrg.name())) { "As it is today" }
                },
                Some(words) => { b { (words) } ", as if it had always been so. " a href=(sheet) { "Of the day each fact happened" } },
            }
        }
    }
}
