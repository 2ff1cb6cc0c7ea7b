//! The 46 calls through the door, without wasm: arguments in, bytes, errnos and trace lines out.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

#[cfg(feature = "host")]
mod absolute_links;
mod args;
mod back_ends;
mod devices;
mod edges;
mod embedder;
mod files;
mod fork;
#[cfg(feature = "host")]
mod fork_host;
mod guest;
#[cfg(feature = "host")]
mod locks;
mod modes;
#[cfg(feature = "host")]
mod modes_host;
#[cfg(target_arch = "wasm32")]
#[path = "../node/mod.rs"]
mod node;
#[cfg(feature = "host")]
mod record;
#[cfg(feature = "host")]
mod record_events;
#[cfg(feature = "host")]
mod record_limits;
mod rights;
#[cfg(feature = "host")]
mod sockets;
mod stdio;
#[cfg(feature = "host")]
mod stdio_host;
mod wild;
mod world;
mod world_forged;
#[cfg(feature = "host")]
mod world_host;
mod world_limits;
