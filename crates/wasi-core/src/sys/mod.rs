//! What this crate takes of the system below it: time, entropy, waiting, error numbers, compression.
//!
//! Both files have the same items. The rest of the crate does not know which one is there, except for `fs/host`, which
//! only exists with a host.

#[cfg(not(feature = "host"))]
mod embedded;
#[cfg(feature = "host")]
mod unix;

#[cfg(not(feature = "host"))]
pub use embedded::*;
#[cfg(feature = "host")]
pub use unix::*;
