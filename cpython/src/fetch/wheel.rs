//! Fetches wheels from PyPI.

use std::fs;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::tree;
use crate::workshop::Workshop;

/// Fetches a wheel with pip, which checks its sha256, and unpacks it into `out`. `zipfile` does not restore
/// permissions, so no unpacked file is executable.
pub(crate) fn wheel(shop: &mut Workshop<'_>, requirement: &str, sha256: &str) -> Result<(), Error> {
    let out = shop.out().to_path_buf();
    unpack_wheel(shop, requirement, sha256, &out)
}

/// Fetches a wheel like [`wheel`] and unpacks it into `folder`.
pub(crate) fn unpack_wheel(
    shop: &mut Workshop<'_>,
    requirement: &str,
    sha256: &str,
    folder: &Path,
) -> Result<(), Error> {
    let (requirements, wheels) = (shop.work().join("requirements.txt"), shop.work().join("wheels"));
    // What an earlier call of this stage has left.
    tree::remove(&wheels)?;
    let text = format!("{requirement} --hash=sha256:{sha256}\n");
    fs::write(&requirements, text).on("write", &requirements)?;
    let mut pip = shop.fetching("python3");
    pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--require-hashes"])
        .args(["--disable-pip-version-check", "--progress-bar=off", "--dest"])
        .arg(&wheels)
        .arg("--requirement")
        .arg(&requirements);
    shop.run(&mut pip).map_err(|error| error.fetching(&format!("{requirement} from PyPI")))?;
    for file in fs::read_dir(&wheels).on("list", &wheels)? {
        let file = file.on("list", &wheels)?.path();
        let mut unzip = shop.command("python3");
        unzip.args(["-m", "zipfile", "-e"]).arg(file).arg(folder);
        shop.run(&mut unzip)?;
    }
    Ok(())
}
