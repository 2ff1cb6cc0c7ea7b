//! Read-only trees from ZIP archives, parsed once and shared by any number of guests.

mod dir;
mod error;
mod file;
mod index;
mod shared;
mod zip;

pub use dir::ArchiveDir;
pub use error::ArchiveError;
pub(in crate::fs) use file::ArchiveFile;
pub use shared::Archive;
