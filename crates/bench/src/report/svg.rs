//! The picture: the ratio of each benchmark to the first Python, on a logarithmic scale.

use std::fmt::Write as _;

use crate::report::figure;
use crate::results::{Metric, Results};

/// The layout, in pixels.
const ROW: usize = 16;
const LEFT: usize = 220;
const WIDTH: usize = 640;
const RIGHT: usize = 30;

/// The palette of Okabe and Ito, which people with any colour vision can tell apart:
/// <https://jfly.uni-koeln.de/color/>.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/// Draws dots for all columns but the baseline, and a line at the geometric mean of each. `None` if
/// there is nothing to compare.
pub(crate) fn svg(results: &Results, metric: Metric) -> Option<String> {
    let compared: Vec<usize> = results
        .live()
        .into_iter()
        .skip(1)
        .filter(|&column| results.comparison(column, metric).is_some())
        .collect();
    let axis = Axis::over(compared.iter().flat_map(|&column| {
        (0..results.rows.len()).filter_map(move |row| results.ratio(row, column, metric))
    }))?;
    let baseline = &results.columns[results.baseline()?].label;

    let top = 48 + compared.len() * 18;
    let bottom = top + results.rows.len() * ROW;
    let (width, height) = (LEFT + WIDTH + RIGHT, bottom + 36);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"12\" y=\"24\" font-size=\"15\">{}</text>\n",
        escape(&heading(results, metric, baseline)),
    );
    for tick in axis.ticks() {
        let x = axis.x(tick);
        let _ = writeln!(
            text,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"#ddd\"/>\
             <text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{tick}</text>",
            bottom + 18,
        );
    }
    for (row, name) in results.rows.iter().enumerate() {
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
            LEFT - 10,
            top + row * ROW + ROW - 4,
            escape(name),
        );
    }
    for (series, &column) in compared.iter().enumerate() {
        let colour = COLOURS[series % COLOURS.len()];
        draw_series(&mut text, results, column, metric, &axis, (top, bottom), colour);
        let Some(comparison) = results.comparison(column, metric) else { continue };
        let _ = writeln!(
            text,
            "<circle cx=\"18\" cy=\"{}\" r=\"4\" fill=\"{colour}\"/>\
             <text x=\"30\" y=\"{}\">{}: geometric mean {} of {}</text>",
            40 + series * 18,
            44 + series * 18,
            escape(&results.columns[column].label),
            figure(comparison.geometric_mean),
            comparison.rows,
        );
    }
    text += "</svg>\n";
    Some(text)
}

fn heading(results: &Results, metric: Metric, baseline: &str) -> String {
    let scale = results.scale.map_or_else(String::new, |scale| format!(" at scale {scale}"));
    format!("{}{scale}, times that of {baseline} (left is better)", metric.title())
}

fn draw_series(
    text: &mut String,
    results: &Results,
    column: usize,
    metric: Metric,
    axis: &Axis,
    (top, bottom): (usize, usize),
    colour: &str,
) {
    if let Some(comparison) = results.comparison(column, metric) {
        let x = axis.x(comparison.geometric_mean);
        let _ = writeln!(
            text,
            "<line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top}\" y2=\"{bottom}\" stroke=\"{colour}\" \
             stroke-dasharray=\"4 3\"/>",
        );
    }
    for (row, name) in results.rows.iter().enumerate() {
        if let Some(ratio) = results.ratio(row, column, metric) {
            let _ = writeln!(
                text,
                "<circle cx=\"{:.1}\" cy=\"{}\" r=\"4\" fill=\"{colour}\"><title>{}: {}</title></circle>",
                axis.x(ratio),
                top + row * ROW + ROW / 2,
                escape(name),
                figure(ratio),
            );
        }
    }
}

/// A logarithmic scale between two of the steps 1, 2, 5, 10, ...
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// Returns an axis that covers 1 and all `ratios`, which are positive. `None` without ratios.
    fn over(ratios: impl Iterator<Item = f64>) -> Option<Self> {
        let (low, high) = ratios.fold(None, |range: Option<(f64, f64)>, ratio| {
            let (low, high) = range.unwrap_or((1.0, 1.0));
            Some((low.min(ratio), high.max(ratio)))
        })?;
        let low = steps().take_while(|step| *step <= low).last().unwrap_or(low);
        let high = steps().find(|step| *step >= high && *step > low).unwrap_or(high);
        Some(Self { low, high })
    }

    fn x(&self, ratio: f64) -> f64 {
        LEFT as f64 + WIDTH as f64 * (ratio / self.low).ln() / (self.high / self.low).ln()
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        steps().filter(|step| (self.low..=self.high).contains(step))
    }
}

/// Returns 1, 2 and 5 times the powers of ten from 1e-6 to 1e6.
fn steps() -> impl Iterator<Item = f64> {
    (-6..=6).flat_map(|power| {
        // Parsed from text: `1e-3` is the number nearest to 0.001, a product of tenths is not.
        [1, 2, 5].into_iter().filter_map(move |n| format!("{n}e{power}").parse().ok())
    })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::sample::{results, two_pythons};

    #[test]
    fn dots_lines_and_labels() {
        insta::assert_snapshot!(svg(&two_pythons(), Metric::Time).unwrap());
    }

    #[test]
    fn one_python_alone_has_no_picture() {
        let results = results(&["a"], &[("x", &[Ok(&[1.0])])]);
        assert_eq!(svg(&results, Metric::Time), None);
    }

    #[test]
    fn the_axis_covers_all_ratios_and_one() {
        let axis = Axis::over([0.3, 39.0].into_iter()).unwrap();
        assert_eq!((axis.low, axis.high), (0.2, 50.0));
        assert_eq!(axis.ticks().collect::<Vec<_>>(), [0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        let axis = Axis::over([1.0].into_iter()).unwrap();
        assert_eq!((axis.low, axis.high), (1.0, 2.0));
    }

    #[test]
    fn names_cannot_break_out_of_the_markup() {
        let results = results(&["a", "<b>&"], &[("x", &[Ok(&[1.0]), Ok(&[2.0])])]);
        let text = svg(&results, Metric::Time).unwrap();
        assert!(text.contains("&lt;b&gt;&amp;: geometric mean"), "{text}");
    }
}
