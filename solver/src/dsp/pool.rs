//! Scratch memory that threads lend from one another instead of allocating.

use std::sync::Mutex;

/// A stock of scratch buffers: as many as were ever needed at the same time.
pub struct Pool<T> {
    free: Mutex<Vec<T>>,
    make: Box<dyn Fn() -> T + Send + Sync>,
}

impl<T> Pool<T> {
    /// A pool whose buffers `make` allocates the first time each is needed.
    pub fn new(make: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Self { free: Mutex::default(), make: Box::new(make) }
    }

    /// Runs `work` with a buffer, whose content is whatever its last user left.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let lent = self.free.lock().ok().and_then(|mut free| free.pop());
        let mut buffer = lent.unwrap_or_else(|| (self.make)());
        let result = work(&mut buffer);
        if let Ok(mut free) = self.free.lock() {
            free.push(buffer);
        }
        result
    }
}
