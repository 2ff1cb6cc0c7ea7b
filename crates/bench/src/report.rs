//! Reports of the results: for people, for programs, and as a picture.

pub(crate) mod json;
pub(crate) mod plain;
pub(crate) mod svg;
pub(crate) mod table;

/// Formats a number with three significant digits, at most three decimals and no exponent.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        v if v >= 0.9995 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_have_three_digits_and_keep_their_width_at_the_edges() {
        let figures = [0.0, 0.0004, 0.12345, 0.9996, 9.994, 9.996, 99.94, 99.96, 12345.6].map(figure);
        assert_eq!(figures, ["0.000", "0.000", "0.123", "1.00", "9.99", "10.0", "99.9", "100", "12346"]);
    }
}
