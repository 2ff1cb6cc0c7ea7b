//! python.wasm: CPython, the C libraries and our shim as one reactor.

use std::fs;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::tree;
use crate::workshop::Workshop;

use super::{apart, compiler, cross, libc};

/// The file that names the first and the last of the functions to be set apart.
pub(super) const APART: &str = "apart.txt";

/// The guest's own stack. It lies first in memory, so that overrunning it traps
/// instead of overwriting data.
const STACK: &str = "stack-size=8388608";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    compiler::install(shop, &shop.work().join("bin"))?;
    let cc = shop.work().join("bin/cc");
    let (cross, libraries) = (shop.result("cross"), shop.result("c-libraries"));
    let (source, build) = (cross.join("src"), cross.join("build"));
    let numpy = shop.result_if_any("numpy");

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
        if numpy.is_some() {
            compile.arg("-DWITH_NUMPY");
        }
        for folder in ["Include", "Include/internal", "Modules", ""] {
            compile.arg("-isystem").arg(source.join(folder));
        }
        for folder in [&build, &libraries.join("include"), &shop.result("libc")] {
            compile.arg("-isystem").arg(folder);
        }
        compile.arg("-c").arg(Path::new("shim").join(&file)).arg("-o").arg(&object);
        shop.run(&mut compile)?;
        objects.push(object);
    }

    if numpy.is_some() {
        let object = shop.work().join("numpy.o");
        let file = shop.home().join("numpy/modules.c");
        fs::copy(&file, shop.work().join("numpy.c")).on("copy", &file)?;
        let mut compile = shop.command(&cc);
        compile.args(["-Wall", "-Wextra", "-c", "numpy.c", "-o"]).arg(&object);
        for folder in [&source.join("Include"), &build] {
            compile.arg("-isystem").arg(folder);
        }
        shop.run(&mut compile)?;
        objects.push(object);
    }

    let module = shop.out().join("python.wasm");
    let mut link = shop.command(&cc);
    link.args(["-mexec-model=reactor", "-z", STACK, "-Wl,--export=__stack_pointer"]);
    if numpy.is_none() {
        link.arg("-s");
    }
    // The host makes the memory, so that it can be the image of one that was used before.
    link.args(["-Wl,--import-memory", "-Wl,--export-memory"]);
    // Functions of one name and two types would be called wrongly, or trap.
    link.arg("-Wl,--fatal-warnings");
    link.args(objects).args(libc::objects(&shop.result("libc"))?);
    if let Some(numpy) = &numpy {
        link.arg(numpy.join("numpy.o")).arg("-lc++");
    }
    link.args(cross::ARCHIVES.map(|archive| build.join(archive)));
    link.arg("-L").arg(libraries.join("lib")).args(["-lsqlite3", "-llzma", "-lbz2", "-lz", "-lm"]);
    link.args(["-lwasi-emulated-signal", "-lwasi-emulated-getpid", "-lwasi-emulated-process-clocks"]);
    shop.run(link.arg("-o").arg(&module))?;
    if numpy.is_some() {
        return set_apart(shop, &module);
    }
    fs::metadata(&module).on("find", &module).map(drop)
}

/// Notes which functions are numpy's, and drops all functions' names.
fn set_apart(shop: &Workshop<'_>, path: &Path) -> Result<(), Error> {
    let refused = |reason: String| Error::Prepare { module: path.to_path_buf(), reason };
    let module = fs::read(path).on("read", path)?;
    let found =
        apart::between(&module, "numpy_arrive", "numpy_last").map_err(|error| refused(error.to_string()))?;
    let found = found.ok_or_else(|| refused("numpy's functions are not in it".to_owned()))?;
    fs::write(path, found.module).on("write", path)?;
    let note = shop.out().join(APART);
    fs::write(&note, format!("{} {}\n", found.functions.start(), found.functions.end())).on("write", &note)
}
