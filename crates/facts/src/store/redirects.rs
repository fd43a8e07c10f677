//! Who and what is one and the same (domain 2.5): merges of identities, each a link from the one to
//! the other that can be taken away again.

use std::collections::BTreeMap;

use super::StoreError;
use super::manifest::{self, entity::identity_merge};
use crate::canonical::Table;

/// A merge, or its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedIdentity {
    /// The table whose rows they are.
    pub table: Table,
    /// The one that is no longer of its own.
    pub id: String,
    /// The one that it is part of; nothing if it is of its own again.
    pub into: Option<String>,
}

/// The merges that hold at an instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirects(BTreeMap<String, (Table, String)>);

impl Redirects {
    /// The merges that hold after all of these, oldest first.
    pub(crate) fn after<'m>(merges: impl IntoIterator<Item = &'m MergedIdentity>) -> Redirects {
        let mut redirects = Redirects::default();
        merges.into_iter().for_each(|merge| redirects.add(merge));
        redirects
    }

    /// Adds a merge, or takes one away. Ids of different tables never meet.
    pub(crate) fn add(&mut self, merge: &MergedIdentity) {
        match &merge.into {
            Some(into) => self.0.insert(merge.id.clone(), (merge.table, into.clone())),
            None => self.0.remove(&merge.id),
        };
    }

    /// Whether nothing is merged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The one that another was merged into, if it was.
    #[must_use]
    pub fn merged_into(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(|(_, into)| into.as_str())
    }

    /// The one that is kept of an id: the end of its chain, or itself.
    #[must_use]
    pub fn kept<'r>(&'r self, id: &'r str) -> &'r str {
        let mut kept = id;
        // A chain is no longer than there are links: merging refuses circles.
        for _ in 0..self.0.len() {
            match self.merged_into(kept) {
                Some(into) => kept = into,
                None => break,
            }
        }
        kept
    }

    /// The merged ids of a table, each with the one that is kept of it, in the order of ids.
    pub(crate) fn of(&self, table: Table) -> Vec<(&str, &str)> {
        let own = self.0.iter().filter(|(_, (of, _))| *of == table);
        let mut own: Vec<(&str, &str)> = own.map(|(id, _)| (id.as_str(), self.kept(id))).collect();
        own.sort_by_key(|(id, _)| (id.len(), *id));
        own
    }

    /// Whether anything of a table is merged.
    pub(crate) fn concern(&self, table: Table) -> bool {
        self.0.values().any(|(of, _)| *of == table)
    }
}

impl TryFrom<identity_merge::Model> for MergedIdentity {
    type Error = StoreError;

    fn try_from(row: identity_merge::Model) -> Result<MergedIdentity, StoreError> {
        Ok(MergedIdentity { table: manifest::table(&row.entity)?, id: row.id, into: row.into_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merge(id: &str, into: Option<&str>) -> MergedIdentity {
        MergedIdentity { table: Table::Account, id: id.into(), into: into.map(str::to_owned) }
    }

    #[test]
    fn a_chain_leads_to_its_end_and_comes_apart_where_it_was_joined() {
        let steps = [merge("a-1", Some("a-2")), merge("a-2", Some("a-10")), merge("a-3", Some("a-2"))];
        let redirects = Redirects::after(&steps);
        assert_eq!(redirects.of(Table::Account), [("a-1", "a-10"), ("a-2", "a-10"), ("a-3", "a-10")]);
        assert_eq!((redirects.kept("a-10"), redirects.merged_into("a-1")), ("a-10", Some("a-2")));
        let apart = Redirects::after(steps.iter().chain([&merge("a-2", None)]));
        assert_eq!(apart.of(Table::Account), [("a-1", "a-2"), ("a-3", "a-2")]);
        assert!(!apart.concern(Table::Employee));
    }
}
