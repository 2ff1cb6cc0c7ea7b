//! Modes of files and who may use them, as `stat`, `os.access` and archives show them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use python_wasm_tests::Program;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::{TempDir, tempdir};

use crate::statements;

/// Returns a folder of the host with files of several modes.
fn folder() -> TempDir {
    let folder = tempdir().unwrap();
    for (name, mode) in [("plain", 0o644), ("program", 0o755), ("fixed", 0o444)] {
        let path = folder.path().join(name);
        fs::write(&path, "text").unwrap();
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::set_permissions(folder.path().join("sub"), Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("program", folder.path().join("link")).unwrap();
    mknodat(CWD, folder.path().join("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    folder
}

fn granted(option: &str, folder: &Path, code: &str) -> Program {
    Program::python().grant(option, folder, "/data").args(["-c", code])
}

const LIST: &str = "
import os, stat
os.chdir('/data')
for name in sorted(os.listdir()):
    print(name, stat.filemode(os.stat(name).st_mode), stat.filemode(os.lstat(name).st_mode))";

#[test]
fn modes_are_those_of_the_host_less_what_the_grant_forbids() {
    let folder = folder();
    let written = "fifo prw------- prw-------
fixed -r--r--r-- -r--r--r--
link -rwxr-xr-x lrwxrwxrwx
plain -rw-r--r-- -rw-r--r--
program -rwxr-xr-x -rwxr-xr-x
sub drwxr-xr-x drwxr-xr-x
";
    granted("--dir", folder.path(), LIST).run().well().printing(written);
    let read_only = "fifo pr-------- pr--------
fixed -r--r--r-- -r--r--r--
link -r-xr-xr-x lrwxrwxrwx
plain -r--r--r-- -r--r--r--
program -r-xr-xr-x -r-xr-xr-x
sub dr-xr-xr-x dr-xr-xr-x
";
    granted("--ro-dir", folder.path(), LIST).run().well().printing(read_only);
}

#[test]
fn what_the_program_makes_has_a_mode_by_path_and_by_descriptor() {
    let code = "
import os, stat
os.mkdir('/tmp/d')
os.mkdir('/tmp/own', 0o700)
print(stat.filemode(os.stat('/tmp/own').st_mode))
with open('/tmp/d/f', 'w') as file:
    print(stat.filemode(os.fstat(file.fileno()).st_mode))
with os.scandir('/tmp') as entries: print([stat.filemode(entry.stat().st_mode) for entry in entries if entry.name == 'd'])
print(*(stat.filemode(os.stat(path).st_mode) for path in ['/tmp', '/', '/usr/lib', os.__file__, '/dev/null']))";
    statements(code).well().printing(
        "drwx------\n-rw-r--r--\n['drwxr-xr-x']\ndrwxr-xr-x dr-xr-xr-x dr-xr-xr-x -r--r--r-- crw-rw-rw-\n",
    );
}

#[test]
fn access_tells_what_will_be_refused() {
    let folder = folder();
    let code = "
import os
for name in ['plain', 'program', 'sub', 'missing']:
    path = '/data/' + name
    print(name, *(int(os.access(path, mode)) for mode in (os.F_OK, os.R_OK, os.W_OK, os.X_OK, os.R_OK | os.W_OK)))";
    let run = |option| granted(option, folder.path(), code).run();
    let all = "plain 1 1 1 0 1\nprogram 1 1 1 1 1\nsub 1 1 1 1 1\nmissing 0 0 0 0 0\n";
    run("--dir").well().printing(all);
    run("--overlay-dir").well().printing(all);
    let read = "plain 1 1 0 0 0\nprogram 1 1 0 1 0\nsub 1 1 0 1 0\nmissing 0 0 0 0 0\n";
    run("--ro-dir").well().printing(read);
    statements("import os; print(os.access('/tmp', os.W_OK), os.access('/usr/lib', os.W_OK), os.access('/', os.W_OK))")
        .well()
        .printing("True False False\n");
}

#[test]
fn archives_keep_modes() {
    let folder = folder();
    let code = "
import os, shutil, stat, tarfile, zipfile
os.chdir('/tmp')
shutil.copytree('/data/sub', 'p')
for name in 'plain', 'program': shutil.copy('/data/' + name, 'p')
shutil.make_archive('t', 'gztar', 'p')
shutil.make_archive('z', 'zip', 'p')
for name in 'plain', 'program':
    print(stat.filemode(os.stat('/data/' + name).st_mode))
with tarfile.open('/tmp/t.tar.gz') as tar: print(sorted((m.name, stat.filemode(m.mode)[1:], m.isdir()) for m in tar))
with zipfile.ZipFile('/tmp/z.zip') as z: print(sorted((i.filename, stat.filemode(i.external_attr >> 16)) for i in z.infolist()))";
    granted("--ro-dir", folder.path(), code).run().well().printing(
        "-r--r--r--
-r-xr-xr-x
[('.', 'r-xr-xr-x', True), ('./plain', 'r--r--r--', False), ('./program', 'r-xr-xr-x', False)]
[('plain', '-r--r--r--'), ('program', '-r-xr-xr-x')]
",
    );
}

#[test]
fn chmod_changes_what_is_in_memory_and_leaves_the_host_as_it_is() {
    let folder = folder();
    let code = "
import os, pathlib, stat
for path in ['/tmp/f', '/data/plain']:
    if path == '/tmp/f': open(path, 'w').close()
    os.chmod(path, 0o4751)
    print(stat.filemode(os.stat(path).st_mode), os.access(path, os.X_OK))
pathlib.Path('/tmp').chmod(0o700)
print(stat.filemode(os.stat('/tmp').st_mode))
for path in ['/tmp/missing', '/data/missing', '/usr/lib']:
    try: print(os.chmod(path, 0o600))
    except OSError as error: print(type(error).__name__, error.filename)";
    granted("--dir", folder.path(), code).run().well().printing(
        "-rwsr-x--x True
-rw-r--r-- False
drwx------
FileNotFoundError /tmp/missing
FileNotFoundError /data/missing
PermissionError /usr/lib
",
    );
    assert_eq!(fs::metadata(folder.path().join("plain")).unwrap().permissions().mode() & 0o7777, 0o644);
}

#[test]
fn pipes_are_fifos_and_asyncio_reads_them() {
    let code = "
import asyncio, os, stat, sys
print(*(stat.S_ISFIFO(os.fstat(fd).st_mode) for fd in range(3)))
async def main():
    reader = asyncio.StreamReader()
    protocol = lambda: asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(protocol, sys.stdin)
    print(await reader.readline(), await reader.read())
asyncio.run(main())";
    let ended = Program::python().args(["-c", code]).stdin("one\ntwo\nthree").run();
    ended.well().printing("True True True\nb'one\\n' b'two\\nthree'\n");
}

#[test]
fn modes_are_the_same_in_a_replay() {
    let folder = folder();
    let file = folder.path().join("run.rec");
    let code = format!("{LIST}\nprint(os.access('plain', os.W_OK), os.access('plain', os.X_OK))");
    let program =
        Program::python().arg("--record").arg(&file).grant("--ro-dir", &folder.path().join("sub"), "/data");
    fs::write(folder.path().join("sub/plain"), "").unwrap();
    let recorded = program.args(["-c", &code]).run();
    recorded.well();
    fs::set_permissions(folder.path().join("sub/plain"), Permissions::from_mode(0o777)).unwrap();
    let repeated = Program::python().arg("--replay").arg(&file).run();
    assert_eq!(repeated.well().stdout(), recorded.stdout());
}
