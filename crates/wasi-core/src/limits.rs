//! Limits on what a guest uses of the host. [`Quota`](crate::fs::Quota) limits disk space.

use serde::{Deserialize, Serialize};

/// The limits of one context. The defaults are safe for untrusted guests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Open descriptors, including preopens and standard streams. One more is `mfile`. Default 256.
    pub open_files: u32,
    /// Bytes written to standard output and error together. One more stops the guest; [`u64::MAX`] is no
    /// limit. Default 50 MB.
    pub output: u64,
    /// Bytes that one call may copy; a longer read or write is short. Default 64 MiB.
    pub call_bytes: usize,
    /// Subscriptions in one `poll_oneoff`; more is `inval`. Default 1,024.
    pub subscriptions: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_files: 256, output: 50_000_000, call_bytes: 64 << 20, subscriptions: 1_024 }
    }
}
