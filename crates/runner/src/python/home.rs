//! The place of an interpreter that calls take away to another thread, and the way back.

use std::cell::{OnceCell, RefCell};
use std::future::poll_fn;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::interpreter::Interpreter;

/// The interpreter of a [`Python`](super::Python), or the way on which it comes back. Whoever uses it waits for that.
pub(super) struct Home {
    here: OnceCell<Box<Interpreter>>,
    away: RefCell<Option<Loan>>,
}

/// An interpreter that is lent to a thread. The thread shares it with the home that waits for it.
#[derive(Clone)]
pub(super) struct Loan(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    place: Place,
    /// That of a future which waits for the interpreter.
    waker: Option<Waker>,
}

enum Place {
    /// The thread has not taken it yet.
    Waiting(Box<Interpreter>),
    /// The thread has it.
    Out,
    /// The thread has given it back.
    Back(Box<Interpreter>),
}

impl Home {
    pub(super) fn new(interpreter: Interpreter) -> Self {
        Box::new(interpreter).into()
    }

    #[cfg(test)]
    pub(super) fn into_interpreter(self) -> Interpreter {
        *Box::<Interpreter>::from(self)
    }

    /// Lends the interpreter out.
    pub(super) fn lend(&mut self) -> Loan {
        let interpreter = self.here.take().unwrap_or_else(|| self.wait());
        let state = Mutex::new(State { place: Place::Waiting(interpreter), waker: None });
        let loan = Loan(Arc::new(Shared { state, changed: Condvar::new() }));
        self.away.replace(Some(loan.clone()));
        loan
    }

    /// Takes back an interpreter that no thread has taken.
    pub(super) fn take_back(&mut self, loan: &Loan) {
        if let Some(interpreter) = loan.take() {
            self.come(interpreter);
        }
    }

    /// Waits until the interpreter is here.
    pub(super) async fn returned(&mut self) {
        if self.here.get().is_none()
            && let Some(loan) = self.away.get_mut().clone()
        {
            let interpreter = poll_fn(|cx| loan.poll(cx)).await;
            self.come(interpreter);
        }
    }

    fn come(&mut self, interpreter: Box<Interpreter>) {
        *self.away.get_mut() = None;
        self.here = OnceCell::from(interpreter);
    }

    /// Waits for the interpreter and blocks this thread meanwhile.
    fn wait(&self) -> Box<Interpreter> {
        let away = self.away.take().expect("it is here or away");
        away.wait()
    }
}

impl From<Box<Interpreter>> for Home {
    fn from(interpreter: Box<Interpreter>) -> Self {
        Self { here: OnceCell::from(interpreter), away: RefCell::new(None) }
    }
}

impl From<Home> for Box<Interpreter> {
    fn from(mut home: Home) -> Self {
        home.here.take().unwrap_or_else(|| home.wait())
    }
}

impl Deref for Home {
    type Target = Interpreter;

    fn deref(&self) -> &Interpreter {
        self.here.get_or_init(|| self.wait())
    }
}

impl DerefMut for Home {
    fn deref_mut(&mut self) -> &mut Interpreter {
        if self.here.get().is_none() {
            self.here = OnceCell::from(self.wait());
        }
        self.here.get_mut().expect("it is here now")
    }
}

impl Loan {
    /// Takes the interpreter, unless the thread has taken it before.
    pub(super) fn take(&self) -> Option<Box<Interpreter>> {
        let mut state = self.lock();
        match std::mem::replace(&mut state.place, Place::Out) {
            Place::Waiting(interpreter) => Some(interpreter),
            was => {
                state.place = was;
                None
            }
        }
    }

    /// Gives the interpreter back, and wakes whoever waits for it.
    pub(super) fn give_back(&self, interpreter: Box<Interpreter>) {
        let mut state = self.lock();
        state.place = Place::Back(interpreter);
        let waker = state.waker.take();
        drop(state);
        self.0.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Box<Interpreter>> {
        let mut state = self.lock();
        if let Some(interpreter) = state.take_back() {
            return Poll::Ready(interpreter);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn wait(&self) -> Box<Interpreter> {
        let mut state = self.lock();
        loop {
            match state.take_back() {
                Some(interpreter) => return interpreter,
                None => state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic halfway.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes the interpreter if the thread has given it back.
    fn take_back(&mut self) -> Option<Box<Interpreter>> {
        match std::mem::replace(&mut self.place, Place::Out) {
            Place::Back(mut interpreter) => {
                interpreter.guest.begin_anew();
                Some(interpreter)
            }
            was => {
                self.place = was;
                None
            }
        }
    }
}
