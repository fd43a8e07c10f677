//! Identifiers of Salesforce, of which the first 15 characters count: exports have 18, reports 15. Where
//! a column has the longer ones they are cut, so that either leads to the other.

use std::collections::{BTreeMap, BTreeSet};

use super::super::plan::{ColumnPlan, FilePlan, Source, TablePlan, quoted_column};
use super::super::samples::Sample;

/// The columns with the longer identifiers, by file.
type Long<'s> = BTreeMap<&'s str, BTreeSet<&'s str>>;

/// Cuts them, in keys and in what refers to keys.
pub(super) fn cut(plans: &mut [FilePlan], samples: &[Sample]) {
    let long = samples.iter().map(|sample| {
        let columns = sample.columns.iter().filter(|column| column.has_long_identifiers);
        (sample.name.as_str(), columns.map(|column| column.name.as_str()).collect())
    });
    let long: Long = long.collect();
    for plan in plans {
        let files: BTreeMap<String, String> =
            plan.lookups.iter().map(|lookup| (lookup.name.clone(), lookup.file.clone())).collect();
        let here = Here { long: &long, file: &plan.file, lookups: &files };
        for lookup in &mut plan.lookups {
            here.cut(&mut lookup.by);
            Here { file: &lookup.file, ..here }.cut(&mut lookup.key);
        }
        for TablePlan { key, columns, .. } in &mut plan.tables {
            key.iter_mut().for_each(|part| here.cut(part));
            columns.iter_mut().for_each(|(_, ColumnPlan { source, .. })| here.cut(source));
        }
        if long.get(plan.file.as_str()).is_some_and(|columns| !columns.is_empty()) {
            plan.notes.push(
                "Of identifiers of Salesforce the first 15 characters count, which is all that reports have"
                    .into(),
            );
        }
    }
}

/// Where columns are named.
#[derive(Clone, Copy)]
struct Here<'p> {
    long: &'p Long<'p>,
    file: &'p str,
    /// Which file each lookup leads to.
    lookups: &'p BTreeMap<String, String>,
}

impl Here<'_> {
    fn cut(self, source: &mut Source) {
        match source {
            Source::Column(name) if self.is_long(name) => {
                *source = Source::Expression(format!("left({}, 15)", quoted_column(name)));
            }
            Source::Expression(text) => {
                for column in self.long.get(self.file).into_iter().flatten() {
                    let column = quoted_column(column);
                    *text = text.replace(&column, &format!("left({column}, 15)"));
                }
            }
            Source::Column(_) | Source::Constant(_) | Source::CompanyCurrency | Source::Period { .. } => {}
        }
    }

    fn is_long(self, name: &str) -> bool {
        let has = |file: &str, column: &str| self.long.get(file).is_some_and(|known| known.contains(column));
        let looked_up =
            name.split_once('.').and_then(|(lookup, column)| Some((self.lookups.get(lookup)?, column)));
        looked_up.map_or_else(|| has(self.file, name), |(file, column)| has(file, column))
    }
}
