//! A native Python of the same version: the cross build needs one to run its scripts.

use std::fs;
use std::os::unix::fs::symlink;

use crate::error::{Error, IoContext as _};
use crate::workshop::Workshop;

/// The interpreter, below the stage's result.
pub(super) const PYTHON: &str = "build/python.exe";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    // Python finds its library by the relative path from which it was
    // configured, wherever the result goes.
    let source = shop.out().join("src");
    symlink(shop.result("source"), &source).on("link", &source)?;
    let build = shop.out().join("build");
    fs::create_dir(&build).on("create", &build)?;
    let mut configure = shop.command("../src/configure");
    configure.current_dir(&build).args(["--disable-test-modules", "--without-ensurepip"]);
    // A name that is no folder's even where upper and lower case are the same:
    // there configure would choose this suffix by itself.
    configure.arg("--with-suffix=.exe");
    // It runs a few scripts: quickly compiled beats fast.
    configure.arg("CFLAGS=-O1");
    shop.run(&mut configure)?;
    // The interpreter alone: its extension modules are not needed.
    shop.make(&build, &["python.exe"])
}
