//! With a fixed clock and a seed, a program does exactly the same every time, and uses the same fuel.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::{Duration, UNIX_EPOCH};

use python_wasm::{Error, Python};

const PROGRAM: &str = "
import random, time, uuid
print(random.random(), uuid.uuid4(), time.ctime(), hash('text'))
time.sleep(3600)
print(time.ctime())
";

fn main() -> Result<(), Error> {
    let run = || {
        let moment = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let mut py = Python::builder().fixed_clock(moment).seed(7).build()?;
        let output = py.exec(PROGRAM)?;
        Ok::<_, Error>((output.stdout, output.stats.fuel))
    };
    let (first, second) = (run()?, run()?);
    print!("{}", first.0);
    println!("{} units of fuel, twice", first.1);
    assert_eq!(first, second);
    assert!(first.0.ends_with("Sun Sep  9 02:46:40 2001\n"));
    Ok(())
}
