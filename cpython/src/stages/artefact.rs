//! Collects the artefact: the module and its parts, the library, the licences, and the description of all of
//! them.

use std::fmt::Write as _;
use std::fs;

use crate::artefact::{FILES, INFO, LIBRARY, LICENSES, MODULE};
use crate::error::{Error, IoContext as _};
use crate::fingerprint::sha256;
use crate::stage;
use crate::workshop::Workshop;

use super::{libc as libc_stage, source, time_zones};

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let out = shop.out().to_path_buf();
    for file in FILES.iter().filter(|file| **file != LICENSES) {
        let stage = match *file {
            MODULE => "link",
            LIBRARY => "library",
            _ => "prepared",
        };
        let from = shop.result(stage).join(file);
        fs::copy(&from, out.join(file)).on("copy", &from)?;
    }
    let path = out.join(LICENSES);
    fs::write(&path, licenses(shop)?).on("write", &path)?;

    let mut info = format!(
        "recipe = {}\npython = {}\ntime-zones = {}\n",
        shop.recipe_hash(),
        source::VERSION,
        time_zones::VERSION
    );
    for file in FILES {
        let path = out.join(file);
        let size = fs::metadata(&path).on("examine", &path)?.len();
        let _ = writeln!(info, "{file} = {size} bytes, sha256 {}", sha256(&path)?);
    }
    for (name, result) in shop.results() {
        if let Some(seconds) = stage::seconds(&result) {
            let _ = writeln!(info, "seconds of {name} = {seconds}");
        }
    }
    let path = out.join(INFO);
    fs::write(&path, info).on("write", &path)
}

/// Returns the licences of everything in python.wasm and library.zip.
fn licenses(shop: &Workshop<'_>) -> Result<String, Error> {
    let (source, zig) = (shop.result("source"), shop.result("compiler").join("ziglang"));
    let libraries = shop.result("c-libraries").join("licenses");
    let (libc, musl) = (zig.join("lib/libc/wasi"), zig.join("lib/libc/wasi/libc-top-half/musl"));
    let zones = shop.result("time-zones").join("tzdata-2026.6.dist-info/licenses");
    let parts = [
        ("CPython", source.join("LICENSE")),
        (
            "What CPython incorporates: Mersenne Twister, expat, libmpdec, HACL*, ...",
            source.join("Doc/license.rst"),
        ),
        ("expat", source.join("Modules/expat/COPYING")),
        ("zlib", libraries.join("z")),
        ("bzip2", libraries.join("bz2")),
        ("liblzma (XZ Utils)", libraries.join("lzma")),
        ("SQLite", libraries.join("sqlite3")),
        ("malloc (dlmalloc)", shop.result("libc").join(libc_stage::LICENCE)),
        ("wasi-libc", libc.join("LICENSE")),
        ("wasi-libc: the MIT License", libc.join("LICENSE-MIT")),
        ("wasi-libc: the Apache License with LLVM exceptions", libc.join("LICENSE-APACHE-LLVM")),
        ("cloudlibc, in wasi-libc", libc.join("libc-bottom-half/cloudlibc/LICENSE")),
        ("musl, in wasi-libc and for other functions", musl.join("COPYRIGHT")),
        ("zig's compiler runtime", zig.join("LICENSE")),
        ("Time-zone data (tzdata)", zones.join("LICENSE")),
        ("tzdata: the Apache License", zones.join("licenses/LICENSE_APACHE")),
        ("pip, and what it incorporates: requests, rich, ...", shop.home().join("licenses/pip.txt")),
    ];
    let mut text =
        String::from("Licences of CPython for WASI and of what is linked into it or ships with it.\n");
    for (title, path) in parts {
        let licence = fs::read_to_string(&path).on("read", &path)?;
        let rule = "=".repeat(78);
        let _ = write!(text, "\n{rule}\n{title}\n{rule}\n\n{}\n", licence.trim_end());
    }
    if let Some(numpy) = shop.result_if_any("numpy") {
        let path = numpy.join("licenses.txt");
        text.push_str(&fs::read_to_string(&path).on("read", &path)?);
    }
    Ok(text)
}
