//! Calls that are awaited: Python runs on a thread of its own, and whoever waits for it blocks none.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::cancellation::Cancellation;
use super::interpreter::Interpreter;
use super::{Output, Python, Report};
use crate::error::Error;
use crate::functions::{Worker, Workers};
use crate::trace;
use crate::value::{Value, to_arguments};

type Result<T> = std::result::Result<T, Error>;

/// Calls that are awaited, with the feature `tokio`. They serve any executor.
///
/// Python runs on a thread of its own meanwhile, and the executor's threads are free. Limits count as for the other
/// calls. A future does nothing until it is polled.
///
/// Dropping the future ends the call: Python is interrupted as by
/// [`InterruptHandle::interrupt`](crate::InterruptHandle::interrupt), again after half a second, and stopped for good
/// after a second. The next call waits until it has ended, whether it is awaited or not, and so do the
/// other methods. If the program ended when it was interrupted, the session goes on; if not, the next call is
/// [`Error::Unusable`].
///
/// ```
/// # use std::time::Duration;
/// # use python_wasm::{Error, Python};
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let mut py = Python::builder().build()?;
/// py.exec_async("x = 40").await?;
/// assert_eq!(py.eval_async::<i64>("x + 2").await?, 42);
///
/// let endless = py.exec_async("while True: pass");
/// assert!(tokio::time::timeout(Duration::from_millis(50), endless).await.is_err());
/// assert_eq!(py.eval_async::<i64>("x").await?, 40);
/// # Ok::<(), Error>(())
/// # }).unwrap();
/// ```
impl Python {
    /// Starts Python as [`init`](Self::init) does.
    pub async fn init_async(&mut self) -> Result<()> {
        self.elsewhere(Self::init).await
    }

    /// Runs source code as [`exec`](Self::exec) does.
    pub async fn exec_async(&mut self, source: &str) -> Result<Output> {
        let source = source.to_owned();
        self.elsewhere(move |python| python.exec(&source)).await
    }

    /// Runs source code and returns the value of its last statement as [`exec_value`](Self::exec_value) does.
    pub async fn exec_value_async(&mut self, source: &str) -> Result<(Output, Value)> {
        let source = source.to_owned();
        self.elsewhere(move |python| python.exec_value(&source)).await
    }

    /// Runs source code and tells all that came of it as [`exec_report`](Self::exec_report) does.
    pub async fn exec_report_async(&mut self, source: &str) -> Report {
        let source = source.to_owned();
        let report = self.elsewhere(move |python| Ok(python.exec_report(&source))).await;
        report.unwrap_or_else(|error| Report { error: Some(error), ..Report::default() })
    }

    /// Evaluates an expression as [`eval`](Self::eval) does.
    pub async fn eval_async<T: DeserializeOwned + Send + 'static>(&mut self, expression: &str) -> Result<T> {
        let expression = expression.to_owned();
        self.elsewhere(move |python| python.eval(&expression)).await
    }

    /// Calls a function by its name as [`call`](Self::call) does.
    pub async fn call_async<T: DeserializeOwned + Send + 'static>(
        &mut self,
        name: &str,
        arguments: impl Serialize + Send,
    ) -> Result<T> {
        let (name, arguments) = (name.to_owned(), Value::Tuple(to_arguments(&arguments)?));
        self.elsewhere(move |python| python.call(&name, arguments)).await
    }

    /// Runs a file of the sandbox as [`run_file`](Self::run_file) does.
    pub async fn run_file_async(&mut self, path: &str) -> Result<Output> {
        let path = path.to_owned();
        self.elsewhere(move |python| python.run_file(&path)).await
    }

    /// Runs work with this interpreter on another thread. [`Error::Io`] if the host has no thread left.
    async fn elsewhere<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.interpreter.returned().await;
        let cancellation = self.interpreter.guest.cancellation();
        let result: Arc<Mutex<Option<thread::Result<Result<T>>>>> = Arc::default();
        let loan = self.interpreter.lend();
        let (lent, told, span) = (loan.clone(), Arc::clone(&result), trace::Context::current());
        let job = move |worker: &Worker| {
            let Some(interpreter) = lent.take() else { return worker.is_done() };
            let mut python = Self { interpreter: interpreter.into(), workers: Workers::default() };
            let ended = catch_unwind(AssertUnwindSafe(|| span.within(|| work(&mut python))));
            let mut interpreter = Box::<Interpreter>::from(python.interpreter);
            if ended.is_err() {
                interpreter.guest.panicked();
            }
            *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(ended);
            worker.is_done();
            lent.give_back(interpreter);
        };
        if let Err(error) = self.workers.run(job) {
            self.interpreter.take_back(&loan);
            return Err(error.into());
        }
        let call = CancelOnDrop(Some(cancellation));
        self.interpreter.returned().await;
        call.has_ended();
        let ended = result.lock().unwrap_or_else(PoisonError::into_inner).take();
        match ended.expect("the thread has told it before it gave the interpreter back") {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }
}

/// Cancels a call, unless it has ended.
struct CancelOnDrop(Option<Cancellation>);

impl CancelOnDrop {
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(cancellation) = self.0.take() {
            cancellation.cancel();
        }
    }
}
