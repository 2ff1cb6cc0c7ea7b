//! `cargo run --release -p python-wasm-dist`: makes archives and wheels in `target/dist/out`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it is a program")]

use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

use python_wasm_dist::{Error, Target, Workspace, archive, wheel, write_sums};

const HELP: &str = "\
Makes what is installed of python-wasm, in target/dist/out.

usage: cargo run --release -p python-wasm-dist -- [--archives] [--wheels] [TARGET...]

  --archives   the programs, with manual pages and completions: python-wasm-VERSION-TARGET.tar.xz
  --wheels     the wheels for pip

Without either both are made, and without a TARGET all that can be made on this machine:
";

/// What a command line asks for.
struct Wanted {
    archives: bool,
    wheels: bool,
    targets: Vec<Target>,
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word == "-h" || word == "--help") {
        print!("{HELP}");
        Target::of_this_machine().for_each(|target| println!("  {}", target.triple));
        return ExitCode::SUCCESS;
    }
    let wanted = match read(&words) {
        Ok(wanted) => wanted,
        Err(message) => {
            eprintln!("dist: {message}");
            return ExitCode::from(2);
        }
    };
    match make(&wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dist: {error}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: &[String]) -> Result<Wanted, String> {
    let mut wanted = Wanted { archives: false, wheels: false, targets: Vec::new() };
    for word in words {
        match word.as_str() {
            "--archives" => wanted.archives = true,
            "--wheels" => wanted.wheels = true,
            option if option.starts_with('-') => {
                return Err(format!("unknown option {option}; --help lists them"));
            }
            triple => wanted.targets.push(Target::named(triple)?),
        }
    }
    if !wanted.archives && !wanted.wheels {
        (wanted.archives, wanted.wheels) = (true, true);
    }
    if wanted.targets.is_empty() {
        wanted.targets.extend(Target::of_this_machine());
    }
    Ok(wanted)
}

/// Makes everything, and says of each file where it is, how large it is, and how long it took.
fn make(wanted: &Wanted) -> Result<(), Error> {
    let workspace = Workspace::open()?;
    let folder = workspace.target.join("out");
    fs::create_dir_all(&folder)?;
    for &target in &wanted.targets {
        let steps =
            [(wanted.archives && target.has_archive, archive as fn(&_, _, &_) -> _), (wanted.wheels, wheel)];
        for (_, step) in steps.into_iter().filter(|(is_wanted, _)| *is_wanted) {
            let started = Instant::now();
            let path = step(&workspace, target, &folder)?;
            let tenths = fs::metadata(&path)?.len() / 100_000;
            let megabytes = format!("{}.{}", tenths / 10, tenths % 10);
            println!("{} ({megabytes} MB, {} s)", path.display(), started.elapsed().as_secs());
        }
    }
    println!("{}", write_sums(&folder)?.display());
    Ok(())
}
