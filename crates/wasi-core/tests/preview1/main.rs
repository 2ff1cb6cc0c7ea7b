//! The 46 calls through the door, without wasm: arguments in, bytes, errnos and trace lines out.

mod absolute_links;
mod args;
mod back_ends;
mod devices;
mod edges;
mod embedder;
mod files;
mod fork;
mod fork_host;
mod guest;
mod locks;
mod modes;
mod modes_host;
mod record;
mod record_events;
mod record_limits;
mod rights;
mod sockets;
mod stdio;
mod stdio_host;
mod wild;
mod world;
mod world_forged;
mod world_host;
mod world_limits;
