//! A file in every delivery: its rows as the source had them on the evening of the delivery's day.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use anyhow::Context;
use csv::{QuoteStyle, Writer, WriterBuilder};
use jiff::civil::Date;

use super::super::deliveries;

/// Where the folders of all deliveries lie.
pub(super) struct Outbox<'a> {
    pub(super) folder: &'a Path,
}

impl<'a> Outbox<'a> {
    /// A file of what is new or different since the delivery before.
    pub(super) fn changes<const N: usize>(
        &self,
        name: &'static str,
        header: [&'static str; N],
    ) -> Sheet<'a, N> {
        Sheet { name, header, folder: self.folder, writers: BTreeMap::new() }
    }

    /// A small file of everything there is, in those deliveries where that differs from the last.
    pub(super) fn everything<const N: usize>(
        &self,
        name: &'static str,
        header: [&'static str; N],
        rows_on: impl Fn(Date) -> Vec<[String; N]>,
    ) -> anyhow::Result<()> {
        let mut sheet = self.changes(name, header);
        let mut before = None;
        for day in deliveries::days() {
            let rows = rows_on(*day);
            if before.as_ref() != Some(&rows) {
                for row in &rows {
                    sheet.writer(*day)?.write_record(row)?;
                }
                before = Some(rows);
            }
        }
        sheet.finish()
    }
}

/// A file of changes, by delivery.
pub(super) struct Sheet<'a, const N: usize> {
    name: &'static str,
    header: [&'static str; N],
    folder: &'a Path,
    writers: BTreeMap<Date, Writer<BufWriter<File>>>,
}

impl<const N: usize> Sheet<'_, N> {
    /// A record that changed on these days: each delivery that follows a change has it as it then
    /// stands.
    pub(super) fn add(
        &mut self,
        changed_on: impl IntoIterator<Item = Date>,
        row_on: impl Fn(Date) -> [String; N],
    ) -> anyhow::Result<()> {
        let mut days: Vec<Date> = changed_on.into_iter().filter_map(deliveries::first_after).collect();
        days.sort_unstable();
        days.dedup();
        for day in days {
            self.writer(day)?.write_record(row_on(day))?;
        }
        Ok(())
    }

    /// A record that never changes.
    pub(super) fn add_once(&mut self, known_on: Date, row: [String; N]) -> anyhow::Result<()> {
        match deliveries::first_after(known_on) {
            Some(day) => Ok(self.writer(day)?.write_record(row)?),
            None => Ok(()),
        }
    }

    /// Every field in quotes, as the CRM's own loader writes them.
    fn writer(&mut self, day: Date) -> anyhow::Result<&mut Writer<BufWriter<File>>> {
        match self.writers.entry(day) {
            std::collections::btree_map::Entry::Occupied(open) => Ok(open.into_mut()),
            std::collections::btree_map::Entry::Vacant(free) => {
                let folder = self.folder.join(day.to_string());
                let path = folder.join(self.name);
                let not_written = || format!("could not write {}", path.display());
                std::fs::create_dir_all(&folder).with_context(not_written)?;
                let file = BufWriter::new(File::create(&path).with_context(not_written)?);
                let mut writer = WriterBuilder::new().quote_style(QuoteStyle::Always).from_writer(file);
                writer.write_record(self.header)?;
                Ok(free.insert(writer))
            }
        }
    }

    /// Writes what is still in memory.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        for (day, mut writer) in self.writers {
            writer.flush().with_context(|| format!("could not write {} of {day}", self.name))?;
        }
        Ok(())
    }
}

/// A day, where there is one.
pub(super) fn day(date: Option<Date>) -> String {
    date.map(|date| date.to_string()).unwrap_or_default()
}

/// A day, once it has come.
pub(super) fn day_once_come(date: Option<Date>, today: Date) -> String {
    day(date.filter(|date| *date <= today))
}

pub(super) fn euros(amount: i64) -> String {
    format!("{amount}.00")
}
