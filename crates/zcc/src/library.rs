//! The objects that every program is linked with, as files beside the compiler.

use std::fs;
use std::path::PathBuf;

use cpython::Cache;
use sha2::{Digest as _, Sha256};

use crate::Failure;

/// The recipe's functions of libc and our own, by the names of their files.
const EMBEDDED: &[(&str, &[u8])] = &include!(concat!(env!("OUT_DIR"), "/objects.rs"));

/// The one that calls C++'s library.
const THROW: &str = "throw.o";

/// Where they are.
#[derive(Debug)]
pub(crate) struct Library {
    /// For every program, on the linker's command line in this order.
    pub(crate) objects: Vec<PathBuf>,
    /// For programs of C++, behind those.
    pub(crate) throw: PathBuf,
    /// A folder of headers, before those of the C library.
    pub(crate) include: PathBuf,
}

impl Library {
    /// Returns the files, written first if they are not there. Several processes may do that at once.
    pub(crate) fn ready() -> Result<Self, Failure> {
        let mut hash = Sha256::new();
        for (name, bytes) in EMBEDDED {
            hash.update(name);
            hash.update(bytes);
        }
        let digits = hash.finalize().iter().take(8).fold(0, |digits, byte| digits << 8 | u64::from(*byte));
        let cache = Cache::of_user().map_err(|error| error.to_string())?;
        let folder = cache.root().join(format!("zcc-{digits:016x}"));
        if !folder.is_dir() {
            let failed = |error| format!("cannot write {}: {error}", folder.display());
            let fresh = tempfile::Builder::new().prefix("zcc-").tempdir_in(cache.root()).map_err(failed)?;
            for (name, bytes) in EMBEDDED {
                let path = fresh.path().join(name);
                fs::create_dir_all(path.parent().unwrap_or(fresh.path())).map_err(failed)?;
                fs::write(path, bytes).map_err(failed)?;
            }
            match fs::rename(fresh.path(), &folder) {
                // Another process was first.
                Err(_) if folder.is_dir() => {}
                renamed => {
                    renamed.map_err(failed)?;
                    // It has another name now: there is nothing to remove.
                    let _ = fresh.keep();
                }
            }
        }
        let names = EMBEDDED.iter().map(|(name, _)| *name);
        let objects = names.filter(|name| !name.starts_with("include/") && *name != THROW);
        Ok(Self {
            objects: objects.map(|name| folder.join(name)).collect(),
            throw: folder.join(THROW),
            include: folder.join("include"),
        })
    }

    /// Leaves out the objects that define what a program defines itself, by what the linker says. Returns whether
    /// there are any.
    ///
    /// Weak symbols would not do: zig's linker takes the functions of its own library first, which are weak, too.
    pub(crate) fn give_way(&mut self, messages: &[u8]) -> bool {
        let text = String::from_utf8_lossy(messages);
        if !text.contains("duplicate symbol") {
            return false;
        }
        let before = self.objects.len();
        self.objects.retain(|object| !text.contains(&*object.to_string_lossy()));
        self.objects.len() < before
    }
}
