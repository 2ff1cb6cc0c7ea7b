//! `python_wasm`: an interpreter, from its beginning to its end.

use std::cell::RefCell;
use std::ffi::{c_char, c_int};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use python_wasm::{Error, InterruptHandle, Limits, Output, Pooled, Python};

use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::handle::{find, handled, issue, withdraw};
use crate::memory::{clear, guarded, needed, path, text};
use crate::options::{KeptOutput, Options, Settings};

/// `python_wasm`. Threads share it: the one that calls Python holds the lock, another one that wants to is refused, and
/// any may interrupt.
#[derive(Debug)]
pub struct Interpreter {
    /// `None` after the end.
    session: Mutex<Option<Session>>,
    interrupt: InterruptHandle,
}

handled!(Interpreter, "the interpreter");

/// Python, and what its last call printed.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) python: Held,
    kept: KeptOutput,
    pub(crate) printed: Output,
}

/// A Python of its own, or one of a pool, to which it goes back.
#[derive(Debug)]
pub(crate) enum Held {
    Own(Box<Python>),
    Pooled(Box<Pooled>),
}

impl Deref for Held {
    type Target = Python;

    fn deref(&self) -> &Python {
        match self {
            Self::Own(python) => python,
            Self::Pooled(python) => python,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut Python {
        match self {
            Self::Own(python) => python,
            Self::Pooled(python) => python,
        }
    }
}

impl Session {
    /// Makes one call, and keeps what it prints and costs, whether or not it fails.
    pub(crate) fn call<T>(
        &mut self,
        call: impl FnOnce(&mut Python) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let ended = call(&mut self.python);
        self.printed = self.python.take_output();
        self.add_kept();
        Ok(ended?)
    }

    /// Makes one call that returns what was printed.
    pub(crate) fn run(
        &mut self,
        call: impl FnOnce(&mut Python) -> Result<Output, Error>,
    ) -> Result<(), Failure> {
        let ended = call(&mut self.python).map(|output| self.printed = output);
        if ended.is_err() {
            self.printed = self.python.take_output();
        }
        self.add_kept();
        Ok(ended?)
    }

    fn add_kept(&mut self) {
        if let Some([stdout, stderr]) = &self.kept {
            self.printed.stdout += &stdout.take();
            self.printed.stderr += &stderr.take();
        }
    }
}

thread_local! {
    /// The interpreters that this thread is calling, the innermost last.
    static CALLING: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Makes the handle of an interpreter.
pub(crate) fn admit(python: Held, kept: KeptOutput) -> *mut Interpreter {
    let interrupt = python.interrupt_handle();
    let session = Session { python, kept, printed: Output::default() };
    issue(Arc::new(Interpreter { session: Mutex::new(Some(session)), interrupt }))
}

/// Uses an interpreter, alone.
pub(crate) fn enter<T>(
    python: *const Interpreter,
    work: impl FnOnce(&mut Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    struct Leave;

    impl Drop for Leave {
        fn drop(&mut self) {
            CALLING.with_borrow_mut(Vec::pop);
        }
    }

    let interpreter = find(python)?;
    let mut session = match interpreter.session.try_lock() {
        Ok(session) => session,
        Err(TryLockError::Poisoned(_)) => {
            return Err(Failure::new(
                Status::Unusable,
                "this python can no longer be used: an earlier call panicked",
            ));
        }
        Err(TryLockError::WouldBlock) if is_calling(python) => {
            return Err(Failure::busy("a callback cannot use the interpreter that calls it"));
        }
        Err(TryLockError::WouldBlock) => {
            return Err(Failure::busy("another thread uses the interpreter"));
        }
    };
    let session = session.as_mut().ok_or_else(|| Failure::argument("the interpreter was freed"))?;
    CALLING.with_borrow_mut(|calling| calling.push(python.addr()));
    let _leave = Leave;
    work(session)
}

/// Whether this thread is in a call of the interpreter.
fn is_calling(python: *const Interpreter) -> bool {
    CALLING.with_borrow(|calling| calling.contains(&python.addr()))
}

/// Makes an interpreter.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_new(
    options: *const Options,
    python: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(python);
        guarded(error, || {
            let settings = Settings::read(options)?;
            let place = needed(python, "the interpreter")?;
            let (builder, kept) = settings.describe(Python::builder(), &Limits::default())?;
            *place = admit(Held::Own(Box::new(builder.build()?)), kept);
            Ok(())
        })
    }
}

/// Runs a program, and writes the Python that has run it to a file, for others to start from.
///
/// # Safety
/// As [`python_wasm_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_prepare(
    options: *const Options,
    source: *const c_char,
    file: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let settings = Settings::read(options)?;
            let (source, file) = (text(source, "the source")?, path(file, "the path")?);
            let (builder, _kept) = settings.describe(Python::builder(), &Limits::default())?;
            Ok(builder.prepare(source)?.save(file)?)
        })
    }
}

/// Raises `KeyboardInterrupt` in the code that is running. Does nothing between calls.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_interrupt(python: *const Interpreter) -> Status {
    // SAFETY: there is no place for an error.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            find(python)?.interrupt.interrupt();
            Ok(())
        })
    }
}

/// Ends the code that is running, and the interpreter with it.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_terminate(python: *const Interpreter) -> Status {
    // SAFETY: there is no place for an error.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            find(python)?.interrupt.terminate();
            Ok(())
        })
    }
}

/// Whether calls are still possible: 1 or 0.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_is_usable(python: *const Interpreter) -> c_int {
    let Ok(interpreter) = find(python) else { return 0 };
    let is_usable = match interpreter.session.try_lock() {
        Ok(session) => session.as_ref().is_some_and(|session| session.python.is_usable()),
        // A call is under way.
        Err(TryLockError::WouldBlock) => true,
        Err(TryLockError::Poisoned(_)) => false,
    };
    is_usable.into()
}

/// Frees an interpreter. A call of another thread is ended and waited for.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_free(python: *mut Interpreter) -> Status {
    if python.is_null() {
        return Status::Ok;
    }
    // SAFETY: there is no place for an error.
    unsafe {
        guarded(std::ptr::null_mut(), || {
            if is_calling(python) {
                return Err(Failure::busy("a callback cannot free the interpreter that calls it"));
            }
            let interpreter = withdraw(python.cast_const())?;
            if let Err(TryLockError::WouldBlock) = interpreter.session.try_lock() {
                interpreter.interrupt.terminate();
            }
            let session = interpreter.session.lock().unwrap_or_else(PoisonError::into_inner).take();
            // Outside of the lock, for it runs finalizers.
            drop(session);
            Ok(())
        })
    }
}

/// Returns the version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
