//! Read-only trees from ZIP archives, parsed once and shared by any number of guests.

mod data;
mod dir;
mod error;
mod file;
mod index;
mod zip;

pub use data::Archive;
pub use dir::ArchiveDir;
pub use error::ArchiveError;
pub(in crate::fs) use file::ArchiveFile;
