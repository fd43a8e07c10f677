//! `attain import past`: what an import did to numbers of periods that are over; and how that is
//! printed, also of a delivery that is only looked at.

use anyhow::Context;
use attain_facts::import::Prospect;
use attain_facts::store::Store;
use attain_metrics::{Member, Movement};
use attain_records::Actor;
use indicatif::ProgressBar;
use rust_decimal::Decimal;

use super::table::{Format, print_csv, print_json, print_table, writeln_or_closed};
use crate::clock::Clock;
use crate::config::DataDirectory;
use crate::data::past::Past as PastNumbers;
use crate::data::past::api::PastOut;
use crate::data::past::files::{MOVE_COLUMNS, move_records};
use crate::definitions::Definitions;
use crate::web::format::{date, money};

/// Numbers of each kind that are printed for reading.
const PRINTED: usize = 20;

/// Show what an import did to past numbers: closed deals of other hands, numbers that moved
#[derive(clap::Args)]
#[command(after_help = "Example: attain import past 7 --format csv")]
pub(super) struct Past {
    /// Number of the import
    #[arg(value_name = "N")]
    import: i64,
    /// How to write the answer; CSV has the numbers that moved
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Past {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let store = data.open().await?;
        let actor = Actor::local_owner();
        let entry = store.import(&actor, self.import).await?;
        let entry = entry.with_context(|| format!("there is no import {}", self.import))?;
        let definitions = Definitions::new(store.records().clone());
        let past = PastNumbers::of_entry(&store, &definitions, &actor, &entry).await?;
        match self.format {
            Format::Json => print_json(&PastOut::from(&past.unwrap_or_default())),
            Format::Csv => print_csv(
                &MOVE_COLUMNS.map(String::from),
                &move_records(&past.unwrap_or_default()).into_iter().map(Vec::from).collect::<Vec<_>>(),
            ),
            Format::Table => match past {
                Some(past) => print_past(&past),
                None => writeln_or_closed(
                    "No past number can have moved: it was the first delivery, or everything was known already",
                ),
            },
        }
    }
}

/// What would become of past numbers, where something would change.
pub(super) async fn of_prospect(
    store: &Store,
    prospect: Option<Prospect>,
    bar: &ProgressBar,
) -> anyhow::Result<Option<PastNumbers>> {
    let Some(prospect) = prospect else { return Ok(None) };
    bar.set_message("Comparing past numbers");
    let definitions = Definitions::new(store.records().clone());
    let (actor, now) = (Actor::local_owner(), Clock::Real.now());
    Ok(Some(PastNumbers::of_prospect(&prospect, &definitions, &actor, now).await?))
}

/// Writes it for reading.
pub(super) fn print_past(past: &PastNumbers) -> anyhow::Result<()> {
    if past.is_empty() {
        return writeln_or_closed("Past numbers: nothing of the past changes");
    }
    print_deals(past)?;
    for rows in &past.rows {
        let since = rows.since.map_or_else(|| "the beginning".to_owned(), date);
        let (count, word) = (rows.rows, if rows.rows == 1 { "row says" } else { "rows say" });
        writeln_or_closed(&format!(
            "{}: {count} {word} something else about days since {since}",
            rows.table
        ))?;
    }
    print_moves(past)
}

fn print_deals(past: &PastNumbers) -> anyhow::Result<()> {
    if past.deals.is_empty() {
        return writeln_or_closed("Past numbers: no closed deal changes hands");
    }
    writeln_or_closed(&format!("Past numbers: closed deals that change hands, worth in {}", past.currency))?;
    let header = ["From", "To", "Closed in", "Past credit", "Deals", "Won", "Worth"].map(String::from);
    let name = |person: &Option<Member>| {
        person.as_ref().map_or_else(|| "nobody".to_owned(), |person| person.name.clone())
    };
    let rows = past.reassignments.iter().map(|group| {
        let credit = match group.staying {
            staying if staying == group.deals => format!("stays with {}", name(&group.counted_for)),
            0 => "moves".to_owned(),
            staying => format!("{staying} stay"),
        };
        let period = group.period.as_ref().map_or("–", |period| period.label()).to_owned();
        let [deals, won] = [group.deals, group.won].map(|count| count.to_string());
        vec![name(&group.from), name(&group.to), period, credit, deals, won, money(group.value)]
    });
    print_table(&header, &rows.collect::<Vec<_>>(), 4)
}

fn print_moves(past: &PastNumbers) -> anyhow::Result<()> {
    let moves = &past.moves;
    if moves.is_empty() {
        return writeln_or_closed("No number of a period that is over moves");
    }
    writeln_or_closed("Numbers of periods that are over and move:")?;
    let header = ["Whose", "Metric", "Period", "Before", "After", "Change"].map(String::from);
    let named = |member: &Option<Member>| {
        member.as_ref().map_or_else(|| "unassigned".to_owned(), |member| member.name.clone())
    };
    let parts = [&moves.people, &moves.teams].into_iter().flat_map(|moves| moves.iter().take(PRINTED));
    let parts = parts.map(|moved| line(past, named(&moved.member), &moved.movement));
    let company = moves.company.iter().take(PRINTED);
    let company = company.map(|movement| line(past, "the company".to_owned(), movement));
    print_table(&header, &parts.chain(company).collect::<Vec<_>>(), 3)?;
    let longest = [moves.people.len(), moves.teams.len(), moves.company.len()].into_iter().max();
    match longest.filter(|length| *length > PRINTED) {
        Some(_) => writeln_or_closed(&format!("The first {PRINTED} of each; --format json has all")),
        None => Ok(()),
    }
}

fn line(past: &PastNumbers, whose: String, movement: &Movement) -> Vec<String> {
    let metric = &movement.metric;
    let value =
        |value: Option<Decimal>| value.map_or_else(|| "–".to_owned(), |value| past.figure(metric, value));
    vec![
        whose,
        past.label(metric).to_owned(),
        movement.period.label().to_owned(),
        value(movement.before),
        value(movement.after),
        past.signed(metric, movement.change()),
    ]
}
