//! How calls into Python end when they do not end well, and what is left afterwards.

use python_wasm::{Error, Frame, Mount, MountError, Python, Value};

fn python() -> Python {
    Python::builder().build().unwrap()
}

#[test]
fn an_exception_tells_type_message_frames_notes_and_cause() {
    let mut py = python();
    let source = "\
def f():
    return {}['k']
try:
    f()
except KeyError as e:
    error = ValueError('no such thing')
    error.add_note('look elsewhere')
    raise error from e
";
    let error = py.exec(source).unwrap_err();
    let text = error.to_string();
    let Error::Exception { type_name, message, frames, notes, cause, .. } = error else { panic!() };
    assert_eq!((type_name.as_str(), message.as_str()), ("ValueError", "no such thing"));
    let lines = |frames: &[Frame]| -> Vec<String> {
        let line = |frame: &Frame| {
            let Frame { file, line, function, source, .. } = frame;
            format!("{file}:{line} {function}: {source}")
        };
        frames.iter().map(line).collect()
    };
    assert_eq!(lines(&frames), ["<string>:8 <module>: raise error from e"]);
    assert_eq!(notes, ["look elsewhere"]);
    let Some(Error::Exception { type_name, message, frames, .. }) = cause.map(|cause| *cause) else {
        panic!()
    };
    assert_eq!((type_name.as_str(), message.as_str()), ("KeyError", "'k'"));
    assert_eq!(lines(&frames), ["<string>:4 <module>: f()", "<string>:2 f: return {}['k']"]);
    assert_eq!(
        text,
        "\
Traceback (most recent call last):
  File \"<string>\", line 4, in <module>
    f()
    ~^^
  File \"<string>\", line 2, in f
    return {}['k']
           ~~^^^^^
KeyError: 'k'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File \"<string>\", line 8, in <module>
    raise error from e
ValueError: no such thing
look elsewhere"
    );
}

#[test]
fn a_source_that_comes_again_runs_anew_and_shows_its_own_lines() {
    let mut py = python();
    let (first, second) = ("n += 1\nraise ValueError(n)", "if n:\n    raise KeyError(n)");
    py.exec("n = 0").unwrap();
    for (source, shown, message) in [
        (first, "raise ValueError(n)", "1"),
        (second, "raise KeyError(n)", "1"),
        (first, "raise ValueError(n)", "2"),
        (second, "raise KeyError(n)", "2"),
    ] {
        let Error::Exception { message: said, frames, .. } = py.exec(source).unwrap_err() else { panic!() };
        assert_eq!((said.as_str(), frames[0].source.as_str()), (message, shown));
    }
    // More than are kept, and the first one again.
    for number in 0..100 {
        assert_eq!(py.eval::<i64>(&format!("{number} + 1")).unwrap(), number + 1);
    }
    let Error::Exception { message, .. } = py.exec(first).unwrap_err() else { panic!() };
    assert_eq!(message, "3");
}

#[test]
fn the_namespace_outlives_every_error_of_the_program() {
    let mut py = python();
    py.exec("x = 1").unwrap();
    assert!(py.exec("x += 1; 1 / 0").unwrap_err().is_exception("ZeroDivisionError"));
    assert!(matches!(py.exec("import sys; x += 1; sys.exit(7)"), Err(Error::Exit(7))));
    assert!(matches!(py.exec("x += 1; raise MemoryError"), Err(Error::OutOfMemory)));
    assert!(py.eval::<i64>("nope").unwrap_err().is_exception("NameError"));
    assert!(py.exec("def f(").unwrap_err().is_exception("SyntaxError"));
    assert!(py.eval::<i64>("x = 1").unwrap_err().is_exception("SyntaxError"));
    assert!(py.exec("a\0b").unwrap_err().is_exception("SyntaxError"));
    assert_eq!(py.get::<i64>("x").unwrap(), 4);
}

#[test]
fn source_that_python_cannot_read_is_a_syntax_error_that_says_why() {
    let mut py = Python::builder().mount("/data", Mount::memory()).build().unwrap();
    py.exec("x = 1").unwrap();
    let files: [(&[u8], &str); 3] = [
        (b"x = 2\nname = '\xff\xfe'\n", "(unicode error) 'utf-8' codec can't decode byte 0xff"),
        (b"x = 2\n\0\n", "source code string cannot contain null bytes"),
        (b"# coding: nonsense\nx = 2\n", "unknown encoding: nonsense"),
    ];
    for (source, expected) in files {
        py.set("source", &Value::Bytes(source.to_vec())).unwrap();
        py.exec("with open('/data/a.py', 'wb') as f: f.write(source)").unwrap();
        let error = py.run_file("/data/a.py").unwrap_err();
        assert!(error.is_exception("SyntaxError") && error.to_string().contains(expected), "{error}");
    }
    for source in ["x = 2\0", "\0", "x = '\0'"] {
        let error = py.exec(source).unwrap_err();
        assert!(error.to_string().contains("source code string cannot contain null bytes"), "{error}");
        assert!(py.eval::<Value>(source).unwrap_err().is_exception("SyntaxError"));
    }
    assert!(py.run_file("/data/missing.py").unwrap_err().is_exception("FileNotFoundError"));
    // As on the command line: the module `runpy` says so and exits.
    assert!(matches!(py.run_module("no.such.module", [""; 0]), Err(Error::Exit(1))));
    assert!(py.call::<Value>("no_such", ()).unwrap_err().is_exception("NameError"));
    assert!(py.call::<Value>("x.y.z", ()).unwrap_err().is_exception("AttributeError"));
    assert!(py.call::<Value>("x", ()).unwrap_err().is_exception("TypeError"));
    assert!(matches!(py.call::<Value>("x y", ()), Err(Error::Argument(_))));
    assert_eq!(py.get::<i64>("x").unwrap(), 1);
}

#[test]
fn a_trap_is_told_and_what_was_printed_can_be_taken() {
    let mut py = python();
    // The hash of nested tuples is one of the places where CPython does not count its depth.
    let error = py.exec("print('before', flush=True)\nt = ()\nfor _ in range(10 ** 6): t = (t,)\nhash(t)");
    assert!(matches!(error, Err(Error::Trap(_))), "{error:?}");
    assert_eq!(py.take_output().stdout, "before\n");
    assert!(!py.is_usable());
    assert!(matches!(py.eval::<i64>("1"), Err(Error::Unusable(_))));
}

#[test]
fn a_name_that_is_not_an_identifier_is_refused() {
    let mut py = python();
    for name in ["", "1x", "a b", "a.b", "\0"] {
        assert!(matches!(py.set(name, &1), Err(Error::Argument(_))), "{name:?}");
        assert!(matches!(py.get::<i64>(name), Err(Error::Argument(_))), "{name:?}");
    }
    py.set("naïve", &1).unwrap();
    assert_eq!(py.get::<i64>("naïve").unwrap(), 1);
}

#[test]
fn infinite_recursion_is_a_recursion_error_with_any_limit() {
    let mut py = python();
    py.exec("def f(): f()\nclass A:\n  def __getattr__(self, name): return getattr(self, name)").unwrap();
    assert!(py.exec("f()").unwrap_err().is_exception("RecursionError"));
    py.exec("import sys; sys.setrecursionlimit(10 ** 6)").unwrap();
    assert!(py.exec("A().x").unwrap_err().is_exception("RecursionError"));
    assert!(
        py.exec("x = []\nfor _ in range(10 ** 5): x = [x]\nrepr(x)")
            .unwrap_err()
            .is_exception("RecursionError")
    );
    assert_eq!(py.eval::<i64>("1 + 1").unwrap(), 2);
}

#[test]
fn an_exit_without_python_s_knowledge_makes_the_session_unusable() {
    let mut py = python();
    assert!(py.is_usable());
    assert!(matches!(py.exec("import os; os._exit(3)"), Err(Error::Exit(3))));
    assert!(!py.is_usable());
    let error = py.exec("1").unwrap_err();
    assert_eq!(error.to_string(), "this python can no longer be used: exited with status 3");
}

#[test]
fn a_program_that_replaces_builtins_does_not_break_the_session() {
    let mut py = python();
    py.exec("import builtins\nfor name in ('len', 'isinstance', 'type', 'exec', 'compile', 'repr', 'tuple'):\n  setattr(builtins, name, None)")
        .unwrap();
    assert_eq!(py.eval::<Vec<i64>>("[1, 2]").unwrap(), [1, 2]);
    py.exec("builtins.str = 5").unwrap();
    assert_eq!(py.repr("'a'").unwrap(), "'a'");
}

#[test]
fn a_mount_without_an_absolute_path_is_a_configuration_error() {
    for guest in ["data", "", "/a/../b", "/data/"] {
        let error = Python::builder().mount(guest, Mount::memory()).build().unwrap_err();
        assert!(matches!(error, Error::Config { .. }), "{guest}");
        assert!(error.to_string().contains(guest));
    }
    assert!(matches!(Python::builder().env("A=B", "c").build(), Err(Error::Config { .. })));
    assert!(matches!(Python::builder().args(["a\0"]).build(), Err(Error::Config { .. })));
}

#[test]
fn errors_keep_the_one_behind_them() {
    let error: Error = Mount::read_only("/no/such/folder").unwrap_err().into();
    assert!(matches!(error, Error::Config { .. }));
    let mount = std::error::Error::source(&error).unwrap().downcast_ref::<MountError>().unwrap();
    assert_eq!(mount.to_string(), error.to_string());
    let io = std::error::Error::source(mount).unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(io.kind(), std::io::ErrorKind::NotFound);
}
