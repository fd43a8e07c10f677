//! Exports of systems that are known: Salesforce, HubSpot and Pipedrive. Their ready mappings ship with
//! Attain (`examples/`); a file with such a header takes over what they know of its columns.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::canonical::Table;
use crate::mapping::outline::{FileOutline, TableOutline, Written, outline};
use crate::value::normalise;

use super::plan::{ColumnPlan, Source};

/// Columns of a header that have to be known, and the share of them.
const KNOWN_MIN: usize = 5;
const KNOWN_SHARE: f64 = 0.5;
const KNOWN_ENOUGH: usize = 8;

const MAPPINGS: [(&str, &str); 3] = [
    ("Salesforce", include_str!("../../../../examples/salesforce/mapping.yaml")),
    ("HubSpot", include_str!("../../../../examples/hubspot/mapping.yaml")),
    ("Pipedrive", include_str!("../../../../examples/pipedrive/mapping.yaml")),
];

/// What is known of a file by its header.
#[derive(Clone, Debug)]
pub(super) struct Ready {
    /// The system that writes such files.
    pub(super) system: &'static str,
    pub(super) table: Table,
    /// How many of its columns are known.
    pub(super) known: usize,
    /// What its columns become: position and target.
    pub(super) targets: Vec<(usize, String)>,
    /// What is computed of several columns.
    pub(super) computed: Vec<(String, ColumnPlan)>,
    /// Columns that those look at.
    pub(super) looked_at: Vec<usize>,
    /// Conditions that rows have to meet.
    pub(super) keep: Vec<String>,
    /// The names that those use, with the labels that the file has instead.
    pub(super) labels: Vec<(String, String)>,
}

/// The known export that has such a header, if one has. Its identifiers are cut to those of reports, or
/// referred to as they are.
pub(super) fn recognise(header: &[String], cuts_identifiers: bool) -> Option<Ready> {
    static OUTLINES: LazyLock<Vec<(&str, FileOutline)>> = LazyLock::new(|| {
        let files = MAPPINGS
            .iter()
            .flat_map(|(system, text)| outline(text).into_iter().map(move |file| (*system, file)));
        files.collect()
    });
    let found = OUTLINES.iter().filter_map(|(system, file)| ready(system, file, header));
    let mut found = found.max_by_key(|ready| ready.known)?;
    for (_, plan) in found.computed.iter_mut().filter(|_| !cuts_identifiers) {
        if let Source::Expression(text) = &mut plan.source {
            *text = with_whole_identifiers(text);
        }
    }
    Some(found)
}

fn plain(name: &str) -> String {
    normalise(name.trim_start_matches('\u{feff}')).unwrap_or_default().to_lowercase()
}

/// Where the columns of a known file stand in a header, by the names that its mapping has for them.
struct Found<'h> {
    header: &'h [String],
    positions: BTreeMap<&'h str, usize>,
}

impl<'h> Found<'h> {
    fn of(file: &'h FileOutline, header: &'h [String]) -> Found<'h> {
        let position = |wanted: &str| header.iter().position(|name| plain(name) == plain(wanted));
        let mut positions = BTreeMap::new();
        for name in file.names() {
            let labels = file.labels.get(name).into_iter().flatten();
            let found = position(name).or_else(|| labels.into_iter().find_map(|label| position(label)));
            positions.extend(found.map(|at| (name, at)));
        }
        Found { header, positions }
    }

    fn has(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.positions.contains_key(name.as_str()))
    }

    /// The names among these that stand under a label in the header.
    fn labels(&self, names: &[String]) -> Vec<(String, String)> {
        let places =
            names.iter().filter_map(|name| Some((name, &self.header[*self.positions.get(name.as_str())?])));
        let labelled = places.filter(|(name, label)| plain(name) != plain(label));
        labelled.map(|(name, label)| (name.clone(), label.clone())).collect()
    }
}

impl FileOutline {
    /// The columns that it names.
    fn names(&self) -> Vec<&str> {
        let columns = self.tables.iter().flat_map(|table| {
            table.key.iter().chain(table.columns.iter().map(|(_, column)| &column.written))
        });
        let written = columns.chain(&self.keep);
        let names = written.flat_map(|written| match written {
            Written::Column(name) => vec![name.as_str()],
            Written::Expression { columns, .. } => columns.iter().map(String::as_str).collect(),
            Written::Constant(_) => Vec::new(),
        });
        // A dot leads to another file.
        names.chain(self.labels.keys().map(String::as_str)).filter(|name| !name.contains('.')).collect()
    }
}

fn ready(system: &'static str, file: &FileOutline, header: &[String]) -> Option<Ready> {
    let found = Found::of(file, header);
    let mut known: Vec<usize> = found.positions.values().copied().collect();
    known.sort_unstable();
    known.dedup();
    let is_enough = known.len() >= KNOWN_ENOUGH || known.len() as f64 >= KNOWN_SHARE * header.len() as f64;
    if known.len() < KNOWN_MIN || !is_enough {
        return None;
    }
    let main = file.tables.iter().max_by_key(|table| table.columns.len())?;
    let mut ready = Ready {
        system,
        table: main.table,
        known: known.len(),
        targets: Vec::new(),
        computed: Vec::new(),
        looked_at: Vec::new(),
        keep: Vec::new(),
        labels: Vec::new(),
    };
    ready.take_columns(main, &found);
    for condition in &file.keep {
        if let Written::Expression { text, columns } = condition
            && found.has(columns)
        {
            ready.keep.push(text.clone());
            ready.look_at(columns, &found);
        }
    }
    ready.labels.sort();
    ready.labels.dedup();
    Some(ready)
}

/// An expression that cuts no identifiers.
fn with_whole_identifiers(text: &str) -> String {
    let mut whole = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("left(") {
        let Some((name, behind)) = behind.split_once(", 15)") else { break };
        whole.push_str(before);
        whole.push_str(name);
        rest = behind;
    }
    whole + rest
}

impl Ready {
    fn look_at(&mut self, columns: &[String], found: &Found) {
        self.labels.extend(found.labels(columns));
        self.looked_at.extend(columns.iter().filter_map(|name| found.positions.get(name.as_str())));
    }

    fn take_columns(&mut self, table: &TableOutline, found: &Found) {
        let key = table.key.iter().map(|key| ("key", key));
        let columns = table.columns.iter().map(|(target, column)| (target.as_str(), &column.written));
        for (target, written) in key.chain(columns) {
            let only = match written {
                Written::Column(name) => Some(name),
                // Identifiers are shortened, and names looked up: the proposal finds that by itself.
                Written::Expression { columns, text }
                    if text.starts_with("left(") || text.starts_with("coalesce(owner.") =>
                {
                    columns.iter().find(|name| !name.contains('.'))
                }
                Written::Expression { .. } | Written::Constant(_) => None,
            };
            let position = only.and_then(|name| found.positions.get(name.as_str()));
            self.targets.extend(position.map(|at| (*at, target.to_owned())));
        }
        for (target, column) in &table.columns {
            let source = match &column.written {
                Written::Expression { text, columns } if found.has(columns) => {
                    let is_taken = self.targets.iter().any(|(_, known)| known == target);
                    if is_taken {
                        continue;
                    }
                    self.look_at(columns, found);
                    Source::Expression(text.clone())
                }
                Written::Constant(text) => Source::Constant(text.clone()),
                _ => continue,
            };
            let mut plan = ColumnPlan::of(source, format!("as exports of {} have it", self.system));
            plan.values = column.values.clone();
            plan.format = column.format.clone();
            self.computed.push((target.clone(), plan));
        }
    }
}
