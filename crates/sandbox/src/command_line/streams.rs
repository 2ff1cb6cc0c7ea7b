//! The WASI context of a program on this process's own streams.

use std::io;

use wasi_core::fs::stdio::HostStream;
use wasi_core::{Errno, WasiCtx, WasiCtxBuilder};

use super::{Usage, say};
use crate::Sandbox;

/// Starts a context with this process's own standard streams.
pub fn inherited() -> io::Result<WasiCtxBuilder> {
    Ok(WasiCtx::builder()
        .stdin(Box::new(HostStream::stdin()?))
        .stdout(Box::new(HostStream::stdout()?))
        .stderr(Box::new(HostStream::stderr()?)))
}

/// Has every call written to standard error.
pub fn traced(builder: WasiCtxBuilder) -> WasiCtxBuilder {
    builder.trace(Box::new(say))
}

/// Makes the context of everything that was granted.
pub fn context(sandbox: Sandbox, builder: WasiCtxBuilder) -> Result<WasiCtx, Usage> {
    sandbox.context(builder).map_err(|errno| match errno {
        Errno::Mfile => Usage("--max-fds is too low for what is granted".into()),
        errno => Usage(format!("an argument, a variable or a folder's name cannot be passed on: {errno}")),
    })
}
