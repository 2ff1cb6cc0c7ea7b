//! The packages of docs/packages.md: what each is asked to do, and a run of it.
//!
//! `packages/uses.txt` has a block for each: `== NAME: what for`, the program, and lines of `-- ` with what it prints. A
//! line `-- ! TEXT` says that it fails, and what its error contains.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::Program;

/// The requirements, by files in this crate's folder.
const REQUIREMENTS: [&str; 2] = ["third_party/requirements.txt", "packages/requirements.txt"];

/// A package and its use.
#[derive(Debug)]
pub struct Package {
    /// Its name on PyPI.
    pub name: String,
    /// What it is used for here, in a few words.
    pub purpose: String,
    code: String,
    printed: String,
    /// A part of its error, if it cannot work.
    failure: Option<String>,
}

/// Returns all packages, in the order of the file.
pub fn all() -> Vec<Package> {
    let text = read("packages/uses.txt");
    text.split("\n== ").skip(1).map(Package::parse).collect()
}

/// Returns the version that is pinned, or an empty string for an unknown name.
pub fn version(name: &str) -> String {
    let lines: String = REQUIREMENTS.map(read).concat();
    let pin = format!("{name}==");
    let line = lines.lines().find_map(|line| line.strip_prefix(&pin));
    line.and_then(|rest| rest.split_whitespace().next()).unwrap_or_default().to_owned()
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the folder with all packages, which pip fetches once for each version of the lists.
pub fn site() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(|| {
        kept("packages", &REQUIREMENTS.map(read).concat(), |folder| {
            for name in REQUIREMENTS {
                let mut pip = Command::new("python3");
                pip.args([
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--disable-pip-version-check",
                    "--root-user-action=ignore",
                ]);
                pip.args(["--no-deps", "--no-compile", "--require-hashes", "--only-binary", ":all:"]);
                // The same files on every machine, whichever Python runs pip.
                pip.args(["--platform", "manylinux2014_x86_64", "--platform", "manylinux_2_28_x86_64"]);
                pip.args(["--implementation", "cp", "--abi", &abi(), "--python-version", &abi()[2..]]);
                pip.arg("--requirement").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
                let output = pip.arg("--target").arg(folder).output().expect("python3 is there");
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "the packages of {name} are not fetched:\n{errors}");
            }
        })
    })
}

/// Returns the tag of CPython's own ABI.
fn abi() -> String {
    let version = Program::python().arg("-V").run();
    let numbers = version.well().stdout().trim_start_matches("Python ").split('.').take(2);
    format!("cp{}", numbers.collect::<String>())
}

/// Returns a folder in the cache, named for the hash of `recipe`. `fill` fills it if it does not exist.
pub fn kept(name: &str, recipe: &str, fill: impl FnOnce(&Path)) -> PathBuf {
    let cache = cpython::Cache::of_user().expect("a folder for caches");
    let hash = Sha256::digest(recipe).iter().take(8).fold(0, |hash, &byte| hash << 8 | u64::from(byte));
    let folder = cache.root().join(format!("{name}-{hash:016x}"));
    if !folder.is_dir() {
        fs::create_dir_all(cache.root()).expect("the cache can be made");
        let work = tempfile::tempdir_in(cache.root()).expect("a folder in the cache");
        let fresh = work.path().join("fresh");
        fs::create_dir(&fresh).expect("a folder to fill");
        fill(&fresh);
        // Another process may have been faster; its files are the same.
        let renamed = fs::rename(&fresh, &folder);
        assert!(folder.is_dir(), "{}: {renamed:?}", folder.display());
    }
    folder
}

impl Package {
    fn parse(block: &str) -> Self {
        let (head, body) = block.split_once('\n').expect("a program");
        let (name, purpose) = head.split_once(": ").expect("a name, and what for");
        let (mut code, mut printed, mut failure) = (String::new(), String::new(), None);
        for line in body.lines() {
            match line.strip_prefix("-- ") {
                Some(line) => match line.strip_prefix("! ") {
                    Some(part) => failure = Some(part.to_owned()),
                    None => printed.extend([line, "\n"]),
                },
                None => code.extend([line, "\n"]),
            }
        }
        Self { name: name.into(), purpose: purpose.into(), code, printed, failure }
    }

    /// Whether it is expected to work.
    pub fn works(&self) -> bool {
        self.failure.is_none()
    }

    /// Runs it from the site. `Err` says how it differs from what is expected.
    pub fn run(&self) -> Result<(), String> {
        let program = Program::python().arg("--site").arg(site()).args(["-W", "ignore", "-c", &self.code]);
        let ended = program.patience(Duration::from_mins(20)).run();
        let fits = match &self.failure {
            None => ended.status == Some(0) && ended.stdout() == self.printed,
            Some(part) => ended.status == Some(1) && ended.stderr().contains(part),
        };
        if fits { Ok(()) } else { Err(format!("{} does not do what is expected:\n{ended}", self.name)) }
    }
}
