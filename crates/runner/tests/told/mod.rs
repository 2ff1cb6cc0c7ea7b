//! The licences of what is linked, from what cargo knows. The tests of several packages share it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// The platforms whose crates are told of.
const PLATFORMS: [&str; 4] =
    ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"];

/// Compares a file of this package with what it should be, or writes it.
pub(crate) fn compare(file: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if env::var_os("UPDATE_LICENSES").is_some() {
        fs::write(&path, wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "{file} is out of date: UPDATE_LICENSES=1 cargo test -p {} --test licenses",
        env!("CARGO_PKG_NAME")
    );
}

/// Names and versions of everything that is linked into the binaries with these features, not what only
/// builds or tests them. (In what `cargo metadata` tells, both are mixed.)
pub(crate) fn linked(package: &Path, features: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for platform in PLATFORMS {
        let tree = ["tree", "--edges=normal", "--prefix=none", "--format={p}", "--target", platform];
        for line in cargo(package, &[&tree[..], &["--features", features]].concat()).lines() {
            let mut words = line.split_whitespace();
            if let (Some(name), Some(version)) = (words.next(), words.next()) {
                found.insert(format!("{name} {}", version.trim_start_matches('v')));
            }
        }
    }
    found
}

/// What cargo says of a package.
fn cargo(package: &Path, words: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(words).args(["--locked", "--manifest-path"]);
    cargo.arg(package.join("Cargo.toml"));
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The crates, and then each licence text once with the crates that it holds for.
pub(crate) fn text(title: &str, linked: &BTreeSet<String>) -> String {
    let mut words = vec!["metadata", "--format-version=1", "--features=native"];
    words.extend(PLATFORMS.iter().flat_map(|platform| ["--filter-platform", platform]));
    let metadata: Value =
        serde_json::from_str(&cargo(Path::new(env!("CARGO_MANIFEST_DIR")), &words)).unwrap();
    let named = |package: &Value| format!("{} {}", string(&package["name"]), string(&package["version"]));
    let packages = list(&metadata["packages"])
        .filter(|package| linked.contains(&named(package)) && !package["source"].is_null());
    let mut crates = BTreeMap::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        let name = named(package);
        let license = package["license"].as_str().unwrap_or("see its text below");
        for text in license_texts(Path::new(string(&package["manifest_path"])).parent().unwrap()) {
            texts.entry(text).or_default().insert(name.clone());
        }
        crates.insert(name, license.to_owned());
    }
    let mut all = format!("{title}\n\n");
    for (name, license) in &crates {
        writeln!(all, "{name}: {license}").unwrap();
    }
    for (text, holders) in texts {
        let holders: Vec<_> = holders.into_iter().collect();
        write!(all, "\n{}\n{}\n\n{text}\n", "=".repeat(72), holders.join(", ")).unwrap();
    }
    all
}

/// The texts in a crate's folder; where it may be had under several licences, MIT's.
fn license_texts(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names.retain(|name| {
        let upper = name.to_uppercase();
        ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|start| upper.starts_with(start))
            && folder.join(name).is_file()
    });
    if let Some(mit) = names.iter().find(|name| name.to_uppercase().contains("MIT")).cloned() {
        names = vec![mit];
    }
    let tidy =
        |text: String| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned();
    names
        .iter()
        .map(|name| tidy(String::from_utf8_lossy(&fs::read(folder.join(name)).unwrap()).into_owned()))
        .collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap()
}
