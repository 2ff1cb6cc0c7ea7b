//! The module compiled ahead of time, for the processor that it will run on.
//!
//! What comes out is data for the assembler: whoever links it into a program's text has code that
//! no page need ever be made executable for.

#[cfg(feature = "native")]
mod ahead;
#[cfg(feature = "native")]
mod meter;

#[cfg(feature = "native")]
pub use ahead::compile;

use std::path::PathBuf;

use python_wasm_contract::NATIVE_SETTINGS;

use crate::artefact::Artefact;
use crate::cache::Cache;
use crate::error::Error;
use crate::fingerprint::Fingerprint;

/// The compiler, whose exact version decides on the code. A test compares it with what cargo took.
const COMPILER: &str = "wasmtime 48.0.8";

/// All that decides how the code comes out, beside the module and the compiler.
const TEXT: [&str; 4] =
    [include_str!("ahead.rs"), include_str!("meter.rs"), include_str!("meter/cycles.rs"), NATIVE_SETTINGS];

/// The processors and systems that code can be made for.
const PROCESSORS: [&str; 2] = ["x86_64-", "aarch64-"];
const SYSTEMS: [&str; 2] = ["-linux-", "-apple-darwin"];

/// The name of the image in its folder.
const FILE: &str = "python.elf";

/// Where the code for `target` is or would be. [`Error::Native`] if there can be none.
pub(crate) fn path(
    cache: &Cache,
    artefact: &Artefact,
    target: &str,
    signals: bool,
) -> Result<PathBuf, Error> {
    if !PROCESSORS.iter().any(|name| target.starts_with(name))
        || !SYSTEMS.iter().any(|name| target.contains(name))
    {
        return Err(Error::Native {
            target: target.into(),
            reason: "only x86_64 and aarch64, Linux and macOS; build without the feature native".into(),
        });
    }
    let mut fingerprint = Fingerprint::default();
    fingerprint.add("recipe", artefact.recipe().as_bytes());
    fingerprint.add("compiler", COMPILER.as_bytes());
    fingerprint.add("target", target.as_bytes());
    fingerprint.add("signals", &[signals.into()]);
    for text in TEXT {
        fingerprint.add("text", text.as_bytes());
    }
    Ok(cache.result("native", &fingerprint.finish()).join(FILE))
}
