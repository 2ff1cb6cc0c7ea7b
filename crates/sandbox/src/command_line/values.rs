//! The values of options, from words of the command line.

use std::ffi::OsStr;
use std::str::FromStr;
use std::time::Duration;

/// Reads text.
pub fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| "it is not UTF-8".into())
}

/// Reads a number that `fits`; `what` describes such a number.
pub fn number<N: FromStr>(value: &OsStr, what: &str, fits: impl Fn(&N) -> bool) -> Result<N, String> {
    let parsed = text(value)?.parse().ok().filter(fits);
    parsed.ok_or_else(|| format!("it must be {what}"))
}

/// Reads a whole number above 0.
pub fn count<N: FromStr + PartialOrd + From<u8>>(value: &OsStr) -> Result<N, String> {
    number(value, "a whole number above 0", |count| *count > N::from(0))
}

/// Reads a whole number of units, above 0, and returns it in bytes.
pub fn bytes(value: &OsStr, unit: u64) -> Result<u64, String> {
    let count: u64 = count(value)?;
    count.checked_mul(unit).ok_or_else(|| "that is more than can be counted".into())
}

/// Reads a number of seconds above 0.
pub fn seconds(value: &OsStr) -> Result<Duration, String> {
    let seconds = number(value, "a number of seconds above 0", |seconds: &f64| *seconds > 0.0)?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "that is longer than can be waited".into())
}

/// Reads the memory of a guest, in MiB, and returns it in bytes.
pub fn memory(value: &OsStr) -> Result<u64, String> {
    let mib = number(value, "a whole number from 1 to 4096", |mib: &u64| (1..=4096).contains(mib))?;
    Ok(mib << 20)
}
