//! Read-only trees from ZIP archives, parsed once and shared by any number of guests; and how archives are made.

mod data;
mod dir;
mod error;
mod file;
mod index;
#[cfg(feature = "host")]
mod writer;
mod zip;

pub use data::Archive;
pub use dir::ArchiveDir;
pub use error::ArchiveError;
pub(in crate::fs) use file::ArchiveFile;
#[cfg(feature = "host")]
pub use writer::ArchiveWriter;
