//! CPython itself for WASI: configured, compiled, not yet linked.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::patch;
use crate::tree;
use crate::workshop::Workshop;

use super::{build_python, compiler};

/// For configure's checks: the name of the library's variables, and its own.
const LIBRARIES: [(&str, &str); 4] =
    [("ZLIB", "z"), ("BZIP2", "bz2"), ("LIBLZMA", "lzma"), ("LIBSQLITE3", "sqlite3")];

/// What linking needs of the build.
pub(super) const ARCHIVES: [&str; 4] = [
    "libpython3.13.a",
    "Modules/_decimal/libmpdec/libmpdec.a",
    "Modules/_hacl/libHacl_Hash_SHA2.a",
    "Modules/expat/libexpat.a",
];

/// What CPython does often (`profile/train.sh` makes it): the compiler inlines there, and keeps
/// small what never ran. Functions that have changed since are compiled without it.
const PROFILE: &str =
    "-Xclang -fprofile-instrument-use=llvm -Xclang -fprofile-instrument-use-path=../python.profdata";

/// Where the time goes: these are compiled as one. All of `Objects` would be 3 %
/// faster still, but takes the linker ten minutes (docs/performance.md).
const AS_ONE: [&str; 8] = [
    "Python/ceval.o",
    "Objects/call.o",
    "Objects/floatobject.o",
    "Objects/listobject.o",
    "Objects/longobject.o",
    "Objects/object.o",
    "Objects/obmalloc.o",
    "Objects/tupleobject.o",
];

/// Where `sysconfig` says that this was built.
const BUILT_AT: &str = "/build";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let (work, out) = (shop.work().to_path_buf(), shop.out().to_path_buf());
    // Everything is reached by a relative path from the build folder, so that
    // no path of this machine gets into the result.
    compiler::install(shop, &work.join("bin"))?;
    unpack_profile(shop, &work.join("python.profdata"))?;
    for (name, result) in [("native", "build-python"), ("libraries", "c-libraries")] {
        let link = work.join(name);
        symlink(shop.result(result), &link).on("link", &link)?;
    }
    tree::link(&shop.result("source"), &out.join("src"))?;
    symlink("out/src", work.join("src")).on("link", &work.join("src"))?;
    patch::apply_all(&shop.home().join("patches/core"), &out.join("src"))?;
    let site = shop.home().join("config.site");
    fs::copy(&site, work.join("config.site")).on("copy", &site)?;

    let build = work.join("build");
    fs::create_dir(&build).on("create", &build)?;
    configure(shop, &build)?;
    shop.make(&build, &[&["CFLAGS_NODIST=-flto"], &AS_ONE[..]].concat())?;
    let mut targets = ARCHIVES.to_vec();
    targets.push("pybuilddir.txt");
    shop.make(&build, &targets)?;
    compile_as_one(shop, &build)?;

    for file in ARCHIVES.iter().chain(&["pyconfig.h"]) {
        let to = out.join("build").join(file);
        let folder = to.parent().unwrap_or(&out);
        fs::create_dir_all(folder).on("create", folder)?;
        fs::copy(build.join(file), &to).on("copy", &build.join(file))?;
    }
    keep_sysconfig(&work, &out)
}

/// Replaces the objects of [`AS_ONE`] in the library by one. Each later linking of a module takes seconds then, where
/// the linker would compile them for minutes.
fn compile_as_one(shop: &mut Workshop<'_>, build: &Path) -> Result<(), Error> {
    let [library, ..] = ARCHIVES;
    let mut compile = shop.command("../bin/ld");
    shop.run(compile.current_dir(build).args(["-r", "-o", "as_one.o"]).args(AS_ONE))?;
    let names = AS_ONE.map(|object| object.rsplit_once('/').map_or(object, |(_, name)| name));
    for (operation, objects) in [("d", &names[..]), ("q", &["as_one.o"])] {
        shop.run(shop.command("../bin/ar").current_dir(build).args([operation, library]).args(objects))?;
    }
    shop.run(shop.command("../bin/ranlib").current_dir(build).arg(library))
}

/// Another compiler may not read the profile, and another CPython is not what it tells of.
fn unpack_profile(shop: &Workshop<'_>, target: &Path) -> Result<(), Error> {
    let folder = shop.home().join("profile");
    let note = folder.join("trained-on.txt");
    let trained_on = fs::read_to_string(&note).on("read", &note)?;
    let used = format!("{}\n{}\n", shop.title("source"), shop.title("compiler"));
    if trained_on != used {
        return Err(Error::Profile { trained_on, used });
    }
    let packed = folder.join("python.profdata.zst");
    let profile = zstd::decode_all(File::open(&packed).on("open", &packed)?).on("unpack", &packed)?;
    fs::write(target, profile).on("write", target)
}

fn configure(shop: &mut Workshop<'_>, build: &Path) -> Result<(), Error> {
    let mut configure = shop.command("../src/configure");
    configure
        .current_dir(build)
        .env("CC", "../bin/cc")
        .env("AR", "../bin/ar")
        .env("RANLIB", "../bin/ranlib")
        // Beside the options that `sysconfig` hands on to others.
        .env("CFLAGS_NODIST", PROFILE)
        // The host's libraries are no business of this build.
        .env("PKG_CONFIG", "false")
        // What would run the result; by default a command with paths of this machine.
        .env("HOSTRUNNER", "wasi-run")
        .env("CONFIG_SITE", "../src/Tools/wasm/config.site-wasm32-wasi ../config.site")
        .args(["--build=x86_64-pc-linux-gnu", "--host=wasm32-wasip1"])
        .args([&format!("--with-build-python=../native/{}", build_python::PYTHON), "--prefix=/usr"])
        .args(["--with-tzpath=/usr/share/zoneinfo", "--disable-ipv6"])
        .args(["--disable-test-modules", "--without-ensurepip"])
        // pymalloc is off by default here; mimalloc is only for threads without a lock.
        .args(["--with-pymalloc", "--without-mimalloc"]);
    for (variable, library) in LIBRARIES {
        configure.env(format!("{variable}_CFLAGS"), "-I../libraries/include");
        configure.env(format!("{variable}_LIBS"), format!("-L../libraries/lib -l{library}"));
    }
    shop.run(&mut configure)
}

/// `sysconfig` and the license and build tools of packages read this module.
fn keep_sysconfig(work: &Path, out: &Path) -> Result<(), Error> {
    let folder = work.join("build/build/lib.wasi-wasm32-3.13");
    for file in tree::files(&folder)? {
        let path = folder.join(&file);
        if !file.to_string_lossy().starts_with("_sysconfigdata") {
            continue;
        }
        let text = fs::read_to_string(&path).on("read", &path)?;
        let text = text.replace(&*work.to_string_lossy(), BUILT_AT);
        let to = out.join("build").join(file);
        fs::write(&to, text).on("write", &to)?;
    }
    Ok(())
}
