//! Runs CPython's own tests of its library (Lib/test of the pinned release), each module in a fresh sandbox, and
//! compares the failures with `expected.txt`. An unexpected pass is an error, too.
//!
//! Some modules always run, the others only with `--ignored` or `--include-ignored`: `docs/library-tests.md`.

mod expected;
mod outcome;

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use cpython::Progress;
use libtest_mimic::{Arguments, Failed, Trial};
use python_wasm_tests::{Program, scratch};
use tempfile::TempDir;

use expected::Expected;
use outcome::Counts;

/// The modules that always run: quick ones about the language, numbers and system calls.
const ALWAYS: [&str; 24] = [
    "test_bisect",
    "test_cmath",
    "test_contextlib",
    "test_csv",
    "test_errno",
    "test_exceptions",
    "test_fileio",
    "test_float",
    "test_generators",
    "test_genericpath",
    "test_glob",
    "test_grammar",
    "test_os",
    "test_platform",
    "test_posix",
    "test_posixpath",
    "test_scope",
    "test_sqlite3",
    "test_stat",
    "test_strptime",
    "test_struct",
    "test_sys",
    "test_tempfile",
    "test_time",
];

/// The files that import CPython's test-only modules without checking that they exist. For these files
/// `not_built.py` stands in for each of the modules.
const EAGER: [&str; 9] = [
    "test_bytes",
    "test_class",
    "test_compile",
    "test_dis",
    "test_marshal",
    "test_monitoring",
    "test_opcache",
    "test_time",
    "test_traceback",
];
const NOT_BUILT: [&str; 3] = ["_testcapi", "_testinternalcapi", "_testlimitedcapi"];

/// The time limit for a module, in seconds.
const LIMIT: u64 = 600;

/// MiB of memory: more than the default, for tests that make strings of 2 GiB.
const MEMORY: &str = "3072";

/// MiB of disk: more than the default, for tests that make sparse files of 4 GiB.
const DISK: &str = "16384";

/// The resources of upstream's continuous integration: all but `cpu`, whose tests only take long.
const RESOURCES: &str = "-uall,-cpu";

/// The sandbox's `/usr` with the tests added, made when the first module needs it.
type Library = LazyLock<TempDir, Box<dyn FnOnce() -> TempDir + Send>>;

fn main() -> ExitCode {
    let sources = cpython::sources(&Progress::new()).unwrap_or_else(|error| panic!("{error}"));
    let modules = modules(&sources.join("Lib/test"));
    let mut expected =
        expected::read(include_str!("expected.txt")).unwrap_or_else(|error| panic!("expected.txt: {error}"));
    let library: Arc<Library> = Arc::new(LazyLock::new(Box::new(move || library(&sources))));
    let totals: Arc<Mutex<Totals>> = Arc::default();
    let mut trials = Vec::new();
    for module in modules {
        let expected = expected.remove(&module).unwrap_or_default();
        let (name, library, totals) = (module.clone(), Arc::clone(&library), Arc::clone(&totals));
        let always = ALWAYS.contains(&module.as_str());
        let trial = Trial::test(module, move || run(&name, &expected, library.path(), &totals));
        trials.push(trial.with_ignored_flag(!always));
    }
    let orphans: Vec<String> = expected.into_keys().collect();
    trials.push(Trial::test("every_expectation_has_a_module", move || match orphans.as_slice() {
        [] => Ok(()),
        orphans => Err(format!("there is no {}", orphans.join(", ")).into()),
    }));
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials);
    let totals = totals.lock().expect("no trial panics with it");
    let _nobody_reads = writeln!(io::stdout(), "{totals}");
    conclusion.exit_code()
}

/// Returns the names of the modules and packages `test_*`.
fn modules(tests: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(tests).unwrap_or_else(|error| panic!("{}: {error}", tests.display()));
    entries
        .map(|entry| entry.expect("an entry of the tests' folder").path())
        .filter(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "py"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .filter(|name| name.starts_with("test_"))
        .collect()
}

/// Makes a folder for `/usr`; `prepare.py` fills it.
fn library(sources: &Path) -> TempDir {
    let folder = tempfile::tempdir_in(scratch("library")).expect("a folder for the library");
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("library");
    let prepare = Program::python()
        .grant("--dir", folder.path(), "/copy")
        .grant("--ro-dir", sources, "/sources")
        .arg(ours.join("prepare.py"));
    prepare.run().well();
    folder
}

fn run(module: &str, expected: &Expected, library: &Path, totals: &Mutex<Totals>) -> Result<(), Failed> {
    // The first folder in which Python looks for modules.
    let folder = tempfile::tempdir()?;
    if EAGER.contains(&module) {
        for name in NOT_BUILT {
            fs::write(folder.path().join(name).with_extension("py"), include_str!("not_built.py"))?;
        }
    }
    // On the host, because in memory sparse files would not be sparse.
    let temporary = tempfile::tempdir()?;
    let mut python = Program::python()
        .grant("--overlay-dir", library, "/usr")
        .grant("--dir", folder.path(), "")
        .grant("--dir", temporary.path(), "/tmp")
        .folder(folder.path())
        .args(["--timeout", &LIMIT.to_string(), "--max-memory", MEMORY, "--max-disk", DISK])
        .patience(Duration::from_secs(LIMIT + 60));
    python = python.args(["-m", "test", "-v", "--fail-env-changed", RESOURCES, module]);
    for test in &expected.left_out {
        python = python.args(["--ignore", test]);
    }
    let ended = python.run();
    let output = String::from_utf8_lossy(&ended.stdout);
    let seen = outcome::outcome(ended.status, &output);
    totals.lock().expect("no trial panics with it").add(&seen, outcome::counts(&output));
    if seen == expected.outcome {
        return Ok(());
    }
    let list = |title, names: Vec<&String>| match names.as_slice() {
        [] => String::new(),
        names => names.iter().fold(format!("{title}:\n"), |list, name| list + "    " + name + "\n"),
    };
    let news = list("not expected", seen.difference(&expected.outcome).collect());
    let gone = list("expected, and not so", expected.outcome.difference(&seen).collect());
    Err(format!("{news}{gone}{ended}").into())
}

/// The totals of a run.
#[derive(Default)]
struct Totals {
    modules: usize,
    passed: usize,
    skipped: usize,
    tests: Counts,
}

impl Totals {
    fn add(&mut self, outcome: &BTreeSet<String>, counts: Counts) {
        self.modules += 1;
        self.passed += usize::from(outcome.is_empty());
        self.skipped += usize::from(outcome.contains("skipped"));
        self.tests.run += counts.run;
        self.tests.skipped += counts.skipped;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { modules, passed, skipped, tests } = self;
        write!(
            f,
            "{modules} modules: {passed} passed, {skipped} skipped, {} with failures; \
             {} tests, {} of them skipped",
            modules - passed - skipped,
            tests.run,
            tests.skipped
        )
    }
}
