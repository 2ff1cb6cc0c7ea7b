//! A directory of the host, granted to the guest.
//!
//! cap-std resolves the way to a file's parent, so that no link and no `..`
//! leads out; the last name is then used with calls that never follow it
//! ([`place`]). A link in the last component is read and resolved the same way.

mod attributes;
mod dir;
mod entries;
mod file;
mod place;
mod special;

pub use dir::HostDir;
