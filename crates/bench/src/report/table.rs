//! The table: a row for each benchmark, with the median, spread and ratio of each Python.

use std::fmt::Write as _;

use crate::report::figure;
use crate::results::{Comparison, Metric, Results};
use crate::statistics::Summary;

/// Returns the table for one metric, headed by `title`. With `sums` the total and the comparison stand
/// below the rows.
pub(crate) fn table(results: &Results, metric: Metric, title: &str, sums: bool) -> String {
    let mut lines = vec![header(results)];
    for (row, name) in results.rows.iter().enumerate() {
        lines.push(measured(results, row, name, metric));
    }
    let rule_after = lines.len();
    if sums {
        if metric != Metric::Memory {
            lines.push(total(results, metric));
        }
        if results.live().len() > 1 {
            lines.push(compared(results, metric, "geometric mean", |c| c.geometric_mean));
            lines.push(compared(results, metric, "worst", |c| c.worst));
        }
    }
    format!("{title}\n\n{}", align(&lines, rule_after))
}

/// Returns the title of a table: what was measured, its scale, metric and rounds.
pub(crate) fn title(results: &Results, metric: Metric, what: &str) -> String {
    let mut title = what.to_owned();
    if let Some(scale) = results.scale {
        let _ = write!(title, " at scale {scale}");
    }
    let plural = if results.rounds == 1 { "" } else { "s" };
    let _ =
        write!(title, ": {}, {}, median of {} round{plural}", metric.title(), metric.unit(), results.rounds);
    if results.interrupted {
        title += ", interrupted";
    }
    title
}

/// As wide as ` ±100%`, which follows a median.
const NO_SPREAD: &str = "      ";

fn header(results: &Results) -> Vec<String> {
    let label = |column: usize| results.columns[column].label.clone();
    line(results, String::new(), label, |_| None)
}

fn measured(results: &Results, row: usize, name: &str, metric: Metric) -> Vec<String> {
    let cell = |column| match results.summary(row, column, metric) {
        Some(summary) => format!("{}{}", figure(summary.median), spread(summary)),
        None if results.cell(row, column).failure.is_some() => format!("failed{NO_SPREAD}"),
        None => format!("-{NO_SPREAD}"),
    };
    line(results, name.to_owned(), cell, |column| results.ratio(row, column, metric))
}

fn spread(summary: Summary) -> String {
    summary
        .spread
        .map_or_else(|| NO_SPREAD.to_owned(), |spread| format!(" {:>5}", format!("±{:.0}%", spread * 100.0)))
}

fn total(results: &Results, metric: Metric) -> Vec<String> {
    let first = results.baseline().map_or(0.0, |column| results.total(column, metric));
    let total = |column| results.total(column, metric);
    line(
        results,
        counted("total", results.common_rows(metric).len(), results),
        |column| format!("{}{NO_SPREAD}", figure(total(column))),
        |column| (first > 0.0).then(|| total(column) / first),
    )
}

/// Returns a line with one figure for the ratios of each column.
fn compared(results: &Results, metric: Metric, name: &str, value: impl Fn(Comparison) -> f64) -> Vec<String> {
    let comparison = |column| results.comparison(column, metric);
    let is_compared = |column| results.baseline() != Some(column);
    line(
        results,
        name.to_owned(),
        |column| match comparison(column) {
            Some(comparison) if is_compared(column) && comparison.rows < results.rows.len() => {
                format!("of {}{NO_SPREAD}", comparison.rows)
            }
            _ => String::new(),
        },
        |column| comparison(column).map(&value),
    )
}

/// Returns the cells of one line: for each live column `cell`, and `ratio` unless it is the baseline.
fn line(
    results: &Results,
    name: String,
    cell: impl Fn(usize) -> String,
    ratio: impl Fn(usize) -> Option<f64>,
) -> Vec<String> {
    let mut cells = vec![name];
    for column in results.live() {
        let is_baseline = results.baseline() == Some(column);
        cells.push(cell(column));
        if !is_baseline {
            cells.push(ratio(column).map_or_else(String::new, |ratio| format!("{}x", figure(ratio))));
        }
    }
    cells
}

/// Returns `name`, with the number of rows unless it covers all.
fn counted(name: &str, rows: usize, results: &Results) -> String {
    if rows == results.rows.len() { name.to_owned() } else { format!("{name} of {rows}") }
}

/// Aligns the first column to the left and the others to the right, with two blanks between columns. Draws
/// a rule before the line `rule_at`, if it exists.
fn align(lines: &[Vec<String>], rule_at: usize) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        if index == rule_at {
            let width = widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1);
            let _ = writeln!(text, "{}", "-".repeat(width));
        }
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") }
        });
        let _ = writeln!(text, "{}", cells.collect::<String>().trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::results::sample::{results, two_pythons};

    #[test]
    fn two_pythons_side_by_side() {
        let results = two_pythons();
        let title = title(&results, Metric::Time, "collection");
        insta::assert_snapshot!(table(&results, Metric::Time, &title, true));
    }

    #[test]
    fn one_python_has_no_ratios() {
        let results = results(&["python3"], &[("a/b", &[Ok(&[1.0, 2.0, 3.0])])]);
        insta::assert_snapshot!(table(&results, Metric::Time, "title", true));
    }

    #[test]
    fn an_interrupted_run_says_so_and_shows_what_was_measured() {
        let mut results = results(&["a", "b"], &[("x/y", &[Ok(&[2.0]), Ok(&[3.0])]), ("x/z", &[Ok(&[2.0])])]);
        results.interrupted = true;
        let title = title(&results, Metric::Time, "collection");
        insta::assert_snapshot!(table(&results, Metric::Time, &title, true));
    }

    #[test]
    fn a_python_that_is_not_there_has_no_column() {
        let mut results = two_pythons();
        results.columns[0].about = Err(Failure::reported("not there"));
        insta::assert_snapshot!(table(&results, Metric::Time, "title", true));
    }
}
