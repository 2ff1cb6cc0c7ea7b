//! Fetches crates for the C sources that they contain.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::error::{Error, IoContext as _};
use crate::workshop::Workshop;

/// Has cargo fetch the crates of the manifest in folder `name` of this crate, and check them against the
/// Cargo.lock beside it. Returns a folder that contains a folder for each crate.
pub(crate) fn crates(shop: &mut Workshop<'_>, name: &str) -> Result<PathBuf, Error> {
    for file in ["Cargo.toml", "Cargo.lock"] {
        let from = shop.home().join(name).join(file);
        fs::copy(&from, shop.work().join(file)).on("copy", &from)?;
    }
    // Cargo refuses a manifest without a library or a binary.
    let library = shop.work().join("none.rs");
    fs::write(&library, "").on("write", &library)?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut vendor = shop.fetching(cargo);
    shop.run(vendor.args(["vendor", "--locked", "vendor"]))
        .map_err(|error| error.fetching("the C libraries' crates"))?;
    Ok(shop.work().join("vendor"))
}
