//! Moments as `--clock` takes them: seconds since 1970, or [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Reads `1700000000`, `1700000000.5`, `2026-08-01T12:00:00Z` or `2026-08-01T12:00:00.25+02:00`.
pub(super) fn parse(text: &str) -> Result<SystemTime, String> {
    let since_epoch = if text.contains('T') || text.contains('t') { rfc3339(text) } else { seconds(text) };
    let moment = since_epoch.and_then(|since| UNIX_EPOCH.checked_add(since));
    moment.ok_or_else(|| "it must be seconds since 1970, or a time as 2026-08-01T12:00:00Z".into())
}

/// Reads digits, and digits behind a point, without the rounding of a floating-point number.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    Some(Duration::new(digits(whole)?.try_into().ok()?, nanoseconds(fraction)?))
}

fn rfc3339(text: &str) -> Option<Duration> {
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = fields(date, '-', [4, 2, 2])?;
    let (time, offset) = if let Some(time) = time.strip_suffix(['Z', 'z']) {
        (time, 0)
    } else {
        let at = time.rfind(['+', '-'])?;
        let [hours, minutes] = fields(&time[at + 1..], ':', [2, 2])?;
        let offset = hours * 3600 + minutes * 60;
        let real = hours < 24 && minutes < 60;
        (&time[..at], real.then_some(if time[at..].starts_with('-') { -offset } else { offset })?)
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    let [hour, minute, second] = fields(time, ':', [2, 2, 2])?;
    let real = (1..=12).contains(&month)
        && (1..=days_in(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let whole = days_since_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
    real.then_some(Duration::new(whole.try_into().ok()?, nanoseconds(fraction)?))
}

/// Reads `N` numbers with as many digits as `widths` says.
fn fields<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        *number = parts.next().filter(|part| part.len() == width).and_then(digits)?;
    }
    parts.next().is_none().then_some(numbers)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads the digits behind the point; those after the ninth are cut off.
fn nanoseconds(fraction: &str) -> Option<u32> {
    digits(fraction.get(..9).unwrap_or(fraction))?;
    let padded: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    padded.parse().ok()
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Counts the days from 1970-01-01, by Howard Hinnant's
/// [`days_from_civil`](https://howardhinnant.github.io/date_algorithms.html#days_from_civil): a year that
/// starts in March has the leap day at its end.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanoseconds_since_epoch(text: &str) -> Option<u128> {
        parse(text).ok().map(|moment| moment.duration_since(UNIX_EPOCH).unwrap().as_nanos())
    }

    #[test]
    fn both_forms_name_the_same_moment() {
        let expected = Some(1_785_585_600_000_000_000);
        assert_eq!(nanoseconds_since_epoch("1785585600"), expected);
        assert_eq!(nanoseconds_since_epoch("2026-08-01T12:00:00Z"), expected);
        assert_eq!(nanoseconds_since_epoch("2026-08-01T14:00:00+02:00"), expected);
        assert_eq!(nanoseconds_since_epoch("2026-08-01t04:30:00-07:30"), expected);
    }

    #[test]
    fn fractions_are_exact() {
        assert_eq!(nanoseconds_since_epoch("0.000000001"), Some(1));
        assert_eq!(nanoseconds_since_epoch("1970-01-01T00:00:01.25Z"), Some(1_250_000_000));
        assert_eq!(nanoseconds_since_epoch("1.9999999999"), Some(1_999_999_999));
    }

    #[test]
    fn leap_days_are_counted() {
        assert_eq!(nanoseconds_since_epoch("2000-02-29T00:00:00Z"), Some(951_782_400_000_000_000));
        assert_eq!(nanoseconds_since_epoch("2000-03-01T00:00:00Z"), Some(951_868_800_000_000_000));
    }

    #[test]
    fn text_that_is_not_a_moment_is_refused() {
        for text in [
            "",
            "now",
            "-1",
            "1e9",
            "+1",
            "1.2.3",
            "1.x",
            "2026-08-01",
            "2026-08-01T12:00:00",
            "2026-13-01T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-08-01T24:00:00Z",
            "2026-8-1T00:00:00Z",
            "2026-08-01T12:00:00+24:00",
            "1969-12-31T23:59:59Z",
            "99999999999999999999",
        ] {
            assert_eq!(nanoseconds_since_epoch(text), None, "{text}");
        }
    }
}
