//! Makes the npm package, installs it into an empty folder, and runs the tests in JavaScript against it; and those of the
//! page in a browser.
//!
//! Needs Node 20, npm, Rust for wasm32, Chromium and Firefox; TypeScript and playwright-core come from the package
//! registry, pinned by lock files, and are kept in the target directory. What is missing is named, and the test ends.

#![allow(
    clippy::print_stdout,
    reason = "it tells what the tests in JavaScript found, or why there were none"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// What the program prints when something is not there, rather than wrong.
const MISSING: [&str; 6] =
    ["is missing", "cannot run npm", "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ETIMEDOUT"];

fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a command to its good end, and returns what it printed.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", text(&output));
    text(&output)
}

/// Makes the package, once for all tests. The error says what is missing.
fn package() -> Result<PathBuf, String> {
    static MADE: LazyLock<Result<PathBuf, String>> = LazyLock::new(make_package);
    MADE.clone()
}

fn make_package() -> Result<PathBuf, String> {
    let node = Command::new("node").arg("--version").output();
    let version = node.map_err(|_| "node is missing: `apt-get install nodejs npm`, 20 or later")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        return Err(format!("node {version} is too old: 20 or later is needed"));
    }
    let output = Command::new(env!("CARGO_BIN_EXE_package")).output().unwrap();
    if output.status.success() {
        let printed = String::from_utf8_lossy(&output.stdout);
        return Ok(PathBuf::from(printed.lines().last().unwrap_or_default()));
    }
    let printed = text(&output);
    assert!(MISSING.iter().any(|sign| printed.contains(sign)), "{printed}");
    Err(printed)
}

/// Installs the tarball into an empty folder of this name, with the tests beside it.
fn install(tarball: &Path, name: &str) -> PathBuf {
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _old = fs::remove_dir_all(&fresh);
    fs::create_dir_all(&fresh).unwrap();
    for entry in fs::read_dir(home().join("npm/test")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), fresh.join(entry.file_name())).unwrap();
        }
    }
    let install = ["install", "--silent", "--offline", "--no-audit", "--no-fund"];
    run(Command::new("npm").args(install).arg(tarball.canonicalize().unwrap()).current_dir(&fresh));
    fresh
}

#[test]
fn the_package_passes_its_tests_in_an_empty_folder() {
    let tarball = match package() {
        Ok(tarball) => tarball,
        Err(missing) => {
            println!("the npm package was not tested: {missing}");
            return;
        }
    };
    let fresh = install(&tarball, "npm");
    let programs = home().join("../../tests/programs").canonicalize().unwrap();
    println!(
        "{}",
        run(Command::new("node").arg("--test").env("PYTHON_WASM_PROGRAMS", programs).current_dir(&fresh))
    );
}

/// Copies a folder of this crate and installs what its lock file pins, unless that is there. `false` if the registry is
/// not reached.
fn installed(source: &Path, place: &Path) -> bool {
    let lock = fs::read_to_string(source.join("package-lock.json")).unwrap();
    let installed = place.join("installed.json");
    fs::create_dir_all(place).unwrap();
    for entry in fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), place.join(entry.file_name())).unwrap();
    }
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return true;
    }
    let install = ["ci", "--silent", "--no-audit", "--no-fund"];
    let output = Command::new("npm").args(install).current_dir(place).output().unwrap();
    let printed = text(&output);
    if output.status.success() {
        fs::write(installed, lock).unwrap();
        return true;
    }
    assert!(MISSING.iter().any(|sign| printed.contains(sign)), "{printed}");
    false
}

#[test]
fn sessions_move_between_node_and_the_native_library() -> Result<(), Box<dyn std::error::Error>> {
    let tarball = match package() {
        Ok(tarball) => tarball,
        Err(missing) => {
            println!("no session was moved: {missing}");
            return Ok(());
        }
    };
    let fresh = install(&tarball, "moving");
    let moved = |what: &str, file: &str| {
        run(Command::new("node").args(["moving.mjs", what, file]).current_dir(&fresh)).trim().to_owned()
    };
    moved("save", "node.session");
    let mut native = python_wasm::Snapshot::load(fresh.join("node.session"))?.spawn()?;
    assert_eq!(native.eval::<String>("x['from'] + str(twice(21)) + f.read(1)")?, "node42l");
    native.exec("y = 'native'; open('/tmp/note', 'a').write('!')")?;
    native.snapshot()?.save(fresh.join("native.session"))?;
    assert_eq!(moved("load", "native.session"), r#"[{"from":"node"},"native",42,"lo!","hello!","z"]"#);
    Ok(())
}

/// Returns the first of these programs that is in the path.
fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// Returns a browser of the Chromium family.
fn chromium() -> Option<PathBuf> {
    program(&["chromium", "chromium-browser", "google-chrome"])
}

/// Tries the page in this browser, whose name for the tests is `variable`.
fn try_page(browser: &Path, variable: &str) {
    let page = match package() {
        Ok(tarball) => tarball.with_file_name("demo").canonicalize().unwrap(),
        Err(missing) => {
            println!("the page was not tested: {missing}");
            return;
        }
    };
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(variable.to_lowercase());
    if !installed(&home().join("browser"), &place) {
        println!(
            "the page was not tested: the package registry is not reached, and playwright-core is missing"
        );
        return;
    }
    let pictures = place.join("pictures");
    fs::create_dir_all(&pictures).unwrap();
    let mut node = Command::new("node");
    node.args(["--test", "page.test.mjs"]).current_dir(&place).env_remove("CHROMIUM").env_remove("FIREFOX");
    node.env(variable, browser).env("PAGE", page).env("SCREENSHOTS", pictures);
    println!("{}", run(&mut node));
}

#[test]
fn the_page_works_in_chromium() {
    match chromium() {
        Some(browser) => try_page(&browser, "CHROMIUM"),
        None => println!("the page was not tested: Chromium is missing: `apt-get install chromium`"),
    }
}

#[test]
fn the_page_works_in_firefox() {
    match program(&["firefox-esr", "firefox"]) {
        Some(browser) => try_page(&browser, "FIREFOX"),
        None => println!("the page was not tested: Firefox is missing: `apt-get install firefox-esr`"),
    }
}

/// Installs the package into an example and has its bundler build it. `None` if the registry is not reached.
fn bundled(name: &str, tarball: &Path) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bundlers").join(name);
    if !installed(&home().join("examples").join(name), &place) {
        return None;
    }
    let install =
        ["install", "--silent", "--offline", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"];
    let tarball = tarball.canonicalize().unwrap();
    // What was installed before has the same version.
    let _old = fs::remove_dir_all(place.join("node_modules/python-wasm"));
    run(Command::new("npm").args(install).arg(&tarball).current_dir(&place));
    run(Command::new("npm").args(["run", "build"]).current_dir(&place));
    Some(place.join("dist"))
}

#[test]
fn bundlers_make_pages_that_work() {
    let Some(browser) = chromium() else {
        println!("the bundlers were not tested: a browser is missing: `apt-get install chromium`");
        return;
    };
    let tarball = match package() {
        Ok(tarball) => tarball,
        Err(missing) => {
            println!("the bundlers were not tested: {missing}");
            return;
        }
    };
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bundlers/browser");
    let folders: Option<Vec<PathBuf>> =
        ["vite", "webpack"].map(|name| bundled(name, &tarball)).into_iter().collect();
    let Some(folders) = folders.filter(|_| installed(&home().join("browser"), &place)) else {
        println!("the bundlers were not tested: the package registry is not reached");
        return;
    };
    let folders: Vec<String> = folders.iter().map(|folder| folder.display().to_string()).collect();
    let mut node = Command::new("node");
    node.args(["--test", "bundlers.test.mjs"]).current_dir(&place);
    println!("{}", run(node.env("CHROMIUM", browser).env("BUNDLED", folders.join(":"))));
}
