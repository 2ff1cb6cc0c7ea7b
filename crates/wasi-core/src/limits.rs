//! What a guest may use of the host, call by call and in sum. Disk space is [`Quota`](crate::fs::Quota)'s.

use serde::{Deserialize, Serialize};

/// Bounds that hold for one context. The defaults are safe for guests that nobody trusts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Open descriptors, preopens and stdio among them. One more is `mfile`. Default 256.
    pub open_files: u32,
    /// Bytes written to standard output and error together. One more stops the guest. Default 50 MB.
    pub output: u64,
    /// Bytes that one call may copy; a read or write of more is short. Default 64 MiB.
    pub call_bytes: usize,
    /// Subscriptions in one `poll_oneoff`; more is `inval`. Default 1,024.
    pub subscriptions: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { open_files: 256, output: 50_000_000, call_bytes: 64 << 20, subscriptions: 1_024 }
    }
}
