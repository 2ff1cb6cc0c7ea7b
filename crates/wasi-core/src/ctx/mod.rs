//! Everything that one guest has: arguments, environment, descriptors, clocks, randomness and limits.

mod builder;
mod context;
mod fork;
mod lock;
mod mode;
mod record;
mod terminal;
mod trees;
mod watch;
mod world;

pub use builder::WasiCtxBuilder;
pub(crate) use context::charge_output;
pub use context::{Stats, WasiCtx};
pub use fork::Streams;
pub(crate) use watch::Watch;
