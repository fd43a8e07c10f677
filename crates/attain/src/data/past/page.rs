//! Past numbers on a page: of a delivery that is only looked at, and of every entry of the history.

use attain_facts::store::ImportRecord;
use attain_metrics::{Member, Period, ReassignedDeal, Reassignment};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::numbers::numbers;
use super::restating::take_back_offered;
use super::{Listed, Past};
use crate::data::pages::deed;
use crate::people::names::Names;
use crate::permissions::{Act, Object};
use crate::web::App;
use crate::web::components::path_segment;
use crate::web::extract::Path;
use crate::web::format::{date, figure, instant, money, whole};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Deals and numbers that a table shows; files have all.
pub(super) const SHOWN: usize = 100;

/// What an entry of the import history did to past numbers.
pub(in crate::data) async fn shown(app: App, Path(number): Path<i64>) -> Result<Markup, PageError> {
    let actor = app.actor();
    let entry = app.store().import(&actor, number).await?.ok_or(PageError::NotFound)?;
    let past = Past::of_entry(app.store(), app.definitions(), &actor, &entry).await?;
    let asker = app.asker().await?;
    let time_zone = &asker.company().time_zone;
    let may_change = app.may(Act::Write, Object::Imports);
    let names = Names::read(&app).await?;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/data/imports" { "Imports" } } li { a href=(format!("/data/imports/{number}")) { "Import " (number) } } li aria-current="page" { "Past numbers" } } }
            div.head-line { h1 { "Past numbers" } span.meta { "import " (number) ", " (instant(entry.finished_at, time_zone)) " by " (names.who(&entry.actor)) ", source " (entry.source_system) } }
            p.finding { (finding(past.as_ref())) }
            @if entry.restatement.is_some() { p { "Import " (number) " " (deed(&entry)) "." } }
        }
        @if let Some(past) = &past {
            (parts(past, Some(&format!("/data/imports/{number}/past")), restates(&entry, may_change)))
        }
        @if may_change && is_taken_back_here(&entry) { (take_back_offered(number)) }
    };
    let title = format!("Past numbers of import {number}");
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Data),
        period: None,
        asker: Some(&asker),
        main,
        sheet: None,
    }))
}

/// The delivery whose reassigned deals may be restated here.
fn restates(entry: &ImportRecord, may_change: bool) -> Option<i64> {
    (may_change && entry.restatement.is_none()).then_some(entry.number)
}

/// Whether it is a restatement that holds.
fn is_taken_back_here(entry: &ImportRecord) -> bool {
    let holds =
        |act: &attain_facts::store::Restatement| act.takes_back.is_none() && act.taken_back_by.is_none();
    entry.restatement.as_ref().is_some_and(holds)
}

/// Everything there is to say, part by part; `base` is where its files are, if there are any.
fn parts(past: &Past, base: Option<&str>, restates: Option<i64>) -> Markup {
    html! {
        (reassigned_deals(past, base, restates))
        (numbers(past, "Numbers of closed periods that move", base))
        (belonging(past))
    }
}

/// The section of a page that is about more.
pub(in crate::data) fn section(past: &Past, base: Option<&str>) -> Markup {
    html! {
        section aria-labelledby="past-title" {
            div.section-head { h2 id="past-title" { "Past numbers" } }
            p { (finding(Some(past))) }
        }
        (parts(past, base, None))
    }
}

/// What there is to know, in two sentences.
pub(in crate::data) fn finding(past: Option<&Past>) -> Markup {
    let Some(past) = past else {
        return html! { b { "No past number can have moved." } " It was the first delivery, or everything was known already." };
    };
    let (deals, staying) = (past.deals.len(), past.staying());
    let moved = past.moves.people.len();
    html! {
        @if past.listed == Listed::OtherCredit {
            b { (counted(deals, "closed deal")) @if deals == 1 { " counts" } @else { " count" } " for somebody else." }
            " " (moved_words(moved))
        } @else if deals == 0 && past.is_empty() {
            b { "Nothing of the past changes." } " No closed deal changes hands, and every number of a period that is over stays."
        } @else if deals == 0 {
            b { (moved_words(moved)) } " No closed deal changes hands."
        } @else {
            b { (counted(deals, "closed deal")) @if deals == 1 { " changes" } @else { " change" } " hands." }
            " " (credit_words(deals, staying, &past.reassignments)) " " (moved_words(moved))
        }
    }
}

fn moved_words(moved: usize) -> Markup {
    html! {
        @match moved {
            0 => "No number of a period that is over moves.",
            1 => "One number of a person in a period that is over moves.",
            several => { (whole(several.into())) " numbers of people in periods that are over move." }
        }
    }
}

fn credit_words(deals: usize, staying: usize, groups: &[Reassignment]) -> Markup {
    let whose: Vec<&Option<Member>> = groups.iter().map(|group| &group.counted_for).collect();
    let only = whose.first().filter(|first| whose.iter().all(|person| person == *first));
    html! {
        @if staying == deals {
            "Past credit stays with "
            @match only { Some(person) => (person_name(person.as_ref())), None => "whoever closed them" }
            ": nothing of it moves unless you restate it."
        } @else if staying == 0 {
            "The source itself says who owned them when, so their credit moves along."
        } @else {
            "Credit of " (whole(staying.into())) " stays with whoever closed them; of the others the source itself says who owned them when."
        }
    }
}

/// A number of things in words.
fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("One {word}") } else { format!("{} {word}s", whole(count.into())) }
}

/// Closed deals of other hands: by person and quarter, then deal by deal.
pub(super) fn reassigned_deals(past: &Past, base: Option<&str>, restates: Option<i64>) -> Markup {
    let [from, to] = match past.listed {
        Listed::OtherOwner => ["From", "To"],
        Listed::OtherCredit => ["Counted for", "Counts for"],
    };
    let restates = restates.filter(|_| past.deals.iter().any(ReassignedDeal::is_restatable));
    html! {
        @if !past.deals.is_empty() {
            section aria-labelledby="deals-title" {
                div.section-head {
                    h2 id="deals-title" { @if past.listed == Listed::OtherOwner { "Closed deals that change hands" } @else { "Deals that count for somebody else" } }
                    span.meta { (whole(past.deals.len().into())) @if past.deals.len() == 1 { " deal" } @else { " deals" } ", money in " (past.currency) }
                }
                div.scroll tabindex="0" role="region" aria-label="Closed deals by person" { (groups(past, [from, to], restates)) }
                @if let Some(import) = restates.filter(|_| past.reassignments.len() > 1) {
                    p.actions { a.button href=(format!("/data/imports/{import}/restatement")) { "Restate credit of all of them" } }
                }
                (deal_list(past, [from, to], restates))
                (more(past.deals.len(), base.map(|base| format!("{base}/deals.csv")).as_deref()))
            }
        }
    }
}

fn groups(past: &Past, [from, to]: [&str; 2], restates: Option<i64>) -> Markup {
    html! {
        table.table {
            caption.unseen { "Closed deals that changed hands, by person and quarter" }
            thead { tr {
                th scope="col" { (from) } th scope="col" { (to) } th scope="col" { "Closed in" }
                @if past.listed == Listed::OtherOwner { th scope="col" { "Past credit" } }
                th.num scope="col" { "Deals" } th.num scope="col" { "Won" } th.num scope="col" { "Worth" }
                @if restates.is_some() { th scope="col" { span.unseen { "Restate" } } }
            } }
            tbody {
                @for group in &past.reassignments {
                    tr {
                        th scope="row" { (person_name(group.from.as_ref())) }
                        td { (person_name(group.to.as_ref())) }
                        td.nowrap { (period_name(group.period.as_ref())) }
                        @if past.listed == Listed::OtherOwner { td { (credit_of(group)) } }
                        td.num { (whole(group.deals.into())) }
                        td.num { (whole(group.won.into())) }
                        td.num { (money(group.value)) }
                        @if let Some(import) = restates { td { (restate_group(import, group)) } }
                    }
                }
            }
        }
    }
}

fn credit_of(group: &Reassignment) -> Markup {
    html! {
        @if group.staying == group.deals { "stays with " (person_name(group.counted_for.as_ref())) }
        @else if group.staying == 0 { "moves: the source says who owned them when" }
        @else { (group.staying) " stay" }
    }
}

fn restate_group(import: i64, group: &Reassignment) -> Markup {
    let (Some(from), Some(to)) = (&group.from, &group.to) else { return html! { "–" } };
    let (one, other) = (path_segment(&from.id), path_segment(&to.id));
    html! {
        @if group.restatable > 0 {
            a.button href=(format!("/data/imports/{import}/restatement?from={one}&to={other}")) aria-label=(format!("Restate credit from {} to {}", from.name, to.name)) { "Restate credit" }
        }
    }
}

fn deal_list(past: &Past, [from, to]: [&str; 2], restates: Option<i64>) -> Markup {
    html! {
        details.behind open[past.deals.len() <= 20] {
            summary { "Deal by deal" }
            div.scroll tabindex="0" role="region" aria-label="Deal by deal" {
                table.table.tight {
                    caption.unseen { "Closed deals that changed hands, one by one, by the day they closed" }
                    thead { tr {
                        th scope="col" { "Deal" } th scope="col" { "Account" } th scope="col" { "Closed" } th scope="col" { "Outcome" }
                        th scope="col" { (from) } th scope="col" { (to) }
                        @if past.listed == Listed::OtherOwner { th scope="col" { "Counts for" } }
                        th.num scope="col" { "Worth" }
                        @if restates.is_some() { th scope="col" { span.unseen { "Restate" } } }
                    } }
                    tbody { @for deal in past.deals.iter().take(SHOWN) { (deal_row(past, deal, restates)) } }
                }
            }
        }
    }
}

fn deal_row(past: &Past, deal: &ReassignedDeal, restates: Option<i64>) -> Markup {
    let key = &deal.key.source_id;
    let [from, to] = past.hands(deal);
    html! {
        tr {
            th scope="row" { (deal.name.as_deref().unwrap_or(key)) @if deal.name.is_some() { small { (key) } } }
            td { (deal.account.as_deref().unwrap_or("–")) }
            td.nowrap { (date(deal.closed_on)) }
            td { (deal.outcome) }
            td { (person_name(from)) }
            td { (person_name(to)) }
            @if past.listed == Listed::OtherOwner { td { (person_name(deal.credited.as_ref())) } }
            td.num { @match deal.value { Some(value) => (money(value)), None => "–" } }
            @if let Some(import) = restates {
                td { @if deal.is_restatable() { a href=(format!("/data/imports/{import}/restatement?deal={}", path_segment(key))) aria-label=(format!("Restate credit of {key}")) { "Restate" } } }
            }
        }
    }
}

/// What is not shown, and where all of it is.
pub(super) fn more(count: usize, file: Option<&str>) -> Markup {
    html! {
        @if count > SHOWN { p.small.quiet { "The first " (SHOWN) " of " (whole(count.into())) "." } }
        @if let Some(file) = file { p.actions { a.button.plain href=(file) { "All of them as CSV" } } }
    }
}

/// Rows that say something else about who belonged where.
fn belonging(past: &Past) -> Markup {
    html! {
        @if !past.rows.is_empty() {
            section aria-labelledby="belonging-title" {
                div.section-head { h2 id="belonging-title" { "Who belonged where" } }
                p { "These rows say something else than before about days that are over; what counts for whom and for which team follows them." }
                div.scroll tabindex="0" role="region" aria-label="Who belonged where" {
                    table.table {
                        caption.unseen { "Rows that say something else about the past, per table" }
                        thead { tr { th scope="col" { "Table" } th scope="col" { "About days since" } th.num scope="col" { "Rows" } } }
                        tbody {
                            @for rows in &past.rows {
                                tr { th scope="row" { (rows.table) small { (rows.table.meaning()) } } td { @match rows.since { Some(day) => (date(day)), None => "the beginning" } } td.num { (whole(rows.rows.into())) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A person, or that there is none.
pub(super) fn person_name(person: Option<&Member>) -> &str {
    person.map_or("nobody", |person| person.name.as_str())
}

fn period_name(period: Option<&Period>) -> &str {
    period.map_or("–", Period::label)
}

impl Past {
    /// Whose a listed deal was, and whose it is.
    pub(super) fn hands<'d>(&self, deal: &'d ReassignedDeal) -> [Option<&'d Member>; 2] {
        match self.listed {
            Listed::OtherOwner => [deal.from.as_ref(), deal.to.as_ref()],
            Listed::OtherCredit => [deal.credited_before.as_ref(), deal.credited.as_ref()],
        }
    }

    /// A value of a metric for reading.
    pub(crate) fn figure(&self, metric: &str, value: Decimal) -> String {
        match self.unit(metric) {
            attain_metrics::Unit::Money => money(value),
            unit => figure(value, unit),
        }
    }

    /// The same with its sign.
    pub(crate) fn signed(&self, metric: &str, change: Decimal) -> String {
        let plus = if change.is_sign_positive() && !change.is_zero() { "+" } else { "" };
        format!("{plus}{}", self.figure(metric, change))
    }
}
