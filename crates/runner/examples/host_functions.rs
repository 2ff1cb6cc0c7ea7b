//! Rust functions for Python: plain ones, one that calls back into Python, and one that Python awaits.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::collections::HashMap;
use std::time::Duration;

use python_wasm::{Callable, Caller, Error, Python, Raise};

const PROGRAM: &str = "
import asyncio
from host import price, keep, fetch

basket = {'apple': 3, 'pear': 2}
total = sum(price(item) * count for item, count in basket.items())

try:
    price('house')
except KeyError as error:
    missing = str(error)

cheap = keep(lambda item: price(item) < 1, ['apple', 'pear'])

async def main():
    return await asyncio.gather(fetch('one'), fetch('two'), fetch('three'))
pages = asyncio.run(main())
";

fn main() -> Result<(), Error> {
    let prices = HashMap::from([("apple", 0.5), ("pear", 1.25)]);
    let mut py = Python::builder()
        .function("price", move |item: String| {
            prices.get(item.as_str()).copied().ok_or_else(|| Raise::new("KeyError", item))
        })
        .function_with_caller("keep", |python: &Caller, wanted: Callable, items: Vec<String>| {
            let mut kept = Vec::new();
            for item in items {
                if python.call(&wanted, (&item,))? {
                    kept.push(item);
                }
            }
            Ok::<_, Error>(kept)
        })
        .async_function("fetch", |name: String| {
            // Stands for a request over a network. The three overlap.
            std::thread::sleep(Duration::from_millis(30));
            Ok::<_, String>(format!("the page {name}"))
        })
        .build()?;
    let output = py.exec(PROGRAM)?;

    println!("total {}, cheap {:?}", py.get::<f64>("total")?, py.get::<Vec<String>>("cheap")?);
    println!("pages {:?}", py.get::<Vec<String>>("pages")?);
    println!("{:?} of {:?} were spent in host functions", output.stats.host, output.stats.wall);
    assert_eq!(py.repr("total")?, "4.0");
    assert_eq!(py.get::<String>("missing")?, "'house'");
    assert_eq!(py.get::<Vec<String>>("cheap")?, ["apple"]);
    assert_eq!(py.get::<Vec<String>>("pages")?, ["the page one", "the page two", "the page three"]);
    Ok(())
}
