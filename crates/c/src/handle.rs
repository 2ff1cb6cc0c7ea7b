//! Handles: what C gets in place of a pointer.
//!
//! A handle looks like a pointer, because C tells pointers to different structs apart, and is a number that no other
//! handle of this process has or had. It is looked up and never followed. So a handle that was freed, one of another
//! kind and a pointer to anything else are told from a good one, and another thread may free what is in use.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::failure::Failure;

/// The distance of two handles. None of them is aligned as a pointer to a struct would be.
const STEP: usize = 16;

/// The next handle, whatever it is for.
static NEXT: AtomicUsize = AtomicUsize::new(STEP + 3);

/// How many handles have not been freed. Threads count together.
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// The things of one kind, by their handles. Threads share it: each looks up what it was given.
pub(crate) type Table<T> = Mutex<BTreeMap<usize, Arc<T>>>;

/// What C can have a handle of.
pub(crate) trait Handled: Send + Sync + Sized + 'static {
    /// What the header calls it, with its article.
    const NAME: &str;

    /// All of its kind.
    fn table() -> &'static Table<Self>;
}

fn lock<T: Handled>() -> MutexGuard<'static, BTreeMap<usize, Arc<T>>> {
    T::table().lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the handle of something.
pub(crate) fn issue<T: Handled>(thing: Arc<T>) -> *mut T {
    let number = NEXT.fetch_add(STEP, Ordering::Relaxed);
    lock().insert(number, thing);
    LIVE.fetch_add(1, Ordering::Relaxed);
    std::ptr::without_provenance_mut(number)
}

/// Returns what a handle stands for.
pub(crate) fn find<T: Handled>(handle: *const T) -> Result<Arc<T>, Failure> {
    let found = lock().get(&handle.addr()).cloned();
    found.ok_or_else(|| missing(handle))
}

/// Takes what a handle stands for. The handle is then worth nothing.
pub(crate) fn withdraw<T: Handled>(handle: *const T) -> Result<Arc<T>, Failure> {
    // The table is free again before anything is dropped, for a finalizer may use the library.
    let found = lock().remove(&handle.addr()).ok_or_else(|| missing(handle))?;
    LIVE.fetch_sub(1, Ordering::Relaxed);
    Ok(found)
}

/// Returns how many handles have not been freed.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_live_handles() -> usize {
    LIVE.load(Ordering::Relaxed)
}

fn missing<T: Handled>(handle: *const T) -> Failure {
    let name = T::NAME;
    if handle.is_null() {
        Failure::argument(format!("{name} is NULL"))
    } else {
        Failure::argument(format!("{name} was freed, or is not one of this library's"))
    }
}

/// Gives a type its table.
macro_rules! handled {
    ($type:ty, $name:literal) => {
        impl crate::handle::Handled for $type {
            const NAME: &str = $name;

            fn table() -> &'static crate::handle::Table<Self> {
                static TABLE: crate::handle::Table<$type> =
                    std::sync::Mutex::new(std::collections::BTreeMap::new());
                &TABLE
            }
        }
    };
}

pub(crate) use handled;
