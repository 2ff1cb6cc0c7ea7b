//! Spans of the crate `tracing` with the feature of that name; without it, nothing.

use std::time::Duration;

#[cfg(not(feature = "tracing"))]
use self::off as spans;
#[cfg(feature = "tracing")]
use self::on as spans;
#[cfg(feature = "tokio")]
pub(crate) use self::spans::Context;
pub(crate) use self::spans::{Exec, HostCall, Spawn};

/// What a call cost.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "tracing"), expect(dead_code, reason = "nobody is told"))]
pub(crate) struct Cost {
    pub(crate) fuel: u64,
    pub(crate) time: Duration,
    pub(crate) memory: u64,
    /// The kind of its error.
    pub(crate) error: Option<&'static str>,
}

#[cfg(feature = "tracing")]
mod on {
    use std::time::{Duration, Instant};

    use tracing::Span;
    use tracing::dispatcher::{self, Dispatch};
    use tracing::field::Empty;

    use super::Cost;

    /// Where code runs, to be carried to another thread.
    #[derive(Clone)]
    pub(crate) struct Context {
        span: Span,
        dispatch: Dispatch,
    }

    impl Context {
        #[cfg(feature = "tokio")]
        pub(crate) fn current() -> Self {
            Self::of(Span::current())
        }

        fn of(span: Span) -> Self {
            Self { span, dispatch: dispatcher::get_default(Clone::clone) }
        }

        pub(crate) fn within<T>(&self, code: impl FnOnce() -> T) -> T {
            dispatcher::with_default(&self.dispatch, || self.span.in_scope(code))
        }
    }

    /// The span `python.exec` of one call into Python.
    pub(crate) struct Exec(Span);

    impl Exec {
        pub(crate) fn begin(operation: &str) -> Self {
            Self(tracing::info_span!(
                "python.exec",
                operation,
                fuel = Empty,
                ms = Empty,
                memory = Empty,
                error = Empty
            ))
        }

        pub(crate) fn within<T>(&self, code: impl FnOnce() -> T) -> T {
            self.0.in_scope(code)
        }

        pub(crate) fn end(self, cost: impl FnOnce() -> Cost) {
            if !self.0.is_disabled() {
                let Cost { fuel, time, memory, error } = cost();
                self.0.record("fuel", fuel).record("ms", milliseconds(time)).record("memory", memory);
                if let Some(error) = error {
                    self.0.record("error", error);
                }
            }
        }
    }

    /// The span `python.spawn` of a sandbox that is made.
    pub(crate) struct Spawn {
        span: Span,
        begun: Instant,
    }

    impl Spawn {
        pub(crate) fn begin() -> Self {
            let span = tracing::info_span!("python.spawn", ms = Empty, memory = Empty);
            Self { span, begun: Instant::now() }
        }

        pub(crate) fn end(self, memory: impl FnOnce() -> u64) {
            if !self.span.is_disabled() {
                self.span.record("ms", milliseconds(self.begun.elapsed())).record("memory", memory());
            }
        }
    }

    /// The span `python.host_call` of a function of the host, until it has ended or is abandoned.
    pub(crate) struct HostCall {
        span: Span,
        begun: Instant,
    }

    impl HostCall {
        pub(crate) fn begin(name: &str) -> Self {
            let span = tracing::info_span!("python.host_call", name, ms = Empty);
            Self { span, begun: Instant::now() }
        }

        pub(crate) fn context(&self) -> Context {
            Context::of(self.span.clone())
        }
    }

    impl Drop for HostCall {
        fn drop(&mut self) {
            self.span.record("ms", milliseconds(self.begun.elapsed()));
        }
    }

    fn milliseconds(time: Duration) -> f64 {
        time.as_secs_f64() * 1e3
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "with the feature they have spans")]
mod off {
    use super::Cost;

    #[derive(Clone, Copy)]
    pub(crate) struct Context;

    impl Context {
        #[cfg(feature = "tokio")]
        pub(crate) fn current() -> Self {
            Self
        }

        pub(crate) fn within<T>(self, code: impl FnOnce() -> T) -> T {
            code()
        }
    }

    pub(crate) struct Exec;

    impl Exec {
        pub(crate) fn begin(_operation: &str) -> Self {
            Self
        }

        pub(crate) fn within<T>(&self, code: impl FnOnce() -> T) -> T {
            code()
        }

        pub(crate) fn end(self, _cost: impl FnOnce() -> Cost) {}
    }

    pub(crate) struct Spawn;

    impl Spawn {
        pub(crate) fn begin() -> Self {
            Self
        }

        pub(crate) fn end(self, _memory: impl FnOnce() -> u64) {}
    }

    pub(crate) struct HostCall;

    impl HostCall {
        pub(crate) fn begin(_name: &str) -> Self {
            Self
        }

        pub(crate) fn context(&self) -> Context {
            Context
        }
    }
}
