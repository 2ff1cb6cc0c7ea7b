//! A program that embeds python-wasm and has no profile of its own: continuous integration builds and runs it
//! in cargo's own profiles, and with dependencies optimised as many programs have them.
//!
//! With an argument it goes on with the session in that file, which another of these builds has left there, and leaves
//! one itself: `outside FILE`.

use std::path::Path;
use std::time::Duration;

use python_wasm::{Error, Limits, Python, Snapshot};

fn main() -> Result<(), Error> {
    // wasmi is slow where nothing is optimised: the library's minute is for those who optimise.
    let limits = Limits::default().timeout(Duration::MAX);
    let mut py = Python::builder().limits(limits).build()?;
    let output = py.exec("import json\nprint(json.dumps(sorted({'b': 1, 'a': sum(range(1000))}.items())))")?;
    assert_eq!(output.stdout, "[[\"a\", 499500], [\"b\", 1]]\n");
    print!("{}", output.stdout);
    std::env::args_os().nth(1).map_or(Ok(()), |file| pass_on(&mut py, Path::new(&file)))
}

/// Goes on with what another build has saved, and saves a session for the next one.
fn pass_on(py: &mut Python, file: &Path) -> Result<(), Error> {
    if file.exists() {
        let info = Snapshot::inspect(file)?;
        assert_eq!(info.misfit, None, "{info:?}");
        let limits = Limits::default().timeout(Duration::MAX);
        let mut other = Python::builder().limits(limits).resume(file)?;
        let kept: Vec<i64> = other.eval("[next(numbers), points[1].x, len(open('/tmp/kept').read())]")?;
        assert_eq!(kept, [1, 1, 7]);
        println!("went on with {} bytes of {}", info.size, info.made_by.unwrap_or_default());
    }
    py.exec(
        "import dataclasses\n@dataclasses.dataclass\nclass Point:\n    x: int\n\
         points = [Point(n) for n in range(3)]\nnumbers = iter(range(9)); next(numbers)\n\
         open('/tmp/kept', 'w').write('content')",
    )?;
    py.snapshot()?.save(file)
}
