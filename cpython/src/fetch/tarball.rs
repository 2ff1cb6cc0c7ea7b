//! Fetches a tarball from the first source that has it.

use std::env;
use std::path::{Path, PathBuf};

use super::apt;
use crate::error::{Error, IoContext as _, last_line};
use crate::fingerprint::verify;
use crate::workshop::Workshop;

/// Seconds that a server may stay silent.
const SECONDS: &str = "15";

/// A pinned tarball and its sources.
pub(super) struct Tarball<'a> {
    /// What it contains, for messages: "CPython 3.13.5".
    pub what: String,
    /// The environment variable that may name a local copy.
    pub variable: &'static str,
    /// The project's own site, for messages.
    pub site: &'static str,
    /// The tarball there.
    pub url: String,
    /// The name of Debian's source package.
    pub package: &'static str,
    /// The name of the tarball in that package.
    pub orig: String,
    /// The pinned sum, in hexadecimal digits.
    pub sha256: &'a str,
}

/// Returns the tarball: the file that the variable names, or else the project's own, or else that of the
/// distribution's source package.
///
/// Fails with [`Error::Checksum`] if the variable names another file, and with [`Error::NoSource`] if no
/// source has it.
pub(super) fn tarball(shop: &mut Workshop<'_>, tarball: Tarball<'_>) -> Result<PathBuf, Error> {
    // The user named this file, so a wrong one is an error, and no other source is tried.
    if let Some(path) = env::var_os(tarball.variable).filter(|path| !path.is_empty()) {
        let path = std::path::absolute(&path).on("resolve", Path::new(&path))?;
        verify(&path, tarball.sha256)?;
        return Ok(path);
    }
    let mut attempts = Vec::new();
    for (name, from) in [
        (tarball.site, download as fn(&mut Workshop<'_>, &Tarball<'_>) -> Result<PathBuf, Error>),
        ("the distribution's source package (apt)", |shop, tarball| {
            apt::source(shop, tarball.package, &tarball.orig)
        }),
    ] {
        match from(shop, &tarball).and_then(|path| verify(&path, tarball.sha256).map(|()| path)) {
            Ok(path) => return Ok(path),
            Err(Error::Command { tail, .. }) => attempts.push(format!("{name}: {}", last_line(&tail))),
            Err(error) => attempts.push(format!("{name}: {error}")),
        }
    }
    let Tarball { what, variable, url, .. } = tarball;
    let file = url.rsplit('/').next().unwrap_or_default().to_owned();
    Err(Error::NoSource { what, variable, file, attempts })
}

fn download(shop: &mut Workshop<'_>, tarball: &Tarball<'_>) -> Result<PathBuf, Error> {
    let path = shop.work().join("tarball");
    let mut download = shop.fetching("python3");
    download.args(["-c", DOWNLOAD, &tarball.url]).arg(&path).arg(SECONDS);
    shop.run(&mut download)?;
    Ok(path)
}

const DOWNLOAD: &str = "
import shutil, sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=float(sys.argv[3])) as answer:
        with open(sys.argv[2], 'wb') as file:
            shutil.copyfileobj(answer, file)
except OSError as error:
    sys.exit(str(error))
";
