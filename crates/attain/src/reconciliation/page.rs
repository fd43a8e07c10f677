//! The page: a report goes in, the differences come out.

use attain_facts::suggestion::{Choices, Place as Asks, Question, Report, ReportError, Target};
use attain_metrics::{Asker, DifferingDeal, Level, Metric, Period, Reconciliation, Subject, reconcilable};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::sent::{Sent, SentFile, receive};
use super::{
    Asked, PASTED, Reconciled, ReconciliationError, Told, Total, read, read_text, reconciled, text_of, why,
};
use crate::scorecards::offered;
use crate::web::App;
use crate::web::components::number_path;
use crate::web::extract::Multipart;
use crate::web::format::{figure, figure_with_unit, shown, unit_words, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Differing deals a page shows; the endpoint and the command line have all.
const SHOWN: usize = 500;
/// What fields that answer a question begin with; the column follows.
const FORMAT: &str = "format:";

/// What was filled in.
#[derive(Default)]
struct Filled {
    report: String,
    metric: String,
    subject: String,
    period: String,
    choices: Choices,
}

impl Filled {
    fn of(fields: Vec<(String, String)>) -> Filled {
        let mut filled = Filled::default();
        for (name, value) in fields {
            match name.as_str() {
                "report" => filled.report = value,
                "metric" => filled.metric = value,
                "subject" => filled.subject = value,
                "period" => filled.period = value,
                other => {
                    if let Some(column) = other.strip_prefix(FORMAT)
                        && !value.is_empty()
                    {
                        let place = Asks::Format { file: PASTED.to_owned(), column: column.to_owned() };
                        filled.choices.answer(&place, &value);
                    }
                }
            }
        }
        filled
    }

    /// Reads a report that was sent as a file; its text goes on as if it were pasted, so that questions
    /// about it can be answered.
    fn read_file(&mut self, file: &SentFile, asker: &Asker) -> Result<Report, ReconciliationError> {
        match text_of(file.path.clone(), &self.choices)? {
            Some(text) => {
                self.report = text;
                read_text(&self.report, asker, &self.choices)
            }
            None => read(file.path.clone(), asker, &self.choices),
        }
    }

    fn asked(&self, asker: &Asker) -> Result<Asked, PageError> {
        let subject = match self.subject.split_once('/') {
            Some((level, id)) => {
                let level = Level::from_name(level).ok_or(PageError::NotFound)?;
                asker.organisation().member(level, id).ok_or(PageError::NotFound)?;
                Subject::at(level, id.to_owned())
            }
            None => Subject::Company,
        };
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let period = given(&self.period).map(|text| asker.calendar().parse(&text)).transpose()?;
        Ok(Asked { metric: given(&self.metric), subject, period })
    }
}

pub(super) async fn form(app: App) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let main = html! {
        (head())
        (fields(&asker, &Filled::default()))
    };
    Ok(framed(&app, &asker, main))
}

pub(super) async fn submitted(app: App, sent: Multipart) -> Result<Markup, PageError> {
    let asker = app.asker().await?;
    let Sent { fields: sent, file } = receive(sent).await?;
    let mut filled = Filled::of(sent);
    let asked = filled.asked(&asker)?;
    let report = match file {
        Some(file) => filled.read_file(&file, &asker),
        None => read_text(&filled.report, &asker, &filled.choices),
    };
    let found = match report {
        Ok(report) if !report.questions.is_empty() => {
            return Ok(framed(&app, &asker, html! { (head()) (open(&asker, &filled, &report.questions)) }));
        }
        Ok(report) => reconciled(&asker, report, asked, &app.reach()).await,
        Err(error) => Err(error),
    };
    let main = match found {
        Ok(found) => html! {
            (head())
            (result(&asker, &found))
            details.behind { summary { "Compare with something else, or another report" } (fields(&asker, &filled)) }
        },
        Err(ReconciliationError::Report(ReportError::Unreadable { problem, questions })) => html! {
            (head()) (problem_box(&problem)) (open(&asker, &filled, &questions))
        },
        Err(ReconciliationError::Metrics(error)) => return Err(error.into()),
        Err(error) => html! { (head()) (problem_box(&error.to_string())) (fields(&asker, &filled)) },
    };
    Ok(framed(&app, &asker, main))
}

fn framed(app: &App, asker: &Asker, main: Markup) -> Markup {
    page(&Page {
        app,
        title: "Reconcile with the CRM",
        place: Some(Place::Data),
        period: None,
        asker: Some(asker),
        main,
        sheet: None,
    })
}

fn head() -> Markup {
    html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Data" } } li aria-current="page" { "Reconcile" } } }
            h1 { "Reconcile with the CRM" }
            p.finding { "Paste or send a report from your CRM: a list of deals, or totals of people. You see which deals make it another number than Attain’s, and why. Nothing of it is kept." }
        }
    }
}

fn problem_box(problem: &str) -> Markup {
    html! { div.notice role="alert" { p { (problem) } } }
}

/// The questions a report leaves open, and the form they belong to.
fn open(asker: &Asker, filled: &Filled, questions: &[Question]) -> Markup {
    html! {
        form.editor method="post" action="/data/reconciliation" enctype="multipart/form-data" aria-label="Questions about the report" {
            @for (at, question) in questions.iter().enumerate() {
                @if let Asks::Format { column, .. } = &question.place {
                    div.field {
                        label for={ "answer-" (at) } { (question.text) }
                        select id={ "answer-" (at) } name={ (FORMAT) (column) } required {
                            option value="" { "Choose" }
                            @for answer in &question.answers { option value=(answer.value) { (answer.label) } }
                        }
                    }
                } @else { p { (question.text) } }
            }
            (what(asker, filled))
        }
    }
}

fn fields(asker: &Asker, filled: &Filled) -> Markup {
    html! { form.editor method="post" action="/data/reconciliation" enctype="multipart/form-data" aria-label="Report" { (what(asker, filled)) } }
}

/// The report and what it is compared with.
fn what(asker: &Asker, filled: &Filled) -> Markup {
    html! {
        div.field {
            label for="report" { "The report, with its header: copied from a spreadsheet, or the text of its CSV file" }
            textarea id="report" name="report" rows="10" spellcheck="false" { (filled.report) }
        }
        div.field {
            label for="file" { "Or its file: CSV, Excel, OpenDocument" }
            input id="file" type="file" name="file";
        }
        div.fields {
            div.field { label for="metric" { "Compared with" }
                select id="metric" name="metric" {
                    option value="" { "Bookings, or deals won where it has no amounts" }
                    @for metric in asker.catalogue().metrics().filter(|metric| reconcilable(metric)) {
                        option value=(metric.id) selected[metric.id == filled.metric] { (metric.label) }
                    }
                }
            }
            div.field { label for="subject" { "Of" } (subjects(asker, &filled.subject)) }
            div.field { label for="reconciled-period" { "In" }
                select id="reconciled-period" name="period" {
                    option value="" { "The period its close dates lie in" }
                    @for (name, periods) in offered(asker) {
                        optgroup label=(name) {
                            @for period in periods { option value=(period.key()) selected[period.key() == filled.period] { (period.label()) } }
                        }
                    }
                }
            }
        }
        p { button.button.primary type="submit" { "Reconcile" } }
    }
}

fn subjects(asker: &Asker, chosen: &str) -> Markup {
    let levels = [(Level::Region, "Regions"), (Level::Manager, "Managers"), (Level::Rep, "People")];
    html! {
        select id="subject" name="subject" {
            option value="" { (asker.company().name) }
            @for (level, name) in levels {
                optgroup label=(name) {
                    @for member in asker.organisation().members(level, &Subject::Company, &asker.calendar().all()) {
                        @let value = format!("{}/{}", level.name(), member.id);
                        option value=(value) selected[value == chosen] { (member.name) }
                    }
                }
            }
        }
    }
}

fn result(asker: &Asker, found: &Reconciled) -> Markup {
    html! {
        @match &found.told {
            Told::Deals(deals) => (of_deals(asker, found, deals)),
            Told::Totals(totals) => (of_totals(asker, found, totals)),
        }
        (how_it_was_read(found))
    }
}

fn of_deals(asker: &Asker, found: &Reconciled, deals: &Reconciliation) -> Markup {
    let metric = &found.metric;
    let money = |value: Decimal| figure_with_unit(value, metric.unit, &asker.company().currency);
    let difference = deals.difference();
    let listed = deals.differing.len();
    html! {
        section aria-label="Result" {
            p.finding {
                b { (verdict(difference, &money)) }
                " The report adds up to " (money(deals.reported)) "; " (number_link(asker, found, &found.subject, &found.period, &money(deals.counted))) "."
            }
            p { (whole(deals.agreeing.into())) " deals are told alike, " (whole(listed.into())) " otherwise"
                @if listed > 0 { "; together they make the whole difference" } "." }
            @if listed > 0 { (differing(metric, asker, &deals.differing)) }
            @if listed > SHOWN { p.small.quiet { "The " (SHOWN) " with the greatest effect are shown; " code { "attain reconcile" } " lists all." } }
        }
    }
}

fn verdict(difference: Decimal, money: &impl Fn(Decimal) -> String) -> String {
    if difference.is_zero() {
        return "Both come to the same.".to_owned();
    }
    let way = if difference.is_sign_positive() { "more" } else { "less" };
    format!("The report has {} {way}.", money(difference.abs()))
}

/// What the report is compared with, as a link to the number.
fn number_link(asker: &Asker, found: &Reconciled, subject: &Subject, period: &Period, value: &str) -> Markup {
    let path = number_path(subject, &found.metric.id, period, "numbers");
    let of = subject.id().and_then(|id| asker.organisation().member(subject.level(), id));
    let name = of.map_or_else(|| asker.company().name.clone(), |member| member.name);
    html! { a href=(path) { (found.metric.label) " of " (name) ", " (period.label()) } " are " (value) " here" }
}

fn differing(metric: &Metric, asker: &Asker, deals: &[DifferingDeal]) -> Markup {
    let value = |value: Decimal| figure(value, metric.unit);
    html! {
        div.scroll tabindex="0" role="region" aria-label="Deals that differ" {
            table.table {
                caption.unseen { "Deals that the report tells otherwise, greatest effect first" }
                thead { tr {
                    th scope="col" { "Deal" }
                    th.num scope="col" { "Difference" small { (unit_words(metric, &asker.company().currency)) } }
                    th scope="col" { "Why" }
                    th.num scope="col" { "Report" } th.num scope="col" { "Here" } th.num scope="col" { "Row" }
                } }
                tbody {
                    @for deal in deals.iter().take(SHOWN) {
                        tr {
                            th scope="row" { (deal.name.as_ref().unwrap_or(&deal.deal)) @if deal.name.is_some() { small { (deal.deal) } } }
                            td.num { (value(deal.effect())) }
                            td { @for reason in &deal.reasons { div { (why(reason)) } } }
                            td.num { @if !deal.lines.is_empty() { (value(deal.reported)) } }
                            td.num { (value(deal.counted)) }
                            td.num { (deal.lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")) }
                        }
                    }
                }
            }
        }
    }
}

fn of_totals(asker: &Asker, found: &Reconciled, totals: &[Total]) -> Markup {
    let metric = &found.metric;
    let differing = totals.iter().filter(|total| total.difference().is_none_or(|by| !by.is_zero())).count();
    html! {
        section aria-label="Result" {
            p.finding {
                b { @if differing == 0 { "All " (totals.len()) " totals are the same here." } @else { (differing) " of " (totals.len()) " totals differ." } }
                " Compared with " (metric.label) "."
                @if differing > 0 { " To see which deals make the difference, open a number’s rows, or paste the report’s list of deals." }
            }
            div.scroll tabindex="0" role="region" aria-label="Totals" {
                table.table {
                    caption.unseen { "Totals of people in the report and here" }
                    thead { tr { th scope="col" { "Person" } th scope="col" { "Period" } th.num scope="col" { "Report" small { (unit_words(metric, &asker.company().currency)) } } th.num scope="col" { "Here" } th.num scope="col" { "Difference" } } }
                    tbody { @for total in totals { (total_row(metric, total)) } }
                }
            }
        }
    }
}

fn total_row(metric: &Metric, total: &Total) -> Markup {
    let value = |value: Decimal| figure(value, metric.unit);
    let here = total.number.as_ref().map(|number| shown(number, metric).text);
    html! {
        tr {
            th scope="row" { (total.person)
                @if total.reported.is_none() { small { "not in the report" } }
                @else if total.member.is_none() { small { "nobody of that name here" } } }
            td { (total.period.label()) }
            td.num { @if let Some(reported) = total.reported { (value(reported)) } }
            td.num { @if let (Some(member), Some(here)) = (&total.member, &here) {
                a href=(number_path(&Subject::at(Level::Rep, member.id.clone()), &metric.id, &total.period, "numbers")) { (here) }
            } @else { (here.unwrap_or_default()) } }
            td.num { @if let Some(by) = total.difference() { (value(by)) } }
        }
    }
}

/// Which columns were taken for what, and what did not read.
fn how_it_was_read(found: &Reconciled) -> Markup {
    let report = &found.report;
    let taken = |target: &Target| match target {
        Target::Key => Some("identifier".to_owned()),
        Target::Column(name) => Some(name.strip_suffix("_id").unwrap_or(name).replace('_', " ")),
        Target::Attribute(_) | Target::None => None,
    };
    html! {
        details.behind {
            summary { "How the report was read: " (report.format) ", " (whole(report.rows.len().into())) " rows" }
            dl.pairs {
                @for (column, target) in &report.columns {
                    dt { (column) }
                    dd { @match taken(target) { Some(target) => (target), None => span.quiet { "not compared" } } }
                }
            }
            @if report.unread_cells > 0 {
                p { (whole(report.unread_cells.into())) " cells do not read and were left out, for example:" }
                ul { @for cell in report.unread.iter().take(5) { li { "row " (cell.row) ", " (cell.column) ": " code { (cell.text) } } } }
            }
        }
    }
}
