//! What others computed from an asker's answers, kept for as long as these are: a comparison of a whole
//! peer set is the same for everybody who looks at one of its people. Whoever asks while it is being
//! computed waits for it, so that nothing is computed twice at the same time.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::Asker;

/// Things that are kept at most; then all are forgotten.
const KEPT: usize = 512;

/// What is kept, by its kind and what it is called.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory(Arc<Mutex<Things>>);

type Things = HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>;

impl Asker {
    /// What was kept of a kind under a name, or what `make` makes of it, which is then kept. The name says
    /// everything it follows from beside the snapshot.
    ///
    /// # Errors
    /// Those of `make`; then nothing is kept.
    pub async fn once<T, E>(&self, name: &str, make: impl Future<Output = Result<T, E>>) -> Result<Arc<T>, E>
    where
        T: Send + Sync + 'static,
    {
        let cell = self.cell::<T>(name);
        cell.get_or_try_init(async || make.await.map(Arc::new)).await.cloned()
    }

    fn cell<T: Send + Sync + 'static>(&self, name: &str) -> Arc<OnceCell<Arc<T>>> {
        let mut things = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (TypeId::of::<T>(), name.to_owned());
        if !things.contains_key(&key) && things.len() >= KEPT {
            things.clear();
        }
        let kept = things.entry(key).or_insert_with(|| Arc::new(OnceCell::<Arc<T>>::new()));
        Arc::clone(kept).downcast().unwrap_or_default()
    }
}
