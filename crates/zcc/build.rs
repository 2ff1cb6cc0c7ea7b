//! Makes the library that `zcc` links into every program: the recipe's functions of libc and our own.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cpython::{Compiler, Progress};

/// They stand before those of the C library.
const HEADERS: [&str; 4] = ["stdio.h", "stdlib.h", "sys/stat.h", "unistd.h"];

fn main() -> ExitCode {
    for path in ["build.rs", "guest"] {
        println!("cargo::rerun-if-changed={path}");
    }
    for path in cpython::inputs_of("libc") {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    for variable in cpython::VARIABLES {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    match make(&out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.to_string().lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Writes `objects.rs`, which embeds each object under its name.
fn make(out: &Path) -> Result<(), Box<dyn Error>> {
    let compiler = cpython::compiler(&Progress::new())?;
    let mut embedded = String::from("[\n");
    for object in &compiler.libc {
        let name = object.file_name().unwrap_or_default().to_string_lossy();
        embed(object, &name, &mut embedded)?;
    }
    for (source, language) in [("cwd.c", "cc"), ("posix.c", "cc"), ("throw.cc", "c++")] {
        let name = Path::new(source).with_extension("o");
        let object = out.join(&name);
        let mut compile = zig(&compiler, language);
        compile.args(["-target", "wasm32-wasi", "-O2", "-g0", "-Wall", "-Wextra", "-fno-exceptions"]);
        compile.args(["-D_WASI_EMULATED_GETPID", "-I", "guest/include", "-ffunction-sections", "-c"]);
        compile.arg(Path::new("guest").join(source)).arg("-o").arg(&object);
        run(&mut compile)?;
        embed(&object, &name.to_string_lossy(), &mut embedded)?;
    }
    for name in HEADERS {
        embed(&Path::new("guest/include").join(name), &format!("include/{name}"), &mut embedded)?;
    }
    embedded += "]\n";
    fs::write(out.join("objects.rs"), embedded)?;
    Ok(())
}

/// Adds the line of a file to the list.
fn embed(path: &Path, name: &str, list: &mut String) -> Result<(), Box<dyn Error>> {
    writeln!(list, "    ({name:?}, include_bytes!({:?})),", path.canonicalize()?.to_string_lossy())?;
    Ok(())
}

fn zig(compiler: &Compiler, command: &str) -> Command {
    let mut zig = Command::new(&compiler.zig);
    zig.arg(command);
    for variable in ["ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"] {
        zig.env(variable, &compiler.cache);
    }
    zig
}

fn run(command: &mut Command) -> Result<(), Box<dyn Error>> {
    let ended = command.output()?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&ended.stderr)).into())
}
