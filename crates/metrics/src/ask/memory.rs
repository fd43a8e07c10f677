//! What others computed from an asker's answers, kept for as long as these are: a comparison of a whole
//! peer set is the same for everybody who looks at one of its people.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Asker;

/// Things that are kept at most; then all are forgotten.
const KEPT: usize = 512;

/// What is kept, by its kind and what it is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Things>>);

type Things = HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>;

impl Asker {
    /// What was kept of a kind under a name.
    #[must_use]
    pub fn recalled<T: Any + Send + Sync>(&self, name: &str) -> Option<Arc<T>> {
        let things = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = things.get(&(TypeId::of::<T>(), name.to_owned()))?;
        Arc::clone(kept).downcast().ok()
    }

    /// Keeps a thing under a name that says everything it follows from beside the snapshot.
    pub fn remember<T: Any + Send + Sync>(&self, name: &str, thing: T) -> Arc<T> {
        let thing = Arc::new(thing);
        let mut things = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        if things.len() >= KEPT {
            things.clear();
        }
        things.insert((TypeId::of::<T>(), name.to_owned()), Arc::<T>::clone(&thing));
        thing
    }
}
