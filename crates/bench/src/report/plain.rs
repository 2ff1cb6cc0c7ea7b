//! The plain format, that of the collection itself: one Python after another.

use std::fmt::Write as _;

use crate::results::{Metric, Results};

/// Returns a block for each Python with its medians and total, and the grand total.
pub(crate) fn plain(results: &Results, metric: Metric) -> String {
    let mut text = String::new();
    let mut grand_total = 0.0;
    for column in results.live() {
        let mut total = 0.0;
        let _ = writeln!(text, "{}", "-".repeat(20));
        let _ = writeln!(text, "Running... {}", description(results, column));
        for (row, name) in results.rows.iter().enumerate() {
            if let Some(summary) = results.summary(row, column, metric) {
                total += summary.median;
                let _ = writeln!(text, "{name} {:.0} {}", summary.median.trunc(), metric.unit());
            } else if let Some(failure) = &results.cell(row, column).failure {
                let _ = writeln!(text, "{name} failed: {failure}");
            }
        }
        let _ = writeln!(text, "Total:  {:.0} {}", total.trunc(), metric.unit());
        grand_total += total;
    }
    let _ = writeln!(text, "{}", "=".repeat(20));
    let _ = writeln!(text, "Grand total time:  {:.0} {}", grand_total.trunc(), metric.unit());
    text
}

fn description(results: &Results, column: usize) -> String {
    let column = &results.columns[column];
    match results.scale {
        Some(scale) => format!("{} at scale {scale}", column.label),
        None => column.label.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::sample::two_pythons;

    #[test]
    fn every_python_has_its_block_and_total() {
        insta::assert_snapshot!(plain(&two_pythons(), Metric::Time));
    }
}
