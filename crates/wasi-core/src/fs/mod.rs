//! Files and directories as objects: what a descriptor holds, whatever is behind it.
//!
//! This module does not know guest memory, descriptor numbers or engines: it takes slices and
//! [`RelativePath`]s and returns bytes and [`Errno`](crate::Errno)s. A back end is a folder that implements
//! [`File`] and [`Dir`]; a decorator, such as [`ReadOnly`], wraps one [`Dir`] in another. Only `saved` knows
//! all of them.

mod archive;
mod device;
mod dir;
mod file;
mod fork;
pub(crate) mod form;
#[cfg(feature = "host")]
mod host;
mod locks;
mod memory;
mod offset;
mod open;
mod path;
mod quota;
mod read_only;
pub(crate) mod saved;
pub mod stdio;
mod tombstone;

#[cfg(feature = "host")]
pub use archive::ArchiveWriter;
pub use archive::{Archive, ArchiveDir, ArchiveError};
pub use device::{Device, RandomSource};
pub use dir::{Dir, DirEntry, Entries, Node};
pub use file::{File, Readiness, Socket};
pub use fork::Fork;
#[cfg(feature = "host")]
pub use host::{HostDir, StreamSocket};
pub use locks::{Lock, LockKind, Locks};
pub(crate) use memory::DeviceNumbers;
pub use memory::{Change, ChangeKind, CommitError, MemoryDir, Overlay, TimeSource};
pub use open::OpenOptions;
pub use path::RelativePath;
pub use quota::Quota;
pub use read_only::ReadOnly;
pub use tombstone::Tombstone;
