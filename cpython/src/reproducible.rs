//! Two builds of one recipe must give the same bytes: the check.

use crate::artefact::{Artefact, FILES};
use crate::cache::Cache;
use crate::error::Error;
use crate::fingerprint::sha256;
use crate::progress::Progress;
use crate::tree;

/// Builds the artefact in `cache` if need be and a second one from nothing in a
/// folder of its own, of another name and length, and compares their files.
/// Takes as long as a whole build.
pub fn check_reproducible(cache: &Cache, progress: &Progress) -> Result<Artefact, Error> {
    let first = crate::build(cache, progress)?;
    let second_cache = Cache::at(&cache.root().join("second-build-to-compare"))?;
    tree::remove(second_cache.root())?;
    progress.say("building from nothing a second time");
    let second = crate::build(&second_cache, progress)?;
    let mut differing = Vec::new();
    for file in FILES {
        if sha256(&first.folder().join(file))? != sha256(&second.folder().join(file))? {
            differing.push(file.to_owned());
        }
    }
    if !differing.is_empty() {
        // Both are kept, to look at the differences.
        return Err(Error::NotReproducible {
            files: differing,
            folders: [first.folder().to_path_buf(), second.folder().to_path_buf()],
        });
    }
    tree::remove(second_cache.root())?;
    Ok(first)
}
