//! A release tarball of CPython, from whoever answers first.

use std::env;
use std::path::{Path, PathBuf};

use super::apt;
use crate::error::{Error, IoContext as _, last_line};
use crate::fingerprint::verify;
use crate::workshop::Workshop;

/// How long a server may stay silent.
const SECONDS: &str = "15";

/// The `.tar.xz` of `version`: the file that `PYTHON_WASM_SOURCE` names, else
/// python.org's, else that of the distribution's source package.
pub(crate) fn release(
    shop: &mut Workshop<'_>,
    version: &'static str,
    sha256: &str,
) -> Result<PathBuf, Error> {
    // A path given by hand is meant: if it is wrong, say so and try no other.
    if let Some(path) = env::var_os("PYTHON_WASM_SOURCE").filter(|path| !path.is_empty()) {
        let path = std::path::absolute(&path).on("resolve", Path::new(&path))?;
        verify(&path, sha256)?;
        return Ok(path);
    }
    let mut attempts = Vec::new();
    for (name, from) in [
        ("www.python.org", from_python_org as fn(&mut Workshop<'_>, &str) -> Result<PathBuf, Error>),
        ("the distribution's source package (apt)", apt::release),
    ] {
        match from(shop, version).and_then(|path| verify(&path, sha256).map(|()| path)) {
            Ok(path) => return Ok(path),
            Err(Error::Command { tail, .. }) => attempts.push(format!("{name}: {}", last_line(&tail))),
            Err(error) => attempts.push(format!("{name}: {error}")),
        }
    }
    Err(Error::NoSource { version, attempts })
}

fn from_python_org(shop: &mut Workshop<'_>, version: &str) -> Result<PathBuf, Error> {
    let url = format!("https://www.python.org/ftp/python/{version}/Python-{version}.tar.xz");
    let path = shop.work().join("Python.tar.xz");
    let mut download = shop.fetching("python3");
    download.args(["-c", DOWNLOAD, &url]).arg(&path).arg(SECONDS);
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
