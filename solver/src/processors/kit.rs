//! What the processors of one kind share: FFT plans, windows, noise, scratch memory.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The shared tables of all kinds, each made the first time it is asked for.
#[derive(Default)]
pub struct Kit {
    tables: Mutex<HashMap<Key, Arc<dyn Any + Send + Sync>>>,
}

/// A table's type, and the two numbers that it was made for.
type Key = (TypeId, [usize; 2]);

impl Kit {
    /// The table of type `T` for these `sizes` (two numbers that together tell its tables apart), made by `make` if it is the
    /// first time.
    pub fn table<T: Any + Send + Sync>(&self, sizes: [usize; 2], make: impl FnOnce() -> T) -> Arc<T> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = tables.entry((TypeId::of::<T>(), sizes)).or_insert_with(|| Arc::new(make()));
        Arc::clone(entry).downcast().expect("the key holds the type")
    }
}
