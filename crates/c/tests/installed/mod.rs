//! The library as `crates/c/install` installs it, and programs that are compiled against it by way of pkg-config.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// How a program is built.
#[derive(Clone, Copy)]
pub(crate) struct Build {
    options: &'static [&'static str],
    is_static: bool,
}

impl Build {
    pub(crate) const SHARED: Self = Self { options: &[], is_static: false };
    pub(crate) const STATIC: Self = Self { options: &[], is_static: true };
    /// With checks of what the program does to memory, by gcc or clang. They see the library's allocations, too.
    pub(crate) const SANITIZED: Self = Self {
        options: &[
            "-fsanitize=address,undefined",
            "-fno-sanitize-recover=undefined",
            "-fno-omit-frame-pointer",
            "-g",
        ],
        is_static: false,
    };
}

/// The folder that the library is installed in, once for all tests of a process.
pub(crate) struct Installed(&'static Path);

impl Installed {
    pub(crate) fn new() -> Self {
        static FOLDER: OnceLock<PathBuf> = OnceLock::new();
        let folder = FOLDER.get_or_init(|| {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("installed");
            let install = Path::new(env!("CARGO_MANIFEST_DIR")).join("install");
            output_of(Command::new(install).arg(&folder).env("FROM", libraries()).env_remove("DESTDIR"));
            folder
        });
        Self(folder)
    }

    /// Compiles a source file, relative to the crate, into a folder; returns the program.
    pub(crate) fn compile(&self, source: &Path, folder: &Path, build: Build) -> PathBuf {
        let program = folder.join("program");
        let mut flags = Command::new("pkg-config");
        flags
            .args(["--cflags", "--libs", "python_wasm"])
            .env("PKG_CONFIG_PATH", self.0.join("lib/pkgconfig"));
        if build.is_static {
            flags.arg("--static");
        }
        let flags = output_of(&mut flags);
        // Of the two libraries the linker takes the shared one unless it is told.
        let library = format!("{}/lib/libpython_wasm.a", self.0.display());
        let flags = flags.split_whitespace().map(|flag| match flag {
            "-lpython_wasm" if build.is_static => library.as_str(),
            flag => flag,
        });
        output_of(
            Command::new(compiler())
                .args(["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-UNDEBUG"])
                .args(build.options)
                .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(source))
                .arg("-o")
                .arg(&program)
                .args(flags)
                .args(["-lpthread", &format!("-Wl,-rpath,{}/lib", self.0.display())]),
        );
        program
    }
}

/// Returns the C compiler.
pub(crate) fn compiler() -> std::ffi::OsString {
    env::var_os("CC").unwrap_or_else(|| "cc".into())
}

/// Runs a command, which must succeed, and returns what it printed.
pub(crate) fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (printed, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{printed}{errors}", output.status);
    printed.into_owned()
}

/// Returns cargo's folder with the libraries: the one of this test, or its parent.
fn libraries() -> PathBuf {
    let name = format!("{}python_wasm_c{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let test = env::current_exe().unwrap();
    let mut folders = test.ancestors().skip(1).take(2).map(Path::to_path_buf);
    let found =
        folders.find(|folder| folder.join(&name).exists() && folder.join("libpython_wasm_c.a").exists());
    found.unwrap_or_else(|| panic!("there is no {name} near {}", test.display()))
}
