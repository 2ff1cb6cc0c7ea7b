//! Files that live in memory, for as long as somebody holds a directory of theirs.

mod bytes;
mod dir;
mod file;
mod lower;
mod names;
mod overlay;
mod saved;
mod time;
mod tree;
mod walk;

pub use dir::MemoryDir;
pub(in crate::fs) use file::MemoryFile;
pub use overlay::{Change, ChangeKind, CommitError, Overlay};
pub(in crate::fs) use saved::SavedTree;
pub use time::TimeSource;
pub use tree::DeviceNumbers;
pub(crate) use tree::SharedTree;
pub(in crate::fs) use tree::{Handle, Ino};
