//! A tarball of sources, from whoever answers first.

use std::env;
use std::path::{Path, PathBuf};

use super::apt;
use crate::error::{Error, IoContext as _, last_line};
use crate::fingerprint::verify;
use crate::workshop::Workshop;

/// How long a server may stay silent.
const SECONDS: &str = "15";

/// A pinned tarball and where it may be had.
pub(super) struct Tarball<'a> {
    /// What it holds, for messages: "CPython 3.13.5".
    pub what: String,
    /// The variable that names a copy on this machine.
    pub variable: &'static str,
    /// The project's own site, and the tarball there.
    pub site: &'static str,
    pub url: String,
    /// Debian's source package, and its name for the tarball.
    pub package: &'static str,
    pub orig: String,
    pub sha256: &'a str,
}

/// The file that the variable names, else the project's own, else that of the
/// distribution's source package.
pub(super) fn tarball(shop: &mut Workshop<'_>, tarball: Tarball<'_>) -> Result<PathBuf, Error> {
    // A path given by hand is meant: if it is wrong, say so and try no other.
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
