//! A store of wasmi's whose guest stands still, as what stops guests wants it.

use python_wasm_contract::export::INTERRUPT;
use wasmi::{StoreContextMut, Val};

use super::host::Data;
use super::outcome;
use crate::Outcome;
use crate::host::Host;
use crate::interrupt::Halted;

/// The guest's function that notes an interrupt.
#[derive(Clone, Copy)]
pub(super) enum Entry {
    Silent(wasmi::TypedFunc<(), ()>),
    Answering(wasmi::TypedFunc<(), i32>),
}

impl Entry {
    /// The module's export, if it has one of a signature that is known here.
    pub(super) fn find<T>(store: &wasmi::Store<Data<T>>, instance: wasmi::Instance) -> Option<Self> {
        let function = instance.get_func(store, INTERRUPT)?;
        let silent = function.typed(store).map(Self::Silent);
        silent.or_else(|_| function.typed(store).map(Self::Answering)).ok()
    }
}

impl<T> Halted<T> for StoreContextMut<'_, Data<T>> {
    fn host(&mut self) -> &mut Host<T> {
        &mut self.data_mut().host
    }

    fn left(&mut self) -> u64 {
        self.get_fuel().unwrap_or_default()
    }

    fn set_left(&mut self, fuel: u64) {
        let metered = self.set_fuel(fuel);
        debug_assert!(metered.is_ok(), "fuel metering is on in every engine made here");
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

    fn tell(&mut self) -> Option<Result<i32, Outcome>> {
        let told = match self.data().interrupt? {
            Entry::Silent(function) => function.call(self, ()).map(|()| 0),
            Entry::Answering(function) => function.call(self, ()),
        };
        Some(told.map_err(|error| outcome(&error)))
    }
}
