//! The order of the measurements: in each round all Pythons take turns at each row.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::results::{Results, Sample};

/// Fills in `results`, round by round. `measure` takes a row and a column.
///
/// Each round and row begins with another Python, because the state of the caches depends on who ran
/// before. A cell that fails is not measured again. Once `interrupt` is set, this returns and keeps what
/// was measured.
pub(crate) fn interleave(
    results: &mut Results,
    interrupt: &Interrupt,
    mut measure: impl FnMut(usize, usize) -> Result<Sample, Failure>,
) {
    let live = results.live();
    let rounds = results.rounds as usize;
    let progress = progress_bar(rounds * results.rows.len() * live.len());
    for round in 0..rounds {
        for row in 0..results.rows.len() {
            for turn in 0..live.len() {
                let column = live[(turn + row + round) % live.len()];
                let label = &results.columns[column].label;
                progress.set_message(format!(
                    "round {} of {rounds}: {} under {label}",
                    round + 1,
                    results.rows[row],
                ));
                if results.cell(row, column).failure.is_none() {
                    match measure(row, column) {
                        Ok(sample) => results.cell_mut(row, column).samples.push(sample),
                        Err(failure) if failure.is_interrupt() => {}
                        Err(failure) => results.cell_mut(row, column).failure = Some(failure),
                    }
                }
                if interrupt.is_set() {
                    results.interrupted = true;
                    progress.finish_and_clear();
                    return;
                }
                progress.inc(1);
            }
        }
    }
    progress.finish_and_clear();
}

/// Returns a progress bar on standard error. It is invisible unless that is a terminal.
fn progress_bar(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} {eta:>4}  {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_secs(1));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Metric;
    use crate::results::sample::results;

    fn two_by_two(rounds: u32) -> Results {
        let nothing: &[Result<&[f64], &str>] = &[];
        let mut results = results(&["a", "b"], &[("x", nothing), ("y", nothing)]);
        results.rounds = rounds;
        results
    }

    fn one() -> Sample {
        Sample::from([(Metric::Time, 1.0)])
    }

    #[test]
    fn pythons_take_turns_and_the_first_turn_moves_on() {
        let mut order = Vec::new();
        interleave(&mut two_by_two(2), &Interrupt::default(), |row, column| {
            order.push((row, column));
            Ok(one())
        });
        let first_round = [(0, 0), (0, 1), (1, 1), (1, 0)];
        let second_round = [(0, 1), (0, 0), (1, 0), (1, 1)];
        assert_eq!(order, [first_round, second_round].concat());
    }

    #[test]
    fn a_failed_cell_is_not_tried_again_and_the_others_go_on() {
        let mut results = two_by_two(3);
        let mut failed = 0;
        interleave(&mut results, &Interrupt::default(), |row, column| {
            if (row, column) == (1, 0) {
                failed += 1;
                return Err(Failure::reported("crashed"));
            }
            Ok(one())
        });
        assert_eq!(failed, 1);
        assert_eq!(results.failures().count(), 1);
        assert_eq!(results.cell(1, 1).samples.len(), 3);
    }

    #[test]
    fn an_interrupt_keeps_what_was_measured() {
        let mut results = two_by_two(3);
        let interrupt = Interrupt::default();
        let mut measured = 0;
        interleave(&mut results, &interrupt.clone(), |_, _| {
            measured += 1;
            if measured == 2 {
                interrupt.set();
            }
            Ok(one())
        });
        assert_eq!(measured, 2);
        assert!(results.interrupted);
        assert_eq!(results.cell(0, 0).samples.len(), 1);
        assert!(results.cell(1, 0).samples.is_empty());
    }
}
