//! The work that each benchmark of the collection costs, in fuel, against a committed baseline.
//!
//! Fuel is the same in every run on every machine, so a rise is one of the module or the library,
//! never noise. One that is wanted is accepted by
//! `PYTHON_WASM_ACCEPT_FUEL=1 cargo test -p python-wasm --test fuel`, which writes the baseline anew. Each engine has
//! units, and so a baseline, of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use python_wasm::{Engine, Limits, Mount, Python};

/// The part of its work that each benchmark does.
const SCALE: &str = "0.001";

/// By how many hundredths the fuel of one may rise.
const ALLOWED: u64 = 2;

fn measure(collection: &Path) -> BTreeMap<String, u64> {
    let mut py = Python::builder()
        .mount("/collection", Mount::read_only(collection).unwrap())
        .fixed_clock(SystemTime::UNIX_EPOCH)
        .seed(1)
        .limits(Limits::default().timeout(Duration::MAX))
        .build()
        .unwrap();
    py.exec("import sys\nsys.path.insert(0, '/collection')\nimport all as collection").unwrap();
    py.exec("found = {benchmark.name: benchmark for benchmark in collection.selected('')}").unwrap();
    let names: Vec<String> = py.eval("list(found)").unwrap();
    let fuel = |name: &String| {
        let run = format!("found[{name:?}].run({SCALE})");
        // The first run imports and specialises.
        py.exec(&run).unwrap();
        (name.clone(), py.exec(&run).unwrap().stats.fuel)
    };
    names.iter().map(fuel).collect()
}

#[test]
fn no_benchmark_costs_more_fuel_than_the_baseline_allows() {
    let bench = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../bench"));
    let measured = measure(&bench.join("collection"));
    let path = bench.join(match Engine::default() {
        Engine::Wasmi => "fuel.json",
        Engine::Native => "fuel-native.json",
    });
    if env::var_os("PYTHON_WASM_ACCEPT_FUEL").is_some() {
        let text = serde_json::to_string_pretty(&measured).unwrap();
        return fs::write(path, text + "\n").unwrap();
    }
    let baseline: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let names = |fuel: &BTreeMap<String, u64>| fuel.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&measured), names(&baseline), "the collection and its baseline differ");

    let rises: Vec<String> = measured
        .iter()
        .filter(|(name, fuel)| **fuel * 100 > baseline[*name] * (100 + ALLOWED))
        .map(|(name, fuel)| format!("{name}: {} -> {fuel}", baseline[name]))
        .collect();
    assert!(
        rises.is_empty(),
        "fuel rose by more than {ALLOWED} %:\n{}\nto accept it: \
         PYTHON_WASM_ACCEPT_FUEL=1 cargo test -p python-wasm --test fuel",
        rises.join("\n")
    );
}
