//! First steps: run code, read values, handle an exception.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use python_wasm::{Error, Python};

fn main() -> Result<(), Error> {
    let mut py = Python::builder().args(["hello"]).build()?;

    let output = py.exec("import sys\nx = 40\nprint('hello from', sys.platform)")?;
    print!("{}", output.stdout);

    let answer: i64 = py.eval("x + 2")?;
    println!("the answer is {answer}, its repr {}", py.repr("str(x + 2)")?);

    py.set("rows", &[("apple", 3), ("pear", 4)])?;
    py.exec("total = sum(count for name, count in rows)")?;
    println!("{} pieces of fruit", py.get::<u32>("total")?);

    match py.exec("1 / 0") {
        Err(error @ Error::Exception { .. }) => println!("{error}"),
        other => panic!("a division by zero gave {other:?}"),
    }
    println!("and x is still {}", py.get::<i64>("x")?);
    Ok(())
}
