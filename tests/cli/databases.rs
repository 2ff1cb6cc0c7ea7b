//! SQLite's databases on the host's disk, beside others who use them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use python_wasm_tests::Program;
use tempfile::{TempDir, tempdir};

fn sandbox(folder: &Path, code: &str) -> Program {
    Program::python().grant("--dir", folder, "/data").args(["-c", code])
}

fn read_only(folder: &Path, code: &str) -> Program {
    Program::python().grant("--ro-dir", folder, "/data").args(["-c", code])
}

/// Runs a program by the host's own Python in the folder, and returns what it printed.
fn host(folder: &Path, code: &str) -> String {
    let output = Command::new("python3").args(["-c", code]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with a database of one table with one row, in this mode.
fn folder(mode: &str) -> TempDir {
    let folder = tempdir().unwrap();
    let make = format!(
        "import sqlite3; db = sqlite3.connect('a.db'); db.execute('pragma journal_mode={mode}')\n\
         db.execute('create table t (n)'); db.execute('insert into t values (1)'); db.commit(); db.close()"
    );
    host(folder.path(), &make);
    folder
}

const COUNT: &str =
    "import sqlite3; print(sqlite3.connect('a.db').execute('select count(*) from t').fetchone()[0])";
const COUNT_INSIDE: &str =
    "import sqlite3; print(sqlite3.connect('/data/a.db').execute('select count(*) from t').fetchone()[0])";

#[test]
fn a_read_only_folder_is_enough_to_read() {
    for mode in ["delete", "wal"] {
        let folder = folder(mode);
        read_only(folder.path(), COUNT_INSIDE).run().well().printing("1\n");
        let insert = "import sqlite3; sqlite3.connect('/data/a.db').execute('insert into t values (2)')";
        read_only(folder.path(), insert)
            .run()
            .with_status(1)
            .complaining(&["attempt to write a readonly database"]);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{mode}: only the database is there");
    }
}

#[test]
fn a_script_reads_the_database_beside_it() {
    let folder = folder("delete");
    let script = folder.path().join("script.py");
    fs::write(
        &script,
        "import sqlite3, os\nname = os.path.join(os.path.dirname(__file__), 'a.db')\n\
         print(sqlite3.connect(name).execute('select n from t').fetchall())",
    )
    .unwrap();
    Program::python().arg(&script).run().well().printing("[(1,)]\n");
}

#[test]
fn a_write_ahead_log_is_written_and_read() {
    let folder = folder("wal");
    let program = "
import sqlite3
one, two = [sqlite3.connect('/data/a.db') for _ in range(2)]
print(one.execute('pragma journal_mode').fetchone()[0])
one.execute('insert into t values (2)')
print(two.execute('select count(*) from t').fetchone()[0])
one.commit()
print(two.execute('select count(*) from t').fetchone()[0])
one.executemany('insert into t values (?)', ((n,) for n in range(20000)))
one.commit()
print(two.execute('select count(*), sum(n) from t').fetchone(), two.execute('pragma integrity_check').fetchone()[0])";
    sandbox(folder.path(), program).run().well().printing("wal\n1\n2\n(20002, 199990003) ok\n");
    assert_eq!(host(folder.path(), COUNT), "20002\n");
}

#[test]
fn a_write_ahead_log_belongs_to_one_at_a_time() {
    let folder = folder("wal");
    let hold = "
import sqlite3, subprocess, sys
db = sqlite3.connect('a.db'); db.execute('insert into t values (2)'); db.commit()
print(subprocess.run(sys.argv[1:], capture_output=True, text=True).stderr.splitlines()[-1])";
    let inside = "import sqlite3; sqlite3.connect('/data/a.db', timeout=0).execute('select * from t')";
    let granted = |option: &str| {
        let grant = format!("{}::/data", folder.path().display());
        let python = Program::python().into_command();
        let mut beside = Command::new("python3");
        beside.current_dir(folder.path()).args(["-c", hold]).arg(python.get_program());
        let output = beside.arg(option).arg(grant).args(["-c", inside]).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains("sqlite3.OperationalError"), "{option}: {printed}");
    };
    granted("--dir");
    granted("--ro-dir");
}

#[test]
fn a_run_that_ends_within_a_transaction_leaves_nothing_locked() {
    let folder = folder("delete");
    let program = "
import sqlite3, time
db = sqlite3.connect('/data/a.db')
db.execute('pragma cache_size=1')
db.executemany('insert into t values (?)', (('x' * 4000,) for n in range(500)))
print('begun', flush=True)
time.sleep(60)";
    let grant = format!("{}::/data", folder.path().display());
    Program::python().args(["--timeout", "3", "--dir", &grant, "-c", program]).run().printing("begun\n");
    assert!(folder.path().join("a.db-journal").exists(), "the transaction had reached the disk");
    let write = "import sqlite3; db = sqlite3.connect('a.db', timeout=0)\n\
                 db.execute('insert into t values (3)'); db.commit()";
    host(folder.path(), write);
    assert_eq!(host(folder.path(), COUNT), "2\n");
    sandbox(folder.path(), COUNT_INSIDE).run().well().printing("2\n");
}

/// Adds rows one by one for this many seconds, and prints how many were reported to be there. It waits for the lock
/// as long as it takes: SQLite serves nobody in turn, and one of three has waited for 26 s.
fn writer(path: &str, seconds: u32) -> String {
    format!(
        "
import sqlite3, time
db = sqlite3.connect('{path}', timeout=300)
end, done = time.time() + {seconds}, 0
while time.time() < end:
    db.execute('insert into t values (?)', (done,))
    db.commit()
    done += 1
print(done)"
    )
}

/// Two sandboxes and a process of the host write for a while: every commit is there.
fn write_together(mode: &str, seconds: u32) {
    let folder = folder(mode);
    let path = folder.path();
    let patience = Duration::from_secs(u64::from(seconds) + 400);
    let counts = std::thread::scope(|scope| {
        let inside = || {
            let outcome = sandbox(path, &writer("/data/a.db", seconds)).patience(patience).run();
            outcome.well().stdout().trim().parse::<u32>().unwrap()
        };
        let sandboxes = [scope.spawn(inside), scope.spawn(inside)];
        let outside = host(path, &writer("a.db", seconds)).trim().parse::<u32>().unwrap();
        sandboxes.map(|sandbox| sandbox.join().unwrap()).into_iter().chain([outside]).collect::<Vec<_>>()
    });
    assert!(counts.iter().all(|&count| count > 0), "each got its turn: {counts:?}");
    let total = counts.iter().sum::<u32>() + 1;
    assert_eq!(host(path, COUNT), format!("{total}\n"), "{counts:?}");
    let check =
        "import sqlite3; print(sqlite3.connect('a.db').execute('pragma integrity_check').fetchone()[0])";
    assert_eq!(host(path, check), "ok\n");
}

#[test]
fn sandboxes_and_a_process_write_to_one_database() {
    write_together("delete", 4);
}

#[test]
#[ignore = "takes a minute: for a change of the locks"]
fn sandboxes_and_a_process_write_to_one_database_for_a_minute() {
    write_together("delete", 60);
}
