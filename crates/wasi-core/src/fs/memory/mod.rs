//! Files that live in memory, for as long as somebody holds a directory of theirs.

mod bytes;
mod dir;
mod file;
mod lower;
mod names;
mod overlay;
mod time;
mod tree;
mod walk;

pub use dir::MemoryDir;
pub use overlay::{Change, ChangeKind, CommitError, Overlay};
pub use time::TimeSource;
pub use tree::DeviceNumbers;
pub(in crate::fs) use tree::{Ino, SharedTree};
