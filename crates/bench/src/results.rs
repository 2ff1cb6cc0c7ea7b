//! The results: a row for each benchmark, a column for each Python, and samples in each cell.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::process::Usage;
use crate::statistics::{Summary, geometric_mean, summarise};

/// The kind of a figure. A sample holds any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Metric {
    /// The time on the benchmark's own clock, without start-up
    Time,
    /// User and system time of the whole process
    Cpu,
    /// Time from the start of the process to its end
    Wall,
    /// Largest resident set of the process
    Memory,
}

impl Metric {
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Time | Self::Cpu | Self::Wall => "ms",
            Self::Memory => "MiB",
        }
    }

    /// Its name in a title.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Cpu => "CPU time of the process",
            Self::Wall => "wall time of the process",
            Self::Memory => "peak memory of the process",
        }
    }

    /// Its name in a JSON file.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Time => "time_ms",
            Self::Cpu => "cpu_ms",
            Self::Wall => "wall_ms",
            Self::Memory => "peak_memory_mib",
        }
    }
}

/// The figures of one process.
pub(crate) type Sample = BTreeMap<Metric, f64>;

/// Returns the figures of a whole process.
pub(crate) fn cost(usage: Usage) -> Sample {
    Sample::from([
        (Metric::Cpu, usage.cpu.as_secs_f64() * 1e3),
        (Metric::Wall, usage.wall.as_secs_f64() * 1e3),
        (Metric::Memory, usage.peak_memory as f64 / f64::from(1 << 20)),
    ])
}

/// One Python.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) label: String,
    pub(crate) command_line: String,
    /// Its implementation and version, or the reason why it was left out.
    pub(crate) about: Result<String, Failure>,
}

/// The measurements of one Python in one row.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    pub(crate) samples: Vec<Sample>,
    /// Once set, the cell is not measured again, and its samples do not count.
    pub(crate) failure: Option<Failure>,
}

/// The results of one run.
#[derive(Debug)]
pub(crate) struct Results {
    pub(crate) rows: Vec<String>,
    pub(crate) columns: Vec<Column>,
    /// One per row and column.
    cells: Vec<Vec<Cell>>,
    /// How often each cell should be measured.
    pub(crate) rounds: u32,
    /// The share of the full work that each benchmark did, where that applies.
    pub(crate) scale: Option<f64>,
    /// Whether the user interrupted the run.
    pub(crate) interrupted: bool,
}

impl Results {
    pub(crate) fn new(rows: Vec<String>, columns: Vec<Column>, rounds: u32, scale: Option<f64>) -> Self {
        let cells = rows.iter().map(|_| columns.iter().map(|_| Cell::default()).collect()).collect();
        Self { rows, columns, cells, rounds, scale, interrupted: false }
    }

    pub(crate) fn cell(&self, row: usize, column: usize) -> &Cell {
        &self.cells[row][column]
    }

    pub(crate) fn cell_mut(&mut self, row: usize, column: usize) -> &mut Cell {
        &mut self.cells[row][column]
    }

    /// Returns the columns whose Python could be started.
    pub(crate) fn live(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|&column| self.columns[column].about.is_ok()).collect()
    }

    /// Returns the first live column, with which the others are compared.
    pub(crate) fn baseline(&self) -> Option<usize> {
        self.live().first().copied()
    }

    /// Summarises a cell. `None` if nothing was measured or a measurement failed.
    pub(crate) fn summary(&self, row: usize, column: usize, metric: Metric) -> Option<Summary> {
        let cell = self.cell(row, column);
        if cell.failure.is_some() {
            return None;
        }
        let values: Vec<f64> =
            cell.samples.iter().filter_map(|sample| sample.get(&metric).copied()).collect();
        summarise(&values)
    }

    /// Returns the ratio of the median to the baseline's. `None` if either is missing or 0.
    pub(crate) fn ratio(&self, row: usize, column: usize, metric: Metric) -> Option<f64> {
        let first = self.summary(row, self.baseline()?, metric)?.median;
        let this = self.summary(row, column, metric)?.median;
        (first > 0.0 && this > 0.0).then(|| this / first)
    }

    /// Compares one column with the baseline.
    pub(crate) fn comparison(&self, column: usize, metric: Metric) -> Option<Comparison> {
        let ratios: Vec<(usize, f64)> =
            (0..self.rows.len()).filter_map(|row| Some((row, self.ratio(row, column, metric)?))).collect();
        let values: Vec<f64> = ratios.iter().map(|&(_, ratio)| ratio).collect();
        let &(worst_row, worst) = ratios.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Comparison { geometric_mean: geometric_mean(&values)?, worst, worst_row, rows: values.len() })
    }

    /// Returns the rows in which all live columns have a figure: only those may be added up.
    pub(crate) fn common_rows(&self, metric: Metric) -> Vec<usize> {
        let live = self.live();
        (0..self.rows.len())
            .filter(|&row| live.iter().all(|&c| self.summary(row, c, metric).is_some()))
            .collect()
    }

    /// Returns the sum of the medians of the common rows.
    pub(crate) fn total(&self, column: usize, metric: Metric) -> f64 {
        self.common_rows(metric)
            .iter()
            .filter_map(|&row| self.summary(row, column, metric))
            .map(|summary| summary.median)
            .sum()
    }

    /// Returns the cells that failed: column, row and reason.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&Column, &str, &Failure)> {
        self.rows.iter().zip(&self.cells).flat_map(move |(row, cells)| {
            self.columns
                .iter()
                .zip(cells)
                .filter_map(move |(column, cell)| Some((column, row.as_str(), cell.failure.as_ref()?)))
        })
    }

    /// Whether every Python was measured without a failure.
    pub(crate) fn all_went_well(&self) -> bool {
        self.live().len() == self.columns.len() && self.failures().next().is_none()
    }
}

/// The comparison of one column with the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Comparison {
    pub(crate) geometric_mean: f64,
    pub(crate) worst: f64,
    pub(crate) worst_row: usize,
    /// The number of rows with a ratio.
    pub(crate) rows: usize,
}

/// Results for the tests of the reports, as a run would leave them.
#[cfg(test)]
pub(crate) mod sample {
    use super::*;

    /// A row: its name, and for each column its times or its failure.
    pub(crate) type Row<'a> = (&'a str, &'a [Result<&'a [f64], &'a str>]);

    pub(crate) fn results(labels: &[&str], rows: &[Row<'_>]) -> Results {
        let columns = labels
            .iter()
            .map(|label| Column {
                label: (*label).to_owned(),
                command_line: format!("bin/{label}"),
                about: Ok("CPython 3.13.1".to_owned()),
            })
            .collect();
        let names = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut results = Results::new(names, columns, 3, Some(0.1));
        for (row, (_, cells)) in rows.iter().enumerate() {
            for (column, content) in cells.iter().enumerate() {
                let cell = results.cell_mut(row, column);
                match content {
                    Ok(times) => {
                        cell.samples = times.iter().map(|&t| Sample::from([(Metric::Time, t)])).collect();
                    }
                    Err(message) => cell.failure = Some(Failure::reported(message)),
                }
            }
        }
        results
    }

    /// Two Pythons, one of them with a wrong answer.
    pub(crate) fn two_pythons() -> Results {
        results(
            &["python3", "python-wasm"],
            &[
                ("brython/assign_int", &[Ok(&[10.0, 11.0, 9.0]), Ok(&[100.0, 104.0, 100.0])]),
                ("fib/recursive", &[Ok(&[0.5]), Ok(&[20.0])]),
                ("micro/abs", &[Ok(&[1234.5]), Err("wrong answer: 1 instead of 2")]),
            ],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::sample::{results, two_pythons};
    use super::*;

    #[test]
    fn ratios_are_of_medians_to_the_first_column() {
        let results = two_pythons();
        assert_eq!(results.ratio(0, 1, Metric::Time), Some(10.0));
        assert_eq!(results.ratio(1, 1, Metric::Time), Some(40.0));
        assert_eq!(results.ratio(2, 1, Metric::Time), None);
        let comparison = results.comparison(1, Metric::Time).unwrap();
        assert!((comparison.geometric_mean - 20.0).abs() < 1e-12);
        assert_eq!((comparison.worst, comparison.worst_row, comparison.rows), (40.0, 1, 2));
    }

    #[test]
    fn totals_add_up_only_what_every_column_has() {
        let results = two_pythons();
        assert_eq!(results.common_rows(Metric::Time), [0, 1]);
        let totals = [0, 1].map(|column| format!("{:.1}", results.total(column, Metric::Time)));
        assert_eq!(totals, ["10.5", "120.0"]);
    }

    #[test]
    fn a_failure_after_good_samples_takes_the_figure_away() {
        let mut results = results(&["a"], &[("row", &[Ok(&[1.0])])]);
        results.cell_mut(0, 0).failure = Some(Failure::reported("crashed"));
        assert_eq!(results.summary(0, 0, Metric::Time), None);
        assert!(!results.all_went_well());
    }

    #[test]
    fn a_python_that_cannot_start_is_not_the_baseline() {
        let mut results = two_pythons();
        results.columns[0].about = Err(Failure::reported("not there"));
        assert_eq!(results.baseline(), Some(1));
        assert_eq!(results.common_rows(Metric::Time), [0, 1]);
    }

    #[test]
    fn a_time_of_zero_has_no_ratio() {
        let results = results(&["a", "b"], &[("row", &[Ok(&[0.0]), Ok(&[1.0])])]);
        assert_eq!(results.ratio(0, 1, Metric::Time), None);
        assert_eq!(results.comparison(1, Metric::Time), None);
    }
}
