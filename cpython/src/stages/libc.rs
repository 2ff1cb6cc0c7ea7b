//! What replaces functions of the compiler's C library: an allocator, musl's own versions, ours (docs/libc.md).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, IoContext as _};
use crate::fetch;
use crate::tree;
use crate::workshop::Workshop;

use super::compiler;

/// The pinned release.
const VERSION: &str = "1.2.5";
const SHA256: &str = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4";

/// Files of musl's `src`. What they call beside each other is musl's in the compiler's library, too, but
/// `__expo2` has a parameter less there.
const MUSL: [&str; 9] = [
    "math/__expo2",
    "math/cosh",
    "math/exp",
    "math/exp2",
    "math/log10",
    "math/log2",
    "math/log2_data",
    "math/sinh",
    "string/strstr",
];

/// The compiler may otherwise turn the body of calloc into a call of calloc.
const OURS: [&str; 4] =
    ["-fno-builtin-malloc", "-fno-builtin-calloc", "-fno-builtin-realloc", "-fno-builtin-free"];

/// Makes one object of each file. They must stand on the linker's command line as they are: an archive
/// comes too late for functions that the compiler's library defines weakly.
pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let tarball = fetch::musl(shop, VERSION, SHA256)?;
    let mut unpack = shop.command("python3");
    // Python 3.12 warns that later ones will look more closely at what they unpack.
    unpack.args(["-W", "ignore", "-m", "tarfile", "-e"]).arg(tarball).arg(".");
    shop.run(&mut unpack)?;
    fetch::crates(shop, "libc")?;
    compiler::install(shop, &shop.work().join("bin"))?;

    let musl = PathBuf::from(format!("musl-{VERSION}"));
    for name in MUSL {
        let mut compile = shop.command("bin/cc");
        for folder in ["src/internal", "arch/generic"] {
            compile.arg("-isystem").arg(musl.join(folder));
        }
        // What musl's own build finds before the public header of this name: it says what `hidden` is.
        compile.arg("-include").arg(musl.join("src/include/features.h"));
        compile.arg(musl.join("src").join(name).with_extension("c"));
        object(shop, compile, &format!("musl-{}", name.replace('/', "-")))?;
    }
    let home = shop.home().join("libc");
    tree::copy(&home, &shop.work().join("libc"), |_| true)?;
    for file in tree::files(&home)?.iter().filter(|file| file.extension().is_some_and(|name| name == "c")) {
        let mut compile = shop.command("bin/cc");
        compile.args(OURS).args(["-Wall", "-Wextra", "-isystem", "vendor/dlmalloc/src"]);
        for folder in ["src/time", "src/internal"] {
            compile.arg("-isystem").arg(musl.join(folder));
        }
        compile.arg(Path::new("libc").join(file));
        object(shop, compile, &file.with_extension("").to_string_lossy())?;
    }
    let header = shop.out().join(HEADER);
    fs::copy(home.join(HEADER), &header).on("create", &header)?;
    let licence = shop.out().join(LICENCE);
    fs::write(&licence, PUBLIC_DOMAIN).on("write", &licence)
}

/// The allocator's, a file of the result.
pub(super) const LICENCE: &str = "malloc.txt";
const PUBLIC_DOMAIN: &str = "\
This is a version (aka dlmalloc) of malloc/free/realloc written by Doug Lea and released to the public
domain, as explained at http://creativecommons.org/publicdomain/zero/1.0/
";

/// For programs that use what our allocator has beside C's.
const HEADER: &str = "allocator.h";

/// The objects to link, in the order of their names.
pub(super) fn objects(result: &Path) -> Result<Vec<PathBuf>, Error> {
    let names = tree::files(result)?.into_iter();
    Ok(names
        .filter(|name| name.extension().is_some_and(|name| name == "o"))
        .map(|name| result.join(name))
        .collect())
}

/// Runs a command that compiles one file.
fn object(shop: &mut Workshop<'_>, mut command: Command, name: &str) -> Result<(), Error> {
    let object = shop.out().join(name).with_extension("o");
    shop.run(command.arg("-c").arg("-o").arg(object))
}
