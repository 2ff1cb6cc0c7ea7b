//! Runs cargo, or maturin, which runs cargo, for a target.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cpython::{Progress, Zig};

use crate::{Error, Rust, Target, linker};

/// This checkout, and the folder for what is made of it.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub home: PathBuf,
    /// The target directory of all builds: `target/dist`.
    pub target: PathBuf,
    zig: Option<Zig>,
}

/// A compiler for a target, and what cargo has to be told to use it.
pub(crate) struct Toolchain {
    rust: Rust,
    variables: Vec<(String, OsString)>,
}

impl Workspace {
    /// Opens the workspace that this program was built from. zig is fetched if it is not there.
    pub fn open() -> Result<Self, Error> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let zig = if cfg!(target_os = "linux") { Some(cpython::zig(&Progress::new())?) } else { None };
        let target = home.join("target/dist");
        fs::create_dir_all(&target)?;
        Ok(Self { home, target, zig })
    }

    /// Builds a package's programs for a target, and returns their folder.
    pub fn build(&self, target: Target, package: &str, features: &[&str]) -> Result<PathBuf, Error> {
        let toolchain =
            self.toolchain(target, if target.is_musl() { "-C target-feature=+crt-static" } else { "" })?;
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([
            "build",
            "--locked",
            "--release",
            "--bins",
            "--target",
            target.triple,
            "--package",
            package,
        ]);
        if !features.is_empty() {
            cargo.args(["--features", &features.join(",")]);
        }
        let more = toolchain.prepare(&mut cargo);
        cargo.args(more).arg("--target-dir").arg(&self.target).current_dir(&self.home);
        run(&mut cargo)?;
        Ok(self.target.join(target.triple).join("release"))
    }

    /// Finds the compilers for a target. `flags` are more of rustc's.
    pub(crate) fn toolchain(&self, target: Target, flags: &str) -> Result<Toolchain, Error> {
        let rust = Rust::find(target.triple)?;
        let mut flags = vec![flags.to_owned()];
        let mut variables = Vec::new();
        let lower = target.triple.replace('-', "_");
        if let (Some(zig), Some(name)) = (&self.zig, target.zig) {
            let tools = linker::write(zig, name, &self.target.join("tools"))?;
            variables.push((format!("CC_{lower}"), tools.cc.clone().into()));
            variables.push((format!("AR_{lower}"), tools.ar.into()));
            variables.push((format!("CARGO_TARGET_{}_LINKER", target.variable()), tools.cc.into()));
            if target.is_musl() {
                // zig has the C library and the files that a program starts with.
                flags.push("-C link-self-contained=no".to_owned());
            }
        }
        let maps = self.maps(&rust)?;
        flags.extend(maps.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())));
        variables.push((format!("CARGO_TARGET_{}_RUSTFLAGS", target.variable()), flags.join(" ").into()));
        let c = maps.iter().map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
        variables.push((format!("CFLAGS_{lower}"), c.collect::<Vec<_>>().join(" ").into()));
        Ok(Toolchain { rust, variables })
    }

    /// What the folders of this machine are called in what is made, so that the same bytes come out on every machine.
    fn maps(&self, rust: &Rust) -> Result<Vec<(PathBuf, String)>, Error> {
        let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
        let cargo_home = cargo_home.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
        let cargo_home = cargo_home.ok_or("HOME is not set: where cargo keeps its crates is not known")?;
        let mut maps = vec![(self.home.clone(), "/python-wasm".to_owned())];
        // The name of each registry's folder depends on its address.
        if let Ok(registries) = fs::read_dir(cargo_home.join("registry/src")) {
            for registry in registries {
                let registry = registry?;
                // Those without an address are what `cargo package` leaves behind.
                if !registry.file_name().to_string_lossy().starts_with('-') {
                    maps.push((registry.path(), "/crates".to_owned()));
                }
            }
        }
        if let Some(folder) = rust.folder() {
            maps.push((folder.to_owned(), "/rust".to_owned()));
        }
        if let Some((from, to)) = maps.iter().find(|(from, _)| from.to_string_lossy().contains([' ', '='])) {
            return Err(format!(
                "{}, which is to be called {to}, must have no space in its name",
                from.display()
            )
            .into());
        }
        Ok(maps)
    }
}

impl Toolchain {
    /// Makes a command use the compilers, and returns cargo's arguments for that.
    pub(crate) fn prepare(&self, command: &mut Command) -> Vec<String> {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        self.rust.prepare(command, "std,panic_unwind")
    }
}

/// Runs a command to its good end. What it prints is seen.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.status().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed").into()) }
}

/// Runs a command to its good end and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)).into())
}
