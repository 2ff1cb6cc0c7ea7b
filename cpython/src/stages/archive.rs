//! Packs the standard library into one archive, which the sandbox sees as /usr.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use wasi_core::fs::ArchiveWriter;

use crate::error::{Error, IoContext as _};
use crate::patch;
use crate::tree;
use crate::workshop::Workshop;

use super::{build_python, pip};

/// Where the archive is mounted in the sandbox.
const MOUNT: &str = "/usr";
/// The folder of the library in the archive.
const LIBRARY: &str = "lib/python3.13";

/// Top-level names of Lib that are left out: tests, what needs a display, and what installs pip, which is there.
const LEFT_OUT: [&str; 6] = ["test", "idlelib", "tkinter", "turtledemo", "turtle.py", "ensurepip"];

/// Zstandard's level: the bytes are in every binary, so size matters more than seconds here.
const LEVEL: i32 = 19;

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let root = shop.work().join("root");
    let library = root.join(LIBRARY);
    // From the cross build and not from the pristine source, because modules that are frozen into python.wasm
    // are patched there.
    tree::copy(&shop.result("cross").join("src/Lib"), &library, |file| {
        let top = file.components().next().map(|part| part.as_os_str().to_string_lossy());
        let top = top.as_deref().unwrap_or_default();
        !LEFT_OUT.contains(&top) && !file.components().any(|part| part.as_os_str() == "__pycache__")
    })?;
    pip::install(shop, &root, &library.join("site-packages"))?;
    if let Some(numpy) = shop.result_if_any("numpy") {
        tree::copy(&numpy.join("python"), &library.join("site-packages"), |_| true)?;
    }
    patch::apply_all(&shop.home().join("patches/library"), &library)?;
    for overlay in ["library", "guest"] {
        let folder = shop.home().join(overlay);
        tree::copy(&folder, &library, |file| file.extension().is_some_and(|name| name == "py"))?;
    }
    let cross = shop.result("cross").join("build");
    tree::copy(&cross, &library, |file| file.to_string_lossy().starts_with("_sysconfigdata"))?;
    // CPython finds its own prefix by this folder.
    let modules = library.join("lib-dynload");
    fs::create_dir(&modules).on("create", &modules)?;
    tree::copy(&shop.result("time-zones").join("tzdata/zoneinfo"), &root.join("share/zoneinfo"), |file| {
        file.extension().is_none_or(|name| name != "py")
    })?;

    let mut compile = shop.command(shop.result("build-python").join(build_python::PYTHON));
    compile.arg(shop.home().join("compile.py")).arg(&root).arg(MOUNT);
    shop.run(&mut compile)?;
    pack(shop, &root)
}

/// Writes the archive of all files and folders below `root`.
fn pack(shop: &mut Workshop<'_>, root: &Path) -> Result<(), Error> {
    let path = shop.out().join("library.zip");
    let mut writer = ArchiveWriter::new(BufWriter::new(File::create(&path).on("create", &path)?), LEVEL);
    for entry in entries(root, Path::new(""))? {
        let name = entry.to_string_lossy();
        let from = root.join(&entry);
        if from.is_dir() {
            writer.folder(&format!("{name}/")).on("write", &path)?;
        } else {
            writer.file(&name, &fs::read(&from).on("read", &from)?).on("write", &path)?;
        }
        shop.step();
    }
    writer.finish().on("write", &path)
}

/// Returns the folders and files below `root`, sorted, each folder before its content.
fn entries(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let path = root.join(folder);
    let mut names = Vec::new();
    for entry in fs::read_dir(&path).on("list", &path)? {
        names.push(folder.join(entry.on("list", &path)?.file_name()));
    }
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let below = if root.join(&name).is_dir() { entries(root, &name)? } else { Vec::new() };
        found.push(name);
        found.extend(below);
    }
    Ok(found)
}
