//! Trees of files in memory. A tree lives as long as anyone holds one of its directories or files.

mod bytes;
mod dir;
mod file;
mod lower;
mod names;
mod numbers;
mod overlay;
mod saved;
mod time;
mod tree;
mod walk;

pub use dir::MemoryDir;
pub(in crate::fs) use file::MemoryFile;
pub(crate) use numbers::DeviceNumbers;
pub use overlay::{Change, ChangeKind, CommitError, Overlay};
pub(in crate::fs) use saved::{Outside, SavedTree};
pub use time::TimeSource;
pub(in crate::fs) use tree::Handle;
pub(crate) use tree::SharedTree;
