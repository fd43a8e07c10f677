//! The rows below an opened number, to search, sort and page through; and in their place what a tab of
//! its own shows.

use attain_metrics::{
    AccountRow, Attribution, DealRow, EventRow, Formula, Level, Metric, Recorded, Row, RowsColumn, TeamMode,
    Unit,
};
use maud::{Markup, html};

use super::{Opened, ROWS_SHOWN};
use crate::scorecards::nearly;
use crate::scorecards::tabs::{self, Shown};
use crate::web::components::number_path;
use crate::web::format::{date_within, instant, money, whole};

/// The tabs, and what the one that is open shows.
pub(super) fn section(opened: &Opened<'_>) -> Markup {
    let rows = opened.rows;
    html! {
        section id="rows" aria-label="Rows" {
            @if opened.asker.team_mode() == TeamMode::AtEvent {
                (tabs::nav(opened.card, opened.metric, opened.shown, rows.counted, opened.nearly.as_ref(), opened.last_day()))
            }
            @match (opened.shown, &opened.nearly, &opened.panel) {
                (Shown::Nearly, Some(nearly), _) => (nearly::panel(nearly, opened.card, opened.metric, &opened.asker.company().currency)),
                (Shown::Nearly, None, _) => p.small.quiet { (nearly::NONE_HERE) },
                (Shown::ThenAndNow | Shown::Peers, _, Some(panel)) => (panel),
                _ => {
                    (search_form(opened))
                    @if rows.rows.is_empty() {
                        p.small.quiet { @if matches!(opened.metric.formula(), Formula::Derived(..)) { "This number is made of those above; each opens to its own rows." } @else if rows.counted == 0 { "No row counts here." } @else { "No row contains what you search for." } }
                    } @else {
                        div.scroll tabindex="0" role="region" aria-label="Counted rows" { (rows_table(opened)) }
                    }
                    (pager(opened))
                },
            }
        }
    }
}

fn search_form(opened: &Opened<'_>) -> Markup {
    let (card, choice) = (opened.card, opened.choice);
    let path = number_path(&card.subject, &opened.metric.id, &card.period, "numbers");
    let action = path.split('?').next().unwrap_or_default().to_owned();
    html! {
        form.filters method="get" action=(format!("{action}#rows")) aria-label="Search rows" {
            input type="hidden" name="period" value=(card.period.key());
            @if let Some(mode) = choice.chosen_organisation() { input type="hidden" name="team_mode" value=(mode.name()); }
            @if let Some(sort) = &choice.sort { input type="hidden" name="sort" value=(sort); }
            div.field {
                label for="rows-search" { "Find" }
                input id="rows-search" type="search" name="q" value=(choice.q.clone().unwrap_or_default()) placeholder="Deal, account, owner" size="18";
            }
            button.button type="submit" { "Search" }
            span.end {
                a.button.plain href=(format!("{}?{}", number_path_base(opened, "rows"), choice.address(&card.period, None, 0))) { "CSV" }
            }
        }
    }
}

fn number_path_base(opened: &Opened<'_>, what: &str) -> String {
    let path = number_path(&opened.card.subject, &opened.metric.id, &opened.card.period, what);
    path.split('?').next().unwrap_or_default().to_owned()
}

fn rows_table(opened: &Opened<'_>) -> Markup {
    let accounts = opened.rows.rows.iter().any(|row| matches!(row, Row::Account(_)));
    let event = opened.rows.rows.iter().find_map(|row| match row {
        Row::Event(event) => Some(event),
        Row::Deal(_) | Row::Account(_) => None,
    });
    let ratio = matches!(opened.metric.formula(), Formula::Ratio(..));
    html! {
        table.table.tight.rows {
            caption.unseen { "Counted rows" }
            thead {
                tr {
                    @if accounts {
                        th scope="col" aria-sort=[sorted_by(opened, RowsColumn::Account)] { (sort_link(opened, RowsColumn::Account, "Account")) }
                        th scope="col" { "Period before" } th scope="col" { "This period" }
                    } @else if let Some(event) = event {
                        (sort_head(opened, RowsColumn::Closed, "Date", ""))
                        (sort_head(opened, RowsColumn::Deal, "Row", ""))
                        @for (label, _) in &event.cells { th scope="col" { (capitalised(label)) } }
                        @if event.value.is_some() { (sort_head(opened, RowsColumn::Amount, "Value", "num")) }
                    } @else {
                        @let (dated, name) = date_column(opened.metric);
                        (sort_head(opened, dated, name, ""))
                        th scope="col" aria-sort=[sorted_by(opened, RowsColumn::Account).or(sorted_by(opened, RowsColumn::Deal))] {
                            (sort_link(opened, RowsColumn::Account, "Account")) " " (sort_link(opened, RowsColumn::Deal, "Deal"))
                        }
                        @if has_owner(opened) { (sort_head(opened, RowsColumn::Owner, "Owner", "")) }
                        @if opened.metric.unit == Unit::Days { th.num scope="col" { "Days" } }
                        (sort_head(opened, RowsColumn::Amount, &format!("Amount, {}", opened.asker.company().currency), "num"))
                        (sort_head(opened, RowsColumn::Outcome, "Outcome", ""))
                    }
                    @if ratio { th scope="col" { "Counts" } }
                }
            }
            tbody {
                @for row in &opened.rows.rows {
                    tr data-numerator=[counts(row).0.then_some("1")] data-denominator=[counts(row).1.then_some("1")] {
                        @match row {
                            Row::Deal(deal) => (deal_cells(opened, deal)),
                            Row::Account(account) => (account_cells(account)),
                            Row::Event(event) => (event_cells(opened, event)),
                        }
                        @if ratio { td.quiet.nowrap { (counts_words(row)) } }
                    }
                }
            }
        }
    }
}

/// A column head that sorts, and says how it is sorted.
fn sort_head(opened: &Opened<'_>, column: RowsColumn, name: &str, class: &str) -> Markup {
    html! {
        th class=[(!class.is_empty()).then_some(class)] scope="col" aria-sort=[sorted_by(opened, column)] { (sort_link(opened, column, name)) }
    }
}

fn sorted_by(opened: &Opened<'_>, column: RowsColumn) -> Option<&'static str> {
    let page = opened.choice.page(None);
    let chosen = opened.choice.sort.is_some() && page.sort == column;
    chosen.then_some(if page.descending { "descending" } else { "ascending" })
}

fn sort_link(opened: &Opened<'_>, column: RowsColumn, name: &str) -> Markup {
    let next = match sorted_by(opened, column) {
        Some("ascending") => format!("-{}", column.name()),
        _ => column.name().to_owned(),
    };
    let address = format!(
        "{}?{}#rows",
        number_path_base(opened, "numbers"),
        opened.choice.address(&opened.card.period, Some(&next), 0)
    );
    let chosen = sorted_by(opened, column).map(|_| "true");
    html! { a.sort href=(address) aria-current=[chosen] { (name) } }
}

/// The date that decides, or led to the row being counted.
fn date_column(metric: &Metric) -> (RowsColumn, &'static str) {
    match metric.attribution {
        Attribution::Close | Attribution::Event | Attribution::Invoice => (RowsColumn::Closed, "Closed"),
        Attribution::CreatedCohort | Attribution::Snapshot => (RowsColumn::Created, "Created"),
    }
}

/// A rep's own rows need no owner beside each.
fn has_owner(opened: &Opened<'_>) -> bool {
    opened.card.subject.level() != Level::Rep
}

fn deal_cells(opened: &Opened<'_>, deal: &DealRow) -> Markup {
    let day = match date_column(opened.metric).0 {
        RowsColumn::Created => deal.created_on,
        _ => deal.closed_on,
    };
    html! {
        td.nowrap { @match day { Some(day) => time datetime=(day.to_string()) { (date_within(day, &opened.card.period)) }, None => "–" } }
        td { (deal.account.as_deref().unwrap_or("no account")) small { (deal.deal) } }
        @if has_owner(opened) { td { (deal.owner.as_deref().unwrap_or("unassigned")) } }
        @if opened.metric.unit == Unit::Days { td.num { (deal.cycle_days.map_or("–".to_owned(), |days| days.to_string())) } }
        td.num { (deal.value.map_or("–".to_owned(), money)) }
        td { (outcome_words(&deal.outcome)) (knowledge(opened, deal.recorded)) }
    }
}

fn account_cells(account: &AccountRow) -> Markup {
    html! {
        td { (account.account) }
        td { (if account.before { "bought" } else { "–" }) }
        td { @match (account.now, account.first_now) { (true, true) => "first bought", (true, false) => "bought", (false, _) => "–" } }
    }
}

fn event_cells(opened: &Opened<'_>, event: &EventRow) -> Markup {
    html! {
        td.nowrap { @match event.date { Some(day) => time datetime=(day.to_string()) { (date_within(day, &opened.card.period)) }, None => "–" } }
        td.quiet { (event.id) (knowledge(opened, event.recorded)) }
        @for (_, value) in &event.cells { td { (value.as_deref().unwrap_or("–")) } }
        @if let Some(value) = event.value { td.num { (money(value)) } }
    }
}

/// Whether the row's past was watched, and since when this version is known.
fn knowledge(opened: &Opened<'_>, recorded: Option<Recorded>) -> Markup {
    let time_zone = &opened.asker.company().time_zone;
    html! {
        @if let Some(recorded) = recorded {
            small title=(format!("known since {}", instant(recorded.at, time_zone))) { (recorded.knowledge.word()) }
        }
    }
}

fn capitalised(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

pub(in crate::scorecards) fn outcome_words(outcome: &str) -> &str {
    match outcome {
        "won" => "Won",
        "lost" => "Lost",
        "open" => "Open",
        other => other,
    }
}

/// Whether a row stands above and below the line.
fn counts(row: &Row) -> (bool, bool) {
    match row {
        Row::Deal(deal) => (deal.numerator, deal.denominator),
        Row::Account(account) => (account.numerator, account.denominator),
        Row::Event(event) => (event.numerator, event.denominator),
    }
}

fn counts_words(row: &Row) -> &'static str {
    match counts(row) {
        (true, true) => "above, below",
        (true, false) => "above",
        (false, _) => "below",
    }
}

/// Where in the rows one is, and the way on.
fn pager(opened: &Opened<'_>) -> Markup {
    let (rows, choice) = (opened.rows, opened.choice);
    let from = choice.from.unwrap_or_default();
    let last = from + rows.rows.len();
    let link = |from: usize| {
        format!(
            "{}?{}#rows",
            number_path_base(opened, "numbers"),
            choice.address(&opened.card.period, None, from)
        )
    };
    let parts = match opened.metric.formula() {
        Formula::Ratio(above, below) => {
            format!(
                "{} {}, {} {}",
                whole(rows.numerators.into()),
                above.term,
                whole(rows.denominators.into()),
                below.term
            )
        }
        _ => format!("{} counted", whole(rows.numerators.into())),
    };
    html! {
        p.pager {
            span { @if rows.rows.is_empty() { "0" } @else { (from + 1) " – " (last) } " of " (whole(rows.matching.into())) " rows: " (parts) }
            @if from > 0 { a href=(link(from.saturating_sub(ROWS_SHOWN))) { "Previous" } }
            @if last < rows.matching { a href=(link(last)) { "Next" } }
        }
    }
}
