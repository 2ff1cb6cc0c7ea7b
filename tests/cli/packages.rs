//! `--site`, and bytecode that is kept: modules are compiled once, and no program changes what another one runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use python_wasm_tests::{Outcome, Program};
use tempfile::{TempDir, tempdir};

/// A folder of packages, a cache, and a folder to run in.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self { folder: tempdir().unwrap() };
        for name in ["site", "cache", "work"] {
            fs::create_dir(place.path(name)).unwrap();
        }
        for (name, text) in files {
            place.write(name, text);
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path("site").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn python(&self) -> Program {
        Program::python().variable("PYTHON_WASM_CACHE", self.path("cache")).folder(&self.path("work"))
    }

    /// `python-wasm --site site` and these words.
    fn run(&self, words: &[&str]) -> Outcome {
        self.python().arg("--site").arg(self.path("site")).args(words).run()
    }

    /// The files of bytecode, sorted.
    fn kept(&self) -> Vec<PathBuf> {
        fn list(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { list(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        list(&self.path("cache"), &mut found);
        found.sort();
        found
    }
}

/// A module that costs far more to compile than to run.
fn large() -> String {
    let functions = (0..2000).map(|n| format!("def f{n}(x):\n    return [x + {n}, x * {n}, -x]\n"));
    functions.collect::<String>() + "value = 7\n"
}

/// Fuel that is enough to import it and not to compile it, on either engine.
const FUEL: &str = "3000000";

#[test]
fn a_site_is_on_the_path_and_cannot_be_written() {
    let place = Place::new(&[
        ("tool/__init__.py", "value = 5"),
        ("tool/__main__.py", "import sys; print(sys.argv[1:])"),
    ]);
    let site = place.path("site");
    place
        .run(&["-c", "import tool; print(tool.value, tool.__file__)"])
        .well()
        .printing(&format!("5 {}/tool/__init__.py\n", site.display()));
    place.run(&["-m", "tool", "a", "b"]).well().printing("['a', 'b']\n");
    place.run(&["-I", "-c", "import tool; print(tool.value)"]).well().printing("5\n");
    place.run(&["-O", "-c", "import tool; print(tool.value)"]).well().printing("5\n");
    let write = format!("open({:?}, 'w')", site.join("tool/new.py"));
    place.run(&["-c", &write]).with_status(1).complaining(&["PermissionError"]);
    place
        .run(&["-c", "import sys, os; print(sys.path[-1], os.listdir(sys.path[-1]))"])
        .well()
        .printing(&format!("{} ['tool']\n", site.display()));
}

#[test]
fn files_of_paths_count() {
    let place = Place::new(&[
        ("more.pth", "below\nimport sys; sys.from_pth = 3\n# a comment\n"),
        ("below/deep.py", "value = 8"),
    ]);
    place.run(&["-c", "import sys, deep; print(deep.value, sys.from_pth)"]).well().printing("8 3\n");
}

#[test]
fn a_script_of_the_site_runs_and_a_script_elsewhere_imports_from_it() {
    let place = Place::new(&[
        ("tool.py", "def main(): print('main')"),
        ("bin/tool", "from tool import main\nmain()\n"),
    ]);
    let script = place.path("site").join("bin/tool");
    place.run(&[script.to_str().unwrap()]).well().printing("main\n");
    fs::write(place.path("work").join("script.py"), "import tool; tool.main()").unwrap();
    place.run(&["script.py"]).well().printing("main\n");
}

#[test]
fn native_code_is_named_when_it_is_imported() {
    let place = Place::new(&[
        ("fast/__init__.py", "try:\n    from . import _speed\nexcept ImportError:\n    _speed = None\n"),
        ("fast/_speed.cpython-399-x86_64-linux-gnu.so", "\x7fELF"),
        ("only.abi3.so", "\x7fELF"),
    ]);
    place.run(&["-c", "import fast; print(fast._speed)"]).well().printing("None\n");
    let ended = place.run(&["-c", "import only"]);
    let line = format!(
        "ImportError: only is native code, which the sandbox does not run: {}/only.abi3.so",
        place.path("site").display()
    );
    ended.with_status(1).complaining(&[&line]);
    place.run(&["-c", "import nothing"]).with_status(1).complaining(&["No module named 'nothing'"]);
}

#[test]
fn a_module_is_compiled_outside_of_the_program_and_once() {
    let place = Place::new(&[("large.py", &large())]);
    let import = ["--fuel", FUEL, "-c", "import large; print(large.value)"];
    place.run(&import).well().printing("7\n");
    let kept = place.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let before = fs::metadata(&kept[0]).unwrap().modified().unwrap();
    place.run(&import).well().printing("7\n");
    assert_eq!(place.kept(), kept);
    assert_eq!(fs::metadata(&kept[0]).unwrap().modified().unwrap(), before);
    // A program that has to compile it does not get that far.
    let without = [&["--no-bytecode"], &import[..]].concat();
    place.run(&without).refused(103, &["--fuel"]);
    assert!(!place.path("site").join("__pycache__").exists());
}

#[test]
fn bytecode_follows_the_source_and_not_its_time_or_name() {
    let place = Place::new(&[("a.py", "value = 1")]);
    let import = ["-c", "import a; print(a.value, a.__file__, a.f.__code__.co_filename)"];
    let source = |value| format!("value = {value}\ndef f(): pass\n");
    let path = place.path("site").join("a.py");
    for value in [1, 2, 1] {
        place.write("a.py", &source(value));
        let time = fs::File::options().write(true).open(&path).unwrap();
        time.set_modified(std::time::UNIX_EPOCH).unwrap();
        place.run(&import).well().printing(&format!("{value} {0} {0}\n", path.display()));
    }
    assert_eq!(place.kept().len(), 2);
    place.write("b.py", &source(1));
    let names = ["-c", "import b; print(b.__file__ == b.f.__code__.co_filename)"];
    place.run(&names).well().printing("True\n");
    assert_eq!(place.kept().len(), 2, "the same source has the same bytecode");
}

#[test]
fn other_levels_of_optimization_have_their_own() {
    let place = Place::new(&[(
        "a.py",
        "'''text'''\nasserts = False\ntry:\n    assert False\nexcept AssertionError:\n    asserts = True\n",
    )]);
    let import = |option: &str| {
        place.run(&[option, "-c", "import a; print(a.asserts, a.__doc__)"]).well().stdout().to_owned()
    };
    for _again in 0..2 {
        assert_eq!(import("-q"), "True text\n");
        assert_eq!(import("-O"), "False text\n");
        assert_eq!(import("-OO"), "False None\n");
    }
    assert_eq!(place.kept().len(), 3);
}

#[test]
fn damaged_bytecode_is_compiled_again() {
    let place = Place::new(&[("a.py", "value = 1")]);
    let import = || place.run(&["-c", "import a; print(a.value)"]).well().printing("1\n").status;
    import();
    let path = place.kept().remove(0);
    let whole = fs::read(&path).unwrap();
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    for damaged in [changed.as_slice(), &whole[..40], b""] {
        fs::write(&path, damaged).unwrap();
        import();
        assert_eq!(fs::read(&path).unwrap().len(), whole.len());
    }
}

#[test]
fn a_cache_that_cannot_be_written_costs_only_time() {
    let place = Place::new(&[("a.py", "value = 1")]);
    fs::remove_dir(place.path("cache")).unwrap();
    fs::write(place.path("cache"), "a file").unwrap();
    place.run(&["-c", "import a; print(a.value)"]).well().printing("1\n");
    let other = Place::new(&[("a.py", "value = 1")]);
    fs::set_permissions(other.path("cache"), Permissions::from_mode(0o500)).unwrap();
    other.run(&["-c", "import a; print(a.value)"]).well().printing("1\n");
}

#[test]
fn programs_that_start_at_once_share_one_cache() {
    let files: Vec<(String, String)> =
        (0..8).map(|n| (format!("m{n}.py"), format!("value = {n}\n"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let place = Place::new(&files);
    let code = "print(sum(__import__(f'm{n}').value for n in range(8)))";
    let start = || place.python().arg("--site").arg(place.path("site")).args(["-c", code]).start();
    let running = [start(), start(), start(), start()];
    for one in running {
        one.end().well().printing("28\n");
    }
    assert_eq!(place.kept().len(), 8, "nothing half-written is left: {:?}", place.kept());
}

#[test]
fn a_program_reads_its_bytecode_and_changes_nobody_s() {
    let place = Place::new(&[("a.py", "value = 1")]);
    let code = "
import importlib.util, os
path = importlib.util.cache_from_source(os.path.join(SITE, 'a.py'))
bytecode = open(path, 'rb').read()
print(bytecode[:4] == importlib.util.MAGIC_NUMBER, bytecode[4])
for mode in 'wb', 'r+b', 'ab':
    try:
        open(path, mode)
    except OSError as error:
        print(type(error).__name__)
try:
    os.remove(path)
except OSError as error:
    print(type(error).__name__)
import a
print(a.value)";
    let code = code.replace("SITE", &format!("{:?}", place.path("site")));
    let ended = place.run(&["-c", &code]);
    let lines: Vec<_> = ended.well().stdout().lines().collect();
    assert_eq!((lines[0], lines[5]), ("True 1", "1"), "{ended}");
    assert!(lines[1..5].iter().all(|line| line.ends_with("Error")), "{ended}");
    place.run(&["-c", "import a; print(a.value)"]).well().printing("1\n");
}

#[test]
fn what_does_not_compile_is_an_error_as_everywhere() {
    let place = Place::new(&[
        ("wrong.py", "value = 1\nvalue =\n"),
        ("bytes.py", "value = '\u{e9}'"),
        ("empty.py", ""),
    ]);
    let ended = place.run(&["-c", "import wrong"]);
    ended.with_status(1).complaining(&["wrong.py\", line 2", "SyntaxError: invalid syntax"]);
    place.run(&["-c", "import bytes, empty; print(bytes.value)"]).well().printing("é\n");
}

#[test]
fn a_read_only_folder_has_bytecode_and_a_writable_one_does_not() {
    let place = Place::new(&[("large.py", &large())]);
    let site = place.path("site");
    let path = format!("PYTHONPATH={}", site.display());
    let words = ["--fuel", FUEL, "--env", &path, "-c", "import large; print(large.value)"];
    place.python().grant("--ro-dir", &site, "").args(words).run().well().printing("7\n");
    place.python().grant("--dir", &site, "").args(words).run().refused(103, &["--fuel"]);
}

#[test]
fn wrong_sites_are_one_line() {
    let place = Place::new(&[("a.py", "")]);
    let refused = |words: &[&str], parts: &[&str]| {
        place.python().args(words).run().refused(2, parts);
    };
    refused(&["--site", "none"], &["the site none", "none"]);
    let file = place.path("site").join("a.py");
    refused(&["--site", file.to_str().unwrap()], &["a.py", "it is not a folder"]);
    let site = place.path("site");
    let site = site.to_str().unwrap();
    refused(&["--site", site, "--record", "r", "-c", ""], &["--site does not go with --record"]);
    refused(&["--site"], &["--site needs a value: DIR"]);
}
