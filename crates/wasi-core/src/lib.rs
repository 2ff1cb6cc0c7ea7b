//! WASI preview1, without an engine: the 46 functions that a WebAssembly guest calls, and the file systems, clocks and
//! limits behind them.
//!
//! A [`WasiCtx`] holds what one guest was granted, and nothing else exists for the guest: the crate takes no folder,
//! variable, clock or stream from the process unless the builder is given it. An engine looks a function up in
//! [`preview1::FUNCTIONS`] and calls it with the context, the guest's memory as bytes, and the raw arguments.
//!
//! ```
//! use wasi_core::fs::stdio::Capture;
//! use wasi_core::fs::{MemoryDir, Quota, TimeSource};
//! use wasi_core::{WasiCtx, preview1};
//!
//! // A guest with a folder in memory, of at most 1 MB and 100 files, and with its output captured.
//! let folder = MemoryDir::new(Quota::new(1_000_000, 100), TimeSource::system());
//! let output = Capture::new();
//! let mut ctx = WasiCtx::builder()
//!     .arg("program")
//!     .preopen("/work", Box::new(folder))
//!     .stdout(Box::new(output.clone()))
//!     .build()?;
//!
//! // What an engine does when the guest calls `fd_write(1, iovs, 1, nwritten)`: here the guest's memory has one iovec
//! // at address 0, which names the five bytes at 16.
//! let mut memory = vec![0; 32];
//! memory[0] = 16;
//! memory[4] = 5;
//! memory[16..21].copy_from_slice(b"hello");
//! let fd_write = preview1::function("fd_write").unwrap();
//! assert_eq!(fd_write.call(&mut ctx, &mut memory, &[1, 0, 1, 8]), Ok(0));
//! assert_eq!(output.take(), b"hello");
//! # Ok::<(), wasi_core::Errno>(())
//! ```
//!
//! # File systems
//!
//! | type | what the guest sees |
//! |---|---|
//! | [`HostDir`](fs::HostDir) | a directory of the host; neither `..` nor a symbolic link leads out of it |
//! | [`MemoryDir`](fs::MemoryDir) | a tree in memory, with devices such as `/dev/null` if you add them |
//! | [`Archive`](fs::Archive) | a ZIP archive, read-only and shared by any number of guests |
//! | [`Overlay`](fs::Overlay) | any of these, with the guest's changes in memory over it: list, apply or drop them |
//! | [`ReadOnly`](fs::ReadOnly) | any of these, without the right to change it |
//!
//! Implement [`File`](fs::File) and [`Dir`](fs::Dir) for others.
//!
//! # Limits and stopping
//!
//! [`Limits`] bounds descriptors, output and the work of one call; a [`Quota`](fs::Quota) bounds disk space. Another
//! thread can interrupt or end the guest with its [`Interrupt`], also while a call waits, and
//! [`WasiCtx::set_deadline`] limits its time. A call that must not return to the guest returns a [`Stop`].
//!
//! # Forks, saved guests and recordings
//!
//! [`WasiCtx::fork`] copies a context for a second guest, at a cost that does not depend on the content of its files.
//! [`WasiCtx::save`] turns one into a [`World`], which another process can resume. [`WasiCtx::record`] records every
//! call, and [`WasiCtx::replay`] answers them from a [`Replay`].
//!
//! # Platforms
//!
//! Linux and macOS. Without the feature `host` the crate takes nothing of the system: there are no directories,
//! streams and sockets of the host, and no recordings. The embedder then installs a `System`, which knows the time,
//! entropy and waiting, and which has numbers for what can be waited for. The crate so runs in
//! `wasm32-unknown-unknown`, where the guest's memory is a [`RemoteMemory`].
#![forbid(unsafe_code)]
#![cfg_attr(not(feature = "host"), expect(dead_code, reason = "what only folders of the host use"))]
#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

mod bytes;
pub mod clock;
mod ctx;
mod errno;
pub mod fs;
mod interrupt;
mod layout;
mod limits;
mod lists;
mod memory;
pub mod preview1;
pub mod random;
mod record;
mod stop;
mod sys;
mod table;
mod time_limit;
mod trace;
pub mod types;
mod world;
mod world_error;

pub use ctx::{Stats, Streams, WasiCtx, WasiCtxBuilder};
pub use errno::{Errno, Result};
pub use interrupt::{Interrupt, Request};
pub use limits::Limits;
pub use memory::RemoteMemory;
pub use record::{Replay, ReplayError};
pub use stop::Stop;
pub use sys::{Instant, Source};
#[cfg(not(feature = "host"))]
pub use sys::{PollFlags, System, install};
pub use time_limit::TimeLimit;
pub use trace::Tracer;
pub use world::World;
pub use world_error::WorldError;

/// The README's example must compile, too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
