//! Runs every guest of `guests/` in `wasi-run`. Each checks one behaviour from inside the sandbox.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use python_wasm_tests::{Outcome, Program, guest};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use rustix::process::Signal;
use tempfile::{TempDir, tempdir};

/// Defines one test for each guest, with its name. `every_guest_has_a_test` finds guests without a test.
macro_rules! guests {
    ($($name:ident: $run:expr,)*) => {
        const NAMES: &[&str] = &[$(stringify!($name)),*];
        $(#[test]
        fn $name() {
            let run: fn(Guest) = $run;
            run(Guest::new(stringify!($name)));
        })*
    };
}

guests! {
    // Arguments, clocks, randomness, the process.
    args_and_environment: |guest| {
        let options = ["--argv0", "a-name", "--env", "EMPTY=", "--env", "LINES=one\ntwo=2", "--env", "NAME=ж\"'"];
        guest.options(options).run_with(["", "two words", "grüße 你好"]).well();
    },
    clock_ids: plainly,
    clock_given: |guest| { guest.options(["--clock", "1000000000"]).run().well(); },
    clock_monotonic: plainly,
    random_get: plainly,
    random_seeded: |guest| {
        let bytes = |seed| guest.clone().options(["--seed", seed]).run().well().stdout().to_owned();
        assert_eq!(bytes("7").len(), 16);
        assert_eq!(bytes("7"), bytes("7"));
        assert_ne!(bytes("7"), bytes("8"));
        let real = || guest.clone().run().well().stdout().to_owned();
        assert_ne!(real(), real());
    },
    proc_exit: |guest| {
        for status in ["0", "1", "7", "255"] {
            let ended = guest.clone().run_with([status]);
            ended.with_status(status.parse().unwrap());
            assert_eq!(ended.stdout(), format!("leaving with {status}"));
            assert_eq!(ended.stderr(), "");
        }
    },
    proc_raise: plainly,
    sched_yield: plainly,
    status_is_cut: |guest| { guest.run().with_status(7); },
    start_returns: plainly,
    memory_is_missing: |guest| { guest.run().with_status(5); },

    // Descriptors.
    closed_descriptor: in_folder,
    descriptors_lowest_free: in_folder,
    descriptors_limited: |guest| { guest.in_folder().options(["--max-fds", "20"]).run_with(["20"]).well(); },
    directory_is_not_a_file: in_folder,
    fd_advise: in_folder,
    fd_allocate: in_folder,
    fd_append: in_folder,
    fd_close_preopen: in_folder,
    fd_fdstat: in_folder,
    fd_filestat: in_folder,
    fd_filestat_set_size: in_folder,
    fd_iovecs: in_folder,
    fd_offsets_past_4gib: |guest| { guest.in_folder().options(["--max-disk", "6000"]).run().well(); },
    fd_pread_pwrite: in_folder,
    fd_prestat: |guest| {
        let folder = tempdir().unwrap();
        let guest = [".", "/data", "größe"].iter().fold(guest, |guest, name| guest.grant("--dir", folder.path(), name));
        guest.run().well();
    },
    fd_readdir: in_folder,
    fd_readdir_large: in_folder,
    fd_renumber: in_folder,
    fd_seek: in_folder,
    set_times: in_folder,
    sock_needs_socket: in_folder,

    // Paths.
    overlay: |guest| {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("theirs"), "theirs").unwrap();
        fs::write(folder.path().join("gone"), "old").unwrap();
        guest.grant("--overlay-dir", folder.path(), ".").run().well();
        assert_eq!(fs::read_to_string(folder.path().join("theirs")).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(folder.path().join("gone")).unwrap(), "old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    },
    path_bytes: in_folder,
    path_create_directory: in_folder,
    path_escape: |guest| {
        let folder = tempdir().unwrap();
        let (root, secret) = (folder.path().join("root"), folder.path().join("secret"));
        fs::create_dir(&root).unwrap();
        fs::write(&secret, "secret").unwrap();
        symlink("..", root.join("host-link-up")).unwrap();
        symlink("../secret", root.join("host-link-relative")).unwrap();
        symlink(&secret, root.join("host-link-absolute")).unwrap();
        symlink("host-link-relative", root.join("host-link-chain")).unwrap();
        guest.grant("--dir", &root, ".").run().well();
        assert_eq!(fs::read_to_string(secret).unwrap(), "secret");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    },
    path_fifo: |guest| {
        let folder = tempdir().unwrap();
        make_fifo(&folder.path().join("fifo"));
        guest.grant("--dir", folder.path(), ".").run().well();
    },
    path_filestat: in_folder,
    path_link: in_folder,
    path_links_lead_on: in_folder,
    path_open: in_folder,
    path_open_reads_or_writes: in_folder,
    path_readlink: in_folder,
    path_remove_directory: in_folder,
    path_rename: in_folder,
    path_symlink: in_folder,
    path_trailing_slash: in_folder,
    path_unlink: in_folder,
    permissions_differ: |guest| {
        let (mine, theirs) = (tempdir().unwrap(), tempdir().unwrap());
        fs::write(theirs.path().join("theirs"), "theirs").unwrap();
        fs::create_dir(theirs.path().join("d")).unwrap();
        guest.grant("--dir", mine.path(), ".").grant("--ro-dir", theirs.path(), "/theirs").run().well();
    },
    rename_between_preopens: |guest| {
        let (one, two) = (tempdir().unwrap(), tempdir().unwrap());
        guest.grant("--dir", one.path(), ".").grant("--dir", two.path(), "/two").run().well();
    },

    // Waiting.
    poll_clock: plainly,
    poll_refuses: plainly,
    poll_stdin: |guest| { guest.in_folder().program([]).stdin("input").run().well(); },
    sleep_for_ever: |guest| {
        let line = ["stopped", "0.2 s", "--timeout"];
        guest.clone().options(["--timeout", "0.2"]).run().refused(102, &line).printing("asleep\n");
        for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let mut running = guest.program([]).start();
            running.wait_for("asleep");
            running.signal(signal);
            running.end().with_status(status);
        }
    },
    stdin_to_stdout: |guest| {
        let bytes: Vec<u8> = (0..1_000_003_u32).map(|n| (n % 251) as u8).collect();
        let ended = guest.program([]).stdin(bytes.clone()).run();
        ended.with_status(0);
        assert_eq!(ended.stderr(), "1000003\n");
        assert!(ended.stdout == bytes, "the bytes arrive as they were sent");
    },

    // Limits, and guests that only a limit stops.
    disk_limited: |guest| { guest.in_folder().options(["--max-disk", "1"]).run().well(); },
    files_limited: |guest| { guest.in_folder().options(["--max-files", "10"]).run().well(); },
    memory_limited: |guest| { guest.options(["--max-memory", "32"]).run().well().printing("refused\n"); },
    output_flood: |guest| {
        let ended = guest.options(["--max-output", "100"]).run();
        assert!(ended.stdout.len() <= 100 << 10, "{} bytes", ended.stdout.len());
        ended.refused(105, &["stopped", "--max-output"]);
    },
    loop_without_end: |guest| {
        guest.clone().options(["--timeout", "0.2"]).run().refused(102, &["stopped", "--timeout"]);
        guest.options(["--fuel", "1000000"]).run().refused(103, &["stopped", "1000000", "--fuel"]);
    },
    recursion_without_end: |guest| { guest.run().refused(107, &["trap"]); },
    pointers_out_of_bounds: in_folder,
    memory_grows: plainly,
    trap_unreachable: |guest| { guest.run().refused(107, &["trap", "unreachable"]); },
    trap_out_of_bounds: |guest| { guest.run().refused(107, &["trap", "out of bounds"]); },

    // Modules that cannot be run.
    start_is_missing: |guest| { guest.run().refused(126, &["start_is_missing", "_start"]); },
    import_unknown: |guest| { guest.run().refused(126, &["import_unknown", "fd_teleport"]); },
    import_other_module: |guest| { guest.run().refused(126, &["import_other_module", "env", "emscripten_sleep"]); },
    import_wrong_type: |guest| { guest.run().refused(126, &["import_wrong_type", "fd_close"]); },

    // The interface as a whole.
    every_function: plainly,
    wasm_features: |guest| { guest.run().with_status(8); },
    libc_files: |guest| {
        let folder = tempdir().unwrap();
        guest.grant("--dir", folder.path(), "/").run().well();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    },
    libc_numbers: |guest| {
        guest.run().well().printing(
            "0.10000000000000001 1.4142135623730951\n\
             inf -inf -1.5\n\
             1\n\
             -9223372036854775808 18446744073709551615\n\
             -3 -1\n\
             0x1.8p-1073\n",
        );
    },
}

#[test]
fn every_guest_has_a_test() {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    assert_eq!(guest::names("guests"), names);
}

/// Runs the guest without grants: it must end well and print nothing on standard error.
fn plainly(guest: Guest) {
    guest.run().well();
}

/// Runs the guest with an empty folder granted as ".": it must end well.
fn in_folder(guest: Guest) {
    guest.in_folder().run().well();
}

fn make_fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

/// A module and its grants.
#[derive(Clone)]
struct Guest {
    name: &'static str,
    options: Vec<std::ffi::OsString>,
    folder: Option<std::rc::Rc<TempDir>>,
}

impl Guest {
    fn new(name: &'static str) -> Self {
        Self { name, options: Vec::new(), folder: None }
    }

    fn options<const N: usize>(mut self, options: [&str; N]) -> Self {
        self.options.extend(options.map(Into::into));
        self
    }

    fn grant(mut self, option: &str, host: &Path, guest: &str) -> Self {
        let mut value = host.as_os_str().to_owned();
        value.push("::");
        value.push(guest);
        self.options.extend([option.into(), value]);
        self
    }

    /// Grants a new folder as ".", descriptor 3.
    fn in_folder(self) -> Self {
        let folder = std::rc::Rc::new(tempdir().unwrap());
        let mut guest = self.grant("--dir", folder.path(), ".");
        guest.folder = Some(folder);
        guest
    }

    fn program<const N: usize>(&self, arguments: [&str; N]) -> Program {
        Program::wasi_run().args(&self.options).arg(guest::module("guests", self.name)).args(arguments)
    }

    fn run_with<const N: usize>(self, arguments: [&str; N]) -> Outcome {
        self.program(arguments).run()
    }

    fn run(self) -> Outcome {
        self.run_with([])
    }
}
