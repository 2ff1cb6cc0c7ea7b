//! Functions of the host that are futures, and the runtime that polls them.

use tokio::runtime::Handle;

use super::PythonBuilder;
use crate::error::Error;
use crate::functions::FutureFunction;

/// Functions that are futures, with the feature `tokio`.
impl PythonBuilder {
    /// Offers a function whose result is a future, which Python awaits:
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use python_wasm::{Error, Python};
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
    /// let mut py = Python::builder()
    ///     .future("fetch", |name: String| async move {
    ///         tokio::time::sleep(Duration::from_millis(10)).await;
    ///         Ok::<_, String>(format!("the page {name}"))
    ///     })
    ///     .build()?;
    /// py.exec_async("from host import fetch; import asyncio").await?;
    /// let pages = "await asyncio.gather(fetch('one'), fetch('two'))";
    /// assert_eq!(py.eval_async::<Vec<String>>(pages).await?, ["the page one", "the page two"]);
    /// # Ok::<(), Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// The closure runs on the thread that runs Python, when Python first awaits the call. A tokio runtime polls the
    /// future, so that no thread waits for it: the one in which the sandbox is built, or that of
    /// [`runtime`](Self::runtime). [`build`](Self::build) returns [`Error::Config`] if there is
    /// none.
    ///
    /// When Python no longer waits for the result, the future is dropped: a task that is cancelled, the end of
    /// `asyncio.wait_for`, an interrupt, the end of the call into Python. At most 1,024 of them are under way in one
    /// interpreter; one more raises `RuntimeError`. A panic is a `RuntimeError`, too, and so is the end of the
    /// runtime. Otherwise it is a function as [`function`](Self::function) offers it.
    ///
    /// A thread of the runtime that makes a call which is not awaited ([`exec`](crate::Python::exec)) polls no future
    /// meanwhile. If the runtime has no other, the function raises `RuntimeError` after two seconds.
    #[must_use]
    pub fn future<A>(self, name: &str, function: impl FutureFunction<A>) -> Self {
        self.offer(|functions| functions.future(name, function))
    }

    /// Sets the runtime that polls the functions that are [futures](Self::future): those of the builder, and those
    /// of the snapshot that it goes on from.
    #[must_use]
    pub fn runtime(mut self, runtime: Handle) -> Self {
        self.functions.set_runtime(runtime);
        self
    }

    /// Chooses the runtime of this thread, if there are functions that are futures and no runtime was given.
    pub(super) fn choose_runtime(&mut self) -> Result<(), Error> {
        self.functions.choose_runtime().map_err(Error::config)
    }
}
