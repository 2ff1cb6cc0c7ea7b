//! Exit statuses: the guest's own, and one for each way to stop it.

use python_wasm_engine::Outcome;

use crate::Limits;

/// A wrong option.
pub const USAGE: u8 = 2;
const TIMEOUT: u8 = 102;
const FUEL: u8 = 103;
/// The limit on memory was reached.
pub const MEMORY: u8 = 104;
const OUTPUT: u8 = 105;
/// The limit on disk or files was reached.
pub const DISK: u8 = 106;
const TRAP: u8 = 107;
/// A replay differs from its recording, or a recording is not complete.
pub const RECORDING: u8 = 108;
/// The module cannot be run; a shell says so of a file that is not a program.
pub const NOT_A_PROGRAM: u8 = 126;
/// There is no such module; a shell says so of a command.
pub const NOT_FOUND: u8 = 127;
/// 128 and the number of SIGINT.
const INTERRUPTED: u8 = 130;
/// 128 and the number of SIGTERM.
const TERMINATED: u8 = 143;

/// The table of statuses in the help.
pub const HELP: &str =
    "  102 --timeout   103 --fuel   104 --max-memory   105 --max-output   106 --max-disk, --max-files
  107 the program did what WebAssembly forbids   108 it went another way than its recording
  126 not a module that can be run   127 no such module
  130 interrupted by Ctrl-C   143 ended by SIGTERM
";

/// Returns the status of a program that ended this way, and the line for standard error if it was stopped.
pub fn of(outcome: &Outcome, limits: &Limits) -> (u8, Option<String>) {
    match outcome {
        Outcome::Returned(_) => (0, None),
        // As a process's status on the host: the low eight bits.
        Outcome::Exited(status) => (*status as u8, None),
        Outcome::Interrupted => (INTERRUPTED, Some("interrupted".into())),
        Outcome::Terminated => (TERMINATED, Some("terminated".into())),
        Outcome::Timeout => {
            let seconds = limits.timeout.as_secs_f64();
            (TIMEOUT, Some(format!("stopped after {seconds} s (--timeout)")))
        }
        Outcome::OutOfFuel => (FUEL, Some(format!("stopped after {} units of fuel (--fuel)", limits.fuel))),
        Outcome::OutputLimit => {
            (OUTPUT, Some(format!("stopped after {} bytes of output (--max-output)", limits.output)))
        }
        Outcome::Trapped(trap) => (TRAP, Some(format!("the program trapped: {trap}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guest_s_own_status_keeps_its_low_eight_bits() {
        let status = |status| of(&Outcome::Exited(status), &Limits::default());
        assert_eq!(status(7), (7, None));
        assert_eq!(status(u32::MAX), (255, None));
        assert_eq!(status(256), (0, None));
    }

    #[test]
    fn every_limit_has_a_status_above_101_that_the_help_names() {
        for outcome in [Outcome::Timeout, Outcome::OutOfFuel, Outcome::OutputLimit] {
            let (status, line) = of(&outcome, &Limits::default());
            assert!(status > 101 && line.is_some());
            assert!(HELP.contains(&format!("{status} --")), "{status}");
        }
    }
}
