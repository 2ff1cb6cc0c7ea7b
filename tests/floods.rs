//! Runs every guest of `floods/` in `wasi-run`. Each asks for more than a host has, and must end soon, with an
//! errno or a stop, while the host uses little memory beside the guest's own.

use std::fs;
use std::path::Path;
use std::time::Duration;

use python_wasm_tests::{Outcome, Program, guest};
use rustix::fs::{AtFlags, CWD, FileType, Mode, Timespec, Timestamps, mknodat, utimensat};
use tempfile::{TempDir, tempdir};
use wait4::Wait4 as _;

const MIB: u64 = 1 << 20;

/// Bytes that the host may use beside the guest's own memory: for code, tables, buffers and bookkeeping.
const BESIDE: u64 = 64 * MIB;

/// Far more than any flood takes, and far less than a quadratic algorithm would.
const PATIENCE: Duration = Duration::from_secs(40);

/// Defines one test for each flood, with its name.
macro_rules! floods {
    ($($name:ident: $run:expr,)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            let run: fn(Flood) = $run;
            run(Flood(stringify!($name)));
        })*
    };
}

floods! {
    deep_folders: everywhere,
    descriptors: everywhere,
    directory: |flood| {
        let folder = folder_of_100_000();
        for option in ["--ro-dir", "--overlay-dir"] {
            holds(&flood.program(option, folder.path(), &[]).run(), 0);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 100_000);
        holds(&flood.program("--dir", folder.path(), &[]).arg("remove").run(), 0);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    },
    disk: |flood| everywhere_with(flood, &["--max-disk", "4"], 4 * MIB),
    dotdots: everywhere,
    host_times: |flood| {
        let folder = tempdir().unwrap();
        for (name, seconds) in [("early", -10_000_000_000), ("late", 15_000_000_000)] {
            fs::write(folder.path().join(name), "").unwrap();
            let time = Timespec { tv_sec: seconds, tv_nsec: 999_999_999 };
            let times = Timestamps { last_access: time, last_modification: time };
            utimensat(CWD, folder.path().join(name), &times, AtFlags::empty()).unwrap();
        }
        holds(&flood.program("--dir", folder.path(), &[]).run(), 0);
    },
    // In an overlay the 64 MiB that one call may copy are kept in memory, and count as disk.
    iovecs_of_a_tebibyte: |flood| everywhere_with(flood, &[], 64 * MIB),
    link_texts: |flood| everywhere_with(flood, &["--max-disk", "16"], 16 * MIB),
    links: everywhere,
    listings: everywhere,
    long_path: everywhere,
    memory_grow: |flood| {
        let ended = alone(flood, &["--max-memory", "64", "--timeout", "2"]);
        ended.refused(102, &["--timeout"]);
        at_most(&ended, 64 * MIB + BESIDE);
    },
    names: |flood| everywhere_with(flood, &["--max-files", "30000"], 0),
    output: |flood| {
        // Into files: output that the test collects would count as the child's memory.
        let (folder, kept) = (tempdir().unwrap(), tempdir().unwrap());
        let file = |name| fs::File::create(kept.path().join(name)).unwrap();
        let mut command = flood.program("--dir", folder.path(), &["--timeout", "40", "--max-output", "48000"]).into_command();
        let mut child = command.stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap();
        let end = child.wait4().unwrap();
        assert_eq!(end.status.code(), Some(105));
        let read = |name| fs::read(kept.path().join(name)).unwrap();
        let (stdout, stderr) = (read("stdout"), read("stderr"));
        let ours = stderr.rsplit(|&byte| byte == 0).next().unwrap();
        assert!(String::from_utf8_lossy(ours).contains("--max-output"));
        assert!(stdout.len() + stderr.len() - ours.len() <= 48_000 << 10);
        assert!(end.rusage.maxrss <= 2 * MIB + BESIDE);
    },
    random: |flood| holds(&alone(flood, &[]), 0),
    recursion: |flood| {
        let ended = alone(flood, &[]);
        ended.refused(107, &["trap"]);
        at_most(&ended, MIB + BESIDE + 64 * MIB);
    },
    seeks: everywhere,
    silent_fifo: |flood| {
        let folder = tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        mknodat(CWD, &fifo, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        // Open at both ends, so that readers wait.
        let held = fs::File::options().read(true).write(true).open(&fifo).unwrap();
        for option in ["--dir", "--ro-dir", "--overlay-dir"] {
            let ended = flood.program(option, folder.path(), &["--timeout", "0.3"]).run();
            ended.refused(102, &["0.3 s"]).printing("reading\n");
        }
        drop(held);
    },
    silent_stdin: |flood| {
        let folder = tempdir().unwrap();
        for words in [&[][..], &["poll"]] {
            let program = flood.program("--dir", folder.path(), &["--timeout", "0.3"]).args(words);
            let ended = program.stdin_open().start().end_by_itself();
            ended.refused(102, &["0.3 s"]).printing("waiting\n");
        }
    },
    subscriptions: everywhere,
}

#[test]
fn every_flood_has_a_test() {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(guest::names("floods"), names);
}

/// A guest of `floods/`.
#[derive(Clone, Copy)]
struct Flood(&'static str);

impl Flood {
    /// Returns the program with a folder granted as ".", descriptor 3.
    fn program(self, option: &str, folder: &Path, options: &[&str]) -> Program {
        let program = Program::wasi_run().patience(PATIENCE).grant(option, folder, ".");
        program.args(options).arg(guest::module("floods", self.0))
    }
}

/// Runs the flood in an empty folder.
fn alone(flood: Flood, options: &[&str]) -> Outcome {
    flood.program("--dir", folder().path(), options).run()
}

/// Runs the flood in an empty folder of the host, and in an overlay over one: both must hold.
fn everywhere(flood: Flood) {
    everywhere_with(flood, &[], 0);
}

/// Does the same with options. In the overlay, files may take `kept_aside` bytes of memory.
fn everywhere_with(flood: Flood, options: &[&str], kept_aside: u64) {
    holds(&alone(flood, options), 0);
    let folder = folder();
    holds(&flood.program("--overlay-dir", folder.path(), options).run(), kept_aside);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Asserts that the flood ended well and that the host used little more memory than the flood says it had.
#[track_caller]
fn holds(ended: &Outcome, kept_aside: u64) {
    ended.well();
    let told = ended.stdout().strip_prefix("memory ").and_then(|text| text.trim_end().parse().ok());
    let own: u64 = told.unwrap_or_else(|| panic!("it does not tell its memory: {ended}"));
    at_most(ended, own + kept_aside + BESIDE);
}

#[track_caller]
fn at_most(ended: &Outcome, bytes: u64) {
    let (peak, bytes) = (ended.peak_memory / MIB, bytes / MIB);
    assert!(peak <= bytes, "{peak} MiB, more than {bytes}: {ended}");
}

/// Returns a folder of the host, in memory if possible: most of the time would go to the disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| tempdir()).unwrap()
}

fn folder_of_100_000() -> TempDir {
    let folder = folder();
    for number in 0..100_000 {
        fs::File::create(folder.path().join(number.to_string())).unwrap();
    }
    folder
}
