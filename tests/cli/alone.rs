//! The binary needs no other file: it works alone in an empty folder, with an empty environment.

use std::fs;

use python_wasm_tests::{Program, binary};
use tempfile::tempdir;

/// Modules that must import, and that `help('modules')` must list.
const MODULES: &str = "asyncio bz2 calendar csv ctypes dataclasses datetime decimal difflib email fractions \
    functools hashlib html http.client inspect ipaddress itertools json logging lzma math multiprocessing pathlib \
    pdb pickle platform pydoc random re select shutil signal socket sqlite3 statistics string struct \
    subprocess tempfile threading tomllib traceback typing unicodedata unittest urllib.request uuid \
    xml.etree.ElementTree zipfile zlib zoneinfo";

#[test]
fn the_binary_runs_alone() {
    let folder = tempdir().unwrap();
    let moved = folder.path().join("python-wasm");
    fs::copy(binary::path("python-wasm"), &moved).unwrap();
    let code = format!(
        "import importlib\nfor name in '{MODULES}'.split(): importlib.import_module(name)\n\
         import zoneinfo, sqlite3\n\
         print(zoneinfo.ZoneInfo('Europe/Berlin'), sqlite3.connect(':memory:').execute('select 1').fetchone())"
    );
    let run = || Program::at(&moved).bare().folder(folder.path());
    run().args(["-c", &code]).run().well().printing("Europe/Berlin (1,)\n");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "it leaves nothing behind");
}

#[test]
fn help_lists_the_modules() {
    let ended = Program::python().bare().args(["-W", "ignore", "-c", "help('modules')"]).run();
    let listed: Vec<&str> = ended.with_status(0).stdout().split_whitespace().collect();
    for name in MODULES.split_whitespace() {
        let top = name.split('.').next().unwrap();
        assert!(listed.contains(&top), "{top} is not listed: {ended}");
    }
}

#[test]
fn every_module_of_the_library_imports_or_is_known_not_to() {
    // Modules that WASI cannot support: for processes, terminals, OpenSSL, graphics and the host's users.
    const ABSENT: &str = "_curses _curses_panel _dbm _gdbm _hashlib _posixshmem _scproxy _ssl _tkinter _winapi \
        crypt curses dbm.gnu dbm.ndbm fcntl grp mmap msvcrt nt ossaudiodev posixshmem pty pwd readline resource \
        ssl syslog termios tkinter tty turtle turtledemo winreg winsound _overlapped _msi _wmi nis \
        spwd idlelib ensurepip _multiprocessing _posixsubprocess antigravity this \
        _ctypes _interpchannels _interpqueues _interpreters _ios_support _uuid";
    let code = format!(
        "import importlib, sys, warnings, io, contextlib\nwarnings.simplefilter('ignore')\nabsent = '{ABSENT}'.split()\n\
         for name in sorted(sys.stdlib_module_names):\n    \
             if name in absent: continue\n    \
             try:\n        \
                 with contextlib.redirect_stdout(io.StringIO()): importlib.import_module(name)\n    \
             except ImportError as error: print(name, error)"
    );
    Program::python().bare().args(["-c", &code]).run().well().printing("");
}

#[test]
fn help_has_texts_and_topics() {
    let ended =
        Program::python().args(["-c", "help(len); help('for'); help('TRUTHVALUE'); help('json')"]).run();
    for part in [
        "Return the number of items in a container.",
        "for_stmt",
        "Truth Value Testing",
        "JSON (JavaScript Object",
    ] {
        assert!(ended.well().stdout().contains(part), "{part}: {ended}");
    }
}
