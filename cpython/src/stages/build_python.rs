//! Builds a native Python of the same version, with which the cross build runs its scripts.

use std::fs;
use std::os::unix::fs::symlink;

use crate::error::{Error, IoContext as _};
use crate::workshop::Workshop;

/// The interpreter, below the stage's result.
pub(super) const PYTHON: &str = "build/python.exe";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    // Python finds its library by the relative path with which it was configured, wherever the result is
    // moved.
    let source = shop.out().join("src");
    symlink(shop.result("source"), &source).on("link", &source)?;
    let build = shop.out().join("build");
    fs::create_dir(&build).on("create", &build)?;
    let mut configure = shop.command("../src/configure");
    configure.current_dir(&build).args(["--disable-test-modules", "--without-ensurepip"]);
    // The suffix keeps the program's name apart from the folder `Python` on a file system that ignores case,
    // where configure would choose it anyway.
    configure.arg("--with-suffix=.exe");
    // It runs only a few scripts, so compiling it quickly matters more than its speed.
    configure.arg("CFLAGS=-O1");
    shop.run(&mut configure)?;
    // Only the interpreter: its extension modules are not needed.
    shop.make(&build, &["python.exe"])
}
