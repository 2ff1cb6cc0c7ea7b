//! The command line of `bench`.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::call::{self, Call, CallError};
use crate::collection::{self, Plan};
use crate::fork::{self, Fork, ForkError};
use crate::interrupt::Interrupt;
use crate::io::{Io, IoError};
use crate::peers::{self, Peers, PeersError};
use crate::python::{self, Python};
use crate::report::{json::json, plain::plain, svg::svg, table};
use crate::results::{Metric, Results};
use crate::startup::{self, Gate};

/// Measure Pythons side by side, interleaved
#[derive(Debug, Parser)]
#[command(name = "bench", version, arg_required_else_help = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the collection of 60 benchmarks, each with its checksum
    Run(Run),
    /// Measure start-up: CPU time, wall time and memory of `-c pass`, of common imports and to the first prompt
    Startup(Startup),
    /// Measure snapshots, forks and many sandboxes at once, through the library
    Fork(Fork),
    /// Measure requests to a warm sandbox, and functions of the host, through the library
    Call(Call),
    /// Measure file access: sequential blocks and many small files, by a compiled guest, by the host and by dd
    Io(Io),
    /// Measure this project beside others that run Python in a sandbox, and print tables in Markdown
    Peers(Peers),
    /// Serve `peers` with the library in Rust
    #[command(hide = true)]
    PeerDriver,
}

#[derive(Debug, Args)]
struct Common {
    /// A Python to measure; give it again for each further column
    ///
    /// COMMAND may have arguments, quoted as in a shell; {collection} in it stands for the folder of the
    /// benchmarks. The others are compared with the first one.
    #[arg(long = "python", value_name = "[LABEL=]COMMAND", default_value = "python3")]
    pythons: Vec<Python>,

    /// Stop a process that takes longer than this
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    timeout: Duration,

    /// Also write all measurements to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    common: Common,

    /// Do this share of the work of each benchmark: above 0, at most 1
    #[arg(long, value_name = "PART", default_value = "1", value_parser = scale)]
    scale: f64,

    /// The same as --scale 0.01
    #[arg(long, conflicts_with = "scale")]
    quick: bool,

    /// Only benchmarks whose name contains this, or the one with this name
    #[arg(long, value_name = "PATTERN", default_value = "", hide_default_value = true)]
    only: String,

    /// Measure everything this many times
    #[arg(long, value_name = "N", default_value = "3", value_parser = rounds())]
    rounds: u32,

    /// Command to compare
    #[arg(long, value_enum, default_value = "time")]
    metric: Metric,

    /// How to print the results
    #[arg(long, value_enum, default_value = "table")]
    format: Format,

    /// Draw the ratios to the first Python to this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Startup {
    #[command(flatten)]
    common: Common,

    /// Measure everything this many times
    #[arg(long, value_name = "N", default_value = "20", value_parser = rounds())]
    rounds: u32,

    /// Status 1 if a median of CPU time is above this; PROGRAM is pass, imports or prompt
    #[arg(long, value_name = "[PROGRAM=]MS")]
    max_cpu_ms: Vec<Gate>,

    /// Status 1 if a median of peak memory is above this; PROGRAM is pass, imports or prompt
    #[arg(long, value_name = "[PROGRAM=]MIB")]
    max_rss_mib: Vec<Gate>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Medians, spread and ratios side by side
    Table,
    /// As the collection itself prints, one Python after another
    Plain,
}

const QUICK: f64 = 0.01;

/// The reason why nothing can be measured or reported.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("--svg draws ratios to the first Python: give --python at least twice")]
    NothingToDraw,
    #[error("no Python could be measured")]
    NoPython,
    #[error("interrupted before anything was measured")]
    Interrupted,
    #[error("the collection is not in '{0}': run the harness from its checkout")]
    NoCollection(PathBuf),
    #[error("cannot write '{path}': {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("cannot print: {0}")]
    Print(io::Error),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(transparent)]
    Fork(#[from] ForkError),
    #[error(transparent)]
    Io(#[from] IoError),
    #[error(transparent)]
    Peers(#[from] PeersError),
    #[error("cannot handle Ctrl-C: {0}")]
    Signals(#[from] ctrlc::Error),
}

/// Runs the command line `arguments`, the program's name first.
///
/// Returns status 0 if everything was measured and within its limits, 1 if something failed or exceeded a
/// limit, 2 for a wrong argument, and 130 after Ctrl-C, which still reports what was measured.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => {
            // A reader that has seen enough of the help is not an error.
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            complain(&usage_line(&error));
            return ExitCode::from(2);
        }
    };
    let outcome = match cli.command {
        Command::Run(run) => run_collection(run),
        Command::Startup(startup) => run_startup(startup),
        Command::Io(options) => crate::io::run(&options, &mut io::stdout().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(Error::from),
        Command::Peers(options) => run_peers(&options),
        Command::PeerDriver => peers::serve(io::stdin().lock(), io::stdout().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(Error::Print),
        Command::Fork(options) => {
            fork::run(&options, &mut io::stdout().lock()).map(|()| ExitCode::SUCCESS).map_err(Error::from)
        }
        Command::Call(options) => {
            call::run(&options, &mut io::stdout().lock()).map(|()| ExitCode::SUCCESS).map_err(Error::from)
        }
    };
    match outcome {
        Ok(code) => code,
        // A reader such as `head` has seen enough.
        Err(
            Error::Print(error)
            | Error::Call(CallError::Print(error))
            | Error::Fork(ForkError::Print(error))
            | Error::Io(IoError::Print(error))
            | Error::Peers(PeersError::Print(error)),
        ) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::from(match error {
                Error::NothingToDraw => 2,
                Error::Interrupted | Error::Peers(PeersError::Interrupted) => 130,
                _ => 1,
            })
        }
    }
}

fn run_collection(mut run: Run) -> Result<ExitCode, Error> {
    let folder = collection::folder();
    if !folder.join("all.py").is_file() {
        return Err(Error::NoCollection(folder.to_owned()));
    }
    if run.svg.is_some() && run.common.pythons.len() < 2 {
        return Err(Error::NothingToDraw);
    }
    for path in run.svg.iter().chain(&run.common.json) {
        check_writable(path)?;
    }
    python::tell_apart(&mut run.common.pythons);
    let plan = Plan {
        scale: if run.quick { QUICK } else { run.scale },
        only: run.only,
        rounds: run.rounds,
        limit: run.common.timeout,
    };
    let results = collection::run(&run.common.pythons, &plan, &Interrupt::on_signals()?);
    complain_about_columns(&results)?;
    let text = match run.format {
        Format::Table => {
            let title = table::title(&results, run.metric, "the collection");
            table::table(&results, run.metric, &title, true)
        }
        Format::Plain => plain(&results, run.metric),
    };
    print(&text)?;
    complain_about_cells(&results);
    write_json(run.common.json.as_deref(), &results, run.metric)?;
    if let Some(path) = &run.svg {
        match svg(&results, run.metric) {
            Some(text) => write_file(path, &text)?,
            None => complain("no picture: nothing was measured to compare"),
        }
    }
    Ok(exit_code(&results, false))
}

fn run_startup(mut startup: Startup) -> Result<ExitCode, Error> {
    if let Some(path) = &startup.common.json {
        check_writable(path)?;
    }
    python::tell_apart(&mut startup.common.pythons);
    let common = &startup.common;
    let interrupt = Interrupt::on_signals()?;
    let results = startup::run(&common.pythons, startup.rounds, common.timeout, &interrupt);
    complain_about_columns(&results)?;
    let tables = startup::METRICS
        .map(|metric| table::table(&results, metric, &table::title(&results, metric, "start-up"), false));
    print(&tables.join("\n"))?;
    complain_about_cells(&results);
    write_json(common.json.as_deref(), &results, Metric::Cpu)?;

    let mut exceeded = startup::exceeded(&results, Metric::Cpu, "--max-cpu-ms", &startup.max_cpu_ms);
    exceeded.extend(startup::exceeded(&results, Metric::Memory, "--max-rss-mib", &startup.max_rss_mib));
    for line in &exceeded {
        complain(line);
    }
    Ok(exit_code(&results, !exceeded.is_empty()))
}

/// Returns status 1 if a peer is not there or failed, after the tables of the others.
fn run_peers(options: &Peers) -> Result<ExitCode, Error> {
    let lines = peers::run(options, &Interrupt::on_signals()?, &mut io::stdout().lock())?;
    for line in &lines {
        complain(line);
    }
    Ok(if lines.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn exit_code(results: &Results, exceeded: bool) -> ExitCode {
    if results.interrupted {
        ExitCode::from(130)
    } else if exceeded || !results.all_went_well() {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}

/// Prints a line for each Python that was left out. An error if all were.
fn complain_about_columns(results: &Results) -> Result<(), Error> {
    if results.interrupted && results.live().is_empty() {
        return Err(Error::Interrupted);
    }
    for column in &results.columns {
        if let Err(failure) = &column.about {
            complain(&format!("{}: {failure}", column.label));
        }
    }
    if results.live().is_empty() { Err(Error::NoPython) } else { Ok(()) }
}

fn complain_about_cells(results: &Results) {
    for (column, row, failure) in results.failures() {
        complain(&format!("{}: {row}: {failure}", column.label));
    }
}

fn write_json(path: Option<&Path>, results: &Results, metric: Metric) -> Result<(), Error> {
    path.map_or(Ok(()), |path| write_file(path, &format!("{:#}\n", json(results, metric))))
}

/// Checks, before minutes of measuring, that a file can be written. Does not change its content.
fn check_writable(path: &Path) -> Result<(), Error> {
    let opened = OpenOptions::new().append(true).create(true).open(path);
    opened.map(drop).map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn write_file(path: &Path, text: &str) -> Result<(), Error> {
    fs::write(path, text).map_err(|source| Error::Write { path: path.to_owned(), source })
}

fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::Print)
}

/// Prints one line on standard error. If that is closed, nobody is there to read it.
fn complain(line: &str) {
    let _ = writeln!(io::stderr().lock(), "bench: {line}");
}

/// Returns clap's message as one line, without its advice.
fn usage_line(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let message = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = message.split_whitespace().collect();
    let line = words.join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if scale > 0.0 && scale <= 1.0 => Ok(scale),
        _ => Err("a scale is a number above 0 and at most 1".to_owned()),
    }
}

pub(crate) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a time is a number of seconds above 0".to_owned())
}

pub(crate) fn rounds() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(1..=10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(arguments: &[&str]) -> String {
        let arguments = ["bench"].iter().chain(arguments);
        usage_line(&Cli::try_parse_from(arguments).unwrap_err())
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_argument_is_one_line_that_names_the_value() {
        for value in ["0", "-1", "nan", "inf", "1.1", "x"] {
            assert_eq!(
                complaint(&["run", &format!("--scale={value}")]),
                format!(
                    "invalid value '{value}' for '--scale <PART>': \
                     a scale is a number above 0 and at most 1"
                )
            );
        }
        assert_eq!(
            complaint(&["run", "--rounds", "0"]),
            "invalid value '0' for '--rounds <N>': 0 is not in 1..=10000"
        );
        assert_eq!(
            complaint(&["startup", "--max-cpu-ms", "x=1"]),
            "invalid value 'x=1' for '--max-cpu-ms <[PROGRAM=]MS>': \
             no program 'x': the programs are pass, imports, prompt"
        );
        assert_eq!(complaint(&["walk"]), "unrecognized subcommand 'walk'");
    }

    #[test]
    fn a_time_limit_is_a_positive_number_of_seconds() {
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        for text in ["0", "-1", "nan", "inf", "1e300", ""] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
