//! The grid as a page.

use attain_metrics::{Asker, Metric, Subject, Unit};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::asked::Asked;
use super::reading::{Grid, Own};
use super::table::{Cell, Column, Row, Sum};
use crate::goals::choosing::field;
use crate::goals::entries::{QUOTA, Standing};
use crate::goals::targets::Origin;
use crate::goals::version::State;
use crate::goals::words::pace_word;
use crate::goals::{agreement, quota};
use crate::web::App;
use crate::web::charts::{Bullet, bullet};
use crate::web::components::{metric_name, number_path, value_link};
use crate::web::extract::Query;
use crate::web::format::{days_of, figure, figure_with_unit, places, share, unit_words};
use crate::web::layout::{Page, Place, page};
use crate::web::problem::PageError;

/// Rows of one page.
pub(super) const ROWS_SHOWN: usize = 100;

const PAGE: &str = "/goals/grid";

pub(super) async fn shown(app: App, Query(asked): Query<Asked>) -> Result<Markup, PageError> {
    let grid = Grid::of(&app, &asked).await?;
    let Grid { asker, period, whom, .. } = &grid;
    let main = html! {
        div.head {
            nav aria-label="Breadcrumb" { ol.crumbs { li { a href="/goals" { "Goals" } } li aria-current="page" { "Grid" } } }
            div.head-line { h1 { "Goals below " (whom.place_name) } span.meta { (period.label()) @if let Some(days) = days_of(period) { ", " (days) } } }
            p.finding { (finding(&grid)) }
        }
        (filters(&grid, &asked))
        @if grid.columns.is_empty() { p.quiet { "No goals yet: none were delivered as quotas, and none were agreed on." } }
        @else if grid.rows.is_empty() { p.quiet { "Nobody is found by what was chosen." } }
        @else { (table(&grid, &asked)) (pages(&grid, &asked)) }
        p.small.quiet {
            "Each cell: attained, of the target that holds for the days it applies, after relief. The tick on a bar is the target."
            @if whom.hidden > 0 { " " (whom.hidden) " more are not yours to see, so that the sum is not held against a target." }
        }
    };
    let title = format!("Goals below {}, {}", whom.place_name, period.label());
    Ok(page(&Page {
        app: &app,
        title: &title,
        place: Some(Place::Goals),
        period: Some((period, "#period")),
        asker: Some(asker),
        main,
        sheet: None,
    }))
}

/// What one column says of all rows.
fn finding(grid: &Grid) -> Markup {
    // Of periods the latest, which is the one chosen.
    let at = if grid.by_period { grid.columns.len().saturating_sub(1) } else { 0 };
    let (Some(column), Some(sum)) = (grid.columns.get(at), grid.sums.get(at)) else {
        return html! { "Nothing can be held against a goal in this period yet." };
    };
    let behind = grid.rows.iter().filter(|row| match row.cells.get(at) {
        Some(Cell::Held { line, .. }) => pace_word(line) == Some("behind"),
        _ => false,
    });
    let (behind, all) = (behind.count(), sum.with + sum.without);
    html! {
        b { (column.metric.label) ": " (sum.with) " of " (all) " have a target" @if let Some(words) = together(sum, column, &grid.asker) { "; together they reached " (words) } "." }
        @if behind > 0 { " " (behind) " of them " @if behind == 1 { "is" } @else { "are" } " behind." }
    }
}

/// What those with a target reached, and of what.
fn together(sum: &Sum, column: &Column, asker: &Asker) -> Option<String> {
    let (attained, target) = (sum.attained?, sum.target?);
    let percent = attained.checked_div(target)? * Decimal::ONE_HUNDRED;
    let target = figure_with_unit(target, column.metric.unit, &asker.company().currency);
    Some(format!("{} % of {target}", places(percent, 1)))
}

fn filters(grid: &Grid, asked: &Asked) -> Markup {
    let Grid { asker, period, whom, columns, .. } = grid;
    let of_teams = asked.is_of_teams();
    html! {
        form.filters method="get" action=(PAGE) {
            (field(asker, period))
            div.field { label for="rows" { "Rows" } select id="rows" name="rows" { option value="" selected[!of_teams] { "People" } option value="teams" selected[of_teams] { "Teams" } } }
            @if whom.leaders.len() > 1 { div.field { label for="leader" { "Below" } select id="leader" name="leader" { option value="" { "Everybody" } @for leader in &whom.leaders { option value=(leader.id) selected[asked.leader() == Some(leader.id.as_str())] { (leader.name) } } } } }
            @if whom.regions.len() > 1 || asked.region().is_some() { div.field { label for="region" { "Region" } select id="region" name="region" { option value="" { "All" } @for region in &whom.regions { option value=(region.id) selected[asked.region() == Some(region.id.as_str())] { (region.name) } } } } }
            @if !of_teams && (whom.roles.len() > 1 || asked.role().is_some()) { div.field { label for="role" { "Role" } select id="role" name="role" { option value="" { "All" } @for role in &whom.roles { option value=(role) selected[asked.role() == Some(role)] { (role) } } } } }
            div.field { label for="name" { "Name" } input id="name" type="search" name="name" value=[asked.name()]; }
            div.field { label for="sort" { "Sort" } select id="sort" name="sort" {
                option value="" { "Name" }
                @for (what, words) in [("attainment", "furthest behind"), ("gap", "largest gap")] { @for column in columns { @let value = format!("{what}.{}", column.id(grid.by_period)); option value=(value) selected[asked.sort() == value] { (heading(grid, column)) ", " (words) } } }
            } }
            @if let Some(metric) = asked.metric() { input type="hidden" name="metric" value=(metric); }
            button.button type="submit" { "Show" }
            span.end {
                @if grid.by_period { a.button href=(asked.address(PAGE, &[("metric", ""), ("sort", "")])) { "All metrics" } }
                a.button href=(asked.address("/goals/grid.csv", &[("period", period.key())])) { "CSV" }
            }
        }
    }
}

/// What tells a column from those beside it, in words.
fn heading<'g>(grid: &Grid, column: &'g Column) -> &'g str {
    if grid.by_period { column.period.label() } else { &column.metric.label }
}

fn table(grid: &Grid, asked: &Asked) -> Markup {
    let currency = &grid.asker.company().currency;
    let shown = grid.rows.iter().skip(asked.from()).take(ROWS_SHOWN);
    html! {
        table.grid role="table" {
            caption.unseen { "Goals below " (grid.whom.place_name) ", " (grid.period.label()) }
            colgroup { col.who; col span=(grid.columns.len()); }
            thead role="rowgroup" { tr role="row" {
                th scope="col" role="columnheader" { @if asked.is_of_teams() { "Team" } @else { "Person" } span.unit { (grid.rows.len()) " in all" } }
                @for column in &grid.columns { th scope="col" role="columnheader" {
                    @match grid.by_period {
                        true => a href=(asked.address(PAGE, &[("metric", ""), ("sort", ""), ("period", column.period.key())])) { (column.period.label()) },
                        false => a href=(asked.address(PAGE, &[("metric", &column.metric.id), ("sort", ""), ("period", column.period.key())])) { (metric_name(&column.metric)) },
                    }
                    span.unit { @if grid.by_period { (metric_name(&column.metric)) ", " } (unit_words(&column.metric, currency)) }
                } }
            } }
            tbody role="rowgroup" { @for row in shown { (one_row(grid, asked, row)) } }
            tfoot role="rowgroup" { tr.team role="row" {
                th scope="row" role="rowheader" { "Together" small { "all " (grid.rows.len()) " rows" } }
                @for ((column, sum), own) in grid.columns.iter().zip(&grid.sums).zip(&grid.own) { (sum_cell(grid, column, sum, own.as_ref())) }
            } }
        }
    }
}

fn one_row(grid: &Grid, asked: &Asked, row: &Row) -> Markup {
    let (level, id) = (row.subject.level().name(), row.subject.id().unwrap_or_default());
    let beside: Vec<&str> = row
        .role
        .as_deref()
        .into_iter()
        .chain(row.leader.as_ref().map(|leader| leader.name.as_str()))
        .collect();
    html! { tr role="row" {
        th scope="row" role="rowheader" {
            a href=(format!("/goals/{level}/{id}?period={}", grid.period)) { (row.name) }
            small { (beside.join(", ")) }
            @if matches!(row.subject, Subject::Manager(_)) { small { a href=(asked.address(PAGE, &[("leader", id), ("rows", ""), ("sort", "")])) { "its people" } } }
        }
        @for (cell, column) in row.cells.iter().zip(&grid.columns) { (one_cell(grid, row, cell, column)) }
    } }
}

fn one_cell(grid: &Grid, row: &Row, cell: &Cell, column: &Column) -> Markup {
    let spoken = format!("{}, {}", row.name, heading(grid, column));
    html! { @match cell {
        Cell::NoTarget(number) => td.absent-cell role="cell" {
            span.metric { (heading(grid, column)) }
            div.cell { div.line {
                @match number {
                    Some(number) => (value_link(number, &column.metric, Some(&number_path(&row.subject, &column.metric.id, &column.period, "numbers")), &spoken)),
                    None => span.n.absent { "–" },
                }
                span.why { "no target" }
            } }
        },
        Cell::Held { line, standing } => td role="cell" {
            span.metric { (heading(grid, column)) }
            div.cell {
                div.line {
                    (value_link(&line.number, &column.metric, goal_path(row, column, standing).as_deref(), &spoken))
                    span.why { (of_target(line.target, &column.metric, standing)) }
                }
                (share_of_target(&spoken, line.attainment.as_ref().and_then(|share| share.as_ref().ok()).copied()))
                div.line { span.why { (held_words(line.attainment.as_ref().and_then(|share| share.as_ref().ok()).copied(), pace_word(line))) } }
            }
        },
    } }
}

/// The address of a goal, or of a quota.
fn goal_path(row: &Row, column: &Column, standing: &Standing) -> Option<String> {
    match standing {
        Standing::Delivered => quota::path(&row.subject, &column.period),
        Standing::Agreed { number, .. } => Some(agreement::path(*number)),
    }
}

fn of_target(target: Option<Decimal>, metric: &Metric, standing: &Standing) -> String {
    match (target, standing) {
        (Some(target), _) => {
            let unit = if metric.unit == Unit::Ratio { " %" } else { "" };
            format!("of {}{unit}", figure(target, metric.unit))
        }
        (None, Standing::Agreed { state: State::Proposed, .. }) => "proposed".to_owned(),
        (None, _) => "no target holds".to_owned(),
    }
}

/// Attainment and pace, in a few words.
fn held_words(attainment: Option<Decimal>, pace: Option<&str>) -> String {
    let share = attainment.map(|share| format!("{} %", places(share * Decimal::ONE_HUNDRED, 1)));
    share.into_iter().chain(pace.map(str::to_owned)).collect::<Vec<String>>().join(", ")
}

/// The share of a target as a bar, whose mark is the target.
fn share_of_target(spoken: &str, attainment: Option<Decimal>) -> Markup {
    let Some(attainment) = attainment else { return html! {} };
    // A quarter beyond the target has room.
    let end = Decimal::new(125, 2);
    let title = format!("{spoken}: {} % of the target", places(attainment * Decimal::ONE_HUNDRED, 1));
    bullet(&Bullet {
        title: &title,
        value: share(attainment, end),
        over: attainment > end,
        interval: None,
        target: Some(share(Decimal::ONE, end)),
        wide: false,
    })
}

/// What a column comes to, and how that differs from what the whole is to reach.
fn sum_cell(grid: &Grid, column: &Column, sum: &Sum, own: Option<&Own>) -> Markup {
    let (unit, currency) = (column.metric.unit, &grid.asker.company().currency);
    let shown = |value: Option<Decimal>| value.map_or_else(|| "–".to_owned(), |value| figure(value, unit));
    let attainment = sum.attained.zip(sum.target).and_then(|(attained, target)| attained.checked_div(target));
    html! { td role="cell" {
        span.metric { (heading(grid, column)) }
        div.cell {
            @match column.metric.accumulates() {
                true => {
                    div.line { span.n { (shown(sum.attained)) } span.why { "of " (shown(sum.target)) } }
                    (share_of_target("Together", attainment))
                    div.line { span.why { (held_words(attainment, None)) } }
                },
                false => div.line { span.n.absent { "–" } span.why title="E4" { "does not add up" } },
            }
            div.line { span.why { (sum.with) " with a target, " (sum.without) " without" } }
            @if let Some(own) = own { div.line { span.why { (difference(own, sum, column, currency)) " " (own_link(grid, own, column)) } } }
        }
    } }
}

/// How the sum differs from the target of the whole, in words.
fn difference(own: &Own, sum: &Sum, column: &Column, currency: &str) -> String {
    let Some(sum) = sum.target else { return "none of".to_owned() };
    let shown = |value: Decimal| figure_with_unit(value, column.metric.unit, currency);
    match sum - own.target {
        none if none.round_dp(2).is_zero() => "exactly".to_owned(),
        over if over > Decimal::ZERO => format!("{} more than", shown(over)),
        under => format!("{} less than", shown(-under)),
    }
}

/// The target of the whole, which opens.
fn own_link(grid: &Grid, own: &Own, column: &Column) -> Markup {
    let path = match own.origin {
        Origin::Goal(number) => agreement::path(number),
        Origin::Quota | Origin::AddedUp(_) => number_path(&grid.whom.place, QUOTA, &column.period, "numbers"),
    };
    html! { a href=(path) { (figure(own.target, column.metric.unit)) } ", " (grid.whom.place_name) "’s own" }
}

/// To the rows before and after.
fn pages(grid: &Grid, asked: &Asked) -> Markup {
    let (from, all) = (asked.from(), grid.rows.len());
    let last = from.saturating_add(ROWS_SHOWN).min(all);
    let to = |from: usize| {
        asked.address(PAGE, &[("from", if from == 0 { String::new() } else { from.to_string() }.as_str())])
    };
    html! { @if from > 0 || last < all {
        p.pager {
            span { (from + 1) " – " (last) " of " (all) " rows" }
            @if from > 0 { a href=(to(from.saturating_sub(ROWS_SHOWN))) { "Previous" } }
            @if last < all { a href=(to(last)) { "Next" } }
        }
    } }
}
