//! `python-wasm` treats its command line as `python3` does: what to run, its arguments, and exit statuses.

use std::fs;

use python_wasm_tests::Program;
use tempfile::tempdir;

use crate::{python, statements};

#[test]
fn a_command_gets_its_arguments() {
    let ended = python(["-c", "import sys; print(sys.argv, __name__)", "one", "--timeout", "-x"]);
    ended.well().printing("['-c', 'one', '--timeout', '-x'] __main__\n");
}

#[test]
fn python_s_own_options_reach_python() {
    let code =
        "import sys; print(sys.flags.optimize, sys.flags.utf8_mode, sys.dont_write_bytecode, __debug__)";
    python(["-OB", "-X", "utf8", "-c", code]).well().printing("1 1 True False\n");
    python(["-Werror", "-c", "import warnings; warnings.warn('w')"])
        .with_status(1)
        .complaining(&["UserWarning: w"]);
    python(["-Wignore", "-c", "import warnings; warnings.warn('w')"]).well();
}

#[test]
fn the_platform_is_wasi_and_the_version_the_pinned_one() {
    let ended = statements("import sys; print(sys.platform, sys.version.split()[0])");
    ended.well().printing("wasi 3.13.5\n");
    for option in ["-V", "--version"] {
        let ended = python([option]);
        assert!(ended.well().stdout().starts_with("Python 3.13.5"), "{ended}");
    }
}

#[test]
fn a_module_formats_json_on_a_pipe() {
    let ended =
        Program::python().args(["-m", "json.tool", "--indent", "1"]).stdin("{\"a\":[1,\"\\u00fc\"]}").run();
    ended.well().printing("{\n \"a\": [\n  1,\n  \"\\u00fc\"\n ]\n}\n");
    let ended = Program::python().args(["-m", "json.tool"]).stdin("{").run();
    ended.refused(1, &["Expecting property name"]);
}

#[test]
fn a_module_runs_a_folder_of_tests() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("tests")).unwrap();
    fs::write(folder.path().join("tests/__init__.py"), "").unwrap();
    let test = |body: &str| {
        format!("import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        {body}\n")
    };
    fs::write(folder.path().join("tests/test_good.py"), test("self.assertEqual(1, 1)")).unwrap();
    let run = || {
        let program = Program::python().grant("--ro-dir", folder.path(), "").folder(folder.path());
        program.args(["-m", "unittest", "discover", "-v", "tests"]).run()
    };
    run().with_status(0).complaining(&["test_good", "Ran 1 test", "OK"]);
    fs::write(folder.path().join("tests/test_bad.py"), test("self.assertEqual(1, 2)")).unwrap();
    run().with_status(1).complaining(&["Ran 2 tests", "AssertionError: 1 != 2", "FAILED (failures=1)"]);
}

#[test]
fn a_module_measures_time() {
    let ended = python(["-m", "timeit", "-n", "3", "-r", "2", "sum(range(10))"]);
    assert!(ended.with_status(0).stdout().starts_with("3 loops, best of 2: "), "{ended}");
}

#[test]
fn a_module_makes_and_lists_a_zip_file() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("größe.txt"), "hello\n".repeat(1000)).unwrap();
    let zipfile = |words: &[&str]| {
        let program = Program::python().grant("--dir", folder.path(), "").folder(folder.path());
        program.args(["-m", "zipfile"]).args(words).run()
    };
    zipfile(&["-c", "a.zip", "größe.txt"]).well();
    let listed = zipfile(&["-l", "a.zip"]);
    assert!(listed.well().stdout().contains("größe.txt"), "{listed}");
    zipfile(&["-e", "a.zip", "out"]).well();
    assert_eq!(fs::read_to_string(folder.path().join("out/größe.txt")).unwrap().len(), 6000);
}

#[test]
fn a_server_reports_that_there_is_no_network() {
    let ended = python(["-m", "http.server"]);
    ended.with_status(1).complaining(&["no name can be resolved in the WASI sandbox"]);
    assert!(!ended.stderr().contains("trap"), "{ended}");
}

#[test]
fn a_missing_module_is_named() {
    python(["-m", "no_such_module"]).refused(1, &["No module named no_such_module"]);
}

#[test]
fn standard_input_is_a_program() {
    let code = "import sys\nprint(sys.argv, __name__)\n";
    Program::python().args(["-", "a", "b"]).stdin(code).run().well().printing("['-', 'a', 'b'] __main__\n");
    Program::python().stdin(code).run().well().printing("[''] __main__\n");
    let ended = Program::python().arg("-").stdin("1 +").run();
    ended.with_status(1).complaining(&["File \"<stdin>\", line 1", "SyntaxError"]);
}

#[test]
fn interaction_follows_a_command() {
    let ended = Program::python().args(["-i", "-c", "x = 6"]).stdin("x * 7\nundefined\nexit(3)\n").run();
    ended.with_status(3).printing("42\n").complaining(&["NameError: name 'undefined' is not defined"]);
    assert!(!ended.stderr().contains("pyrepl"), "{ended}");
}

#[test]
fn interaction_without_a_terminal_reads_to_the_end() {
    let ended = Program::python()
        .arg("-i")
        .stdin("a = 1\nfor i in range(2):\n    print(a + i)\n\nprint('last')\n")
        .run();
    ended.with_status(0).printing("1\n2\nlast\n").complaining(&["Python 3.13.5", ">>> "]);
}

#[test]
fn a_script_gets_its_arguments_and_reads_a_pipe() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("ask.py");
    fs::write(&script, "import sys\nname = input('name? ')\nprint(sys.argv[1:], name, sys.stdin.read())\n")
        .unwrap();
    let ended = Program::python().arg(&script).args(["-v", "--dir", "größe"]).stdin("Ann\nand more").run();
    ended.well().printing("name? ['-v', '--dir', 'größe'] Ann and more\n");
}

#[test]
fn a_script_is_found_by_relative_and_by_absolute_name() {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    fs::write(folder.path().join("sub/helper.py"), "value = 5\n").unwrap();
    let script = folder.path().join("sub/script.py");
    fs::write(&script, "import sys, helper\nprint(sys.argv[0], helper.value)\n").unwrap();
    let from = |argument: &str| Program::python().arg(argument).folder(folder.path()).run();
    from("sub/script.py").well().printing("sub/script.py 5\n");
    from("./sub/../sub/script.py").well().printing("./sub/../sub/script.py 5\n");
    let absolute = script.to_str().unwrap();
    from(absolute).well().printing(&format!("{absolute} 5\n"));
    from("script.py").refused(2, &["can't open file", "script.py"]);
    let inside = Program::python().arg("../sub/script.py").folder(&folder.path().join("sub")).run();
    inside.well().printing("../sub/script.py 5\n");
}

#[test]
fn a_folder_or_a_zip_file_with_main_is_a_program() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("__main__.py"), "import part\nprint(part.x)\n").unwrap();
    fs::write(folder.path().join("part.py"), "x = 'from the folder'\n").unwrap();
    Program::python().arg(folder.path()).run().well().printing("from the folder\n");
    let zip = tempdir().unwrap();
    let archive = zip.path().join("app.pyz");
    let zipapp = Program::python().grant("--ro-dir", folder.path(), "").grant("--dir", zip.path(), "");
    zipapp.args(["-m", "zipapp", "-o"]).arg(&archive).arg(folder.path()).run().well();
    Program::python().arg(&archive).run().well().printing("from the folder\n");
}

#[test]
fn a_missing_script_is_named() {
    python(["/no/such/script.py"]).refused(2, &["can't open file '/no/such/script.py'"]);
}

#[test]
fn exit_statuses_are_python_s_own() {
    for (code, status) in [
        ("pass", 0),
        ("import sys; sys.exit(7)", 7),
        ("raise SystemExit", 0),
        ("import sys; sys.exit(256 + 3)", 3),
        ("import sys; sys.exit(-1)", 255),
        ("import os; os._exit(9)", 9),
        ("exit(5)", 5),
    ] {
        let ended = statements(code);
        assert_eq!(ended.with_status(status).stderr(), "", "{ended}");
    }
    statements("import sys; sys.exit('why')").refused(1, &["why"]);
    statements("import os; os.abort()").with_status(107);
}

#[test]
fn an_uncaught_exception_shows_its_source() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("fails.py");
    fs::write(&script, "def inner(x):\n    return 1 / x\n\ninner(0)\n").unwrap();
    let ended = Program::python().arg(&script).run();
    let expected = format!(
        "Traceback (most recent call last):\n  \
         File \"{0}\", line 4, in <module>\n    inner(0)\n    ~~~~~^^^\n  \
         File \"{0}\", line 2, in inner\n    return 1 / x\n           ~~^~~\n\
         ZeroDivisionError: division by zero\n",
        script.display()
    );
    assert_eq!(ended.with_status(1).stderr(), expected);
    statements("import json; json.loads('[')").with_status(1).complaining(&[
        "/usr/lib/python3.13/json/decoder.py",
        "obj, end = self.raw_decode(s, idx=_w(s, 0).end())",
    ]);
}
