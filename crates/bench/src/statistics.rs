//! The statistics that the reports need.

/// Several measurements of one thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    /// Half the distance between the quartiles, as a part of the median: about half of the measurements are
    /// this close to it. `None` for a single measurement.
    pub(crate) spread: Option<f64>,
}

/// Returns median and spread; `None` without values.
pub(crate) fn summarise(values: &[f64]) -> Option<Summary> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median = quantile(&sorted, 0.5)?;
    let half_range = (quantile(&sorted, 0.75)? - quantile(&sorted, 0.25)?) / 2.0;
    let spread = if median > 0.0 { half_range / median } else { 0.0 };
    Some(Summary { median, spread: (sorted.len() > 1).then_some(spread) })
}

/// Returns a quantile by linear interpolation between the two nearest of `sorted`; `None` without values.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let below = sorted[place.floor() as usize];
    let above = sorted[place.ceil() as usize];
    Some(below + (above - below) * place.fract())
}

/// Returns the geometric mean of positive numbers; `None` without values.
pub(crate) fn geometric_mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let logarithms: f64 = values.iter().map(|value| value.ln()).sum();
    Some((logarithms / values.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(values: &[f64]) -> (f64, Option<f64>) {
        let summary = summarise(values).unwrap();
        (summary.median, summary.spread)
    }

    #[test]
    fn one_measurement_has_no_spread() {
        assert_eq!(summary(&[7.0]), (7.0, None));
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!(summary(&[4.0, 1.0, 3.0, 2.0]), (2.5, Some(0.3)));
    }

    #[test]
    fn one_outlier_moves_neither_median_nor_spread() {
        assert_eq!(summary(&[10.0, 11.0, 9.0, 10.0, 1000.0]), (10.0, Some(0.05)));
    }

    #[test]
    fn zeros_have_no_spread() {
        assert_eq!(summary(&[0.0, 0.0]), (0.0, Some(0.0)));
    }

    #[test]
    fn without_values_there_are_no_statistics() {
        assert_eq!(summarise(&[]), None);
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn the_geometric_mean_of_inverse_ratios_is_one() {
        let mean = geometric_mean(&[4.0, 0.25, 10.0, 0.1]).unwrap();
        assert!((mean - 1.0).abs() < 1e-12, "{mean}");
    }
}
