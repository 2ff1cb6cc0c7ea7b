//! `bench peers`: the same tasks by this project and by others that run Python in a sandbox, interleaved.
//!
//! Each peer has a driver, a small program in its own language that makes the calls, measures them, and answers
//! requests line by line (`crates/bench/peers/driver.py`). What a process costs is measured from outside.

mod install;
mod list;
mod markdown;
mod own;
mod rows;
mod session;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use cpython::Cache;

pub(crate) use self::own::serve;

use self::install::Place;
use self::list::{PEERS, Peer};
use self::rows::{Kind, ROWS, Row};
use self::session::Session;
use crate::failure::Failure;
use crate::interleave::interleave;
use crate::interrupt::Interrupt;
use crate::results::{Column, Metric, Results, Sample};
use crate::statistics::summarise;

/// Options of `bench peers`.
#[derive(Debug, Args)]
pub(crate) struct Peers {
    /// Measure everything this many times; memory and sizes once
    #[arg(long, value_name = "N", default_value = "5", value_parser = crate::cli::rounds())]
    rounds: u32,

    /// Only this peer; give it again for each further one
    #[arg(long, value_name = "PEER", value_parser = clap::builder::PossibleValuesParser::new(PEERS.iter().map(|peer| peer.name)))]
    only: Vec<String>,

    /// Install what is not there yet, by pip and npm, before measuring
    #[arg(long)]
    install: bool,

    /// The folder of what is installed [default: peers in the cache of CPython's build]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The Python that peers with an API in Python are installed for and run by; pyeryx needs 3.12
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    python: PathBuf,

    /// This project's wheel, for --install [default: the newest in target/wheels]
    #[arg(long, value_name = "FILE")]
    wheel: Option<PathBuf>,

    /// This project's npm package, for --install [default: the newest in target/npm]
    #[arg(long, value_name = "FILE")]
    package: Option<PathBuf>,

    /// Stop a peer that does not answer a request for this long
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = crate::cli::seconds)]
    timeout: Duration,
}

/// The reason why the benchmark ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PeersError {
    #[error(transparent)]
    Cache(#[from] cpython::Error),
    #[error("cannot use '{path}': {source}")]
    Folder { path: PathBuf, source: io::Error },
    #[error("no peer could be measured")]
    NoPeer,
    #[error("interrupted")]
    Interrupted,
    #[error(transparent)]
    Print(#[from] io::Error),
}

/// Measures all peers that are there and prints a table for each kind of host.
///
/// Returns a line for each peer that is not there and for each measurement that failed. After Ctrl-C it prints what was
/// measured, and fails.
pub(crate) fn run(
    options: &Peers,
    interrupt: &Interrupt,
    out: &mut impl Write,
) -> Result<Vec<String>, PeersError> {
    let folder = match &options.folder {
        Some(folder) => std::path::absolute(folder)
            .map_err(|source| PeersError::Folder { path: folder.clone(), source })?,
        None => Cache::of_user()?.root().join("peers"),
    };
    let place = Place::new(folder, options.python.clone());
    let mut lines = Vec::new();
    let mut peers = Vec::new();
    for peer in PEERS.iter().filter(|peer| wanted(peer, &options.only)) {
        let there = if options.install {
            place.install(peer, options.wheel.as_deref(), options.package.as_deref())
        } else {
            place.check(peer)
        };
        match there {
            Ok(()) => peers.push(peer),
            Err(reason) => lines.push(format!("{}: {reason}", peer.name)),
        }
        if interrupt.is_set() {
            return Err(PeersError::Interrupted);
        }
    }
    let mut bench = Bench {
        place: &place,
        limit: options.timeout,
        interrupt,
        sessions: HashMap::new(),
        once: HashMap::new(),
    };
    let (results, calls) = bench.measure(&peers, options.rounds);
    drop(bench);
    place.clean();
    for column in &results.columns {
        if let Err(failure) = &column.about {
            lines.push(format!("{}: {failure}", column.label));
        }
    }
    if results.interrupted && results.live().is_empty() {
        return Err(PeersError::Interrupted);
    }
    if results.live().is_empty() {
        for line in lines {
            let _ = writeln!(io::stderr(), "bench: {line}");
        }
        return Err(PeersError::NoPeer);
    }
    markdown::print(&results, &peers, &calls, out)?;
    if results.interrupted {
        return Err(PeersError::Interrupted);
    }
    lines.extend(
        results
            .failures()
            .filter(|(.., failure)| !matches!(failure, Failure::Absent(_)))
            .map(|(column, row, failure)| format!("{}: {row}: {failure}", column.label)),
    );
    Ok(lines)
}

fn wanted(peer: &Peer, only: &[String]) -> bool {
    only.is_empty() || only.iter().any(|name| name == peer.name)
}

/// The limit for a peer that compiles its module, which it does once.
const COMPILING: Duration = Duration::from_mins(20);

/// What a driver calls, by its own words, for each group of rows.
type Calls = BTreeMap<String, String>;

struct Bench<'a> {
    place: &'a Place,
    limit: Duration,
    interrupt: &'a Interrupt,
    /// The process of each column that stays for the warm rows.
    sessions: HashMap<usize, Session>,
    /// What was measured of rows that are measured once.
    once: HashMap<(usize, usize), Sample>,
}

impl Bench<'_> {
    /// Asks each peer who it is, which also fills its caches, and then measures all rows.
    fn measure(&mut self, peers: &[&Peer], rounds: u32) -> (Results, Vec<Calls>) {
        let mut calls = Vec::new();
        let columns = peers
            .iter()
            .map(|peer| {
                let asked = self.introduce(peer);
                let about = asked.map(|(about, called)| {
                    calls.push(called);
                    about
                });
                if about.is_err() {
                    calls.push(Calls::new());
                }
                Column { label: peer.name.to_owned(), command_line: String::new(), about }
            })
            .collect();
        let names = ROWS.iter().map(|row| row.title.to_owned()).collect();
        let mut results = Results::new(names, columns, rounds, None);
        interleave(&mut results, self.interrupt, |row, column| self.cell(peers[column], row, column));
        // An interrupt may also have come while the peers were asked who they are.
        results.interrupted = self.interrupt.is_set();
        (results, calls)
    }

    fn introduce(&self, peer: &Peer) -> Result<(String, Calls), Failure> {
        let mut session = self.start(peer)?;
        let about = session.about(COMPILING, self.interrupt)?;
        session.ask(ROWS[0].task, &ROWS[0], 1, COMPILING, self.interrupt)?;
        Ok(about)
    }

    fn start(&self, peer: &Peer) -> Result<Session, Failure> {
        Session::start(&mut self.place.command(peer)?)
    }

    fn cell(&mut self, peer: &Peer, row: usize, column: usize) -> Result<Sample, Failure> {
        let row_of_table = &ROWS[row];
        if !row_of_table.hosts.contains(&peer.host) {
            return Err(Failure::Absent(String::new()));
        }
        if let Some(sample) = self.once.get(&(row, column)) {
            return Ok(sample.clone());
        }
        let sample = match row_of_table.kind {
            Kind::First => self.first(peer, row_of_table),
            Kind::Fresh => {
                let mut session = self.start(peer)?;
                session.ask("hold", &ROWS[0], 1, self.limit, self.interrupt)?;
                self.times(&mut session, row_of_table)
            }
            Kind::Warm => {
                let mut session = match self.sessions.remove(&column) {
                    Some(session) => session,
                    None => self.start(peer)?,
                };
                let sample = self.times(&mut session, row_of_table);
                self.sessions.insert(column, session);
                sample
            }
            Kind::Each { count } => self.each(peer, row_of_table, count),
            Kind::Process { count } => {
                let mut session = self.start(peer)?;
                session.ask(row_of_table.task, row_of_table, count, self.limit, self.interrupt)?;
                Ok(Sample::from([(Metric::Memory, mebibytes(session.private_memory()))]))
            }
            Kind::Download => self.place.download_size(peer).map(size),
            Kind::Installed => self.place.installed_size(peer).map(size),
        }?;
        if row_of_table.kind.is_measured_once() {
            self.once.insert((row, column), sample.clone());
        }
        Ok(sample)
    }

    /// From the start of the process to the answer.
    fn first(&self, peer: &Peer, row: &Row) -> Result<Sample, Failure> {
        let start = Instant::now();
        let mut session = self.start(peer)?;
        session.ask(row.task, row, 1, self.limit, self.interrupt)?;
        let time = start.elapsed().as_secs_f64() * 1e3;
        Ok(Sample::from([(Metric::Time, time), (Metric::Cpu, session.cpu_ms())]))
    }

    fn times(&self, session: &mut Session, row: &Row) -> Result<Sample, Failure> {
        let before = session.cpu_ms();
        let times = session.ask(row.task, row, row.repeats, self.limit, self.interrupt)?;
        let cpu = (session.cpu_ms() - before) / times.len().max(1) as f64;
        let Some(summary) = summarise(&times) else {
            return Err(Failure::reported("the driver measured nothing"));
        };
        Ok(Sample::from([(Metric::Time, summary.median), (Metric::Cpu, cpu)]))
    }

    /// The memory of each further one of `count` sandboxes.
    fn each(&self, peer: &Peer, row: &Row, count: u32) -> Result<Sample, Failure> {
        let mut session = self.start(peer)?;
        session.ask(row.task, row, 1, self.limit, self.interrupt)?;
        let one = session.private_memory();
        session.ask(row.task, row, count - 1, self.limit, self.interrupt)?;
        let each = session.private_memory().saturating_sub(one) / u64::from(count - 1);
        Ok(Sample::from([(Metric::Memory, mebibytes(each))]))
    }
}

fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

fn size(bytes: u64) -> Sample {
    Sample::from([(Metric::Memory, bytes as f64 / 1e6)])
}
