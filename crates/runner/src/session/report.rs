//! Numbers, as the prompt shows them.

use std::time::Duration;

use python_wasm_sandbox::Limits;

use crate::python::guest::Guest;

/// The numbers that `%time` compares, at one moment.
#[derive(Clone, Copy)]
pub(super) struct Meter {
    fuel: u64,
    memory: u64,
}

impl Meter {
    pub(super) fn read(guest: &Guest) -> Self {
        Self { fuel: guest.instance().fuel(), memory: guest.instance().memory_size() }
    }

    /// Describes what was used since an earlier reading.
    pub(super) fn since(self, earlier: Self, wall: Duration) -> String {
        let grown = match self.memory - earlier.memory {
            0 => String::new(),
            bytes => format!(" ({} more than before)", mib(bytes)),
        };
        let fuel = grouped(self.fuel - earlier.fuel);
        format!("{}, {fuel} units of fuel, peak memory {}{grown}", time(wall), mib(self.memory))
    }
}

/// Makes a table of everything that is limited: the limit, what is used, and the option that sets it.
pub(super) fn limits(limits: &Limits, guest: &Guest) -> String {
    let (instance, wasi) = (guest.instance(), guest.instance().wasi());
    let unless = |none, limit| if none { "no limit".to_owned() } else { limit };
    let timeout = unless(limits.timeout == Duration::MAX, time(limits.timeout) + " for one block");
    let fuel = unless(limits.fuel == u64::MAX, grouped(limits.fuel) + " in one block");
    let (most, left) = (wasi.limits().output, wasi.output_left());
    let output = unless(most == u64::MAX, grouped(most) + " bytes");
    let rows = [
        ("time", timeout, String::new(), "--timeout"),
        ("fuel", fuel, grouped(instance.fuel()), "--fuel"),
        ("memory", mib(limits.memory), mib(instance.memory_size()), "--max-memory"),
        ("output", output, grouped(most.saturating_sub(left)), "--max-output"),
        ("open files", limits.open_files.to_string(), wasi.open_files().to_string(), "--max-fds"),
        ("disk", mib(limits.disk), String::new(), "--max-disk"),
        ("new files", grouped(limits.files), String::new(), "--max-files"),
        ("one read or write", mib(limits.call_bytes as u64), String::new(), "--max-io"),
    ];
    let line = |(what, limit, used, option): &(&str, String, String, &str)| {
        format!("{what:<18} {limit:<22} {used:>14}   {option}\n")
    };
    let head = format!("{:<18} {:<22} {:>14}   {}\n", "", "limit", "used", "option");
    (head + &rows.iter().map(line).collect::<String>()).trim_end().to_owned()
}

/// Writes bytes as `12.3 MiB`.
pub(super) fn mib(bytes: u64) -> String {
    let tenths = bytes.saturating_mul(10) >> 20;
    match tenths % 10 {
        0 => format!("{} MiB", tenths / 10),
        tenth => format!("{}.{tenth} MiB", tenths / 10),
    }
}

/// Writes a number as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes a time as `1.50 s`, `12.3 ms` or `45 us`.
fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} us", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_enough() {
        assert_eq!(
            (grouped(0), grouped(999), grouped(1_234_567)),
            ("0".into(), "999".into(), "1,234,567".into())
        );
        assert_eq!((mib(27 << 20), mib((27 << 20) + (1 << 19))), ("27 MiB".into(), "27.5 MiB".into()));
        assert_eq!(time(Duration::from_micros(1_500)), "1.5 ms");
        assert_eq!(time(Duration::from_millis(1_500)), "1.50 s");
    }
}
