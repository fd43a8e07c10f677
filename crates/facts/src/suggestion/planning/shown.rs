//! What each column of a file becomes, as people are shown it.

use super::super::choices::Target;
use super::super::matching::Match;
use super::super::plan::{Source, TablePlan};
use super::super::profile::Profile;
use super::super::{Confidence, SuggestedColumn};
use super::file::FilePlanner;
use super::own;

/// Strength of evidence from which a proposal is sure, and likely.
const SURE: f64 = 1.1;
const LIKELY: f64 = 0.85;
/// Values that are shown of a column.
const EXAMPLES: usize = 4;

impl FilePlanner<'_> {
    /// What every column of the file becomes.
    pub(super) fn columns(&self, tables: &[TablePlan]) -> Vec<SuggestedColumn> {
        let columns = self.sample.columns.iter().enumerate();
        columns.map(|(at, column)| self.column(at, column, tables)).collect()
    }

    fn column(&self, at: usize, column: &Profile, tables: &[TablePlan]) -> SuggestedColumn {
        let name = Source::Column(column.name.clone());
        let found = self.matches.iter().find(|found| found.column == at);
        let found = found.filter(|_| !self.unused.contains_key(&column.name));
        let own = tables
            .iter()
            .flat_map(|table| &table.attributes)
            .find(|(_, plan)| own::is_of(plan, &column.name));
        let planned = tables.iter().flat_map(|table| &table.columns);
        let planned = planned.filter(|(_, plan)| plan.source == name);
        let translating = planned.clone().chain(own).flat_map(|(_, plan)| plan.values.iter().cloned());
        let values = translating.collect();
        let format = planned.filter_map(|(_, plan)| plan.format.clone()).next();
        let (target, confidence, reason) = match (found, own) {
            (Some(found), _) => (target_of(found.target), confidence(found), found.reason.clone()),
            (None, Some((name, plan))) => {
                let why = self.unused.get(&column.name).map(|why| format!("; {why}")).unwrap_or_default();
                (
                    Target::Attribute(name.clone()),
                    Confidence::Likely,
                    format!("kept as a field of your own: {}{why}", plan.reason),
                )
            }
            (None, None) => (Target::None, Confidence::Likely, self.why_not(at, column, tables)),
        };
        let ways = self.ways(&column.name, tables).into_iter().filter(|_| target != Target::Key);
        let said: Vec<String> =
            Some(reason).filter(|reason| !reason.is_empty()).into_iter().chain(ways).collect();
        let reason = said.join("; ");
        let kind = own.filter(|_| matches!(target, Target::Attribute(_)));
        let kind = kind
            .map(|(_, plan)| self.choices.column(&column.name).kind.unwrap_or(plan.kind.unwrap_or_default()));
        let writing = self.writing(column, &target, tables);
        SuggestedColumn {
            name: column.name.clone(),
            examples: column.examples(EXAMPLES),
            target,
            confidence,
            reason,
            format,
            values,
            kind,
            writing,
        }
    }

    fn why_not(&self, at: usize, column: &Profile, tables: &[TablePlan]) -> String {
        match self.unused.get(&column.name) {
            _ if self.subject.table.is_none() => "nothing of the file is taken".into(),
            _ if self.choices.column(&column.name).target.is_some() => "not taken, as you said".into(),
            None if self.is_looked_at(at) => goes_into(&column.name, tables),
            Some(why) => why.clone(),
            None if column.name.is_empty() => "it has no name".into(),
            None if column.is_blank() => "blank in every row that was looked at".into(),
            None if !self.ways(&column.name, tables).is_empty() => String::new(),
            None => "it has no place".into(),
        }
    }

    /// What a column does besides: it leads to rows of other files, or identifies those of its own.
    fn ways(&self, column: &str, tables: &[TablePlan]) -> Vec<String> {
        let is_it = |source: &Source| matches!(source, Source::Column(name) if name == column);
        let leading = self.lookups.iter().filter(|lookup| is_it(&lookup.by));
        let mut files: Vec<&str> = leading.map(|lookup| lookup.file.as_str()).collect();
        files.dedup();
        let leads = (!files.is_empty()).then(|| format!("it leads to rows of {}", files.join(" and of ")));
        let is_main = |table: &&TablePlan| Some(table.table) == self.subject.table;
        let identifies =
            tables.iter().filter(is_main).find(|table| table.key.iter().any(is_it)).map(|table| match table
                .key
                .len()
            {
                1 => "it identifies the rows".to_owned(),
                _ => "it is part of what identifies the rows".to_owned(),
            });
        identifies.into_iter().chain(leads).collect()
    }
}

/// What is computed of a column.
fn goes_into(column: &str, tables: &[TablePlan]) -> String {
    let computed = tables.iter().flat_map(|table| &table.columns);
    let computed = computed.filter(|(_, plan)| own::is_of(plan, column));
    let names: Vec<String> = computed.map(|(target, _)| format!("`{target}`")).collect();
    match names.is_empty() {
        true => "it goes into what is computed".into(),
        false => format!("it goes into {}", names.join(" and ")),
    }
}

fn target_of(name: &str) -> Target {
    if name == "key" { Target::Key } else { Target::Column(name.to_owned()) }
}

fn confidence(found: &Match) -> Confidence {
    match found.strength {
        _ if found.is_chosen => Confidence::Sure,
        strength if strength >= SURE => Confidence::Sure,
        strength if strength >= LIKELY => Confidence::Likely,
        _ => Confidence::Unsure,
    }
}
