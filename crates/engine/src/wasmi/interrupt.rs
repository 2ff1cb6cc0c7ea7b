//! Implements [`PausedGuest`] for a store of wasmi's.

use python_wasm_contract::export::INTERRUPT;
use wasmi::{StoreContextMut, Val};

use super::host::Data;
use super::outcome;
use crate::Outcome;
use crate::host::Host;
use crate::interrupt::PausedGuest;

/// The guest's function `python_interrupt`.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    /// It has no result.
    Silent(wasmi::TypedFunc<(), ()>),
    /// Its result says whether the previous interrupt was answered.
    Answering(wasmi::TypedFunc<(), i32>),
}

impl Handler {
    /// Finds the module's export. `None` if there is none, or if it has another signature.
    pub(super) fn find<T>(store: &wasmi::Store<Data<T>>, instance: wasmi::Instance) -> Option<Self> {
        let function = instance.get_func(store, INTERRUPT)?;
        let silent = function.typed(store).map(Self::Silent);
        silent.or_else(|_| function.typed(store).map(Self::Answering)).ok()
    }
}

impl<T> PausedGuest<T> for StoreContextMut<'_, Data<T>> {
    fn host(&mut self) -> &mut Host<T> {
        &mut self.data_mut().host
    }

    fn slice_left(&mut self) -> u64 {
        self.get_fuel().unwrap_or_default()
    }

    fn set_slice_left(&mut self, fuel: u64) {
        let metered = self.set_fuel(fuel);
        debug_assert!(metered.is_ok(), "every engine made here meters fuel");
    }

    fn stack_pointer(&mut self) -> Option<i32> {
        self.data().stack_pointer.and_then(|global| global.get(&*self).i32())
    }

    fn set_stack_pointer(&mut self, address: i32) {
        if let Some(global) = self.data().stack_pointer {
            let set = global.set(self, Val::I32(address));
            debug_assert!(set.is_ok(), "a stack pointer is a mutable i32 in every module that runs");
        }
    }

    fn call_handler(&mut self) -> Option<Result<i32, Outcome>> {
        let answer = match self.data().interrupt? {
            Handler::Silent(function) => function.call(self, ()).map(|()| 0),
            Handler::Answering(function) => function.call(self, ()),
        };
        Some(answer.map_err(|error| outcome(&error)))
    }
}
