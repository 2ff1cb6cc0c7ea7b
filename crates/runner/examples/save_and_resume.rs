//! Saves a session to a file and resumes it later, with its variables, its open files and its folder.
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs;

use python_wasm::{Mount, Python};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("python-wasm-resume-{}", std::process::id()));
    fs::create_dir(&folder)?;
    fs::write(folder.join("input.txt"), "one\ntwo\nthree\n")?;
    let file = folder.join("session.snap");

    {
        let mut py = Python::builder().mount("/data", Mount::read_only(&folder)?).build()?;
        py.exec(
            "words = open('/data/input.txt').read().split()\n\
             log = open('/tmp/log', 'w+')\n\
             print('begun', file=log, flush=True)\n\
             def shout(): return [word.upper() for word in words]",
        )?;
        py.snapshot()?.save(&file)?;
        println!("saved {} bytes", fs::metadata(&file)?.len());
    }

    // This could be another process, or another machine. Everything that was in memory comes from the file;
    // the folder is granted again.
    let mut py = Python::builder().mount("/data", Mount::read_only(&folder)?).resume(&file)?;
    assert_eq!(py.eval::<Vec<String>>("shout()")?, ["ONE", "TWO", "THREE"]);
    py.exec("print('resumed', file=log, flush=True)\nlog.seek(0)\ntext = log.read()")?;
    assert_eq!(py.get::<String>("text")?, "begun\nresumed\n");
    assert_eq!(py.eval::<i64>("len(open('/data/input.txt').readlines())")?, 3);
    println!("resumed: {}", py.repr("shout()")?);

    fs::remove_dir_all(folder)?;
    Ok(())
}
