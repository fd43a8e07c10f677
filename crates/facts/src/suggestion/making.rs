//! A plan as the parts that people are told of in words, before there is a mapping.

use super::period::Grain;
use super::plan::{ColumnPlan, FilePlan, LookupPlan, Source, TablePlan};
use crate::canonical::Table;
use crate::mapping::MadeFile;
use crate::mapping::made::{FileParts, LookupParts, Origin, TableParts, in_words_of};

/// What plans make of their files, in the same order, with what a row of each is.
pub(super) fn made(plans: &[FilePlan], subjects: &[Option<Table>]) -> Vec<MadeFile> {
    let parts: Vec<FileParts> =
        plans.iter().zip(subjects).map(|(plan, subject)| file_parts(plan, *subject)).collect();
    in_words_of(&parts)
}

fn file_parts(plan: &FilePlan, subject: Option<Table>) -> FileParts {
    FileParts {
        file: plan.file.clone(),
        subject,
        labels: plan.labels.iter().cloned().collect(),
        left_out: plan.keep.iter().map(|condition| Origin::Denied(condition.clone())).collect(),
        lookups: plan.lookups.iter().map(lookup_parts).collect(),
        tables: plan.tables.iter().map(table_parts).collect(),
    }
}

fn lookup_parts(lookup: &LookupPlan) -> LookupParts {
    LookupParts {
        name: lookup.name.clone(),
        file: lookup.file.clone(),
        here: vec![origin(&lookup.by)],
        there: vec![origin(&lookup.key)],
        is_next: false,
        totals: Default::default(),
    }
}

fn table_parts(table: &TablePlan) -> TableParts {
    let part = |target: String, plan: &ColumnPlan| (target, origin(&plan.source), plan.reason.clone());
    let columns = table.columns.iter().map(|(target, plan)| part(target.clone(), plan));
    let own = table.attributes.iter().map(|(name, plan)| part(format!("attributes.{name}"), plan));
    TableParts {
        table: table.table,
        reason: table.reason.clone(),
        key: table.key.iter().map(origin).collect(),
        unpivot: table.unpivot.iter().map(|(column, _)| column.clone()).collect(),
        columns: columns.chain(own).collect(),
    }
}

fn origin(source: &Source) -> Origin {
    match source {
        Source::Column(name) => Origin::Column(name.clone()),
        Source::Expression(text) => Origin::Expression(text.clone()),
        Source::Constant(text) => Origin::Constant(text.clone()),
        Source::CompanyCurrency => Origin::CompanyCurrency,
        Source::Period { grain, day } => Origin::Period(word(*grain), day.clone()),
    }
}

fn word(grain: Grain) -> &'static str {
    match grain {
        Grain::Year => "year",
        Grain::Quarter => "quarter",
        Grain::Month => "month",
    }
}
