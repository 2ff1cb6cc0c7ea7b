//! What a program imports from folders that it only reads, compiled once for all programs.
//!
//! A guest that opens the bytecode of a module, `__pycache__/name.TAG.pyc`, gets it from here, whether there
//! is such a file or not. The source is compiled in a sandbox of its own, which has compiled nothing before and runs
//! none of it, and the result is kept under the hash of the source. So no guest can change what another one runs: it
//! reaches neither that sandbox nor the folder of results. Anything that fails here costs only time, because
//! the guest then compiles the module itself.

mod compiler;
mod dir;
mod store;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use python_wasm_engine::Engine;
use python_wasm_sandbox::{Limits, Through};
use sha2::{Digest as _, Sha256};

use self::compiler::Compiler;
use self::dir::WithBytecode;
use self::store::Store;
use super::embedded;

pub use self::store::user_cache;

/// The hash of a source and of all that its bytecode depends on.
type Key = [u8; 32];

/// How long one module may take to be compiled: a guest's own deadline waits for that. The largest of sympy takes two
/// seconds.
const TIME: Duration = Duration::from_secs(10);

/// Compiles modules and keeps the results. All folders of a sandbox, and those of its forks on whatever threads,
/// share one.
pub(crate) struct Bytecode {
    store: Store,
    /// One thread compiles at a time; the others wait, and may find the result then.
    sandbox: Mutex<Compiler>,
    /// Sources that cannot be compiled. A guest that asks again costs nothing.
    refused: Mutex<HashSet<Key>>,
}

impl Bytecode {
    /// Keeps results below a folder, for sandboxes with these limits.
    pub(crate) fn new(folder: &Path, engine: Engine, limits: &Limits) -> Self {
        let limits = Limits::default().timeout(limits.timeout.min(TIME)).memory(limits.memory.max(1 << 28));
        Self {
            store: Store::new(folder),
            sandbox: Mutex::new(Compiler::new(engine, limits)),
            refused: Mutex::default(),
        }
    }

    /// Returns what folders that are only read pass through to have bytecode.
    pub(crate) fn through(self: Arc<Self>) -> Through {
        Arc::new(move |dir| Box::new(WithBytecode::new(dir, self.clone())))
    }

    /// Returns the bytecode of a module as a file's content, or `None` if it is not to be had.
    fn of(&self, source: &[u8], optimization: u8) -> Option<Vec<u8>> {
        let key = key(source, optimization);
        if let Some(found) = self.store.find(&key) {
            return Some(found);
        }
        let refused = || self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused().contains(&key) {
            return None;
        }
        let sandbox = self.sandbox.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have compiled it meanwhile.
        if let Some(found) = self.store.find(&key) {
            return Some(found);
        }
        let compiled = sandbox.compile(source, optimization);
        match &compiled {
            Some(bytecode) => self.store.keep(&key, bytecode),
            None => drop(refused().insert(key)),
        }
        compiled
    }
}

fn key(source: &[u8], optimization: u8) -> Key {
    let mut hash = Sha256::new();
    hash.update(embedded::IDENTITY);
    hash.update([optimization]);
    hash.update(source);
    hash.finalize().into()
}
