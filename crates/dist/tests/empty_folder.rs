//! The static program on an empty file system: a folder that holds it alone is all that it sees.
#![cfg(target_os = "linux")]

use std::env::consts::ARCH;
use std::fs;
use std::process::{Command, Output, Stdio};

use python_wasm_dist::{Target, Workspace};

/// Runs the program in a folder with it and one script, and returns what it printed and its status.
struct Empty(tempfile::TempDir);

impl Empty {
    fn new() -> Self {
        let target = Target::named(&format!("{ARCH}-unknown-linux-musl")).unwrap();
        let built = Workspace::open().unwrap().build(target, "python-wasm", &["native"]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::copy(built.join("python-wasm"), folder.path().join("python-wasm")).unwrap();
        fs::write(folder.path().join("script.py"), "import sys; print(sys.argv, open(__file__).read()[:10])")
            .unwrap();
        Self(folder)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("chroot");
        command
            .arg(self.0.path())
            .arg("/python-wasm")
            .args(words)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin");
        command
    }

    #[track_caller]
    fn prints(&self, words: &[&str], status: i32, stdout: &str, stderr: &str) {
        let Output { status: ended, stdout: printed, stderr: said } = self.command(words).output().unwrap();
        let (printed, said) = (String::from_utf8_lossy(&printed), String::from_utf8_lossy(&said));
        assert_eq!((ended.code(), &*printed), (Some(status), stdout), "{words:?}: {said}");
        assert!(said.contains(stderr), "{words:?}: {said}");
    }
}

#[test]
#[ignore = "builds the static program, which takes minutes, and needs root for chroot"]
fn it_runs_where_there_is_nothing_else() {
    let empty = Empty::new();
    for engine in ["native", "wasmi"] {
        let by = |words: &[&'static str]| [&["--engine", engine], words].concat();
        empty.prints(&by(&["-c", "print(6 * 7)"]), 0, "42\n", "");
        empty.prints(&by(&["/script.py", "a"]), 0, "['/script.py', 'a'] import sys\n", "");
        let imports =
            "import sqlite3, ssl, ctypes; print(sqlite3.connect(':memory:').execute('select 1').fetchone())";
        empty.prints(&by(&["-c", imports]), 0, "(1,)\n", "");
        empty.prints(&by(&["--timeout", "0.3", "-c", "while True: pass"]), 102, "", "--timeout");
        empty.prints(&by(&["--max-memory", "64", "-c", "x = bytes(10**8)"]), 104, "", "MemoryError");
        empty.prints(&by(&["--fuel", "1000000", "-c", "while True: pass"]), 103, "", "--fuel");
        empty.prints(&by(&["-c", "def f(): f()\nf()"]), 1, "", "RecursionError");
    }
    let left: Vec<_> =
        fs::read_dir(empty.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
#[ignore = "builds the static program, which takes minutes, and needs root for chroot"]
fn ctrl_c_ends_a_loop() {
    use std::io::Read as _;
    let empty = Empty::new();
    for engine in ["native", "wasmi"] {
        let code = "print('go', flush=True)\nwhile True: pass";
        let mut child = empty
            .command(&["--engine", engine, "-c", code])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut started = [0; 3];
        child.stdout.as_mut().unwrap().read_exact(&mut started).unwrap();
        // chroot executes the program in its own place.
        let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(interrupt.success());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("KeyboardInterrupt"));
    }
}
