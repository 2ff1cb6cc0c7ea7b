//! The place of an interpreter that no call takes away.

use std::ops::{Deref, DerefMut};

use super::interpreter::Interpreter;

/// The interpreter of a [`Python`](super::Python).
pub(super) struct Home(Interpreter);

impl Home {
    pub(super) fn new(interpreter: Interpreter) -> Self {
        Self(interpreter)
    }

    #[cfg(test)]
    pub(super) fn into_interpreter(self) -> Interpreter {
        self.0
    }
}

impl Deref for Home {
    type Target = Interpreter;

    fn deref(&self) -> &Interpreter {
        &self.0
    }
}

impl DerefMut for Home {
    fn deref_mut(&mut self) -> &mut Interpreter {
        &mut self.0
    }
}
