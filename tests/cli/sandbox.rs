//! What a program can see and change: everything that was granted, and nothing else.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use python_wasm_tests::{Program, binary};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tempfile::{TempDir, tempdir};

use crate::{python, statements};

/// What is in `/dev`, as Python prints it.
const DEV: &str = "['fd', 'null', 'random', 'stderr', 'stdin', 'stdout', 'urandom', 'zero']";

/// Returns a new folder with a script, and the program that runs it.
fn script(code: &str) -> (TempDir, Program) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("script.py");
    fs::write(&path, code).unwrap();
    let program = Program::python().arg(path);
    (folder, program)
}

/// The variables that every program has.
const ENVIRONMENT: &str =
    "{'HOME': '/home/user', 'USER': 'user', 'LOGNAME': 'user', 'TMPDIR': '/tmp', 'LANG': 'C.UTF-8'}";

#[test]
fn nothing_of_the_host_is_there_by_default() {
    let code = "
import os
print(sorted(os.listdir('/')), os.listdir('/tmp'), sorted(os.listdir('/dev')))
for path in ['/etc/passwd', '/root', '/home/ada', '/bin/sh', '/proc/self', '/sys', '/var']:
    assert not os.path.exists(path), path
print(dict(os.environ))";
    let ended = Program::python().args(["-c", code]).folder(Path::new("/")).variable("SECRET", "x").run();
    ended.well().printing(&format!("['dev', 'home', 'tmp', 'usr'] [] {DEV}\n{ENVIRONMENT}\n"));
}

#[test]
fn a_denial_names_the_option_that_grants() {
    let ended = statements("open('/etc/passwd')");
    ended.with_status(1).complaining(&["/etc/passwd is not granted", "--ro-dir /etc grants it"]);
    let ended = statements("import os; os.listdir('/home/ada')");
    ended.with_status(1).complaining(&["/home/ada is not granted", "--ro-dir /home grants it"]);
    let ended = statements("open('/srv/out/new.txt', 'w')");
    ended.with_status(1).complaining(&["/srv/out/new.txt is not granted", "--dir /srv/out grants it"]);
}

#[test]
fn a_file_in_the_host_s_tmp_gets_the_same_advice() {
    let ended = statements("open('/tmp/d/prices.csv')");
    let parts =
        ["/tmp/d/prices.csv is not granted", "/tmp of its own", "--ro-dir /tmp/d grants it, --dir /tmp/d"];
    ended.with_status(1).complaining(&parts);
}

#[test]
fn a_link_to_what_is_not_granted_says_where_it_leads() {
    let folder = tempdir().unwrap();
    let (granted, other) = (folder.path().join("granted"), folder.path().join("other"));
    for path in [&granted, &other] {
        fs::create_dir(path).unwrap();
    }
    fs::write(other.join("file"), "found").unwrap();
    symlink(other.join("file"), granted.join("link")).unwrap();
    let code = format!("print(open('{}').read())", granted.join("link").display());
    let program = || Program::python().grant("--ro-dir", &granted, "");
    let advice = format!(
        "link leads to {0}/file, which is not granted to the sandbox; --ro-dir {0} grants it, --dir {0} also",
        other.display()
    );
    program().args(["-c", &code]).run().with_status(1).complaining(&["PermissionError", &advice]);
    program().grant("--ro-dir", &other, "").args(["-c", &code]).run().well().printing("found\n");
}

#[test]
fn a_denial_that_is_handled_is_not_mentioned() {
    statements("try:\n    open('/etc/passwd')\nexcept OSError:\n    print('handled')")
        .well()
        .printing("handled\n");
    statements("import os; print(os.path.exists('/etc/passwd'))").well().printing("False\n");
}

#[test]
fn a_missing_file_in_a_granted_folder_is_not_a_denial() {
    let (_folder, program) = script("open(__file__ + 'x')");
    let ended = program.run();
    ended.with_status(1).complaining(&["FileNotFoundError"]);
    assert!(!ended.stderr().contains("grant"), "{ended}");
}

#[test]
fn a_script_reads_its_own_folder_and_does_not_write_there() {
    let (folder, program) = script(
        "import os, helper\nhere = os.path.dirname(__file__)\nprint(sorted(os.listdir(here)), helper.x)\n\
         for work in [lambda: open(here + '/new', 'w'), lambda: os.remove(__file__), lambda: os.mkdir(here + '/d'),\n\
         lambda: os.rename(__file__, here + '/r'), lambda: os.utime(__file__), lambda: open(__file__, 'a'),\n\
         lambda: os.symlink('a', here + '/l'), lambda: os.truncate(__file__, 0)]:\n    \
             try:\n        work()\n        print('it was changed')\n    except OSError:\n        pass\n",
    );
    fs::write(folder.path().join("helper.py"), "x = 1\n").unwrap();
    program.run().well().printing("['helper.py', 'script.py'] 1\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "no __pycache__ appears");
}

#[test]
fn grants_are_read_only_writable_or_kept_aside() {
    let code = "
try:
    open('/data/file', 'a').write('+')
except OSError as error:
    print(type(error).__name__)
print(open('/data/file').read())";
    for (option, printed, kept) in [
        ("--ro-dir", "PermissionError\nold\n", "old"),
        ("--overlay-dir", "old+\n", "old"),
        ("--dir", "old+\n", "old+"),
    ] {
        let folder = tempdir().unwrap();
        fs::write(folder.path().join("file"), "old").unwrap();
        let ended = Program::python().grant(option, folder.path(), "/data").args(["-c", code]).run();
        let read_only_too = ended.stdout().replace("OSError", "PermissionError");
        assert_eq!(read_only_too, printed, "{option}: {ended}");
        assert_eq!(ended.status, Some(0), "{ended}");
        assert_eq!(fs::read_to_string(folder.path().join("file")).unwrap(), kept, "{option}");
    }
}

#[test]
fn a_grant_without_a_name_has_its_own() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("file"), "text").unwrap();
    let code = format!("print(open('{}/file').read())", folder.path().display());
    Program::python()
        .grant("--ro-dir", folder.path(), "")
        .args(["-c", &code])
        .run()
        .well()
        .printing("text\n");
    // A relative path keeps its host name, too.
    let program = Program::python().args(["--ro-dir", ".", "-c", &code]).folder(folder.path());
    program.run().well().printing("text\n");
}

#[test]
fn the_current_folder_is_the_host_s() {
    let folder = tempdir().unwrap();
    let real = fs::canonicalize(folder.path()).unwrap();
    let code = "import os; print(os.getcwd())";
    let ended = Program::python().args(["-c", code]).folder(&real).run();
    ended.well().printing(&format!("{}\n", real.display()));
    let program = Program::python().args(["--dir", ".", "-c", "open('made', 'w').write('x')"]).folder(&real);
    program.run().well();
    assert!(real.join("made").is_file());
}

#[test]
fn links_do_not_lead_out() {
    let outside = tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let folder = tempdir().unwrap();
    symlink(outside.path(), folder.path().join("absolute")).unwrap();
    symlink("../../../../../../../../etc", folder.path().join("relative")).unwrap();
    let code = "
import os
for path in ['/data/absolute/secret', '/data/relative/passwd', '/data/../etc/passwd', '/data/./../../etc/passwd']:
    try:
        open(path)
        print('escaped by', path)
    except OSError:
        pass
os.symlink('..', '/data/up')
try:
    print('escaped', os.listdir('/data/up/..'))
except OSError:
    print('held')";
    let ended = Program::python().grant("--dir", folder.path(), "/data").args(["-c", code]).run();
    assert!(!ended.well().stdout().contains("escaped"), "{ended}");
}

#[test]
fn variables_are_given_one_by_one() {
    let code =
        "import os; print([(name, os.environ.get(name)) for name in ('FROM_HOST', 'GIVEN', 'SECRET')])";
    let program = Program::python().args(["--env", "GIVEN=a b", "--env", "FROM_HOST"]);
    let program = program.variable("FROM_HOST", "größe").variable("SECRET", "x").args(["-c", code]);
    program.run().well().printing("[('FROM_HOST', 'größe'), ('GIVEN', 'a b'), ('SECRET', None)]\n");
    let program =
        Program::python().args(["--env", "PYTHONOPTIMIZE=2", "-c", "import sys; print(sys.flags.optimize)"]);
    program.variable("PYTHONOPTIMIZE", "1").run().well().printing("2\n");
}

#[test]
fn a_fifo_in_a_granted_folder_does_not_hang() {
    let (folder, program) = script(
        "import os\nhere = os.path.dirname(__file__)\nprint(sorted(os.listdir(here)))\n\
         print([os.path.isfile(here + '/' + name) for name in sorted(os.listdir(here))])\n\
         try:\n    fd = os.open(here + '/fifo', os.O_RDONLY | os.O_NONBLOCK)\n    os.close(fd)\n\
         except OSError:\n    pass\n",
    );
    mknodat(CWD, folder.path().join("fifo"), FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    program.run().well().printing("['fifo', 'script.py']\n[False, True]\n");
}

#[test]
fn devices_are_those_of_the_sandbox() {
    let code = "
with open('/dev/null', 'r+b', buffering=0) as null:
    print(null.write(b'x' * 1000), null.read())
with open('/dev/zero', 'rb', buffering=0) as zero:
    print(zero.read(4))
with open('/dev/urandom', 'rb', buffering=0) as one, open('/dev/random', 'rb', buffering=0) as two:
    print(len({one.read(16), one.read(16), two.read(16)}))
import os, stat
print(stat.S_ISCHR(os.stat('/dev/null').st_mode))";
    statements(code).well().printing("1000 b''\nb'\\x00\\x00\\x00\\x00'\n3\nTrue\n");
}

#[test]
fn the_program_s_own_streams_have_names() {
    let code = "
import os
print(open('/dev/stdin').read(), open('/dev/fd/0').read())
for name in 'stdout', 'fd/1', 'stderr':
    with open(f'/dev/{name}', 'w') as file: print(name, file=file)
with open('/tmp/f', 'w+') as file:
    file.write('shared')
    file.seek(2)
    print(open(f'/dev/fd/{file.fileno()}').read())";
    let ended = Program::python().args(["-u", "-c", code]).stdin("typed").run();
    assert_eq!(ended.with_status(0).stderr(), "stderr\n");
    ended.printing("typed \nstdout\nfd/1\nared\n");
}

#[test]
fn a_new_name_in_dev_is_no_permission_and_not_a_full_disk() {
    let ended = python(["-c", "open('/dev/new', 'w')"]);
    ended.with_status(1).complaining(&["PermissionError", "Operation not permitted: '/dev/new'"]);
    assert!(!ended.stderr().contains("--max-disk"), "{ended}");
}

#[test]
fn a_script_comes_from_standard_input_or_from_the_shell() {
    for name in ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        let code = "import os, sys; print(sys.argv[1:], os.path.exists('/dev/tty'))";
        let ended = Program::python().args([name, "word"]).stdin(code).run();
        ended.well().printing("['word'] False\n");
    }
    // As a shell passes it: a pipe with a number of its own.
    let shell = |code: &str| {
        let script = format!("echo \"{code}\" | \"$0\" /dev/fd/9 word 9<&0 </dev/null");
        Program::at(Path::new("/bin/sh")).args(["-c", &script]).arg(binary::path("python-wasm")).run()
    };
    shell("import sys; print(sys.argv, sys.stdin.read())").well().printing("['/dev/fd/9', 'word'] \n");
    shell("1 / 0").with_status(1).complaining(&["File \"/dev/fd/9\", line 1", "ZeroDivisionError"]);
}

#[test]
fn a_script_in_dev_grants_no_device_of_the_host() {
    python(["/dev/null"]).well().printing("");
    python(["/dev/shm/none"]).with_status(2).complaining(&["can't open file", "/dev/shm/none"]);
}

#[test]
fn the_library_cannot_be_changed() {
    let code = "
import os
for work in [lambda: os.remove(os.__file__), lambda: open('/usr/lib/new', 'w'), lambda: os.mkdir('/new')]:
    try:
        work()
        print('it was changed')
    except OSError:
        pass";
    statements(code).well().printing("");
}
