//! Support for the tests of python-wasm as a whole: its binaries, a way to run them that never hangs, a
//! compiler for guests, and what the documents show.

pub mod binary;
pub mod guest;
pub mod packages;
pub mod program;
pub mod transcript;

pub use program::{Outcome, Program};

use std::fs;
use std::path::PathBuf;

/// Returns a folder beside the tests' executables that is kept from run to run.
pub fn scratch(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    // target/<profile>/deps/<test>
    let target = test.ancestors().nth(3).expect("tests are run by cargo");
    let folder = target.join("tmp/python-wasm-tests").join(name);
    fs::create_dir_all(&folder).expect("a folder for the tests' files");
    folder
}
