//! `attain verify`: whether a receipt holds. It needs the file and the fingerprint, nothing else:
//! no data, no network, no home directory.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use attain_facts::store::Store;
use attain_metrics::Reach;
use attain_metrics::receipt::{
    BYTES_MAX, Digits, Fingerprint, FormulaKind, Hash, Outcome, Receipt, RowsStated,
};
use attain_records::Actor;

use super::table::writeln_or_closed;
use crate::config::DataDirectory;
use crate::definitions::Definitions;
use crate::permissions::Viewer;
use crate::receipts::recomputing::{self, Recomputed, RowChange};
use crate::receipts::store;

/// Check a receipt: its form, key, signature and arithmetic, and with --data its rows
#[derive(clap::Args)]
#[command(
    after_help = "Example: attain verify receipt.json --key SHA256:5f1c…\n\nWith --data DIR (or ATTAIN_DATA) the number is also recomputed from what was known at the receipt's instant."
)]
pub(super) struct Verify {
    /// The receipt
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Fingerprint of the key you trust, as `attain key` prints it
    #[arg(long, value_name = "FINGERPRINT")]
    key: Fingerprint,
}

impl Verify {
    pub(super) async fn run(&self, data: &DataDirectory) -> anyhow::Result<()> {
        let name = self.file.display();
        let bytes = read(&self.file)?;
        let receipt = Receipt::read(&bytes)
            .map_err(|error| anyhow!("{name} does not hold: {}", harmless(&error.to_string())))?;
        let deviations = receipt.deviations(&self.key);
        if !deviations.is_empty() {
            let found: Vec<String> = deviations
                .iter()
                .map(|deviation| format!("\n- {}", harmless(&deviation.to_string())))
                .collect();
            bail!("{name} does not hold:{}", found.concat());
        }
        writeln_or_closed(&checked(&receipt))?;
        if !data.is_given() {
            return writeln_or_closed(
                "The receipt holds. Not checked without its data: that the rows give these figures (--data DIR recomputes them).",
            );
        }
        let facts = data.open_existing().await?;
        recompute(&facts, &receipt).await?;
        writeln_or_closed("The receipt holds, and the data gives the same figures and rows.")
    }
}

/// Reads no more than a receipt may have, whatever the file is.
fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let could_not = || format!("could not read {}", file.display());
    let mut bytes = Vec::new();
    let limit = BYTES_MAX as u64 + 1;
    File::open(file).with_context(could_not)?.take(limit).read_to_end(&mut bytes).with_context(could_not)?;
    Ok(bytes)
}

/// Characters of a message that are shown.
const SHOWN: usize = 400;

/// What is said about a file of unknown origin: short, and without signs a terminal would obey.
fn harmless(text: &str) -> String {
    let shown = text.chars().take(SHOWN);
    let shown: String = shown.map(|sign| if sign.is_control() { '\u{fffd}' } else { sign }).collect();
    if text.chars().count() > SHOWN { format!("{shown} …") } else { shown }
}

/// What a receipt says, and what of it was checked.
fn checked(receipt: &Receipt) -> String {
    let statement = receipt.statement();
    let (metric, subject) = (&statement.metric, &statement.subject);
    let value = statement.result.value.map_or_else(|| "no value".to_owned(), |value| value.to_string());
    let of = match &subject.id {
        Some(id) => format!("{} ({} {id} of {})", subject.name, subject.level, statement.company.name),
        None => subject.name.clone(),
    };
    let lines = [
        format!("{} of {of}, {}: {value}", metric.label, statement.period.key),
        format!("Known at:   {}, snapshot {}", statement.as_of.known_at, statement.as_of.snapshot),
        format!("Definition: {} version {}, SHA-256 {}", metric.id, metric.version, metric.definition_sha256),
        "Checked:".to_owned(),
        "- form: every byte is as a receipt of this content is written".to_owned(),
        format!("- key: {}, the one you named", receipt.fingerprint()),
        format!(
            "- signature: made with that key for exactly this content, by {} at {}",
            statement.signed_by, statement.signed_at
        ),
        format!("- arithmetic: {}", arithmetic(metric.formula, &statement.result)),
        format!("- codes: {}, in keeping with the value", statement.result.codes.join(" ")),
    ];
    lines.join("\n")
}

fn arithmetic(formula: FormulaKind, result: &Outcome) -> String {
    let figure =
        |digits: Option<Digits>| digits.map_or_else(|| "none".to_owned(), |digits| digits.to_string());
    let value = figure(result.value);
    match (formula, &result.rows) {
        (FormulaKind::Ratio, _) => {
            let (above, below) = (figure(result.numerator), figure(result.denominator));
            format!("{above} ÷ {below} = {value}, rounded half to even to 12 digits")
        }
        (FormulaKind::Count, RowsStated::Counted { counted }) => {
            format!("{value} counts {} rows", counted.count)
        }
        (FormulaKind::CountDistinct | FormulaKind::CountAccounts, _) => format!("{value} is n"),
        (FormulaKind::Sum, _) => {
            format!("{value} stands as the sum over {}; the data is needed to add up", result.n)
        }
        (FormulaKind::Derived, _) => {
            format!("{value} stands as arithmetic over other numbers; the data is needed to repeat it")
        }
        (FormulaKind::Things, _) => {
            format!("{value} things over {} rows; the data is needed to count them", result.n)
        }
        (FormulaKind::NotKept, _) => "there is no value".to_owned(),
        (kind, _) => {
            let which = match kind {
                FormulaKind::Mean => "mean",
                FormulaKind::Least => "least",
                FormulaKind::Greatest => "greatest",
                FormulaKind::Percentile => "percentile",
                _ => "middle",
            };
            format!("{value} stands as the {which} of {}; the data is needed to find it", result.n)
        }
    }
}

/// Asks the receipt's question again of the data, as known at its instant.
async fn recompute(facts: &Store, receipt: &Receipt) -> anyhow::Result<()> {
    let actor = Actor::local_owner();
    let reach = Viewer::Owner.reach();
    let definitions = Definitions::new(facts.records().clone());
    let statement = receipt.statement();
    let recomputed = recomputing::as_signed(facts, &definitions, &actor, &reach, statement)
        .await
        .context("the receipt holds, but could not be recomputed")?;
    let differences = recomputed.differences(statement);
    if differences.is_empty() {
        return Ok(());
    }
    let mut message = "the receipt holds, but the data gives something else:".to_owned();
    for difference in &differences {
        message.push_str(&format!("\n- {difference}"));
    }
    message.push_str(&rows_that_differ(facts, &actor, &reach, receipt, &recomputed).await?);
    bail!(message)
}

async fn rows_that_differ(
    facts: &Store,
    actor: &Actor,
    reach: &Reach,
    receipt: &Receipt,
    recomputed: &Recomputed,
) -> anyhow::Result<String> {
    let sha256 = Hash::of(receipt.text().as_bytes());
    let Some(kept) = store::by_hash(facts.records(), actor, reach, &sha256).await? else {
        return Ok(
            "\nThe list of rows was not kept here, so the rows that differ cannot be named.".to_owned()
        );
    };
    let rows = store::rows(facts.records(), actor, kept.number).await?;
    let changes = recomputed.changes(&rows);
    Ok(changes.iter().map(|change| format!("\n- {}", row_words(change))).collect())
}

fn row_words(change: &RowChange) -> String {
    match change {
        RowChange::Added(row) => {
            format!("row {} {}: not signed, counts now {}", row.source_system, row.source_id, side(row))
        }
        RowChange::Gone(row) => {
            format!("row {} {}: signed {}, counts no longer", row.source_system, row.source_id, side(row))
        }
        RowChange::Changed { before, after } => format!(
            "row {} {}: signed {}, now {}; content {} and {}",
            before.source_system,
            before.source_id,
            side(before),
            side(after),
            before.row_hash,
            after.row_hash
        ),
    }
}

fn side(row: &attain_metrics::EvidenceRow) -> &'static str {
    match (row.numerator, row.denominator) {
        (true, true) => "above and below the line",
        (true, false) => "above the line",
        (false, _) => "below the line",
    }
}
