//! The devices that programs expect in `/dev`, without any device of the host.

use std::fmt;
use std::io::IoSlice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::errno::{Errno, Result};
use crate::fs::file::File;
use crate::fs::fork::{Fork, Shared};
use crate::fs::offset;
use crate::random::{Random, SavedRandom};
use crate::types::{Fd, FdFlags, FileType, Filestat, Whence};

/// A device for [`MemoryDir::add_device`](super::MemoryDir::add_device).
#[derive(Clone)]
pub enum Device {
    /// `/dev/null`: reads as empty, drops what is written.
    Null,
    /// `/dev/zero`: reads as endless zeros, drops what is written.
    Zero,
    /// `/dev/urandom` and `/dev/random`: reads as endless random bytes, drops what is written.
    Random(RandomSource),
    /// `/dev/stdin` and others: opens as another number for what the guest has open at this one, as on macOS
    /// and the BSDs ([`fd`](https://man.freebsd.org/cgi/man.cgi?query=fd&sektion=4)). [`Errno::Noent`] if
    /// nothing is open there, [`Errno::Acces`] if it was not opened for what is asked.
    ///
    /// Only `path_open` can do that. For everything else it is a device that is always [`Errno::Nxio`].
    Descriptor(Fd),
}

/// The source of a random device.
///
/// Cloning shares it: all open descriptors of the device, on the guest's thread, draw from one sequence.
#[derive(Clone)]
pub struct RandomSource(Arc<Mutex<Box<dyn Random>>>);

impl Device {
    /// Returns a device that reads from `source`.
    pub fn random(source: impl Random + 'static) -> Self {
        Self::Random(RandomSource::new(Box::new(source)))
    }

    pub(super) fn fork(&self, fork: &mut Fork) -> Result<Self> {
        Ok(match self {
            Self::Random(source) => Self::Random(fork.copy(source)?),
            other => other.clone(),
        })
    }
}

impl RandomSource {
    fn new(source: Box<dyn Random>) -> Self {
        Self(Arc::new(Mutex::new(source)))
    }

    pub(super) fn save(&self) -> Option<SavedRandom> {
        self.lock().save()
    }

    pub(super) fn resume(saved: &SavedRandom) -> Option<Self> {
        saved.resume().map(Self::new)
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Random>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared for RandomSource {
    fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Returns a source that goes on from the same state, unless the fork has another one.
    fn fork(&self, fork: &mut Fork) -> Result<Self> {
        Ok(Self::new(fork.random().unwrap_or_else(|| self.lock().fork())))
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "Null",
            Self::Zero => "Zero",
            Self::Random(_) => "Random",
            Self::Descriptor(_) => "Descriptor",
        })
    }
}

/// An open device. It has no size, and its offset is always 0, as on Linux.
pub(super) struct DeviceFile {
    device: Device,
    filestat: Filestat,
    flags: FdFlags,
}

impl DeviceFile {
    pub(super) fn new(device: Device, filestat: Filestat, flags: FdFlags) -> Self {
        Self { device, filestat, flags }
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    pub(super) fn stat(&self) -> Filestat {
        self.filestat
    }
}

impl File for DeviceFile {
    fn filetype(&self) -> FileType {
        FileType::CharacterDevice
    }

    fn filestat(&self) -> Result<Filestat> {
        Ok(self.filestat)
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        match &self.device {
            Device::Null => return Ok(0),
            Device::Zero => buffer.fill(0),
            Device::Random(source) => source.lock().fill(buffer)?,
            Device::Descriptor(_) => return Err(Errno::Nxio),
        }
        Ok(buffer.len())
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        if let Device::Descriptor(_) = self.device {
            return Err(Errno::Nxio);
        }
        Ok(offset::total_len(buffers))
    }

    fn read_at(&mut self, buffer: &mut [u8], _offset: u64) -> Result<usize> {
        self.read(buffer)
    }

    fn write_at(&mut self, buffers: &[IoSlice<'_>], _offset: u64) -> Result<usize> {
        self.write(buffers)
    }

    /// Succeeds, so that programs that rewind their input work with a device, too.
    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        if whence == Whence::Set && offset < 0 { Err(Errno::Inval) } else { Ok(0) }
    }

    fn descriptor(&self) -> Option<Fd> {
        match self.device {
            Device::Descriptor(fd) => Some(fd),
            _ => None,
        }
    }

    fn fork(&self, fork: &mut Fork) -> Result<Option<Box<dyn File>>> {
        Ok(Some(Box::new(Self::new(self.device.fork(fork)?, self.filestat, self.flags))))
    }
}
