//! Runs every package of docs/packages.md and prints the rows of its table:
//! `cargo run --release -p python-wasm-tests --bin packages`. With names behind it, those alone.

use std::process::ExitCode;

use python_wasm_tests::packages;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]
fn main() -> ExitCode {
    let mut status = ExitCode::SUCCESS;
    println!("| package | version | asked for | works |\n|---|---|---|---|");
    let names: Vec<String> = std::env::args().skip(1).collect();
    for package in packages::all() {
        if !names.is_empty() && !names.contains(&package.name) {
            continue;
        }
        let result = match package.run() {
            Ok(()) if package.works() => "yes".to_owned(),
            Ok(()) => "no: it needs native code".to_owned(),
            Err(difference) => {
                eprintln!("{difference}");
                status = ExitCode::FAILURE;
                "**not as expected**".to_owned()
            }
        };
        let version = packages::version(&package.name);
        println!("| {} | {version} | {} | {result} |", package.name, package.purpose);
    }
    status
}
