//! Folders of packages, and bytecode that is kept.

use std::fs;
use std::path::Path;

use python_wasm::{Error, Limits, Python, PythonBuilder};
use tempfile::{TempDir, tempdir};

fn site(files: &[(&str, &str)]) -> TempDir {
    let folder = tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn files(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}

/// A builder with little fuel, and a module that it does not suffice to compile.
fn poor() -> (PythonBuilder, TempDir) {
    let functions = (0..2000).map(|n| format!("def f{n}(x):\n    return [x + {n}, x * {n}, -x]\n"));
    let folder = site(&[("large.py", &(functions.collect::<String>() + "value = 7\n"))]);
    let limits = Limits::default().fuel(if cfg!(feature = "native") { 3_000_000 } else { 10_000_000 });
    (Python::builder().limits(limits).site(folder.path()), folder)
}

#[test]
fn packages_of_several_sites_are_found() {
    let (one, two) =
        (site(&[("a.py", "value = 1")]), site(&[("b.py", "value = 2"), ("x.pth", "/site/sub\n")]));
    fs::create_dir(one.path().join("sub")).unwrap();
    fs::write(one.path().join("sub/c.py"), "value = 3").unwrap();
    let mut py = Python::builder().site(one.path()).site(two.path()).build().unwrap();
    py.exec("import a, b, c").unwrap();
    let found: (i64, i64, i64, String, String) =
        py.eval("a.value, b.value, c.value, a.__file__, b.__file__").unwrap();
    assert_eq!(found, (1, 2, 3, "/site/a.py".into(), "/site2/b.py".into()));
    assert!(py.exec("open('/site/a.py', 'w')").unwrap_err().is_exception("PermissionError"));
}

#[test]
fn a_missing_site_is_an_error_that_names_it() {
    let error = Python::builder().site("/no/such/site").build().unwrap_err();
    assert!(matches!(&error, Error::Config { .. }), "{error:?}");
    assert!(error.to_string().contains("/no/such/site"), "{error}");
}

#[test]
fn a_module_costs_the_sandbox_no_fuel_to_compile_if_its_bytecode_is_kept() {
    let (builder, _site) = poor();
    let error = builder.build().unwrap().exec("import large").unwrap_err();
    assert!(matches!(error, Error::OutOfFuel), "{error:?}");

    let cache = tempdir().unwrap();
    for _again in 0..2 {
        let (builder, _site) = poor();
        let mut py = builder.bytecode_cache(cache.path()).build().unwrap();
        py.exec("import large").unwrap();
        assert_eq!(py.eval::<i64>("large.value").unwrap(), 7);
        assert_eq!(files(cache.path()), 1);
    }
}

#[test]
fn forks_and_sandboxes_from_a_snapshot_have_bytecode_too() {
    let cache = tempdir().unwrap();
    let (builder, _site) = poor();
    let mut py = builder.bytecode_cache(cache.path()).build().unwrap();
    py.exec("x = 1").unwrap();
    let mut fork = py.fork().unwrap();
    fork.exec("import large").unwrap();
    let snapshot = py.snapshot().unwrap();
    let mut other = snapshot.spawn().unwrap();
    other.exec("import large").unwrap();
    assert_eq!(other.eval::<i64>("large.value + x").unwrap(), 8);
}

#[test]
fn a_session_from_a_file_finds_its_site_again() {
    let (cache, folder) = (tempdir().unwrap(), site(&[("a.py", "value = 1"), ("b.py", "value = 2")]));
    let builder = || Python::builder().site(folder.path()).bytecode_cache(cache.path());
    let mut py = builder().build().unwrap();
    py.exec("import a").unwrap();
    let bytes = py.snapshot().unwrap().to_bytes().unwrap();
    let mut resumed = builder().resume_bytes(&bytes).unwrap();
    resumed.exec("import b, sys").unwrap();
    assert_eq!(resumed.eval::<(i64, i64)>("b.value, sys.path.count('/site')").unwrap(), (2, 1));
    let error = Python::builder().resume_bytes(&bytes).unwrap_err();
    assert!(error.to_string().contains("/site"), "{error}");
}

#[test]
fn a_snapshot_gets_a_site_later() {
    let folder = site(&[("a.py", "value = 1")]);
    let snapshot = Python::builder().build().unwrap().snapshot().unwrap();
    let mut py = snapshot.builder().site(folder.path()).spawn().unwrap();
    py.exec("import a").unwrap();
    assert_eq!(py.eval::<i64>("a.value").unwrap(), 1);
}
