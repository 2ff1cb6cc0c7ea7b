//! Runs every script of `attacks/` in the sandbox. Each tries one way to read or change something outside, or to
//! run for ever, and its first line says how it must end.
//!
//! The first line of a script is `# IDEA. Ends: ENDING`, where ENDING is `held` (status 0, and the script prints
//! `held` last), `raises NAME` (status 1, uncaught) or `status N`. A canary file lies beside the granted
//! folders, and its text is also in the host's environment: no script may print or change it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use libtest_mimic::{Arguments, Failed, Trial};
use python_wasm_tests::{Outcome, Program};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::{TempDir, tempdir};

/// The secret that no script may read. Scripts that look for it put it together from parts.
const CANARY: &str = "hidden-in-the-host";

/// The least number of scripts.
const ATTACKS: usize = 60;

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks");
    let entries = fs::read_dir(&folder).expect("the folder of attacks");
    let scripts: Vec<PathBuf> = entries.map(|entry| entry.expect("an attack").path()).collect();
    let count = scripts.len();
    let mut trials: Vec<Trial> =
        scripts.into_iter().map(|script| Trial::test(name(&script), move || attack(&script))).collect();
    trials.push(Trial::test("there_are_enough_attacks", move || {
        if count >= ATTACKS { Ok(()) } else { Err(format!("{count} of {ATTACKS}").into()) }
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn name(script: &Path) -> String {
    script.file_stem().expect("a script has a name").to_string_lossy().into_owned()
}

fn attack(script: &Path) -> Result<(), Failed> {
    let source = fs::read_to_string(script)?;
    let ending = Ending::read(&source).ok_or("the first line does not say how it ends")?;
    let cell = Cell::new()?;
    let before = cell.outside()?;
    let ended = Program::python()
        .grant("--dir", &cell.folder("data"), "/data")
        .grant("--ro-dir", &cell.folder("ro"), "/ro")
        // The deadline is short only for scripts that it must end.
        .args(["--timeout", if matches!(ending, Ending::Status(102)) { "1.5" } else { "60" }])
        .args(["--max-memory", "128", "--max-disk", "8", "--max-files", "1000", "--max-output", "1000"])
        .arg(script)
        .variable("CANARY", CANARY)
        .patience(Duration::from_mins(2))
        .run();
    for output in [&ended.stdout, &ended.stderr] {
        if output.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()) {
            return Err(format!("the canary was read: {ended}").into());
        }
    }
    if cell.outside()? != before {
        return Err(format!("something outside has changed: {ended}").into());
    }
    if ending.fits(&ended) { Ok(()) } else { Err(format!("it must end with {ending:?}\n{ended}").into()) }
}

/// How a script must end.
#[derive(Debug)]
enum Ending {
    Held,
    Raises(String),
    Status(i32),
}

impl Ending {
    fn read(source: &str) -> Option<Self> {
        let (_, ending) = source.lines().next()?.strip_prefix("# ")?.split_once(". Ends: ")?;
        match ending.split_once(' ') {
            None => (ending == "held").then_some(Self::Held),
            Some(("raises", exception)) => Some(Self::Raises(exception.to_owned())),
            Some(("status", number)) => number.parse().ok().map(Self::Status),
            Some(_) => None,
        }
    }

    fn fits(&self, ended: &Outcome) -> bool {
        let errors = String::from_utf8_lossy(&ended.stderr);
        let status = match self {
            Self::Held => 0,
            Self::Raises(_) => 1,
            Self::Status(number) => *number,
        };
        let said = match self {
            Self::Held => ended.stdout.ends_with(b"held\n") && errors.is_empty(),
            Self::Raises(exception) => errors.lines().any(|line| line.starts_with(exception.as_str())),
            Self::Status(_) => !errors.contains("panicked at"),
        };
        ended.status == Some(status) && said && !String::from_utf8_lossy(&ended.stdout).contains("escaped:")
    }
}

/// Two granted folders with links that lead out of them, and the files around them.
struct Cell(TempDir);

impl Cell {
    fn new() -> Result<Self, Failed> {
        let cell = Self(tempdir()?);
        let canary = cell.0.path().join("canary");
        fs::write(&canary, CANARY)?;
        for (name, text) in [("data", "write me"), ("ro", "read me")] {
            let folder = cell.folder(name);
            fs::create_dir_all(folder.join("sub/deep"))?;
            fs::write(folder.join("file"), text)?;
            for (target, link) in
                [("../canary", "to-canary"), ("..", "to-up"), ("/", "to-root"), ("to-canary", "chain")]
            {
                symlink(target, folder.join(link))?;
            }
            symlink(&canary, folder.join("to-canary-absolute"))?;
            mknodat(CWD, folder.join("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0)?;
        }
        Ok(cell)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns everything that scripts may not change: names, contents and times, but of the writable folder
    /// only its name.
    fn outside(&self) -> Result<BTreeMap<PathBuf, (Vec<u8>, SystemTime)>, Failed> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                let metadata = fs::symlink_metadata(&path)?;
                let content = if metadata.is_file() { fs::read(&path)? } else { Vec::new() };
                let changes = path == self.folder("data");
                if metadata.is_dir() && !changes {
                    folders.push(path.clone());
                }
                let modified = if changes { SystemTime::UNIX_EPOCH } else { metadata.modified()? };
                found.insert(path, (content, modified));
            }
        }
        Ok(found)
    }
}
