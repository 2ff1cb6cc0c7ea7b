//! CPython in a WebAssembly sandbox, for Rust programs that run Python they did not write.
//!
//! A [`Python`] is a whole interpreter with its standard library, in memory of its own. It sees only the
//! files, variables and streams that its [`PythonBuilder`] granted, and nothing it does can outlast its
//! [`Limits`]. It needs no JIT, no service, and no Python on the machine.
//!
//! ```
//! use python_wasm::{Error, Limits, Python};
//! use std::time::Duration;
//!
//! let limits = Limits::default().timeout(Duration::from_secs(5)).memory(128 << 20);
//! let mut py = Python::builder().limits(limits).build()?;
//!
//! let output = py.exec("x = 40; print('hi')")?;
//! assert_eq!(output.stdout, "hi\n");
//! assert_eq!(py.eval::<i64>("x + 2")?, 42);
//!
//! py.set("rows", &[("apple", 1.5), ("pear", 0.5)])?;
//! py.exec("total = sum(price for name, price in rows)")?;
//! assert_eq!(py.get::<f64>("total")?, 2.0);
//!
//! match py.exec("1 / 0") {
//!     Err(Error::Exception { type_name, .. }) => assert_eq!(type_name, "ZeroDivisionError"),
//!     other => panic!("{other:?}"),
//! }
//! # Ok::<(), Error>(())
//! ```
//!
//! # Features
//!
//! None is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `native` | the second engine, some ten times as fast: CPython's module, compiled ahead of time |
//! | `native-without-signals` | the same without a handler for signals in the process |
//! | `numpy` | numpy, linked into CPython |
//! | `tokio` | calls that are awaited (`exec_async`), and functions of the host that are futures (`future`) |
//! | `tracing` | spans of the crate `tracing` for calls, sandboxes and functions of the host |

#![warn(missing_debug_implementations)]

mod answer;
#[doc(hidden)]
pub mod cli;
mod error;
mod functions;
mod licenses;
mod panic;
mod program;
mod python;
mod session;
mod trace;
mod value;

pub use error::{Error, Frame};
#[cfg(feature = "tokio")]
pub use functions::FutureFunction;
pub use functions::{Callable, Caller, CallingFunction, Function, IntoRaise, Raise, Signature, Tool};
pub use licenses::licenses;
pub use python::{
    Entry, EntryKind, Files, Image, InterruptHandle, Misfit, Output, Pool, PoolStats, Pooled, Python,
    PythonBuilder, Report, Snapshot, SnapshotInfo, Stats, user_cache,
};
pub use python_wasm_engine::Engine;
pub use python_wasm_sandbox::{Limits, Mount, MountError};
pub use value::{ConversionError, Object, Value};
pub use wasi_core::fs::{Change, ChangeKind};

/// The Rust code in the README and in the guides, run as tests. They lie outside of the package.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../../../README.md")]
    mod readme {}

    #[doc = include_str!("../../../docs/embedding.md")]
    mod embedding {}

    #[doc = include_str!("../../../docs/images.md")]
    mod images {}
    #[cfg(feature = "tokio")]
    #[doc = include_str!("../../../docs/async.md")]
    mod asynchronous {}
}
