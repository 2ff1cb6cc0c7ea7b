//! The size of a terminal, which preview1 cannot ask for.

use super::context::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::Readiness;
use crate::sys;
use crate::table::Descriptor;
use crate::types::Fd;

impl WasiCtx {
    /// Returns the columns and rows of the host's terminal that `fd` is, as `tcgetwinsize` does. The answer counts as no
    /// call: record it with [`note`](Self::note).
    ///
    /// [`Errno::Badf`] if `fd` is not open, [`Errno::Notty`] if it is not a terminal.
    /// See [POSIX `tcgetwinsize`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/tcgetwinsize.html).
    pub fn terminal_size(&self, fd: Fd) -> Result<(u16, u16)> {
        let Descriptor::File(open) = self.table.get(fd)? else { return Err(Errno::Notty) };
        let Readiness::Host(terminal) = open.file.readiness() else { return Err(Errno::Notty) };
        sys::window_size(terminal)
    }
}
