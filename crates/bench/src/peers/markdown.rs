//! The report: a table in Markdown for each kind of host, what each peer called, and why cells are empty.

use std::fs;
use std::io::{self, Write};
use std::thread;

use super::Calls;
use super::list::{Host, Peer};
use super::rows::{ROWS, Unit};
use crate::failure::Failure;
use crate::report::figure;
use crate::results::{Metric, Results};

/// Prints everything to `out`.
pub(crate) fn print(
    results: &Results,
    peers: &[&Peer],
    calls: &[Calls],
    out: &mut impl Write,
) -> io::Result<()> {
    writeln!(out, "{}\n", machine(results.rounds))?;
    for host in [Host::Python, Host::Node] {
        let columns: Vec<usize> =
            results.live().into_iter().filter(|&column| peers[column].host == host).collect();
        if !columns.is_empty() {
            table(results, host, &columns, out)?;
            notes(results, host, &columns, calls, out)?;
        }
    }
    Ok(())
}

/// Returns what of this machine matters to the figures.
fn machine(rounds: u32) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let kernel = kernel.trim().split('-').next().unwrap_or_default();
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let rounds = if rounds == 1 { "One round".to_owned() } else { format!("Medians of {rounds} rounds") };
    format!("{rounds}, {processors} processors, Linux {kernel}, load {load}.")
}

fn table(results: &Results, host: Host, columns: &[usize], out: &mut impl Write) -> io::Result<()> {
    let labels: Vec<&str> = columns.iter().map(|&column| about(results, column)).collect();
    writeln!(out, "| | {} | unit |", labels.join(" | "))?;
    writeln!(out, "|---|{}---|", "---|".repeat(columns.len()))?;
    for (row, described) in ROWS.iter().enumerate().filter(|(_, row)| row.hosts.contains(&host)) {
        let cells: Vec<String> =
            columns.iter().map(|&column| cell(results, row, column, described.unit)).collect();
        writeln!(out, "| {} | {} | {} |", described.title, cells.join(" | "), unit(described.unit))?;
    }
    writeln!(out)
}

fn about(results: &Results, column: usize) -> &str {
    results.columns[column].about.as_deref().unwrap_or_default()
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Milliseconds => "ms",
        Unit::MillisecondsAndCpu => "ms (processor time)",
        Unit::Microseconds => "µs",
        Unit::PerSecond => "a second",
        Unit::Mebibytes => "MiB",
        Unit::Megabytes => "MB",
    }
}

fn cell(results: &Results, row: usize, column: usize, unit: Unit) -> String {
    let median = |metric| Some(results.summary(row, column, metric)?.median);
    let figures = match unit {
        Unit::Milliseconds => median(Metric::Time).map(figure),
        Unit::MillisecondsAndCpu => median(Metric::Time).zip(median(Metric::Cpu)).map(|(time, cpu)| {
            // It is counted in steps of 10 ms.
            let cpu = if cpu > 0.0 { figure(cpu) } else { "<10".to_owned() };
            format!("{} ({cpu})", figure(time))
        }),
        Unit::Microseconds => median(Metric::Time).map(|ms| figure(ms * 1e3)),
        Unit::PerSecond => median(Metric::Time).map(|ms| format!("{:.0}", 1e3 / ms)),
        Unit::Mebibytes | Unit::Megabytes => median(Metric::Memory).map(figure),
    };
    let empty = match &results.cell(row, column).failure {
        Some(Failure::Absent(_)) => "none",
        Some(_) => "failed",
        None => "",
    };
    figures.unwrap_or_else(|| empty.to_owned())
}

fn notes(
    results: &Results,
    host: Host,
    columns: &[usize],
    calls: &[Calls],
    out: &mut impl Write,
) -> io::Result<()> {
    for &column in columns {
        let mut parts: Vec<String> =
            calls[column].iter().map(|(what, called)| format!("{what}: {called}")).collect();
        for (row, described) in ROWS.iter().enumerate().filter(|(_, row)| row.hosts.contains(&host)) {
            if let Some(failure @ Failure::Absent(_)) = &results.cell(row, column).failure {
                parts.push(format!("no {}: {failure}", described.title));
            }
        }
        writeln!(out, "- **{}**: {}", about(results, column), parts.join("; "))?;
    }
    writeln!(out)
}
