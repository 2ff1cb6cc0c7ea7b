//! Locks on files of the host by the module fcntl, beside a program of the host.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use python_wasm_tests::Program;
use tempfile::{TempDir, tempdir};

fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("a"), "text").unwrap();
    folder
}

/// Starts a program of the host's own Python that locks the file `a` as it says, and holds the lock until its
/// standard input ends.
fn holder(folder: &TempDir, lock: &str) -> Child {
    let program = format!("import fcntl; f = open('a', 'r+'); {lock}; print('locked', flush=True); input()");
    let mut child = Command::new("python3")
        .args(["-c", &program])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "locked\n");
    child
}

/// Tries what `try_lock` says, tells by a file when it has failed, and then does what `wait` says.
fn guest(folder: &TempDir, try_lock: &str, wait: &str) -> Program {
    let code = format!(
        "import errno, fcntl, struct\nf = open('/data/a', 'r+')\n\
         try: {try_lock}\nexcept BlockingIOError as error: print(error.errno == errno.EAGAIN)\n\
         open('/data/failed', 'w').close()\n{wait}\nprint('locked')"
    );
    Program::python().grant("--dir", folder.path(), "/data").args(["-c", &code])
}

#[test]
fn a_lock_of_the_host_is_in_the_way_until_it_ends() {
    for (lock, try_lock, wait) in [
        (
            "fcntl.flock(f, fcntl.LOCK_EX)",
            "fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)",
            "fcntl.flock(f, fcntl.LOCK_EX)",
        ),
        (
            "fcntl.lockf(f, fcntl.LOCK_EX)",
            "fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)",
            "fcntl.lockf(f, fcntl.LOCK_EX)",
        ),
        (
            "fcntl.lockf(f, fcntl.LOCK_SH, 1, 2)",
            "fcntl.fcntl(f, fcntl.F_SETLK, struct.pack('hhqqi', fcntl.F_WRLCK, 0, 2, 1, 0))",
            "fcntl.fcntl(f, fcntl.F_SETLKW, struct.pack('hhll', fcntl.F_WRLCK, 1, 0, 0))",
        ),
    ] {
        let folder = folder();
        let mut holder = holder(&folder, lock);
        let failed = folder.path().join("failed");
        let outcome = std::thread::scope(|scope| {
            let guest = scope.spawn(|| guest(&folder, try_lock, wait).run());
            while !failed.exists() && !guest.is_finished() {
                std::thread::yield_now();
            }
            drop(holder.stdin.take());
            guest.join().unwrap()
        });
        holder.wait().unwrap();
        outcome.well().printing("True\nlocked\n");
    }
}

#[test]
fn a_lock_of_the_host_is_told() {
    let folder = folder();
    let mut holder = holder(&folder, "fcntl.lockf(f, fcntl.LOCK_SH, 3, 1)");
    let code = "import fcntl, struct\nf = open('/data/a', 'r+')\n\
                for kind in fcntl.F_RDLCK, fcntl.F_WRLCK:\n\
                \x20   answer = fcntl.fcntl(f, fcntl.F_GETLK, struct.pack('hhqqi', kind, 0, 0, 0, 0))\n\
                \x20   print(struct.unpack('hhqqi', answer)[0])";
    let guest = Program::python().grant("--dir", folder.path(), "/data").args(["-c", code]).run();
    drop(holder.stdin.take());
    holder.wait().unwrap();
    guest.well().printing("2\n0\n");
}

#[test]
fn whoever_may_only_read_cannot_lock_others_out() {
    let folder = folder();
    let code = "import errno, fcntl\nf = open('/data/a')\nfcntl.flock(f, fcntl.LOCK_SH)\n\
                for lock in fcntl.flock, fcntl.lockf:\n\
                \x20   try: lock(f, fcntl.LOCK_EX)\n\
                \x20   except OSError as error: print(error.errno == errno.EBADF)";
    Program::python()
        .grant("--ro-dir", folder.path(), "/data")
        .args(["-c", code])
        .run()
        .well()
        .printing("True\nTrue\n");
}
