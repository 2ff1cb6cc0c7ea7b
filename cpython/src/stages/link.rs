//! python.wasm: CPython, the C libraries and our shim as one reactor.

use std::fs;

use crate::error::{Error, IoContext as _};
use crate::tree;
use crate::workshop::Workshop;

use super::{compiler, cross, libc};

/// The guest's own stack. It lies first in memory, so that overrunning it traps
/// instead of overwriting data.
const STACK: &str = "stack-size=8388608";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    compiler::install(shop, &shop.work().join("bin"))?;
    let cc = shop.work().join("bin/cc");
    let (cross, libraries) = (shop.result("cross"), shop.result("c-libraries"));
    let (source, build) = (cross.join("src"), cross.join("build"));

    // The shim stands before libpython: an object of the archive whose
    // functions the shim all defines (main.o, say) is not taken from it.
    // And by the order of their names, what replaces functions of libc stands
    // before what calls them: else libc's own would be taken as well.
    let mut objects = Vec::new();
    let shim = shop.home().join("shim");
    let copy = shop.work().join("shim");
    tree::copy(&shim, &copy, |_| true)?;
    for file in tree::files(&copy)? {
        if file.extension().is_none_or(|name| name != "c") {
            continue;
        }
        let object = shop.work().join(file.with_extension("o"));
        let mut compile = shop.command(&cc);
        // By a relative name, for it is what `__FILE__` says.
        compile.arg("-Wall").arg("-Wextra").arg("-Wno-unused-parameter").arg("-DPy_BUILD_CORE");
        for folder in ["Include", "Include/internal", "Modules", ""] {
            compile.arg("-isystem").arg(source.join(folder));
        }
        for folder in [&build, &libraries.join("include"), &shop.result("libc")] {
            compile.arg("-isystem").arg(folder);
        }
        compile.arg("-c").arg(std::path::Path::new("shim").join(&file)).arg("-o").arg(&object);
        shop.run(&mut compile)?;
        objects.push(object);
    }

    let module = shop.out().join("python.wasm");
    let mut link = shop.command(&cc);
    link.args(["-mexec-model=reactor", "-s", "-z", STACK, "-Wl,--export=__stack_pointer"]);
    // The host makes the memory, so that it can be the image of one that was used before.
    link.args(["-Wl,--import-memory", "-Wl,--export-memory"]);
    // Functions of one name and two types would be called wrongly, or trap.
    link.arg("-Wl,--fatal-warnings");
    link.args(objects).args(libc::objects(&shop.result("libc"))?);
    link.args(cross::ARCHIVES.map(|archive| build.join(archive)));
    link.arg("-L").arg(libraries.join("lib")).args(["-lsqlite3", "-llzma", "-lbz2", "-lz", "-lm"]);
    link.args(["-lwasi-emulated-signal", "-lwasi-emulated-getpid", "-lwasi-emulated-process-clocks"]);
    shop.run(link.arg("-o").arg(&module))?;
    fs::metadata(&module).on("find", &module).map(drop)
}
