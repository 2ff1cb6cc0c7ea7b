//! `bench io`: file access by a compiled guest in `wasi-run`, by the same program on the host, and by `dd`.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;
use cpython::{Compiler, Progress};

/// Options of `bench io`.
#[derive(Debug, Args)]
pub(crate) struct Io {
    /// The program that runs the guest
    #[arg(long, value_name = "PATH", default_value = "target/release/wasi-run")]
    wasi_run: PathBuf,

    /// The folder to work in; /dev/shm avoids the disk
    #[arg(long, value_name = "DIR", default_value = "/dev/shm")]
    folder: PathBuf,

    /// How many MiB are written and read sequentially
    #[arg(long, value_name = "N", default_value = "1024", value_parser = clap::value_parser!(u64).range(1..))]
    mib: u64,

    /// The block size; may be repeated
    #[arg(long, value_name = "BYTES", default_values = ["4096", "65536", "1048576"])]
    block: Vec<u64>,

    /// The number of names in the listed folder; may be repeated, in rising order
    #[arg(long, value_name = "N", default_values = ["10000", "100000"])]
    list: Vec<u64>,

    /// The number of small files
    #[arg(long, value_name = "N", default_value = "10000")]
    files: u64,

    /// Measure everything this many times, in turns
    #[arg(long, value_name = "N", default_value = "3", value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
}

/// The reason why the benchmark ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IoError {
    #[error("no compiler for the guest: {0}")]
    Compiler(#[from] cpython::Error),
    #[error("cannot run '{program}': {source}")]
    Start { program: String, source: io::Error },
    #[error("'{program}' failed: {message}")]
    Failed { program: String, message: String },
    #[error("cannot work in '{folder}': {source}")]
    Folder { folder: PathBuf, source: io::Error },
    #[error(transparent)]
    Print(#[from] io::Error),
}

/// The operation that a row measures.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Operation {
    Write,
    Read,
    List,
    Files,
}

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::List => "list",
            Self::Files => "files",
        }
    }

    /// The name of the file or folder that it works on.
    fn path(self) -> &'static str {
        match self {
            Self::Write | Self::Read => "file",
            Self::List => "listed",
            Self::Files => "files",
        }
    }

    /// Whether `dd` can do it.
    fn is_for_dd(self) -> bool {
        matches!(self, Self::Write | Self::Read)
    }
}

/// The compiled guest, the same program for the host, and the folder in which both work.
struct Bench<'a> {
    wasi_run: &'a Path,
    folder: PathBuf,
}

/// Prints a line for each operation: the best times, and the guest's speed as a share of the others'.
pub(crate) fn run(options: &Io, out: &mut impl Write) -> Result<(), IoError> {
    let folder = options.folder.join(format!("python-wasm-bench-io-{}", std::process::id()));
    let in_folder = |source| IoError::Folder { folder: folder.clone(), source };
    fs::create_dir(&folder).map_err(in_folder)?;
    let bench = Bench { wasi_run: &options.wasi_run, folder: folder.clone() };
    let measured = bench.all(options, out);
    fs::remove_dir_all(&folder).map_err(in_folder)?;
    measured
}

impl Bench<'_> {
    fn all(&self, options: &Io, out: &mut impl Write) -> Result<(), IoError> {
        let compiler = cpython::compiler(&Progress::new())?;
        self.compile(&compiler, &["-target", "wasm32-wasi"], "io.wasm")?;
        self.compile(&compiler, &[], "io")?;
        writeln!(out, "seconds, the best of {}; wasi-run's speed as a share of the others'", options.rounds)?;
        writeln!(
            out,
            "{:<34} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "", "wasi-run", "host", "dd", "of host", "of dd"
        )?;
        for &block in &options.block {
            let count = (options.mib << 20) / block.max(1);
            for operation in [Operation::Write, Operation::Read] {
                let name = format!("{} {} MiB by {block} bytes", operation.name(), options.mib);
                self.row(&name, operation, block, count, options.rounds, out)?;
            }
        }
        let listed = self.folder.join(Operation::List.path());
        let in_folder = |source| IoError::Folder { folder: listed.clone(), source };
        fs::create_dir(&listed).map_err(in_folder)?;
        let mut made = 0;
        for &count in &options.list {
            while made < count {
                fs::File::create(listed.join(made.to_string())).map_err(in_folder)?;
                made += 1;
            }
            self.row(&format!("list {made} names"), Operation::List, 0, made, options.rounds, out)?;
        }
        let name = format!("{} small files", options.files);
        self.row(&name, Operation::Files, 0, options.files, options.rounds, out)
    }

    fn compile(&self, compiler: &Compiler, target: &[&str], output: &str) -> Result<(), IoError> {
        let mut command = Command::new(&compiler.zig);
        command
            .args(["cc", "-O2", "-Wall", "-Wextra", "-Werror"])
            .args(target)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/io/io.c"))
            .arg("-o")
            .arg(self.folder.join(output))
            .env("ZIG_GLOBAL_CACHE_DIR", &compiler.cache)
            .env("ZIG_LOCAL_CACHE_DIR", &compiler.cache);
        finish(command).map(drop)
    }

    /// Prints one line of the table. The programs take turns.
    fn row(
        &self,
        name: &str,
        operation: Operation,
        block: u64,
        count: u64,
        rounds: u32,
        out: &mut impl Write,
    ) -> Result<(), IoError> {
        let mut best = [f64::INFINITY; 3];
        for _ in 0..rounds {
            best[0] = best[0].min(self.guest(operation, block, count)?);
            best[1] = best[1].min(self.host(operation, block, count)?);
            if operation.is_for_dd() {
                best[2] = best[2].min(self.dd(operation, block, count)?);
            }
        }
        let [guest, host, dd] = best;
        write!(out, "{name:<34} {guest:>9.3} {host:>9.3}")?;
        if operation.is_for_dd() {
            writeln!(out, " {dd:>9.3} {:>8.0}% {:>8.0}%", host / guest * 100.0, dd / guest * 100.0)?;
        } else {
            writeln!(out, " {:>9} {:>8.0}%", "", host / guest * 100.0)?;
        }
        Ok(())
    }

    fn guest(&self, operation: Operation, block: u64, count: u64) -> Result<f64, IoError> {
        let mut command = Command::new(self.wasi_run);
        let grant = format!("{}::.", self.folder.display());
        command.args(["--max-disk", "8192", "--dir", &grant]).arg(self.folder.join("io.wasm"));
        self.timed(command, operation, block, count)
    }

    fn host(&self, operation: Operation, block: u64, count: u64) -> Result<f64, IoError> {
        let mut command = Command::new(self.folder.join("io"));
        command.current_dir(&self.folder);
        self.timed(command, operation, block, count)
    }

    /// Returns the seconds that the program reports.
    fn timed(
        &self,
        mut command: Command,
        operation: Operation,
        block: u64,
        count: u64,
    ) -> Result<f64, IoError> {
        self.clear(operation)?;
        command.args([operation.name(), operation.path(), &block.to_string(), &count.to_string()]);
        let program = command_line(&command);
        let printed = finish(command)?;
        printed.trim().parse().map_err(|_| IoError::Failed {
            program,
            message: format!("it printed {printed:?} instead of seconds"),
        })
    }

    /// Returns the seconds of a whole `dd`.
    fn dd(&self, operation: Operation, block: u64, count: u64) -> Result<f64, IoError> {
        self.clear(operation)?;
        let file = self.folder.join("file").display().to_string();
        let (from, to) = if operation == Operation::Write {
            ("/dev/zero", file.as_str())
        } else {
            (file.as_str(), "/dev/null")
        };
        let mut command = Command::new("dd");
        command.args([
            format!("if={from}"),
            format!("of={to}"),
            format!("bs={block}"),
            format!("count={count}"),
        ]);
        let start = Instant::now();
        finish(command)?;
        Ok(start.elapsed().as_secs_f64())
    }

    /// Removes the file before a write, so that each write creates it.
    fn clear(&self, operation: Operation) -> Result<(), IoError> {
        let file = self.folder.join("file");
        if operation == Operation::Write && file.exists() {
            fs::remove_file(&file).map_err(|source| IoError::Folder { folder: file.clone(), source })?;
        }
        Ok(())
    }
}

/// Runs the command and returns what it printed. If it fails, the error has its last line on standard error.
fn finish(mut command: Command) -> Result<String, IoError> {
    let program = command_line(&command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|source| IoError::Start { program: program.clone(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let message = errors.lines().last().unwrap_or_default().to_owned();
    Err(IoError::Failed { program, message })
}

/// Returns the command line, for messages.
fn command_line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
