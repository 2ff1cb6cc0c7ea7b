//! Compiles the module ahead of time, for the processor that it will run on.
//!
//! The result is data for the assembler. Linked into a program's text, it is executable from the start, so no
//! page is ever made executable.

#[cfg(feature = "native")]
mod ahead;
#[cfg(any(feature = "native", feature = "meter"))]
mod meter;

#[cfg(feature = "native")]
pub use ahead::compile;

#[cfg(feature = "meter")]
pub use meter::imported as metered;

use std::path::PathBuf;

use python_wasm_contract::NATIVE_SETTINGS;

use crate::artefact::Artefact;
use crate::cache::Cache;
use crate::error::Error;
use crate::fingerprint::Fingerprint;

/// The compiler, whose exact version determines the code. A test compares it with Cargo.lock.
const COMPILER: &str = "wasmtime 48.0.8";

/// The texts that determine the code, beside the module and the compiler.
const TEXT: [&str; 4] =
    [include_str!("ahead.rs"), include_str!("meter.rs"), include_str!("meter/cycles.rs"), NATIVE_SETTINGS];

/// The beginnings of supported target triples.
const PROCESSORS: [&str; 2] = ["x86_64-", "aarch64-"];
/// The systems in supported target triples.
const SYSTEMS: [&str; 2] = ["-linux-", "-apple-darwin"];

/// The file name of the image in the result's folder.
const FILE: &str = "python.elf";

/// Returns the target whose code is the code for `target`: which C library the program has makes no difference to it.
pub(crate) fn canonical(target: &str) -> String {
    target.strip_suffix("-musl").map_or_else(|| target.to_owned(), |system| format!("{system}-gnu"))
}

/// Returns the path where the code for `target` is or would be.
///
/// Fails with [`Error::Native`] for an unsupported target.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_the_same_whatever_the_c_library_is() {
        assert_eq!(canonical("aarch64-unknown-linux-musl"), "aarch64-unknown-linux-gnu");
        for target in ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin"] {
            assert_eq!(canonical(target), target);
        }
    }
}
