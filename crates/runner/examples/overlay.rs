//! Mounts a folder as an overlay: a program's changes stay apart until they are reviewed, then some are
//! committed.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs;

use python_wasm::{ChangeKind, Mount, Python};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("python-wasm-overlay-{}", std::process::id()));
    fs::create_dir(&folder)?;
    fs::write(folder.join("notes.txt"), "buy apples\n")?;
    fs::write(folder.join("secret.txt"), "not to be touched\n")?;

    let mut py = Python::builder().mount("/project", Mount::overlay(&folder)?).build()?;
    py.exec("open('/project/notes.txt', 'a').write('buy pears\\n')")?;
    println!("committed: {}", review(&py)?);
    py.exec("import os; os.remove('/project/secret.txt')")?;
    println!("committed: {}", review(&py)?);

    assert_eq!(fs::read_to_string(folder.join("notes.txt"))?, "buy apples\nbuy pears\n");
    assert!(folder.join("secret.txt").exists());
    assert!(py.eval::<bool>("os.path.exists('/project/secret.txt')")?);
    fs::remove_dir_all(folder)?;
    Ok(())
}

/// Commits the changes, or discards them if they remove something. Returns whether they were committed.
fn review(py: &Python) -> Result<bool, python_wasm::Error> {
    let changes = py.files("/project").diff()?;
    for change in &changes {
        println!("{:?} {}", change.kind, change.path);
    }
    let good = changes.iter().all(|change| change.kind != ChangeKind::Removed);
    if good {
        py.files("/project").commit()?;
    } else {
        py.files("/project").discard()?;
    }
    Ok(good)
}
