//! What the host has: directories that are granted to the guest, streams and sockets.
//!
//! cap-std resolves the path to a file's parent, so that neither a link nor `..` leads out; calls that never
//! follow links then use the last name ([`place`]). A link in the last component is read and resolved in the
//! same way.

mod attributes;
mod dir;
mod entries;
mod file;
mod held;
mod locks;
mod place;
mod size_limit;
mod socket;
mod special;
mod stream;
mod whole_lock;

pub use dir::HostDir;
pub use held::Locks;
pub use socket::StreamSocket;
pub use stream::HostStream;
