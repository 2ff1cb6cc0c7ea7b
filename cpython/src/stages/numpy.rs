//! numpy for WASI: one object to link, its Python files and its licences.
//!
//! Its own build, meson, compiles it, but links nothing: there are no shared libraries here.

use std::env;
use std::env::consts::{ARCH, OS};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, IoContext as _};
use crate::fetch;
use crate::patch;
use crate::tree;
use crate::workshop::Workshop;

use super::{build_python, compiler};

/// The pinned release.
const VERSION: &str = "2.5.5";
const SHA256: &str = "5cddc243c75114ba845f01b1f87aca1572dbf7b6c2d88636ed3e1d2bccd7f1bf";

/// Translates numpy's `.pyx` files.
const CYTHON: (&str, &str) =
    ("cython==3.3.1", "61abc7feedd20dac6c4ff7ab3a30e17136a067b242ab9253e2b4a6d9a72c2b61");

/// Runs meson's build: a wheel for each system that we build on, by sha256.
const NINJA: &str = "ninja==1.13.2";
const NINJA_WHEELS: [(&str, &str, &str); 4] = [
    ("linux", "x86_64", "65a24341b5ac09fcadcc37082660be40a94174e51a937fabf6e2cae26225fa2c"),
    ("linux", "aarch64", "d775a5e43e9088f507a6250d57fcf5678eb31268c545feb5064ffeee33735622"),
    ("macos", "x86_64", "fd82e26c0706ad4ab88e5fdd26f3fab0a987a90f810160f6c322e752c6af298b"),
    ("macos", "aarch64", "fd82e26c0706ad4ab88e5fdd26f3fab0a987a90f810160f6c322e752c6af298b"),
];

/// No libraries for linear algebra, no code for particular processors, no threads.
const OPTIONS: [&str; 9] = [
    "-Dbuildtype=release",
    "-Dblas=none",
    "-Dlapack=none",
    "-Dallow-noblas=true",
    "-Ddisable-optimization=true",
    "-Ddisable-highway=true",
    "-Ddisable-intel-sort=true",
    "-Ddisable-svml=true",
    "-Ddisable-threading=true",
];

/// Folders of `numpy` that are left out: tests, what builds numpy or other packages, what freezes programs.
const LEFT_OUT: [&str; 6] = ["tests", "f2py", "_build_utils", "code_generators", "_pyinstaller", "_examples"];

/// Where `numpy.show_config` says that this was built.
const BUILT_AT: &str = "/build";

/// Names in the result.
const OBJECT: &str = "numpy.o";
const PYTHON: &str = "python";
const LICENSES: &str = "licenses.txt";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let source = fetch::sdist(shop, "numpy", VERSION, SHA256)?;
    patch::apply_all(&shop.home().join("patches/numpy"), &source)?;
    for (name, result) in [("cross", "cross"), ("native", "build-python")] {
        let link = shop.work().join(name);
        symlink(shop.result(result), &link).on("link", &link)?;
    }
    install_tools(shop)?;
    compile(shop, &source)?;
    keep_python(shop, &source)?;
    keep_licenses(shop, &source)
}

/// Puts all programs that meson runs into `bin`.
fn install_tools(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let (work, tools) = (shop.work().to_path_buf(), shop.work().join("tools"));
    let wheel = NINJA_WHEELS.iter().find(|(os, arch, _)| (*os, *arch) == (OS, ARCH));
    let (_, _, sha256) = wheel.ok_or(Error::Machine { system: OS, machine: ARCH })?;
    fetch::unpack_wheel(shop, CYTHON.0, CYTHON.1, &tools)?;
    fetch::unpack_wheel(shop, NINJA, sha256, &tools)?;
    let bin = work.join("bin");
    compiler::install(shop, &bin)?;
    let ninja = NINJA.replace("==", "-");
    let ninja = tools.join(ninja + ".data/scripts/ninja");
    executable(&ninja)?;
    symlink(&ninja, bin.join("ninja")).on("link", &ninja)?;

    let work = work.display();
    // Our pyconfig.h comes before that of the Python that meson asks. And meson wants code
    // that can be moved, which costs time.
    let c = format!(
        "exec '{work}/bin/cc' -I'{work}/cross/build' -I'{work}/cross/src/Include' -D_WASI_EMULATED_SIGNAL \
         -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_GETPID \"$@\" -fno-PIC"
    );
    // What meson asks Python for is answered by one that knows of WASI; it has no modules to run
    // the generators of numpy's code with.
    let python = format!(
        "case \"$1\" in\n*python_info.py)\n\
         export PYTHONPATH='{work}/cross/build' _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__wasi_wasm32-wasi\n\
         exec '{work}/native/{}' \"$@\";;\nesac\nexec python3 \"$@\"",
        build_python::PYTHON
    );
    for (name, command) in [
        ("c", c),
        ("c++", format!("exec '{work}/bin/c' -lc++ \"$@\"")),
        ("python", python),
        ("cython", format!("PYTHONPATH='{work}/tools' exec python3 -m cython \"$@\"")),
    ] {
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{command}\n")).on("write", &path)?;
        executable(&path)?;
    }
    let cross = shop.work().join("cross.ini");
    let text = format!(
        "[binaries]\nc = '{work}/bin/c'\ncpp = '{work}/bin/c++'\nar = '{work}/bin/ar'\n\
         python = '{work}/bin/python'\ncython = '{work}/bin/cython'\n\
         [properties]\nlongdouble_format = 'IEEE_QUAD_LE'\nneeds_exe_wrapper = true\n\
         [host_machine]\nsystem = 'wasi'\ncpu_family = 'wasm32'\ncpu = 'wasm32'\nendian = 'little'\n"
    );
    fs::write(&cross, text).on("write", &cross)
}

fn executable(path: &Path) -> Result<(), Error> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).on("make executable", path)
}

/// Compiles the modules, and makes one object of all of theirs. So functions of one name in two of them are an error;
/// from an archive the linker would take one of both.
fn compile(shop: &mut Workshop<'_>, source: &Path) -> Result<(), Error> {
    let mut setup = command(shop, "python3");
    // So that its lines are seen when it writes them.
    setup.env("PYTHONUNBUFFERED", "1");
    setup.arg(source.join("vendored-meson/meson/meson.py")).arg("setup").args(OPTIONS);
    setup.args(["--cross-file", "cross.ini", "build"]).arg(source);
    shop.run(&mut setup)?;
    let mut list = shop.command("python3");
    list.arg(shop.home().join("numpy/objects.py")).args(["build/compile_commands.json", "objects.txt"]);
    shop.run(&mut list)?;
    let path = shop.work().join("objects.txt");
    let objects = fs::read_to_string(&path).on("read", &path)?;

    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut ninja = command(shop, "ninja");
    shop.run(ninja.args(["-C", "build", &format!("-j{jobs}")]).args(objects.lines()))?;
    for name in ["first", "last"] {
        let file = shop.home().join("numpy").join(name).with_extension("c");
        let copy = shop.work().join(name).with_extension("c");
        fs::copy(&file, &copy).on("copy", &file)?;
        let mut compile = shop.command("bin/cc");
        shop.run(compile.args(["-Wall", "-Wextra", "-c"]).arg(copy).arg("-o").arg(format!("{name}.o")))?;
    }
    let mut link = shop.command("../bin/ld");
    link.current_dir(shop.work().join("build")).arg("-r").arg("-o").arg(shop.out().join(OBJECT));
    shop.run(link.arg("../first.o").args(objects.lines()).arg("../last.o"))
}

/// Returns a command that finds our tools before the machine's.
fn command(shop: &Workshop<'_>, program: &str) -> Command {
    let mut command = shop.command(program);
    let mut path = shop.work().join("bin").into_os_string();
    if let Some(rest) = env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    command.env("PATH", path);
    command
}

/// Copies the Python files, those that the build has made among them, and the metadata that pip looks for.
fn keep_python(shop: &Workshop<'_>, source: &Path) -> Result<(), Error> {
    let target = shop.out().join(PYTHON);
    tree::copy(&source.join("numpy"), &target.join("numpy"), is_wanted)?;
    let config = Path::new("numpy/__config__.py");
    let from = shop.work().join("build").join(config);
    let text = fs::read_to_string(&from).on("read", &from)?;
    let mut text = text.replace(&*shop.work().to_string_lossy(), BUILT_AT);
    // Another machine would say another thing of itself.
    if let Some((start, end)) =
        text.find("            \"build\": {").zip(text.find("            \"cross-compiled\""))
    {
        text.replace_range(start..end, "");
    }
    fs::write(target.join(config), text).on("write", config)?;
    let metadata = target.join(format!("numpy-{VERSION}.dist-info"));
    fs::create_dir(&metadata).on("create", &metadata)?;
    let from = source.join("PKG-INFO");
    fs::copy(&from, metadata.join("METADATA")).on("copy", &from)?;
    Ok(())
}

fn is_wanted(file: &Path) -> bool {
    file.extension().is_some_and(|name| name == "py")
        && file != Path::new("conftest.py")
        && !file.components().any(|part| LEFT_OUT.iter().any(|name| part.as_os_str() == *name))
}

/// The licences of what is compiled, by what they are for.
const LICENSED: [(&str, &str); 14] = [
    ("numpy", "LICENSE.txt"),
    ("numpy: libdivide", "numpy/_core/include/numpy/libdivide/LICENSE.txt"),
    ("numpy: pythoncapi-compat", "numpy/_core/src/common/pythoncapi-compat/COPYING"),
    ("numpy: dragon4", "numpy/_core/src/multiarray/dragon4_LICENSE.txt"),
    ("numpy: pocketfft", "numpy/fft/pocketfft/LICENSE.md"),
    ("numpy: masked arrays", "numpy/ma/LICENSE"),
    ("numpy: LAPACK", "numpy/linalg/lapack_lite/LICENSE.txt"),
    ("numpy: random numbers", "numpy/random/LICENSE.md"),
    ("numpy: distributions", "numpy/random/src/distributions/LICENSE.md"),
    ("numpy: MT19937", "numpy/random/src/mt19937/LICENSE.md"),
    ("numpy: PCG64", "numpy/random/src/pcg64/LICENSE.md"),
    ("numpy: Philox", "numpy/random/src/philox/LICENSE.md"),
    ("numpy: SFC64", "numpy/random/src/sfc64/LICENSE.md"),
    ("numpy: SplitMix64", "numpy/random/src/splitmix64/LICENSE.md"),
];

fn keep_licenses(shop: &Workshop<'_>, source: &Path) -> Result<(), Error> {
    let libraries = shop.result("compiler").join("ziglang/lib");
    let cpp = [("C++ library (libc++)", "libcxx"), ("C++ library (libc++abi)", "libcxxabi")];
    let cpp = cpp.map(|(title, folder)| (title, libraries.join(folder).join("LICENSE.TXT")));
    let own = LICENSED.map(|(title, file)| (title, source.join(file)));
    let mut all = String::new();
    for (title, path) in own.into_iter().chain(cpp) {
        let text = fs::read_to_string(&path).on("read", &path)?;
        let rule = "=".repeat(78);
        let _ = write!(all, "\n{rule}\n{title}\n{rule}\n\n{}\n", text.trim_end());
    }
    let path: PathBuf = shop.out().join(LICENSES);
    fs::write(&path, all).on("write", &path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_stubs_and_what_builds_are_left_out() {
        for left_out in
            ["tests/test_ctypeslib.py", "_core/tests/test_abc.py", "__init__.pyi", "f2py/rules.py"]
        {
            assert!(!is_wanted(Path::new(left_out)), "{left_out}");
        }
        for wanted in ["__init__.py", "_core/numeric.py", "testing/_private/utils.py"] {
            assert!(is_wanted(Path::new(wanted)), "{wanted}");
        }
    }
}
