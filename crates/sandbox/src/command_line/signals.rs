//! Ctrl-C, SIGTERM and a hang-up, passed on to the guest.

use std::io;
use std::process;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use wasi_core::Interrupt;

/// How long a guest may take to end after SIGTERM or SIGHUP. It ends within a slice of its fuel, but no
/// guest runs while somebody edits a line at the prompt.
const GRACE: Duration = Duration::from_millis(500);

/// From now on SIGINT interrupts the guest, by way of `interrupted`, and SIGTERM and SIGHUP end it,
/// instead of this process.
///
/// `last` is what must be done if the process has to be ended from here. The thread lives as
/// long as the process; it shares the handle with the thread that runs the guest.
pub(super) fn forward(
    interrupt: Interrupt,
    interrupted: impl Fn(&Interrupt) + Send + 'static,
    last: impl Fn() + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            if signal == SIGINT {
                interrupted(&interrupt);
            } else {
                interrupt.terminate();
                thread::sleep(GRACE);
                last();
                process::exit(128 + signal);
            }
        }
    })?;
    Ok(())
}
