//! The recipe as a table: every stage, in the order in which they run. What a stage does stands in the
//! module of its name.

#[cfg(feature = "build")]
mod apart;
#[cfg(feature = "build")]
mod archive;
#[cfg(feature = "build")]
mod artefact;
#[cfg(feature = "build")]
mod build_python;
#[cfg(feature = "build")]
mod c_libraries;
#[cfg(feature = "compiler")]
mod compiler;
#[cfg(feature = "build")]
mod cross;
#[cfg(feature = "build")]
mod function_types;
#[cfg(feature = "compiler")]
mod libc;
#[cfg(feature = "build")]
mod link;
#[cfg(all(feature = "build", feature = "numpy"))]
mod numpy;
#[cfg(feature = "build")]
mod pip;
#[cfg(feature = "build")]
mod prepared;
#[cfg(feature = "build")]
mod source;
#[cfg(feature = "build")]
mod time_zones;

use crate::stage::Stage;

/// The objects of the stage `libc` in its result, for a linker's command line.
#[cfg(feature = "compiler")]
pub(crate) fn libc_objects(result: &std::path::Path) -> Result<Vec<std::path::PathBuf>, crate::error::Error> {
    libc::objects(result)
}

/// Names the function of a stage that only the feature `build` has.
#[cfg(feature = "build")]
macro_rules! whole {
    ($run:path) => {
        $run
    };
}
#[cfg(all(feature = "compiler", not(feature = "build")))]
macro_rules! whole {
    ($run:path) => {
        |_| Err(crate::error::Error::LeftOut)
    };
}

/// What a stage needs, and numpy if that is part of the recipe.
#[cfg(not(feature = "numpy"))]
macro_rules! with_numpy {
    ($($need:literal),* $(,)?) => { &[$($need),*] };
}
#[cfg(feature = "numpy")]
macro_rules! with_numpy {
    ($($need:literal),* $(,)?) => { &[$($need,)* "numpy"] };
}

/// The files of the stage `link`.
const LINKED: &[&str] = if cfg!(feature = "numpy") { &["shim", "numpy/modules.c"] } else { &["shim"] };

/// The whole recipe; the last stage's result is the artefact.
pub(crate) const ALL: &[Stage] = &[
    Stage {
        name: "source",
        title: "source of CPython 3.13.5",
        text: include_str!("source.rs"),
        files: &[],
        crates: &[],
        needs: &[],
        lines: 10,
        #[cfg(feature = "compiler")]
        run: whole!(source::run),
    },
    Stage {
        name: "compiler",
        title: "compiler for WASI (ziglang 0.17.1)",
        text: include_str!("compiler.rs"),
        files: &[],
        crates: &[],
        needs: &[],
        lines: 10,
        #[cfg(feature = "compiler")]
        run: compiler::run,
    },
    Stage {
        name: "time-zones",
        title: "time-zone data (tzdata 2026.6)",
        text: include_str!("time_zones.rs"),
        files: &[],
        crates: &[],
        needs: &[],
        lines: 5,
        #[cfg(feature = "compiler")]
        run: whole!(time_zones::run),
    },
    Stage {
        name: "c-libraries",
        title: "zlib, bzip2, lzma and SQLite",
        text: include_str!("c_libraries.rs"),
        files: &["c-libraries"],
        crates: &[],
        needs: &["compiler"],
        lines: 150,
        #[cfg(feature = "compiler")]
        run: whole!(c_libraries::run),
    },
    Stage {
        name: "libc",
        title: "replacements for functions of libc",
        text: include_str!("libc.rs"),
        files: &["libc"],
        crates: &[],
        needs: &["compiler"],
        lines: 35,
        #[cfg(feature = "compiler")]
        run: libc::run,
    },
    Stage {
        name: "build-python",
        title: "native Python for the build",
        text: include_str!("build_python.rs"),
        files: &[],
        crates: &[],
        needs: &["source"],
        lines: 1010,
        #[cfg(feature = "compiler")]
        run: whole!(build_python::run),
    },
    Stage {
        name: "cross",
        title: "CPython for WASI",
        text: include_str!("cross.rs"),
        files: &["config.site", "patches/core", "profile/python.profdata.zst", "profile/trained-on.txt"],
        crates: &[],
        needs: &["source", "compiler", "c-libraries", "build-python"],
        lines: 1400,
        #[cfg(feature = "compiler")]
        run: whole!(cross::run),
    },
    Stage {
        name: "function-types",
        title: "types of CPython's functions",
        text: concat!(
            include_str!("function_types.rs"),
            include_str!("function_types/object.rs"),
            include_str!("function_types/places.rs"),
        ),
        files: &[],
        crates: &[],
        needs: &["compiler", "cross"],
        lines: 20,
        #[cfg(feature = "compiler")]
        run: whole!(function_types::run),
    },
    #[cfg(feature = "numpy")]
    Stage {
        name: "numpy",
        title: "numpy 2.5.5",
        text: include_str!("numpy.rs"),
        files: &["numpy/first.c", "numpy/last.c", "numpy/objects.py", "patches/numpy"],
        crates: &[],
        needs: &["compiler", "build-python", "cross"],
        lines: 1100,
        #[cfg(feature = "compiler")]
        run: whole!(numpy::run),
    },
    Stage {
        name: "link",
        title: "python.wasm",
        text: concat!(include_str!("link.rs"), include_str!("apart.rs")),
        files: LINKED,
        crates: &[],
        needs: with_numpy!("compiler", "c-libraries", "libc", "cross"),
        lines: 10,
        #[cfg(feature = "compiler")]
        run: whole!(link::run),
    },
    Stage {
        name: "library",
        title: "standard library",
        text: concat!(include_str!("archive.rs"), include_str!("pip.rs")),
        files: &["compile.py", "guest", "library", "patches/library"],
        crates: &[],
        needs: with_numpy!("source", "time-zones", "build-python", "cross"),
        lines: 3150,
        #[cfg(feature = "compiler")]
        run: whole!(archive::run),
    },
    Stage {
        name: "prepared",
        title: "memory of an initialised Python",
        text: concat!(
            include_str!("prepared.rs"),
            include_str!("prepared/called.rs"),
            include_str!("prepared/python.rs"),
            include_str!("../split/mod.rs"),
            include_str!("../split/near.rs"),
            include_str!("../split/part.rs"),
            include_str!("../split/watched.rs"),
        ),
        files: &["profile/train"],
        crates: &["contract", "wasi-core", "engine"],
        needs: &["link", "library"],
        lines: 12,
        #[cfg(feature = "compiler")]
        run: whole!(prepared::run),
    },
    Stage {
        name: "artefact",
        title: "artefact",
        text: include_str!("artefact.rs"),
        files: &["licenses"],
        crates: &[],
        needs: with_numpy!(
            "source",
            "compiler",
            "time-zones",
            "c-libraries",
            "libc",
            "function-types",
            "link",
            "library",
            "prepared",
        ),
        lines: 1,
        #[cfg(feature = "compiler")]
        run: whole!(artefact::run),
    },
];
