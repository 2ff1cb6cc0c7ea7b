//! Directories of the host that are granted to the guest.
//!
//! cap-std resolves the path to a file's parent, so that neither a link nor `..` leads out; calls that never
//! follow links then use the last name ([`place`]). A link in the last component is read and resolved in the
//! same way.

mod attributes;
mod dir;
mod entries;
mod file;
mod locks;
mod place;
mod special;
mod whole_lock;

pub use dir::HostDir;
pub(super) use locks::LockedFile;
