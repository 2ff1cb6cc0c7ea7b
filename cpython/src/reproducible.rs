//! Checks that two builds of one recipe have the same bytes.

use crate::artefact::{Artefact, FILES};
use crate::cache::Cache;
use crate::error::Error;
use crate::fingerprint::sha256;
use crate::progress::Progress;
use crate::tree;

/// Builds the artefact in `cache`, if it is not there, and a second one from scratch in another folder, whose
/// path has another length, and compares their files. It takes as long as a whole build.
///
/// Fails with [`Error::NotReproducible`] if they differ; both folders are then kept.
pub fn check_reproducible(cache: &Cache, progress: &Progress) -> Result<Artefact, Error> {
    let first = crate::build(cache, progress)?;
    let second_cache = Cache::at(&cache.root().join("second-build-to-compare"))?;
    tree::remove(second_cache.root())?;
    progress.say("building a second time from scratch");
    let second = crate::build(&second_cache, progress)?;
    let mut differing = Vec::new();
    for &file in FILES {
        if sha256(&first.folder().join(file))? != sha256(&second.folder().join(file))? {
            differing.push(file.to_owned());
        }
    }
    if !differing.is_empty() {
        // Both stay, so that the differences can be examined.
        return Err(Error::NotReproducible {
            files: differing,
            folders: [first.folder().to_path_buf(), second.folder().to_path_buf()],
        });
    }
    tree::remove(second_cache.root())?;
    Ok(first)
}
