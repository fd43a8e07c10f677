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
        let values = planned.clone().flat_map(|(_, plan)| plan.values.iter().cloned()).collect();
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
            (None, None) => (Target::None, Confidence::Likely, self.why_not(at, column)),
        };
        let is_key = self.key_name.as_deref() == Some(column.name.as_str());
        let reason = match is_key && target != Target::Key {
            true => format!("{reason}; it identifies the rows"),
            false => reason,
        };
        SuggestedColumn {
            name: column.name.clone(),
            examples: column.examples(EXAMPLES),
            target,
            confidence,
            reason,
            format,
            values,
        }
    }

    fn why_not(&self, at: usize, column: &Profile) -> String {
        match self.unused.get(&column.name) {
            _ if self.subject.table.is_none() => "nothing of the file is taken".into(),
            _ if self.choices.column(&column.name).target.is_some() => "not taken, as you said".into(),
            None if self.is_looked_at(at) => "it goes into what is computed".into(),
            Some(why) => why.clone(),
            None if column.name.is_empty() => "it has no name".into(),
            None if column.is_blank() => "blank in every row that was looked at".into(),
            None => "it has no place".into(),
        }
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
