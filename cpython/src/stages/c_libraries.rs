//! zlib, bzip2, liblzma and SQLite for WASI, from the sources that crates carry.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, IoContext as _};
use crate::fetch;
use crate::tree;
use crate::workshop::Workshop;

use super::compiler;

/// A static library to build.
struct Library {
    name: &'static str,
    /// The folder of its C sources below `vendor`.
    root: &'static str,
    /// Files, or folders that mean all `.c` files in them, below `root`; or a file of ours that includes them,
    /// below `c-libraries`.
    sources: Sources,
    /// Folders of headers below `root`.
    include: &'static [&'static str],
    flags: &'static str,
    /// Public headers below `root`, files or folders.
    headers: &'static [&'static str],
}

/// What is compiled.
enum Sources {
    Theirs(&'static [&'static str]),
    Ours(&'static str),
}

const LIBRARIES: [Library; 4] = [
    Library {
        name: "z",
        root: "libz-sys/src/zlib",
        sources: Sources::Theirs(&[""]),
        include: &[],
        flags: "-DSTDC -DHAVE_UNISTD_H",
        headers: &["zlib.h", "zconf.h"],
    },
    Library {
        name: "bz2",
        root: "bzip2-sys/bzip2-1.0.8",
        sources: Sources::Theirs(&[
            "blocksort.c",
            "huffman.c",
            "crctable.c",
            "randtable.c",
            "compress.c",
            "decompress.c",
            "bzlib.c",
        ]),
        include: &[],
        flags: "",
        headers: &["bzlib.h"],
    },
    Library {
        name: "lzma",
        root: "liblzma-sys/xz/src",
        sources: Sources::Theirs(&[
            "common/tuklib_cpucores.c",
            "common/tuklib_physmem.c",
            "liblzma/check",
            "liblzma/common",
            "liblzma/delta",
            "liblzma/lz",
            "liblzma/lzma",
            "liblzma/rangecoder",
            "liblzma/simple",
        ]),
        // The crate's config.h lies two folders up; it knows no threads.
        include: &[
            "../..",
            "common",
            "liblzma/api",
            "liblzma/check",
            "liblzma/common",
            "liblzma/delta",
            "liblzma/lz",
            "liblzma/lzma",
            "liblzma/rangecoder",
            "liblzma/simple",
        ],
        flags: "-DHAVE_CONFIG_H",
        headers: &["liblzma/api/lzma.h", "liblzma/api/lzma"],
    },
    Library {
        name: "sqlite3",
        root: "libsqlite3-sys/sqlite3",
        sources: Sources::Ours("sqlite.c"),
        include: &[""],
        // No threads, nothing to load extensions with, no files mapped. The rest is what distributions switch on.
        flags: "-DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_MAX_MMAP_SIZE=0 \
                -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_DBSTAT_VTAB \
                -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS3_PARENTHESIS -DSQLITE_ENABLE_FTS4 \
                -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_ENABLE_RTREE \
                -DSQLITE_ENABLE_STAT4 -DHAVE_USLEEP=1 -DHAVE_PREAD=1 -DHAVE_PWRITE=1 \
                -D_WASI_EMULATED_MMAN -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS",
        headers: &["sqlite3.h"],
    },
];

/// Files in liblzma's folders that are threads, table generators or variants.
const NOT_BUILT: [&str; 8] = [
    "stream_decoder_mt.c",
    "stream_encoder_mt.c",
    "crc32_small.c",
    "crc64_small.c",
    "crc_clmul_consts_gen.c",
    "crc32_tablegen.c",
    "crc64_tablegen.c",
    "price_tablegen.c",
];

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    fetch::crates(shop, "c-libraries")?;
    compiler::install(shop, &shop.work().join("bin"))?;
    for folder in ["include", "lib", "licenses"] {
        let folder = shop.out().join(folder);
        fs::create_dir(&folder).on("create", &folder)?;
    }
    let mut makefile = String::new();
    for library in &LIBRARIES {
        makefile.push_str(&rules(shop, library)?);
        publish(shop, library)?;
    }
    let path = shop.work().join("Makefile");
    fs::write(&path, makefile).on("write", &path)?;
    let targets: Vec<_> = LIBRARIES.iter().map(|library| archive(library.name)).collect();
    let targets: Vec<_> = targets.iter().map(String::as_str).collect();
    let folder = shop.work().to_path_buf();
    shop.make(&folder, &targets)
}

fn archive(name: &str) -> String {
    format!("out/lib/lib{name}.a")
}

/// Lines of a Makefile, run in the workshop's folder with relative paths only.
fn rules(shop: &Workshop<'_>, library: &Library) -> Result<String, Error> {
    let root = Path::new("vendor").join(library.root);
    let mut sources = Vec::new();
    let theirs = match library.sources {
        Sources::Theirs(sources) => sources,
        Sources::Ours(file) => {
            let (from, to) = (shop.home().join("c-libraries").join(file), shop.work().join(file));
            fs::copy(&from, to).on("copy", &from)?;
            sources.push(PathBuf::from(file));
            &[]
        }
    };
    for source in theirs {
        let path = root.join(source);
        if path.extension().is_some_and(|name| name == "c") {
            sources.push(path);
            continue;
        }
        let folder = shop.work().join(&path);
        for file in tree::files(&folder)? {
            let top = file.components().count() == 1;
            let source = file.extension().is_some_and(|name| name == "c");
            if top && source && !NOT_BUILT.iter().any(|name| file == Path::new(name)) {
                sources.push(path.join(file));
            }
        }
    }
    let mut flags = library.flags.to_owned();
    for path in library.include {
        let _ = write!(flags, " -I{}", root.join(path).display());
    }
    let (mut objects, mut text) = (Vec::new(), String::new());
    for source in sources {
        let stem = source.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let object = format!("{}-{stem}.o", library.name);
        let _ = writeln!(text, "{object}:\n\tbin/cc {flags} -w -c {} -o $@", source.display());
        objects.push(object);
    }
    let (target, objects) = (archive(library.name), objects.join(" "));
    let _ = writeln!(text, "{target}: {objects}\n\tbin/ar rcs $@ {objects}");
    Ok(text)
}

/// Public headers and licence.
fn publish(shop: &Workshop<'_>, library: &Library) -> Result<(), Error> {
    let root = shop.work().join("vendor").join(library.root);
    let include = shop.out().join("include");
    for header in library.headers {
        let from = root.join(header);
        let name = PathBuf::from(from.file_name().unwrap_or_default());
        if from.is_dir() {
            tree::copy(&from, &include.join(name), |_| true)?;
        } else {
            fs::copy(&from, include.join(name)).on("copy", &from)?;
        }
    }
    let target = shop.out().join("licenses").join(library.name);
    let texts = match library.name {
        "z" | "bz2" => &["LICENSE"][..],
        "lzma" => &["../COPYING", "../COPYING.0BSD"],
        _ => {
            let text = "SQLite is in the public domain: https://www.sqlite.org/copyright.html\n";
            return fs::write(&target, text).on("write", &target);
        }
    };
    let mut licence = String::new();
    for text in texts {
        let path = root.join(text);
        licence.push_str(&fs::read_to_string(&path).on("read", &path)?);
    }
    fs::write(&target, licence).on("write", &target)
}
