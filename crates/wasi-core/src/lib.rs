//! WASI preview1, written by hand: the 46 calls that a WebAssembly guest reaches the world through.
//!
//! An engine lends the guest's memory as bytes and passes a call's raw
//! arguments to its row in [`preview1::FUNCTIONS`]; everything else, from path
//! resolution to deadlines, happens here. The crate knows no engine and uses
//! no ambient authority: a [`WasiCtx`] holds what its builder was given.
//!
//! ```
//! use wasi_core::{WasiCtx, fs::stdio::Capture, preview1};
//!
//! let output = Capture::new();
//! let mut ctx = WasiCtx::builder().stdout(Box::new(output.clone())).build()?;
//! // A guest with one iovec at 0 that names the five bytes at 16.
//! let mut memory = vec![0; 32];
//! memory[0] = 16;
//! memory[4] = 5;
//! memory[16..21].copy_from_slice(b"hello");
//! let fd_write = preview1::function("fd_write").unwrap();
//! assert_eq!(fd_write.call(&mut ctx, &mut memory, &[1, 0, 1, 8]), Ok(0));
//! assert_eq!(output.take(), b"hello");
//! # Ok::<(), wasi_core::Errno>(())
//! ```
#![forbid(unsafe_code)]
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
mod memory;
pub mod preview1;
pub mod random;
mod record;
mod stop;
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
pub use record::{Replay, ReplayError};
pub use stop::Stop;
pub use time_limit::TimeLimit;
pub use trace::Tracer;
pub use world::World;
pub use world_error::WorldError;
