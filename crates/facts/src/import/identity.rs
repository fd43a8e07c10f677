//! Who and what is already known: the source's identifiers and the ids Attain gave them
//! (domain 2.5).
//!
//! People, teams, territories, accounts and products get an id on first sight, kept in the records.
//! Deals, leads and the like are too many for that: their id is derived from source and identifier,
//! and whether there is such a row is asked of the rows themselves ([`super::dangling`]).

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::hash::hex;
use crate::canonical::{ColumnType, Identifier, Table};
use crate::value::Value;

/// The source of what is entered by hand. Its rows refer to people, teams and the like of every source,
/// by the ids Attain gave them.
pub const BY_HAND: &str = "by hand";

/// An entity that rows can refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Which table it belongs to.
    pub table: Table,
    /// The system that named it.
    pub source_system: String,
    /// Its identifier there.
    pub source_id: String,
    /// Its id in Attain, never reused.
    pub id: String,
    /// Salt of the commitments to its personal text (domain 2.23).
    pub salt: String,
}

impl Identity {
    /// The number in its id; ids are given in ascending order, and not every one is kept.
    fn number(&self) -> u64 {
        self.id.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
    }
}

/// The entities of one source system, those of this delivery included.
pub(super) struct KnownEntities {
    source_system: String,
    /// By table and source identifier.
    entities: BTreeMap<Table, HashMap<String, Entity>>,
    /// Those that only undone imports brought, until they are met again.
    dormant: HashMap<(Table, String), Identity>,
    woken: Vec<Identity>,
    next: HashMap<Table, u64>,
    /// What this delivery brings and has no id yet, with its salt.
    met: BTreeMap<(Table, String), [u8; 16]>,
    new: Vec<Identity>,
}

/// What rows that refer to an entity are given for it.
struct Entity {
    id: String,
    salt: String,
    /// What stands for a person in the hashes of the rows that name them, which are many.
    commitment: Option<String>,
}

/// A reference that points at nothing: which column, and what it holds.
pub(super) struct Dangling {
    pub(super) column: &'static str,
    pub(super) table: Table,
    pub(super) value: String,
}

impl KnownEntities {
    /// `identities` are all that are known, of any source system; those whose ids are `dormant` are
    /// known by nothing that counts any more.
    pub(super) fn new(
        source_system: &str,
        identities: Vec<Identity>,
        dormant: &HashSet<String>,
    ) -> KnownEntities {
        let mut next: HashMap<Table, u64> = HashMap::new();
        for identity in &identities {
            let last = next.entry(identity.table).or_default();
            *last = Ord::max(*last, identity.number());
        }
        let by_id =
            identities.iter().filter(|known| source_system == BY_HAND && !dormant.contains(&known.id));
        let by_id: Vec<Identity> =
            by_id.map(|known| Identity { source_id: known.id.clone(), ..known.clone() }).collect();
        let own = identities.into_iter().filter(|identity| identity.source_system == source_system);
        let mut known = KnownEntities {
            source_system: source_system.to_owned(),
            entities: BTreeMap::new(),
            dormant: HashMap::new(),
            woken: Vec::new(),
            next,
            met: BTreeMap::new(),
            new: Vec::new(),
        };
        by_id.iter().for_each(|identity| known.insert(identity));
        for identity in own {
            if dormant.contains(&identity.id) {
                known.dormant.insert((identity.table, identity.source_id.clone()), identity);
            } else {
                known.insert(&identity);
            }
        }
        known
    }

    /// Notes an entity that this delivery brings.
    pub(super) fn meet(&mut self, table: Table, source_id: &str, salt: impl FnOnce() -> [u8; 16]) {
        let key = (table, source_id.to_owned());
        if let Some(identity) = self.dormant.remove(&key) {
            self.insert(&identity);
            self.woken.push(identity);
        } else if is_named(table) && self.entity(table, source_id).is_none() {
            self.met.entry(key).or_insert_with(salt);
        }
    }

    /// Gives ids to all that was met, in the order of the source's identifiers: ids decide ties
    /// (T13b), and must not follow from the order of rows and files (invariant I7).
    pub(super) fn name_all_met(&mut self) {
        for ((table, source_id), salt) in std::mem::take(&mut self.met) {
            let Identifier::Given { prefix, .. } = table.definition().identifier else { continue };
            let number = self.next.entry(table).or_default();
            *number += 1;
            let identity = Identity {
                table,
                source_system: self.source_system.clone(),
                source_id,
                id: format!("{prefix}-{number}"),
                salt: hex(&salt),
            };
            self.insert(&identity);
            self.new.push(identity);
        }
    }

    fn insert(&mut self, identity: &Identity) {
        let Identity { table, source_id, id, salt, .. } = identity;
        let commitment = (*table == Table::Employee).then(|| committed(salt, source_id));
        let entity = Entity { id: id.clone(), salt: salt.clone(), commitment };
        self.entities.entry(*table).or_default().insert(source_id.clone(), entity);
    }

    fn entity(&self, table: Table, source_id: &str) -> Option<&Entity> {
        self.entities.get(&table)?.get(source_id)
    }

    /// Forgets entities seen for the first time, or again, that are gone: their source identifiers by id.
    pub(super) fn forget_new(
        &mut self,
        table: Table,
        is_gone: impl Fn(&str) -> bool,
    ) -> HashMap<String, String> {
        let is_forgotten = |new: &mut Identity| new.table == table && is_gone(&new.source_id);
        let mut forgotten: Vec<Identity> = self.new.extract_if(.., is_forgotten).collect();
        forgotten.extend(self.woken.extract_if(.., is_forgotten));
        for identity in &forgotten {
            self.entities.entry(table).or_default().remove(&identity.source_id);
        }
        forgotten.into_iter().map(|identity| (identity.id, identity.source_id)).collect()
    }

    /// Entities seen for the first time.
    pub(super) fn new_identities(&self) -> &[Identity] {
        &self.new
    }

    /// The id of a row of a table, given or derived; `None` where rows have none or, where ids
    /// are given, no delivery brought the row.
    pub(super) fn id(&self, table: Table, source_id: &str) -> Option<String> {
        match table.definition().identifier {
            Identifier::None => None,
            Identifier::Given { .. } => self.entity(table, source_id).map(|entity| entity.id.clone()),
            Identifier::Derived { prefix, .. } => Some(self.derived_id(prefix, source_id)),
        }
    }

    /// Replaces source identifiers in references by ids.
    pub(super) fn resolve(&self, table: Table, values: &mut [Option<Value>]) -> Result<(), Dangling> {
        for (position, column) in table.columns().iter().enumerate() {
            if values[position].is_none() {
                continue;
            }
            let Some(target) = referred(table, column.kind, values) else { continue };
            let Some(Value::Text(text)) = &mut values[position] else { continue };
            match self.id(target, text) {
                Some(id) => *text = id,
                None => return Err(Dangling { column: column.name, table: target, value: text.clone() }),
            }
        }
        Ok(())
    }

    /// A commitment to a text about an entity: it can be checked while the salt exists, and says
    /// nothing afterwards.
    pub(super) fn commitment(&self, table: Table, source_id: &str, text: &str) -> String {
        let salt = self.entity(table, source_id).map_or("", |entity| entity.salt.as_str());
        committed(salt, text)
    }

    /// The commitment to the identifier of a person.
    pub(super) fn person(&self, source_id: &str) -> Cow<'_, str> {
        match self.entity(Table::Employee, source_id).and_then(|person| person.commitment.as_ref()) {
            Some(commitment) => commitment.into(),
            None => committed("", source_id).into(),
        }
    }

    fn derived_id(&self, prefix: &str, source_id: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(self.source_system.as_bytes());
        digest.update([0]);
        digest.update(source_id.as_bytes());
        format!("{prefix}-{}", hex(&digest.finalize()[..10]))
    }
}

fn committed(salt: &str, text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(salt.as_bytes());
    digest.update(text.as_bytes());
    hex(&digest.finalize())
}

/// Whether rows of other tables refer to rows of this one by an id that the records keep.
pub(super) fn is_named(table: Table) -> bool {
    matches!(table.definition().identifier, Identifier::Given { .. })
}

/// The table that a column of a row refers to, if it does.
pub(super) fn referred(table: Table, kind: ColumnType, values: &[Option<Value>]) -> Option<Table> {
    match kind {
        ColumnType::Reference(target) => Some(target),
        ColumnType::Subject(kind_column) => {
            let (position, _) = table.column(kind_column)?;
            match values[position].as_ref()? {
                // The company as a whole is no row of a table.
                Value::Text(kind) => Table::from_name(kind),
                _ => None,
            }
        }
        _ => None,
    }
}
