//! A program that embeds python-wasm and has no profile of its own: continuous integration builds and runs it
//! in cargo's own profiles, and with dependencies optimised as many programs have them.

use std::time::Duration;

use python_wasm::{Error, Limits, Python};

fn main() -> Result<(), Error> {
    // wasmi is slow where nothing is optimised: the library's minute is for those who optimise.
    let limits = Limits::default().timeout(Duration::MAX);
    let mut py = Python::builder().limits(limits).build()?;
    let output = py.exec("import json\nprint(json.dumps(sorted({'b': 1, 'a': sum(range(1000))}.items())))")?;
    assert_eq!(output.stdout, "[[\"a\", 499500], [\"b\", 1]]\n");
    print!("{}", output.stdout);
    Ok(())
}
