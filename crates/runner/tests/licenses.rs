//! The licences of the Rust crates in the binary, which `--licenses` prints: `licenses.txt` is made
//! here, from what cargo knows, and compared in every test run.
//!
//! `UPDATE_LICENSES=1 cargo test -p python-wasm --test licenses` writes it anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// The platforms whose crates are told of.
const PLATFORMS: [&str; 4] =
    ["x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin"];

#[test]
fn the_licence_of_every_crate_in_the_binary_is_told() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("licenses.txt");
    let wanted = text(&metadata());
    if env::var_os("UPDATE_LICENSES").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "licenses.txt is out of date: UPDATE_LICENSES=1 cargo test -p python-wasm --test licenses"
    );
}

fn metadata() -> Value {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version=1", "--locked", "--manifest-path"]);
    cargo.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
    for platform in PLATFORMS {
        cargo.args(["--filter-platform", platform]);
    }
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Identifiers of everything that is linked into the binaries, not what only builds or tests them.
fn linked(metadata: &Value) -> BTreeSet<&str> {
    let nodes: HashMap<&str, &Value> =
        list(&metadata["resolve"]["nodes"]).map(|node| (string(&node["id"]), node)).collect();
    let root = list(&metadata["packages"]).find(|package| package["name"] == "python-wasm").unwrap();
    let mut found = BTreeSet::new();
    let mut open = vec![string(&root["id"])];
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let normal =
                |dependency: &&Value| list(&dependency["dep_kinds"]).any(|kind| kind["kind"].is_null());
            open.extend(list(&nodes[id]["deps"]).filter(normal).map(|dependency| string(&dependency["pkg"])));
        }
    }
    found
}

/// The crates, and then each licence text once with the crates that it holds for.
fn text(metadata: &Value) -> String {
    let linked = linked(metadata);
    let packages = list(&metadata["packages"])
        .filter(|package| linked.contains(string(&package["id"])) && !package["source"].is_null());
    let mut crates = BTreeMap::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages {
        let name = format!("{} {}", string(&package["name"]), string(&package["version"]));
        let license = package["license"].as_str().unwrap_or("see its text below");
        for text in license_texts(Path::new(string(&package["manifest_path"])).parent().unwrap()) {
            texts.entry(text).or_default().insert(name.clone());
        }
        crates.insert(name, license.to_owned());
    }
    let mut all = "Licences of the Rust crates in this program.\n\n".to_owned();
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
