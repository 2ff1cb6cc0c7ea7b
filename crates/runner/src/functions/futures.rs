//! Functions of the host that are futures: a runtime polls them, and no thread waits for one.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::Poll;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinHandle};

use super::caller::Message;
use super::threads::Place;
use super::typed::{Argument, Arguments, outcome};
use super::workers::{Worker, Workers};
use super::{IntoRaise, Outcome, Raise};
use crate::panic::caught;
use crate::trace;

/// How long a runtime may leave a function unbegun whose threads may all be waiting for Python.
const PATIENCE: Duration = Duration::from_secs(2);

/// A closure of up to eight arguments that returns a future. Otherwise as a [`Function`](super::Function).
pub trait FutureFunction<Arguments>: Send + Sync + 'static {
    #[doc(hidden)]
    fn call(&self, arguments: Vec<Argument>) -> Result<Pending, Raise>;
}

/// A call of a function that has not ended.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "it holds a future of the embedding program's")]
pub struct Pending(Pin<Box<dyn Future<Output = Outcome> + Send>>);

macro_rules! functions {
    ($($count:literal: $($argument:ident)*;)*) => {
        $(
            impl<F, R, T, E, $($argument),*> FutureFunction<($($argument,)*)> for F
            where
                F: Fn($($argument),*) -> R + Send + Sync + 'static,
                R: Future<Output = Result<T, E>> + Send + 'static,
                T: Serialize,
                E: IntoRaise,
                $($argument: DeserializeOwned,)*
            {
                fn call(&self, arguments: Vec<Argument>) -> Result<Pending, Raise> {
                    #[allow(unused_mut, unused_variables, reason = "nothing is taken where there are no arguments")]
                    let mut arguments = Arguments::new(arguments, $count)?;
                    let future = self($(arguments.next::<$argument>()?),*);
                    Ok(Pending(Box::pin(async move { outcome(future.await) })))
                }
            }
        )*
    };
}

functions! {
    0: ;
    1: A;
    2: A B;
    3: A B C;
    4: A B C D;
    5: A B C D G;
    6: A B C D G H;
    7: A B C D G H I;
    8: A B C D G H I J;
}

impl Pending {
    /// Waits for the outcome, which a panic is, too.
    async fn outcome(mut self, span: trace::Context) -> Outcome {
        poll_fn(|cx| match caught(|| span.within(|| self.0.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(text) => Poll::Ready(Err(Raise::new("RuntimeError", format!("the host's code {text}")))),
        })
        .await
    }
}

/// Tells Python's thread how a function has ended: at the latest when the runtime drops it.
pub(super) struct End {
    pub(super) id: i64,
    pub(super) tell: Sender<(i64, Message)>,
    /// Until the function has ended.
    pub(super) place: Option<Place<1>>,
    pub(super) is_told: bool,
}

impl End {
    fn tell(&mut self, outcome: Outcome) {
        self.is_told = true;
        // Before anybody learns that it has ended.
        self.place = None;
        // Python may no longer wait for it.
        let _sent = self.tell.send((self.id, Message::End(outcome)));
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if !self.is_told {
            let message = "the tokio runtime has dropped this function of the host before it ended";
            self.tell(Err(Raise::new("RuntimeError", message)));
        }
    }
}

/// A function that a runtime polls. Dropping this drops the function's future.
pub(super) struct Task {
    abort: AbortHandle,
    has_begun: Arc<AtomicBool>,
    /// Since when it should have begun, if Python keeps a thread of the runtime waiting.
    since: Option<Instant>,
}

impl Task {
    /// Hands a function to the runtime.
    pub(super) fn spawn(
        runtime: &Handle,
        workers: &mut Workers,
        function: Pending,
        mut end: End,
        span: trace::Context,
    ) -> io::Result<Self> {
        let has_begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&has_begun);
        let task = async move {
            begins.store(true, Ordering::Release);
            let outcome = function.outcome(span).await;
            end.tell(outcome);
        };
        let is_inside = Handle::try_current().is_ok_and(|current| current.id() == runtime.id());
        let task = if is_inside { spawn_elsewhere(runtime, workers, task)? } else { runtime.spawn(task) };
        Ok(Self { abort: task.abort_handle(), has_begun, since: is_inside.then(Instant::now) })
    }

    /// Whether the runtime seems never to begin it.
    pub(super) fn is_stalled(&self) -> bool {
        self.since.is_some_and(|since| since.elapsed() > PATIENCE) && !self.has_begun.load(Ordering::Acquire)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// Spawns a task from a thread that is none of the runtime's. One that a thread of the runtime spawns may be kept for
/// that thread, and here it waits for Python.
fn spawn_elsewhere(
    runtime: &Handle,
    workers: &mut Workers,
    task: impl Future<Output = ()> + Send + 'static,
) -> io::Result<JoinHandle<()>> {
    let (tell, told) = channel();
    let runtime = runtime.clone();
    workers.run(move |worker: &Worker| {
        let task = runtime.spawn(task);
        worker.is_done();
        // It is waited for.
        let _sent = tell.send(task);
    })?;
    told.recv().map_err(io::Error::other)
}
