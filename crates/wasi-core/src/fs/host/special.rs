//! An open FIFO or character device of the host.

use std::io::IoSlice;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;

use super::attributes;
use super::stream::terminal_or_unknown;
use crate::errno::{Errno, Result};
use crate::fs::file::{File, Readiness};
use crate::fs::fork::Fork;
use crate::fs::offset;
use crate::types::{FdFlags, FileType, Filestat};

/// A FIFO, a terminal or another character device of the host. It has no offset and never waits in the
/// kernel.
///
/// A FIFO without a writer reads as ended, so a reader has to wait for [`File::readiness`] first.
#[derive(Clone)]
pub(super) struct SpecialFile {
    /// Shared with forks of the guest, as after POSIX's `fork`: each byte goes to one of them.
    fd: Arc<OwnedFd>,
    filetype: FileType,
    flags: FdFlags,
}

impl SpecialFile {
    /// `fd` must be open with `O_NONBLOCK`.
    pub(super) fn new(fd: OwnedFd, filetype: FileType, flags: FdFlags) -> Self {
        let filetype = match filetype {
            FileType::CharacterDevice => terminal_or_unknown(&fd),
            other => other,
        };
        Self { fd: Arc::new(fd), filetype, flags }
    }
}

impl File for SpecialFile {
    fn filetype(&self) -> FileType {
        self.filetype
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(attributes::filestat(&rustix::fs::fstat(&self.fd)?))
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        // The host's descriptor never blocks, so NONBLOCK is a flag of the guest alone. Appending has no
        // effect.
        let changeable = FdFlags::APPEND | FdFlags::NONBLOCK;
        if self.flags.symmetric_difference(flags).intersects(changeable.complement()) {
            return Err(Errno::Notsup);
        }
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        Ok(rustix::io::read(&self.fd, buffer)?)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        Ok(rustix::io::writev(&self.fd, offset::as_many_as_the_host_takes(buffers))?)
    }

    fn readiness(&self) -> Readiness<'_> {
        Readiness::Host(self.fd.as_fd())
    }

    fn readable_bytes(&self) -> u64 {
        rustix::io::ioctl_fionread(&self.fd).unwrap_or(0)
    }

    fn fork(&self, _fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        Ok(Some(Box::new(self.clone())))
    }
}
