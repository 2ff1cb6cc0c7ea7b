//! The one context of this instance, and what describes it before it is made.

use std::cell::RefCell;

use wasi_core::fs::{Dir, MemoryDir, Quota};
use wasi_core::{Limits, Stop, WasiCtx};

use crate::stream::Stream;

/// What one sandbox has here.
pub(crate) struct State {
    /// The description of the context, until it is made.
    pub(crate) description: Description,
    /// The context, once it is made.
    pub(crate) ctx: Option<WasiCtx>,
    /// Why the last call ended the guest.
    pub(crate) stop: Option<Stop>,
    /// The answer to a question of JavaScript's.
    pub(crate) answer: Vec<u8>,
}

/// What was told of a context that is not made yet.
pub(crate) struct Description {
    pub(crate) args: Vec<Vec<u8>>,
    pub(crate) env: Vec<(Vec<u8>, Vec<u8>)>,
    pub(crate) streams: [Option<Stream>; 3],
    pub(crate) mounts: Vec<(String, Box<dyn Dir>)>,
    /// A tree in memory that files are put into, by the name of its mount.
    pub(crate) trees: Vec<(String, MemoryDir)>,
    /// Folders that can be found though nothing is mounted there.
    pub(crate) places: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) quota: Quota,
    pub(crate) seed: Option<u64>,
    /// Nanoseconds since 1970 at which time stands still.
    pub(crate) moment: Option<u64>,
}

impl Default for Description {
    fn default() -> Self {
        Self {
            args: Vec::new(),
            env: Vec::new(),
            streams: [None, None, None],
            mounts: Vec::new(),
            trees: Vec::new(),
            places: Vec::new(),
            limits: Limits::default(),
            quota: Quota::unlimited(),
            seed: None,
            moment: None,
        }
    }
}

thread_local! {
    static STATE: RefCell<State> = RefCell::new(State {
        description: Description::default(),
        ctx: None,
        stop: None,
        answer: Vec::new(),
    });
}

/// Lends the state to `act`.
pub(crate) fn with<T>(act: impl FnOnce(&mut State) -> T) -> T {
    STATE.with_borrow_mut(act)
}
