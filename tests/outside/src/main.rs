//! A program that embeds python-wasm and has no profile of its own: continuous integration builds and runs it
//! in cargo's own profiles, and with dependencies optimised as many programs have them.

use python_wasm::{Error, Python};

fn main() -> Result<(), Error> {
    let mut py = Python::builder().build()?;
    let output = py.exec("import json\nprint(json.dumps(sorted({'b': 1, 'a': sum(range(1000))}.items())))")?;
    assert_eq!(output.stdout, "[[\"a\", 499500], [\"b\", 1]]\n");
    let error = py.exec("def f(n): return f(n + 1)\nf(0)").expect_err("the recursion has an end");
    assert!(error.is_exception("RecursionError"), "{error}");
    print!("{}", output.stdout);
    Ok(())
}
