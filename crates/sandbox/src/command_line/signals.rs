//! Ctrl-C, SIGTERM and a hang-up, passed on to the guest, and the signal that must not end its host.

use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::iterator::Signals;
use wasi_core::Interrupt;

use super::Usage;

/// How long a guest may take to end after SIGTERM or SIGHUP. It ends within a slice of its fuel, but no
/// guest runs while somebody edits a line at the prompt.
const GRACE: Duration = Duration::from_millis(500);

/// Makes a write past the limit on the size of files (`ulimit -f`) an error, as it is for a process that
/// ignores SIGXFSZ: by default that signal ends the process. A guest's writes are checked before they reach
/// the host, but recordings and saved sessions are files, too.
pub fn survive_large_files() -> Result<(), Usage> {
    match flag::register(SIGXFSZ, Arc::default()) {
        Ok(_) => Ok(()),
        Err(error) => Err(Usage(format!("cannot listen for signals: {error}"))),
    }
}

/// Passes signals on to the guest from now on: SIGINT by `interrupted`, which is
/// [`Interrupt::interrupt`] for most, and SIGTERM and SIGHUP as its end.
///
/// A guest that does not end in time ends with this process, after a call of `last`. The thread that
/// listens lives as long as the process; it shares the handle with the thread that runs the guest.
pub fn forward(
    interrupt: Interrupt,
    interrupted: impl Fn(&Interrupt) + Send + 'static,
    last: impl Fn() + Send + 'static,
) -> Result<(), Usage> {
    let cannot_listen = |error: std::io::Error| Usage(format!("cannot listen for signals: {error}"));
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).map_err(cannot_listen)?;
    let listen = move || {
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
    };
    thread::Builder::new().name("signals".into()).spawn(listen).map_err(cannot_listen)?;
    Ok(())
}
