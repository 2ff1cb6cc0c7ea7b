//! Python starts from an image, or from scratch if the command line demands it. No program can tell the difference.

use python_wasm_tests::{Outcome, Program};

/// Variables that make Python start from scratch; they have no other effect here.
const ANEW: [&str; 2] = ["--env", "LC_ALL=C.UTF-8"];

/// Runs a program in both ways. Its output must be the same, except for the variable.
fn both(words: &[&str], input: &str) -> Outcome {
    let from_image = Program::python().args(words).stdin(input).run();
    let anew = Program::python().args(ANEW).args(words).stdin(input).run();
    assert_eq!(from_image.stdout(), anew.stdout(), "{words:?}");
    assert_eq!(from_image.stderr(), anew.stderr(), "{words:?}");
    assert_eq!(from_image.status, anew.status, "{words:?}");
    from_image
}

#[test]
fn the_image_is_used_unless_the_command_line_wants_another_interpreter() {
    let preloaded = "import sys; print('dataclasses' in sys.modules)";
    let said = |words: &[&str]| Program::python().args(words).run().stdout().to_owned();
    for plain in [&[][..], &["-q"], &["-u"], &["-B"], &["--env", "PYTHONPATH=/tmp"], &["--seed", "1"]] {
        assert_eq!(said(&[plain, &["-c", preloaded]].concat()), "True\n", "{plain:?}");
    }
    for other in
        [&["-O"][..], &["-I"], &["-X", "dev"], &["-W", "error"], &["--env", "PYTHONHASHSEED=1"], &ANEW]
    {
        assert_eq!(said(&[other, &["-c", preloaded]].concat()), "False\n", "{other:?}");
    }
}

#[test]
fn an_interpreter_knows_its_command_line() {
    let code = "import sys; print(sys.argv, sys.orig_argv, sys.flags, sys.path, sys.dont_write_bytecode)\n\
                print(sys.stdin, sys.stdout, sys.stderr, sys.stdout.line_buffering, sys.stdout.write_through)\n\
                print(sys.executable, sys.prefix, sys.version, sys.warnoptions, sys._xoptions, __name__)";
    for options in [&[][..], &["-q"], &["-u"], &["-B"], &["-i", "-q"], &["--env", "PYTHONPATH=/tmp:rel:/tmp"]]
    {
        both(&[options, &["-c", code, "a", "-b"]].concat(), "");
    }
    both(&["-"], code);
    both(&["-x"], &format!("no python\n{code}"));
}

#[test]
fn an_interpreter_knows_its_environment() {
    let code = "import os; print(sorted(k for k in os.environ if k != 'LC_ALL'), os.environ.get('A'), \
                os.environb.get(b'B'), os.getenv('NONE'), os.getcwd(), os.listdir('/'))";
    both(&["--env", "A=1", "--env", "B=x=y", "--env", "A=2", "-c", code], "");
}

#[test]
fn a_sitecustomize_on_the_path_runs_once() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["--ro-dir", &format!("{}::/own", folder.path().display()), "--env", "PYTHONPATH=/own"];
    for source in
        ["print('customized')", "import no_such_module", "1 / 0", "import sys; sys.path.append('/more')"]
    {
        std::fs::write(folder.path().join("sitecustomize.py"), source).unwrap();
        both(&[&words[..], &["-c", "import sys; print(sys.path)"]].concat(), "");
    }
}

#[test]
fn messages_of_python_itself_appear_once() {
    for words in [&["-VV"][..], &["-Z"], &["-c"], &["-m", "no_such_module"], &["no_such_file.py"], &["-W"]] {
        both(words, "");
    }
}

#[test]
fn programs_end_alike() {
    let programs = [
        "class A:\n    def __del__(self): print('gone', __name__)\na = A()",
        "class A:\n    def __del__(self): print('cycle gone')\na = A(); a.self = a",
        "def f(): return a\nclass A:\n    def __del__(self): print('held by a function')\na = A()",
        "import atexit; atexit.register(print, 'bye'); print('hi')",
        "import sys; sys.exit(3)",
        "import sys; sys.exit('a message')",
        "raise SystemExit",
        "raise KeyboardInterrupt",
        "1/0",
        "import weakref\nclass A: pass\na = A(); weakref.finalize(a, print, 'finalized')",
        "f = open('/tmp/x', 'w'); f.write('kept'); del f; print(open('/tmp/x').read())",
        "import sys, types; m = types.ModuleType('m'); sys.modules['m'] = m\n\
         class A:\n    def __del__(self): print('of a module')\nm.a = A()",
        "import sys; sys.modules = None",
        "import sys; sys.stdout.close()",
        "import sys, os; os.close(1); print('nowhere')",
        "import threading; print(threading.main_thread().name)",
        "import sys; sys.last_value = 1; sys.ps1 = 2; sys.path = None; sys.meta_path = None",
        "import gc, builtins; gc.disable(); builtins.x = 5; print(gc.isenabled())",
        "import asyncio\nasync def f():\n    yield 1\nasync def g():\n    async for x in f(): print(x)\nasyncio.run(g())",
        "import logging; logging.warning('w')",
    ];
    for program in programs {
        both(&["-c", program], "");
    }
}

#[test]
fn a_file_that_was_never_closed_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let grant = format!("{}::/data", folder.path().display());
    let code = "import builtins; f = open('/data/main', 'w'); f.write('a' * 10)\n\
                builtins.held = open('/data/held', 'wb'); builtins.held.write(b'b' * 10)\n\
                import json; json.held = open('/data/image', 'w'); json.held.write('c' * 10)\n\
                import csv; csv.held = open('/data/module', 'w'); csv.held.write('d' * 10)";
    let ended = Program::python().args(["--dir", &grant, "-c", code]).run();
    assert_eq!((ended.status, ended.stderr()), (Some(0), ""));
    for name in ["main", "held", "image", "module"] {
        assert_eq!(std::fs::read(folder.path().join(name)).unwrap().len(), 10, "{name}");
    }
}

#[test]
fn randomness_differs_between_runs_and_is_the_same_with_a_seed() {
    let code = "import random, uuid, os, tempfile; print(random.random(), uuid.uuid4(), os.urandom(4), \
                next(tempfile._get_candidate_names()))";
    let said = |words: &[&str]| Program::python().args(words).args(["-c", code]).run().stdout().to_owned();
    assert_ne!(said(&[]), said(&[]));
    assert_eq!(said(&["--seed", "1"]), said(&["--seed", "1"]));
    assert_ne!(said(&["--seed", "1"]), said(&["--seed", "2"]));
}
