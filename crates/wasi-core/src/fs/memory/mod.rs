//! Files that live in memory, for as long as somebody holds a directory of theirs.

mod dir;
mod file;
mod time;
mod tree;
mod walk;

pub use dir::MemoryDir;
pub use time::TimeSource;
