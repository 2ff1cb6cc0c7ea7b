//! What Python sees in a library's sandbox: folders, streams, arguments, time, and nothing else.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use python_wasm::{Error, Mount, Python};

#[test]
fn code_shares_one_namespace_and_starting_ahead_changes_nothing() {
    let mut py = Python::builder().build().unwrap();
    py.init().unwrap();
    py.init().unwrap();
    py.exec("import sys\nx = 1").unwrap();
    py.exec("def f(): return x + 1").unwrap();
    assert_eq!(py.eval::<i64>("f()").unwrap(), 2);
    assert_eq!(py.repr("sys.platform").unwrap(), "'wasi'");
    assert_eq!(py.repr("__name__").unwrap(), "'__main__'");
}

#[test]
fn output_is_captured_apart_and_in_order() {
    let mut py = Python::builder().build().unwrap();
    let output =
        py.exec("import sys\nprint('a')\nprint('é', file=sys.stderr)\nsys.stdout.write('b')").unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("a\nb", "é\n"));
    py.eval::<()>("print('while evaluating')").unwrap();
    assert!(py.exec("print('before'); 1 / 0").unwrap_err().is_exception("ZeroDivisionError"));
    assert_eq!(py.take_output().stdout, "while evaluating\nbefore\n");
    assert_eq!(py.exec("pass").unwrap().stdout, "");
}

#[test]
fn output_goes_to_a_writer_as_it_is_printed() {
    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);
    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let (out, err) = (Shared::default(), Shared::default());
    let mut py = Python::builder().stdout_writer(out.clone()).stderr_writer(err.clone()).build().unwrap();
    assert_eq!(py.exec("import sys; print(1); print(2, file=sys.stderr)").unwrap().stdout, "");
    assert_eq!(*out.0.lock().unwrap(), b"1\n");
    assert_eq!(*err.0.lock().unwrap(), b"2\n");
}

#[test]
fn input_arguments_and_environment_are_what_was_given() {
    let mut py =
        Python::builder().stdin_bytes("line\nrest").args(["prog", "ä"]).env("KEY", "värde").build().unwrap();
    assert_eq!(py.eval::<String>("input()").unwrap(), "line");
    assert_eq!(py.eval::<String>("__import__('sys').stdin.read()").unwrap(), "rest");
    assert!(py.eval::<String>("input()").unwrap_err().is_exception("EOFError"));
    assert_eq!(py.eval::<Vec<String>>("__import__('sys').argv").unwrap(), ["prog", "ä"]);
    let environment = "{'KEY': 'värde', 'HOME': '/home/user', 'USER': 'user', 'LOGNAME': 'user', 'TMPDIR': '/tmp', \
                       'LANG': 'C.UTF-8'}";
    assert_eq!(py.repr("dict(__import__('os').environ)").unwrap(), environment);
}

#[test]
fn mounts_are_seen_as_they_were_granted() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.txt"), "from the host").unwrap();
    let mut py = Python::builder()
        .mount("/ro", Mount::read_only(dir.path()).unwrap())
        .mount("/rw", Mount::read_write(dir.path()).unwrap())
        .mount("/mem", Mount::memory())
        .build()
        .unwrap();
    assert_eq!(py.eval::<String>("open('/ro/a.txt').read()").unwrap(), "from the host");
    let refused = py.exec("open('/ro/b.txt', 'w')").unwrap_err();
    assert!(
        matches!(&refused, Error::Exception { type_name, .. } if type_name == "OSError" || type_name == "PermissionError"),
        "{refused}"
    );
    py.exec("print('written', file=open('/rw/b.txt', 'w'))\nopen('/mem/c', 'w').write('x')").unwrap();
    assert_eq!(std::fs::read_to_string(dir.path().join("b.txt")).unwrap(), "written\n");
    assert!(py.exec("open('/etc/passwd')").unwrap_err().is_exception("FileNotFoundError"));
    assert!(Mount::read_only(dir.path().join("missing")).is_err());
}

#[test]
fn a_file_runs_with_its_folder_and_arguments() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("helper.py"), "value = 7").unwrap();
    std::fs::write(
        dir.path().join("main.py"),
        "import sys, helper\nprint(sys.argv, __name__, __file__)\nresult = helper.value",
    )
    .unwrap();
    std::fs::write(dir.path().join("broken.py"), "def f():\n    raise KeyError('k')\nf()").unwrap();
    let mut py = Python::builder()
        .mount("/app", Mount::read_only(dir.path()).unwrap())
        .args(["prog", "extra"])
        .build()
        .unwrap();
    let output = py.run_file("/app/main.py").unwrap();
    assert_eq!(output.stdout, "['/app/main.py', 'extra'] __main__ /app/main.py\n");
    assert_eq!(py.get::<i64>("result").unwrap(), 7);
    let error = py.run_file("/app/broken.py").unwrap_err();
    let Error::Exception { frames, .. } = error else { panic!() };
    assert_eq!(frames.last().unwrap().source, "raise KeyError('k')");
    assert!(py.run_file("/app/none.py").unwrap_err().is_exception("FileNotFoundError"));
}

#[test]
fn a_module_runs_as_a_program() {
    let mut py = Python::builder().stdin_bytes(r#"{"b": [1, 2]}"#).build().unwrap();
    let output = py.run_module("json.tool", ["--compact"]).unwrap();
    assert_eq!(output.stdout, "{\"b\":[1,2]}\n");
    assert!(matches!(py.run_module("no.such", [""; 0]), Err(Error::Exit(1))));
    assert!(py.take_output().stderr.contains("No module named 'no'"), "as python3 says it");
}

#[test]
fn a_clock_and_a_seed_make_a_run_repeatable() {
    let run = |seed| {
        let mut py =
            Python::builder().fixed_clock(UNIX_EPOCH + Duration::from_hours(24)).seed(seed).build().unwrap();
        let output = py.exec("import random, time; print(random.random(), hash('x'), time.time())").unwrap();
        (output.stdout, output.stats.fuel)
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).0, run(2).0);
}

#[test]
fn a_sandbox_can_move_to_another_thread() {
    let mut py = Python::builder().build().unwrap();
    py.exec("x = 41").unwrap();
    let thread = std::thread::spawn(move || py.eval::<i64>("x + 1").unwrap());
    assert_eq!(thread.join().unwrap(), 42);
}

#[test]
fn sandboxes_on_many_threads_keep_to_themselves() {
    let threads: Vec<_> = (0..4_i64)
        .map(|number| {
            std::thread::spawn(move || {
                let mut py = Python::builder().build().unwrap();
                py.set("x", &number).unwrap();
                py.eval::<i64>("x * x").unwrap()
            })
        })
        .collect();
    let results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(results, [0, 1, 4, 9]);
}
