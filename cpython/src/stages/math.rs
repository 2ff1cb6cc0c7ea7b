//! Mathematical functions from musl, in the place of the compiler's own.

use std::path::Path;

use crate::error::Error;
use crate::fetch;
use crate::workshop::Workshop;

use super::compiler;

/// The pinned release.
const VERSION: &str = "1.2.5";
const SHA256: &str = "a9a118bbe84d8764da0ea0d28b3ab3fae8477fc7e4085d90102b8596fc7c75e4";

/// For the linker: it stands before the compiler's libraries and so wins.
pub(super) const ARCHIVE: &str = "libmath.a";

/// The files of those that the compiler's libraries have in versions of their own, whose last bit is wrong more often.
/// What these call is musl's in its libc; the other functions there are musl's, or give the same results.
const SOURCES: [&str; 6] = ["cosh", "exp", "exp2", "log10", "log2", "log2_data"];

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let tarball = fetch::musl(shop, VERSION, SHA256)?;
    let mut unpack = shop.command("python3");
    // Python 3.12 warns that later ones will look more closely at what they unpack.
    unpack.args(["-W", "ignore", "-m", "tarfile", "-e"]).arg(tarball).arg(".");
    shop.run(&mut unpack)?;

    compiler::install(shop, &shop.work().join("bin"))?;
    let musl = format!("musl-{VERSION}");
    let mut objects = Vec::new();
    for name in SOURCES {
        let object = format!("{name}.o");
        let mut compile = shop.command("bin/cc");
        for folder in ["src/internal", "arch/generic"] {
            compile.arg("-isystem").arg(Path::new(&musl).join(folder));
        }
        // What musl's own build finds before the public header of this name: it says what `hidden` is.
        compile.arg("-include").arg(Path::new(&musl).join("src/include/features.h"));
        compile.arg("-c").arg(format!("{musl}/src/math/{name}.c")).args(["-o", &object]);
        shop.run(&mut compile)?;
        objects.push(object);
    }
    let mut archive = shop.command("bin/ar");
    shop.run(archive.arg("rcs").arg(shop.out().join(ARCHIVE)).args(objects))
}
