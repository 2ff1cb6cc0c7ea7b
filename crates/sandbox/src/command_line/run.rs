//! What both programs do once they know what to run: streams, signals, the clock, and the end.

use std::io::{self, Write};

use python_wasm_engine::{Error, Instance, Module, Outcome};
use wasi_core::fs::stdio::HostStream;
use wasi_core::{Interrupt, WasiCtx, WasiCtxBuilder};

use super::options::Usage;
use super::signals;
use crate::{Limits, Sandbox};

/// A context with this process's own standard streams.
pub fn inherit() -> io::Result<WasiCtxBuilder> {
    Ok(WasiCtx::builder()
        .stdin(Box::new(HostStream::stdin()?))
        .stdout(Box::new(HostStream::stdout()?))
        .stderr(Box::new(HostStream::stderr()?)))
}

/// Writes every call to standard error.
pub fn trace(builder: WasiCtxBuilder) -> WasiCtxBuilder {
    builder.trace(Box::new(say))
}

/// One line to standard error. If nobody reads it there is nobody to tell that.
pub fn say(line: &str) {
    let _nobody_reads = io::stderr().write_all(format!("{line}\n").as_bytes());
}

/// The context of everything that was granted.
pub fn context(sandbox: Sandbox, builder: WasiCtxBuilder) -> Result<WasiCtx, Usage> {
    sandbox.context(builder).map_err(|errno| match errno {
        wasi_core::Errno::Mfile => Usage("--max-fds is too low for what is granted".into()),
        errno => Usage(format!("an argument, a variable or a folder's name cannot be passed on: {errno}")),
    })
}

/// Runs a program from its beginning: constructors, then `_start`.
pub fn start<T: Send + 'static>(
    module: &Module<T>,
    wasi: WasiCtx,
    state: T,
    limits: &Limits,
) -> Result<(Outcome, Option<Instance<T>>), Error> {
    let mut wasi = wasi;
    wasi.set_deadline(limits.deadline());
    let mut instance = match module.instantiate(wasi, state, limits.engine()) {
        Ok(instance) => instance,
        Err(Error::Start(outcome)) => return Ok((outcome, None)),
        Err(error) => return Err(error),
    };
    if module.has_function("_initialize") {
        let outcome = instance.call("_initialize", &[])?;
        if !matches!(outcome, Outcome::Returned(_)) {
            return Ok((outcome, Some(instance)));
        }
    }
    let outcome = instance.call("_start", &[])?;
    Ok((outcome, Some(instance)))
}

/// Passes this process's signals on to the guest.
pub fn obey_signals(wasi: &WasiCtx) -> Result<(), Usage> {
    obey_signals_by(wasi.interrupt().clone(), Interrupt::interrupt, || ())
}

/// Likewise; SIGINT by `interrupted`, and `last` is done before the others end the process itself.
pub fn obey_signals_by(
    interrupt: Interrupt,
    interrupted: impl Fn(&Interrupt) + Send + 'static,
    last: impl Fn() + Send + 'static,
) -> Result<(), Usage> {
    signals::forward(interrupt, interrupted, last)
        .map_err(|error| Usage(format!("cannot listen for signals: {error}")))
}
