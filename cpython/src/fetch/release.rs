//! Fetches the release tarballs of CPython and of musl.

use std::path::PathBuf;

use super::tarball::{Tarball, tarball};
use crate::error::Error;
use crate::workshop::Workshop;

/// Fetches CPython's `.tar.xz` of `version`. Fails with [`Error::NoSource`].
pub(crate) fn release(shop: &mut Workshop<'_>, version: &str, sha256: &str) -> Result<PathBuf, Error> {
    let release = Tarball {
        what: format!("CPython {version}"),
        variable: "PYTHON_WASM_SOURCE",
        site: "www.python.org",
        url: format!("https://www.python.org/ftp/python/{version}/Python-{version}.tar.xz"),
        package: "python3.13",
        orig: format!("python3.13_{version}.orig.tar.xz"),
        sha256,
    };
    tarball(shop, release)
}

/// Fetches musl's `.tar.gz` of `version`. Fails with [`Error::NoSource`].
pub(crate) fn musl(shop: &mut Workshop<'_>, version: &str, sha256: &str) -> Result<PathBuf, Error> {
    let release = Tarball {
        what: format!("musl {version}"),
        variable: "PYTHON_WASM_MUSL",
        site: "musl.libc.org",
        url: format!("https://musl.libc.org/releases/musl-{version}.tar.gz"),
        package: "musl",
        orig: format!("musl_{version}.orig.tar.gz"),
        sha256,
    };
    tarball(shop, release)
}
