//! Ctrl-C and SIGTERM, passed on to the guest.

use std::io;
use std::thread;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use wasi_core::Interrupt;

/// From now on SIGINT interrupts the guest and SIGTERM ends it, instead of this process.
///
/// The thread lives as long as the process; it shares the handle with the thread that runs the guest.
pub(super) fn forward(interrupt: Interrupt) -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGINT => interrupt.interrupt(),
                _ => interrupt.terminate(),
            }
        }
    })?;
    Ok(())
}
