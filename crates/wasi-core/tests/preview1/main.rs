//! The 46 calls through the door, without wasm: arguments in, bytes, errnos and trace lines out.

mod absolute_links;
mod args;
mod back_ends;
mod devices;
mod edges;
mod embedder;
mod files;
mod fork;
mod guest;
mod locks;
mod modes;
mod record;
mod record_events;
mod record_limits;
mod rights;
mod sockets;
mod stdio;
mod wild;
mod world;
mod world_limits;
