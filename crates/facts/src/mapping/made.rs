//! What a mapping makes of files other than column by column, in words: what is computed, looked up or the
//! same for every row, which rows are left out, and in which file others look rows up.
//!
//! It is said of a mapping that is written ([`made`]) and of one that is still proposed; both come here as
//! [`FileParts`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;

use super::expression::{denied_in_words, in_words};
use super::file::{FileFile, KeepFile, KeyFile, KeyPartFile, LookupFile, MappingFile, TableFile, TotalFile};
use crate::canonical::Table;

/// Columns of a wide table that are shown by name.
const NAMED_COLUMNS: usize = 3;

/// What is made of a file, in words. Names of columns stand in back quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MadeFile {
    /// Its name, as the mapping has it.
    pub file: String,
    /// Of which rows nothing is taken: ``outcome` is blank`.
    pub left_out: Vec<String>,
    /// The tables of which something is not simply a column.
    pub tables: Vec<MadeTable>,
    /// Who finds what in it: `lines.csv finds `customer` here, by `order``.
    pub looked_up: Vec<String>,
}

/// What is made of a file for one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MadeTable {
    /// The table.
    pub table: Table,
    /// Why the file fills it, where it is about something else.
    pub reason: Option<String>,
    /// Which columns a row is made of each, if a row of the file becomes several.
    pub each: Option<String>,
    /// What is made.
    pub fields: Vec<MadeField>,
}

/// What is computed, looked up or the same for every row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MadeField {
    /// What it becomes: `key`, a column, or `attributes.name`.
    pub target: String,
    /// Of what, in words: ``price` × `quantity``.
    pub words: String,
    /// Why; nothing where nobody said so.
    pub reason: String,
    /// The text, if it is the same for every row.
    pub constant: Option<String>,
}

/// A file of a mapping, as far as it is told of.
#[derive(Clone, Debug, Default)]
pub(crate) struct FileParts {
    pub(crate) file: String,
    /// The table of which plain columns are shown elsewhere, if of one alone.
    pub(crate) subject: Option<Table>,
    /// What the file calls columns that the mapping has other names for.
    pub(crate) labels: BTreeMap<String, String>,
    /// What rows are left out by.
    pub(crate) left_out: Vec<Origin>,
    pub(crate) lookups: Vec<LookupParts>,
    pub(crate) tables: Vec<TableParts>,
}

/// What leads to a row of another file, or to the next of the same.
#[derive(Clone, Debug)]
pub(crate) struct LookupParts {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) here: Vec<Origin>,
    /// The key of the other file; for the next row, what they follow each other by.
    pub(crate) there: Vec<Origin>,
    pub(crate) is_next: bool,
    /// What is added up of all rows it leads to: the function and of what.
    pub(crate) totals: BTreeMap<String, (&'static str, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct TableParts {
    pub(crate) table: Table,
    pub(crate) reason: Option<String>,
    pub(crate) key: Vec<Origin>,
    /// Columns that become rows.
    pub(crate) unpivot: Vec<String>,
    /// By target, with the reason.
    pub(crate) columns: Vec<(String, Origin, String)>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Column(String),
    Expression(String),
    Constant(String),
    /// That a column holds what it must not.
    Cell(String, String),
    /// That a condition does not hold.
    Denied(String),
    /// The currency that the company reports in.
    CompanyCurrency,
    /// The month, quarter or year in which a day lies, which is an expression.
    Period(&'static str, String),
}

impl MadeFile {
    /// Whether it is read column by column, and nobody looks anything up in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left_out.is_empty() && self.tables.is_empty() && self.looked_up.is_empty()
    }
}

/// What the text of a mapping makes of files, in their order; nothing if it is no mapping.
#[must_use]
pub fn made(text: &str) -> Vec<MadeFile> {
    let mapping: Option<MappingFile> = serde_saphyr::from_str(text).ok();
    let files: Vec<FileParts> =
        mapping.iter().flat_map(|mapping| &mapping.files).map(FileParts::of).collect();
    in_words_of(&files)
}

/// The same of files whose parts are known.
pub(crate) fn in_words_of(files: &[FileParts]) -> Vec<MadeFile> {
    let told: Vec<Told> = files.iter().map(|parts| Told { parts, used: RefCell::default() }).collect();
    let mut made: Vec<MadeFile> = told.iter().map(Told::file).collect();
    for told in &told {
        for (at, lookup) in told.parts.lookups.iter().enumerate().filter(|(_, lookup)| !lookup.is_next) {
            let found = made.iter_mut().find(|file| file.file.eq_ignore_ascii_case(&lookup.file));
            found.into_iter().for_each(|file| file.looked_up.push(told.finds(at)));
        }
    }
    made
}

/// A file that is being told of, and what it takes of its lookups.
struct Told<'p> {
    parts: &'p FileParts,
    used: RefCell<Vec<(usize, String)>>,
}

impl Told<'_> {
    fn file(&self) -> MadeFile {
        let parts = self.parts;
        MadeFile {
            file: parts.file.clone(),
            left_out: parts.left_out.iter().map(|rule| self.words(rule)).collect(),
            tables: parts.tables.iter().filter_map(|table| self.table(table)).collect(),
            looked_up: Vec::new(),
        }
    }

    fn table(&self, table: &TableParts) -> Option<MadeTable> {
        let is_shown = |origin: &&Origin| match origin {
            Origin::Column(name) => {
                self.lookup(name).is_some()
                    || self.parts.subject.is_some_and(|subject| subject != table.table)
            }
            _ => true,
        };
        let key = match table.key.as_slice() {
            [only] => Some(only).filter(is_shown).map(|only| (self.words(only), String::new())),
            [] => None,
            several => {
                Some((self.list(several, " with "), "only together do they tell rows apart".to_owned()))
            }
        };
        let key =
            key.map(|(words, reason)| MadeField { target: "key".into(), words, reason, constant: None });
        let columns = table.columns.iter().filter(|(_, origin, _)| is_shown(&origin));
        let fields = columns.map(|(target, origin, reason)| MadeField {
            target: target.clone(),
            words: self.words(origin),
            reason: reason.clone(),
            constant: match origin {
                Origin::Constant(text) => Some(text.clone()),
                Origin::CompanyCurrency => Some(String::new()),
                _ => None,
            },
        });
        let fields: Vec<MadeField> = key.into_iter().chain(fields).collect();
        let each = Some(&table.unpivot).filter(|columns| !columns.is_empty()).map(|columns| each(columns));
        let (table, reason) = (table.table, table.reason.clone());
        (!fields.is_empty()).then_some(MadeTable { table, reason, each, fields })
    }

    /// Where a value comes from, and how the rows are found that it stands in.
    fn words(&self, origin: &Origin) -> String {
        let before = self.used.borrow().len();
        let words = self.short_words(origin);
        let mut lookups: Vec<usize> =
            self.used.borrow()[before..].iter().map(|(lookup, _)| *lookup).collect();
        lookups.sort_unstable();
        lookups.dedup();
        let ways: Vec<String> = match lookups.as_slice() {
            [only] => vec![self.way(*only)],
            several => several
                .iter()
                .map(|lookup| format!("{} {}", self.parts.lookups[*lookup].file, self.way(*lookup)))
                .collect(),
        };
        if ways.is_empty() { words } else { format!("{words}, {}", ways.join(", ")) }
    }

    fn short_words(&self, origin: &Origin) -> String {
        let expression = |text: &str| in_words(text, &|name| self.column(name));
        match origin {
            Origin::Column(name) => self.column(name),
            Origin::Expression(text) => expression(text),
            Origin::Constant(text) => format!("“{text}” in every row"),
            Origin::Cell(column, condition) => format!("{} {condition}", self.column(column)),
            Origin::Denied(text) => denied_in_words(text, &|name| self.column(name)),
            Origin::CompanyCurrency => "the currency that the company reports in".into(),
            Origin::Period(grain, day) => format!("the {grain} in which {} lies", expression(day)),
        }
    }

    /// How the row of a lookup is found.
    fn way(&self, lookup: usize) -> String {
        let LookupParts { here, there, is_next, .. } = &self.parts.lookups[lookup];
        let (here, there) = (self.list(here, " with "), self.list(there, " with "));
        match is_next {
            true => format!("of those with the same {here}, by {there}"),
            false if here == there => format!("found by {here}"),
            false => format!("found where {there} there is {here}"),
        }
    }

    fn list(&self, origins: &[Origin], between: &str) -> String {
        origins.iter().map(|origin| self.short_words(origin)).collect::<Vec<_>>().join(between)
    }

    /// The lookup, by position, and the column there, if a name means that.
    fn lookup<'n>(&self, name: &'n str) -> Option<(usize, &'n str)> {
        let (lookup, column) = name.split_once('.')?;
        Some((self.parts.lookups.iter().position(|known| known.name == lookup)?, column))
    }

    fn column(&self, name: &str) -> String {
        let Some((at, column)) = self.lookup(name) else {
            return format!("`{}`", self.parts.labels.get(name).map_or(name, String::as_str));
        };
        self.used.borrow_mut().push((at, column.to_owned()));
        let lookup = &self.parts.lookups[at];
        match (lookup.totals.get(column), lookup.is_next) {
            (Some((function, of)), _) => {
                let of = in_words(of, &|name| format!("`{name}`"));
                format!("the {function} of {of} over the rows of {}", lookup.file)
            }
            (None, true) => format!("`{column}` of the next row"),
            (None, false) => format!("`{column}` of {}", lookup.file),
        }
    }

    /// What is found by a lookup, for the file that it leads to.
    fn finds(&self, at: usize) -> String {
        let mut taken: Vec<String> = Vec::new();
        for (_, column) in self.used.borrow().iter().filter(|(lookup, _)| *lookup == at) {
            let name = format!("`{column}`");
            if !taken.contains(&name) {
                taken.push(name);
            }
        }
        let LookupParts { here, there, .. } = &self.parts.lookups[at];
        let (here, there) = (self.list(here, " with "), self.list(there, " with "));
        let way = if here == there { format!("by {there}") } else { format!("where {there} is its {here}") };
        match taken.is_empty() {
            true => format!("{} takes only rows that it finds here, {way}", self.parts.file),
            false => format!("{} finds {} here, {way}", self.parts.file, enumerated(&taken)),
        }
    }
}

/// Columns that become a row each.
fn each(columns: &[String]) -> String {
    let named: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    match named.as_slice() {
        [first, .., last] if named.len() > NAMED_COLUMNS => format!("{first} to {last}"),
        few => enumerated(few),
    }
}

fn enumerated(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

impl FileParts {
    fn of(file: &FileFile) -> FileParts {
        FileParts {
            file: file.file.value.clone(),
            subject: None,
            labels: BTreeMap::new(),
            left_out: file.keep.iter().filter_map(|rule| left_out(&rule.value)).collect(),
            lookups: file
                .lookups
                .iter()
                .map(|lookup| LookupParts::of(&file.file.value, &lookup.value))
                .collect(),
            tables: file.tables.iter().filter_map(TableParts::of).collect(),
        }
    }
}

impl LookupParts {
    fn of(own: &str, lookup: &LookupFile) -> LookupParts {
        let LookupFile { name, file, key, by, same, after, totals, .. } = lookup;
        let parts = |key: Option<&KeyFile>| key.map(origins).unwrap_or_default();
        let is_next = file.is_none();
        let (here, there) = match is_next {
            true => (parts(same.as_ref()), parts(after.as_ref())),
            false => (parts(by.as_ref().or(key.as_ref())), parts(key.as_ref())),
        };
        let totals = totals.iter().filter_map(|(name, total)| Some((name.clone(), total_of(&total.value)?)));
        LookupParts {
            name: name.value.clone(),
            file: file.as_ref().map_or(own, |file| &file.value).to_owned(),
            here,
            there,
            is_next,
            totals: totals.collect(),
        }
    }
}

impl TableParts {
    fn of(table: &TableFile) -> Option<TableParts> {
        let own = table.attributes.iter().map(|(name, column)| (format!("attributes.{name}"), column));
        let columns = table.columns.iter().map(|(name, column)| (name.clone(), column)).chain(own);
        let columns = columns.filter_map(|(target, column)| {
            let column = column.value.detailed();
            let origin = match (column.column, column.expression, column.constant) {
                (Some(name), ..) => Origin::Column(name),
                (_, Some(written), _) => Origin::Expression(written.value),
                (_, _, Some(text)) => Origin::Constant(text),
                _ => return None,
            };
            Some((target, origin, String::new()))
        });
        let mut unpivot: Vec<(&String, &String)> =
            table.unpivot.iter().flat_map(|columns| &columns.value).collect();
        unpivot.sort_by_key(|(_, label)| *label);
        Some(TableParts {
            table: Table::from_name(&table.table.value)?,
            reason: None,
            key: origins(&table.key.value),
            unpivot: unpivot.into_iter().map(|(column, _)| column.clone()).collect(),
            columns: columns.collect(),
        })
    }
}

fn origins(key: &KeyFile) -> Vec<Origin> {
    let origin = |part: &KeyPartFile| match part {
        KeyPartFile::Column(name) => Origin::Column(name.clone()),
        KeyPartFile::Expression(written) => Origin::Expression(written.value.clone()),
    };
    key.0.iter().map(origin).collect()
}

/// What a rule leaves out.
fn left_out(rule: &KeepFile) -> Option<Origin> {
    let KeepFile { condition, column, one_of, not_in, blank } = rule;
    if let Some(written) = condition {
        return Some(Origin::Denied(written.value.clone()));
    }
    let condition = match (one_of, not_in, blank) {
        (Some(values), ..) => format!("is not {}", one(values)),
        (_, Some(values), _) => format!("is {}", one(values)),
        (_, _, Some(is_blank)) => if *is_blank { "is not blank" } else { "is blank" }.to_owned(),
        _ => return None,
    };
    Some(Origin::Cell(column.clone()?, condition))
}

/// One of some texts.
fn one(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| format!("“{value}”")).collect();
    match values.as_slice() {
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

fn total_of(total: &TotalFile) -> Option<(&'static str, String)> {
    let TotalFile { sum, least, greatest, count } = total;
    let functions = [("sum", sum), ("least", least), ("greatest", greatest), ("count", count)];
    let mut written = functions.into_iter().filter_map(|(word, of)| Some((word, of.as_ref()?.value.clone())));
    written.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
source: erp
company: { name: x, time_zone: UTC, currency: EUR, calendar: { kind: month_offset, first_month: 1 } }
files:
  - file: invoices.csv
    keep:
      - { column: state, not_in: [draft, void] }
      - { column: kind, in: [invoice] }
      - where: "\"amount\" is not blank"
    lookups:
      - { name: sum, file: lines.csv, key: invoice, by: id, totals: { net: { sum: "price * pieces" } } }
      - { name: later, same: customer, after: day }
      - { name: known, file: customers.csv, key: number, by: customer, missing: reject }
    tables:
      - table: invoice_line
        key: id
        columns:
          net_amount: { expression: sum.net }
          net_amount_ccy: { constant: EUR }
          invoice_date: day
        attributes:
          next: later.day
  - file: lines.csv
  - file: customers.csv
    tables:
      - { table: account, key: number, columns: { name: name } }
  - file: quotas.csv
    tables:
      - table: target
        unpivot: { Jan: "2024-01", Feb: "2024-02", Mar: "2024-03", Apr: "2024-04" }
        key: [person, label]
        columns: { employee_id: person, value: cell }
"#;

    #[test]
    fn what_is_not_simply_a_column_is_told_of_in_words() {
        let made = made(MAPPING);
        let [invoices, lines, customers, quotas] = made.as_slice() else { panic!("{made:#?}") };
        assert_eq!(
            invoices.left_out,
            ["`state` is one of “draft”, “void”", "`kind` is not “invoice”", "`amount` is blank"]
        );
        let fields = |file: &MadeFile| -> Vec<String> {
            let fields = file.tables.iter().flat_map(|table| &table.fields);
            fields.map(|field| format!("{}: {}", field.target, field.words)).collect()
        };
        assert_eq!(
            fields(invoices),
            [
                "net_amount: the sum of `price` × `pieces` over the rows of lines.csv, found where `invoice` there is `id`",
                "net_amount_ccy: “EUR” in every row",
                "attributes.next: `day` of the next row, of those with the same `customer`, by `day`",
            ]
        );
        assert_eq!(lines.looked_up, ["invoices.csv finds `net` here, where `invoice` is its `id`"]);
        assert_eq!(
            customers.looked_up,
            ["invoices.csv takes only rows that it finds here, where `number` is its `customer`"]
        );
        assert!(customers.tables.is_empty(), "every column is one: {customers:#?}");
        assert_eq!(quotas.tables[0].each.as_deref(), Some("`Jan` to `Apr`"));
    }
}
