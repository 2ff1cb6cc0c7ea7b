//! An agent: a model writes Python, which calls tools; a step that goes wrong is undone, and the model reads why.
//!
//! The model here is a script of what one might write. What it is told (the tools and the reports) is real.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use python_wasm::{Error, Limits, Python, Report};
use schemars::JsonSchema;
use serde::Deserialize;

/// Searches the catalogue. Returns names and prices.
#[derive(Deserialize, JsonSchema)]
struct Search {
    /// A part of the name.
    query: String,
    /// At most so many.
    #[serde(default = "ten")]
    limit: usize,
}

/// Puts an item into the basket.
#[derive(Deserialize, JsonSchema)]
struct Buy {
    /// Its name in the catalogue.
    name: String,
    /// How many.
    #[serde(default = "one")]
    count: u32,
}

fn ten() -> usize {
    10
}

fn one() -> u32 {
    1
}

const CATALOGUE: [(&str, f64); 4] =
    [("red apple", 0.5), ("green apple", 0.4), ("apple pie", 4.0), ("pear", 0.75)];

/// What a model might write, step by step.
const STEPS: [&str; 5] = [
    "found = search('apple')\nfound",
    // It has forgotten that prices are numbers, after it has changed something.
    "found.pop()\ncheapest = min(found, key=lambda item: item[1].lower())",
    "while len(found) > 0: pass",
    "cheapest = min(found, key=lambda item: item[1])\nbuy(cheapest[0], count=3)",
    "print(f'{len(found)} found, bought {cheapest[0]}')",
];

/// Stands for a language model: is told of the last step, and writes the next one.
fn model(step: usize, _told: &str) -> Option<&'static str> {
    STEPS.get(step).copied()
}

fn main() -> Result<(), Error> {
    let basket = Arc::new(Mutex::new(Vec::new()));
    let bought = Arc::clone(&basket);
    let limits = Limits::default()
        .memory(128 << 20)
        .timeout(Duration::from_mins(1))
        .fuel(20_000_000)
        .output(1 << 16)
        .host_calls(20);
    let mut py = Python::builder()
        .limits(limits)
        .tool("search", |search: Search| {
            let found = CATALOGUE.iter().filter(|(name, _)| name.contains(&search.query));
            Ok::<_, String>(found.take(search.limit).copied().collect::<Vec<_>>())
        })
        .tool("buy", move |buy: Buy| {
            let Some((name, price)) = CATALOGUE.iter().find(|(name, _)| *name == buy.name) else {
                return Err(format!("nobody sells {}", buy.name));
            };
            bought.lock().unwrap_or_else(PoisonError::into_inner).push((*name, buy.count));
            Ok(price * f64::from(buy.count))
        })
        .build()?;
    py.exec("from host import *")?;

    let mut told = serde_json::to_string_pretty(&py.tools()).expect("tools are JSON");
    let mut step = 0;
    let mut undone = 0;
    while let Some(code) = model(step, &told) {
        let before = py.checkpoint()?;
        let report = py.exec_report(code);
        if report.error.is_some() {
            // Whatever the step did to the session has not happened.
            py.restore(&before)?;
            undone += 1;
        }
        told = answer(&report);
        println!(">>> {}\n{told}\n", code.replace('\n', "\n... "));
        step += 1;
    }

    assert_eq!(undone, 2);
    assert_eq!(told, "3 found, bought green apple\n");
    assert_eq!(*basket.lock().unwrap_or_else(PoisonError::into_inner), [("green apple", 3)]);
    Ok(())
}

/// What the model reads of a step.
fn answer(report: &Report) -> String {
    let printed = format!("{}{}", report.output.stdout, report.output.stderr);
    match (&report.value, &report.error) {
        (_, Some(error)) => format!("{printed}{error}\n(undone)"),
        (Some(value), None) => printed + value,
        (None, None) => printed,
    }
}
